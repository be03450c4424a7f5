/* The PostgreSQL engine: a book is opened and closed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/server/random.h"
#include "store/postgres/engine.h"

#define WRITERS 16 /* unless somebody says otherwise */

static struct fz_store *store_new(const struct fz_store_options *options)
{
    struct fz_store *store = calloc(1, sizeof *store);
    size_t writer_max = options->writers == 0 ? WRITERS : options->writers;
    struct fz_writer *writers = calloc(writer_max, sizeof *writers);
    char *address = strdup(options->path);
    if (store == NULL || writers == NULL || address == NULL) {
        free(store);
        free(writers);
        free(address);
        return NULL;
    }
    store->engine = &fz_postgres;
    store->address = address;
    store->writers = writers;
    store->writer_max = writer_max;
    store->pipelines = !options->one_by_one;
    store->prepares = !options->unprepared;
    store->world = options->world;
    store->tell = options->tell;
    store->note = options->note;
    store->another = options->another;
    store->another_argument = options->another_argument;
    store->queue_max = options->queue_max == 0 ? 4096 : options->queue_max;
    store->last = &store->first;
    fz_hosts_draw(store);
    store->health.writable = store->health.shared = true;
    pthread_mutex_init(&store->lock, NULL);
    pthread_mutex_init(&store->pooling, NULL);
    pthread_mutex_init(&store->numbering, NULL);
    pthread_mutex_init(&store->following, NULL);
    pthread_mutex_init(&store->telling, NULL);
    pthread_mutex_init(&store->looking, NULL);
    fz_ticks_condition_init(&store->arrived);
    fz_ticks_condition_init(&store->ending);
    fz_gate_open(&store->gate);
    return store;
}

static void store_free(struct fz_store *store)
{
    fz_pool_empty(store);
    fz_postgres_disconnect(&store->asking);
    fz_gate_close(&store->gate);
    pthread_cond_destroy(&store->ending);
    pthread_cond_destroy(&store->arrived);
    pthread_mutex_destroy(&store->looking);
    pthread_mutex_destroy(&store->telling);
    pthread_mutex_destroy(&store->following);
    pthread_mutex_destroy(&store->numbering);
    pthread_mutex_destroy(&store->pooling);
    pthread_mutex_destroy(&store->lock);
    free(store->writers);
    free(store->address);
    free(store);
}

/* By the connection that is there for numbers later. A copy that is being made has its schema already, and is no book that others may take for one. */
static enum fz_result prepare_book(struct fz_store *store, const struct fz_store_options *options, char *why, size_t why_size)
{
    struct fz_connection *connection = &store->asking;
    if (fz_postgres_connect_plainly(store, 0, connection) != FZ_OK) {
        snprintf(why, why_size,
                 "The book's database cannot be reached: %s. See that the server runs, takes this user, and can be written to, then start "
                 "again.",
                 connection->failure);
        return FZ_FAILED;
    }
    return options->half_made ? FZ_OK : fz_postgres_migrate(connection, options->as_it_is, why, why_size);
}

/* What was handed over is finished, unless the database is away. */
static void end_threads(struct fz_store *store)
{
    pthread_mutex_lock(&store->lock);
    store->closing = true;
    pthread_cond_broadcast(&store->arrived);
    pthread_cond_broadcast(&store->ending);
    pthread_mutex_unlock(&store->lock);
    fz_gate_end(&store->gate);
    for (size_t i = 0; i < store->writer_count; i++)
        pthread_join(store->writers[i].thread, NULL);
    if (store->watched)
        pthread_join(store->watch, NULL);
}

static enum fz_result start_threads(struct fz_store *store, char *why, size_t why_size)
{
    bool started = store->watched = pthread_create(&store->watch, NULL, fz_postgres_watch_main, store) == 0;
    for (size_t i = 0; started && i < store->writer_max; i++) {
        struct fz_writer *writer = &store->writers[i];
        writer->store = store;
        started = pthread_create(&writer->thread, NULL, fz_postgres_writer_main, writer) == 0;
        store->writer_count += started;
    }
    if (started)
        return FZ_OK;
    end_threads(store);
    snprintf(why, why_size, "The book cannot be opened: the system gives no further thread. Raise the limit, then start again.");
    return FZ_FAILED;
}

enum fz_result fz_postgres_open(const struct fz_store_options *options, struct fz_store **out, char *why, size_t why_size)
{
    struct fz_store *store = store_new(options);
    if (store == NULL) {
        snprintf(why, why_size, "The book cannot be opened: memory is short.");
        return FZ_FAILED;
    }
    fz_hosts_warn(store);
    enum fz_result result = prepare_book(store, options, why, why_size);
    if (result == FZ_OK)
        result = start_threads(store, why, why_size);
    if (result == FZ_OK)
        *out = store;
    else
        store_free(store);
    return result;
}

void fz_postgres_close(struct fz_store *store)
{
    end_threads(store);
    fz_numbers_return(store);
    store_free(store);
}
