/* Rounds of writes: handed over, counted, handed over again. */
#include "rounds.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ended = PTHREAD_COND_INITIALIZER;
static struct fz_store *store;
static int64_t done, end_at_us;
static size_t running;

void rounds_begin(struct fz_store *of, double seconds, size_t count)
{
    store = of;
    done = 0;
    end_at_us = fz_ticks_us() + (int64_t)(seconds * 1e6);
    running = count;
}

void rounds_submit(struct fz_write *write)
{
    if (fz_store_submit(store, write) == FZ_OK)
        return;
    fputs("bench: a write was not taken\n", stderr);
    exit(1);
}

void rounds_again(struct fz_write *write)
{
    pthread_mutex_lock(&lock);
    done++;
    bool again = fz_ticks_us() < end_at_us;
    if (!again && --running == 0)
        pthread_cond_signal(&ended);
    pthread_mutex_unlock(&lock);
    if (again)
        rounds_submit(write);
}

int64_t rounds_wait(void)
{
    pthread_mutex_lock(&lock);
    while (running > 0)
        pthread_cond_wait(&ended, &lock);
    pthread_mutex_unlock(&lock);
    return done;
}
