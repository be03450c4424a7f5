/* Query a single refund by the merchant refund number (S-RQ). */
#include "spec/common/merchants.h"
#include "spec/refund/refund.h"

static const struct fz_member fz_refund_by_out_refund_no_request_members[] = {
    FZ_TEXT(fz_refund_by_out_refund_no_request, out_refund_no, 64, .place = FZ_IN_PATH, .required = FZ_BOTH,
            .letters = FZ_REFUND_LETTERS, .meaning = "Merchant refund number"),
    FZ_TRADE_ROWS(fz_refund_by_out_refund_no_request, FZ_IN_QUERY),
    {0},
};

const struct fz_spec fz_spec_refund_by_out_refund_no = {
    .name = "refund-by-out-refund-no",
    .method = "GET",
    .paths = {"/v3/global/refunds/out-refund-no/{out_refund_no}",
              "/hk/v3/refunds/out-refund-no/{out_refund_no}"},
    FZ_REQUEST(fz_refund_by_out_refund_no_request),
    FZ_ANSWER(fz_refund_answer),
    .status = 200,
    .example = {
        .parameters = FZ_JSON({"out_refund_no": "1217752501201407033233368018", "sp_mchid": "1900000100",
                              "sub_mchid": "1900000109"}),
        .answer = FZ_JSON({"id": "1217752501201407033233368018", "out_refund_no": "1217752501201407033233368018",
                          "transaction_id": "4208450740201411110007820472", "out_trade_no": "20150806125346",
                          "amount": {"refund": 2000, "currency": "CNY", "payer_refund": 2000, "payer_currency": "CNY",
                          "exchange_rate": {"type": "SETTLEMENT_RATE", "rate": 650000000}}, "channel": "ORIGINAL",
                          "recv_account": "The balance of the paying user",
                          "fund_source": "REFUND_SOURCE_UNSETTLED_FUNDS", "success_time": "2026-01-04T11:20:00+08:00",
                          "create_time": "2026-01-04T11:00:00+08:00", "status": "SUCCESS"}),
    },
    .title = "Query a single refund by the merchant refund number",
    .document = "https://pay.weixin.qq.com/wiki/doc/api_external/en/apis/chapter3_3_4.shtml",
};
