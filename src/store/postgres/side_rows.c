/* Rows of whole tables: read one by one as they come, and put by COPY in its binary form. */
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/postgres/side.h"

#define STATEMENT_MAX 8192
#define SEND_BYTES    (256 << 10) /* in one message */
#define ROW_MAX       (1 << 30)

static struct fz_postgres_side *of(struct fz_side *side)
{
    return (struct fz_postgres_side *)side; /* its first member */
}

/* ---- the tables ---- */

static char letter_of(const char *type)
{
    return strcmp(type, "bigint") == 0 ? 'i' : strcmp(type, "text") == 0 ? 't' : strcmp(type, "bytea") == 0 ? 'b' : '?';
}

/* Without what this engine has for itself. */
static const char columns[] =
    "SELECT t.relname, a.attname, format_type(a.atttypid, NULL), COALESCE((SELECT k.place FROM pg_index i,"
    " unnest(i.indkey::smallint[]) WITH ORDINALITY k (attnum, place)"
    " WHERE i.indrelid = t.oid AND i.indisprimary AND k.attnum = a.attnum), 0)"
    " FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped"
    " WHERE t.relkind IN ('r', 'p') AND t.relnamespace = current_schema()::regnamespace"
    " AND t.relname NOT IN ('schema_version', 'numbering', 'copying', 'copying_later')"
    " ORDER BY t.relname COLLATE \"C\", a.attname COLLATE \"C\"";

enum fz_result fz_postgres_side_catalogue(struct fz_side *base, struct fz_catalogue *out)
{
    PGresult *rows = fz_postgres_side_ask(of(base), "read the list of tables", columns);
    enum fz_result result = rows == NULL ? FZ_FAILED : FZ_OK;
    out->count = 0;
    for (int i = 0; result == FZ_OK && i < PQntuples(rows); i++) {
        const char *table = PQgetvalue(rows, i, 0), *column = PQgetvalue(rows, i, 1);
        char letter = letter_of(PQgetvalue(rows, i, 2));
        if (letter == '?')
            result = fz_side_fail(base, "the column %s of %s has a type that this program knows nothing of", column, table);
        else if (fz_catalogue_add(out, table, column, letter, atoi(PQgetvalue(rows, i, 3))) != FZ_OK)
            result = fz_side_fail(base, "the table %s is larger than those that this program makes", table);
    }
    PQclear(rows);
    return result;
}

enum fz_result fz_postgres_side_count(struct fz_side *base, const struct fz_table *table, int64_t *out)
{
    char sql[FZ_CATALOGUE_NAME_SIZE + 40];
    snprintf(sql, sizeof sql, "SELECT COUNT(*) FROM \"%s\"", table->name);
    PGresult *rows = fz_postgres_side_ask(of(base), "count rows", sql);
    if (rows == NULL)
        return FZ_FAILED;
    *out = strtoll(PQgetvalue(rows, 0, 0), NULL, 10);
    PQclear(rows);
    return FZ_OK;
}

/* ---- reading ---- */

/* A key's values as parameters. */
struct parameters {
    int64_t numbers[FZ_KEY_MAX];
    const char *values[FZ_KEY_MAX];
    int sizes[FZ_KEY_MAX], formats[FZ_KEY_MAX];
    int count;
};

static void set_parameters(const struct fz_table *table, const struct fz_value *after, struct parameters *out)
{
    out->count = (int)table->key_count;
    for (size_t i = 0; i < table->key_count; i++) {
        bool number = after[i].kind == FZ_VALUE_INT;
        out->numbers[i] = (int64_t)htobe64((uint64_t)after[i].integer);
        out->values[i] = number ? (const char *)&out->numbers[i] : after[i].data;
        out->sizes[i] = number ? 8 : (int)after[i].size;
        out->formats[i] = 1;
    }
}

enum fz_result fz_postgres_side_read(struct fz_side *base, const struct fz_table *table, enum fz_reach reach, const struct fz_value *after)
{
    struct fz_postgres_side *side = of(base);
    PGconn *handle = side->connection.handle;
    FZ_CLEANUP(fz_text_done) struct fz_text sql = {.max = STATEMENT_MAX};
    struct parameters with = {0};
    fz_table_select(table, reach, &sql);
    if (reach == FZ_REACH_BEHIND)
        set_parameters(table, after, &with);
    side->table = table;
    side->reading = !sql.failed &&
                    PQsendQueryParams(handle, sql.data, with.count, NULL, with.values, with.sizes, with.formats, 1) == 1 &&
                    PQsetSingleRowMode(handle) == 1;
    return side->reading ? FZ_OK : fz_postgres_side_fail(side, "read a table", NULL);
}

