/* Readers: a connection each, on the calling thread.
 *
 * To begin and end a transaction costs two system calls (SQLite's lock on the WAL, taken and given back), and
 * most reads come with nothing written since the one before. So a reader keeps its transaction when its work is
 * done and goes on in it as long as no commit has come. The writer counts a commit before it answers it, so
 * whoever reads after an answer reads what was written.
 *
 * A transaction that is kept must not stand in the way of a checkpoint: before one begins, all that are idle are
 * ended, and until it is over none is kept. */
#include <stdlib.h>

#include "base/text.h"
#include "store/sqlite/engine.h"

struct fz_reader {
    const struct fz_engine *engine;
    struct fz_store *store;
    struct fz_reader *next; /* under store->lock */
    struct fz_connection connection;

    pthread_mutex_t lock; /* for what follows: the checkpointer may end a transaction that is kept */
    enum { NEVER_USED, NO_TRANSACTION, AT_WORK, KEPT } state;
    uint64_t changes; /* commits there were before the transaction began */
};

static void list_reader(struct fz_store *store, struct fz_reader *reader)
{
    pthread_mutex_lock(&store->lock);
    reader->next = store->readers;
    store->readers = reader;
    pthread_mutex_unlock(&store->lock);
}

static void unlist_reader(struct fz_store *store, struct fz_reader *reader)
{
    pthread_mutex_lock(&store->lock);
    struct fz_reader **at = &store->readers;
    while (*at != reader)
        at = &(*at)->next;
    *at = reader->next;
    pthread_mutex_unlock(&store->lock);
}

enum fz_result fz_sqlite_reader_open(struct fz_store *store, struct fz_reader **out)
{
    struct fz_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL)
        return FZ_FAILED;
    reader->engine = &fz_sqlite;
    reader->store = store;
    if (fz_connection_open(store, FZ_ROLE_READ, &reader->connection) != SQLITE_OK) {
        free(reader);
        return FZ_FAILED;
    }
    pthread_mutex_init(&reader->lock, NULL);
    list_reader(store, reader);
    *out = reader;
    return FZ_OK;
}

void fz_sqlite_reader_close(struct fz_reader *reader)
{
    unlist_reader(reader->store, reader);
    fz_connection_close(&reader->connection);
    pthread_mutex_destroy(&reader->lock);
    free(reader);
}

void fz_sqlite_reader_interrupt(struct fz_reader *reader)
{
    sqlite3_interrupt(reader->connection.handle);
}

/* Nothing was written, so there is nothing to keep; COMMIT only ends it, and is cheaper than ROLLBACK. */
static void end_transaction(struct fz_reader *reader)
{
    if (fz_connection_control(&reader->connection, FZ_COMMIT) != SQLITE_OK)
        fz_connection_undo(&reader->connection);
    reader->state = NO_TRANSACTION;
}

/* A new transaction reads a book of its own, which no other of this process is said to have read. */
static int begin_transaction(struct fz_connection *connection)
{
    static atomic_uint_fast64_t snapshots;
    connection->snapshot = atomic_fetch_add(&snapshots, 1) + 1;
    return fz_connection_control(connection, FZ_BEGIN_READ);
}

/* A SQLite code. Commits are counted before the transaction begins: one that comes in between is seen, and
 * costs a transaction that need not have been begun anew. */
static int begin(struct fz_reader *reader)
{
    int code = SQLITE_OK;
    pthread_mutex_lock(&reader->lock);
    uint64_t changes = atomic_load(&reader->store->changes);
    if (reader->state == KEPT && reader->changes != changes)
        end_transaction(reader);
    if (reader->state == NEVER_USED)
        code = fz_connection_use(&reader->connection, FZ_ROLE_READ);
    if (code == SQLITE_OK && reader->state <= NO_TRANSACTION)
        code = begin_transaction(&reader->connection);
    if (code == SQLITE_OK) {
        reader->changes = changes;
        reader->state = AT_WORK;
    }
    pthread_mutex_unlock(&reader->lock);
    return code;
}

static void end(struct fz_reader *reader, bool keep)
{
    pthread_mutex_lock(&reader->lock);
    if (keep && !atomic_load(&reader->store->keep_none))
        reader->state = KEPT;
    else
        end_transaction(reader);
    pthread_mutex_unlock(&reader->lock);
}

void fz_readers_let_go(struct fz_store *store)
{
    atomic_store(&store->keep_none, true);
    pthread_mutex_lock(&store->lock);
    for (struct fz_reader *reader = store->readers; reader != NULL; reader = reader->next) {
        pthread_mutex_lock(&reader->lock);
        if (reader->state == KEPT)
            end_transaction(reader);
        pthread_mutex_unlock(&reader->lock);
    }
    pthread_mutex_unlock(&store->lock);
}

void fz_readers_may_keep(struct fz_store *store)
{
    atomic_store(&store->keep_none, false);
}

static enum fz_result read_once(struct fz_reader *reader, fz_work work, void *argument, struct fz_error *error)
{
    struct fz_connection *connection = &reader->connection;
    if (begin(reader) != SQLITE_OK) {
        if (error != NULL) {
            *error = (struct fz_error){0};
            fz_copy(error->issue, sizeof error->issue, connection->failure);
        }
        return FZ_FAILED;
    }
    enum fz_result result = fz_connection_work(connection, reader->store->world, work, argument, error);
    /* An I/O error may have ended the transaction; after one, what is kept is not to be trusted. */
    end(reader, !connection->failed && !sqlite3_get_autocommit(connection->handle));
    return result;
}

enum fz_result fz_sqlite_read(struct fz_reader *reader, fz_ahead ahead, fz_work work, void *argument, struct fz_error *error)
{
    (void)ahead;
    enum fz_result result;
    uint64_t renewals;
    do {
        renewals = fz_renewal_await(reader->store);
        result = read_once(reader, work, argument, error);
    } while (fz_renewal_came(reader->store, renewals));
    return result;
}
