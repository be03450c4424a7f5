/* Close an order by its WeChat Pay transaction ID. An order has one from its payment on, so this tells
 * whether it is paid; one that is not is closed by the merchant order number. */
#include "api/order/end.h"

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    (void)out;
    return fz_order_end_by_id(tx, call, params, fz_payment_close);
}

const struct fz_endpoint fz_endpoint_order_close_by_id = {
    .spec = &fz_spec_order_close_by_id,
    .work = work,
};
