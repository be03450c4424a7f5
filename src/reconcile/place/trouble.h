/* Why a reconciliation could not be done: the first reason that any thread met. */
#ifndef FZ_RECONCILE_PLACE_TROUBLE_H
#define FZ_RECONCILE_PLACE_TROUBLE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/result.h"

#define FZ_TROUBLE_SIZE 1024

struct fz_trouble {
    atomic_bool met; /* looked at by every thread: it then ends */
    pthread_mutex_t lock;
    char text[FZ_TROUBLE_SIZE]; /* a sentence or two */
};

void fz_trouble_begin(struct fz_trouble *trouble);
void fz_trouble_done(struct fz_trouble *trouble);
/* Keeps the first. Always FZ_FAILED. */
enum fz_result fz_trouble_say(struct fz_trouble *trouble, const char *format, ...) FZ_PRINTF(2, 3);
enum fz_result fz_trouble_memory(struct fz_trouble *trouble);

#endif
