/* A batch of events: one transaction of the scheduler. */
#ifndef FZ_SERVER_SCHEDULE_BATCH_H
#define FZ_SERVER_SCHEDULE_BATCH_H

#include "book/notification/notification.h"

enum fz_batch_kind {
    FZ_BATCH_DUE,     /* what is due by the clock as it stands or runs */
    FZ_BATCH_JUMP,    /* the clock is moved to `target_ms` */
    FZ_BATCH_CATCH_UP /* the clock is moved to the real one, which runs on */
};

struct fz_batch {
    enum fz_batch_kind kind;
    int64_t target_ms; /* of a jump */
    int64_t offset_ms; /* of catching up: where the clock runs is steady time + this */
    bool frozen;       /* what is stored with the clock: how it stands apart from the move */
    bool calls_back;   /* of a jump: it halts where a callback is due */
    int64_t called_ms; /* of a jump: what was due until then has been called, or was put down too late for that */
    const char *owner; /* of a move: where several processes have the book, whose it is; NULL: nobody else has it */
    bool sets_aside;   /* the first event has failed too often: if it fails again, it is set aside */

    int64_t ran;   /* out: events */
    int64_t at_ms; /* out: book time after them */
    bool halted;   /* out: callbacks are due, those in `span` */
    struct fz_notification_span span;
    bool aside;    /* out: an event was set aside */
    bool ended;    /* out: nothing is due any more up to the target; `at_ms` is the target */
};

/* At most 1 000 events and about 30 ms, so that requests go between; a move's clock is stored with them. As
 * `work` of fz_store_write, a move's of fz_store_write_alone; the argument is a struct fz_batch. FZ_CONFLICT: somebody else has given the move up. */
FZ_MUST_CHECK enum fz_result fz_batch_run(struct fz_tx *tx, void *batch);

#endif
