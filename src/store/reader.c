/* Readers: a connection each, on the calling thread. */
#include <assert.h>
#include <stdlib.h>

#include "base/text.h"
#include "store/engine.h"

struct fz_reader {
    struct fz_store *store;
    struct fz_connection connection;
};

static void count_readers(struct fz_store *store, bool more)
{
    pthread_mutex_lock(&store->lock);
    store->readers += more ? 1 : (size_t)-1;
    pthread_mutex_unlock(&store->lock);
}

enum fz_result fz_reader_open(struct fz_store *store, struct fz_reader **out)
{
    struct fz_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL)
        return FZ_FAILED;
    reader->store = store;
    if (fz_connection_open(store->file.path, store->vfs, FZ_ROLE_READ, &reader->connection) != SQLITE_OK) {
        free(reader);
        return FZ_FAILED;
    }
    count_readers(store, true);
    *out = reader;
    return FZ_OK;
}

void fz_reader_close(struct fz_reader *reader)
{
    if (reader == NULL)
        return;
    fz_connection_close(&reader->connection);
    count_readers(reader->store, false);
    free(reader);
}

void fz_reader_interrupt(struct fz_reader *reader)
{
    sqlite3_interrupt(reader->connection.handle);
}

enum fz_result fz_store_read(struct fz_reader *reader, fz_work work, void *argument, struct fz_error *error)
{
    struct fz_connection *connection = &reader->connection;
    if (fz_connection_control(connection, FZ_BEGIN_READ) != SQLITE_OK) {
        if (error != NULL) {
            *error = (struct fz_error){0};
            fz_copy(error->issue, sizeof error->issue, connection->failure);
        }
        return FZ_FAILED;
    }
    enum fz_result result = fz_connection_work(connection, reader->store->world, work, argument, error);
    /* Nothing was written, so there is nothing to keep; COMMIT only ends it, and is cheaper than ROLLBACK. */
    if (fz_connection_control(connection, FZ_COMMIT) != SQLITE_OK)
        fz_connection_undo(connection);
    return result;
}
