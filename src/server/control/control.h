/* The control interface (JSON over HTTP or HTTPS): its own daemon and thread, a second thread for long calls.
 * One file a noun: control/calls/clock.c … */
#ifndef FZ_SERVER_CONTROL_CONTROL_H
#define FZ_SERVER_CONTROL_CONTROL_H

#include "server/control/guard.h"
#include "server/control/request/call.h"

struct fz_control;

/* What it works with; all borrowed. */
struct fz_control_setup {
    struct fz_control_guard_setup guard;
    struct fz_control_parts parts; /* but for the control interface's own */
};

/* Starts on `socket` (taken over): in plain HTTP on loopback, else in TLS. */
FZ_MUST_CHECK enum fz_result fz_control_start(const struct fz_control_setup *setup, int socket,
                                              struct fz_control **out, char *why, size_t why_size);
void fz_control_stop(struct fz_control *control);

#endif
