/* The prepay_id of an order. */
#include "api/order/prepaid.h"

enum fz_result fz_order_prepaid_work(struct fz_tx *tx, const struct fz_call *call, const void *params,
                                     void *out)
{
    struct fz_order_prepaid_out *placed = out;
    struct fz_payment payment;
    enum fz_result result = fz_order_place(tx, call, params, &payment);
    if (result != FZ_OK)
        return result;
    fz_order_prepay_id(tx, &payment, placed->prepay_id);
    placed->answer.prepay_id = placed->prepay_id;
    return FZ_OK;
}
