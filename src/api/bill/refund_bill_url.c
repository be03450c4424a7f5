/* Obtain the refund bill download URL (S-RBILL). An institution that names no sub-merchant gets all of them
 * in one file. */
#include "api/bill/url.h"
#include "book/bill/refund_bill.h"

static const struct fz_member parameters[] = {FZ_BILL_URL_PARAMETERS(FZ_NEVER), {0}};

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    return fz_bill_url_work(tx, call, params, FZ_BILL_REFUNDS, fz_refund_bill_exists, out);
}

const struct fz_spec fz_spec_refund_bill_url = {
    .name = "refund-bill-url",
    .method = "GET",
    .paths = {"/v3/global/profit-sharing/refunds/bill-download-url"},
    .request = parameters,
    .fields = fz_bill_url_fields,
    .request_size = sizeof(struct fz_bill_url_params),
    .status = 200,
    .example = {
        .parameters = FZ_JSON({"sub_mchid": "1900000109", "bill_date": "2026-01-04"}),
        .answer = FZ_JSON({"download_url": "http://127.0.0.1:8080/v3/billdownload/file?token=AQEAAE_pAAABm4viajAKMTkw"}),
    },
    .title = "Obtain the refund bill download URL",
    .document = "https://pay.weixin.qq.com/doc/global/v3/en/4012356941",
};

const struct fz_endpoint fz_endpoint_refund_bill_url = {
    .spec = &fz_spec_refund_bill_url,
    .out_size = sizeof(struct fz_bill_url_out),
    .check = fz_bill_url_check,
    .work = work,
    .answer = fz_bill_url_answer,
};
