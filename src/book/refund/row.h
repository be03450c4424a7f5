/* The row of a refund, for the files of the book that write it. */
#ifndef FZ_BOOK_REFUND_ROW_H
#define FZ_BOOK_REFUND_ROW_H

#include "book/entry.h"
#include "book/refund/refund.h"

/* Writes a new row. `reason` and `notify_url` may be NULL. FZ_CONFLICT: its number or refund_id is taken. */
FZ_MUST_CHECK enum fz_result fz_refund_insert(struct fz_tx *tx, const struct fz_refund *refund,
                                              const char *reason, const char *notify_url);

/* Adds what a refund draws when it is accepted (`sign` 1), or brings back when it is closed (-1): pool parts
 * move in the pools of `day`. */
void fz_refund_post(struct fz_entry *entry, const struct fz_refund *refund, int sign, int day);

/* What the order's own funds, or the day's sales, pay of it. */
static inline int64_t fz_refund_own_net(const struct fz_refund *refund)
{
    return refund->fund_source == FZ_SOURCE_RECHARGE ? 0 : refund->own.net;
}

/* FZ_ABSENT if there is none. */
FZ_MUST_CHECK enum fz_result fz_refund_by_row(struct fz_tx *tx, int64_t id, struct fz_refund *out);

#endif
