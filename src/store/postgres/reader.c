/* Readers: each has a connection while it reads, and another one if that was lost. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/text.h"
#include "store/postgres/engine.h"

#define TRIES 3 /* connections that one read may lose */

enum fz_result fz_postgres_reader_open(struct fz_store *store, struct fz_reader **out)
{
    struct fz_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL)
        return FZ_FAILED;
    reader->engine = &fz_postgres;
    reader->store = store;
    pthread_mutex_init(&reader->lock, NULL);
    *out = reader;
    return FZ_OK;
}

/* Whether the connection before was interrupted. */
static bool set_cancel(struct fz_reader *reader, PGcancel *cancel)
{
    pthread_mutex_lock(&reader->lock);
    PQfreeCancel(reader->cancel);
    reader->cancel = cancel;
    bool interrupted = reader->interrupted;
    reader->interrupted = false;
    pthread_mutex_unlock(&reader->lock);
    return interrupted;
}

/* An interruption may reach the server when the next one is at work, who must not be interrupted: it may be in a commit. */
static void let_go(struct fz_reader *reader)
{
    if (set_cancel(reader, NULL))
        fz_postgres_disconnect(&reader->connection);
    else
        fz_pool_give(&reader->connection);
}

void fz_postgres_reader_close(struct fz_reader *reader)
{
    pthread_mutex_destroy(&reader->lock);
    free(reader);
}

void fz_postgres_reader_interrupt(struct fz_reader *reader)
{
    char why[256];
    pthread_mutex_lock(&reader->lock);
    if (reader->cancel != NULL) {
        reader->interrupted = true;
        (void)PQcancel(reader->cancel, why, sizeof why);
    }
    pthread_mutex_unlock(&reader->lock);
}

void fz_postgres_reader_wait(struct fz_reader *reader, int64_t wait_ms)
{
    reader->wait_ms = wait_ms;
}

void fz_postgres_reader_hurry(struct fz_reader *reader, int64_t most_ms)
{
    reader->most_ms = most_ms;
}

static enum fz_result connect(struct fz_reader *reader, int64_t until_ms)
{
    struct fz_connection *connection = &reader->connection;
    (void)set_cancel(reader, NULL);
    enum fz_result result = fz_pool_take(reader->store, until_ms, connection);
    connection->silent_ms = reader->most_ms;
    if (result == FZ_OK)
        (void)set_cancel(reader, PQgetCancel(connection->handle));
    return result;
}

static enum fz_result connect_or_tell(struct fz_reader *reader, int64_t until_ms, struct fz_error *error)
{
    if (connect(reader, until_ms) == FZ_OK)
        return FZ_OK;
    *error = (struct fz_error){0};
    fz_copy(error->issue, sizeof error->issue, reader->connection.failure);
    return FZ_FULL;
}

enum fz_result fz_postgres_pass_day(struct fz_reader *reader, int day, int64_t most_ms, struct fz_error *error)
{
    int64_t until_ms = fz_ticks_ms() + reader->wait_ms;
    enum fz_result result = FZ_FAILED;
    for (int i = 0; i < TRIES; i++) {
        result = connect_or_tell(reader, until_ms, error);
        if (result == FZ_OK)
            result = fz_holders_pass(&reader->connection, day, most_ms, error);
        if (result != FZ_FAILED || !reader->connection.lost)
            break;
    }
    let_go(reader);
    return result;
}

enum fz_result fz_postgres_read(struct fz_reader *reader, fz_ahead ahead, fz_work work, void *argument, struct fz_error *error)
{
    struct fz_error scratch;
    if (error == NULL)
        error = &scratch;
    enum fz_result result = FZ_FAILED;
    int64_t until_ms = fz_ticks_ms() + reader->wait_ms;
    for (int i = 0; i < TRIES; i++) {
        if (connect_or_tell(reader, until_ms, error) != FZ_OK)
            return FZ_FULL;
        result = fz_transaction_read(&reader->connection, ahead, work, argument, error);
        if (!reader->connection.lost || (reader->most_ms != 0 && fz_ticks_ms() >= until_ms + reader->most_ms))
            break;
    }
    let_go(reader);
    return result;
}
