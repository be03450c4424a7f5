/* Writes bills into an SQLite database. */
#include "cli/bill/database.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/bill/columns.h"

#define BUSY_MS     10000 /* another one may be writing */
#define SQL_MAX     8192
#define KEY_COLUMNS 4 /* before the members: day, merchant, sub-merchant, line */

struct fz_bill_database {
    const struct fz_bill_job *job;
    char path[FZ_BILL_PATH_SIZE];
    sqlite3 *file;
    sqlite3_stmt *add; /* a line */
    const struct fz_bill_had *had;
};

static bool tell(const struct fz_bill_database *database, const char *what)
{
    fprintf(stderr, "fenzhang: the database %s could not be %s: %s.\n", database->path, what,
            sqlite3_errmsg(database->file));
    return false;
}

/* ---- making it ---- */

static const char *type_of(enum fz_bill_column_kind kind)
{
    return kind == FZ_BILL_NUMBER ? "INTEGER" : "TEXT";
}

/* Which days are there, of which file each is made. */
static const char days_sql[] =
    "CREATE TABLE IF NOT EXISTS bills (bill TEXT NOT NULL, bill_day TEXT NOT NULL, bill_mchid TEXT NOT NULL, "
    "bill_sub_mchid TEXT NOT NULL, host TEXT, lines INTEGER NOT NULL, sha256 TEXT NOT NULL, "
    "PRIMARY KEY (bill, bill_day, bill_mchid, bill_sub_mchid))";

static void write_table_sql(const struct fz_bill_job *job, struct fz_text *out)
{
    fz_text_format(
        out,
        "CREATE TABLE IF NOT EXISTS %s (bill_day TEXT NOT NULL, bill_mchid TEXT NOT NULL, bill_sub_mchid TEXT NOT NULL, "
        "bill_line INTEGER NOT NULL",
        job->name);
    for (const struct fz_bill_column *column = fz_bill_columns[job->kind]; column->name != NULL; column++)
        fz_text_format(out, ", \"%s\" %s", column->name, type_of(column->kind));
    fz_text_string(out, ", PRIMARY KEY (bill_day, bill_mchid, bill_sub_mchid, bill_line)) WITHOUT ROWID");
}

static void write_add_sql(const struct fz_bill_job *job, struct fz_text *out)
{
    fz_text_format(out, "INSERT INTO %s VALUES (?, ?, ?, ?", job->name);
    for (const struct fz_bill_column *column = fz_bill_columns[job->kind]; column->name != NULL; column++)
        fz_text_string(out, ", ?");
    fz_text_string(out, ")");
}

