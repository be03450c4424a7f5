/* What persons were paid: a running total for each of them and each calendar month. */
#ifndef FZ_BOOK_DISTRIBUTION_RECEIPTS_H
#define FZ_BOOK_DISTRIBUTION_RECEIPTS_H

#include "book/distribution/distribution.h"

/* Whether the slice counts: a merchant may be paid as much as it likes. */
bool fz_receipts_count(const struct fz_slice *slice);
/* What the slice's person was paid so far in the month of tx->now_ms; 0 for a merchant. */
FZ_MUST_CHECK enum fz_result fz_receipts_find(struct fz_tx *tx, const struct fz_slice *slice, int64_t *out);
/* Adds a slice that has just succeeded, in the transaction that says so; nothing for a merchant. */
FZ_MUST_CHECK enum fz_result fz_receipts_add(struct fz_tx *tx, const struct fz_slice *slice);

#endif
