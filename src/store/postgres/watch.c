/* The watch: answers writes that have waited too long, and looks once a second whether the database is there, so that GET /health knows it
 * without any request that has to fail first. */
#include "base/clock.h"
#include "store/postgres/engine.h"

#define EVERY_MS 250
#define LOOK_MS  1000

/* The oldest write, if its time is over. */
static struct fz_write *take_expired(struct fz_store *store)
{
    pthread_mutex_lock(&store->lock);
    bool expired = store->first != NULL && fz_ticks_ms() >= store->first->until_ms;
    struct fz_write *write = expired ? fz_postgres_take_first(store) : NULL;
    pthread_mutex_unlock(&store->lock);
    return write;
}

/* All writers may be at work with a server that no longer says anything. */
static void answer_expired(struct fz_store *store)
{
    for (struct fz_write *write = take_expired(store); write != NULL; write = take_expired(store))
        write->done(write, FZ_FULL);
}

static void look(struct fz_store *store)
{
    bool there = fz_numbers_look(store);
    pthread_mutex_lock(&store->lock);
    store->health.writable = there;
    pthread_mutex_unlock(&store->lock);
}

/* false: it ends. */
static bool pause_a_little(struct fz_store *store)
{
    const struct timespec until = fz_ticks_after(EVERY_MS);
    pthread_mutex_lock(&store->lock);
    if (!store->closing)
        (void)pthread_cond_timedwait(&store->ending, &store->lock, &until);
    bool goes_on = !store->closing;
    pthread_mutex_unlock(&store->lock);
    return goes_on;
}

void *fz_postgres_watch_main(void *argument)
{
    struct fz_store *store = argument;
    int64_t looked_ms = fz_ticks_ms();
    while (pause_a_little(store)) {
        answer_expired(store);
        if (fz_ticks_ms() - looked_ms < LOOK_MS)
            continue;
        look(store);
        looked_ms = fz_ticks_ms();
    }
    return NULL;
}
