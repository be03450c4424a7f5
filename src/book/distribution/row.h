/* The rows of a distribution and its slices, for the files of the book that read and write them. */
#ifndef FZ_BOOK_DISTRIBUTION_ROW_H
#define FZ_BOOK_DISTRIBUTION_ROW_H

#include "book/distribution/distribution.h"

/* The columns of `slice s` that fz_slice_read reads, and their letters. */
#define FZ_SLICE_NAMES                                                                                       \
    "s.id, s.detail_id, s.to_sponsor, s.type, s.account, s.amount, s.description, s.result, s.fail_reason,"  \
    " s.settlement_currency, s.settlement_rate, s.settlement_amount, s.created_ms, s.finished_ms"
#define FZ_SLICE_LETTERS                                                                                     \
    "ititti"                                                                                                 \
    "titt"                                                                                                   \
    "iiii"

/* Reads a slice from the columns that begin at `first`. A PENDING one that is going to fail has its
 * fail_reason already. */
void fz_slice_read(const struct fz_cursor *row, int first, struct fz_slice *out);

/* The distribution with its slices, as it stands, fail_reason as fz_slice_read says. FZ_ABSENT if there is
 * none. */
FZ_MUST_CHECK enum fz_result fz_distribution_by_row(struct fz_tx *tx, int64_t id,
                                                    struct fz_distribution *out);
/* Finds a distribution by its number, and the digest of the request that made it. */
FZ_MUST_CHECK enum fz_result fz_distribution_by_number(struct fz_tx *tx, const struct fz_party *party,
                                                       const char *out_order_no, struct fz_distribution *out,
                                                       unsigned char digest[FZ_DIGEST_SIZE]);
/* Takes out what only the book knows: why a slice is going to fail. */
void fz_distribution_hide_pending(struct fz_distribution *distribution);

/* A distribution of `payment` being put together: no slices yet. `out_order_no` NULL: a release. */
void fz_distribution_begin(struct fz_distribution *distribution, const struct fz_payment *payment,
                           enum fz_distribution_kind kind, const char *out_order_no);
/* Adds a slice. `fail_reason` "" = it can succeed. */
void fz_distribution_add(struct fz_distribution *distribution, bool to_sponsor, const char *type,
                         const char *account, int64_t amount, const char *description,
                         const char *fail_reason);
/* Adds all that is left of `payment` beyond the slices so far, if anything, as a slice to the sponsor.
 * `description` NULL: the usual words. */
void fz_distribution_add_rest(struct fz_distribution *distribution, const struct fz_payment *payment,
                              const char *description);

/* Decides what becomes of each slice: fail_reason "" = it succeeds. */
FZ_MUST_CHECK enum fz_result fz_distribution_decide(struct fz_tx *tx, struct fz_distribution *distribution);

/* Accepts it: numbers it, writes its rows, books it, and takes its money out of `payment` (locked), whose
 * funds are stored. FZ_CONFLICT, before anything is changed: out_order_no is taken. */
FZ_MUST_CHECK enum fz_result fz_distribution_accept(struct fz_tx *tx,
                                                    const unsigned char digest[FZ_DIGEST_SIZE],
                                                    struct fz_payment *payment,
                                                    struct fz_distribution *distribution);

#endif
