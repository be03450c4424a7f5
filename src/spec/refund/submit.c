/* Submit a refund, ordinary or of a distributed order: `amount.from` names the order's own funds, the advance
 * balance, or both. */
#include "base/amount.h"
#include "spec/common/merchants.h"
#include "spec/refund/refund.h"

const char *const fz_refund_source_words[] = {"ORDER_REFUNDABLE_BALANCE", "FUNDS_REFUNDABLE_BALANCE", NULL};

static const struct fz_member fz_refund_source_members[] = {
    FZ_TEXT(fz_refund_source, fund_source, 30, .required = FZ_BOTH, .words = fz_refund_source_words,
            .any_case = true, .meaning = "The order's own funds, or the advance balance"),
    FZ_INT(fz_refund_source, amount, 1, FZ_AMOUNT_MAX, .required = FZ_BOTH,
           .meaning = "What this source gives, gross, in fen"),
    {0},
};

/* Which source is named first makes no other refund. */
static const struct fz_member fz_refund_submit_amount_members[] = {
    FZ_INT(fz_refund_submit_amount, refund, 1, FZ_AMOUNT_MAX, .required = FZ_BOTH,
           .meaning = "What is to be refunded, in the price currency"),
    FZ_INT(fz_refund_submit_amount, total, 1, FZ_AMOUNT_MAX, .required = FZ_BOTH,
           .meaning = "The order's amount"),
    FZ_TEXT(fz_refund_submit_amount, currency, 16, .required = FZ_BOTH,
            .meaning = "The order's price currency"),
    FZ_LIST(fz_refund_submit_amount, from, fz_refund_source, 1, 2, .unordered = true,
            .meaning = "For orders with funds distribution: where the money comes from; without it, the "
                       "order's own funds"),
    {0},
};

/* A repeat from another address of callbacks is the same refund, so notify_url is no content. */
static const struct fz_member fz_refund_submit_request_members[] = {
    FZ_TRADE_ROWS(fz_refund_submit_request, FZ_IN_BODY),
    FZ_APPID_ROWS(fz_refund_submit_request),
    FZ_TRANSACTION_ID_ROW(fz_refund_submit_request, FZ_IN_BODY, FZ_NEVER),
    FZ_OUT_TRADE_NO_ROW(fz_refund_submit_request, FZ_IN_BODY, FZ_NEVER, 1),
    FZ_TEXT(fz_refund_submit_request, out_refund_no, 64, .required = FZ_BOTH, .letters = FZ_REFUND_LETTERS,
            .meaning = "Merchant refund number; a repeat refunds once"),
    FZ_TEXT(fz_refund_submit_request, reason, 80, .meaning = "Shown to the payer"),
    FZ_TEXT(fz_refund_submit_request, source, 30, .words = fz_fund_source_words, .any_case = true,
            .fallback = FZ_UNSETTLED_FUNDS, .meaning = "Refund source"),
    FZ_NOTIFY_URL_ROW(fz_refund_submit_request, FZ_NEVER),
    FZ_STRUCT(fz_refund_submit_request, amount, fz_refund_submit_amount, .required = FZ_BOTH,
              .meaning = "Amounts"),
    {0},
};

const struct fz_spec fz_spec_refund_submit = {
    .name = "refund-submit",
    .method = "POST",
    .paths = {"/v3/global/refunds", "/hk/v3/refunds"},
    FZ_REQUEST(fz_refund_submit_request),
    FZ_ANSWER(fz_refund_submit_answer),
    .status = 200,
    .writes = true,
    .found_by = &fz_spec_refund_by_out_refund_no,
    .example = {
        .body = FZ_JSON({"sp_mchid": "1900000100", "sub_mchid": "1900000109", "sp_appid": "wx8888888888888888",
                        "transaction_id": "4208450740201411110007820472", "out_refund_no": "R20260105100000",
                        "reason": "Sent back", "amount": {"refund": 100, "total": 5000, "currency": "CNY",
                        "from": [{"fund_source": "ORDER_REFUNDABLE_BALANCE", "amount": 100}]}}),
        .answer = FZ_JSON({"id": "5030202601050000000052223627", "out_refund_no": "R20260105100000",
                          "create_time": "2026-01-05T10:00:00+08:00", "amount": {"refund": 100, "currency": "CNY",
                          "payer_refund": 100, "payer_currency": "CNY", "exchange_rate": {"type": "SETTLEMENT_RATE",
                          "rate": 650000000}}}),
    },
    .title = "Submit a refund",
    .document = "https://pay.weixin.qq.com/wiki/doc/api_external/en/apis/chapter3_1_3.shtml",
};
