/* Reverse a payment-code order by the merchant order number: nobody pays it any more, and what was paid goes
 * back. */
#include "api/order/end.h"
#include "book/refund/reverse.h"

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    (void)out;
    return fz_order_end_by_number(tx, call, params, fz_payment_reverse);
}

const struct fz_endpoint fz_endpoint_order_reverse_by_number = {
    .spec = &fz_spec_order_reverse_by_number,
    .work = work,
};
