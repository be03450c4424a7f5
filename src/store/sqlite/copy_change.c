/* A copy becomes a book of its own, before anybody has it. */
#include <stdlib.h>
#include <string.h>

#include "store/copy.h"
#include "store/sqlite/engine.h"

static int run_work(struct fz_connection *connection, const struct fz_copy_change *change, enum fz_result *result)
{
    int code = fz_connection_control(connection, FZ_BEGIN_WRITE);
    if (code != SQLITE_OK)
        return code;
    *result = fz_connection_work(connection, change->world, change->work, change->argument, NULL);
    if (*result == FZ_OK && (code = fz_connection_control(connection, FZ_COMMIT)) == SQLITE_OK)
        return SQLITE_OK;
    fz_connection_undo(connection);
    return code;
}

/* Nothing is synced on the way: the copy is synced as a whole, or is none. */
static enum fz_result change_open(struct fz_connection *connection, const char *path, const struct fz_copy_change *change,
                                  char *why, size_t why_size)
{
    int64_t version = 0;
    enum fz_result result = fz_recognise(connection, path, &version, why, why_size);
    if (result == FZ_OK)
        result = fz_migrate(connection, path, version, why, why_size);
    if (result != FZ_OK)
        return result;
    int code = run_work(connection, change, &result);
    if (code == SQLITE_OK && result == FZ_OK)
        code = sqlite3_wal_checkpoint_v2(connection->handle, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    if (code == SQLITE_OK && result == FZ_OK)
        return FZ_OK;
    fz_book_file_explain(path, code, connection->failure, why, why_size);
    return (code & 0xFF) == SQLITE_FULL ? FZ_FULL : FZ_FAILED;
}

enum fz_result fz_copy_change(const char *path, const struct fz_copy_change *change, char *why, size_t why_size)
{
    const struct fz_store_options options = {.path = path, .world = change->world};
    struct fz_store *store = fz_store_new(&options);
    int code = store == NULL || (store->file.path = strdup(path)) == NULL
                   ? SQLITE_NOMEM
                   : fz_connection_open(store, FZ_ROLE_WRITE, &store->writing);
    if (code == SQLITE_OK)
        code = fz_connection_script(&store->writing, "PRAGMA synchronous=OFF");
    enum fz_result result = FZ_FAILED;
    if (code == SQLITE_OK)
        result = change_open(&store->writing, path, change, why, why_size);
    else
        fz_book_file_explain(path, code, store == NULL ? "memory is short" : store->writing.failure, why, why_size);
    if (store != NULL) {
        fz_connection_keep_wal(&store->writing, false); /* it is closed last; the WAL is empty */
        fz_store_free(store);
    }
    return result;
}
