/* What an open book on PostgreSQL consists of, for the files of this folder alone.
 *
 * A write has a connection and a transaction of its own; so many writers as there are connections run side by side, and PostgreSQL brings
 * their commits to the disk together. A statement whose outcome the work does not ask for is sent and not waited for: the next one that is
 * asked, or the commit, goes with it in one message (pipeline.c). */
#ifndef FZ_STORE_POSTGRES_ENGINE_H
#define FZ_STORE_POSTGRES_ENGINE_H

#include <libpq-fe.h>
#include <pthread.h>
#include <stdatomic.h>

#include "store/engine.h"

#define FZ_TABLE_SIZE 32 /* of a table's name */
#define FZ_TAKEN_MAX  64 /* numbers that a transaction can give back */
#define FZ_NAME_SIZE  64 /* of a book's name */
#define FZ_DAY_LOCKS  0x66656E7A00000000 /* + day: advisory locks, "fenz" */
#define FZ_MIGRATION_LOCK (FZ_DAY_LOCKS - 1)
#define FZ_COPY_LOCK (FZ_DAY_LOCKS - 2) /* who copies the book holds it alone; a start asks for it, shared */
#define FZ_COPY_NAP_MS 100 /* between two looks at that lock */
#define FZ_SENT_MAX   64 /* statements on their way */
#define FZ_WAIT_MS    10000 /* a write waits so long for its turn, and for a database that is away */
#define FZ_SILENT_MS  20000 /* the server says nothing for so long: it is halted, or cut off */

/* What is in the database. */
struct fz_schema {
    int64_t version; /* so many migrations were done; 0: it is empty */
    int64_t needed;  /* so many of them a program has to know */
};

/* Row numbers of a table that this process may give out. */
struct fz_numbers {
    char table[FZ_TABLE_SIZE]; /* "": the list ends here */
    int64_t next, end;
};
#define FZ_TABLES_MAX 32

/* A number that the transaction under way has taken. */
struct fz_taken {
    struct fz_numbers *numbers;
    int64_t number;
};

/* A statement on its way. */
struct fz_sent {
    const char *name;
    PGresult **keep; /* where its outcome goes if it is good; NULL: nobody keeps it */
    bool *prepares; /* NULL unless it is the preparing of one: is true, and becomes false if the server does not do it */
};

/* Before new connections (gate.c). */
struct fz_gate {
    pthread_mutex_t lock; /* for what follows */
    pthread_cond_t changed;
    bool away;   /* the last time that somebody asked, there was none to be had */
    bool asking; /* somebody asks at this moment */
    bool told, ending;
    int64_t since_ms, next_ms, pause_ms; /* ticks: away since; asked again at */
    char why[256];
};

#define FZ_ASKED_MAX    6
#define FZ_ASKED_VALUES 4
#define FZ_ASKED_SIZE   240

/* What a work is going to ask: sent before it runs. */
struct fz_asked {
    const struct fz_statement *statement;
    size_t count;
    struct fz_value values[FZ_ASKED_VALUES];
    char data[FZ_ASKED_SIZE]; /* what they point to */
    PGresult *rows;           /* NULL: it was taken, or has not come */
};

/* A statement that the server may know. */
struct fz_prepared {
    bool there;
    char label[15]; /* its name there, once it was */
};

/* The merchants that a read met last. */
struct fz_known {
    char book[FZ_NAME_SIZE];
    int64_t changes;   /* of merchants, so far, in that book */
    uint64_t snapshot; /* of tx; 0: none was met */
};

