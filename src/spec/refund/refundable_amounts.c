/* Query the remaining refundable amount of an order: from its own funds, and with the advance balance. */
#include "spec/common/merchants.h"
#include "spec/refund/refund.h"

static const struct fz_member fz_refundable_amounts_request_members[] = {
    FZ_TRANSACTION_ID_ROW(fz_refundable_amounts_request, FZ_IN_PATH, FZ_BOTH),
    FZ_SUB_MCHID_ROW(fz_refundable_amounts_request, FZ_IN_QUERY, FZ_INSTITUTIONAL),
    {0},
};

static const struct fz_member fz_refundable_amounts_answer_members[] = {
    FZ_TEXT(fz_refundable_amounts_answer, transaction_id, 32, .required = FZ_BOTH,
            .meaning = "WeChat Pay transaction ID"),
    FZ_NUMBER(fz_refundable_amounts_answer, refundable_amount, .required = FZ_BOTH,
              .meaning = "What can be refunded out of the order's own funds, in fen, fee included"),
    FZ_NUMBER_IF(fz_refundable_amounts_answer, funds_refundable_amount,
                 .meaning = "What can further be refunded with the advance balance alone, in fen"),
    FZ_TEXT(fz_refundable_amounts_answer, currency, 10, .required = FZ_BOTH, .words = fz_cny_words,
            .meaning = "Currency of the amounts"),
    {0},
};

const struct fz_spec fz_spec_refundable_amounts = {
    .name = "refundable-amounts",
    .method = "GET",
    .paths = {"/v3/global/profit-sharing/transactions/{transaction_id}/refundable-amounts"},
    FZ_REQUEST(fz_refundable_amounts_request),
    FZ_ANSWER(fz_refundable_amounts_answer),
    .status = 200,
    .example = {
        .parameters = FZ_JSON({"transaction_id": "4208450740201411110007820472", "sub_mchid": "1900000109"}),
        .answer = FZ_JSON({"transaction_id": "4208450740201411110007820472", "refundable_amount": 1006,
                          "currency": "CNY", "funds_refundable_amount": 1994}),
    },
    .title = "Query the remaining refundable amount",
    .document = "https://pay.weixin.qq.com/doc/global/v3/en/4012356915",
};
