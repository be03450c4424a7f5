/* Statements on their way: sent one behind the other, their outcomes looked at together.
 *
 * With pipelines libpq sends what was collected when an outcome is asked for, and a synchronisation behind it: only after one of these does
 * the server take a transaction for idle, and end it if its process stands still. After a failure it passes over all up to the next one. Without
 * pipelines (a pooler in between may not take them) each outcome is looked at before the next statement goes. */
#include <assert.h>
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "store/dialect.h"
#include "store/postgres/engine.h"

#define TYPE_BYTEA 17 /* PostgreSQL's numbers of its types, which never change */
#define TYPE_INT8  20
#define TYPE_TEXT  25

#define VALUES_MAX 80 /* of a statement */
#define DECLARED_MAX 65536

/* Every one of them reads the clock as it is now, by the database's own: the one clock that all processes have. With it goes what the schema
 * asks of a program, which another one may have raised (migrate.c). */
#define HERE "CAST(floor(date_part('epoch', clock_timestamp()) * 1000) AS BIGINT)"
#define CLOCK_COLUMNS                                                                                                        \
    "COALESCE(c.book_ms, -1), COALESCE(c.wire_ms, 0), COALESCE(c.frozen, 0), COALESCE(b.name, ''), " HERE ", COALESCE(b.changes, 0), s.needed"
/* Of the transaction alone, as a pooler may give its connection to somebody else afterwards. A process that stands still must not hold its locks,
 * or old rows, for ever; a commit must never be cancelled, whatever was set for this role; who waits for a row long enough does better to be told. */
#define ENDS_IDLE ", set_config('idle_in_transaction_session_timeout', '30s', true)"
#define NO_CANCEL ", set_config('statement_timeout', '0', true), set_config('lock_timeout', '10s', true)"
#define WRITE_COLUMNS ", CAST(pg_current_xact_id() AS TEXT), " FZ_TIMELINE
#define CLOCK_ROWS " FROM schema_version s LEFT JOIN clock c ON c.id = 1 LEFT JOIN book b ON b.id = 1"
/* A query and the clock in one statement. The clock is one value, as each column, each table, and each join that all columns go through, costs the
 * server as much as what is read. */
#define GLANCE_BEFORE "SELECT asked.*, clock_timestamp(), (SELECT ARRAY[c.book_ms, c.wire_ms, c.frozen] FROM clock c) FROM ("
#define GLANCE_BEHIND ") asked"
#define EPOCH_MS      946684800000 /* timestamps count from the year 2000, in µs */
#define ARRAY_HEAD    20           /* bytes before an array's elements, each of which has its size before it */

