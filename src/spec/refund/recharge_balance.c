/* Query the recharged refund balance of a direct merchant. */
#include "spec/refund/refund.h"

const struct fz_member fz_recharge_balance_answer_members[] = {
    FZ_NUMBER(fz_recharge_balance_answer, remaining_amount, .required = FZ_BOTH,
              .meaning = "What refunds can draw, in the currency's smallest unit"),
    FZ_TEXT(fz_recharge_balance_answer, currency, 16, .required = FZ_BOTH, .meaning = "The settlement currency"),
    {0},
};

static const struct fz_member fz_recharge_balance_request_members[] = {{0}};

const struct fz_spec fz_spec_recharge_balance = {
    .name = "recharge-balance",
    .method = "GET",
    .paths = {"/v3/global/refund/recharge-balance"},
    FZ_REQUEST(fz_recharge_balance_request),
    FZ_ANSWER(fz_recharge_balance_answer),
    .status = 200,
    .example = {
        .answer = FZ_JSON({"remaining_amount": 0, "currency": "USD"}),
        .direct = true,
    },
    .title = "Query the recharged refund balance of a direct merchant",
    .document = "https://pay.weixin.qq.com/doc/global/v3/zh/4013068934",
};
