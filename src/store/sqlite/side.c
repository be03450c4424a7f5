/* The sides of a copy that are files: a book at rest that is read, and a file that is filled.
 *
 * The file that is filled is no book by its mark, the application's number in its head, so any version of this program refuses it. It is
 * written by a rollback journal: after a crash its head says by itself what it is. */
#include "store/sqlite/side.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/dialect.h"

#define PATIENCE_MS 10000 /* with who looks into the file that is filled */

static const unsigned char nothing[32]; /* no values are drawn */

static struct fz_sqlite_side *side_new(char *why, size_t why_size)
{
    struct fz_sqlite_side *side = calloc(1, sizeof *side);
    if (side == NULL) {
        snprintf(why, why_size, "Memory is short.");
        return NULL;
    }
    side->side.engine = &fz_sqlite_side;
    side->file = (struct fz_book_file){.lock = -1, .descriptor = -1, .acknowledged.file = -1};
    return side;
}

static void side_close(struct fz_side *base)
{
    struct fz_sqlite_side *side = (struct fz_sqlite_side *)base; /* its first member */
    sqlite3_finalize(side->rows);
    sqlite3_finalize(side->puts);
    if (side->store == NULL)
        sqlite3_close(side->handle);
    fz_connection_close(&side->reading);
    if (side->store != NULL)
        fz_store_close(side->store);
    fz_book_file_release(&side->file);
    fz_world_free(side->world);
    fz_text_done(&side->side.failure);
    free(side);
}

/* ---- the source ---- */

static enum fz_result check_schema(const char *path, char *why, size_t why_size)
{
    int64_t schema = 0;
    enum fz_result result = fz_store_schema(path, &schema, why, why_size);
    if (result != FZ_OK || schema == (int64_t)fz_migration_count)
        return result;
    snprintf(why, why_size,
             "The book %s is another version's: its schema is number %lld, this program's is %zu. %s", path, (long long)schema,
             fz_migration_count,
             schema < (int64_t)fz_migration_count ? "Upgrade it first: a start of this version's server does that."
                                                  : "Copy it by the newer version.");
    return FZ_REFUSED;
}

static enum fz_result open_store(struct fz_sqlite_side *side, const char *path, char *why, size_t why_size)
{
    side->world = fz_world_new(false, 0, nothing);
    if (side->world == NULL) {
        snprintf(why, why_size, "Memory is short.");
        return FZ_FAILED;
    }
    struct fz_store_options with = {.path = path, .world = side->world};
    enum fz_result result = fz_store_open(&with, &side->store, why, why_size);
    if (result != FZ_OK)
        return result;
    int code = fz_connection_open(side->store, FZ_ROLE_READ, &side->reading);
    side->handle = side->reading.handle;
    if (code == SQLITE_OK)
        code = sqlite3_exec(side->handle, "BEGIN", NULL, NULL, NULL);
    if (code == SQLITE_OK)
        return FZ_OK;
    fz_book_file_explain(path, code, side->reading.failure, why, why_size);
    return FZ_FAILED;
}

static enum fz_result open_source(const char *path, struct fz_side **out, char *why, size_t why_size)
{
    enum fz_result result = check_schema(path, why, why_size);
    struct fz_sqlite_side *side = result == FZ_OK ? side_new(why, why_size) : NULL;
    if (result != FZ_OK || side == NULL)
        return result == FZ_OK ? FZ_FAILED : result;
    result = open_store(side, path, why, why_size);
    if (result == FZ_OK)
        *out = &side->side;
    else
        side_close(&side->side);
    return result;
}

/* ---- the target ---- */

