/* One SQLite connection: how it is opened and set, and its transactions. */
#include "store/sqlite/engine.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"

/* No mmap: an I/O error there is SIGBUS. Secure deletion (on in Debian's build) would write every freed page.
 * The last line makes the connection open the WAL at once: while it does so, no other connection of this
 * process is the last one, which on closing would remove the WAL. */
#define TO_WRITE                     \
    "PRAGMA journal_mode=WAL;"       \
    "PRAGMA synchronous=FULL;"       \
    "PRAGMA mmap_size=0;"            \
    "PRAGMA wal_autocheckpoint=0;"   \
    "PRAGMA secure_delete=OFF;"      \
    "PRAGMA trusted_schema=OFF;"     \
    "SELECT count(*) FROM sqlite_schema"

/* The same, with nothing that makes SQLite parse the schema: a start opens sixteen readers and uses five, and
 * to parse it is nine tenths of what opening one costs. */
#define TO_READ                      \
    "PRAGMA mmap_size=0;"            \
    "PRAGMA trusted_schema=OFF;"     \
    "PRAGMA query_only=ON;"          \
    "PRAGMA data_version"

/* How long a connection waits for a lock, what is set when it is opened and when it is first used, which is its
 * page cache. Locks are rare: the writer is alone, and readers meet one only while a WAL left by a crash is
 * read again. A checkpoint must not keep the writer waiting for long. */
static const struct {
    int patience_ms;
    const char *opened, *used;
} roles[] = {
    [FZ_ROLE_READ] = {10000, TO_READ, "PRAGMA cache_size=-24576"},
    [FZ_ROLE_WRITE] = {10000, TO_WRITE, "PRAGMA cache_size=-32768"},
    [FZ_ROLE_CHECKPOINT] = {20, TO_WRITE, "PRAGMA cache_size=-256"},
};

/* Keeps the engine's words for a code that is not SQLITE_OK. */
static int noted(struct fz_connection *connection, int code)
{
    if (code != SQLITE_OK) {
        snprintf(connection->failure, sizeof connection->failure, "%s (SQLite code %d)",
                 sqlite3_errmsg(connection->handle), code);
        fz_trouble_note(connection->store, code, connection->failure);
    }
    return code;
}

static int on_busy(void *patience_ms, int tries)
{
    if (tries >= *(const int *)patience_ms)
        return 0;
    sqlite3_sleep(1);
    return 1;
}

static int set_up(struct fz_connection *connection, enum fz_role role)
{
    sqlite3_busy_handler(connection->handle, on_busy, (void *)&roles[role].patience_ms);
    if (sqlite3_db_readonly(connection->handle, "main") == 1) {
        fz_copy(connection->failure, sizeof connection->failure, "it can only be read");
        return SQLITE_READONLY;
    }
    int code = fz_connection_script(connection, roles[role].opened);
    if (code == SQLITE_OK && role != FZ_ROLE_READ)
        code = fz_connection_use(connection, role);
    fz_connection_foreign_keys(connection, true);
    return code;
}

int fz_connection_use(struct fz_connection *connection, enum fz_role role)
{
    return fz_connection_script(connection, roles[role].used);
}

int fz_connection_open(struct fz_store *store, enum fz_role role, struct fz_connection *out)
{
    *out = (struct fz_connection){.engine = &fz_sqlite, .store = store};
    size_t statements = 0;
    (void)fz_statements(&statements);
    out->prepared = calloc(statements + 1, sizeof *out->prepared);
    if (out->prepared == NULL)
        return SQLITE_NOMEM;
    int code =
        sqlite3_open_v2(store->file.path, &out->handle,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, store->vfs);
    fz_connection_keep_wal(out, true); /* whatever comes now, if the book is not opened nothing of it is changed */
    if (code == SQLITE_OK)
        code = set_up(out, role);
    else
        (void)noted(out, code);
    if (code != SQLITE_OK)
        fz_connection_close(out);
    return code;
}

