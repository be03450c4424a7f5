/* The threads that control calls run on when they may take long. A call waits in a queue and is handed to
 * `done` when it has been answered. */
#ifndef FZ_SERVER_CONTROL_THREADS_H
#define FZ_SERVER_CONTROL_THREADS_H

#include "server/control/calls/routes.h"

struct fz_control_threads;

#define FZ_CLOCKS_WAITING_MAX 16 /* calls that move the clock, behind the one that does */
#define FZ_AWAITING_MAX       32 /* calls whose answer waits for a callback */

/* A call in the queue: the first member of the caller's own struct. */
struct fz_control_job {
    const struct fz_control_route *route;
    struct fz_control_call call;
    struct fz_control_job *next;
    bool has_news; /* its answer waits for a callback, of which there is something new */
};

/* `done` is called on one of the threads. New: fz_control_threads_stop. */
FZ_MUST_CHECK enum fz_result fz_control_threads_start(struct fz_store *store,
                                                      void (*done)(struct fz_control_job *job),
                                                      struct fz_control_threads **out);
/* FZ_FAILED: the threads are being stopped; FZ_FULL: so many calls that move the clock wait already. The job then
 * stays the caller's. */
FZ_MUST_CHECK enum fz_result fz_control_threads_submit(struct fz_control_threads *threads, struct fz_control_job *job);
/* Something came of that notification, or with 0 perhaps of any: calls that wait for it look. */
void fz_control_threads_news(struct fz_control_threads *threads, int64_t notification);
/* What has begun is brought to its end, an audit is broken off; what waits is refused. Every job is done
 * afterwards, and none is taken any more. */
void fz_control_threads_stop(struct fz_control_threads *threads);
/* After the stop, when nobody submits any more. */
void fz_control_threads_free(struct fz_control_threads *threads);

#endif
