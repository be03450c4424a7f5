/* The rows of another book come into this one's place: POST /snapshots/NAME/restore.
 *
 * That book lies in a file by itself. It is attached to the writer's connection for the time of the transaction, which has
 * emptied every table before. Both have the same schema, so SQLite copies a table as it stands, with its indices. What is wrong
 * with that file is no damage of this one. */
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "store/sqlite/engine.h"

#define ATTACHED "snapshot"

static enum fz_result fail(struct fz_connection *connection, const char *what)
{
    connection->failed = true;
    snprintf(connection->failure, sizeof connection->failure, "%s: %s", what, sqlite3_errmsg(connection->handle));
    connection->error->row = FZ_ROW_NONE;
    fz_copy(connection->error->issue, sizeof connection->error->issue, connection->failure);
    return FZ_FAILED;
}

/* It stays attached when the work is run a second time. */
static int attach(sqlite3 *handle, const char *path)
{
    if (sqlite3_db_filename(handle, ATTACHED) != NULL)
        return SQLITE_OK;
    char *uri = fz_immutable_uri(path), *sql = uri == NULL ? NULL : sqlite3_mprintf("ATTACH %Q AS " ATTACHED, uri);
    int code = sql == NULL ? SQLITE_NOMEM : sqlite3_exec(handle, sql, NULL, NULL, NULL);
    sqlite3_free(sql);
    free(uri);
    return code;
}

static int copy_tables(sqlite3 *handle)
{
    sqlite3_stmt *tables = NULL;
    int code = sqlite3_prepare_v2(handle,
                                  "SELECT format('INSERT INTO main.\"%w\" SELECT * FROM " ATTACHED ".\"%w\"', name, name)"
                                  " FROM main.sqlite_schema WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_' ORDER BY name",
                                  -1, &tables, NULL);
    while (code == SQLITE_OK && (code = sqlite3_step(tables)) == SQLITE_ROW)
        code = sqlite3_exec(handle, (const char *)sqlite3_column_text(tables, 0), NULL, NULL, NULL);
    sqlite3_finalize(tables);
    return code;
}

enum fz_result fz_refill(struct fz_connection *connection, const char *path)
{
    if (attach(connection->handle, path) != SQLITE_OK)
        return fail(connection, "open the snapshot");
    return copy_tables(connection->handle) == SQLITE_DONE ? FZ_OK : fail(connection, "copy the snapshot");
}

void fz_refill_done(struct fz_connection *connection)
{
    if (connection->handle != NULL && sqlite3_db_filename(connection->handle, ATTACHED) != NULL)
        (void)sqlite3_exec(connection->handle, "DETACH " ATTACHED, NULL, NULL, NULL);
}
