/* Waiting for a server that may never answer. One that is paused, or cut off, keeps its connections open; meanwhile another may have taken
 * over. So whoever has waited for a while looks who can be written to, and lets go of a server whose time is over.
 *
 * A promotion ends a timeline, so the highest that was seen names the server whose time it is. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/postgres/engine.h"

#define LOOK_EVERY_MS 1000

void fz_patience_told(struct fz_connection *connection, const char *timeline)
{
    uint_fast64_t era = strtoul(timeline, NULL, 16), known = atomic_load(&connection->store->era);
    connection->era = era;
    while (known < era && !atomic_compare_exchange_weak(&connection->store->era, &known, era))
        continue;
}

/* Asks whoever can be written to which timeline it is on. Of several that wait one does this; what it finds is everybody's. */
static void look(struct fz_store *store)
{
    if (pthread_mutex_trylock(&store->looking) != 0)
        return;
    struct fz_connection connection;
    if (fz_postgres_connect_plainly(store, 0, &connection) == FZ_OK) {
        PGresult *rows = fz_patience_ask(&connection, "SELECT " FZ_TIMELINE, NULL, 0, fz_ticks_ms() + LOOK_EVERY_MS);
        if (PQresultStatus(rows) == PGRES_TUPLES_OK)
            fz_patience_told(&connection, PQgetvalue(rows, 0, 0));
        PQclear(rows);
    }
    fz_postgres_disconnect(&connection);
    pthread_mutex_unlock(&store->looking);
}

static bool is_over(struct fz_connection *connection)
{
    if (connection->era == atomic_load(&connection->store->era))
        look(connection->store);
    return connection->era < atomic_load(&connection->store->era);
}

static int64_t most_of(const struct fz_connection *connection)
{
    return connection->silent_ms == 0 ? FZ_SILENT_MS : connection->silent_ms;
}

/* Nobody cancels anything: it may be in a commit. */
static bool is_silent(const struct fz_connection *connection, int64_t since_ms)
{
    return !connection->patient && fz_ticks_ms() - since_ms >= most_of(connection);
}

bool fz_patience_wait(struct fz_connection *connection, int64_t until_ms)
{
    int64_t begun_ms = fz_ticks_ms();
    while (PQisBusy(connection->handle)) {
        int64_t left_ms = until_ms - fz_ticks_ms();
        if (left_ms <= 0)
            return false;
        struct pollfd socket = {.fd = PQsocket(connection->handle), .events = POLLIN};
        int64_t look_ms = most_of(connection) < LOOK_EVERY_MS ? most_of(connection) : LOOK_EVERY_MS;
        int ready = poll(&socket, 1, (int)(left_ms < look_ms ? left_ms : look_ms));
        if (ready > 0 && PQconsumeInput(connection->handle) != 1)
            return true; /* it broke: what is asked next says so */
        if (ready == 0 && until_ms == FZ_PATIENT && (is_silent(connection, begun_ms) || is_over(connection)))
            return false;
    }
    return true;
}

PGresult *fz_patience_ask(struct fz_connection *connection, const char *sql, const char *const *values, int count, int64_t until_ms)
{
    PGresult *last = NULL;
    bool goes_on = PQsendQueryParams(connection->handle, sql, count, NULL, values, NULL, NULL, 0) == 1;
    while (goes_on && fz_patience_wait(connection, until_ms)) {
        PGresult *result = PQgetResult(connection->handle);
        goes_on = result != NULL;
        if (goes_on) {
            PQclear(last);
            last = result;
        }
    }
    if (goes_on) { /* no answer: whatever comes of it, nobody reads it here */
        PQclear(last);
        last = NULL;
        connection->lost = true;
    }
    return last;
}
