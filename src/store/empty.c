/* A sandbox's reset: every row of every table goes. */
#include "store/engine.h"

/* Table names come from the schema, not from FZ_STATEMENT. With foreign keys off SQLite drops a table's pages
 * as a whole. */
enum fz_result fz_empty_work(struct fz_tx *tx, void *argument)
{
    (void)argument;
    sqlite3 *handle = tx->connection->handle;
    sqlite3_stmt *tables = NULL;
    int code = sqlite3_prepare_v2(handle,
                                  "SELECT 'DELETE FROM \"' || name || '\"' FROM sqlite_schema"
                                  " WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_' ORDER BY name",
                                  -1, &tables, NULL);
    while (code == SQLITE_OK && (code = sqlite3_step(tables)) == SQLITE_ROW)
        code = sqlite3_exec(handle, (const char *)sqlite3_column_text(tables, 0), NULL, NULL, NULL);
    if (code != SQLITE_DONE)
        fz_connection_fail(tx->connection, "empty the book");
    sqlite3_finalize(tables);
    return code == SQLITE_DONE ? FZ_OK : FZ_FAILED;
}

enum fz_result fz_store_empty(struct fz_store *store)
{
    return fz_store_write(store, fz_empty_work, NULL, NULL);
}
