/* Obtain the distribution bill download URL. An institution has to name the sub-merchant. */
#include "api/bill/url.h"
#include "book/bill/slice_bill.h"

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    return fz_bill_url_work(tx, call, params, FZ_SORT_DISTRIBUTIONS, fz_slice_bill_exists, out);
}

const struct fz_endpoint fz_endpoint_distribution_bill_url = {
    .spec = &fz_spec_distribution_bill_url,
    .out_size = sizeof(struct fz_bill_url_out),
    .work = work,
};
