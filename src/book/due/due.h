/* Events that are due: they are run, and those that fail are set aside.
 *
 * A run is one transaction. In it events go one after another in the order (due, id), the clock of the
 * book at the due time of each, never behind `floor_ms`, which is what requests have seen already. Each
 * has a savepoint: if a rule refuses it, or it finds its subject gone or further on, it has nothing to do
 * any more, and what it had begun to write is undone. One that fails (the engine could not, or the book
 * does not fit it) ends the run with those before it kept, so that it is the first of the next run and
 * fails alone. Whoever calls tries it some times more and then sets it aside, or it would stop the clock
 * for good. A day's work goes in stretches of a transaction's size: an event that is not at its end stays
 * where it is in the order, with its position, and ends the run. */
#ifndef FZ_BOOK_DUE_DUE_H
#define FZ_BOOK_DUE_DUE_H

#include "book/event.h"

/* Runs the events due up to `until_ms`, at most `limit`. `ran` gets how many, `book_ms` the time of the
 * last one run (untouched if none). Only `ran` = 0 says that none is left. FZ_FAILED: the first one
 * failed, and nothing was written. */
FZ_MUST_CHECK enum fz_result fz_event_run(struct fz_tx *tx, int64_t until_ms, int64_t floor_ms, int64_t limit,
                                          int64_t *ran, int64_t *book_ms);

/* ---- where several processes run events, several at once ---- */

#define FZ_EVENT_TROUBLES_MAX 16

/* An event that failed. */
struct fz_event_trouble {
    int64_t id;
    bool rests; /* it is left alone for now */
    bool last;  /* if it fails again, it is set aside */
};

/* One event is taken, in a transaction of its own, and run: the first from a place on that is due by tx->now_ms, that nobody else runs, before which
 * no other of its subject is still to come, and whose order nobody has in hand at the moment. So nobody waits for anybody, but for a day's
 * conversion, which waits for those who still write that day. Days come one after another. While somebody moves the clock nothing is run. */
struct fz_event_claim {
    struct fz_event_place from; /* in: those before it are left alone, but nothing of their subjects comes before them */
    struct fz_event_trouble troubles[FZ_EVENT_TROUBLES_MAX]; /* in */
    size_t trouble_count;
    bool ran; /* out: one was, also if it had nothing to do any more */
    int64_t failed; /* out: the one that failed, which nothing was kept of; 0 */
    int64_t well;   /* out: the one that ran */
    bool aside;     /* out: it was set aside */
    char why[256];  /* out: why it failed */
};
FZ_MUST_CHECK enum fz_result fz_event_claim(struct fz_tx *tx, struct fz_event_claim *claim);

/* Tries the first event due once more, as fz_event_run does; if it fails again, it is set aside: due no
 * more, with the reason, so that those behind it can run. `out` gets whether it was. */
FZ_MUST_CHECK enum fz_result fz_event_set_aside(struct fz_tx *tx, int64_t until_ms, int64_t floor_ms,
                                                bool *out);
/* All that were set aside are due again, as of old. */
FZ_MUST_CHECK enum fz_result fz_event_take_up(struct fz_tx *tx);

struct fz_event_aside {
    const char *kind; /* in a word */
    int64_t subject, due_ms;
    const char *why; /* borrowed during the call */
};
/* What `each` returns other than FZ_OK ends it. */
FZ_MUST_CHECK enum fz_result fz_event_each_aside(struct fz_tx *tx,
                                                 enum fz_result (*each)(void *argument,
                                                                        const struct fz_event_aside *aside),
                                                 void *argument);

#endif
