/* Query the real-time balance available for advance refund (S-BAL). */
#include "spec/common/merchants.h"
#include "spec/refund/refund.h"

/* The document has no parameters, and a row for a wrong parent-child relation: so a sub_mchid is taken. */
static const struct fz_member fz_refundable_balance_request_members[] = {
    FZ_SUB_MCHID_ROW(fz_refundable_balance_request, FZ_IN_QUERY, FZ_NEVER),
    {0},
};

static const struct fz_member fz_refundable_balance_answer_members[] = {
    FZ_TEXT(fz_refundable_balance_answer, sponsor_mchid, 32, .required = FZ_BOTH,
            .meaning = "Who conducts the transactions with WeChat Pay: the caller"),
    FZ_NUMBER(fz_refundable_balance_answer, balance, .required = FZ_BOTH,
              .meaning = "What an advance refund can draw now, in fen"),
    FZ_TEXT(fz_refundable_balance_answer, currency, 3, .required = FZ_BOTH, .words = fz_cny_words,
            .meaning = "Currency of the balance"),
    {0},
};

const struct fz_spec fz_spec_refundable_balance = {
    .name = "refundable-balance",
    .method = "GET",
    .paths = {"/v3/global/profit-sharing/refunds/refundable-balance"},
    FZ_REQUEST(fz_refundable_balance_request),
    FZ_ANSWER(fz_refundable_balance_answer),
    .status = 200,
    .example = {
        .parameters = FZ_JSON({"sub_mchid": "1900000109"}),
        .answer = FZ_JSON({"sponsor_mchid": "1900000100", "balance": 1000, "currency": "CNY"}),
    },
    .title = "Query the real-time balance available for advance refund",
    .document = "https://pay.weixin.qq.com/doc/global/v3/en/4012356919",
};
