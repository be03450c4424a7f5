/* The store: one SQL interface over an engine. Only the store opens, commits and retries transactions.
 *
 * Statements are written once, for every engine: $1, $2 … for values, FOR UPDATE where a row has to be locked (SQLite has one
 * writer and drops the words), no now(), random(), serial columns, LIKE, or order left to the engine. */
#ifndef FZ_STORE_STORE_H
#define FZ_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/server/refusal.h"
#include "base/server/world.h"
#include "base/text.h"

struct fz_store;  /* an open book file or database */
struct fz_reader; /* a connection for reading, used by one thread at a time */

/* A transaction, as `work` sees it. All that `work` does, it does through this. */
struct fz_tx {
    struct fz_connection *connection; /* the engine's */
    const struct fz_world *world;     /* for fz_draw alone */
    int64_t now_ms;                   /* book time, read once at the start: the only time that `work` sees. Work that moves book time (the
                                       * scheduler's) sets it to where it came to: no later write is then dated before it, although the
                                       * world's clock is moved only after the commit */
    int64_t wire_ms;                  /* what all processes that have the book take for the machine's time: the database's, if it has one */
    struct fz_error *error;           /* where a refusal is written; never NULL */
    int64_t ahead_ms;                 /* what the store's clock is ahead of this machine's: of several processes each has its own; 0 of a file */
    int64_t told;                     /* of a write: the last notification that its work has added; 0: none */
    uint64_t snapshot;                /* of a read: whoever reads with the same number, ever, reads the same merchants; 0 of a write */
};

/* What is done in a transaction. May run more than once: it acts through `tx` only and fills what `argument` points to from
 * scratch. FZ_OK keeps what it did; FZ_REFUSED (with tx->error filled) undoes it; every other result undoes it as well. Once a
 * statement returned FZ_FAILED nothing of this work is kept, whatever it returns. */
typedef enum fz_result (*fz_work)(struct fz_tx *tx, void *argument);

/* Runs a part of a work in a savepoint of its own: FZ_OK keeps what it did, every other result undoes it and
 * the work may go on. FZ_FAILED: tx->error->issue says what failed, "" if no statement did. */
FZ_MUST_CHECK enum fz_result fz_attempt(struct fz_tx *tx, fz_work work, void *argument);

/* ---- statements ---- */

/* `binds` and `columns` have a letter a value: i = 64-bit integer, t = text, b = blob. Define them with FZ_STATEMENT at file
 * level: they lie side by side in a section of their own, so each has a number and a test can prepare them all. */
struct fz_statement {
    const char *sql;
    const char *binds;
    const char *columns;
    const char *name;
    bool large;
} __attribute__((aligned(32)));

#define FZ_STATEMENT(identifier, sql_text, bind_letters, column_letters) \
    FZ_STATEMENT_AS(identifier, sql_text, bind_letters, column_letters, false)
/* The same of a query that goes through as much as there is: its rows come so many at a time, and it may take its time. */
#define FZ_LARGE_STATEMENT(identifier, sql_text, bind_letters, column_letters) \
    FZ_STATEMENT_AS(identifier, sql_text, bind_letters, column_letters, true)