static const struct {
    const char *name, *sql;
    bool takes_value;
} controls[FZ_CONTROL_COUNT] = {
    [FZ_BEGIN_READ] = {"begin a read", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", false},
    [FZ_BEGIN_WRITE] = {"begin a write", "BEGIN ISOLATION LEVEL READ COMMITTED", false},
    [FZ_HOLD_DAY] = {"hold the day", "SELECT pg_advisory_xact_lock_shared($1)" ENDS_IDLE NO_CANCEL, true},
    [FZ_CLOSE_DAY] = {"close the day", "SELECT pg_advisory_xact_lock($1)" ENDS_IDLE NO_CANCEL, true},
    [FZ_READ_CLOCK] = {"read the clock", "SELECT " CLOCK_COLUMNS ENDS_IDLE CLOCK_ROWS, false},
    [FZ_READ_CLOCK_OF_WRITE] = {"read the clock", "SELECT " CLOCK_COLUMNS WRITE_COLUMNS CLOCK_ROWS, false},
    [FZ_SAVEPOINT] = {"begin a part of a transaction", "SAVEPOINT work", false},
    [FZ_RELEASE] = {"end a part of a transaction", "RELEASE SAVEPOINT work", false},
    [FZ_ROLLBACK_TO] = {"undo a part of a transaction", "ROLLBACK TO SAVEPOINT work", false},
    [FZ_COMMIT] = {"commit", "COMMIT", false},
    [FZ_ROLLBACK] = {"roll back", "ROLLBACK", false},
    [FZ_EMPTY] = {"empty the book",
                  "DO $$ BEGIN PERFORM set_config('lock_timeout', '0', true); LOCK TABLE clock IN ACCESS EXCLUSIVE MODE;"
                  " EXECUTE (SELECT 'TRUNCATE ' || string_agg(quote_ident(tablename), ', ') FROM pg_tables"
                  " WHERE schemaname = current_schema() AND tablename <> 'schema_version'); END $$",
                  false},
    /* A commit that has nothing to write is waited for by nobody. What it found may itself not be where it belongs yet. */
    [FZ_BARRIER] = {"wait for what was found", "SELECT pg_logical_emit_message(true, 'fenzhang', '')", false},
};

static Oid type_of(char letter)
{
    return letter == 'i' ? TYPE_INT8 : letter == 't' ? TYPE_TEXT : TYPE_BYTEA;
}

/* What is made of a statement of the program's. */
enum shape {
    AS_IT_IS,
    WITHOUT_CONFLICT, /* it fails if the key is taken */
    WITH_CLOCK
};

/* A statement as libpq wants it. */
struct call {
    const char *name, *sql; /* `sql` is the shared text, of the program's */
    bool is_own;            /* the store's: not translated */
    enum shape shape;
    size_t number;          /* its place in `prepared` */
    int count;
    Oid types[VALUES_MAX];
    const char *values[VALUES_MAX];
    int sizes[VALUES_MAX], formats[VALUES_MAX];
    int64_t integers[VALUES_MAX]; /* in the network's order */
};

static void add_integer(struct call *call, int64_t value)
{
    int i = call->count++;
    call->integers[i] = (int64_t)htobe64((uint64_t)value);
    call->types[i] = TYPE_INT8;
    call->values[i] = (const char *)&call->integers[i];
    call->sizes[i] = (int)sizeof call->integers[i];
    call->formats[i] = 1;
}

static void add_value(struct call *call, char letter, const struct fz_value *value)
{
    if (value->kind == FZ_VALUE_INT) {
        assert(letter == 'i');
        add_integer(call, value->integer);
        return;
    }
    assert(value->kind == FZ_VALUE_NULL || letter == (value->kind == FZ_VALUE_TEXT ? 't' : 'b'));
    int i = call->count++;
    call->types[i] = type_of(letter);
    call->values[i] = value->kind == FZ_VALUE_NULL ? NULL : value->data == NULL ? "" : value->data;
    call->sizes[i] = (int)value->size;
    call->formats[i] = 1;
}

/* One more is on its way. */
static enum fz_result note_sent(struct fz_connection *connection, int sent, const char *name, bool *prepares)
{
    if (sent != 1) {
        fz_postgres_fail(connection, name, NULL);
        return FZ_FAILED;
    }
    connection->sent[connection->sent_count++] = (struct fz_sent){.name = name, .prepares = prepares};
    return FZ_OK;
}

static enum fz_result make_room(struct fz_connection *connection)
{
    bool waits = connection->store->pipelines ? connection->sent_count + 2 > FZ_SENT_MAX : connection->sent_count > 0;
    if (waits)
        return fz_pipeline_await(connection, NULL);
    return connection->failed ? FZ_FAILED : FZ_OK;
}

static enum fz_result prepare(struct fz_connection *connection, const struct call *call, const char *sql)
{
    struct fz_prepared *prepared = &connection->prepared[call->number];
    snprintf(prepared->label, sizeof prepared->label, "fz%zu", call->number);
    prepared->there = true;
    int sent = PQsendPrepare(connection->handle, prepared->label, sql, call->count, call->types);
    enum fz_result result = note_sent(connection, sent, call->name, &prepared->there);
    return result == FZ_OK ? make_room(connection) : result;
}

static enum fz_result send_prepared(struct fz_connection *connection, const struct call *call, const char *sql)
{
    const struct fz_prepared *prepared = &connection->prepared[call->number];
    if (!prepared->there && prepare(connection, call, sql) != FZ_OK)
        return FZ_FAILED;
    int sent = PQsendQueryPrepared(connection->handle, prepared->label, call->count, call->values, call->sizes, call->formats, 1);
    return note_sent(connection, sent, call->name, NULL);
}

static enum fz_result send_text(struct fz_connection *connection, const struct call *call, const char *sql)
{
    int sent = PQsendQueryParams(connection->handle, sql, call->count, call->types, call->values, call->sizes, call->formats, 1);
    return note_sent(connection, sent, call->name, NULL);
}

/* Frees the query. New: free. NULL: memory is short. */
static char *with_clock(char *query)
{
    FZ_CLEANUP(fz_text_done) struct fz_text sql = {.max = DECLARED_MAX};
    fz_text_string(&sql, GLANCE_BEFORE);
    fz_text_string(&sql, query);
    fz_text_string(&sql, GLANCE_BEHIND);
    free(query);
    return sql.failed ? NULL : strdup(sql.data);
}

/* The text as the server takes it. New: free. NULL: memory is short. */
static char *translated(const struct call *call)
{
    char *sql = fz_dialect_text(&fz_dialect_postgres, call->sql), *end = sql == NULL || call->shape != WITHOUT_CONFLICT ? NULL : strstr(sql, " ON CONFLICT");
    if (end != NULL)
        *end = '\0';
    return sql == NULL || call->shape != WITH_CLOCK ? sql : with_clock(sql);
}

static enum fz_result send(struct fz_connection *connection, const struct call *call)
{
    if (make_room(connection) != FZ_OK)
        return FZ_FAILED;
    if (call->is_own || connection->prepared[call->number].there)
        return connection->store->prepares ? send_prepared(connection, call, call->sql) : send_text(connection, call, call->sql);
    char *sql = translated(call);
    enum fz_result result = FZ_FAILED;
    if (sql == NULL)
        fz_postgres_fail(connection, "memory is short", NULL);
    else
        result = connection->store->prepares ? send_prepared(connection, call, sql) : send_text(connection, call, sql);
    free(sql);
    return result;
}

static void fill_call(struct call *call, enum shape shape, const struct fz_statement *statement, const struct fz_value *values, size_t count)
{
    size_t statements = 0;
    const struct fz_statement *first = fz_statements(&statements);
    assert(statement >= first && statement < first + statements);
    assert(count == strlen(statement->binds) && count <= VALUES_MAX);
    call->name = statement->name;
    call->sql = statement->sql;
    call->number = FZ_CONTROL_COUNT + shape * statements + (size_t)(statement - first);
    call->is_own = false;
    call->shape = shape;
    call->count = 0;
    for (size_t i = 0; i < count; i++)
        add_value(call, statement->binds[i], &values[i]);
}

static enum fz_result send_as(struct fz_connection *connection, enum shape shape, const struct fz_statement *statement,
                              const struct fz_value *values, size_t count)
{
    struct call call;
    fill_call(&call, shape, statement, values, count);
    return send(connection, &call);
}

enum fz_result fz_pipeline_send(struct fz_connection *connection, const struct fz_statement *statement,
                                const struct fz_value *values, size_t count)
{
    return send_as(connection, AS_IT_IS, statement, values, count);
}

enum fz_result fz_pipeline_send_new(struct fz_connection *connection, const struct fz_statement *statement,
                                    const struct fz_value *values, size_t count)
{
    return send_as(connection, WITHOUT_CONFLICT, statement, values, count);
}

enum fz_result fz_pipeline_send_at_once(struct fz_connection *connection, const struct fz_statement *statement,
                                        const struct fz_value *values, size_t count)
{
    return send_as(connection, WITH_CLOCK, statement, values, count);
}

static int64_t element(const char *array, size_t index)
{
    uint64_t number = 0;
    memcpy(&number, array + ARRAY_HEAD + index * (sizeof(uint32_t) + sizeof number) + sizeof(uint32_t), sizeof number);
    return (int64_t)be64toh(number);
}

bool fz_pipeline_clock(const PGresult *rows, struct fz_clock_state *out, int64_t *here_ms)
{
    int column = PQnfields(rows) - 2;
    if (PQntuples(rows) == 0 || PQgetisnull(rows, 0, column + 1) == 1)
        return false;
    const char *clock = PQgetvalue(rows, 0, column + 1);
    *out = (struct fz_clock_state){.book_ms = element(clock, 0), .wire_ms = element(clock, 1), .frozen = element(clock, 2) != 0};
    *here_ms = fz_postgres_number(rows, 0, column) / 1000 + EPOCH_MS;
    return true;
}

void fz_pipeline_keep(struct fz_connection *connection, PGresult **place)
{
    connection->sent[connection->sent_count - 1].keep = place;
}

enum fz_result fz_pipeline_declare(struct fz_connection *connection, const char *before, const struct fz_statement *statement,
                                   const struct fz_value *values, size_t count)
{
    struct call call;
    fill_call(&call, AS_IT_IS, statement, values, count);
    FZ_CLEANUP(fz_text_done) struct fz_text sql = {.max = DECLARED_MAX};
    char *query = fz_dialect_text(&fz_dialect_postgres, statement->sql);
    fz_text_string(&sql, before);
    fz_text_string(&sql, query == NULL ? "" : query);
    bool whole = query != NULL && !sql.failed;
    free(query);
    if (!whole) {
        fz_postgres_fail(connection, "memory is short", NULL);
        return FZ_FAILED;
    }
    return make_room(connection) == FZ_OK ? send_text(connection, &call, sql.data) : FZ_FAILED;
}

enum fz_result fz_pipeline_control(struct fz_connection *connection, enum fz_control control, int64_t value)
{
    struct call call = {.name = controls[control].name, .sql = controls[control].sql, .is_own = true, .number = control};
    if (controls[control].takes_value)
        add_integer(&call, value);
    return send(connection, &call);
}

enum fz_result fz_pipeline_own(struct fz_connection *connection, const char *name, const char *sql)
{
    struct call call = {.name = name};
    return make_room(connection) == FZ_OK ? send_text(connection, &call, sql) : FZ_FAILED;
}

/* The outcome of the oldest on its way; NULL if the connection broke. New: PQclear. */
static PGresult *receive(struct fz_connection *connection)
{
    if (!fz_patience_wait(connection, FZ_PATIENT)) {
        fz_postgres_leave(connection);
        return NULL;
    }
    PGresult *result = PQgetResult(connection->handle);
    PGresult *after = result == NULL ? NULL : PQgetResult(connection->handle); /* says that it was the last of its statement */
    PQclear(after);
    return result;
}

static void look_at(struct fz_connection *connection, const struct fz_sent *sent, const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
        return;
    if (sent->prepares != NULL)
        *sent->prepares = false;
    if (status != PGRES_PIPELINE_ABORTED) /* passed over after one that failed, which is taken down */
        fz_postgres_fail(connection, sent->name, result);
}

/* The outcomes of all that is on its way, the last one's into `last`. */
static void receive_all(struct fz_connection *connection, PGresult **last)
{
    for (size_t i = 0; i < connection->sent_count && !connection->lost; i++) {
        PGresult *result = receive(connection);
        PGresult **place = connection->sent[i].keep != NULL ? connection->sent[i].keep : last;
        look_at(connection, &connection->sent[i], result);
        PQclear(*place);
        *place = result;
    }
    connection->sent_count = 0;
}

/* The outcomes of all up to a synchronisation that is on its way. */
static void receive_to_end(struct fz_connection *connection, PGresult **last)
{
    receive_all(connection, last);
    if (!connection->lost && !fz_patience_wait(connection, FZ_PATIENT))
        fz_postgres_leave(connection);
    PGresult *end = connection->lost ? NULL : PQgetResult(connection->handle);
    if (!connection->lost && PQresultStatus(end) != PGRES_PIPELINE_SYNC)
        fz_postgres_fail(connection, "synchronise", end);
    PQclear(end);
}

/* After it the server takes statements again, whatever came before. */
static void synchronise(struct fz_connection *connection, PGresult **last)
{
    if (!connection->store->pipelines)
        receive_all(connection, last);
    else if (PQpipelineSync(connection->handle) != 1)
        fz_postgres_fail(connection, "send", NULL);
    else
        receive_to_end(connection, last);
}

enum fz_result fz_pipeline_await(struct fz_connection *connection, PGresult **last)
{
    PGresult *result = NULL;
    if (connection->sent_count > 0)
        synchronise(connection, &result);
    if (connection->failed || last == NULL) {
        PQclear(result);
        return connection->failed ? FZ_FAILED : FZ_OK;
    }
    *last = result;
    return FZ_OK;
}

enum fz_result fz_pipeline_finish(struct fz_connection *connection)
{
    PGresult *last = NULL;
    synchronise(connection, &last);
    PQclear(last);
    return connection->failed || connection->lost ? FZ_FAILED : FZ_OK;
}

/* ROLLBACK goes although something has failed. */
static enum fz_result undo(struct fz_connection *connection)
{
    PGresult *last = NULL;
    synchronise(connection, &last);
    PQclear(last);
    last = NULL;
    bool failed = connection->failed;
    connection->failed = false;
    enum fz_result result = connection->lost ? FZ_FAILED : fz_pipeline_control(connection, FZ_ROLLBACK, 0);
    if (result == FZ_OK) {
        synchronise(connection, &last);
        PQclear(last);
        result = connection->failed ? FZ_FAILED : FZ_OK;
    }
    if (result != FZ_OK) /* nobody knows how it stands */
        connection->lost = true;
    connection->failed = failed || connection->failed;
    return result;
}

enum fz_result fz_pipeline_end(struct fz_connection *connection, enum fz_control control)
{
    if (control == FZ_ROLLBACK || connection->failed)
        return undo(connection);
    PGresult *last = NULL;
    if (connection->transaction[0] != '\0' && !connection->wrote && fz_pipeline_control(connection, FZ_BARRIER, 0) != FZ_OK)
        return undo(connection);
    connection->committing = true;
    if (fz_pipeline_control(connection, FZ_COMMIT, 0) == FZ_OK)
        synchronise(connection, &last);
    /* A transaction in which something failed is rolled back by COMMIT, and says so. */
    if (!connection->failed && strcmp(PQcmdStatus(last), "COMMIT") != 0)
        fz_postgres_fail(connection, "commit", last);
    PQclear(last);
    if (connection->failed && !connection->lost) /* COMMIT was passed over with the rest behind what failed: the transaction is still there */
        (void)undo(connection);
    return connection->failed ? FZ_FAILED : FZ_OK;
}

/* What it has read it has; whoever waits for that need not wait for the end, too. */
void fz_pipeline_end_read(struct fz_connection *connection)
{
    if (connection->failed || !connection->store->pipelines) {
        if (fz_pipeline_end(connection, connection->failed ? FZ_ROLLBACK : FZ_COMMIT) != FZ_OK)
            connection->lost = true;
        return;
    }
    connection->ending = fz_pipeline_control(connection, FZ_COMMIT, 0) == FZ_OK && PQpipelineSync(connection->handle) == 1;
    if (!connection->ending)
        connection->lost = true;
}

void fz_pipeline_settle(struct fz_connection *connection)
{
    PGresult *last = NULL;
    if (!connection->ending)
        return;
    connection->ending = connection->failed = false;
    receive_to_end(connection, &last);
    PQclear(last);
    connection->lost = connection->lost || connection->failed;
}

enum fz_result fz_pipeline_recover(struct fz_connection *connection)
{
    PGresult *last = NULL;
    synchronise(connection, &last);
    PQclear(last);
    if (connection->lost)
        return FZ_FAILED;
    connection->failed = false;
    connection->state[0] = '\0';
    return FZ_OK;
}

int64_t fz_postgres_number(const PGresult *rows, int row, int column)
{
    uint64_t wide = 0;
    uint32_t narrow = 0;
    const char *value = PQgetvalue(rows, row, column);
    switch (PQgetlength(rows, row, column)) {
    case sizeof wide:
        memcpy(&wide, value, sizeof wide);
        return (int64_t)be64toh(wide);
    case sizeof narrow: /* a number that stands in the statement itself */
        memcpy(&narrow, value, sizeof narrow);
        return (int32_t)be32toh(narrow);
    default: /* NULL */
        return 0;
    }
}
