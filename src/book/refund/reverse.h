/* Reversing an order that was paid by code: what was paid goes back as one refund. */
#ifndef FZ_BOOK_REFUND_REVERSE_H
#define FZ_BOOK_REFUND_REVERSE_H

#include "book/order/payment.h"

/* Reverses the party's own order, by transaction_id or by out_trade_no (the other NULL): nobody can pay it
 * any more, and what was paid goes back to the payer at once, as one refund. A reversed one stays so. Refuses
 * FZ_ORDER_NOT_BY_CODE, FZ_ORDER_PAYING, FZ_REVERSE_LATE, FZ_REVERSE_PARTLY, FZ_REFUND_SHORT. FZ_ABSENT if
 * there is none. */
FZ_MUST_CHECK enum fz_result fz_payment_reverse(struct fz_tx *tx, const struct fz_party *party,
                                                const char *transaction_id, const char *out_trade_no);

#endif