#define FZ_STATEMENT_AS(identifier, sql_text, bind_letters, column_letters, is_large)                        \
    static const struct fz_statement identifier __attribute__((section("fz_statement_list"), used)) = {          \
        .sql = sql_text, .binds = bind_letters, .columns = column_letters, .name = #identifier, .large = is_large}

struct fz_value {
    enum { FZ_VALUE_NULL, FZ_VALUE_INT, FZ_VALUE_TEXT, FZ_VALUE_BLOB } kind;
    int64_t integer;
    const void *data; /* borrowed until the call returns */
    size_t size;
};

/* Text NULL is SQL NULL. */
struct fz_value fz_text_value(const char *text);
/* The same, and so is "": for a column that is NULL where nothing was given. */
struct fz_value fz_text_or_null(const char *text);
#define FZ_I(number)      ((struct fz_value){.kind = FZ_VALUE_INT, .integer = (number)})
#define FZ_T(string)      fz_text_value(string)
#define FZ_B(bytes, count) ((struct fz_value){.kind = FZ_VALUE_BLOB, .data = (bytes), .size = (count)})
#define FZ_NIL            ((struct fz_value){.kind = FZ_VALUE_NULL})
#define FZ_VALUES(...)    (const struct fz_value[]){__VA_ARGS__}, sizeof((const struct fz_value[]){__VA_ARGS__}) / sizeof(struct fz_value)

/* Runs a statement that returns no rows. A key that is taken is a failure as any other that the statement does not provide for: FZ_FAILED.
 * `changed` (may be NULL) gets the number of rows changed. Whoever does not ask for that may learn of a
 * failure later: by the next statement that it asks something, or by what its work comes to. As in
 *     fz_run(tx, &pool_debit, FZ_VALUES(FZ_I(net), FZ_T(sponsor)), &changed) */
FZ_MUST_CHECK enum fz_result fz_run(struct fz_tx *tx, const struct fz_statement *statement, const struct fz_value *values,
                                    size_t count, int64_t *changed);

/* The same of INSERT … ON CONFLICT … DO NOTHING: FZ_CONFLICT when the key that the statement names is taken; the transaction goes on. */
FZ_MUST_CHECK enum fz_result fz_insert(struct fz_tx *tx, const struct fz_statement *statement, const struct fz_value *values,
                                       size_t count);

/* The same where the key is all but certainly free. Where many write nobody waits for the outcome: if it was taken, all is undone and the work run
 * again, with the word of fz_insert. */
FZ_MUST_CHECK enum fz_result fz_insert_new(struct fz_tx *tx, const struct fz_statement *statement, const struct fz_value *values,
                                           size_t count);

/* Before a transaction: tells with fz_ask_ahead, from what `argument` says alone, what the work is going to ask first. Where each message takes its
 * time (PostgreSQL) that goes with the one that begins the transaction; SQLite does not call it. */
typedef void (*fz_ahead)(struct fz_tx *tx, void *argument);
/* For fz_ahead, in the order in which the work will ask, as a question may lock. The first time that it does, before it has changed anything,
 * the answer is there; one that it does not ask for is thrown away. */
void fz_ask_ahead(struct fz_tx *tx, const struct fz_statement *statement, const struct fz_value *values, size_t count);

/* A running query. Caller-owned; close it with fz_cursor_done before the same statement is used again in this transaction
 * (FZ_CURSOR does so at the end of the block). */
struct fz_cursor {
    struct fz_connection *connection;
    const struct fz_statement *statement;
    void *handle;
};
#define FZ_CURSOR FZ_CLEANUP(fz_cursor_done) struct fz_cursor

/* Starts a query. FZ_OK or FZ_FAILED. `values` stay borrowed until fz_cursor_done. */
FZ_MUST_CHECK enum fz_result fz_query(struct fz_tx *tx, const struct fz_statement *statement, const struct fz_value *values,
                                      size_t count, struct fz_cursor *out);
/* The next row: FZ_OK, FZ_ABSENT at the end, FZ_FAILED. */
FZ_MUST_CHECK enum fz_result fz_next(struct fz_cursor *cursor);
/* fz_query and fz_next together, for the one row looked for. */
FZ_MUST_CHECK enum fz_result fz_query_one(struct fz_tx *tx, const struct fz_statement *statement,
                                          const struct fz_value *values, size_t count, struct fz_cursor *out);
void fz_cursor_done(struct fz_cursor *cursor); /* also on a zeroed or finished one */

/* Columns of the row at hand, from 0. Text and blobs are borrowed until the next fz_next; NULL reads as 0, "" and size 0. */
int64_t fz_int(const struct fz_cursor *cursor, int column);
const char *fz_string(const struct fz_cursor *cursor, int column);
const void *fz_bytes(const struct fz_cursor *cursor, int column, size_t *size);
bool fz_is_null(const struct fz_cursor *cursor, int column);
/* Copies a text column into an array. */
#define FZ_COPY_COLUMN(target, cursor, column) fz_copy((target), sizeof(target), fz_string((cursor), (column)))

/* Locks the rows that a SELECT … FOR UPDATE finds, and reads nothing of them; what is wrong is learnt later, as with fz_run. Where the book has
 * one writer there is nothing to lock. */
FZ_MUST_CHECK enum fz_result fz_lock(struct fz_tx *tx, const struct fz_statement *statement, const struct fz_value *values,
                                     size_t count);

/* In how many rows a balance lies that all writers change, so that they need not wait for one another: 1 where the book has one writer. */
int64_t fz_slots(const struct fz_tx *tx);

/* The highest row number given so far in `table` plus one: rows are numbered by the book, not by the engine, because drawn
 * values follow the number. FZ_STATEMENT is not needed; the table has an integer primary key `id`. */
FZ_MUST_CHECK enum fz_result fz_next_id(struct fz_tx *tx, const char *table, int64_t *out);

/* ---- days ---- */

/* Where several processes write, a transaction that is dated on a Beijing day may end after the day has. Who closes a day (converts it, makes its
 * bills) waits for such first: once book time is behind `day` and this has returned, no row of that day appears any more. It has to come before
 * what is read of the day, and before any row is locked. With SQLite, whose writes go one behind the other, there is nothing to wait for. */
FZ_MUST_CHECK enum fz_result fz_close_day(struct fz_tx *tx, int day);

/* ---- the store ---- */

struct fz_store_options {
    const char *path;       /* SQLite: the book's file; PostgreSQL: postgresql://… */
    struct fz_world *world; /* borrowed; tx->now_ms comes from it */
    size_t queue_max;       /* writes waiting; 0 = 4096 */
    size_t writers;         /* PostgreSQL: writes side by side, each on a connection of its own; 0 = 16 */
    bool one_by_one;        /* PostgreSQL: each statement waits for the one before it (a pooler in between may take no pipelines) */
    bool as_it_is;          /* PostgreSQL: an older schema is refused, not migrated */
    bool unprepared;        /* PostgreSQL: no prepared statements (a pooler in between may not keep them) */
    bool half_made;         /* opens a copy that is being made (carry.h), for who made it to look at */
    /* PostgreSQL: called in the first transaction that finds another book than those before it did, before its work: what is drawn is that
     * book's from here on. FZ_OK; or nothing is done, and the next transaction calls it again. May be NULL. */
    enum fz_result (*another)(struct fz_tx *tx, void *argument);
    void *another_argument;
    const char *vfs;        /* SQLite VFS for tests, NULL = the default; borrowed */
    /* Gets a whole sentence, once for each trouble that somebody should look at. From any thread; may be NULL. */
    void (*tell)(const char *sentence);
    /* Gets what was done that somebody wants to know: that a book of an older version is upgraded, and where a copy is. May be NULL. */
    void (*note)(const char *sentence);
};

/* Whether `address` is one of a database that several processes share. NULL: no. */
bool fz_store_is_shared(const char *address);

/* Whether other processes may write the book while it is open here. */
bool fz_store_has_others(const struct fz_store *store);

/* Tells SQLite what suits a process that uses it for its book alone; before it is first used. Without, all works as well, and
 * somewhat slower. */
void fz_store_tune_process(void);

/* Refuses a file at `path` that cannot be a book, as far as its head tells; one that is not there, is empty or cannot be read
 * now is left to fz_store_open. Opens, locks and changes nothing. `why` as below. */
FZ_MUST_CHECK enum fz_result fz_store_glance(const char *path, char *why, size_t why_size);

/* The number of the tables of the book at `path`, which may be in use: as many of fz_migrations were done; 0 of one that is still
 * empty. Nothing is changed. FZ_ABSENT: there is none; FZ_FAILED: `why`. */
FZ_MUST_CHECK enum fz_result fz_store_schema(const char *path, int64_t *out, char *why, size_t why_size);

/* Before anything of a new book is made: refuses if the book at `path` is missing or empty although there was one.
 * `used`: whoever calls knows that there was one. From here on the place counts as one where a book is being made, so
 * that a start that is cut short can be done again. `why` as below. */
FZ_MUST_CHECK enum fz_result fz_store_expect(const char *path, bool used, char *why, size_t why_size);

/* Opens (and creates, and migrates) the book. On failure `why` (may not be NULL) gets what happened, why and what to do: another
 * server holds it (FZ_CONFLICT), it is no book, it comes from a newer version, it cannot be written … New: close with
 * fz_store_close. */
FZ_MUST_CHECK enum fz_result fz_store_open(const struct fz_store_options *options, struct fz_store **out, char *why,
                                           size_t why_size);
/* From any thread, before a stop: from here on nobody waits for a database that is away; what is there goes on as before. */
void fz_store_wait_no_more(struct fz_store *store);

/* Finishes what was handed over, refuses what comes later, checkpoints and closes. Every reader has to be closed before. */
void fz_store_close(struct fz_store *store);

FZ_MUST_CHECK enum fz_result fz_reader_open(struct fz_store *store, struct fz_reader **out);
void fz_reader_close(struct fz_reader *reader);
/* From any thread, while the reader is open: the statement that it runs at this moment, if any, fails (a server that stops does not wait for
 * an audit). */
void fz_reader_interrupt(struct fz_reader *reader);

/* How long its reads wait for a database that is away, instead of failing at once. */
void fz_reader_wait(struct fz_reader *reader, int64_t wait_ms);

/* Its reads go no longer than so without an answer of a database that is there; 0: as long as any. Then they fail, and whoever asks tells what he
 * knows. */
void fz_reader_hurry(struct fz_reader *reader, int64_t most_ms);

/* Runs `work` in a read transaction on the calling thread: one consistent state. `error` as in struct fz_write. FZ_FULL: the database is
 * away, so nothing was read. */
FZ_MUST_CHECK enum fz_result fz_store_read(struct fz_reader *reader, fz_work work, void *argument, struct fz_error *error);
/* The same of a work of which `ahead` (may be NULL) tells all that it asks, as a rule: then one message does. If it asks anything else after all, it is
 * run once more. */
FZ_MUST_CHECK enum fz_result fz_store_read_ahead(struct fz_reader *reader, fz_ahead ahead, fz_work work, void *argument, struct fz_error *error);
/* The same where no reader is: by one that is opened for it. */
FZ_MUST_CHECK enum fz_result fz_store_read_once(struct fz_store *store, fz_work work, void *argument);

/* Before a read: waits, in nobody's way, until those have ended who write the day now, so what is read afterwards has all of it that is dated before.
 * FZ_FULL: somebody has not ended after `most_ms`; `error` says who, and what can be done. Otherwise as fz_store_read. */
FZ_MUST_CHECK enum fz_result fz_store_pass_day(struct fz_reader *reader, int day, int64_t most_ms, struct fz_error *error);
#define FZ_WRITE_ENDS_MS 40000 /* who stands still in the middle of a write is ended sooner */

/* A write on its way. Caller-owned, must stay where it is until `done` was called. */
struct fz_write {
    fz_work work;
    void *argument;
    fz_ahead ahead; /* may be NULL */
    struct fz_error *error; /* filled on FZ_REFUSED; on FZ_FAILED and FZ_UNKNOWN `issue` says what failed, for the log alone. The
                               caller's; may be NULL */
    /* Called once, on the writer's thread, after the commit (or refusal) is durable. Must not block. FZ_FULL, of a shared store: nothing
     * was done, and nothing will be, since the database was away, or silent, for too long; of a file: the disk is full. */
    void (*done)(struct fz_write *write, enum fz_result result);
    bool alone;            /* as fz_store_write_alone */
    struct fz_write *next; /* the store's */
    int64_t until_ms;      /* the store's, ticks: of a database that is away nothing is waited for any longer */
};
/* Hands over a write. FZ_OK: `done` will be called. FZ_FULL: the queue is full, or the store is closing; `done` is not called. */
FZ_MUST_CHECK enum fz_result fz_store_submit(struct fz_store *store, struct fz_write *write);

/* The same, waiting for its end: FZ_OK, FZ_REFUSED, FZ_ABSENT, FZ_CONFLICT … as `work` returned; FZ_FAILED: not done;
 * FZ_UNKNOWN: the commit failed and nobody can tell; FZ_FULL. */
FZ_MUST_CHECK enum fz_result fz_store_write(struct fz_store *store, fz_work work, void *argument, struct fz_error *error);

/* The same, and nothing that is dated by the book's clock is written beside it, in whichever process: for work that moves the clock. */
FZ_MUST_CHECK enum fz_result fz_store_write_alone(struct fz_store *store, fz_work work, void *argument, struct fz_error *error);

/* From any thread, also within `done`: the answer to a write is being made, or was given. That costs more than the write does,
 * and who gets it may write again, so as long as there are more of these than writes that wait, the writer lets these gather. */
void fz_store_answering(struct fz_store *store);
void fz_store_answered(struct fz_store *store);

/* A sandbox's reset, or a snapshot restored: another book in the place of this one. */
struct fz_renewal {
    const char *from; /* SQLite: the book that comes first: a file by itself, of this program's schema (copy.h); NULL: none */
    fz_work work;     /* fills the new book, or changes what came, in the transaction that empties the old one */
    void *argument;
    /* Called with the argument and what came of it, on the writer's thread: before any other write runs, and before
     * any read begins that might see the new book. What changes together with the book (its clock) is changed here.
     * Must not block, nor read the book. */
    void (*ended)(void *argument, enum fz_result result);
};
/* Everybody sees the old book or the new one. As fz_store_write. */
FZ_MUST_CHECK enum fz_result fz_store_renew(struct fz_store *store, const struct fz_renewal *renewal,
                                            struct fz_error *error);

/* Brings all that was committed so far into the book's file, so that this alone is the whole book. Returns when that
 * was done or has failed (then it is tried again later, and fz_store_health tells). */
void fz_store_checkpoint(struct fz_store *store);

/* Whether the book's files are still where they were opened: if not, nothing is acknowledged any more. */
bool fz_store_is_there(const struct fz_store *store);

struct fz_store_health {
    bool writable;           /* the last commit went well, and the file is open */
    bool outdated;           /* the book's schema is a newer program's, and this one can neither read nor write it any more */
    bool damaged;            /* what was read of the book cannot be: nothing is written any more */
    bool shared;             /* a database, which is there for several processes, or is away */
    size_t waiting;          /* writes in the queue */
    size_t running;          /* writes that a connection of a shared store is at */
    uint64_t commits;        /* since the start */
    uint64_t writes;         /* since the start; writes / commits is the mean group */
    uint64_t failed_commits; /* since the start */
    bool wal_kept;           /* the book's file once failed to sync: the WAL grows until the book is opened anew */
    int wal_frames;          /* pages in the WAL after the last commit */
    int checkpoint_code;     /* what the engine said of the last checkpoint; 0: it went well */
};
#define FZ_CHECKPOINT_BUSY 5 /* a reader was in the way */
void fz_store_health(struct fz_store *store, struct fz_store_health *out);

/* All statements of the program, for the test that prepares each. */
const struct fz_statement *fz_statements(size_t *count);

/* The numbered migrations: SQL scripts, oldest first. The file's user_version counts those done. */
extern const char *const fz_migrations[];
extern const size_t fz_migration_count;
/* In a book that processes share, a program that knows at least so many of them goes on beside one that knows all: those behind only add (tables,
 * indices, columns with a default), and what is written without them is whole. */
extern const size_t fz_migrations_needed;

#endif
