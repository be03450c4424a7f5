/* Writers: so many threads as there may be connections that write, each with one write in hand. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"
#include "store/postgres/engine.h"

#define TRIES         5    /* of one write that others were in the way of */
#define BACK_OFF_US   4000 /* before the second try, at most; doubled before each further one */

static void pause_us(int64_t us)
{
    nanosleep(&(struct timespec){.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000}, NULL);
}

enum fz_result fz_postgres_submit(struct fz_store *store, struct fz_write *write)
{
    enum fz_result result = FZ_FULL;
    pthread_mutex_lock(&store->lock);
    if (!store->closing && store->health.waiting < store->queue_max) {
        write->next = NULL;
        write->until_ms = fz_ticks_ms() + FZ_WAIT_MS;
        *store->last = write;
        store->last = &write->next;
        store->health.waiting++;
        pthread_cond_signal(&store->arrived);
        result = FZ_OK;
    }
    pthread_mutex_unlock(&store->lock);
    return result;
}

struct fz_write *fz_postgres_take_first(struct fz_store *store)
{
    struct fz_write *write = store->first;
    if (write == NULL)
        return NULL;
    store->first = write->next;
    if (store->first == NULL)
        store->last = &store->first;
    store->health.waiting--;
    return write;
}

/* The next one; NULL when there will be none any more. */
static struct fz_write *take(struct fz_store *store)
{
    pthread_mutex_lock(&store->lock);
    while (store->first == NULL && !store->closing)
        pthread_cond_wait(&store->arrived, &store->lock);
    struct fz_write *write = fz_postgres_take_first(store);
    store->health.running += write != NULL;
    pthread_mutex_unlock(&store->lock);
    return write;
}

static void note(struct fz_store *store, bool kept)
{
    pthread_mutex_lock(&store->lock);
    store->health.running--;
    store->health.writable = kept;
    store->health.commits += kept;
    store->health.writes += kept;
    store->health.failed_commits += !kept;
    pthread_mutex_unlock(&store->lock);
}

static void back_off(int tries)
{
    uint32_t jitter = 0;
    fz_random(&jitter, sizeof jitter);
    pause_us(jitter % (BACK_OFF_US << (tries - 1)));
}

static enum fz_result settle(struct fz_writer *writer, enum fz_result done)
{
    const struct fz_connection *connection = &writer->connection;
    if (connection->warned) /* it is there, and a standby that takes over may not have it */
        return FZ_UNKNOWN;
    enum fz_result result = fz_doubt_settle(writer->store, connection->transaction, connection->timeline);
    return result == FZ_OK ? done : result;
}

/* Whatever it is tried for, nothing of it is done unless the end says so: FZ_FULL, it was not, and its time is over. */
static enum fz_result run(struct fz_writer *writer, struct fz_write *write, struct fz_error *error)
{
    enum fz_result result = FZ_FAILED;
    for (int tries = 0; tries < TRIES; tries++) {
        if (tries > 0)
            back_off(tries);
        if (fz_ticks_ms() >= write->until_ms || fz_pool_take(writer->store, write->until_ms, &writer->connection) != FZ_OK)
            return FZ_FULL;
        writer->connection.silent_ms = 0;
        writer->connection.ahead = write->ahead;
        writer->connection.careful = tries > 0;
        writer->connection.alone = write->alone;
        switch (fz_transaction_write(&writer->connection, write->work, write->argument, error, &result)) {
        case FZ_END_UNDONE:
            if (strcmp(writer->connection.state, "55P03") == 0) /* others had a row for as long as a write may wait */
                return FZ_FULL;
            return result == FZ_FULL ? FZ_FAILED : result;
        case FZ_END_DONE:
            return result == FZ_FULL ? FZ_FAILED : result;
        case FZ_END_DOUBTFUL:
            result = settle(writer, FZ_OK);
            if (result != FZ_FAILED)
                return result;
            break;
        case FZ_END_AGAIN:
        case FZ_END_LOST:
            break;
        }
    }
    return FZ_FAILED;
}

void *fz_postgres_writer_main(void *argument)
{
    struct fz_writer *writer = argument;
    for (struct fz_write *write = take(writer->store); write != NULL; write = take(writer->store)) {
        struct fz_error scratch, *error = write->error == NULL ? &scratch : write->error;
        enum fz_result result = run(writer, write, error);
        bool broke = result == FZ_FAILED || result == FZ_UNKNOWN || result == FZ_FULL;
        note(writer->store, !broke || !writer->connection.lost);
        if (broke) {
            *error = (struct fz_error){0};
            fz_copy(error->issue, sizeof error->issue, writer->connection.failure);
        }
        fz_pool_give(&writer->connection);
        write->done(write, result); /* from here on the write may be gone, or wait again */
    }
    return NULL;
}

void fz_postgres_health(struct fz_store *store, struct fz_store_health *out)
{
    pthread_mutex_lock(&store->lock);
    *out = store->health;
    pthread_mutex_unlock(&store->lock);
    out->outdated = atomic_load(&store->outdated);
    out->writable = out->writable && !out->outdated;
}
