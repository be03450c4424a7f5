/* Query an order by its WeChat Pay transaction ID: paid orders alone have one. */
#include "spec/order/order.h"

const struct fz_spec fz_spec_order_query_by_id = {
    .name = "order-query-by-id",
    .method = "GET",
    .paths = {"/v3/global/transactions/id/{transaction_id}", "/hk/v3/transactions/id/{transaction_id}"},
    FZ_REQUEST_BY(fz_order_by_id_request, fz_order_query_by_id_members),
    FZ_ANSWER(fz_order_answer),
    .status = 200,
    .example = {
        .parameters = FZ_JSON({"transaction_id": "4208450740201411110007820472", "sp_mchid": "1900000100",
                              "sub_mchid": "1900000109"}),
        .answer = FZ_JSON({"sp_mchid": "1900000100", "sub_mchid": "1900000109",
                          "out_trade_no": "20150806125346", "trade_type": "NATIVE", "trade_state": "REFUND",
                          "trade_state_desc": "Paid, and refunded in part or in whole",
                          "amount": {"total": 5000, "payer_total": 5000, "currency": "CNY",
                          "payer_currency": "CNY", "exchange_rate": {"type": "SETTLEMENT_RATE",
                          "rate": 650000000}}, "id": "4208450740201411110007820472", "bank_type": "OTHERS",
                          "success_time": "2026-01-02T14:00:00+08:00"}),
    },
    .title = "Query an order by its WeChat Pay transaction ID",
    .document = "https://pay.weixin.qq.com/wiki/doc/api_external/ch/apis/chapter3_1_2.shtml",
};
