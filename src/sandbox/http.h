/* One request to the control interface. */
#ifndef FZ_SANDBOX_HTTP_H
#define FZ_SANDBOX_HTTP_H

#include "base/text.h"

struct fz_sandbox_call {
    const char *base; /* http://127.0.0.1:PORT */
    const char *method, *path;
    const char *body; /* NULL: none */
};

/* `answer`, zeroed before, gets the body. NULL, or why there is no answer; then the status is 0. */
const char *fz_sandbox_send(const struct fz_sandbox_call *call, struct fz_text *answer, long *status);

#endif
