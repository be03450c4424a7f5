/* The prepay_id of an order, and the answer with it. */
#include "api/order/prepaid.h"

const struct fz_field fz_order_prepaid_fields[] = {
    {"prepay_id", FZ_STRING, 64, true, NULL,
     "With what the payer's client opens the payment; the same for a repeat"},
    {0},
};

enum fz_result fz_order_prepaid_work(struct fz_tx *tx, const struct fz_call *call, const void *params,
                                     void *out)
{
    struct fz_order_prepaid *placed = out;
    enum fz_result result = fz_order_place(tx, call, params, &placed->payment);
    if (result == FZ_OK)
        fz_order_prepay_id(tx, &placed->payment, placed->prepay_id);
    return result;
}

void fz_order_prepaid_answer(const struct fz_call *call, const void *params, const void *out, struct fz_json *json)
{
    (void)call;
    (void)params;
    fz_json_object(json, NULL);
    fz_json_string(json, "prepay_id", ((const struct fz_order_prepaid *)out)->prepay_id);
    fz_json_end_object(json);
}
