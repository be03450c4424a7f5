/* Events: what happens by itself, as rows with a due time. Planned and looked up here, by whatever noun
 * they concern; what each does when its time has come is above all nouns (due/due.h). */
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
FZ_MUST_CHECK enum fz_result fz_event_plan(struct fz_tx *tx, enum fz_event_kind kind, int64_t subject,
                                           int64_t due_ms);
/* Plans it unless it is planned already, whenever that is due. What is there is not locked: for an event that many writers plan. */
FZ_MUST_CHECK enum fz_result fz_event_expect(struct fz_tx *tx, enum fz_event_kind kind, int64_t subject,
                                             int64_t due_ms);
/* Takes it back, planned or not. */
FZ_MUST_CHECK enum fz_result fz_event_cancel(struct fz_tx *tx, enum fz_event_kind kind, int64_t subject);

/* A place in the order of events, (due, id). */
struct fz_event_place {
    int64_t due_ms, id;
};

/* The next events of those that are due at a time or later. */
struct fz_event_next {
    struct fz_event_place first; /* due at INT64_MAX: none is planned */
    int64_t due;                 /* how many are due by tx->now_ms; counting ends at `most` */
};
FZ_MUST_CHECK enum fz_result fz_event_look(struct fz_tx *tx, int64_t from_ms, int64_t most, struct fz_event_next *out);

/* The due time of the next event; FZ_ABSENT if none is planned. */
FZ_MUST_CHECK enum fz_result fz_event_next_due(struct fz_tx *tx, int64_t *due_ms);
/* How many are due up to `until_ms`; counting ends at `most`. */
FZ_MUST_CHECK enum fz_result fz_event_count_due(struct fz_tx *tx, int64_t until_ms, int64_t most,
                                                int64_t *out);

#endif