struct fz_connection {
    const struct fz_engine *engine;
    struct fz_store *store;
    PGconn *handle;       /* NULL while there is none */
    struct fz_prepared *prepared; /* by number, for each statement of the store and the program, and for each of the latter as fz_insert_new and as
                                   * a glance have it */
    struct fz_sent sent[FZ_SENT_MAX]; /* those whose outcome nobody has looked at yet, oldest first */
    size_t sent_count;
    struct fz_error *error; /* of the work under way */
    size_t in_use;        /* cursors that are open */
    unsigned cursors;     /* of the server's, that the transaction under way has opened */
    int64_t silent_ms;    /* the server may say nothing for so long; 0: FZ_SILENT_MS */
    bool patient;         /* the work under way may let the server think for as long as it likes */
    bool ending;          /* a read's end is on its way, and nobody has looked at its outcome */
    bool failed;          /* a statement of the work under way failed: it can no longer end well */
    bool lost;            /* the connection, or its server's role, is gone: it is of no further use */
    bool committing;      /* COMMIT is on its way */
    bool hopes;           /* a row was added of which nobody knows yet whether its key was free */
    bool careful;         /* such a key was taken when the work ran before */
    fz_ahead ahead;       /* of the work under way; may be NULL */
    struct fz_asked asked[FZ_ASKED_MAX];
    size_t asked_count;
    bool glances;         /* a read that is one statement: it has what was asked ahead, and nothing else */
    bool missed;          /* and would have needed more */
    bool warned;          /* the server has warned of something in the transaction under way */
    bool cut_off;         /* what failed first ended the connection or the server: what it did before that is not known */
    bool wrote;           /* the transaction under way is known to have changed something, so its commit is waited for */
    char state[6];        /* SQLSTATE of what failed first; "" if nothing did, or it has none */
    char failure[256];    /* what failed first, in the engine's words */
    char transaction[24]; /* the number by which the server can say later what became of it; "" of a read */
    char timeline[16];    /* of the server's history, on which that number counts */
    size_t lead;          /* the host that was asked first */
    uint_fast64_t era;    /* the same as a number; at first the highest that was known when the connection was made */
    int day;              /* the one that the transaction under way holds open */
    bool alone;           /* and lets nobody else hold */
    struct fz_taken taken[FZ_TAKEN_MAX];
    size_t taken_count;
    bool empties;         /* it makes the book anew: it takes numbers for itself, nobody else can */
    struct fz_known known;
    int64_t began_ms; /* by fz_ticks_ms: the transaction under way */
};

struct fz_writer {
    struct fz_store *store;
    pthread_t thread;
    struct fz_connection connection;
};

struct fz_store {
    const struct fz_engine *engine;
    char *address; /* as it was given, with nothing of ours in it */
    bool pipelines, prepares;
    struct fz_world *world;
    void (*tell)(const char *sentence);
    void (*note)(const char *sentence);
    atomic_bool outdated; /* a newer program has changed the schema to one that this program does not know */
    struct fz_gate gate;
    pthread_t watch;
    bool watched; /* the thread is there */

    pthread_mutex_t lock; /* for what follows, down to `health` */
    pthread_cond_t arrived, ending;
    struct fz_write *first, **last;
    size_t queue_max;
    bool closing;
    struct fz_store_health health;

    pthread_mutex_t pooling; /* for what follows */
    struct fz_idle *idle;    /* connections that nobody uses, the last one first */
    struct fz_known known;   /* on whichever connection */
    int64_t known_ms;        /* by fz_ticks_ms: when that was asked for last */

    pthread_mutex_t numbering; /* for what follows */
    struct fz_numbers numbers[FZ_TABLES_MAX];
    struct fz_connection asking; /* for blocks of numbers */
    char book[FZ_NAME_SIZE];     /* the name of the one that the numbers are of; "": of one in the making */
    uint_fast64_t numbers_era;   /* the timeline that they are of */

    enum fz_result (*another)(struct fz_tx *tx, void *argument); /* may be NULL */
    void *another_argument;
    pthread_mutex_t following;   /* for what follows */
    char followed[FZ_NAME_SIZE]; /* the name of the book that was followed last; "": none, or nobody knows */

    pthread_mutex_t telling; /* for what follows */
    struct fz_clock_state clock; /* as the book last said */

    atomic_uint_fast64_t era; /* the highest timeline that was seen */
    pthread_mutex_t looking;  /* of whoever looks for a higher one */
    atomic_size_t lead;       /* of the hosts: the one that is asked first */

    size_t writer_max, writer_count; /* as many as are wanted; as were started */
    struct fz_writer *writers;
};

