/* Connections that nobody uses at the moment. Each costs the server a process, which has to get to know the book's tables and statements first; so
 * whoever needs one takes the one that was given back last, and there are no more of them than were in use at one time. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "store/postgres/engine.h"

#define HOLDS_MS 500 /* a process looks at the whole book ten times as often: schedule/shared.c */

struct fz_idle {
    struct fz_connection connection;
    struct fz_idle *next;
};

static struct fz_idle *taken_out(struct fz_store *store)
{
    pthread_mutex_lock(&store->pooling);
    struct fz_idle *idle = store->idle;
    if (idle != NULL)
        store->idle = idle->next;
    pthread_mutex_unlock(&store->pooling);
    return idle;
}

void fz_pool_empty(struct fz_store *store)
{
    pthread_mutex_lock(&store->pooling);
    struct fz_idle *first = store->idle;
    store->idle = NULL;
    store->known = (struct fz_known){0};
    store->known_ms = 0;
    pthread_mutex_unlock(&store->pooling);
    for (struct fz_idle *idle = first; idle != NULL; idle = first) {
        first = idle->next;
        fz_postgres_disconnect(&idle->connection);
        free(idle);
    }
}

enum fz_result fz_pool_take(struct fz_store *store, int64_t until_ms, struct fz_connection *connection)
{
    if (connection->handle != NULL && !connection->lost)
        return FZ_OK;
    if (connection->lost)
        fz_pool_empty(store);
    fz_postgres_disconnect(connection);
    struct fz_idle *idle = taken_out(store);
    if (idle == NULL)
        return fz_postgres_connect(store, until_ms, connection);
    fz_postgres_move(&idle->connection, connection);
    free(idle);
    return FZ_OK;
}

void fz_pool_give(struct fz_connection *connection)
{
    struct fz_store *store = connection->store;
    struct fz_idle *idle = connection->handle == NULL || connection->lost ? NULL : malloc(sizeof *idle);
    if (idle == NULL) {
        fz_postgres_disconnect(connection);
        return;
    }
    fz_postgres_move(connection, &idle->connection);
    pthread_mutex_lock(&store->pooling);
    idle->next = store->idle;
    store->idle = idle;
    pthread_mutex_unlock(&store->pooling);
}

void fz_pool_know(struct fz_store *store, int64_t asked_ms, const char *book, int64_t changes, struct fz_known *out)
{
    static atomic_uint_fast64_t snapshots;
    pthread_mutex_lock(&store->pooling);
    *out = store->known;
    if (out->snapshot == 0 || out->changes != changes || strcmp(out->book, book) != 0 || book[0] == '\0') {
        fz_copy(out->book, sizeof out->book, book);
        out->changes = changes;
        out->snapshot = atomic_fetch_add(&snapshots, 1) + 1;
    }
    if (asked_ms >= store->known_ms) { /* or it saw an earlier state than who said last what is known */
        store->known = *out;
        store->known_ms = asked_ms;
    }
    pthread_mutex_unlock(&store->pooling);
}

bool fz_pool_recall(struct fz_store *store, struct fz_known *out)
{
    pthread_mutex_lock(&store->pooling);
    *out = store->known;
    bool holds = out->snapshot != 0 && fz_ticks_ms() - store->known_ms < HOLDS_MS;
    pthread_mutex_unlock(&store->pooling);
    return holds;
}
