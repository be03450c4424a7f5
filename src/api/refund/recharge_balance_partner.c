/* Query the recharged refund balance of an institution: its own, which serves all its sub-merchants. */
#include "api/merchant/identity.h"
#include "api/refund/recharged_json.h"

struct params {
    const char *sub_mchid;
};

static const struct fz_member parameters[] = {
    FZ_MERCHANT_NUMBER("sub_mchid", FZ_SUB_MCHID, FZ_IN_PATH, FZ_BOTH, FZ_BOTH, offsetof(struct params, sub_mchid),
                       "Sub-merchant ID"),
    {0},
};

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    const struct params *in = params;
    struct fz_party party;
    enum fz_result result = fz_party_find(tx, call->caller, in->sub_mchid, &party);
    return result == FZ_OK ? fz_recharged_read(tx, &party, out) : result;
}

const struct fz_spec fz_spec_recharge_balance_partner = {
    .name = "recharge-balance-partner",
    .method = "GET",
    .paths = {"/v3/global/refund/partner/recharge-balance/sub-mchid/{sub_mchid}"},
    .request = parameters,
    .fields = fz_recharged_fields,
    .request_size = sizeof(struct params),
    .status = 200,
    .example = {
        .parameters = FZ_JSON({"sub_mchid": "1900000109"}),
        .answer = FZ_JSON({"remaining_amount": 0, "currency": "USD"}),
    },
    .title = "Query the recharged refund balance of an institution",
    .document = "https://pay.weixin.qq.com/doc/global/v3/zh/4013068934",
};

const struct fz_endpoint fz_endpoint_recharge_balance_partner = {
    .spec = &fz_spec_recharge_balance_partner,
    .out_size = sizeof(struct fz_recharged),
    .work = work,
    .answer = fz_recharged_answer,
};
