/* A glance at a book's file: what cannot be a book is called that before anything else is asked of it. */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/sqlite/book_file.h"
#include "store/copy.h"
#include "store/store.h"

/* The head of an SQLite database (its file format, "The Database Header"). */
#define HEAD_SIZE      100
#define VERSION_AT     60 /* PRAGMA user_version: migrations that were done */
#define COOKIE_AT      40 /* how often the schema was changed */
#define APPLICATION_AT 68

static const char magic[16] = "SQLite format 3";

static uint32_t number_at(const unsigned char *head, size_t at)
{
    return (uint32_t)head[at] << 24 | (uint32_t)head[at + 1] << 16 | (uint32_t)head[at + 2] << 8 | head[at + 3];
}

static bool has_wal(const char *path)
{
    char *name = NULL;
    struct stat found;
    char *real = realpath(path, NULL); /* where SQLite puts it */
    bool there = real != NULL && asprintf(&name, "%s-wal", real) >= 0 && stat(name, &found) == 0 && found.st_size > 0;
    free(name);
    free(real);
    return there;
}

static ssize_t read_head(const char *path, unsigned char head[HEAD_SIZE])
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat found;
    ssize_t size = -1;
    if (file >= 0 && fstat(file, &found) == 0 && S_ISREG(found.st_mode))
        size = read(file, head, HEAD_SIZE);
    if (file >= 0)
        close(file);
    return size;
}

/* The mark of a book is written together with its schema, and both may still be in the WAL. */
enum fz_result fz_store_glance(const char *path, char *why, size_t why_size)
{
    return fz_book_file_glance(path, false, why, why_size);
}

enum fz_result fz_book_file_glance(const char *path, bool half_made, char *why, size_t why_size)
{
    unsigned char head[HEAD_SIZE] = {0};
    ssize_t size = read_head(path, head);
    if (size <= 0)
        return FZ_OK;
    if (size < HEAD_SIZE || memcmp(head, magic, sizeof magic) != 0) {
        fz_book_file_explain(path, SQLITE_NOTADB, "", why, why_size);
        return FZ_FAILED;
    }
    uint32_t application = number_at(head, APPLICATION_AT);
    bool marked = application == FZ_BOOK_APPLICATION_ID || (half_made && application == FZ_COPY_APPLICATION_ID);
    if (marked || number_at(head, COOKIE_AT) == 0 || has_wal(path))
        return FZ_OK;
    fz_book_file_foreign(path, application, why, why_size);
    return FZ_FAILED;
}

bool fz_store_is_current(const char *path)
{
    unsigned char head[HEAD_SIZE] = {0};
    return read_head(path, head) == HEAD_SIZE && number_at(head, APPLICATION_AT) == FZ_BOOK_APPLICATION_ID &&
           number_at(head, VERSION_AT) == fz_migration_count;
}

/* What a WAL has may be later than the file. */
static int ask_version(const char *path, int64_t *out)
{
    sqlite3 *handle = NULL;
    sqlite3_stmt *row = NULL;
    int code = sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_prepare_v2(handle, "PRAGMA user_version", -1, &row, NULL);
    if (code == SQLITE_OK && (code = sqlite3_step(row)) == SQLITE_ROW)
        *out = sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    sqlite3_close(handle);
    return code == SQLITE_ROW ? SQLITE_OK : code;
}

enum fz_result fz_store_schema(const char *path, int64_t *out, char *why, size_t why_size)
{
    unsigned char head[HEAD_SIZE] = {0};
    enum fz_result result = fz_store_glance(path, why, why_size);
    if (result != FZ_OK)
        return result;
    if (read_head(path, head) != HEAD_SIZE && !has_wal(path)) {
        snprintf(why, why_size, "There is no book %s. Name its data directory with --data.", path);
        return FZ_ABSENT;
    }
    *out = number_at(head, VERSION_AT);
    int code = has_wal(path) ? ask_version(path, out) : SQLITE_OK;
    if (code != SQLITE_OK)
        fz_book_file_explain(path, code, sqlite3_errstr(code), why, why_size);
    return code == SQLITE_OK ? FZ_OK : FZ_FAILED;
}
