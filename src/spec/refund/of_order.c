/* Query all refunds of an order, page by page. */
#include "spec/common/merchants.h"
#include "spec/refund/refund.h"

static const struct fz_member fz_refunds_of_order_request_members[] = {
    FZ_TRADE_ROWS(fz_refunds_of_order_request, FZ_IN_QUERY),
    FZ_TRANSACTION_ID_ROW(fz_refunds_of_order_request, FZ_IN_QUERY, FZ_NEVER),
    FZ_OUT_TRADE_NO_ROW(fz_refunds_of_order_request, FZ_IN_QUERY, FZ_NEVER, 1),
    FZ_INT(fz_refunds_of_order_request, offset, 0, INT32_MAX, .place = FZ_IN_QUERY, .required = FZ_BOTH,
           .meaning = "How many refunds to pass over, from the oldest"),
    FZ_INT(fz_refunds_of_order_request, count, 1, FZ_REFUNDS_A_PAGE, .place = FZ_IN_QUERY, .required = FZ_BOTH,
           .meaning = "How many refunds to answer at most"),
    {0},
};

static const struct fz_member fz_refunds_of_order_amount_members[] = {
    FZ_NUMBER(fz_refunds_of_order_amount, total, .required = FZ_BOTH,
              .meaning = "Order amount, in the price currency"),
    FZ_TEXT(fz_refunds_of_order_amount, currency, 16, .required = FZ_BOTH, .meaning = "Price currency"),
    FZ_NUMBER(fz_refunds_of_order_amount, payer_total, .required = FZ_BOTH,
              .meaning = "What the payer paid, without vouchers"),
    FZ_TEXT(fz_refunds_of_order_amount, payer_currency, 16, .required = FZ_BOTH, .meaning = "Payment currency"),
    {0},
};

static const struct fz_member fz_refunds_of_order_answer_members[] = {
    FZ_TEXT(fz_refunds_of_order_answer, id, 32, .required = FZ_BOTH, .meaning = "WeChat Pay transaction ID"),
    FZ_TEXT(fz_refunds_of_order_answer, mchid, 32, .meaning = "Merchant ID; in Common mode"),
    FZ_TEXT(fz_refunds_of_order_answer, sp_mchid, 32,
            .meaning = "Institution's merchant ID; in Institutional mode"),
    FZ_TEXT(fz_refunds_of_order_answer, sub_mchid, 32, .meaning = "Sub-merchant ID; in Institutional mode"),
    FZ_TEXT(fz_refunds_of_order_answer, out_trade_no, 64, .required = FZ_BOTH, .meaning = "Merchant order number"),
    FZ_STRUCT(fz_refunds_of_order_answer, amount, fz_refunds_of_order_amount, .required = FZ_BOTH,
              .meaning = "Order amount"),
    FZ_LIST_AS("data", fz_refunds_of_order_answer, data, fz_refund_answer, fz_refund_listed_members, 0,
               FZ_REFUNDS_A_PAGE, .required = FZ_BOTH, .meaning = "The refunds of this page, oldest first"),
    FZ_NUMBER(fz_refunds_of_order_answer, total_num, .required = FZ_BOTH,
              .meaning = "How many refunds the order has"),
    FZ_NUMBER(fz_refunds_of_order_answer, current_total_num, .required = FZ_BOTH,
              .meaning = "How many are on this page"),
    {0},
};

const struct fz_spec fz_spec_refunds_of_order = {
    .name = "refunds-of-order",
    .method = "GET",
    .paths = {"/v3/global/refunds", "/hk/v3/refunds"},
    FZ_REQUEST(fz_refunds_of_order_request),
    FZ_ANSWER(fz_refunds_of_order_answer),
    .status = 200,
    .example = {
        .parameters = FZ_JSON({"sp_mchid": "1900000100", "sub_mchid": "1900000109",
                              "transaction_id": "4208450740201411110007820472", "offset": 0, "count": 10}),
        .answer = FZ_JSON({"id": "4208450740201411110007820472", "sp_mchid": "1900000100", "sub_mchid": "1900000109",
                          "out_trade_no": "20150806125346", "amount": {"total": 5000, "currency": "CNY",
                          "payer_total": 5000, "payer_currency": "CNY"},
                          "data": [{"id": "1217752501201407033233368018",
                          "out_refund_no": "1217752501201407033233368018",
                          "transaction_id": "4208450740201411110007820472", "out_trade_no": "20150806125346",
                          "amount": {"refund": 2000, "currency": "CNY", "payer_refund": 2000, "payer_currency": "CNY",
                          "exchange_rate": {"type": "SETTLEMENT_RATE", "rate": 650000000}}, "channel": "ORIGINAL",
                          "recv_account": "The balance of the paying user",
                          "fund_source": "REFUND_SOURCE_UNSETTLED_FUNDS", "success_time": "2026-01-04T11:20:00+08:00",
                          "create_time": "2026-01-04T11:00:00+08:00", "status": "SUCCESS"}], "total_num": 1,
                          "current_total_num": 1}),
    },
    .title = "Query all refunds of an order",
    .document = "https://pay.weixin.qq.com/wiki/doc/api/wxpay/ch/fusion_wallet_ch/QuickPay/chapter8_4.shtml",
};
