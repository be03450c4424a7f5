/* The recharged refund balance: money that a sponsor pays in ahead, in its settlement currency, for refunds
 * that name it as their source. */
#ifndef FZ_BOOK_REFUND_RECHARGED_H
#define FZ_BOOK_REFUND_RECHARGED_H

#include "book/money.h"
#include "store/store.h"

/* What a balance may come to. */
#define FZ_RECHARGED_MAX (100 * FZ_AMOUNT_MAX)

/* The balance of `mchid` in `currency`; 0 where nothing was paid in. */
FZ_MUST_CHECK enum fz_result fz_recharged_balance(struct fz_tx *tx, const char *mchid, const char *currency,
                                                  int64_t *out);

/* The caller books the entry; these keep the balance that rules read. */

/* Takes `amount`. Refuses with FZ_REFUND_SHORT when it holds less. */
FZ_MUST_CHECK enum fz_result fz_recharged_debit(struct fz_tx *tx, const char *mchid, const char *currency,
                                                int64_t amount);
/* Adds `amount`. FZ_MALFORMED: the balance would come to more than FZ_RECHARGED_MAX. */
FZ_MUST_CHECK enum fz_result fz_recharged_credit(struct fz_tx *tx, const char *mchid, const char *currency,
                                                 int64_t amount);

#endif
