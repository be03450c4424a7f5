/* Unfreeze an order's remaining funds: all that is left goes to the sponsor, and no further distribution is
 * possible. */
#include "spec/distribution/distribution.h"
#include "spec/distribution/rows.h"

static const struct fz_member fz_unfreeze_request_members[] = {
    FZ_SUB_MCHID_ROW(fz_unfreeze_request, FZ_IN_BODY, FZ_INSTITUTIONAL),
    FZ_TRANSACTION_ID_ROW(fz_unfreeze_request, FZ_IN_BODY, FZ_BOTH),
    FZ_OUT_ORDER_NO_ROW(fz_unfreeze_request, FZ_IN_BODY),
    FZ_SLICE_DESCRIPTION_ROW(fz_unfreeze_request),
    {0},
};

const struct fz_spec fz_spec_unfreeze = {
    .name = "unfreeze",
    .method = "POST",
    .paths = {"/v3/global/profit-sharing/orders/unfreeze"},
    FZ_REQUEST(fz_unfreeze_request),
    FZ_ANSWER(fz_distribution_answer),
    .status = 200,
    .writes = true,
    .found_by = &fz_spec_distribution_query,
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
