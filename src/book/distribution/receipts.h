/* What persons were paid: a running total for each of them and each calendar month. */
#ifndef FZ_BOOK_DISTRIBUTION_RECEIPTS_H
#define FZ_BOOK_DISTRIBUTION_RECEIPTS_H

#include "book/distribution/distribution.h"

/* Whether the slice counts: a merchant may be paid as much as it likes. */
bool fz_receipts_count(const struct fz_slice *slice);
/* Adds a slice that succeeds, in the transaction that says so, to what its person was paid in the month of tx->now_ms; nothing for a merchant.
 * `out` gets whether there was room for it: if not, nothing was added. */
FZ_MUST_CHECK enum fz_result fz_receipts_take(struct fz_tx *tx, const struct fz_slice *slice, bool *out);

#endif
