/* Rows of whole tables, read and put. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/dialect.h"
#include "store/sqlite/side.h"

#define STATEMENT_MAX 8192

static struct fz_sqlite_side *of(struct fz_side *side)
{
    return (struct fz_sqlite_side *)side; /* its first member */
}

enum fz_result fz_sqlite_side_fail(struct fz_sqlite_side *side, const char *what)
{
    return fz_side_fail(&side->side, "%s: %s (SQLite code %d)", what, sqlite3_errmsg(side->handle), sqlite3_extended_errcode(side->handle));
}

enum fz_result fz_sqlite_side_run(struct fz_sqlite_side *side, const char *what, const char *sql)
{
    return sqlite3_exec(side->handle, sql, NULL, NULL, NULL) == SQLITE_OK ? FZ_OK : fz_sqlite_side_fail(side, what);
}

/* `sql` in all engines' words. NULL: `side->failure` tells. */
static sqlite3_stmt *prepare(struct fz_sqlite_side *side, const struct fz_text *sql)
{
    sqlite3_stmt *out = NULL;
    char *text = sql->failed ? NULL : fz_dialect_text(&fz_dialect_sqlite, sql->data);
    if (text == NULL)
        (void)fz_side_fail(&side->side, "memory is short");
    else if (sqlite3_prepare_v2(side->handle, text, -1, &out, NULL) != SQLITE_OK)
        (void)fz_sqlite_side_fail(side, "prepare a statement");
    free(text);
    return out;
}

/* ---- the tables ---- */

static char letter_of(const char *type)
{
    return strcmp(type, "INTEGER") == 0 ? 'i' : strcmp(type, "TEXT") == 0 ? 't' : strcmp(type, "BLOB") == 0 ? 'b' : '?';
}

static enum fz_result add_column(struct fz_sqlite_side *side, sqlite3_stmt *row, struct fz_catalogue *out)
{
    const char *table = (const char *)sqlite3_column_text(row, 0), *column = (const char *)sqlite3_column_text(row, 1);
    char letter = letter_of((const char *)sqlite3_column_text(row, 2));
    if (letter == '?')
        return fz_side_fail(&side->side, "the column %s of %s has a type that this program knows nothing of", column, table);
    if (fz_catalogue_add(out, table, column, letter, sqlite3_column_int(row, 3)) == FZ_OK)
        return FZ_OK;
    return fz_side_fail(&side->side, "the table %s is larger than those that this program makes", table);
}

enum fz_result fz_sqlite_side_catalogue(struct fz_side *base, struct fz_catalogue *out)
{
    struct fz_sqlite_side *side = of(base);
    sqlite3_stmt *rows = NULL;
    int code = sqlite3_prepare_v2(side->handle,
                                  "SELECT t.name, c.name, c.type, c.pk FROM sqlite_schema t, pragma_table_info(t.name) c"
                                  " WHERE t.type = 'table'"
                                  " AND substr(t.name, 1, 7) <> 'sqlite_' AND t.name <> 'copying' ORDER BY t.name, c.name",
                                  -1, &rows, NULL);
    enum fz_result result = FZ_OK;
    out->count = 0;
    while (code == SQLITE_OK && result == FZ_OK && (code = sqlite3_step(rows)) == SQLITE_ROW) {
        result = add_column(side, rows, out);
        code = SQLITE_OK;
    }
    if (result == FZ_OK && code != SQLITE_DONE)
        result = fz_sqlite_side_fail(side, "read the list of tables");
    sqlite3_finalize(rows);
    return result;
}

enum fz_result fz_sqlite_side_count(struct fz_side *base, const struct fz_table *table, int64_t *out)
{
    struct fz_sqlite_side *side = of(base);
    FZ_CLEANUP(fz_text_done) struct fz_text sql = {.max = STATEMENT_MAX};
    fz_text_format(&sql, "SELECT count(*) FROM \"%s\"", table->name);
    sqlite3_stmt *row = prepare(side, &sql);
    enum fz_result result = row == NULL ? FZ_FAILED : FZ_OK;
    if (row != NULL && sqlite3_step(row) == SQLITE_ROW)
        *out = sqlite3_column_int64(row, 0);
    else if (row != NULL)
        result = fz_sqlite_side_fail(side, "count rows");
    sqlite3_finalize(row);
    return result;
}

/* ---- reading ---- */

/* What is bound stays where it is until the row is done. */
static int bind(sqlite3_stmt *statement, int at, const struct fz_value *value)
{
    switch (value->kind) {
    case FZ_VALUE_INT:
        return sqlite3_bind_int64(statement, at, value->integer);
    case FZ_VALUE_TEXT:
        return sqlite3_bind_text64(statement, at, value->data, value->size, SQLITE_STATIC, SQLITE_UTF8);
    case FZ_VALUE_BLOB:
        return value->size == 0 ? sqlite3_bind_zeroblob(statement, at, 0)
                                : sqlite3_bind_blob64(statement, at, value->data, value->size, SQLITE_STATIC);
    case FZ_VALUE_NULL:
        return sqlite3_bind_null(statement, at);
    }
    return SQLITE_MISUSE;
}

