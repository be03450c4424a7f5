/* Query the result of a distribution or an unfreeze: both share one number space. */
#include "spec/common/merchants.h"
#include "spec/distribution/distribution.h"

static const struct fz_member fz_distribution_query_request_members[] = {
    FZ_OUT_ORDER_NO_ROW(fz_distribution_query_request, FZ_IN_PATH),
    FZ_TRANSACTION_ID_ROW(fz_distribution_query_request, FZ_IN_QUERY, FZ_BOTH),
    FZ_SUB_MCHID_ROW(fz_distribution_query_request, FZ_IN_QUERY, FZ_INSTITUTIONAL),
    {0},
};

const struct fz_spec fz_spec_distribution_query = {
    .name = "distribution-query",
    .method = "GET",
    .paths = {"/v3/global/profit-sharing/orders/{out_order_no}"},
    FZ_REQUEST(fz_distribution_query_request),
    FZ_ANSWER(fz_distribution_answer),
    .status = 200,
    .example = {
        .parameters = FZ_JSON({"out_order_no": "D20150806125346",
                              "transaction_id": "4208450740201411110007820472", "sub_mchid": "1900000109"}),
        .answer = FZ_JSON({"sub_mchid": "1900000109", "transaction_id": "4208450740201411110007820472",
                          "out_order_no": "D20150806125346", "order_id": "3000202601040000000012208123214",
                          "state": "FINISHED", "receivers": [{"currency": "CNY", "amount": 1000,
                          "description": "The supplier's share", "type": "MERCHANT_ID",
                          "account": "1900000130", "result": "SUCCESS", "create_time": "2026-01-04T10:00:00.000+08:00",
                          "finish_time": "2026-01-04T10:00:14.000+08:00",
                          "detail_id": "3600202601040000000013443316293", "settlement_currency": "USD",
                          "settlement_amount": 154, "rate": 650000000}, {"currency": "CNY", "amount": 982,
                          "description": "Goods abroad", "type": "MERCHANT_ID", "account": "1900000100",
                          "result": "SUCCESS", "create_time": "2026-01-04T10:00:00.000+08:00",
                          "finish_time": "2026-01-04T10:00:14.000+08:00",
                          "detail_id": "3600202601040000000021685823538", "settlement_currency": "USD",
                          "settlement_amount": 151, "rate": 650000000}]}),
    },
    .title = "Query a funds distribution",
    .document = "https://pay.weixin.qq.com/doc/global/v3/en/4012356872",
};