struct fz_reader {
    const struct fz_engine *engine;
    struct fz_store *store;
    struct fz_connection connection; /* is there during a read */
    int64_t wait_ms;      /* for a database that is away */
    int64_t most_ms;      /* for an answer of one that is there; 0: FZ_SILENT_MS */
    pthread_mutex_t lock; /* for what follows */
    PGcancel *cancel;     /* while a connection is there */
    bool interrupted;     /* what it does at the moment; its server may learn of that later */
};

/* ---- hosts.c ---- */
#define FZ_HOST_LISTS 3
extern const char *const fz_host_lists[FZ_HOST_LISTS]; /* libpq's names of them */
/* The store's lists of hosts in the order in which they are asked. */
struct fz_hosts {
    char *lists[FZ_HOST_LISTS]; /* NULL: has no more than one member, so the address itself says it */
};
void fz_hosts_of(const struct fz_store *store, size_t lead, struct fz_hosts *out); /* caller-owned: fz_hosts_done */
void fz_hosts_done(struct fz_hosts *hosts);
void fz_hosts_draw(struct fz_store *store); /* the first to be asked */
/* Tells of a name that leads to several servers: libpq goes on to the next host if the role does not fit, not to the next address of one. */
void fz_hosts_warn(const struct fz_store *store);
/* The host that is asked first with this `lead` is none to begin with. */
void fz_hosts_move_on(struct fz_store *store, size_t lead);
/* Whether the first of them took the connection. */
bool fz_hosts_is_first(const struct fz_hosts *hosts, const PGconn *connection);

/* ---- gate.c ---- */
void fz_gate_open(struct fz_gate *gate);
void fz_gate_close(struct fz_gate *gate);
/* Waits until somebody may ask for a connection; who enters says by fz_gate_leave what came of it. false: it was not opened until then (ticks). */
FZ_MUST_CHECK bool fz_gate_enter(struct fz_gate *gate, int64_t until_ms);
void fz_gate_leave(struct fz_store *store, bool connected, const char *why);
/* Whether the database is away, and why. */
bool fz_gate_is_shut(struct fz_gate *gate, char *why, size_t why_size);
/* Nobody waits at it any more. */
void fz_gate_end(struct fz_gate *gate);

/* ---- connection.c ---- */
/* A connection that can write, ready for a transaction. If there is none it is looked for until then (ticks; 0: no longer than one attempt
 * takes). FZ_FAILED: `failure` tells. Caller-owned: fz_postgres_disconnect. */
FZ_MUST_CHECK enum fz_result fz_postgres_connect(struct fz_store *store, int64_t until_ms, struct fz_connection *out);
/* The same for whole statements by libpq's simpler calls, one after another. */
FZ_MUST_CHECK enum fz_result fz_postgres_connect_plainly(struct fz_store *store, int64_t until_ms, struct fz_connection *out);
void fz_postgres_disconnect(struct fz_connection *connection); /* also of a zeroed or closed one */
/* Between two transactions; `from` has none any more. */
void fz_postgres_move(struct fz_connection *from, struct fz_connection *to);
/* Takes down that something failed: `what`, and the engine's words of `result` (NULL: of the connection). Only the first counts. */
void fz_postgres_fail(struct fz_connection *connection, const char *what, const PGresult *result);
/* Gives the connection up: its server's time is over. */
void fz_postgres_leave(struct fz_connection *connection);

/* ---- pool.c ---- */
/* As fz_postgres_connect, if `connection` (zeroed before the first time) has none or its own is lost: one that nobody uses, or a new one. */
FZ_MUST_CHECK enum fz_result fz_pool_take(struct fz_store *store, int64_t until_ms, struct fz_connection *connection);
/* Nobody uses it any more. What is said in it of the last transaction stays. */
void fz_pool_give(struct fz_connection *connection);
/* Ends those that nobody uses: what made one of no use made them so, too. */
void fz_pool_empty(struct fz_store *store);
/* Merchants change seldom, and their changes are counted: what an earlier read found of them holds while book and count are the same. `asked_ms`: by
 * fz_ticks_ms, before these were read. */
