/* Checks a file while it is being written: on a thread of its own, so that what was fetched is checked when it is there. */
#ifndef FZ_CLIENT_BILL_WATCH_H
#define FZ_CLIENT_BILL_WATCH_H

#include <pthread.h>

#include "client/bill/check.h"

struct fz_bill_watch {
    int file;
    enum fz_bill_kind kind;
    const EVP_MD *digest;
    bool each_cell;
    bool has_thread; /* otherwise it is checked at the end */
    pthread_t thread;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t changed;
    size_t written;     /* bytes of it that are there */
    unsigned beginning; /* counts how often it was begun anew */
    bool has_ended;
    /* the thread's, while there is one */
    struct fz_bill_check check;
    fz_error *error; /* what is wrong so far */
};

/* `file` is empty, and read by its own offset; the rest is as fz_bill_check_begin has it. */
void fz_bill_watch_begin(struct fz_bill_watch *watch, int file, enum fz_bill_kind kind, const EVP_MD *digest,
                         bool each_cell);
/* So much is there. */
void fz_bill_watch_wrote(struct fz_bill_watch *watch, size_t written);
/* It is empty again. */
void fz_bill_watch_restart(struct fz_bill_watch *watch);
/* Nothing more comes. NULL: it is good, with that hash; or what is wrong. fz_bill_watch_done either way. */
fz_error *fz_bill_watch_end(struct fz_bill_watch *watch, const char *hash);
void fz_bill_watch_done(struct fz_bill_watch *watch);

#endif
