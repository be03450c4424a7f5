/* A file that a bill is fetched into: written as it comes, and looked at when it is whole. */
#ifndef FZ_CLIENT_BILL_SPOOL_H
#define FZ_CLIENT_BILL_SPOOL_H

#include "client/attempt.h"
#include "client/bill/watch.h"
#include "client/error.h"

struct fz_bill_spool {
    int file;
    char *path; /* of the file that is being written; NULL: it has no name any more */
    size_t size; /* written so far */
    struct fz_bill_watch *watch; /* told of what is written; NULL: nobody is */
    void *mapped;
    size_t mapped_size;
};

/* A new one beside `beside`, to become it, or (NULL) one without a name. NULL, or what is wrong. */
fz_error *fz_bill_spool_open(struct fz_bill_spool *file, const char *beside);
/* So that the body of `sending` goes into it. */
void fz_bill_spool_take(struct fz_bill_spool *file, struct fz_sending *sending);
/* The disk has all of it, so that it outlives a power failure; `path` is what errors call it. */
fz_error *fz_bill_spool_sync(struct fz_bill_spool *file, const char *path);
/* It is `path` from now on. */
fz_error *fz_bill_spool_keep(struct fz_bill_spool *file, const char *path);
/* Closes it; what was not kept is gone. */
void fz_bill_spool_done(struct fz_bill_spool *file);

#endif
