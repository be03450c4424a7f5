/* One SQLite connection with its prepared statements, used by one thread at a time. */
#ifndef FZ_STORE_SQLITE_CONNECTION_H
#define FZ_STORE_SQLITE_CONNECTION_H

#include <sqlite3.h>

#include "store/engine.h"

/* What a connection is for. */
enum fz_role { FZ_ROLE_READ, FZ_ROLE_WRITE, FZ_ROLE_CHECKPOINT };

enum fz_control {
    FZ_BEGIN_READ,
    FZ_BEGIN_WRITE,
    FZ_SAVEPOINT,
    FZ_RELEASE,
    FZ_ROLLBACK_TO,
    FZ_COMMIT,
    FZ_ROLLBACK,
    FZ_CONTROL_COUNT
};

struct fz_prepared {
    sqlite3_stmt *handle; /* NULL until it is first used */
    bool in_use;
};

/* The statement that looks up a table's highest row number. */
struct fz_numbering {
    struct fz_numbering *next;
    sqlite3_stmt *handle;
    char table[];
};

struct fz_connection {
    const struct fz_engine *engine;
    struct fz_store *store;       /* whose it is */
    sqlite3 *handle;              /* NULL while the file is not open */
    struct fz_prepared *prepared; /* one for each statement of the program, by its number */
    sqlite3_stmt *control[FZ_CONTROL_COUNT];
    struct fz_numbering *numberings;
    struct fz_error *error; /* of the work under way */
    uint64_t snapshot;      /* of the reader's transaction; 0 for the writer */
    int64_t floor_ms;       /* a write that moved book time came to here: none after it is dated before it */
    size_t in_use;          /* statements */
    bool failed;            /* a statement of the work under way failed: it can no longer end well */
    char failure[256];      /* what failed last, in the engine's words */
};

/* Opens the store's file (which is there) for `role`, as a WAL database. Returns a SQLite code; when it is not
 * SQLITE_OK, `failure` is filled and nothing is open. The caller owns `out`: fz_connection_close. */
int fz_connection_open(struct fz_store *store, enum fz_role role, struct fz_connection *out);
/* What a connection for reading still needs before its first transaction. A SQLite code; `failure` tells. */
int fz_connection_use(struct fz_connection *connection, enum fz_role role);
void fz_connection_close(struct fz_connection *connection); /* also on a zeroed or closed one */
/* Whether closing it, as the last one, leaves the WAL as it is, as it does from the start, or brings it home and removes
 * it. Also on a closed one. */
void fz_connection_keep_wal(struct fz_connection *connection, bool keep);

/* Runs a script of the store's own (never with outside values in it). A SQLite code; `failure` tells. */
int fz_connection_script(struct fz_connection *connection, const char *sql);
/* Begins, ends or marks a transaction. A SQLite code; `failure` tells. */
int fz_connection_control(struct fz_connection *connection, enum fz_control control);
/* Ends whatever transaction is open, without keeping it. */
void fz_connection_undo(struct fz_connection *connection);
/* Whether foreign keys are checked (they are, unless told otherwise). Outside of transactions only. */
void fz_connection_foreign_keys(struct fz_connection *connection, bool on);

/* Runs `work` in the transaction that is open. `error` may be NULL. FZ_FAILED if any of its statements
 * failed, whatever the work itself returned; error->issue then tells which and why. */
enum fz_result fz_connection_work(struct fz_connection *connection, struct fz_world *world, fz_work work,
                                  void *argument, struct fz_error *error);

/* Takes down that a statement failed: `what` and the engine's words go to `failure` and error->issue. */
void fz_connection_fail(struct fz_connection *connection, const char *what);

#endif
