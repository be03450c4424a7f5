/* The scheduler: runs the book's events when they are due, and moves the clock.
 *
 * One thread does it, batch after batch, each a transaction (batch.c). By the clock as it stands or runs, a
 * batch runs what is due. A move of the clock is run by the events: the clock stands at the event at hand and
 * goes on to the next, so each finds its own time, and requests that come between two batches find the clock
 * where it is. There are two moves: a jump that somebody asked for, which halts where a callback is due until
 * the courier has sent it, and the catching up of a start with what fell due while nobody ran the book. An
 * event that fails is tried again, at last alone, and then set aside, so that it does not block those behind
 * it.
 *
 * Where several processes have the book, each has a scheduler. What is due they run together, several events at once (crew.c). A move is one
 * process's: the clock's row stands where it has come to, for all, the others run nothing meanwhile, and refuse another one. */
#ifndef FZ_SERVER_SCHEDULE_SCHEDULER_H
#define FZ_SERVER_SCHEDULE_SCHEDULER_H

#include "base/server/world.h"
#include "store/store.h"

struct fz_courier;
struct fz_scheduler;

/* Restores book time from the book. What fell due while nobody ran the book is caught up with first, each
 * event at its own time. `process`: a name that no other process has. */
FZ_MUST_CHECK enum fz_result fz_scheduler_start(struct fz_world *world, struct fz_store *store, const char *process,
                                                struct fz_scheduler **out);
/* From now on a jump halts where a callback is due, and has this courier (borrowed; NULL: none) send it. Not
 * during a jump. */
void fz_scheduler_call_back(struct fz_scheduler *scheduler, struct fz_courier *courier);
/* Ends the thread, between two batches: a jump under way ends with FZ_FULL, the clock stands where it came
 * to. Later calls fail. Stores the clock. */
void fz_scheduler_stop(struct fz_scheduler *scheduler);
/* After the stop, when nobody calls it any more. */
void fz_scheduler_free(struct fz_scheduler *scheduler);

/* Moves book time forward to `target_ms`, running every event in between at its own time, requests going on
 * meanwhile; then frozen or running as it was. With `callbacks` it halts where one is due until that is answered; without, they are sent when it
 * is over. Blocks until done. FZ_CONFLICT: another jump or a reset is
 * under way; FZ_MALFORMED: the target lies behind; FZ_FAILED: the book cannot be written, or the server
 * stops. */
FZ_MUST_CHECK enum fz_result fz_scheduler_jump(struct fz_scheduler *scheduler, int64_t target_ms,
                                              bool callbacks);
/* Freezes the clock or lets it run. FZ_CONFLICT during a jump or a reset. */
FZ_MUST_CHECK enum fz_result fz_scheduler_freeze(struct fz_scheduler *scheduler, bool frozen);
/* Waits until what is due now has run: for calls whose consequences follow at once. */
void fz_scheduler_await_due(struct fz_scheduler *scheduler);
/* Book time, and whether it stands: during a jump as it will be after it. As the book has it, whichever process changed it last. */
void fz_scheduler_clock(struct fz_scheduler *scheduler, int64_t *now_ms, bool *frozen);
/* The same as this process knows it, without a look into the book. */
void fz_scheduler_known_clock(struct fz_scheduler *scheduler, int64_t *now_ms, bool *frozen);

/* Since the start. */
struct fz_scheduler_figures {
    uint64_t ran, set_aside; /* events */
};
void fz_scheduler_figures(const struct fz_scheduler *scheduler, struct fz_scheduler_figures *out);

/* Holds events and jumps while `POST /reset` rebuilds the book; FZ_CONFLICT during a jump or another reset.
 */
FZ_MUST_CHECK enum fz_result fz_scheduler_pause(struct fz_scheduler *scheduler);
/* Goes on, by the clock as the world has it now. */
void fz_scheduler_resume(struct fz_scheduler *scheduler);

#endif
