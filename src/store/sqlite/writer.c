/* The writer: a queue of writes, and the thread that takes all that wait and commits them together. */
#include <assert.h>
#include <errno.h>
#include <semaphore.h>
#include <time.h>

#include "store/sqlite/engine.h"

/* While the last commit failed and nobody writes, the writer tries by itself whether it goes again. */
#define RECOVER_EVERY_MS 1000

/* How long the writer lets others come: so many moments of so long; two in which nobody came are the last. */
#define GATHER_MOMENTS 8
#define GATHER_US      500
#define GATHER_UP_TO   32

enum fz_result fz_sqlite_submit(struct fz_store *store, struct fz_write *write)
{
    enum fz_result result = FZ_FULL;
    pthread_mutex_lock(&store->lock);
    if (!store->closing && store->health.waiting < store->queue_max) {
        write->next = NULL;
        *store->last = write;
        store->last = &write->next;
        store->health.waiting++;
        pthread_cond_signal(&store->arrived);
        result = FZ_OK;
    }
    pthread_mutex_unlock(&store->lock);
    return result;
}

void fz_sqlite_answering(struct fz_store *store)
{
    atomic_fetch_add(&store->answering, 1);
}

void fz_sqlite_answered(struct fz_store *store)
{
    atomic_fetch_sub(&store->answering, 1);
}

/* How many go into the next group. Of many that wait, half: if all went at once, all would be answered at once, and come
 * again at once, so that whoever signs the answers waits for the disk and the disk for him. Halves take turns. */
static size_t group_size(const struct fz_store *store)
{
    size_t half = store->health.waiting / 2, size = half > GATHER_UP_TO ? half : GATHER_UP_TO;
    return size < FZ_GROUP_MAX ? size : FZ_GROUP_MAX;
}

/* Takes from the front. Emptying the book goes alone; as the queue is served in order, it cannot be passed
 * over for long. */
static size_t take(struct fz_store *store, struct fz_write **group)
{
    size_t count = 0, size = group_size(store);
    while (store->first != NULL && count < size) {
        struct fz_write *write = store->first;
        bool alone = write->work == fz_empty_work;
        if (alone && count > 0)
            break;
        store->first = write->next;
        if (store->first == NULL)
            store->last = &store->first;
        store->health.waiting--;
        group[count++] = write;
        if (alone)
            break;
    }
    return count;
}

/* Whether fewer wait than are being answered, who will come again. The CPU that a commit takes, as much as ten refunds, is
 * then better shared with them than spent again on each few; and nobody is idle meanwhile, for answers have to be signed. */
static bool more_will_come(const struct fz_store *store)
{
    size_t waiting = store->health.waiting;
    return waiting < GATHER_UP_TO && waiting < atomic_load(&store->answering);
}

static void let_gather(struct fz_store *store)
{
    static const struct timespec moment = {.tv_nsec = GATHER_US * 1000};
    if (store->first == NULL)
        return;
    store->busy = true; /* whoever wants it to hold still waits for this group */
    for (int i = 0, quiet = 0; i < GATHER_MOMENTS && quiet < 2 && more_will_come(store); i++) {
        size_t before = store->health.waiting;
        pthread_mutex_unlock(&store->lock);
        nanosleep(&moment, NULL);
        pthread_mutex_lock(&store->lock);
        quiet = store->health.waiting > before ? 0 : quiet + 1;
    }
}

/* Waits for work. Returns false when there will be none any more; `count` 0 means: time to see whether the
 * file is well again. */
static bool wait_for_group(struct fz_store *store, struct fz_write **group, size_t *count)
{
    pthread_mutex_lock(&store->lock);
    store->busy = false;
    if (store->hold)
        pthread_cond_signal(&store->still);
    bool timed_out = false;
    while (store->hold || (store->first == NULL && !store->closing && !timed_out)) {
        if (store->hold || store->health.writable) {
            pthread_cond_wait(&store->arrived, &store->lock);
        } else {
            struct timespec until = fz_ticks_after(RECOVER_EVERY_MS);
            timed_out = pthread_cond_timedwait(&store->arrived, &store->lock, &until) == ETIMEDOUT;
        }
    }
    let_gather(store);
    *count = take(store, group);
    bool more = *count > 0 || !store->closing;
    store->busy = more;
    pthread_mutex_unlock(&store->lock);
    return more;
}

void *fz_writer_main(void *argument)
{
    struct fz_store *store = argument;
    struct fz_write *group[FZ_GROUP_MAX];
    enum fz_result results[FZ_GROUP_MAX];
    size_t count = 0;
    while (wait_for_group(store, group, &count)) {
        if (count == 0) {
            (void)fz_group_recover(store);
            continue;
        }
        fz_group_run(store, group, count, results);
        for (size_t i = 0; i < count; i++)
            group[i]->done(group[i], results[i]); /* from here on the write may be gone, or wait again */
    }
    return NULL;
}

void fz_sqlite_health(struct fz_store *store, struct fz_store_health *out)
{
    pthread_mutex_lock(&store->lock);
    *out = store->health;
    pthread_mutex_unlock(&store->lock);
    out->damaged = atomic_load(&store->damaged);
}
