/* The audit: re-adds the whole book and checks every invariant of docs/book.md.
 *
 * Its parts (parts.h) go along the tables side by side, in the order of their keys, so that memory stays
 * the same however large the book is. What an entry should be is worked out from the rows by expect.c,
 * which is written apart from what books, so that a mistake of the one is found by the other. Journal and
 * rows are compared as sets, by sums of hashes; only where those differ does match.c look for the entry.
 * A database is read in slices (slices.c): each is a snapshot of its own, so none is held for long.
 * What a row says is doubted before it is calculated with: the book may be damaged in any way. */
#ifndef FZ_BOOK_AUDIT_AUDIT_H
#define FZ_BOOK_AUDIT_AUDIT_H

#include "store/store.h"

#define FZ_AUDIT_FINDINGS_MAX 20

struct fz_audit {
    int64_t entries, postings, payments, distributions, slices, refunds,
        pools;        /* how many rows were re-added */
    int64_t held;     /* CNY that the book holds (fen): all accounts but payer, promotion and bank */
    int64_t paid_in;  /* CNY that came from payers, vouchers and recharges, less refunds: if sound, `held` */
    int64_t findings; /* how many violations */
    struct {
        char what[240];            /* "refund 5030…: fee 12 but the journal says 11" */
    } list[FZ_AUDIT_FINDINGS_MAX]; /* the first ones */
};

/* In one snapshot. FZ_OK also with findings; FZ_FAILED when the book cannot be read. */
FZ_MUST_CHECK enum fz_result fz_audit(struct fz_tx *tx, struct fz_audit *out);

/* How a book is read in slices. */
struct fz_audit_reading {
    enum fz_result (*read)(void *by, fz_work work, void *argument); /* as fz_store_read */
    /* From here on each snapshot has all that is dated before the moment of book time that `out` gets. FZ_ABSENT: the clock stands still, so there is
     * no such moment. */
    enum fz_result (*pass)(void *by, int64_t *out);
    void *by;
    int64_t size; /* about so many rows are a slice */
};
/* In many short snapshots, while others write. FZ_CONFLICT: again and again another book came in its place. */
FZ_MUST_CHECK enum fz_result fz_audit_in_slices(const struct fz_audit_reading *reading, struct fz_audit *out);

/* An open book: in slices where others write it too. `error` as in fz_store_read. FZ_FULL: it has to wait for a database that is away, or for a
 * write that does not end, or another book came again and again, as `error` says. */
FZ_MUST_CHECK enum fz_result fz_audit_book(struct fz_store *store, struct fz_reader *reader, struct fz_audit *out, struct fz_error *error);
/* The same in slices of a size, which is there for tests. */
FZ_MUST_CHECK enum fz_result fz_audit_beside(struct fz_reader *reader, int64_t size, struct fz_audit *out, struct fz_error *error);

#endif
