/* Query the recharged refund balance of a direct merchant. */
#include "api/merchant/identity.h"
#include "api/refund/recharged.h"

static enum fz_result check(struct fz_call *call, void *params)
{
    (void)params;
    if (call->kind != FZ_MERCHANT_INSTITUTION)
        return FZ_OK;
    return fz_refuse_at(call->error, FZ_PARAM_NO_SUB_MCHID, "url", "sub_mchid", NULL,
                        FZ_ISSUE_ASK_WITH_SUB_MCHID);
}

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    (void)params;
    struct fz_party party;
    enum fz_result result = fz_party_find(tx, call->caller, NULL, &party);
    return result == FZ_OK ? fz_recharged_read(tx, &party, out) : result;
}

const struct fz_endpoint fz_endpoint_recharge_balance = {
    .spec = &fz_spec_recharge_balance,
    .out_size = sizeof(struct fz_recharged_out),
    .check = check,
    .work = work,
};
