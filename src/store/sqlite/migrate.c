/* Migrations: a new file gets the schema, an older book what it misses. */
#include <stdio.h>
#include <stdlib.h>

#include "store/dialect.h"
#include "store/sqlite/engine.h"

/* The one number that `sql` asks for. */
static int ask(struct fz_connection *connection, const char *sql, int64_t *out)
{
    sqlite3_stmt *handle = NULL;
    int code = sqlite3_prepare_v2(connection->handle, sql, -1, &handle, NULL);
    if (code == SQLITE_OK && sqlite3_step(handle) == SQLITE_ROW)
        *out = sqlite3_column_int64(handle, 0);
    int end = sqlite3_finalize(handle);
    return code == SQLITE_OK ? end : code;
}

int fz_commit_number(struct fz_connection *connection, int64_t *out)
{
    int64_t tables = 0, number = 0;
    int code = ask(connection, "SELECT count(*) FROM sqlite_schema WHERE name = 'commit_number'", &tables);
    if (code == SQLITE_OK && tables > 0)
        code = ask(connection, "SELECT COALESCE(MAX(number), 0) FROM commit_number", &number);
    if (code == SQLITE_OK)
        *out = number;
    return code;
}

int fz_commit_home(struct fz_connection *connection, int64_t *out)
{
    int64_t columns = 0;
    int code =
        ask(connection, "SELECT count(*) FROM pragma_table_info('commit_number') WHERE name = 'home'", &columns);
    *out = 0;
    if (code == SQLITE_OK && columns > 0)
        code = ask(connection, "SELECT COALESCE(MAX(home), 0) FROM commit_number", out);
    return code;
}

/* A migration is a commit like another: a copy of the file from before it does not go with a WAL from after it. */
static int count_migration(struct fz_connection *connection)
{
    int64_t number = 0;
    int code = fz_commit_number(connection, &number);
    return code != SQLITE_OK || number == 0
               ? code
               : fz_connection_script(connection, "UPDATE commit_number SET number = number + 1");
}

static int run_migration(struct fz_connection *connection, size_t number)
{
    char *script = fz_dialect_text(&fz_dialect_sqlite, fz_migrations[number]);
    int code = script == NULL ? SQLITE_NOMEM : fz_connection_script(connection, script);
    free(script);
    return code;
}

/* From schema `version` to schema `next`, its number included, in a transaction. */
static int migrate_to(struct fz_connection *connection, size_t version, size_t next)
{
    char marks[96];
    snprintf(marks, sizeof marks, "PRAGMA user_version=%zu; PRAGMA application_id=%d", next, FZ_BOOK_APPLICATION_ID);
    int code = fz_connection_control(connection, FZ_BEGIN_WRITE);
    for (size_t number = version; code == SQLITE_OK && number < next; number++)
        code = run_migration(connection, number);
    if (code == SQLITE_OK)
        code = fz_connection_script(connection, marks);
    if (code == SQLITE_OK)
        code = count_migration(connection);
    if (code == SQLITE_OK)
        code = fz_connection_control(connection, FZ_COMMIT);
    if (code != SQLITE_OK)
        fz_connection_undo(connection);
    return code;
}

static enum fz_result cannot(const struct fz_connection *connection, const char *path, int code, char *why,
                             size_t why_size)
{
    fz_book_file_explain(path, code, connection->failure, why, why_size);
    return FZ_FAILED;
}

enum fz_result fz_recognise(struct fz_connection *connection, const char *path, int64_t *version, char *why,
                            size_t why_size)
{
    int64_t found = 0, application = 0, tables = 0;
    int code = ask(connection, "PRAGMA user_version", &found);
    if (code == SQLITE_OK)
        code = ask(connection, "PRAGMA application_id", &application);
    if (code == SQLITE_OK)
        code = ask(connection, "SELECT count(*) FROM sqlite_schema", &tables);
    if (code != SQLITE_OK)
        return cannot(connection, path, code, why, why_size);
    bool fresh = found == 0 && application == 0 && tables == 0;
    bool half_made = application == FZ_COPY_APPLICATION_ID && connection->store != NULL && connection->store->half_made;
    if (!fresh && application != FZ_BOOK_APPLICATION_ID && !half_made) {
        fz_book_file_foreign(path, application, why, why_size);
        return FZ_FAILED;
    }
    if (found > (int64_t)fz_migration_count) {
        snprintf(why, why_size,
                 "The book %s comes from a newer version of this program (its schema is number %lld, this "
                 "program knows %zu). Start "
                 "the newer version.",
                 path, (long long)found, fz_migration_count);
        return FZ_FAILED;
    }
    *version = found;
    return FZ_OK;
}

enum fz_result fz_migrate(struct fz_connection *connection, const char *path, int64_t version, char *why,
                          size_t why_size)
{
    int code = SQLITE_OK;
    /* Off, so that a migration can build a table anew; it has to keep the references whole itself. */
    fz_connection_foreign_keys(connection, false);
    /* A new book takes one step: each commit waits for the disk. */
    size_t step = version == 0 ? fz_migration_count : 1;
    for (size_t at = (size_t)version; code == SQLITE_OK && at < fz_migration_count; at += step)
        code = migrate_to(connection, at, at + step);
    fz_connection_foreign_keys(connection, true);
    return code == SQLITE_OK ? FZ_OK : cannot(connection, path, code, why, why_size);
}
