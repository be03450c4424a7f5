/* App and JSAPI orders are answered alike: with the number that the payer's client opens the payment with. */
#ifndef FZ_API_ORDER_PREPAID_H
#define FZ_API_ORDER_PREPAID_H

#include "api/order/place.h"

/* What their `work` fills. */
struct fz_order_prepaid {
    struct fz_payment payment;
    char prepay_id[FZ_PREPAY_ID_SIZE];
};

extern const struct fz_field fz_order_prepaid_fields[];
FZ_MUST_CHECK enum fz_result fz_order_prepaid_work(struct fz_tx *tx, const struct fz_call *call,
                                                   const void *params, void *out);
void fz_order_prepaid_answer(const struct fz_call *call, const void *params, const void *out, struct fz_json *json);

#endif