void fz_pool_know(struct fz_store *store, int64_t asked_ms, const char *book, int64_t changes, struct fz_known *out);
/* What the last look at the whole book found, schema and merchants too. false: that is so long ago that it has to be looked at again. So what another
 * process changes of merchants is seen within half a second, and what this one changes at once, as it reads what it has changed. */
FZ_MUST_CHECK bool fz_pool_recall(struct fz_store *store, struct fz_known *out);

/* ---- pipeline.c ---- */
/* The store's own statements. */
enum fz_control {
    FZ_BEGIN_READ,
    FZ_BEGIN_WRITE,
    FZ_HOLD_DAY,    /* the day of `value` is not closed by anybody before this transaction has ended */
    FZ_CLOSE_DAY,   /* and this waits for all who hold it, and lets nobody hold it meanwhile */
    FZ_READ_CLOCK,
    FZ_READ_CLOCK_OF_WRITE, /* the same, and the transaction's number */
    FZ_SAVEPOINT,
    FZ_RELEASE,
    FZ_ROLLBACK_TO,
    FZ_COMMIT,
    FZ_ROLLBACK,
    FZ_EMPTY, /* takes all rows out of all tables */
    FZ_BARRIER, /* the commit is waited for until it is where it belongs, although nothing was changed */
    FZ_CONTROL_COUNT
};
/* Sends a statement of the program; its outcome is looked at by one of those below. */
FZ_MUST_CHECK enum fz_result fz_pipeline_send(struct fz_connection *connection, const struct fz_statement *statement,
                                              const struct fz_value *values, size_t count);
/* The same of an INSERT … ON CONFLICT … DO NOTHING, which fails if the key is taken. */
FZ_MUST_CHECK enum fz_result fz_pipeline_send_new(struct fz_connection *connection, const struct fz_statement *statement,
                                                  const struct fz_value *values, size_t count);
/* The same of a query, and behind each row's columns the clock: all as it was at one moment. */
FZ_MUST_CHECK enum fz_result fz_pipeline_send_at_once(struct fz_connection *connection, const struct fz_statement *statement,
                                                      const struct fz_value *values, size_t count);
/* The clock that stands in such rows, and the database's own. false: there is no row. */
FZ_MUST_CHECK bool fz_pipeline_clock(const PGresult *rows, struct fz_clock_state *out, int64_t *here_ms);
FZ_MUST_CHECK enum fz_result fz_pipeline_control(struct fz_connection *connection, enum fz_control control, int64_t value);
/* Sends `before` and, in the same statement, one of the program's. */
FZ_MUST_CHECK enum fz_result fz_pipeline_declare(struct fz_connection *connection, const char *before, const struct fz_statement *statement,
                                                 const struct fz_value *values, size_t count);
/* Sends a statement of the store's own that is not worth being prepared. `name` stays. */
FZ_MUST_CHECK enum fz_result fz_pipeline_own(struct fz_connection *connection, const char *name, const char *sql);
/* The outcome of what was sent last, if it is good, goes to `place` once it is there, new: PQclear. */
void fz_pipeline_keep(struct fz_connection *connection, PGresult **place);
/* Looks at the outcome of all that was sent. `last` (may be NULL) gets the last one's, new: PQclear. FZ_FAILED if one of them failed. */
FZ_MUST_CHECK enum fz_result fz_pipeline_await(struct fz_connection *connection, PGresult **last);
/* Ends a transaction with FZ_COMMIT or FZ_ROLLBACK and looks at all outcomes. Whatever came, the connection is ready for the next
 * transaction unless it is lost. FZ_FAILED if it did not end as asked. */
FZ_MUST_CHECK enum fz_result fz_pipeline_end(struct fz_connection *connection, enum fz_control control);
/* Looks at all outcomes of statements that no transaction holds together. */
FZ_MUST_CHECK enum fz_result fz_pipeline_finish(struct fz_connection *connection);
/* Ends a transaction that has only read, without waiting for the server to say so: before the next one begins, fz_pipeline_settle. */
void fz_pipeline_end_read(struct fz_connection *connection);
void fz_pipeline_settle(struct fz_connection *connection);
/* After a failure in a part of a transaction: the server takes statements again, to undo that part. FZ_FAILED if the connection is lost. */
FZ_MUST_CHECK enum fz_result fz_pipeline_recover(struct fz_connection *connection);
/* A number of a row. */
int64_t fz_postgres_number(const PGresult *rows, int row, int column);

