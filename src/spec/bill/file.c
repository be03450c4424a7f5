/* The file behind a bill's URL (S-RBILL). */
#include "spec/bill/bill.h"

static const struct fz_member fz_bill_file_request_members[] = {
    FZ_TEXT(fz_bill_file_request, token, 2048, .place = FZ_IN_QUERY, .required = FZ_BOTH,
            .meaning = "As download_url has it"),
    {0},
};

const struct fz_spec fz_spec_bill_file = {
    .name = "bill-file",
    .method = "GET",
    .paths = {"/v3/billdownload/file", "/v3/bill/downloadurl"},
    FZ_REQUEST(fz_bill_file_request),
    .status = 200,
    .answers_file = FZ_FILE_OF_LINK,
    .example = {
        .parameters = FZ_JSON({"token": "AQEAAE_pAAABm4viajAKMTkw"}),
        .answer = FZ_JSON("Refund apply time,Refund success time,Wechat refund number(refund_id)"),
        .after = "refund-bill-url",
    },
    .title = "Download a bill",
    .document = "https://pay.weixin.qq.com/doc/global/v3/en/4012356941",
};
