/* Obtain the refund bill download URL (S-RBILL). An institution that names no sub-merchant gets all of them
 * in one file. */
#include "api/bill/url.h"
#include "book/bill/refund_bill.h"

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    return fz_bill_url_work(tx, call, params, FZ_SORT_REFUNDS, fz_refund_bill_exists, out);
}

const struct fz_endpoint fz_endpoint_refund_bill_url = {
    .spec = &fz_spec_refund_bill_url,
    .out_size = sizeof(struct fz_bill_url_out),
    .work = work,
};
