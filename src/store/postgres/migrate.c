/* Migrations: the schema of every engine, and what this one needs beside it. Ten processes may start at once: one migrates, under the only
 * lock whose name does not depend on what it guards, and the others find it done.
 *
 * Processes of the version before may serve the book meanwhile. Each transaction of theirs reads the clock first, so who migrates takes that
 * table for itself and with it waits for those under way; none of them holds anything that a migration wants, so none of them can be in its
 * way for good. `needed` says how many migrations a program has to know to go on beside what is there: those behind that only add. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "store/dialect.h"
#include "store/postgres/engine.h"

#define FOR_MS   60000 /* reads under way end meanwhile, and nobody waits for them longer than LOCK_WAIT behind us */
#define EVERY_MS 500
#define LOCK_WAIT "1s"
#define COPY_TRIES 50 /* of FZ_COPY_NAP_MS: a copy that was killed reads until the server has ended its sessions */

/* `numbering` has the next row number of each table that nobody has taken (numbering.c). */
static const char beside[] = "CREATE TABLE IF NOT EXISTS schema_version (id BIGINT PRIMARY KEY CHECK (id = 1), version BIGINT NOT NULL,"
                             " needed BIGINT NOT NULL);"
                             "CREATE TABLE IF NOT EXISTS numbering (name TEXT COLLATE \"C\" PRIMARY KEY, next BIGINT NOT NULL)"
                             " WITH (fillfactor = 50);"
                             "INSERT INTO schema_version (id, version, needed) VALUES (1, 0, 0) ON CONFLICT (id) DO NOTHING;";

/* Rows that live for minutes: what they leave behind is swept up by its number, not by its share of a table that is nearly empty at times, and without
 * pauses, since whoever looks for the first row passes over it. */
static const char swept[] =
    "ALTER TABLE event SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_insert_threshold = -1,"
    " autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 10000, autovacuum_vacuum_cost_delay = 0);"
    "ALTER TABLE flight SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);"
    "ALTER TABLE notification SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000,"
    " autovacuum_vacuum_cost_delay = 0);";

/* Who keeps merchants and keys in memory reads them again: a migration may have changed them. */
static const char changed[] = "UPDATE book SET changes = changes + 1";

static bool run(struct fz_connection *connection, const char *sql)
{
    PGresult *done = PQexec(connection->handle, sql);
    ExecStatusType status = PQresultStatus(done);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        fz_postgres_fail(connection, "migrate", done);
    PQclear(done);
    return !connection->failed;
}

/* Which schema is there: all 0 in an empty database. */
static bool look(struct fz_connection *connection, struct fz_schema *out)
{
    *out = (struct fz_schema){0};
    PGresult *rows = PQexecParams(connection->handle, "SELECT version, needed FROM schema_version WHERE id = 1", 0, NULL, NULL, NULL, NULL, 1);
    const char *state = PQresultErrorField(rows, PG_DIAG_SQLSTATE);
    bool absent = state != NULL && strcmp(state, "42P01") == 0;
    bool found = PQresultStatus(rows) == PGRES_TUPLES_OK && PQntuples(rows) == 1;
    if (found)
        *out = (struct fz_schema){.version = fz_postgres_number(rows, 0, 0), .needed = fz_postgres_number(rows, 0, 1)};
    else if (!absent)
        fz_postgres_fail(connection, "read the schema's number", rows);
    PQclear(rows);
    return found || absent;
}

/* Waits for the transactions under way, and holds up those to come, until the end. */
static bool shut_out(struct fz_connection *connection, const struct fz_schema *schema)
{
    return schema->version == 0 ||
           (run(connection, "SET LOCAL lock_timeout = '" LOCK_WAIT "'") && run(connection, "LOCK TABLE clock IN ACCESS EXCLUSIVE MODE") &&
            run(connection, "SET LOCAL lock_timeout = 0"));
}

static bool migrate_by_one(struct fz_connection *connection, size_t version)
{
    char *script = fz_dialect_text(&fz_dialect_postgres_schema, fz_migrations[version]);
    bool done = script != NULL && run(connection, script);
    free(script);
    return done;
}

static bool migrate_from(struct fz_connection *connection, const struct fz_schema *schema)
{
    char mark[120];
    snprintf(mark, sizeof mark, "UPDATE schema_version SET version = %zu, needed = %zu", fz_migration_count, fz_migrations_needed);
    bool done = shut_out(connection, schema);
    for (size_t next = (size_t)schema->version; done && next < fz_migration_count; next++)
        done = migrate_by_one(connection, next);
    return done && run(connection, swept) && run(connection, mark) && run(connection, changed);
}

static bool is_older(const struct fz_schema *schema)
{
    return schema->version < (int64_t)fz_migration_count;
}

enum fz_result fz_postgres_migrate_within(struct fz_connection *connection, struct fz_schema *out)
{
    bool done = run(connection, beside) && look(connection, out) && (!is_older(out) || migrate_from(connection, out)) && look(connection, out);
    return done ? FZ_OK : FZ_FAILED;
}

/* `before` gets what was there when nobody else could change it any more, `schema` what is there at the end. */
static bool migrate(struct fz_connection *connection, struct fz_schema *before, struct fz_schema *schema)
{
    char lock[80];
    snprintf(lock, sizeof lock, "SELECT pg_advisory_xact_lock(%lld)", (long long)FZ_MIGRATION_LOCK);
    bool done = run(connection, "BEGIN") && run(connection, "SET LOCAL statement_timeout = 0") && run(connection, lock) &&
                run(connection, beside) && look(connection, before) && (!is_older(before) || migrate_from(connection, before)) &&
                look(connection, schema);
    if (done)
        return run(connection, "COMMIT");
    PQclear(PQexec(connection->handle, "ROLLBACK"));
    return false;
}

