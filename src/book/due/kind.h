/* What each kind of event does when it is due. For the files of this room alone. */
#ifndef FZ_BOOK_DUE_KIND_H
#define FZ_BOOK_DUE_KIND_H

#include "store/store.h"

/* Exactly one of the two functions is there. */
struct fz_due_kind {
    const char *word;
    /* What happens in a moment. */
    enum fz_result (*happen)(struct fz_tx *tx, int64_t subject);
    /* A day's work: does a stretch of it from `position` on; `next` gets where to go on, or -1 at its end. */
    enum fz_result (*work)(struct fz_tx *tx, int day, int64_t position, int64_t *next);
    bool closes_day; /* it reads a whole day, and nobody has waited yet for what is still written of it */
    /* Whose row everybody who touches the subject locks first. NULL: nobody's. */
    const struct fz_statement *lock, *look;
};

/* NULL: no kind that this program knows. */
const struct fz_due_kind *fz_due_kind(int64_t kind);

/* The conversion is what closes a day: to be called before one, FZ_OK of every other kind. */
FZ_MUST_CHECK enum fz_result fz_due_close_day(struct fz_tx *tx, int64_t kind, int64_t subject);

#endif
