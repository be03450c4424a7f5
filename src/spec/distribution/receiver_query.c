/* Query the result of adding a receiver. */
#include "spec/distribution/rows.h"

#define QUERY_APPID_ROW(which, mode)                                                                         \
    FZ_TEXT(fz_receiver_query_request, which, 32, .place = FZ_IN_QUERY, .only = mode,                        \
            .letters = FZ_NUMBER_LETTERS, .meaning = "As added; the account alone finds the receiver")

static const struct fz_member fz_receiver_query_request_members[] = {
    FZ_RECEIVER_ACCOUNT_ROW(fz_receiver_query_request, FZ_IN_PATH),
    FZ_SUB_MCHID_ROW(fz_receiver_query_request, FZ_IN_QUERY, FZ_INSTITUTIONAL),
    QUERY_APPID_ROW(appid, FZ_BOTH),
    QUERY_APPID_ROW(sub_appid, FZ_INSTITUTIONAL),
    FZ_RECEIVER_TYPE_ROW(fz_receiver_query_request, FZ_IN_QUERY, FZ_NEVER),
    /* No page has it, but clients that are made from the vendor's OpenAPI description send it. */
    FZ_TEXT(fz_receiver_query_request, transaction_id, 32, .place = FZ_IN_QUERY, .meaning = "Of no effect"),
    {0},
};

const struct fz_spec fz_spec_receiver_query = {
    .name = "receiver-query",
    .method = "GET",
    .paths = {"/v3/global/profit-sharing/receivers/{account}"},
    FZ_REQUEST(fz_receiver_query_request),
    FZ_ANSWER(fz_receiver_answer),
    .status = 200,
    .example = {
        .parameters = FZ_JSON({"account": "1900000130", "sub_mchid": "1900000109", "type": "MERCHANT_ID"}),
        .answer = FZ_JSON({"sub_mchid": "1900000109", "type": "MERCHANT_ID", "account": "1900000130",
                          "relation_type": "SUPPLIER", "state": "EFFECTIVE"}),
    },
    .title = "Query the result of adding a receiver",
    .document = "https://pay.weixin.qq.com/wiki/doc/api_external/ch/apis/chapter4_1_7.shtml",
};
