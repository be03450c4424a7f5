/* Statements of a work: sent, and read where their outcome is asked for. A query's rows are fetched whole; those of one that may have very many
 * (FZ_LARGE_STATEMENT) come by a cursor of the server's, so many at a time. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/postgres/engine.h"

#define PORTION 2000 /* rows of a large query in one go */

/* The rows of a query, and the one at hand. */
struct rows {
    PGresult *result; /* of a large one: a portion of them */
    int at;
    unsigned cursor; /* the server's, which has the rest; 0: there is none */
};

/* How many rows a statement changed. */
static int64_t changed_by(PGresult *result)
{
    return strtoll(PQcmdTuples(result), NULL, 10);
}

enum fz_result fz_postgres_run(struct fz_tx *tx, const struct fz_statement *statement, const struct fz_value *values, size_t count,
                               int64_t *changed)
{
    struct fz_connection *connection = tx->connection;
    fz_asked_forget(connection); /* what comes now may change what they say */
    enum fz_result result = fz_pipeline_send(connection, statement, values, count);
    if (result != FZ_OK || changed == NULL)
        return result;
    PGresult *outcome = NULL;
    result = fz_pipeline_await(connection, &outcome);
    if (result == FZ_OK) {
        *changed = changed_by(outcome);
        connection->wrote = connection->wrote || *changed > 0;
    }
    PQclear(outcome);
    return result;
}

enum fz_result fz_postgres_insert_new(struct fz_tx *tx, const struct fz_statement *statement, const struct fz_value *values, size_t count)
{
    struct fz_connection *connection = tx->connection;
    if (connection->careful)
        return fz_insert(tx, statement, values, count);
    fz_asked_forget(connection);
    connection->hopes = connection->wrote = true; /* or nothing is committed */
    return fz_pipeline_send_new(connection, statement, values, count);
}

static enum fz_result send_fetch(struct fz_connection *connection, const struct fz_statement *statement, unsigned cursor)
{
    char sql[80];
    snprintf(sql, sizeof sql, "FETCH %d FROM fz_rows_%u", PORTION, cursor);
    return fz_pipeline_own(connection, statement->name, sql);
}

/* Its cursor stays open whatever else the transaction asks. Of an audit every row is wanted, so the plan that is best for all of them. */
static enum fz_result send_large(struct fz_connection *connection, const struct fz_statement *statement, const struct fz_value *values,
                                 size_t count, struct rows *rows)
{
    char before[80];
    enum fz_result result = FZ_OK;
    rows->cursor = ++connection->cursors;
    connection->patient = true;
    if (rows->cursor == 1)
        result = fz_pipeline_own(connection, "plan for all rows", "SELECT set_config('cursor_tuple_fraction', '1', true)");
    snprintf(before, sizeof before, "DECLARE fz_rows_%u NO SCROLL CURSOR FOR ", rows->cursor);
    if (result == FZ_OK)
        result = fz_pipeline_declare(connection, before, statement, values, count);
    return result == FZ_OK ? send_fetch(connection, statement, rows->cursor) : result;
}

/* The rows that have come are the cursor's. */
static enum fz_result give(struct fz_connection *connection, const struct fz_statement *statement, struct rows *rows, struct fz_cursor *out)
{
    rows->at = -1;
    connection->in_use++;
    *out = (struct fz_cursor){.connection = connection, .statement = statement, .handle = rows};
    return FZ_OK;
}

enum fz_result fz_postgres_query(struct fz_tx *tx, const struct fz_statement *statement, const struct fz_value *values, size_t count,
                                 struct fz_cursor *out)
{
    struct fz_connection *connection = tx->connection;
    struct rows *rows = calloc(1, sizeof *rows);
    enum fz_result result = FZ_FAILED;
    if (rows != NULL)
        rows->result = fz_asked_take(connection, statement, values, count);
    if (rows != NULL && rows->result != NULL)
        return give(connection, statement, rows, out);
    connection->missed = connection->glances;
    if (rows != NULL && !connection->glances)
        result = statement->large ? send_large(connection, statement, values, count, rows)
                                  : fz_pipeline_send(connection, statement, values, count);
    if (result == FZ_OK)
        result = fz_pipeline_await(connection, &rows->result);
    if (result != FZ_OK) {
        free(rows);
        return FZ_FAILED;
    }
    return give(connection, statement, rows, out);
}

