/* Query the recharged refund balance of an institution: its own, which serves all its sub-merchants. */
#include "api/merchant/identity.h"
#include "api/refund/recharged.h"

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    const struct fz_recharge_balance_partner_request *in = params;
    struct fz_party party;
    enum fz_result result = fz_party_find(tx, call->caller, in->sub_mchid, &party);
    return result == FZ_OK ? fz_recharged_read(tx, &party, out) : result;
}

const struct fz_endpoint fz_endpoint_recharge_balance_partner = {
    .spec = &fz_spec_recharge_balance_partner,
    .out_size = sizeof(struct fz_recharged_out),
    .work = work,
};
