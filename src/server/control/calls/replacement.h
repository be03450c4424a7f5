/* Another book comes in the place of this one: what POST /reset and POST /snapshots/NAME/restore have in common. */
#ifndef FZ_SERVER_CONTROL_CALLS_REPLACEMENT_H
#define FZ_SERVER_CONTROL_CALLS_REPLACEMENT_H

#include "server/control/calls/routes.h"

struct fz_replacement {
    const char *undone; /* how it is said that nothing came of it: "The book was not reset" */
    /* Puts the other book there, and all that lies beside it. FZ_MALFORMED: what was asked cannot be. */
    enum fz_result (*put)(struct fz_control_call *call, void *argument, char *why, size_t why_size);
    void *argument;
};

/* Has it done while events and callbacks stand still, and answers: with the clock. */
void fz_control_replace(struct fz_control_call *call, const struct fz_replacement *replacement);

/* Holds events and moves of the clock; false: the call is answered. Then fz_scheduler_resume. */
bool fz_control_pause(struct fz_control_call *call, const char *undone);

#endif
