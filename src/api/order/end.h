/* Ending an order, which closing and reversing have in common: the order is named by one of its two numbers,
 * and what is left is said by an answer without a body. */
#ifndef FZ_API_ORDER_END_H
#define FZ_API_ORDER_END_H

#include "api/merchant/identity.h"

struct fz_order_end_params {
    struct fz_identity identity;
    const char *transaction_id, *out_trade_no; /* the one that is in the path */
};

/* The rows of struct fz_order_end_params, by which number the path has. */
extern const struct fz_member fz_order_end_by_id[], fz_order_end_by_number[];

/* Ends the caller's order by `end` (fz_payment_close, fz_payment_reverse). Refuses what that refuses, and
 * FZ_ORDER_UNKNOWN. */
FZ_MUST_CHECK enum fz_result fz_order_end(struct fz_tx *tx, const struct fz_call *call, const void *params,
                                          enum fz_result (*end)(struct fz_tx *, const struct fz_party *,
                                                                const char *, const char *));

#endif