enum fz_result fz_sqlite_side_read(struct fz_side *base, const struct fz_table *table, enum fz_reach reach, const struct fz_value *after)
{
    struct fz_sqlite_side *side = of(base);
    FZ_CLEANUP(fz_text_done) struct fz_text sql = {.max = STATEMENT_MAX};
    fz_table_select(table, reach, &sql);
    side->table = table;
    side->rows = prepare(side, &sql);
    int code = side->rows == NULL ? SQLITE_ERROR : SQLITE_OK;
    for (size_t i = 0; code == SQLITE_OK && reach == FZ_REACH_BEHIND && i < table->key_count; i++) {
        struct fz_value value = after[i];
        code = bind(side->rows, (int)i + 1, &value);
    }
    return code == SQLITE_OK ? FZ_OK : fz_sqlite_side_fail(side, "read a table");
}

static struct fz_value value_of(sqlite3_stmt *row, int column)
{
    struct fz_value value = {.kind = FZ_VALUE_NULL};
    switch (sqlite3_column_type(row, column)) {
    case SQLITE_INTEGER:
        return FZ_I(sqlite3_column_int64(row, column));
    case SQLITE_TEXT:
        value = (struct fz_value){.kind = FZ_VALUE_TEXT, .data = sqlite3_column_text(row, column)};
        break;
    case SQLITE_BLOB:
        value = (struct fz_value){.kind = FZ_VALUE_BLOB, .data = sqlite3_column_blob(row, column)};
        break;
    default:
        return value;
    }
    value.size = (size_t)sqlite3_column_bytes(row, column);
    return value;
}

enum fz_result fz_sqlite_side_next(struct fz_side *base, struct fz_value *out)
{
    struct fz_sqlite_side *side = of(base);
    int code = sqlite3_step(side->rows);
    if (code == SQLITE_DONE)
        return FZ_ABSENT;
    if (code != SQLITE_ROW)
        return fz_sqlite_side_fail(side, "read a table");
    for (size_t i = 0; i < side->table->column_count; i++)
        out[i] = value_of(side->rows, (int)i);
    return FZ_OK;
}

void fz_sqlite_side_read_end(struct fz_side *base)
{
    sqlite3_finalize(of(base)->rows);
    of(base)->rows = NULL;
}

/* ---- putting ---- */

static void add_insert(const struct fz_table *table, struct fz_text *out)
{
    fz_text_format(out, "INSERT INTO \"%s\" (", table->name);
    for (size_t i = 0; i < table->column_count; i++)
        fz_text_format(out, "%s\"%s\"", i == 0 ? "" : ", ", table->columns[i].name);
    fz_text_string(out, ") VALUES (");
    for (size_t i = 0; i < table->column_count; i++)
        fz_text_format(out, "%s$%zu", i == 0 ? "" : ", ", i + 1);
    fz_text_string(out, ")");
}

enum fz_result fz_sqlite_side_begin(struct fz_side *base, const struct fz_table *table)
{
    struct fz_sqlite_side *side = of(base);
    FZ_CLEANUP(fz_text_done) struct fz_text sql = {.max = STATEMENT_MAX};
    add_insert(table, &sql);
    side->table = table;
    side->puts = prepare(side, &sql);
    return side->puts == NULL ? FZ_FAILED : fz_sqlite_side_run(side, "begin", "BEGIN IMMEDIATE");
}

enum fz_result fz_sqlite_side_put(struct fz_side *base, const struct fz_value *values)
{
    struct fz_sqlite_side *side = of(base);
    int code = SQLITE_OK;
    for (size_t i = 0; code == SQLITE_OK && i < side->table->column_count; i++)
        code = bind(side->puts, (int)i + 1, &values[i]);
    if (code == SQLITE_OK)
        code = sqlite3_step(side->puts);
    return code == SQLITE_DONE && sqlite3_reset(side->puts) == SQLITE_OK ? FZ_OK : fz_sqlite_side_fail(side, "write a row");
}

enum fz_result fz_sqlite_side_commit(struct fz_side *base)
{
    struct fz_sqlite_side *side = of(base);
    sqlite3_finalize(side->puts);
    side->puts = NULL;
    return fz_sqlite_side_run(side, "commit", "COMMIT");
}

enum fz_result fz_sqlite_side_empty(struct fz_side *base, const struct fz_table *table)
{
    char sql[FZ_CATALOGUE_NAME_SIZE + 20];
    snprintf(sql, sizeof sql, "DELETE FROM \"%s\"", table->name);
    return fz_sqlite_side_run(of(base), "empty a table", sql);
}
