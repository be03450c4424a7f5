/* App and JSAPI orders are answered alike: with the number that the payer's client opens the payment with. */
#ifndef FZ_API_ORDER_PREPAID_H
#define FZ_API_ORDER_PREPAID_H

#include "api/order/place.h"

/* What their `work` fills. */
struct fz_order_prepaid_out {
    struct fz_order_prepaid_answer answer;
    char prepay_id[FZ_PREPAY_ID_SIZE];
};

FZ_MUST_CHECK enum fz_result fz_order_prepaid_work(struct fz_tx *tx, const struct fz_call *call,
                                                   const void *params, void *out);

#endif
