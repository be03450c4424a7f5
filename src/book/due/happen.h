/* One event whose time has come: what it does, and what becomes of its row. For the files of this room alone. */
#ifndef FZ_BOOK_DUE_HAPPEN_H
#define FZ_BOOK_DUE_HAPPEN_H

#include "store/store.h"

struct fz_due_event {
    int64_t id, due_ms, kind, subject;
    int64_t position; /* of a day's work: how far it is */
    bool goes_on;     /* out: it is not at its end */
};

/* Reads the columns id, due_ms, kind, subject, position. */
void fz_due_event_read(const struct fz_cursor *row, struct fz_due_event *out);
/* What it does, its row removed or moved on. As `work` of fz_attempt; the argument is a struct fz_due_event. */
FZ_MUST_CHECK enum fz_result fz_due_happen(struct fz_tx *tx, void *event);
/* Whether it is over with an event that came to `result`, also if it did nothing. Its row is then to be removed. */
bool fz_due_is_over(enum fz_result result);
FZ_MUST_CHECK enum fz_result fz_due_remove(struct fz_tx *tx, const struct fz_due_event *event);
/* Has it due no more, and says why: `why`, or what is said where nothing says why. */
FZ_MUST_CHECK enum fz_result fz_due_set_aside(struct fz_tx *tx, const struct fz_due_event *event, const char *why);

#endif
