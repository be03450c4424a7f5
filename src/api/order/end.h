/* Ending an order, which closing and reversing have in common: the order is named by one of its two numbers,
 * and what is left is said by an answer without a body. */
#ifndef FZ_API_ORDER_END_H
#define FZ_API_ORDER_END_H

#include "api/merchant/identity.h"
#include "spec/order/order.h"

/* fz_payment_close or fz_payment_reverse: the order of the number that is not NULL. */
typedef enum fz_result (*fz_order_ending)(struct fz_tx *tx, const struct fz_party *party,
                                          const char *transaction_id, const char *out_trade_no);

/* End the caller's order of the request. Refuse what `end` refuses, and FZ_ORDER_UNKNOWN. */
FZ_MUST_CHECK enum fz_result fz_order_end_by_id(struct fz_tx *tx, const struct fz_call *call,
                                                const struct fz_order_by_id_request *in, fz_order_ending end);
FZ_MUST_CHECK enum fz_result fz_order_end_by_number(struct fz_tx *tx, const struct fz_call *call,
                                                    const struct fz_order_by_number_request *in,
                                                    fz_order_ending end);

#endif