/* ---- patience.c ---- */
#define FZ_TIMELINE "substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)"
#define FZ_PATIENT INT64_MAX /* for as long as it takes, unless another server takes over meanwhile */
/* The connection's server said that this is its timeline. */
void fz_patience_told(struct fz_connection *connection, const char *timeline);
/* Waits until PQgetResult does not have to. False: it is `until_ms` (fz_ticks_ms), or FZ_PATIENT and another server has taken over, or this one has
 * been silent for FZ_SILENT_MS and nobody has allowed it that. */
FZ_MUST_CHECK bool fz_patience_wait(struct fz_connection *connection, int64_t until_ms);
/* One statement on a connection that was made plainly, values and rows as text; committed where it belongs when it returns. New: PQclear.
 * NULL if no answer came. */
FZ_MUST_CHECK PGresult *fz_patience_ask(struct fz_connection *connection, const char *sql, const char *const *values, int count,
                                        int64_t until_ms);

/* ---- transaction.c ---- */
enum fz_end {
    FZ_END_DONE,    /* `result` says what it came to, and nothing of it can be lost any more */
    FZ_END_UNDONE,  /* nothing was done */
    FZ_END_AGAIN,   /* nor, but it may go well if tried again */
    FZ_END_LOST,    /* as AGAIN, and the connection is of no use any more */
    FZ_END_DOUBTFUL /* as LOST, but nobody knows whether it was done */
};
/* Runs a write in a transaction; connection->alone: alone. `error` is filled as struct fz_write says. */
FZ_MUST_CHECK enum fz_end fz_transaction_write(struct fz_connection *connection, fz_work work, void *argument, struct fz_error *error,
                                               enum fz_result *result);
/* Nothing has happened on the connection yet; `error` is filled by what fails. */
void fz_transaction_start(struct fz_connection *connection, struct fz_error *error);
/* Runs a read in one snapshot. FZ_FAILED with connection->lost: it may go well on another connection. */
FZ_MUST_CHECK enum fz_result fz_transaction_read(struct fz_connection *connection, fz_ahead ahead, fz_work work, void *argument,
                                                 struct fz_error *error);

/* ---- holders.c ---- */
/* Waits until all who hold the day now have ended. FZ_FULL: after `most_ms` somebody still does, of whom `error` tells; otherwise as fz_store_read. */
FZ_MUST_CHECK enum fz_result fz_holders_pass(struct fz_connection *connection, int day, int64_t most_ms, struct fz_error *error);

/* ---- asked.c ---- */
/* Sends what was asked ahead; with fz_pipeline_send_at_once if connection->glances. A failure is learnt from what comes next. */
void fz_asked_send(struct fz_connection *connection);
/* The rows of a question that was asked ahead, new: PQclear. NULL: it was not. */
PGresult *fz_asked_take(struct fz_connection *connection, const struct fz_statement *statement, const struct fz_value *values, size_t count);
/* No answer that was not taken holds any more. */
void fz_asked_forget(struct fz_connection *connection);

/* ---- another.c ---- */
/* The transaction is of the book with this name: where that is another than the one before, the program follows. */
FZ_MUST_CHECK enum fz_result fz_another_follow(struct fz_tx *tx, const char *book);
/* What is drawn by may be another book's than the one that was followed: the next transaction looks. */
void fz_another_forget(struct fz_store *store);

/* ---- numbering.c ---- */
/* The book at hand has this name: numbers of another one are forgotten. "": of one that is being made. */
void fz_numbers_follow(struct fz_store *store, const char *book);
/* Gives back what the transaction under way has taken since it had taken `since` numbers, as far as nobody has taken one after it. */
void fz_numbers_give_back(struct fz_connection *connection, size_t since);
/* Whether the book's database is there and takes writes, by the connection that is there for numbers. */
bool fz_numbers_look(struct fz_store *store);
/* At the end: gives the rest of its blocks back to the book, as far as no other process has taken one after them. */
void fz_numbers_return(struct fz_store *store);