/* The one number, or text, that `sql` asks for. */
static enum fz_result ask(struct fz_sqlite_side *side, const char *sql, int64_t *number, char *text, size_t text_size)
{
    sqlite3_stmt *row = NULL;
    int code = sqlite3_prepare_v2(side->handle, sql, -1, &row, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(row);
    if (code == SQLITE_ROW && number != NULL)
        *number = sqlite3_column_int64(row, 0);
    if (code == SQLITE_ROW && text != NULL)
        fz_copy(text, text_size, (const char *)sqlite3_column_text(row, 0));
    sqlite3_finalize(row);
    return code == SQLITE_ROW ? FZ_OK : fz_sqlite_side_fail(side, "look at it");
}

/* The schema, the mark and the book's name, in one transaction. */
static enum fz_result make(struct fz_sqlite_side *side, const char *book)
{
    enum fz_result result = fz_sqlite_side_run(side, "begin", "BEGIN IMMEDIATE");
    for (size_t i = 0; result == FZ_OK && i < fz_migration_count; i++) {
        char *script = fz_dialect_text(&fz_dialect_sqlite, fz_migrations[i]);
        result = script == NULL ? fz_side_fail(&side->side, "memory is short") : fz_sqlite_side_run(side, "make the tables", script);
        free(script);
    }
    char *marks = sqlite3_mprintf("PRAGMA application_id=%d; PRAGMA user_version=%d;"
                                  "CREATE TABLE copying (id INTEGER PRIMARY KEY CHECK (id = 1), book TEXT NOT NULL) STRICT;"
                                  "INSERT INTO copying (id, book) VALUES (1, %Q); COMMIT",
                                  FZ_COPY_APPLICATION_ID, (int)fz_migration_count, book);
    if (result == FZ_OK)
        result = marks == NULL ? fz_side_fail(&side->side, "memory is short") : fz_sqlite_side_run(side, "mark it", marks);
    sqlite3_free(marks);
    return result;
}

/* What an earlier run has begun. */
static enum fz_result take_up(struct fz_sqlite_side *side, const char *book, char *why, size_t why_size)
{
    char begun[200] = "";
    int64_t schema = 0;
    enum fz_result result = ask(side, "SELECT book FROM copying", NULL, begun, sizeof begun);
    if (result == FZ_OK)
        result = ask(side, "PRAGMA user_version", &schema, NULL, 0);
    if (result != FZ_OK || (strcmp(begun, book) == 0 && schema == (int64_t)fz_migration_count))
        return result;
    snprintf(why, why_size, "%s is a copy, half made, of %s. Remove it to begin another one, or name another place.", side->file.path,
             strcmp(begun, book) == 0 ? "this book by another version of this program" : "another book");
    return FZ_CONFLICT;
}

static enum fz_result make_ready(struct fz_sqlite_side *side, const char *book, char *why, size_t why_size)
{
    int64_t application = 0, tables = 0;
    enum fz_result result = ask(side, "PRAGMA application_id", &application, NULL, 0);
    if (result == FZ_OK)
        result = ask(side, "SELECT count(*) FROM sqlite_schema", &tables, NULL, 0);
    if (result != FZ_OK)
        return result;
    if (application == FZ_COPY_APPLICATION_ID)
        return take_up(side, book, why, why_size);
    if (application == 0 && tables == 0)
        return make(side, book);
    snprintf(why, why_size, "%s holds a book already. Name a place where there is none.", side->file.path);
    return FZ_CONFLICT;
}

/* References are looked at when all rows are there. */
static const char settings[] = "PRAGMA foreign_keys=OFF; PRAGMA synchronous=FULL; PRAGMA cache_size=-131072; PRAGMA mmap_size=0;"
                               "PRAGMA secure_delete=OFF; PRAGMA trusted_schema=OFF";

static enum fz_result open_file(struct fz_sqlite_side *side, const char *path, const char *book, char *why, size_t why_size)
{
    enum fz_result result = fz_book_file_claim(path, true, &side->file, why, why_size);
    if (result != FZ_OK)
        return result;
    why[0] = '\0';
    int code = sqlite3_open_v2(side->file.path, &side->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    sqlite3_busy_timeout(side->handle, PATIENCE_MS);
    result = code == SQLITE_OK ? fz_sqlite_side_run(side, "open it", settings) : fz_sqlite_side_fail(side, "open it");
    if (result == FZ_OK)
        result = make_ready(side, book, why, why_size);
    if (result == FZ_FAILED && why[0] == '\0')
        snprintf(why, why_size, "The copy %s cannot be written: %s.", path, side->side.failure.data);
    return result;
}

static enum fz_result open_target(const char *path, const char *book, struct fz_side **out, char *why, size_t why_size)
{
    struct fz_sqlite_side *side = side_new(why, why_size);
    if (side == NULL)
        return FZ_FAILED;
    enum fz_result result = open_file(side, path, book, why, why_size);
    if (result == FZ_OK)
        *out = &side->side;
    else
        side_close(&side->side);
    return result;
}

/* ---- its end ---- */

static enum fz_result complete(struct fz_side *base)
{
    struct fz_sqlite_side *side = (struct fz_sqlite_side *)base;
    sqlite3_stmt *check = NULL;
    int code = sqlite3_prepare_v2(side->handle, "PRAGMA foreign_key_check", -1, &check, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(check);
    enum fz_result result = FZ_OK;
    if (code == SQLITE_ROW)
        result = fz_side_fail(base, "a row of %s refers to one of %s that is not there", (const char *)sqlite3_column_text(check, 0),
                              (const char *)sqlite3_column_text(check, 2));
    else if (code != SQLITE_DONE)
        result = fz_sqlite_side_fail(side, "look at the references");
    sqlite3_finalize(check);
    return result;
}

static enum fz_result release(struct fz_side *base)
{
    char marks[120];
    snprintf(marks, sizeof marks, "BEGIN IMMEDIATE; DROP TABLE copying; PRAGMA application_id=%d; COMMIT", FZ_BOOK_APPLICATION_ID);
    return fz_sqlite_side_run((struct fz_sqlite_side *)base, "release it", marks);
}

const struct fz_side_engine fz_sqlite_side = {
    .open_source = open_source,
    .open_target = open_target,
    .close = side_close,
    .catalogue = fz_sqlite_side_catalogue,
    .count = fz_sqlite_side_count,
    .read = fz_sqlite_side_read,
    .next = fz_sqlite_side_next,
    .read_end = fz_sqlite_side_read_end,
    .begin = fz_sqlite_side_begin,
    .put = fz_sqlite_side_put,
    .commit = fz_sqlite_side_commit,
    .empty = fz_sqlite_side_empty,
    .complete = complete,
    .release = release,
};
