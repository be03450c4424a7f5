/* The payer's rail: by it, and by nothing else, the payer's side changes an order. In a sandbox, events
 * and control calls open it. FZ_ABSENT: there is no such order; FZ_CONFLICT: its state does not allow it,
 * for it is further on already. */
#ifndef FZ_BOOK_ORDER_RAIL_H
#define FZ_BOOK_ORDER_RAIL_H

#include "book/order/payment.h"

/* The payer pays a placed order: books it, freezes a marked order's money, plans what follows. `payment`
 * is brought up to date. `payer` 0: as placed. Refuses FZ_ORDER_PAID, FZ_ORDER_CLOSED, FZ_ORDER_REVERSED.
 * FZ_CONFLICT: its transaction_id is taken. */
FZ_MUST_CHECK enum fz_result fz_rail_paid(struct fz_tx *tx, struct fz_payment *payment,
                                          enum fz_payer_kind payer);
/* The payer of a code has entered the password: as fz_rail_paid. */
FZ_MUST_CHECK enum fz_result fz_rail_password_entered(struct fz_tx *tx, int64_t payment);
/* The freezing of a marked order's money is done. */
FZ_MUST_CHECK enum fz_result fz_rail_frozen(struct fz_tx *tx, int64_t payment);

#endif
