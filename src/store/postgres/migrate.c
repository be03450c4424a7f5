/* Migrations: the schema of every engine, and what this one needs beside it. Ten processes may start at once: one migrates, under the only
 * lock whose name does not depend on what it guards, and the others find it done. */
#include <stdio.h>
#include <stdlib.h>

#include "store/dialect.h"
#include "store/postgres/engine.h"

/* `numbering` has the next row number of each table that nobody has taken (numbering.c). */
static const char beside[] = "CREATE TABLE IF NOT EXISTS schema_version (id BIGINT PRIMARY KEY CHECK (id = 1), version BIGINT NOT NULL);"
                             "CREATE TABLE IF NOT EXISTS numbering (name TEXT COLLATE \"C\" PRIMARY KEY, next BIGINT NOT NULL)"
                             " WITH (fillfactor = 50);"
                             "INSERT INTO schema_version (id, version) VALUES (1, 0) ON CONFLICT (id) DO NOTHING;";

static bool run(struct fz_connection *connection, const char *sql)
{
    PGresult *done = PQexec(connection->handle, sql);
    ExecStatusType status = PQresultStatus(done);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        fz_postgres_fail(connection, "migrate", done);
    PQclear(done);
    return !connection->failed;
}

static bool version_of(struct fz_connection *connection, int64_t *out)
{
    PGresult *rows = PQexecParams(connection->handle, "SELECT version FROM schema_version WHERE id = 1", 0, NULL, NULL, NULL, NULL, 1);
    bool found = PQresultStatus(rows) == PGRES_TUPLES_OK && PQntuples(rows) == 1;
    if (found)
        *out = fz_postgres_number(rows, 0, 0);
    else
        fz_postgres_fail(connection, "read the schema's number", rows);
    PQclear(rows);
    return found;
}

static bool migrate_by_one(struct fz_connection *connection, size_t version)
{
    char *script = fz_dialect_text(&fz_dialect_postgres_schema, fz_migrations[version]), mark[80];
    snprintf(mark, sizeof mark, "UPDATE schema_version SET version = %zu", version + 1);
    bool done = script != NULL && run(connection, script) && run(connection, mark);
    free(script);
    return done;
}

static bool migrate(struct fz_connection *connection, int64_t *version)
{
    char lock[80];
    snprintf(lock, sizeof lock, "SELECT pg_advisory_xact_lock(%lld)", (long long)FZ_MIGRATION_LOCK);
    bool done = run(connection, "BEGIN") && run(connection, lock) && run(connection, beside) && version_of(connection, version);
    for (size_t next = (size_t)*version; done && next < fz_migration_count; next++)
        done = migrate_by_one(connection, next);
    return run(connection, done ? "COMMIT" : "ROLLBACK") && done;
}

enum fz_result fz_postgres_migrate(struct fz_connection *connection, char *why, size_t why_size)
{
    int64_t version = 0;
    if (!migrate(connection, &version)) {
        snprintf(why, why_size, "The book's schema cannot be brought up to date: %s. Nothing was changed.", connection->failure);
        return FZ_FAILED;
    }
    if (version <= (int64_t)fz_migration_count)
        return FZ_OK;
    snprintf(why, why_size,
             "The book comes from a newer version of this program (its schema is number %lld, this program knows %zu). Start the newer "
             "version.",
             (long long)version, fz_migration_count);
    return FZ_FAILED;
}
