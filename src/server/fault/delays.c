/* Delays: a list in the order of the due times, and the thread that waits for its head. */
#include "server/fault/delays.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/clock.h"

struct fz_delays {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t thread;
    struct fz_delay *first;
    size_t count;
    bool stopping;
};

/* Takes the head off if it is due; how long it still waits otherwise. */
static struct fz_delay *take_due(struct fz_delays *delays, int64_t *wait_ms)
{
    struct fz_delay *first = delays->first;
    *wait_ms = first->due_ms - fz_ticks_ms();
    if (*wait_ms > 0 && !delays->stopping)
        return NULL;
    delays->first = first->next;
    delays->count--;
    return first;
}

/* The next that is due; NULL when there will be none. */
static struct fz_delay *take(struct fz_delays *delays)
{
    struct fz_delay *taken = NULL;
    int64_t wait_ms;
    pthread_mutex_lock(&delays->lock);
    while (delays->first != NULL || !delays->stopping) {
        if (delays->first == NULL) {
            pthread_cond_wait(&delays->changed, &delays->lock);
            continue;
        }
        taken = take_due(delays, &wait_ms);
        if (taken != NULL)
            break;
        struct timespec due = fz_ticks_after(wait_ms);
        (void)pthread_cond_timedwait(&delays->changed, &delays->lock, &due);
    }
    pthread_mutex_unlock(&delays->lock);
    return taken;
}

static void *run(void *argument)
{
    struct fz_delay *delay;
    while ((delay = take(argument)) != NULL)
        delay->done(delay);
    return NULL;
}

enum fz_result fz_delays_start(struct fz_delays **out)
{
    struct fz_delays *delays = calloc(1, sizeof *delays);
    if (delays == NULL)
        return FZ_FAILED;
    pthread_mutex_init(&delays->lock, NULL);
    fz_ticks_condition_init(&delays->changed);
    if (pthread_create(&delays->thread, NULL, run, delays) != 0) {
        fz_delays_free(delays);
        return FZ_FAILED;
    }
    *out = delays;
    return FZ_OK;
}

enum fz_result fz_delays_add(struct fz_delays *delays, struct fz_delay *delay)
{
    pthread_mutex_lock(&delays->lock);
    bool taken = !delays->stopping && delays->count < FZ_DELAYS_MAX;
    if (taken) {
        struct fz_delay **place = &delays->first;
        while (*place != NULL && (*place)->due_ms <= delay->due_ms)
            place = &(*place)->next;
        delay->next = *place;
        *place = delay;
        delays->count++;
        pthread_cond_signal(&delays->changed);
    }
    pthread_mutex_unlock(&delays->lock);
    return taken ? FZ_OK : FZ_FULL;
}

void fz_delays_stop(struct fz_delays *delays)
{
    pthread_mutex_lock(&delays->lock);
    delays->stopping = true;
    pthread_cond_signal(&delays->changed);
    pthread_mutex_unlock(&delays->lock);
    pthread_join(delays->thread, NULL);
}

void fz_delays_free(struct fz_delays *delays)
{
    if (delays == NULL)
        return;
    pthread_cond_destroy(&delays->changed);
    pthread_mutex_destroy(&delays->lock);
    free(delays);
}
