/* The sides of a copy that are databases: a book at rest that is read, and a database that is filled.
 *
 * Who reads holds one transaction with FZ_COPY_LOCK, which a server's start asks for, and with locks that keep everybody from writing.
 * Who fills has marked the database by the table `copying`, which a server's start looks for; and one that had begun before finds, with each
 * transaction, a schema that no program knows. The table names the run that fills: one that was
 * taken for dead and is not finds another's name there, and ends. */
#include "store/postgres/side.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/server/random.h"

#define PATIENCE_TRIES 50 /* of FZ_COPY_NAP_MS: sessions of a process that was killed end by themselves */

static struct fz_postgres_side *of(struct fz_side *side)
{
    return (struct fz_postgres_side *)side; /* its first member */
}

enum fz_result fz_postgres_side_fail(struct fz_postgres_side *side, const char *what, const PGresult *result)
{
    const char *words = result == NULL ? PQerrorMessage(side->connection.handle) : PQresultErrorMessage(result);
    const char *state = result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_SQLSTATE);
    return fz_side_fail(&side->side, "%s: %.*s (PostgreSQL %s)", what, (int)strcspn(words, "\n"), words,
                        state == NULL ? "gives no code" : state);
}

enum fz_result fz_postgres_side_run(struct fz_postgres_side *side, const char *what, const char *sql)
{
    PGresult *done = PQexec(side->connection.handle, sql);
    ExecStatusType status = PQresultStatus(done);
    enum fz_result result =
        status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ? FZ_OK : fz_postgres_side_fail(side, what, done);
    PQclear(done);
    return result;
}

PGresult *fz_postgres_side_ask(struct fz_postgres_side *side, const char *what, const char *sql)
{
    PGresult *rows = PQexec(side->connection.handle, sql);
    if (PQresultStatus(rows) == PGRES_TUPLES_OK)
        return rows;
    (void)fz_postgres_side_fail(side, what, rows);
    PQclear(rows);
    return NULL;
}

/* The one number that `sql` asks for. */
static enum fz_result ask(struct fz_postgres_side *side, const char *sql, int64_t *out)
{
    PGresult *rows = fz_postgres_side_ask(side, "look at the database", sql);
    if (rows == NULL)
        return FZ_FAILED;
    *out = PQntuples(rows) == 0 ? 0 : strtoll(PQgetvalue(rows, 0, 0), NULL, 10);
    PQclear(rows);
    return FZ_OK;
}

enum fz_result fz_postgres_side_owns(struct fz_postgres_side *side)
{
    char sql[120];
    int64_t owned = 0;
    snprintf(sql, sizeof sql, "SELECT COUNT(*) FROM (SELECT FROM copying WHERE owner = '%s' FOR UPDATE) o", side->owner);
    enum fz_result result = ask(side, sql, &owned);
    if (result != FZ_OK || owned == 1)
        return result;
    return fz_side_fail(&side->side, "another `fenzhang copy' has gone on with this one meanwhile");
}

/* ---- opening ---- */

/* The server ends a session some time after we have left it, and what a transaction holds until then is held against our own next session:
 * ended here, it is free at once. */
static void let_go(PGconn *handle)
{
    PGTransactionStatusType status = PQtransactionStatus(handle);
    if (status == PQTRANS_INTRANS || status == PQTRANS_INERROR)
        PQclear(PQexec(handle, "ROLLBACK"));
}

static void side_close(struct fz_side *base)
{
    struct fz_postgres_side *side = of(base);
    let_go(side->connection.handle);
    PQclear(side->row);
    fz_postgres_disconnect(&side->connection);
    fz_gate_close(&side->store.gate);
    fz_text_done(&side->sends);
    fz_text_done(&side->side.failure);
    free(side->store.address);
    free(side);
}

