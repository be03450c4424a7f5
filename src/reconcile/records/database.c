/* Reads records from SQLite and PostgreSQL, a row at a time. */
#include "reconcile/records/database.h"

#include <libpq-fe.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SQLITE_PREFIX "sqlite:"
#define BUSY_MS       5000 /* that another program may take to write */

bool fz_database_is(const char *name)
{
    return strncmp(name, SQLITE_PREFIX, strlen(SQLITE_PREFIX)) == 0 || strncmp(name, "postgresql://", 13) == 0 ||
           strncmp(name, "postgres://", 11) == 0;
}

/* A query being read. */
struct query {
    struct fz_record_reading *records;
    size_t piece;
    const char *sql;
    struct fz_pen *pen;
    struct fz_cell_plan plan;
    uint32_t rows;
};

static enum fz_result refuse(const struct query *query, const char *why)
{
    return fz_trouble_say(query->records->reading->trouble, "The records could not be read: %s. Nothing was compared.", why);
}

static void plan(struct query *query, const struct fz_item_part *names, size_t count)
{
    fz_map_plan(query->records->map, names, count < FZ_CELLS_MAX ? count : FZ_CELLS_MAX, &query->plan);
}

static enum fz_result put(struct query *query, const struct fz_item_part *cells)
{
    return fz_record_put(query->records, (uint32_t)query->piece, query->rows++, cells, query->pen);
}

/* ---- SQLite ---- */

static enum fz_result step(struct query *query, sqlite3_stmt *statement, bool *out_done)
{
    struct fz_item_part cells[FZ_ROLES] = {0};
    int state = sqlite3_step(statement);
    *out_done = state == SQLITE_DONE;
    if (state != SQLITE_ROW)
        return *out_done ? FZ_OK : refuse(query, sqlite3_errmsg(sqlite3_db_handle(statement)));
    for (size_t i = 0; i < query->plan.count; i++) {
        const char *text =
            query->plan.roles[i] == FZ_ROLE_NONE ? NULL : (const char *)sqlite3_column_text(statement, (int)i);
        if (text != NULL)
            cells[query->plan.roles[i]] = (struct fz_item_part){text, (size_t)sqlite3_column_bytes(statement, (int)i)};
    }
    return put(query, cells);
}

/* NULL: it reads, and is all there is. Opened to read or not, VACUUM INTO would write a file. */
static const char *wrong_with(sqlite3 *database, sqlite3_stmt *statement, const char *rest)
{
    sqlite3_stmt *more = NULL;
    bool is_alone = sqlite3_prepare_v2(database, rest, -1, &more, NULL) == SQLITE_OK && more == NULL;
    sqlite3_finalize(more);
    if (!is_alone)
        return "the query has a second statement behind a semicolon, and only one is run";
    if (!sqlite3_stmt_readonly(statement))
        return "the query would change something, and only one that reads is run";
    return sqlite3_column_count(statement) == 0 ? "the query gives no columns: it begins with SELECT" : NULL;
}

static enum fz_result run_sqlite(struct query *query, sqlite3 *database)
{
    struct fz_item_part names[FZ_CELLS_MAX];
    sqlite3_stmt *statement = NULL;
    bool done = false;
    const char *rest = "";
    if (sqlite3_prepare_v2(database, query->sql, -1, &statement, &rest) != SQLITE_OK || statement == NULL)
        return refuse(query, statement == NULL && sqlite3_errcode(database) == SQLITE_OK ? "the query is empty"
                                                                                         : sqlite3_errmsg(database));
    const char *why = wrong_with(database, statement, rest);
    if (why != NULL) {
        sqlite3_finalize(statement);
        return refuse(query, why);
    }
    size_t count = (size_t)sqlite3_column_count(statement);
    for (size_t i = 0; i < count && i < FZ_CELLS_MAX; i++) {
        const char *name = sqlite3_column_name(statement, (int)i);
        names[i] = (struct fz_item_part){name, strlen(name)};
    }
    plan(query, names, count);
    enum fz_result result = FZ_OK;
    while (result == FZ_OK && !done)
        result = step(query, statement, &done);
    sqlite3_finalize(statement);
    return result;
}

