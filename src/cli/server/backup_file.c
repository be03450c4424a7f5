/* The file of a backup, by SQLite itself: the book's tables are read here as tables, whatever they mean. */
#include "cli/server/backup_file.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/clock.h"
#include "base/text.h"

#define DIGEST_SIZE 32

const char *const fz_backup_members[] = {"secret.key", "tls/ca_key.pem", "tls/ca_cert.pem", NULL};

static void close_database(sqlite3 **handle)
{
    sqlite3_close(*handle);
}
#define DATABASE FZ_CLEANUP(close_database) sqlite3

static void finalize(sqlite3_stmt **statement)
{
    sqlite3_finalize(*statement);
}
#define STATEMENT FZ_CLEANUP(finalize) sqlite3_stmt

static enum fz_result say(const char *path, int code, const char *words, char *why, size_t why_size)
{
    bool full = (code & 0xFF) == SQLITE_FULL;
    snprintf(why, why_size, "%s: %s.", path, full ? "the disk has no room. Make room, then try again" : words);
    return full ? FZ_FULL : FZ_FAILED;
}

static enum fz_result say_sqlite(const char *path, sqlite3 *handle, char *why, size_t why_size)
{
    return say(path, sqlite3_errcode(handle), sqlite3_errmsg(handle), why, why_size);
}

/* ---- the digest ---- */

static void add_value(EVP_MD_CTX *digest, sqlite3_stmt *row, int column)
{
    int kind = sqlite3_column_type(row, column);
    unsigned char head[9] = {(unsigned char)kind};
    const void *data = kind == SQLITE_INTEGER ? NULL : sqlite3_column_blob(row, column);
    int64_t number = kind == SQLITE_INTEGER ? sqlite3_column_int64(row, column) : sqlite3_column_bytes(row, column);
    for (int i = 0; i < 8; i++)
        head[1 + i] = (unsigned char)((uint64_t)number >> (8 * i));
    EVP_DigestUpdate(digest, head, sizeof head);
    if (data != NULL)
        EVP_DigestUpdate(digest, data, (size_t)number);
}

static int add_rows(EVP_MD_CTX *digest, sqlite3 *handle, const char *sql)
{
    STATEMENT *rows = NULL;
    int code = sqlite3_prepare_v2(handle, sql, -1, &rows, NULL);
    while (code == SQLITE_OK && (code = sqlite3_step(rows)) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(rows); i++)
            add_value(digest, rows, i);
        code = SQLITE_OK;
    }
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* Names and definitions of all tables but the one that has the digest, then all their rows in the order of their keys. */
static int add_tables(EVP_MD_CTX *digest, sqlite3 *handle)
{
    static const char which[] =
        "FROM sqlite_schema WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_' AND name <> 'backup' ORDER BY name";
    char sql[400];
    STATEMENT *tables = NULL;
    snprintf(sql, sizeof sql, "SELECT name, sql %s", which);
    int code = add_rows(digest, handle, sql);
    snprintf(sql, sizeof sql, "SELECT 'SELECT * FROM \"' || name || '\" NOT INDEXED' %s", which);
    if (code == SQLITE_OK)
        code = sqlite3_prepare_v2(handle, sql, -1, &tables, NULL);
    while (code == SQLITE_OK && (code = sqlite3_step(tables)) == SQLITE_ROW)
        code = add_rows(digest, handle, (const char *)sqlite3_column_text(tables, 0));
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int make_digest(sqlite3 *handle, unsigned char out[DIGEST_SIZE])
{
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    int code = digest != NULL && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) == 1 ? add_tables(digest, handle) : SQLITE_NOMEM;
    if (code == SQLITE_OK && EVP_DigestFinal_ex(digest, out, NULL) != 1)
        code = SQLITE_NOMEM;
    EVP_MD_CTX_free(digest);
    return code;
}

/* ---- made ---- */

static int run(sqlite3 *handle, const char *sql)
{
    return sqlite3_exec(handle, sql, NULL, NULL, NULL);
}

