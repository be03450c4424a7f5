/* Request a funds distribution: slices of a marked order's money to receivers, and, if asked for, the rest to
 * the sponsor. */
#include "base/amount.h"
#include "spec/distribution/distribution.h"
#include "spec/distribution/rows.h"

static const struct fz_member fz_distribution_submit_receiver_members[] = {
    FZ_TEXT_OF(fz_distribution_submit_receiver, currency, 3, 3, .required = FZ_BOTH, .words = fz_cny_words,
               .meaning = "Currency of the slice"),
    FZ_RECEIVER_TYPE_ROW(fz_distribution_submit_receiver, FZ_IN_BODY, FZ_BOTH),
    FZ_RECEIVER_ACCOUNT_ROW(fz_distribution_submit_receiver, FZ_IN_BODY),
    FZ_RECEIVER_NAME_ROWS(fz_distribution_submit_receiver, "Person's name, to be checked"),
    FZ_INT(fz_distribution_submit_receiver, amount, 1, FZ_AMOUNT_MAX, .required = FZ_BOTH,
           .meaning = "Amount of the slice, in fen"),
    FZ_SLICE_DESCRIPTION_ROW(fz_distribution_submit_receiver),
    {0},
};

static const struct fz_member fz_distribution_submit_request_members[] = {
    FZ_SUB_MCHID_ROW(fz_distribution_submit_request, FZ_IN_BODY, FZ_INSTITUTIONAL),
    FZ_RECEIVER_APPID_ROWS(fz_distribution_submit_request),
    FZ_TRANSACTION_ID_ROW(fz_distribution_submit_request, FZ_IN_BODY, FZ_BOTH),
    FZ_OUT_ORDER_NO_ROW(fz_distribution_submit_request, FZ_IN_BODY),
    FZ_LIST(fz_distribution_submit_request, receivers, fz_distribution_submit_receiver, 0,
            FZ_SLICES_A_REQUEST,
            .meaning = "Who gets what; may be left out where only the rest is to be released"),
    FZ_BOOL(fz_distribution_submit_request, unfreeze_unsplit, .required = FZ_BOTH,
            .meaning = "true: the rest goes to the sponsor, and no further distribution is possible"),
    {0},
};

const struct fz_spec fz_spec_distribution_submit = {
    .name = "distribution-submit",
    .method = "POST",
    .paths = {"/v3/global/profit-sharing/orders"},
    FZ_REQUEST(fz_distribution_submit_request),
    FZ_ANSWER(fz_distribution_answer),
    .status = 200,
    .writes = true,
    .found_by = &fz_spec_distribution_query,
    .example = {
        .body = FZ_JSON({"sub_mchid": "1900000109", "transaction_id": "4208450740201411110007820472",
                        "out_order_no": "D20260105100000", "receivers": [{"type": "MERCHANT_ID",
                        "account": "1900000130", "amount": 100, "currency": "CNY",
                        "description": "The supplier's share"}], "unfreeze_unsplit": false}),
        .answer = FZ_JSON({"sub_mchid": "1900000109", "transaction_id": "4208450740201411110007820472",
                          "out_order_no": "D20260105100000", "order_id": "3000202601050000000063144562779",
                          "state": "PROCESSING", "receivers": [{"currency": "CNY", "amount": 100,
                          "description": "The supplier's share", "type": "MERCHANT_ID",
                          "account": "1900000130", "result": "PENDING", "create_time": "2026-01-05T10:00:00.000+08:00",
                          "detail_id": "3600202601050000000081894377344", "settlement_currency": "USD",
                          "settlement_amount": 15, "rate": 650000000}]}),
    },
    .title = "Request a funds distribution",
    .document = "https://pay.weixin.qq.com/wiki/doc/api_external/en/apis/chapter4_1_2.shtml",
};
