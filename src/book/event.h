/* Events: what happens by itself, as rows with a due time. A run of events is one transaction, each of them a savepoint in it. */
#ifndef FZ_BOOK_EVENT_H
#define FZ_BOOK_EVENT_H

#include "store/store.h"

/* Stored. Subject: a row number, or a day. */
enum fz_event_kind {
    FZ_EVENT_FROZEN = 1,       /* payment: 180 to 299 s after it was paid */
    FZ_EVENT_RELEASE,          /* payment: 180 days after it was paid */
    FZ_EVENT_DISTRIBUTED,      /* distribution: 1 to 60 s after it was accepted */
    FZ_EVENT_REFUNDED,         /* refund: 20 minutes, or 3 business days */
    FZ_EVENT_RECEIVER_AUDITED, /* receiver: 60 s */
    FZ_EVENT_CONVERT,          /* Beijing day: 00:00 of the day after */
    FZ_EVENT_PASSWORD,         /* payment: its payer enters the password, where the code says when */
    FZ_EVENT_DETAIL,           /* Beijing day: once it is converted */
    FZ_EVENT_PAYOUT,           /* Beijing day, a working one: 10:00 */
};

/* Plans an event. If one of this kind for this subject is planned already, the earlier due time stands. */
FZ_MUST_CHECK enum fz_result fz_event_plan(struct fz_tx *tx, enum fz_event_kind kind, int64_t subject, int64_t due_ms);
/* Takes it back, planned or not. */
FZ_MUST_CHECK enum fz_result fz_event_cancel(struct fz_tx *tx, enum fz_event_kind kind, int64_t subject);

/* The due time of the next event; FZ_ABSENT if none is planned. */
FZ_MUST_CHECK enum fz_result fz_event_next_due(struct fz_tx *tx, int64_t *due_ms);
/* How many are due up to `until_ms`; counting ends at `most`. */
FZ_MUST_CHECK enum fz_result fz_event_count_due(struct fz_tx *tx, int64_t until_ms, int64_t most,
                                                int64_t *out);

/* Runs the events due up to `until_ms` in (due, id) order, each with tx->now_ms = the later of its due time and
 * `floor_ms`, at most `limit`, each in a savepoint of its own. `ran` gets how many, `book_ms` the time of the last
 * one run (untouched if none). An event that was refused or found nothing to do is done, without a trace. One that
 * has more to do than fits a transaction ends the run and is due again at once: only `ran` = 0 says that none is
 * left. One that fails ends the run too; FZ_FAILED: it was the first, and nothing was written. */
FZ_MUST_CHECK enum fz_result fz_event_run(struct fz_tx *tx, int64_t until_ms, int64_t floor_ms, int64_t limit, int64_t *ran,
                                          int64_t *book_ms);

/* ---- those that fail ---- */

/* Tries the first event due once more, as fz_event_run does; if it fails again, it is set aside: due no more, with
 * the reason, so that those behind it can run. `out` gets whether it was. */
FZ_MUST_CHECK enum fz_result fz_event_set_aside(struct fz_tx *tx, int64_t until_ms, int64_t floor_ms, bool *out);
/* All that were set aside are due again, as of old. */
FZ_MUST_CHECK enum fz_result fz_event_take_up(struct fz_tx *tx);

struct fz_event_aside {
    const char *kind; /* in a word */
    int64_t subject, due_ms;
    const char *why; /* borrowed during the call */
};
/* What `each` returns other than FZ_OK ends it. */
FZ_MUST_CHECK enum fz_result fz_event_each_aside(
    struct fz_tx *tx, enum fz_result (*each)(void *argument, const struct fz_event_aside *aside), void *argument);

#endif