/* Somebody reads, or holds something, for longer than others shall wait behind us. */
static bool is_held_up(const struct fz_connection *connection)
{
    return connection->failed && !connection->lost && strcmp(connection->state, "55P03") == 0;
}

static void take_a_nap(int64_t milliseconds)
{
    nanosleep(&(struct timespec){.tv_nsec = milliseconds * 1000000L}, NULL);
}

static bool migrate_in_time(struct fz_connection *connection, struct fz_schema *before, struct fz_schema *schema)
{
    int64_t until_ms = fz_ticks_ms() + FOR_MS;
    bool done = migrate(connection, before, schema);
    while (!done && is_held_up(connection) && fz_ticks_ms() < until_ms) {
        take_a_nap(EVERY_MS);
        connection->failed = false;
        done = migrate(connection, before, schema);
    }
    return done;
}

static void note_change(const struct fz_store *store, const struct fz_schema *before, const struct fz_schema *schema)
{
    char sentence[300];
    if (before->version > 0 && before->version < schema->version)
        snprintf(sentence, sizeof sentence, "The book's tables were brought from number %lld to %lld. Processes that know %lld go on.",
                 (long long)before->version, (long long)schema->version, (long long)schema->needed);
    else if (schema->version > (int64_t)fz_migration_count)
        snprintf(sentence, sizeof sentence,
                 "The book's tables are number %lld, of a newer version; this program knows %zu and goes on beside it. Bring it up to date.",
                 (long long)schema->version, fz_migration_count);
    else
        return;
    if (store->note != NULL)
        store->note(sentence);
}

static enum fz_result leave_it(const struct fz_schema *schema, char *why, size_t why_size)
{
    if (schema->version == 0)
        snprintf(why, why_size, "There is no book in that database.");
    else
        snprintf(why, why_size,
                 "The book's schema is number %lld, and this program's %zu. Use the version that serves the book, or start a server of "
                 "this one first.",
                 (long long)schema->version, fz_migration_count);
    return FZ_FAILED;
}

static enum fz_result refuse(const struct fz_schema *schema, char *why, size_t why_size)
{
    snprintf(why, why_size,
             "The book comes from a newer version of this program (its schema is number %lld, and takes programs that know %lld; this one "
             "knows %zu). Start the newer version.",
             (long long)schema->version, (long long)schema->needed, fz_migration_count);
    return FZ_FAILED;
}

/* Two numbers: whether it is a copy that is not finished, and whether nobody copies it (side.c). FZ_CONFLICT: somebody does. */
static enum fz_result look_for_copy(struct fz_connection *connection, char *why, size_t why_size)
{
    char sql[160];
    snprintf(sql, sizeof sql, "SELECT COUNT(to_regclass('copying')), pg_try_advisory_xact_lock_shared(%lld)::int::bigint",
             (long long)FZ_COPY_LOCK);
    PGresult *rows = PQexecParams(connection->handle, sql, 0, NULL, NULL, NULL, NULL, 1);
    bool found = PQresultStatus(rows) == PGRES_TUPLES_OK && PQntuples(rows) == 1;
    bool half_made = found && fz_postgres_number(rows, 0, 0) > 0, copied = found && fz_postgres_number(rows, 0, 1) == 0;
    if (!found)
        fz_postgres_fail(connection, "look whether it is being copied", rows);
    PQclear(rows);
    if (!found)
        snprintf(why, why_size, "The book's database cannot be looked at: %s.", connection->failure);
    else if (half_made)
        snprintf(why, why_size,
                 "The database holds a copy of a book that is not finished. Give the same `fenzhang copy' again, which goes on with it; or "
                 "empty the database (dropdb, createdb) to begin anew.");
    else if (copied)
        snprintf(why, why_size, "The book is being copied to another place by `fenzhang copy'. Start again when that is over.");
    return !found ? FZ_FAILED : half_made ? FZ_REFUSED : copied ? FZ_CONFLICT : FZ_OK;
}

static enum fz_result await_copy(struct fz_connection *connection, char *why, size_t why_size)
{
    enum fz_result result = look_for_copy(connection, why, why_size);
    for (int i = 0; result == FZ_CONFLICT && i < COPY_TRIES; i++) {
        take_a_nap(FZ_COPY_NAP_MS);
        result = look_for_copy(connection, why, why_size);
    }
    return result == FZ_CONFLICT ? FZ_REFUSED : result; /* there is no server to be asked instead */
}

enum fz_result fz_postgres_migrate(struct fz_connection *connection, bool leave, char *why, size_t why_size)
{
    struct fz_schema before, schema;
    enum fz_result result = await_copy(connection, why, why_size);
    if (result != FZ_OK)
        return result;
    bool found = look(connection, &schema);
    before = schema;
    if (found && leave && is_older(&schema))
        return leave_it(&schema, why, why_size);
    if (!found || (is_older(&schema) && !migrate_in_time(connection, &before, &schema))) {
        snprintf(why, why_size,
                 "The book's schema cannot be brought up to date: %s. It was changed as a whole or not at all: mend that, then start again.",
                 connection->failure);
        return FZ_FAILED;
    }
    if (schema.needed > (int64_t)fz_migration_count)
        return refuse(&schema, why, why_size);
    note_change(connection->store, &before, &schema);
    return FZ_OK;
}