static struct fz_value value_of(const PGresult *row, int column, char letter)
{
    if (PQgetisnull(row, 0, column) == 1)
        return FZ_NIL;
    if (letter == 'i')
        return FZ_I(fz_postgres_number(row, 0, column));
    return (struct fz_value){.kind = letter == 't' ? FZ_VALUE_TEXT : FZ_VALUE_BLOB,
                             .data = PQgetvalue(row, 0, column),
                             .size = (size_t)PQgetlength(row, 0, column)};
}

enum fz_result fz_postgres_side_next(struct fz_side *base, struct fz_value *out)
{
    struct fz_postgres_side *side = of(base);
    PQclear(side->row);
    side->row = PQgetResult(side->connection.handle);
    if (PQresultStatus(side->row) == PGRES_TUPLES_OK) /* the last one, without a row */
        return FZ_ABSENT;
    if (PQresultStatus(side->row) != PGRES_SINGLE_TUPLE)
        return fz_postgres_side_fail(side, "read a table", side->row);
    for (size_t i = 0; i < side->table->column_count; i++)
        out[i] = value_of(side->row, (int)i, side->table->columns[i].letter);
    return FZ_OK;
}

/* What is still on its way is let pass: after an end before the end, that is of one row, or of a copy that goes on no more. */
void fz_postgres_side_read_end(struct fz_side *base)
{
    struct fz_postgres_side *side = of(base);
    PQclear(side->row);
    side->row = NULL;
    while (side->reading) {
        PGresult *rest = PQgetResult(side->connection.handle);
        side->reading = rest != NULL;
        PQclear(rest);
    }
}

/* ---- putting ---- */

