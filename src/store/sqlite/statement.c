/* Statements: prepared on first use, bound, stepped, read. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "store/dialect.h"
#include "store/sqlite/engine.h"

static struct fz_prepared *prepared_for(struct fz_connection *connection,
                                        const struct fz_statement *statement)
{
    size_t count = 0;
    const struct fz_statement *first = fz_statements(&count);
    assert(statement >= first && statement < first + count);
    return &connection->prepared[statement - first];
}

static sqlite3_stmt *prepare(struct fz_connection *connection, const char *sql)
{
    char *text = fz_dialect_text(&fz_dialect_sqlite, sql);
    if (text == NULL)
        return NULL;
    sqlite3_stmt *handle = NULL;
    (void)sqlite3_prepare_v3(connection->handle, text, -1, SQLITE_PREPARE_PERSISTENT, &handle, NULL);
    free(text);
    return handle;
}

/* The statement, ready to be bound, in use from now on; NULL if it, or one before it in this work, failed. */
static sqlite3_stmt *take(struct fz_connection *connection, const struct fz_statement *statement)
{
    /* After a failure SQLite may have ended the transaction; what came now would be kept on its own. */
    if (connection->failed)
        return NULL;
    struct fz_prepared *prepared = prepared_for(connection, statement);
    assert(!prepared->in_use);
    if (prepared->handle == NULL) {
        prepared->handle = prepare(connection, statement->sql);
        if (prepared->handle == NULL) {
            fz_connection_fail(connection, statement->name);
            return NULL;
        }
        assert((size_t)sqlite3_bind_parameter_count(prepared->handle) == strlen(statement->binds));
        assert((size_t)sqlite3_column_count(prepared->handle) == strlen(statement->columns));
    }
    prepared->in_use = true;
    connection->in_use++;
    return prepared->handle;
}

static void give_back(struct fz_connection *connection, const struct fz_statement *statement)
{
    struct fz_prepared *prepared = prepared_for(connection, statement);
    (void)sqlite3_reset(prepared->handle);
    prepared->in_use = false;
    connection->in_use--;
}

static int bind_value(sqlite3_stmt *handle, int place, char letter, const struct fz_value *value)
{
    switch (value->kind) {
    case FZ_VALUE_NULL:
        return sqlite3_bind_null(handle, place);
    case FZ_VALUE_INT:
        assert(letter == 'i');
        return sqlite3_bind_int64(handle, place, value->integer);
    case FZ_VALUE_TEXT:
        assert(letter == 't');
        return sqlite3_bind_text64(handle, place, value->data, value->size, SQLITE_STATIC, SQLITE_UTF8);
    case FZ_VALUE_BLOB:
        assert(letter == 'b');
        /* To SQLite a blob at NULL is NULL, not an empty blob. */
        return sqlite3_bind_blob64(handle, place, value->data == NULL ? "" : value->data, value->size,
                                   SQLITE_STATIC);
    }
    return SQLITE_MISUSE;
}

static int bind(sqlite3_stmt *handle, const struct fz_statement *statement, const struct fz_value *values,
                size_t count)
{
    assert(count == strlen(statement->binds));
    int code = SQLITE_OK;
    for (size_t i = 0; code == SQLITE_OK && i < count; i++)
        code = bind_value(handle, (int)i + 1, statement->binds[i], &values[i]);
    return code;
}

enum fz_result fz_sqlite_run(struct fz_tx *tx, const struct fz_statement *statement, const struct fz_value *values,
                      size_t count, int64_t *changed)
{
    struct fz_connection *connection = tx->connection;
    sqlite3_stmt *handle = take(connection, statement);
    if (handle == NULL)
        return FZ_FAILED;
    int code = bind(handle, statement, values, count);
    if (code == SQLITE_OK)
        code = sqlite3_step(handle);
    assert(code != SQLITE_ROW);
    enum fz_result result = code == SQLITE_DONE ? FZ_OK : FZ_FAILED;
    if (result != FZ_OK)
        fz_connection_fail(connection, statement->name);
    else if (changed != NULL)
        *changed = sqlite3_changes64(connection->handle);
    give_back(connection, statement);
    return result;
}

