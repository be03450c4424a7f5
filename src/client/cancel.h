/* Cancelling: a flag, and a handle that can be waited for. */
#ifndef FZ_CLIENT_CANCEL_H
#define FZ_CLIENT_CANCEL_H

#include <stdatomic.h>

#include "fenzhang/client.h"

struct fz_cancel {
    atomic_bool set;
    int handle; /* an eventfd: readable while it is set, for as many as wait */
};

#endif
