/* Unfreeze an order's remaining funds: all that is left goes to the sponsor, and no further distribution is
 * possible. */
#include "api/distribution/json.h"
#include "api/merchant/identity.h"

struct params {
    const char *sub_mchid, *transaction_id, *out_order_no, *description;
};

static const struct fz_member parameters[] = {
    FZ_SUB_MCHID_PARAMETER(FZ_IN_BODY, FZ_INSTITUTIONAL, offsetof(struct params, sub_mchid)),
    FZ_TRANSACTION_ID_PARAMETER(FZ_IN_BODY, FZ_BOTH, offsetof(struct params, transaction_id)),
    FZ_OUT_ORDER_NO_PARAMETER(FZ_IN_BODY, offsetof(struct params, out_order_no)),
    FZ_SLICE_DESCRIPTION_PARAMETER(offsetof(struct params, description)),
    {0},
};

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    const struct params *in = params;
    struct fz_party party;
    enum fz_result result = fz_party_of_sharing(tx, call, in->sub_mchid, &party);
    if (result != FZ_OK)
        return result;
    return fz_distribution_unfreeze(tx, &party, in->transaction_id, in->out_order_no, in->description,
                                    call->digest, out);
}

const struct fz_spec fz_spec_unfreeze = {
    .name = "unfreeze",
    .method = "POST",
    .paths = {"/v3/global/profit-sharing/orders/unfreeze"},
    .request = parameters,
    .fields = fz_distribution_fields,
    .request_size = sizeof(struct params),
    .status = 200,
    .writes = true,
    .example = {
        .body = FZ_JSON({"sub_mchid": "1900000109", "transaction_id": "4208450740201411110007820472",
                        "out_order_no": "U20260105100000", "description": "Released"}),
        .answer = FZ_JSON({"sub_mchid": "1900000109", "transaction_id": "4208450740201411110007820472",
                          "out_order_no": "U20260105100000", "order_id": "3000202601050000000063144562779",
                          "state": "PROCESSING", "receivers": [{"currency": "CNY", "amount": 1000,
                          "description": "Released", "type": "MERCHANT_ID", "account": "1900000100",
                          "result": "PENDING", "create_time": "2026-01-05T10:00:00.000+08:00",
                          "detail_id": "3600202601050000000081894377344", "settlement_currency": "USD",
                          "settlement_amount": 154, "rate": 650000000}]}),
    },
    .title = "Unfreeze an order's remaining funds",
    .document = "https://pay.weixin.qq.com/wiki/doc/api_external/en/apis/chapter4_1_3.shtml",
};

const struct fz_endpoint fz_endpoint_unfreeze = {
    .spec = &fz_spec_unfreeze,
    .out_size = sizeof(struct fz_distribution),
    .work = work,
    .answer = fz_distribution_answer,
};