/* ---- doubt.c ---- */
/* What became of a transaction whose commit got no answer. FZ_OK: it was done; FZ_FAILED: it was not; FZ_UNKNOWN: nobody can say. */
FZ_MUST_CHECK enum fz_result fz_doubt_settle(struct fz_store *store, const char *transaction, const char *timeline);

/* ---- migrate.c ---- */
/* `leave`: an older schema is refused, and left as it is. FZ_REFUSED: the book is being copied, or is a copy that is not finished. */
FZ_MUST_CHECK enum fz_result fz_postgres_migrate(struct fz_connection *connection, bool leave, char *why, size_t why_size);
/* Migrates in a transaction that is under way and holds FZ_MIGRATION_LOCK, whatever is copied there. `out` is what is there then, which may
 * be a newer program's. FZ_FAILED: connection->failure tells. */
FZ_MUST_CHECK enum fz_result fz_postgres_migrate_within(struct fz_connection *connection, struct fz_schema *out);

/* ---- writer.c ---- */
void *fz_postgres_writer_main(void *writer);
/* Under the store's lock: takes the oldest write out of the queue; NULL: there is none. */
struct fz_write *fz_postgres_take_first(struct fz_store *store);

/* ---- watch.c ---- */
void *fz_postgres_watch_main(void *store);

/* ---- the table's functions ---- */
enum fz_result fz_postgres_open(const struct fz_store_options *options, struct fz_store **out, char *why, size_t why_size);
void fz_postgres_close(struct fz_store *store);
enum fz_result fz_postgres_reader_open(struct fz_store *store, struct fz_reader **out);
void fz_postgres_reader_close(struct fz_reader *reader);
void fz_postgres_reader_interrupt(struct fz_reader *reader);
void fz_postgres_reader_wait(struct fz_reader *reader, int64_t wait_ms);
void fz_postgres_reader_hurry(struct fz_reader *reader, int64_t most_ms);
enum fz_result fz_postgres_read(struct fz_reader *reader, fz_ahead ahead, fz_work work, void *argument, struct fz_error *error);
enum fz_result fz_postgres_pass_day(struct fz_reader *reader, int day, int64_t most_ms, struct fz_error *error);
enum fz_result fz_postgres_close_day(struct fz_tx *tx, int day);
enum fz_result fz_postgres_submit(struct fz_store *store, struct fz_write *write);
enum fz_result fz_postgres_renew(struct fz_store *store, const struct fz_renewal *renewal, struct fz_error *error);
void fz_postgres_health(struct fz_store *store, struct fz_store_health *out);
enum fz_result fz_postgres_attempt(struct fz_tx *tx, fz_work work, void *argument);
enum fz_result fz_postgres_run(struct fz_tx *tx, const struct fz_statement *statement, const struct fz_value *values, size_t count,
                               int64_t *changed);
enum fz_result fz_postgres_insert_new(struct fz_tx *tx, const struct fz_statement *statement, const struct fz_value *values, size_t count);
void fz_postgres_ask(struct fz_tx *tx, const struct fz_statement *statement, const struct fz_value *values, size_t count);
enum fz_result fz_postgres_query(struct fz_tx *tx, const struct fz_statement *statement, const struct fz_value *values, size_t count,
                                 struct fz_cursor *out);
enum fz_result fz_postgres_next(struct fz_cursor *cursor);
void fz_postgres_done(struct fz_cursor *cursor);
int64_t fz_postgres_int(const struct fz_cursor *cursor, int column);
const char *fz_postgres_string(const struct fz_cursor *cursor, int column);
const void *fz_postgres_bytes(const struct fz_cursor *cursor, int column, size_t *size);
bool fz_postgres_is_null(const struct fz_cursor *cursor, int column);
enum fz_result fz_postgres_next_id(struct fz_tx *tx, const char *table, int64_t *out);

#endif
