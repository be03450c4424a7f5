/* Query the remaining funds amount to be distributed (S-AMT). */
#include "spec/common/merchants.h"
#include "spec/distribution/distribution.h"

static const struct fz_member fz_transaction_amounts_request_members[] = {
    FZ_TRANSACTION_ID_ROW(fz_transaction_amounts_request, FZ_IN_PATH, FZ_BOTH),
    FZ_SUB_MCHID_ROW(fz_transaction_amounts_request, FZ_IN_QUERY, FZ_INSTITUTIONAL),
    {0},
};

static const struct fz_member fz_transaction_amounts_answer_members[] = {
    FZ_TEXT(fz_transaction_amounts_answer, transaction_id, 32, .required = FZ_BOTH,
            .meaning = "WeChat Pay transaction ID"),
    FZ_NUMBER(fz_transaction_amounts_answer, unsplit_amount, .required = FZ_BOTH,
              .meaning = "Remaining funds amount to be distributed, in fen"),
    FZ_TEXT(fz_transaction_amounts_answer, currency, 10, .required = FZ_BOTH, .words = fz_cny_words,
            .meaning = "Currency of the amount"),
    {0},
};

const struct fz_spec fz_spec_transaction_amounts = {
    .name = "transaction-amounts",
    .method = "GET",
    .paths = {"/v3/global/profit-sharing/transactions/{transaction_id}/amounts"},
    FZ_REQUEST(fz_transaction_amounts_request),
    FZ_ANSWER(fz_transaction_amounts_answer),
    .status = 200,
    .example = {
        .parameters = FZ_JSON({"transaction_id": "4208450740201411110007820472", "sub_mchid": "1900000109"}),
        .answer = FZ_JSON({"currency": "CNY", "transaction_id": "4208450740201411110007820472",
                          "unsplit_amount": 1000}),
    },
    .title = "Query the remaining funds amount to be distributed",
    .document = "https://pay.weixin.qq.com/wiki/doc/api_external/en/apis/chapter4_1_5.shtml",
};
