/* Rates of a book's own, which an order gets that names none: a row for each currency that has one. All others have that of
 * every sandbox (money.h). */
#ifndef FZ_BOOK_RATE_H
#define FZ_BOOK_RATE_H

#include "book/money.h"
#include "store/store.h"

/* CNY for one unit, x 10^8, from FZ_RATE_MIN to FZ_RATE_MAX. FZ_MALFORMED: another; or CNY, whose rate is one; or no currency
 * of this book. */
FZ_MUST_CHECK enum fz_result fz_rate_set(struct fz_tx *tx, const char *currency, int64_t rate);
FZ_MUST_CHECK enum fz_result fz_rate_of(struct fz_tx *tx, const struct fz_currency *currency, int64_t *out);
/* All that were set, by currency. */
FZ_MUST_CHECK enum fz_result fz_rate_each(struct fz_tx *tx, enum fz_result (*each)(void *argument, const char *currency, int64_t rate),
                                          void *argument);

#endif
