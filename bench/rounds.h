/* Writes each of which goes into the queue again when it is done, until time is up. */
#ifndef FZ_BENCH_ROUNDS_H
#define FZ_BENCH_ROUNDS_H

#include "store/store.h"

/* `count` of them are about to be handed over by rounds_submit. */
void rounds_begin(struct fz_store *store, double seconds, size_t count);
void rounds_submit(struct fz_write *write);
/* The last thing that a write's `done` does. */
void rounds_again(struct fz_write *write);
/* Waits for all; how often one was done. */
int64_t rounds_wait(void);

#endif
