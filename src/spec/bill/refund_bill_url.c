/* Obtain the refund bill download URL (S-RBILL). An institution that names no sub-merchant gets all of them
 * in one file. */
#include "spec/bill/url.h"

const struct fz_member fz_bill_url_answer_members[] = {
    FZ_TEXT(fz_bill_url_answer, download_url, 2048, .required = FZ_BOTH,
            .meaning = "Where the file is, for 30 seconds"),
    {0},
};

static const struct fz_member fz_bill_url_request_members[] = {FZ_BILL_URL_ROWS(FZ_NEVER), {0}};

const struct fz_spec fz_spec_refund_bill_url = {
    .name = "refund-bill-url",
    .method = "GET",
    .paths = {"/v3/global/profit-sharing/refunds/bill-download-url"},
    FZ_REQUEST(fz_bill_url_request),
    FZ_ANSWER(fz_bill_url_answer),
    .status = 200,
    .example = {
        .parameters = FZ_JSON({"sub_mchid": "1900000109", "bill_date": "2026-01-04"}),
        .answer = FZ_JSON({"download_url": "http://127.0.0.1:8080/v3/billdownload/file?token=AQEAAE_pAAABm4viajAKMTkw"}),
    },
    .title = "Obtain the refund bill download URL",
    .document = "https://pay.weixin.qq.com/doc/global/v3/en/4012356941",
};