static int write_backup(sqlite3 *handle, const unsigned char digest[DIGEST_SIZE])
{
    STATEMENT *row = NULL;
    char made[FZ_TIME_SIZE];
    fz_format_time(made, fz_wire_now_ms());
    int code = sqlite3_prepare_v2(handle, "INSERT INTO backup VALUES (?1, ?2, ?3)", -1, &row, NULL);
    if (code != SQLITE_OK)
        return code;
    sqlite3_bind_text(row, 1, made, -1, SQLITE_STATIC);
    sqlite3_bind_text(row, 2, FZ_VERSION, -1, SQLITE_STATIC);
    sqlite3_bind_blob(row, 3, digest, DIGEST_SIZE, SQLITE_STATIC);
    return sqlite3_step(row) == SQLITE_DONE ? SQLITE_OK : sqlite3_errcode(handle);
}

static int write_member(sqlite3 *handle, const char *name, const char *content)
{
    STATEMENT *row = NULL;
    int code = sqlite3_prepare_v2(handle, "INSERT INTO backup_file VALUES (?1, ?2)", -1, &row, NULL);
    if (code != SQLITE_OK)
        return code;
    sqlite3_bind_text(row, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_text(row, 2, content, -1, SQLITE_STATIC);
    return sqlite3_step(row) == SQLITE_DONE ? SQLITE_OK : sqlite3_errcode(handle);
}

/* The secret has to be there; a CA only some have. */
static enum fz_result add_member(sqlite3 *handle, const char *name, const char *from, char *why, size_t why_size)
{
    char content[FZ_BACKUP_MEMBER_MAX], reason[200];
    enum fz_result result = strcmp(name, "tls/ca_cert.pem") == 0
                                ? fz_public_file_read(from, content, sizeof content, reason, sizeof reason)
                                : fz_private_file_read(from, content, sizeof content, reason, sizeof reason);
    if (result == FZ_ABSENT && strcmp(name, "secret.key") != 0)
        return FZ_OK;
    if (result != FZ_OK)
        snprintf(why, why_size, "%s cannot be read: %s. If the secret lies elsewhere, name it with --secret-file.", from, reason);
    else if (write_member(handle, name, content) != SQLITE_OK)
        result = say_sqlite(name, handle, why, why_size);
    OPENSSL_cleanse(content, sizeof content);
    return result;
}

static enum fz_result add_members(sqlite3 *handle, const char *data, const char *secret, char *why, size_t why_size)
{
    char path[FZ_PATH_SIZE];
    for (size_t i = 0; secret != NULL && fz_backup_members[i] != NULL; i++) {
        if (i > 0 && fz_path_join(path, data, fz_backup_members[i]) != FZ_OK)
            return say(data, SQLITE_OK, "its path is too long", why, why_size);
        enum fz_result result = add_member(handle, fz_backup_members[i], i == 0 ? secret : path, why, why_size);
        if (result != FZ_OK)
            return result;
    }
    return FZ_OK;
}

enum fz_result fz_backup_complete(const char *path, const char *data, const char *secret, char *why, size_t why_size)
{
    DATABASE *handle = NULL;
    unsigned char digest[DIGEST_SIZE];
    int code = sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, NULL);
    if (code == SQLITE_OK)
        code = run(handle, "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL");
    if (code == SQLITE_OK)
        code = run(handle, "BEGIN; CREATE TABLE backup (made TEXT NOT NULL, program TEXT NOT NULL, digest BLOB NOT NULL) STRICT;"
                           "CREATE TABLE backup_file (name TEXT PRIMARY KEY, content TEXT NOT NULL) STRICT");
    enum fz_result result = code == SQLITE_OK ? add_members(handle, data, secret, why, why_size) : FZ_OK;
    if (result != FZ_OK)
        return result;
    if (code == SQLITE_OK)
        code = make_digest(handle, digest);
    if (code == SQLITE_OK)
        code = write_backup(handle, digest);
    if (code == SQLITE_OK)
        code = run(handle, "COMMIT");
    return code == SQLITE_OK ? FZ_OK : say_sqlite(path, handle, why, why_size);
}

/* ---- looked at ---- */

static int open_to_read(const char *path, sqlite3 **out)
{
    return sqlite3_open_v2(path, out, SQLITE_OPEN_READONLY, NULL);
}

