/* Reverse a payment-code order by its WeChat Pay transaction ID: it was paid, and the payer gets it back. */
#include "api/order/end.h"
#include "book/refund/reverse.h"

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    (void)out;
    return fz_order_end_by_id(tx, call, params, fz_payment_reverse);
}

const struct fz_endpoint fz_endpoint_order_reverse_by_id = {
    .spec = &fz_spec_order_reverse_by_id,
    .work = work,
};