static const char head[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0"; /* and a NUL, the string's own */

enum fz_result fz_postgres_side_begin(struct fz_side *base, const struct fz_table *table)
{
    struct fz_postgres_side *side = of(base);
    FZ_CLEANUP(fz_text_done) struct fz_text sql = {.max = STATEMENT_MAX};
    enum fz_result result = fz_postgres_side_run(side, "begin", "BEGIN");
    if (result == FZ_OK)
        result = fz_postgres_side_put_off(side);
    if (result != FZ_OK)
        return result;
    fz_text_format(&sql, "COPY \"%s\" (", table->name);
    for (size_t i = 0; i < table->column_count; i++)
        fz_text_format(&sql, "%s\"%s\"", i == 0 ? "" : ", ", table->columns[i].name);
    fz_text_string(&sql, ") FROM STDIN (FORMAT binary)");
    PGresult *begun = sql.failed ? NULL : PQexec(side->connection.handle, sql.data);
    result = PQresultStatus(begun) == PGRES_COPY_IN ? FZ_OK : fz_postgres_side_fail(side, "begin to write", begun);
    PQclear(begun);
    side->table = table;
    side->sends = (struct fz_text){.max = ROW_MAX};
    fz_text_add(&side->sends, head, sizeof head);
    return result;
}

#define NEVER SIZE_MAX

static size_t bytes_behind(unsigned char lead)
{
    if (lead < 0x80)
        return 0;
    if (lead < 0xC2 || lead > 0xF4)
        return NEVER;
    return lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
}

/* Whether it is UTF-8 as the Unicode Standard has it, Table 3-7. */
static bool is_utf8(const unsigned char *at, size_t size)
{
    for (size_t i = 0; i < size;) {
        unsigned char lead = at[i++];
        size_t more = bytes_behind(lead);
        if (more > size - i)
            return false;
        if ((lead == 0xE0 && at[i] < 0xA0) || (lead == 0xED && at[i] > 0x9F) || (lead == 0xF0 && at[i] < 0x90) ||
            (lead == 0xF4 && at[i] > 0x8F))
            return false;
        for (; more > 0; more--)
            if ((at[i++] & 0xC0) != 0x80)
                return false;
    }
    return true;
}

static enum fz_result check_text(struct fz_postgres_side *side, const char *column, const struct fz_value *value)
{
    const char *has = memchr(value->data, '\0', value->size) != NULL ? "has a byte 0"
                      : !is_utf8(value->data, value->size)            ? "is no UTF-8"
                                                                      : NULL;
    if (has == NULL)
        return FZ_OK;
    (void)fz_side_fail(&side->side, "the text in its column %s %s, which PostgreSQL does not keep", column, has);
    return FZ_MALFORMED;
}

static void add_size(struct fz_text *out, int32_t size)
{
    uint32_t written = htobe32((uint32_t)size);
    fz_text_add(out, &written, sizeof written);
}

static enum fz_result add_value(struct fz_postgres_side *side, const char *column, const struct fz_value *value)
{
    uint64_t number = htobe64((uint64_t)value->integer);
    switch (value->kind) {
    case FZ_VALUE_NULL:
        add_size(&side->sends, -1);
        return FZ_OK;
    case FZ_VALUE_INT:
        add_size(&side->sends, sizeof number);
        fz_text_add(&side->sends, &number, sizeof number);
        return FZ_OK;
    case FZ_VALUE_TEXT:
        if (value->size > 0 && check_text(side, column, value) != FZ_OK)
            return FZ_MALFORMED;
        break;
    case FZ_VALUE_BLOB:
        break;
    }
    add_size(&side->sends, (int32_t)value->size);
    if (value->size > 0)
        fz_text_add(&side->sends, value->data, value->size);
    return FZ_OK;
}

static enum fz_result send_rows(struct fz_postgres_side *side)
{
    if (side->sends.failed)
        return fz_side_fail(&side->side, "memory is short");
    if (PQputCopyData(side->connection.handle, side->sends.data, (int)side->sends.size) != 1)
        return fz_postgres_side_fail(side, "write rows", NULL);
    side->sends.size = 0;
    return FZ_OK;
}

enum fz_result fz_postgres_side_put(struct fz_side *base, const struct fz_value *values)
{
    struct fz_postgres_side *side = of(base);
    uint16_t count = htobe16((uint16_t)side->table->column_count);
    fz_text_add(&side->sends, &count, sizeof count);
    for (size_t i = 0; i < side->table->column_count; i++)
        if (add_value(side, side->table->columns[i].name, &values[i]) != FZ_OK)
            return FZ_MALFORMED;
    return side->sends.size < SEND_BYTES ? FZ_OK : send_rows(side);
}

/* The COPY's own end, and what it came to. */
static enum fz_result end_copy(struct fz_postgres_side *side)
{
    static const uint16_t behind_the_last = 0xFFFF;
    PGconn *handle = side->connection.handle;
    fz_text_add(&side->sends, &behind_the_last, sizeof behind_the_last);
    enum fz_result result = send_rows(side);
    if (result == FZ_OK && PQputCopyEnd(handle, NULL) != 1)
        result = fz_postgres_side_fail(side, "write rows", NULL);
    for (PGresult *end = PQgetResult(handle); result == FZ_OK && end != NULL; end = PQgetResult(handle)) {
        if (PQresultStatus(end) != PGRES_COMMAND_OK)
            result = fz_postgres_side_fail(side, "write rows", end);
        PQclear(end);
    }
    fz_text_done(&side->sends);
    return result;
}

enum fz_result fz_postgres_side_commit(struct fz_side *base)
{
    struct fz_postgres_side *side = of(base);
    enum fz_result result = end_copy(side);
    if (result == FZ_OK)
        result = fz_postgres_side_owns(side);
    return result == FZ_OK ? fz_postgres_side_run(side, "commit", "COMMIT") : result;
}

enum fz_result fz_postgres_side_empty(struct fz_side *base, const struct fz_table *table)
{
    struct fz_postgres_side *side = of(base);
    char sql[FZ_CATALOGUE_NAME_SIZE + 20];
    snprintf(sql, sizeof sql, "TRUNCATE \"%s\"", table->name);
    enum fz_result result = fz_postgres_side_run(side, "begin", "BEGIN");
    if (result == FZ_OK)
        result = fz_postgres_side_put_off(side); /* references would forbid it */
    if (result == FZ_OK)
        result = fz_postgres_side_owns(side);
    if (result == FZ_OK)
        result = fz_postgres_side_run(side, "empty a table", sql);
    return result == FZ_OK ? fz_postgres_side_run(side, "commit", "COMMIT") : result;
}