static enum fz_result read_sqlite(struct query *query, const char *name)
{
    sqlite3 *database = NULL;
    char path[4096];
    const char *from = name + strlen(SQLITE_PREFIX), *mark = strchr(from, '?');
    snprintf(path, sizeof path, "%.*s", (int)(mark == NULL ? strlen(from) : (size_t)(mark - from)), from);
    if (mark != NULL)
        query->sql = mark + 1;
    if (query->sql == NULL)
        return refuse(query, "a query is missing. Say it with --query, or behind a question mark: sqlite:FILE?SELECT …");
    enum fz_result result = sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK
                                ? FZ_OK
                                : refuse(query, sqlite3_errmsg(database));
    if (result == FZ_OK) {
        sqlite3_busy_timeout(database, BUSY_MS);
        result = run_sqlite(query, database);
    }
    sqlite3_close(database);
    return result;
}

/* ---- PostgreSQL ---- */

static enum fz_result put_pg_row(struct query *query, const PGresult *row)
{
    struct fz_item_part cells[FZ_ROLES] = {0};
    for (size_t i = 0; i < query->plan.count; i++)
        if (query->plan.roles[i] != FZ_ROLE_NONE && !PQgetisnull(row, 0, (int)i))
            cells[query->plan.roles[i]] =
                (struct fz_item_part){PQgetvalue(row, 0, (int)i), (size_t)PQgetlength(row, 0, (int)i)};
    return put(query, cells);
}

static void plan_pg(struct query *query, const PGresult *row)
{
    struct fz_item_part names[FZ_CELLS_MAX];
    size_t count = (size_t)PQnfields(row);
    for (size_t i = 0; i < count && i < FZ_CELLS_MAX; i++)
        names[i] = (struct fz_item_part){PQfname(row, (int)i), strlen(PQfname(row, (int)i))};
    plan(query, names, count);
}

static bool begin_reading(PGconn *connection)
{
    PGresult *began = PQexec(connection, "BEGIN READ ONLY");
    bool good = PQresultStatus(began) == PGRES_COMMAND_OK;
    PQclear(began);
    return good;
}

/* One statement, as with parameters there can be no more, in a transaction that nothing is written in: so none can end it
 * and write behind it. */
static enum fz_result run_pg(struct query *query, PGconn *connection)
{
    enum fz_result result = FZ_OK;
    if (!begin_reading(connection) ||
        PQsendQueryParams(connection, query->sql, 0, NULL, NULL, NULL, NULL, 0) != 1 || PQsetSingleRowMode(connection) != 1)
        return refuse(query, PQerrorMessage(connection));
    for (PGresult *row; (row = PQgetResult(connection)) != NULL; PQclear(row)) {
        ExecStatusType status = PQresultStatus(row);
        if (result == FZ_OK && query->plan.count == 0 && (status == PGRES_SINGLE_TUPLE || status == PGRES_TUPLES_OK))
            plan_pg(query, row);
        if (result == FZ_OK && status == PGRES_SINGLE_TUPLE)
            result = put_pg_row(query, row);
        else if (result == FZ_OK && status != PGRES_TUPLES_OK)
            result = refuse(query, PQresultErrorMessage(row));
    }
    return result;
}

/* libpq would quote what it cannot read, with the password in it. */
static bool is_address(const char *name)
{
    PQconninfoOption *options = PQconninfoParse(name, NULL);
    PQconninfoFree(options);
    return options != NULL;
}

static enum fz_result read_pg(struct query *query, const char *name)
{
    if (query->sql == NULL)
        return refuse(query, "a query is missing. Say it with --query \"SELECT …\"");
    if (!is_address(name))
        return refuse(query, "its address is none as libpq reads it: postgresql://USER@HOST:PORT/DATABASE");
    PGconn *connection = PQconnectdb(name);
    enum fz_result result =
        PQstatus(connection) == CONNECTION_OK ? run_pg(query, connection) : refuse(query, PQerrorMessage(connection));
    PQfinish(connection);
    return result;
}

enum fz_result fz_database_piece(struct fz_record_reading *records, size_t piece, const char *sql, struct fz_pen *pen)
{
    struct fz_inputs *inputs = records->reading->inputs;
    const char *name = inputs->list[inputs->pieces[piece].input].path;
    struct query query = {.records = records, .piece = piece, .sql = sql, .pen = pen};
    enum fz_result result =
        strncmp(name, SQLITE_PREFIX, strlen(SQLITE_PREFIX)) == 0 ? read_sqlite(&query, name) : read_pg(&query, name);
    inputs->pieces[piece].lines = (uint64_t)query.rows + 1;
    records->rows += query.rows;
    return result;
}
