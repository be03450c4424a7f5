/* Close an order by the merchant order number: nobody can pay it any more. */
#include "api/order/end.h"

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    (void)out;
    return fz_order_end_by_number(tx, call, params, fz_payment_close);
}

const struct fz_endpoint fz_endpoint_order_close_by_number = {
    .spec = &fz_spec_order_close_by_number,
    .work = work,
};