enum fz_result fz_sqlite_query(struct fz_tx *tx, const struct fz_statement *statement, const struct fz_value *values,
                        size_t count, struct fz_cursor *out)
{
    struct fz_connection *connection = tx->connection;
    sqlite3_stmt *handle = take(connection, statement);
    if (handle == NULL)
        return FZ_FAILED;
    if (bind(handle, statement, values, count) != SQLITE_OK) {
        fz_connection_fail(connection, statement->name);
        give_back(connection, statement);
        return FZ_FAILED;
    }
    *out = (struct fz_cursor){.connection = connection, .statement = statement, .handle = handle};
    return FZ_OK;
}

enum fz_result fz_sqlite_next(struct fz_cursor *cursor)
{
    if (cursor->handle == NULL)
        return cursor->connection->failed ? FZ_FAILED : FZ_ABSENT;
    int code = sqlite3_step(cursor->handle);
    if (code == SQLITE_ROW)
        return FZ_OK;
    if (code != SQLITE_DONE)
        fz_connection_fail(cursor->connection, cursor->statement->name);
    fz_cursor_done(cursor);
    return code == SQLITE_DONE ? FZ_ABSENT : FZ_FAILED;
}

void fz_sqlite_done(struct fz_cursor *cursor)
{
    give_back(cursor->connection, cursor->statement);
    cursor->handle = NULL;
}

/* The row at hand; asserts that the statement says so of the column. */
static sqlite3_stmt *row_at(const struct fz_cursor *cursor, int column, char letter)
{
    assert(cursor->handle != NULL && column >= 0 && column < sqlite3_column_count(cursor->handle));
    assert(letter == cursor->statement->columns[column] || letter == '*');
    (void)letter;
    (void)column;
    return cursor->handle;
}

int64_t fz_sqlite_int(const struct fz_cursor *cursor, int column)
{
    return sqlite3_column_int64(row_at(cursor, column, 'i'), column);
}

const char *fz_sqlite_string(const struct fz_cursor *cursor, int column)
{
    const unsigned char *text = sqlite3_column_text(row_at(cursor, column, 't'), column);
    return text == NULL ? "" : (const char *)text;
}

const void *fz_sqlite_bytes(const struct fz_cursor *cursor, int column, size_t *size)
{
    sqlite3_stmt *row = row_at(cursor, column, 'b');
    const void *data = sqlite3_column_blob(row, column);
    *size = (size_t)sqlite3_column_bytes(row, column);
    return data == NULL ? "" : data;
}

bool fz_sqlite_is_null(const struct fz_cursor *cursor, int column)
{
    return sqlite3_column_type(row_at(cursor, column, '*'), column) == SQLITE_NULL;
}

/* The statement that finds the highest number of `table`; NULL if it failed. */
static sqlite3_stmt *numbering(struct fz_connection *connection, const char *table)
{
    for (struct fz_numbering *known = connection->numberings; known != NULL; known = known->next)
        if (strcmp(known->table, table) == 0)
            return known->handle;
    size_t size = strlen(table);
    assert(size > 0 && strspn(table, "abcdefghijklmnopqrstuvwxyz_") == size);
    struct fz_numbering *made = malloc(sizeof *made + size + 1);
    char *sql = sqlite3_mprintf("SELECT max(id) FROM \"%w\"", table);
    if (made != NULL && sql != NULL)
        made->handle = prepare(connection, sql);
    sqlite3_free(sql);
    if (made == NULL || sql == NULL || made->handle == NULL) {
        free(made);
        return NULL;
    }
    memcpy(made->table, table, size + 1);
    made->next = connection->numberings;
    connection->numberings = made;
    return made->handle;
}

/* Looked up each time: a number kept in memory would be wrong after a rollback, and max(id) is one seek. */
enum fz_result fz_sqlite_next_id(struct fz_tx *tx, const char *table, int64_t *out)
{
    struct fz_connection *connection = tx->connection;
    if (connection->failed)
        return FZ_FAILED;
    sqlite3_stmt *handle = numbering(connection, table);
    int64_t highest = 0;
    bool found = handle != NULL && sqlite3_step(handle) == SQLITE_ROW;
    if (found)
        highest = sqlite3_column_int64(handle, 0);
    else
        fz_connection_fail(connection, table);
    if (handle != NULL)
        (void)sqlite3_reset(handle);
    if (!found || __builtin_add_overflow(highest, 1, &highest))
        return FZ_FAILED;
    *out = highest;
    return FZ_OK;
}