static void draw_owner(char out[FZ_OWNER_SIZE])
{
    unsigned char bytes[(FZ_OWNER_SIZE - 1) / 2];
    fz_random(bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

/* A copy that is killed while its session makes an index, or waits for a table, leaves none behind that holds up the next one for as
 * long. Where a server has no such setting (PostgreSQL has it from 14 on), the next one is held up. */
static void end_with_us(struct fz_postgres_side *side)
{
    PQclear(PQexec(side->connection.handle, "SELECT set_config(name, '1000', false) FROM pg_settings"
                                            " WHERE name = 'client_connection_check_interval'"));
}

static struct fz_postgres_side *side_new(const char *address, char *why, size_t why_size)
{
    struct fz_postgres_side *side = calloc(1, sizeof *side);
    if (side != NULL) {
        side->side.engine = &fz_postgres_side;
        side->store.engine = &fz_postgres;
        side->store.address = strdup(address);
        fz_gate_open(&side->store.gate);
        draw_owner(side->owner);
        if (side->store.address != NULL && fz_postgres_connect_plainly(&side->store, 0, &side->connection) == FZ_OK) {
            end_with_us(side);
            return side;
        }
        snprintf(why, why_size, "The database cannot be reached: %s. See that the server runs, takes this user, and can be written to.",
                 side->connection.failure);
        side_close(&side->side);
        return NULL;
    }
    snprintf(why, why_size, "Memory is short.");
    return NULL;
}

/* `why` as the sides' functions have it; what they have said themselves stays. */
static enum fz_result explain(struct fz_postgres_side *side, enum fz_result result, char *why, size_t why_size)
{
    if (result == FZ_FAILED && side->side.failure.data != NULL)
        snprintf(why, why_size, "The database: %s. Nothing of the book was changed.", side->side.failure.data);
    return result;
}

/* ---- who else is there ---- */

static void take_a_nap(void)
{
    nanosleep(&(struct timespec){.tv_nsec = FZ_COPY_NAP_MS * 1000000L}, NULL);
}

static const char others[] = "SELECT COUNT(*), string_agg(pid::text, ', ') FROM pg_stat_activity WHERE datname = current_database()"
                             " AND application_name LIKE 'fenzhang%' AND pid <> pg_backend_pid()";

static enum fz_result look_for_others(struct fz_postgres_side *side, char *pids, size_t size)
{
    PGresult *rows = fz_postgres_side_ask(side, "look who uses the database", others);
    if (rows == NULL)
        return FZ_FAILED;
    bool any = strcmp(PQgetvalue(rows, 0, 0), "0") != 0;
    fz_copy(pids, size, PQgetvalue(rows, 0, 1));
    PQclear(rows);
    return any ? FZ_CONFLICT : FZ_OK;
}

/* A server in use has sessions. */
static enum fz_result await_rest(struct fz_postgres_side *side, char *why, size_t why_size)
{
    char pids[200] = "";
    enum fz_result result = look_for_others(side, pids, sizeof pids);
    for (int i = 0; result == FZ_CONFLICT && i < PATIENCE_TRIES; i++) {
        take_a_nap();
        result = fz_postgres_side_run(side, "look who uses the database", "SELECT pg_stat_clear_snapshot()");
        if (result == FZ_OK)
            result = look_for_others(side, pids, sizeof pids);
    }
    if (result == FZ_CONFLICT)
        snprintf(why, why_size,
                 "The database is in use: it has sessions of fenzhang (processes %s of the database server). Stop the servers, and "
                 "whatever else of fenzhang works on it, first. If a pooler keeps the sessions, name the database server itself.",
                 pids);
    return result;
}

/* Without waiting in PostgreSQL's queue, where a server's start would find that somebody is ahead of it. */
static enum fz_result take_copy_lock(struct fz_postgres_side *side, char *why, size_t why_size)
{
    char lock[100];
    int64_t held = 0;
    snprintf(lock, sizeof lock, "SELECT pg_try_advisory_xact_lock(%lld)::int", (long long)FZ_COPY_LOCK);
    enum fz_result result = ask(side, lock, &held);
    for (int i = 0; result == FZ_OK && held == 0 && i < PATIENCE_TRIES; i++) {
        take_a_nap();
        result = ask(side, lock, &held);
    }
    if (result != FZ_OK || held != 0)
        return result;
    snprintf(why, why_size, "The database is in use: a server is starting, or another `fenzhang copy' reads it. Stop that first.");
    return FZ_CONFLICT;
}

/* ---- the source ---- */

static enum fz_result check_schema(struct fz_postgres_side *side, char *why, size_t why_size)
{
    int64_t tables = 0, half_made = 0, schema = 0;
    enum fz_result result = ask(side, "SELECT COUNT(to_regclass('schema_version'))", &tables);
    if (result == FZ_OK)
        result = ask(side, "SELECT COUNT(to_regclass('copying'))", &half_made);
    if (result == FZ_OK && tables > 0)
        result = ask(side, "SELECT version FROM schema_version WHERE id = 1", &schema);
    if (result != FZ_OK || (tables > 0 && half_made == 0 && schema == (int64_t)fz_migration_count))
        return result;
    if (tables == 0)
        snprintf(why, why_size, "There is no book in the database. Name one that a server has begun.");
    else if (half_made > 0)
        snprintf(why, why_size, "The book to be copied is itself a copy that is not finished. Finish that one first.");
    else
        snprintf(why, why_size, "The book is another version's: its schema is number %lld, this program's is %zu. %s", (long long)schema,
                 fz_migration_count,
                 schema < (int64_t)fz_migration_count ? "Upgrade it first: a start of this version's server does that."
                                                      : "Copy it by the newer version.");
    return tables == 0 ? FZ_ABSENT : FZ_REFUSED;
}

/* Until the end of this transaction no server starts, and nobody writes. */
static enum fz_result hold(struct fz_postgres_side *side, char *why, size_t why_size)
{
    static struct fz_catalogue tables;
    FZ_CLEANUP(fz_text_done) struct fz_text all = {.max = 8192};
    enum fz_result result =
        fz_postgres_side_run(side, "begin", "BEGIN; SET LOCAL lock_timeout = '10s'; SET LOCAL idle_in_transaction_session_timeout = 0;"
                                            "SET LOCAL statement_timeout = 0");
    if (result == FZ_OK)
        result = take_copy_lock(side, why, why_size);
    if (result == FZ_OK)
        result = await_rest(side, why, why_size);
    if (result == FZ_OK)
        result = fz_postgres_side_catalogue(&side->side, &tables);
    for (size_t i = 0; result == FZ_OK && i < tables.count; i++)
        fz_text_format(&all, "%s\"%s\"", i == 0 ? "LOCK TABLE " : ", ", tables.tables[i].name);
    fz_text_string(&all, " IN SHARE MODE");
    return result == FZ_OK && !all.failed ? fz_postgres_side_run(side, "lock the tables", all.data) : result;
}

static enum fz_result open_source(const char *address, struct fz_side **out, char *why, size_t why_size)
{
    struct fz_postgres_side *side = side_new(address, why, why_size);
    if (side == NULL)
        return FZ_FAILED;
    enum fz_result result = check_schema(side, why, why_size);
    if (result == FZ_OK)
        result = hold(side, why, why_size);
    result = explain(side, result, why, why_size);
    if (result == FZ_OK)
        *out = &side->side;
    else
        side_close(&side->side);
    return result;
}

/* ---- the target ---- */

static enum fz_result mark(struct fz_postgres_side *side, const char *book)
{
    char schema[24];
    snprintf(schema, sizeof schema, "%zu", fz_migration_count);
    const char *const values[] = {book, schema, side->owner};
    enum fz_result result = fz_postgres_side_run(side, "mark it",
                                                 "CREATE TABLE copying (id BIGINT PRIMARY KEY CHECK (id = 1), book TEXT NOT NULL,"
                                                 " schema BIGINT NOT NULL, owner TEXT NOT NULL);"
                                                 "CREATE TABLE copying_later (id BIGINT PRIMARY KEY, statement TEXT NOT NULL);"
                                                 FZ_SHUT_OUT);
    if (result != FZ_OK)
        return result;
    PGresult *done =
        PQexecParams(side->connection.handle, "INSERT INTO copying (id, book, schema, owner) VALUES (1, $1, $2::bigint, $3)", 3, NULL,
                     values, NULL, NULL, 0);
    result = PQresultStatus(done) == PGRES_COMMAND_OK ? FZ_OK : fz_postgres_side_fail(side, "mark it", done);
    PQclear(done);
    return result;
}

static enum fz_result check_empty(struct fz_postgres_side *side, char *why, size_t why_size)
{
    static struct fz_catalogue tables;
    enum fz_result result = fz_postgres_side_catalogue(&side->side, &tables);
    for (size_t i = 0; result == FZ_OK && i < tables.count; i++) {
        char sql[FZ_CATALOGUE_NAME_SIZE + 60];
        int64_t any = 0;
        snprintf(sql, sizeof sql, "SELECT EXISTS (SELECT FROM \"%s\")::int", tables.tables[i].name);
        result = ask(side, sql, &any);
        if (result != FZ_OK || any == 0)
            continue;
        snprintf(why, why_size, "The database is not empty: its table %s has rows. Name one that is, which createdb makes.",
                 tables.tables[i].name);
        result = FZ_CONFLICT;
    }
    return result;
}

/* Tables, and none of them says that they are a book's. */
static enum fz_result check_foreign(struct fz_postgres_side *side, char *why, size_t why_size)
{
    PGresult *rows = fz_postgres_side_ask(side, "look whose tables are there",
                                          "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
                                          " AND to_regclass('schema_version') IS NULL ORDER BY 1 LIMIT 1");
    if (rows == NULL)
        return FZ_FAILED;
    bool any = PQntuples(rows) > 0;
    if (any)
        snprintf(why, why_size, "The database is not empty: its table %s is another program's. Name one that is, which createdb makes.",
                 PQgetvalue(rows, 0, 0));
    PQclear(rows);
    return any ? FZ_CONFLICT : FZ_OK;
}

static enum fz_result begin_new(struct fz_postgres_side *side, const char *book, char *why, size_t why_size)
{
    struct fz_schema schema;
    enum fz_result result = check_foreign(side, why, why_size);
    if (result != FZ_OK)
        return result;
    result = fz_postgres_migrate_within(&side->connection, &schema);
    if (result != FZ_OK)
        return fz_side_fail(&side->side, "%s", side->connection.failure);
    if (schema.version > (int64_t)fz_migration_count) {
        snprintf(why, why_size,
                 "The database holds a newer version's book (its schema is number %lld, this program knows %zu). Name an empty one.",
                 (long long)schema.version, fz_migration_count);
        return FZ_REFUSED;
    }
    result = check_empty(side, why, why_size);
    return result == FZ_OK ? mark(side, book) : result;
}

/* What an earlier run has begun. From here on it is this run's. */
static enum fz_result take_up(struct fz_postgres_side *side, const char *book, char *why, size_t why_size)
{
    char sql[200];
    PGresult *rows = fz_postgres_side_ask(side, "look at what was begun", "SELECT book, schema FROM copying");
    if (rows == NULL)
        return FZ_FAILED;
    bool one = PQntuples(rows) == 1, same_book = one && strcmp(PQgetvalue(rows, 0, 0), book) == 0;
    bool same = same_book && strtoll(PQgetvalue(rows, 0, 1), NULL, 10) == (long long)fz_migration_count;
    PQclear(rows);
    snprintf(sql, sizeof sql, "UPDATE copying SET owner = '%s'; " FZ_SHUT_OUT, side->owner);
    if (same)
        return fz_postgres_side_run(side, "take it up", sql);
    snprintf(why, why_size,
             "The database holds a copy, half made, of %s. Empty it (dropdb, createdb) to begin another one, or name another one.",
             same_book ? "this book by another version of this program" : "another book");
    return FZ_CONFLICT;
}

static enum fz_result begin(struct fz_postgres_side *side, const char *book, char *why, size_t why_size)
{
    char lock[80];
    int64_t half_made = 0;
    snprintf(lock, sizeof lock, "SELECT pg_advisory_xact_lock(%lld)", (long long)FZ_MIGRATION_LOCK);
    enum fz_result result = fz_postgres_side_run(side, "begin", "BEGIN");
    if (result == FZ_OK)
        result = fz_postgres_side_run(side, "wait for others that look at it", lock);
    if (result == FZ_OK)
        result = ask(side, "SELECT COUNT(to_regclass('copying'))", &half_made);
    if (result == FZ_OK)
        result = half_made > 0 ? take_up(side, book, why, why_size) : begin_new(side, book, why, why_size);
    if (result == FZ_OK)
        result = await_rest(side, why, why_size);
    return result == FZ_OK ? fz_postgres_side_run(side, "commit", "COMMIT") : result;
}

static enum fz_result open_target(const char *address, const char *book, struct fz_side **out, char *why, size_t why_size)
{
    struct fz_postgres_side *side = side_new(address, why, why_size);
    if (side == NULL)
        return FZ_FAILED;
    enum fz_result result = explain(side, begin(side, book, why, why_size), why, why_size);
    if (result == FZ_OK)
        *out = &side->side;
    else
        side_close(&side->side);
    return result;
}

static enum fz_result release(struct fz_side *base)
{
    struct fz_postgres_side *side = of(base);
    char sql[160];
    snprintf(sql, sizeof sql, "DROP TABLE copying, copying_later; UPDATE schema_version SET needed = %zu; COMMIT", fz_migrations_needed);
    enum fz_result result = fz_postgres_side_run(side, "begin", "BEGIN");
    if (result == FZ_OK)
        result = fz_postgres_side_owns(side);
    return result == FZ_OK ? fz_postgres_side_run(side, "release it", sql) : result;
}

const struct fz_side_engine fz_postgres_side = {
    .open_source = open_source,
    .open_target = open_target,
    .close = side_close,
    .catalogue = fz_postgres_side_catalogue,
    .count = fz_postgres_side_count,
    .read = fz_postgres_side_read,
    .next = fz_postgres_side_next,
    .read_end = fz_postgres_side_read_end,
    .begin = fz_postgres_side_begin,
    .put = fz_postgres_side_put,
    .commit = fz_postgres_side_commit,
    .empty = fz_postgres_side_empty,
    .complete = fz_postgres_side_complete,
    .release = release,
};