static int read_backup(sqlite3 *handle, struct fz_backup *out, unsigned char digest[DIGEST_SIZE])
{
    STATEMENT *row = NULL;
    int code = sqlite3_prepare_v2(handle, "SELECT made, program, digest, user_version FROM backup, pragma_user_version", -1, &row,
                                  NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(row);
    if (code != SQLITE_ROW || sqlite3_column_bytes(row, 2) != DIGEST_SIZE)
        return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_CORRUPT : code;
    fz_copy_clean(out->made, sizeof out->made, (const char *)sqlite3_column_text(row, 0), (size_t)sqlite3_column_bytes(row, 0), 25);
    fz_copy_clean(out->program, sizeof out->program, (const char *)sqlite3_column_text(row, 1), (size_t)sqlite3_column_bytes(row, 1),
                  10);
    memcpy(digest, sqlite3_column_blob(row, 2), DIGEST_SIZE);
    out->schema = sqlite3_column_int64(row, 3);
    return SQLITE_OK;
}

/* What no digest is over: how the tables lie in the file, and their indexes. */
static int check_pages(sqlite3 *handle, char *out, size_t size)
{
    STATEMENT *row = NULL;
    int code = sqlite3_prepare_v2(handle, "PRAGMA integrity_check(1)", -1, &row, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(row);
    if (code != SQLITE_ROW)
        return code;
    const char *said = (const char *)sqlite3_column_text(row, 0);
    fz_copy_clean(out, size, said, strlen(said), size / 3);
    return strcmp(out, "ok") == 0 ? SQLITE_OK : SQLITE_CORRUPT;
}

static enum fz_result damaged(const char *path, const char *what, char *why, size_t why_size)
{
    snprintf(why, why_size, "The backup %s is damaged: %s. Take another one; nothing was changed.", path, what);
    return FZ_MALFORMED;
}

static bool has_backup(sqlite3 *handle)
{
    STATEMENT *row = NULL;
    return sqlite3_prepare_v2(handle, "SELECT digest FROM backup", -1, &row, NULL) == SQLITE_OK;
}

enum fz_result fz_backup_check(const char *path, struct fz_backup *out, char *why, size_t why_size)
{
    DATABASE *handle = NULL;
    unsigned char wanted[DIGEST_SIZE], found[DIGEST_SIZE];
    char said[300] = "";
    if (access(path, R_OK) != 0)
        return say(path, SQLITE_OK, strerrordesc_np(errno), why, why_size);
    int code = open_to_read(path, &handle);
    if (code == SQLITE_OK && !has_backup(handle) && sqlite3_errcode(handle) == SQLITE_ERROR) {
        snprintf(why, why_size, "%s was not made by fenzhang backup. To use another copy of a book, put it into a directory of its own.", path);
        return FZ_MALFORMED;
    }
    if (code == SQLITE_OK)
        code = check_pages(handle, said, sizeof said);
    if (code == SQLITE_OK)
        code = read_backup(handle, out, wanted);
    if (code == SQLITE_OK)
        code = make_digest(handle, found);
    if (code != SQLITE_OK)
        return damaged(path, said[0] != '\0' && strcmp(said, "ok") != 0 ? said : sqlite3_errmsg(handle), why, why_size);
    return memcmp(wanted, found, DIGEST_SIZE) == 0 ? FZ_OK
                                                   : damaged(path, "what is in it is not what was put into it", why, why_size);
}

enum fz_result fz_backup_member(const char *path, const char *name, char out[FZ_BACKUP_MEMBER_MAX])
{
    DATABASE *handle = NULL;
    STATEMENT *row = NULL;
    if (open_to_read(path, &handle) != SQLITE_OK ||
        sqlite3_prepare_v2(handle, "SELECT content FROM backup_file WHERE name = ?1", -1, &row, NULL) != SQLITE_OK)
        return FZ_FAILED;
    sqlite3_bind_text(row, 1, name, -1, SQLITE_STATIC);
    if (sqlite3_step(row) != SQLITE_ROW)
        return FZ_ABSENT;
    return fz_copy(out, FZ_BACKUP_MEMBER_MAX, (const char *)sqlite3_column_text(row, 0)) ? FZ_OK : FZ_FAILED;
}

enum fz_result fz_backup_strip(const char *path, char *why, size_t why_size)
{
    DATABASE *handle = NULL;
    int code = sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, NULL);
    if (code == SQLITE_OK) /* the secret's pages are not to stay in the book's file */
        code = run(handle, "PRAGMA secure_delete=ON; BEGIN; DROP TABLE backup_file; DROP TABLE backup; COMMIT");
    return code == SQLITE_OK ? FZ_OK : say_sqlite(path, handle, why, why_size);
}