/* The next portion. FZ_ABSENT: there is none. */
static enum fz_result fetch(struct fz_cursor *cursor, struct rows *rows)
{
    struct fz_connection *connection = cursor->connection;
    if (rows->cursor == 0 || PQntuples(rows->result) < PORTION)
        return FZ_ABSENT;
    PQclear(rows->result);
    rows->result = NULL;
    rows->at = 0;
    enum fz_result result = send_fetch(connection, cursor->statement, rows->cursor);
    if (result == FZ_OK)
        result = fz_pipeline_await(connection, &rows->result);
    if (result != FZ_OK)
        return result;
    return PQntuples(rows->result) > 0 ? FZ_OK : FZ_ABSENT;
}

enum fz_result fz_postgres_next(struct fz_cursor *cursor)
{
    struct rows *rows = cursor->handle;
    if (rows == NULL)
        return cursor->connection->failed ? FZ_FAILED : FZ_ABSENT;
    if (++rows->at < PQntuples(rows->result))
        return FZ_OK;
    enum fz_result result = fetch(cursor, rows);
    if (result != FZ_OK)
        fz_cursor_done(cursor);
    return result;
}

/* Without it the server would keep what the cursor holds to the end of the transaction. After a failure it is gone with what is undone. */
static void close_large(struct fz_connection *connection, const struct fz_statement *statement, unsigned cursor)
{
    char sql[80];
    snprintf(sql, sizeof sql, "CLOSE fz_rows_%u", cursor);
    enum fz_result told_later = connection->failed ? FZ_OK : fz_pipeline_own(connection, statement->name, sql);
    (void)told_later; /* the next statement does */
}

void fz_postgres_done(struct fz_cursor *cursor)
{
    struct rows *rows = cursor->handle;
    if (rows->cursor != 0)
        close_large(cursor->connection, cursor->statement, rows->cursor);
    PQclear(rows->result);
    free(rows);
    cursor->connection->in_use--;
    cursor->handle = NULL;
}

/* The row at hand; asserts that the statement says so of the column. */
static const struct rows *row_at(const struct fz_cursor *cursor, int column, char letter)
{
    const struct rows *rows = cursor->handle;
    assert(rows != NULL && column >= 0 && column < PQnfields(rows->result));
    assert(letter == cursor->statement->columns[column] || letter == '*');
    (void)letter;
    (void)column;
    return rows;
}

int64_t fz_postgres_int(const struct fz_cursor *cursor, int column)
{
    const struct rows *rows = row_at(cursor, column, 'i');
    return fz_postgres_number(rows->result, rows->at, column);
}

const char *fz_postgres_string(const struct fz_cursor *cursor, int column)
{
    const struct rows *rows = row_at(cursor, column, 't');
    return PQgetvalue(rows->result, rows->at, column); /* "" for NULL */
}

const void *fz_postgres_bytes(const struct fz_cursor *cursor, int column, size_t *size)
{
    const struct rows *rows = row_at(cursor, column, 'b');
    *size = (size_t)PQgetlength(rows->result, rows->at, column);
    return PQgetvalue(rows->result, rows->at, column);
}

bool fz_postgres_is_null(const struct fz_cursor *cursor, int column)
{
    const struct rows *rows = row_at(cursor, column, '*');
    return PQgetisnull(rows->result, rows->at, column) == 1;
}

/* What failed in the part is undone with it, and the transaction goes on. */
static enum fz_result end_part(struct fz_connection *connection, enum fz_result result)
{
    if (connection->failed && fz_pipeline_recover(connection) != FZ_OK)
        return FZ_FAILED;
    if (result != FZ_OK && fz_pipeline_control(connection, FZ_ROLLBACK_TO, 0) != FZ_OK)
        return FZ_FAILED;
    return fz_pipeline_control(connection, FZ_RELEASE, 0) == FZ_OK ? result : FZ_FAILED;
}

enum fz_result fz_postgres_attempt(struct fz_tx *tx, fz_work work, void *argument)
{
    struct fz_connection *connection = tx->connection;
    struct fz_error *error = connection->error;
    size_t taken = connection->taken_count;
    if (connection->hopes && fz_pipeline_await(connection, NULL) != FZ_OK) /* what failed before the part is not undone with it */
        return FZ_FAILED;
    if (fz_pipeline_control(connection, FZ_SAVEPOINT, 0) != FZ_OK)
        return FZ_FAILED;
    *tx->error = (struct fz_error){0};
    connection->error = tx->error;
    enum fz_result result = work(tx, argument);
    if (fz_pipeline_await(connection, NULL) != FZ_OK) /* what was sent last may have failed */
        result = FZ_FAILED;
    result = end_part(connection, result);
    if (result != FZ_OK)
        fz_numbers_give_back(connection, taken);
    connection->error = error;
    return result;
}
