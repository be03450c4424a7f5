/* The two CNY pools that each sponsor has a Beijing day: `outbound` (released money, the advance-refund
 * balance) and `sales` (what was paid for orders that are not distributed). The kept balances of the
 * accounts of these names: docs/book.md, invariant 4. */
#ifndef FZ_BOOK_SETTLEMENT_POOL_H
#define FZ_BOOK_SETTLEMENT_POOL_H

#include "store/store.h"

/* Stored. */
enum fz_pool_kind { FZ_POOL_OUTBOUND = 1, FZ_POOL_SALES };

/* Today is the day of tx->now_ms. The caller books the entry; these keep the balance that rules read.
 * Both come last in a transaction, behind its order's row and all else that somebody might wait for
 * (docs/architecture.md, "Lock order"). */

/* Adds to today's pool; the first movement of a book's day plans its conversion. */
FZ_MUST_CHECK enum fz_result fz_pool_credit(struct fz_tx *tx, const char *sponsor, enum fz_pool_kind kind,
                                            int64_t payment, int64_t amount);
/* Takes from today's pool. Refuses with FZ_REFUND_SHORT when it holds less, or counts as empty
 * (merchant/hindrance.h). */
FZ_MUST_CHECK enum fz_result fz_pool_debit(struct fz_tx *tx, const char *sponsor, enum fz_pool_kind kind,
                                           int64_t payment, int64_t amount);
/* Today's balance; 0 where nothing moved, and where it counts as empty. */
FZ_MUST_CHECK enum fz_result fz_pool_balance(struct fz_tx *tx, const char *sponsor, enum fz_pool_kind kind,
                                             int64_t *out);

#endif