static bool run(const struct fz_bill_database *database, const char *sql)
{
    return sqlite3_exec(database->file, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static bool make_tables(struct fz_bill_database *database)
{
    struct fz_text table = {.max = SQL_MAX}, add = {.max = SQL_MAX};
    write_table_sql(database->job, &table);
    write_add_sql(database->job, &add);
    bool good = !table.failed && !add.failed && run(database, days_sql) && run(database, table.data) &&
                sqlite3_prepare_v2(database->file, add.data, -1, &database->add, NULL) == SQLITE_OK;
    fz_text_done(&table);
    fz_text_done(&add);
    return good;
}

/* Made before SQLite does, which would let others read it. */
static bool open_file(struct fz_bill_database *database)
{
    int file = open(database->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) {
        fz_bill_tell_file(database->path, "opened");
        return false;
    }
    close(file);
    if (sqlite3_open_v2(database->path, &database->file, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
        return tell(database, "opened");
    sqlite3_busy_timeout(database->file, BUSY_MS);
    return make_tables(database) || tell(database, "prepared");
}

struct fz_bill_database *fz_bill_database_open(const struct fz_bill_job *job, const char *path)
{
    struct fz_bill_database *database = calloc(1, sizeof *database);
    if (database == NULL)
        return NULL;
    database->job = job;
    snprintf(database->path, sizeof database->path, "%s%s", path, fz_bill_is_database(path) ? "" : "/bills.sqlite");
    if (open_file(database))
        return database;
    fz_bill_database_close(database);
    return NULL;
}

void fz_bill_database_close(struct fz_bill_database *database)
{
    if (database == NULL)
        return;
    sqlite3_finalize(database->add);
    sqlite3_close(database->file);
    free(database);
}

const char *fz_bill_database_path(const struct fz_bill_database *database)
{
    return database->path;
}

/* ---- a day ---- */

static const char *sub_of(const struct fz_bill_job *job)
{
    return job->sub_mchid == NULL ? "" : job->sub_mchid;
}

static void bind(sqlite3_stmt *statement, int place, const char *text)
{
    sqlite3_bind_text(statement, place, text, -1, SQLITE_STATIC);
}

/* Prepared, with the day's key from place `at` on; NULL: it could not be. */
static sqlite3_stmt *about_day(struct fz_bill_database *database, const char *sql, int at)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(database->file, sql, -1, &statement, NULL) != SQLITE_OK)
        return NULL;
    bind(statement, at, database->had->date);
    bind(statement, at + 1, database->job->session->profile.values[FZ_SETTING_MCHID]);
    bind(statement, at + 2, sub_of(database->job));
    return statement;
}

bool fz_bill_database_has(struct fz_bill_database *database, const struct fz_bill_had *had)
{
    database->had = had;
    sqlite3_stmt *statement = about_day(
        database, "SELECT sha256 FROM bills WHERE bill_day = ? AND bill_mchid = ? AND bill_sub_mchid = ? AND bill = ?", 1);
    bind(statement, 4, database->job->name);
    bool has = sqlite3_step(statement) == SQLITE_ROW &&
               strcmp((const char *)sqlite3_column_text(statement, 0), had->facts.sha256) == 0;
    sqlite3_finalize(statement);
    return has;
}

static bool finish(sqlite3_stmt *statement)
{
    bool good = statement != NULL && sqlite3_step(statement) == SQLITE_DONE;
    sqlite3_finalize(statement);
    return good;
}

static bool forget_lines(struct fz_bill_database *database)
{
    char sql[200];
    snprintf(sql, sizeof sql, "DELETE FROM %s WHERE bill_day = ? AND bill_mchid = ? AND bill_sub_mchid = ?",
             database->job->name);
    return finish(about_day(database, sql, 1));
}

static bool note_day(struct fz_bill_database *database)
{
    const struct fz_profile *profile = &database->job->session->profile;
    sqlite3_stmt *statement =
        about_day(database,
                  "INSERT OR REPLACE INTO bills (bill, bill_day, bill_mchid, bill_sub_mchid, host, lines, sha256) "
                  "VALUES (?, ?, ?, ?, ?, ?, ?)",
                  2);
    bind(statement, 1, database->job->name);
    bind(statement, 5, profile->options.hosts == NULL ? NULL : profile->options.hosts[0]);
    sqlite3_bind_int64(statement, 6, (sqlite3_int64)database->had->facts.rows);
    bind(statement, 7, database->had->facts.sha256);
    return finish(statement);
}

/* ---- a line ---- */

static void bind_time(sqlite3_stmt *statement, int place, const struct fz_timestamp *time)
{
    char text[FZ_TIME_SIZE];
    if (time->text == NULL)
        return;
    fz_format_time(text, time->ms);
    sqlite3_bind_text(statement, place, text, -1, SQLITE_TRANSIENT);
}

static void bind_members(sqlite3_stmt *statement, const struct fz_bill_column *column, const void *line)
{
    for (int place = KEY_COLUMNS + 1; column->name != NULL; column++, place++)
        switch (column->kind) {
        case FZ_BILL_TEXT:
            bind(statement, place, fz_bill_text_in(column, line));
            break;
        case FZ_BILL_TIME:
            bind_time(statement, place, fz_bill_time_in(column, line));
            break;
        case FZ_BILL_NUMBER:
            sqlite3_bind_int64(statement, place, fz_bill_number_in(column, line));
            break;
        }
}

static int take(void *argument, const struct fz_bill_row *row)
{
    struct fz_bill_database *database = argument;
    const void *line = fz_bill_row_line(row);
    if (line == NULL)
        return 0;
    sqlite3_reset(database->add);
    sqlite3_clear_bindings(database->add);
    bind(database->add, 1, database->had->date);
    bind(database->add, 2, database->job->session->profile.values[FZ_SETTING_MCHID]);
    bind(database->add, 3, sub_of(database->job));
    sqlite3_bind_int64(database->add, KEY_COLUMNS, (sqlite3_int64)row->line);
    bind_members(database->add, fz_bill_columns[database->job->kind], line);
    return sqlite3_step(database->add) == SQLITE_DONE ? 0 : -1;
}

/* False after a message. */
static bool add_lines(struct fz_bill_database *database)
{
    fz_error *error = NULL;
    if (fz_bill_read_file(database->job->kind, database->had->path, take, database, &error) == 0)
        return true;
    if (fz_error_code(error) == FZ_CODE_CANCELLED)
        (void)tell(database, "written");
    else
        fprintf(stderr, "fenzhang: %s\n", fz_error_message(error));
    fz_error_free(error);
    return false;
}

bool fz_bill_database_put(struct fz_bill_database *database, const struct fz_bill_had *had)
{
    database->had = had;
    if (!run(database, "BEGIN IMMEDIATE") || !forget_lines(database))
        return tell(database, "written");
    bool good = add_lines(database);
    sqlite3_reset(database->add);
    if (good && (!note_day(database) || !run(database, "COMMIT")))
        good = tell(database, "written");
    if (!good)
        (void)run(database, "ROLLBACK");
    return good;
}