void fz_connection_close(struct fz_connection *connection)
{
    size_t statements = 0;
    (void)fz_statements(&statements);
    for (size_t i = 0; connection->prepared != NULL && i < statements; i++)
        sqlite3_finalize(connection->prepared[i].handle);
    free(connection->prepared);
    connection->prepared = NULL;
    for (size_t i = 0; i < FZ_CONTROL_COUNT; i++) {
        sqlite3_finalize(connection->control[i]);
        connection->control[i] = NULL;
    }
    while (connection->numberings != NULL) {
        struct fz_numbering *numbering = connection->numberings;
        connection->numberings = numbering->next;
        sqlite3_finalize(numbering->handle);
        free(numbering);
    }
    sqlite3_close(connection->handle);
    connection->handle = NULL;
}

void fz_connection_keep_wal(struct fz_connection *connection, bool keep)
{
    if (connection->handle != NULL)
        sqlite3_db_config(connection->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, (int)keep, NULL);
}

int fz_connection_script(struct fz_connection *connection, const char *sql)
{
    return noted(connection, sqlite3_exec(connection->handle, sql, NULL, NULL, NULL));
}

int fz_connection_control(struct fz_connection *connection, enum fz_control control)
{
    static const char *const texts[FZ_CONTROL_COUNT] = {
        [FZ_BEGIN_READ] = "BEGIN",
        [FZ_BEGIN_WRITE] = "BEGIN IMMEDIATE",
        [FZ_SAVEPOINT] = "SAVEPOINT work",
        [FZ_RELEASE] = "RELEASE work",
        [FZ_ROLLBACK_TO] = "ROLLBACK TO work",
        [FZ_COMMIT] = "COMMIT",
        [FZ_ROLLBACK] = "ROLLBACK",
    };
    sqlite3_stmt **handle = &connection->control[control];
    int code = SQLITE_OK;
    if (*handle == NULL)
        code = sqlite3_prepare_v3(connection->handle, texts[control], -1, SQLITE_PREPARE_PERSISTENT, handle,
                                  NULL);
    if (code != SQLITE_OK)
        return noted(connection, code);
    (void)sqlite3_step(*handle);
    return noted(connection, sqlite3_reset(*handle));
}

void fz_connection_undo(struct fz_connection *connection)
{
    if (!sqlite3_get_autocommit(connection->handle))
        (void)fz_connection_control(connection, FZ_ROLLBACK);
}

void fz_connection_foreign_keys(struct fz_connection *connection, bool on)
{
    sqlite3_db_config(connection->handle, SQLITE_DBCONFIG_ENABLE_FKEY, (int)on, NULL);
}

enum fz_result fz_connection_work(struct fz_connection *connection, struct fz_world *world, fz_work work,
                                  void *argument, struct fz_error *error)
{
    struct fz_error scratch;
    if (error == NULL)
        error = &scratch;
    *error = (struct fz_error){0};
    connection->error = error;
    connection->failed = false;
    int64_t clock_ms = fz_book_now_ms(world);
    int64_t now_ms = clock_ms > connection->floor_ms ? clock_ms : connection->floor_ms;
    struct fz_tx tx = {
        .connection = connection, .world = world, .now_ms = now_ms, .wire_ms = fz_wire_now_ms(), .error = error, .snapshot = connection->snapshot};
    enum fz_result result = work(&tx, argument);
    assert(connection->in_use == 0);
    assert(connection->failed || result != FZ_REFUSED || error->row != FZ_ROW_NONE);
    connection->error = NULL;
    if (connection->failed)
        return FZ_FAILED;
    if (result == FZ_OK && tx.now_ms > now_ms)
        connection->floor_ms = tx.now_ms;
    return result;
}

void fz_connection_fail(struct fz_connection *connection, const char *what)
{
    connection->failed = true;
    snprintf(connection->failure, sizeof connection->failure, "%s: %s (SQLite code %d)", what,
             sqlite3_errmsg(connection->handle), sqlite3_extended_errcode(connection->handle));
    fz_trouble_note(connection->store, sqlite3_extended_errcode(connection->handle), connection->failure);
    connection->error->row = FZ_ROW_NONE;
    fz_copy(connection->error->issue, sizeof connection->error->issue, connection->failure);
}
