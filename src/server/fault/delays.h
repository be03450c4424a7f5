/* Delays: a thread that calls back when a time has come, so that nobody's thread is held meanwhile. */
#ifndef FZ_SERVER_FAULT_DELAYS_H
#define FZ_SERVER_FAULT_DELAYS_H

#include <stdint.h>

#include "base/result.h"

#define FZ_DELAYS_MAX 1024 /* at once */

/* A delay; part of what waits. */
struct fz_delay {
    int64_t due_ms; /* ticks */
    void (*done)(struct fz_delay *delay);
    struct fz_delay *next;
};

struct fz_delays;

FZ_MUST_CHECK enum fz_result fz_delays_start(struct fz_delays **out);
/* `delay` is not touched any more once its `done` is called, on the delays' own thread. FZ_FULL when
 * FZ_DELAYS_MAX wait or the delays have been stopped: then it is not called. */
FZ_MUST_CHECK enum fz_result fz_delays_add(struct fz_delays *delays, struct fz_delay *delay);
/* Whatever waits is done at once; nothing is added from now on. */
void fz_delays_stop(struct fz_delays *delays);
/* After the stop, when nobody adds any more. NULL is fine. */
void fz_delays_free(struct fz_delays *delays);

#endif
