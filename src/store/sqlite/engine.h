/* What an open book consists of, for the files of this folder alone. */
#ifndef FZ_STORE_SQLITE_ENGINE_H
#define FZ_STORE_SQLITE_ENGINE_H

#include <pthread.h>
#include <stdatomic.h>

#include "store/sqlite/book_file.h"
#include "store/sqlite/connection.h"

#define FZ_GROUP_MAX     128 /* writes in one commit */
#define FZ_SENTENCE_SIZE 1024

struct fz_store {
    const struct fz_engine *engine;
    struct fz_book_file file;
    const char *vfs;
    struct fz_world *world;
    void (*tell)(const char *sentence);
    void (*note)(const char *sentence);
    bool half_made; /* a copy that is being made is opened like a book */
    bool running; /* set once, before the threads begin: until then whoever opens the book is told */

    pthread_mutex_t lock;   /* for what follows, down to `health` */
    pthread_cond_t arrived; /* the writer waits here: a write, the end of a hold, the end of the store */
    pthread_cond_t still;   /* the checkpointer waits here for the writer to hold still */
    pthread_cond_t grown;   /* and here for something to do */
    pthread_cond_t tried;   /* who asked for a checkpoint waits here */
    struct fz_write *first, **last;
    size_t queue_max;
    struct fz_reader *readers; /* all that are open */
    bool closing;
    bool busy;      /* the writer has a group in hand */
    bool hold;      /* the writer takes no further group */
    bool asked;     /* somebody waits for a checkpoint */
    /* Commits that went into the WAL since the start, how many of these the book's file has, and how often the
     * checkpointer tried. */
    uint64_t wal_commits, saved_commits, tries;
    int64_t number; /* of the last commit that changed something; it stands in the book */
    int64_t home;   /* of one that the book's file is known to have, synced: the WAL goes on from there, or later */
    struct fz_store_health health;

    /* Noted wherever a statement fails, with whatever other lock held: the innermost lock. */
    pthread_mutex_t noting;
    atomic_bool damaged;
    char damage[256]; /* what was said first */

    atomic_size_t answering;      /* writes that are done, and whose answer is not given yet */
    atomic_uint_fast64_t changes; /* commits, each counted before it is answered */
    atomic_bool keep_none;        /* a checkpoint is under way: no reader keeps its transaction */
    atomic_bool renewing;          /* another book is taking the place of this one */
    atomic_uint_fast64_t renewals; /* how often one did, or tried to */

    /* The writer's own. */
    struct fz_connection writing;
    bool broken; /* no transaction can be begun, or nobody knows whether the last one is in the file: recover
                    first */
    unsigned parted; /* so many groups more have each write in a savepoint of its own */
    bool gone;   /* the files were not in their place when last looked for */
    pthread_t writer;

    struct fz_connection checkpointing; /* open as long as the store is; the checkpointer's */
    int synced_frames;                  /* of the WAL were in the book's file when that was synced; the checkpointer's */
    pthread_t checkpointer;
};

/* One that is not open; NULL when memory is short. */
struct fz_store *fz_store_new(const struct fz_store_options *options);
/* With what is open of it, when its threads have ended. */
void fz_store_free(struct fz_store *store);

/* Migrates the copy at `path`, and does in it what is to be done (copy.h). Results and `why` as fz_store_copy. */
struct fz_copy_change;
FZ_MUST_CHECK enum fz_result fz_copy_change(const char *path, const struct fz_copy_change *change, char *why, size_t why_size);

/* The table's functions. */
enum fz_result fz_sqlite_open(const struct fz_store_options *options, struct fz_store **out, char *why, size_t why_size);
void fz_sqlite_close(struct fz_store *store);
enum fz_result fz_sqlite_reader_open(struct fz_store *store, struct fz_reader **out);
void fz_sqlite_reader_close(struct fz_reader *reader);
void fz_sqlite_reader_interrupt(struct fz_reader *reader);
enum fz_result fz_sqlite_read(struct fz_reader *reader, fz_ahead ahead, fz_work work, void *argument, struct fz_error *error);
enum fz_result fz_sqlite_submit(struct fz_store *store, struct fz_write *write);
void fz_sqlite_answering(struct fz_store *store);
void fz_sqlite_answered(struct fz_store *store);
enum fz_result fz_sqlite_renew(struct fz_store *store, const struct fz_renewal *renewal, struct fz_error *error);
void fz_sqlite_checkpoint(struct fz_store *store);
bool fz_sqlite_is_there(const struct fz_store *store);
void fz_sqlite_health(struct fz_store *store, struct fz_store_health *out);
enum fz_result fz_sqlite_attempt(struct fz_tx *tx, fz_work work, void *argument);
enum fz_result fz_sqlite_run(struct fz_tx *tx, const struct fz_statement *statement, const struct fz_value *values, size_t count,
                             int64_t *changed);
enum fz_result fz_sqlite_query(struct fz_tx *tx, const struct fz_statement *statement, const struct fz_value *values, size_t count,
                               struct fz_cursor *out);
enum fz_result fz_sqlite_next(struct fz_cursor *cursor);
void fz_sqlite_done(struct fz_cursor *cursor);
int64_t fz_sqlite_int(const struct fz_cursor *cursor, int column);
const char *fz_sqlite_string(const struct fz_cursor *cursor, int column);
const void *fz_sqlite_bytes(const struct fz_cursor *cursor, int column, size_t *size);
bool fz_sqlite_is_null(const struct fz_cursor *cursor, int column);
enum fz_result fz_sqlite_next_id(struct fz_tx *tx, const char *table, int64_t *out);

/* Sees that the file is a book, or to become one, that this program knows; `version` gets its schema's number.
 * FZ_FAILED with the reason in `why`. */
FZ_MUST_CHECK enum fz_result fz_recognise(struct fz_connection *connection, const char *path, int64_t *version, char *why,
                                          size_t why_size);
/* kept.c: keeps a copy of a book whose tables have the number `schema` and will change; nothing of any other. */
FZ_MUST_CHECK enum fz_result fz_keep_before_migration(const struct fz_store *store, int64_t schema, char *why, size_t why_size);
/* Brings it from schema `version` to the newest one. FZ_FAILED with the reason in `why`. */
FZ_MUST_CHECK enum fz_result fz_migrate(struct fz_connection *connection, const char *path, int64_t version, char *why,
                                        size_t why_size);
/* The number of the book's last commit; 0 in one that is new, or older than these numbers. A SQLite code. */
int fz_commit_number(struct fz_connection *connection, int64_t *out);
/* The number of a commit that the book's file had, synced, when the last one was made; 0 if the book does not say. A
 * SQLite code. */
int fz_commit_home(struct fz_connection *connection, int64_t *out);
/* The number of the last commit in the file at `path` alone, while no connection is open; FZ_NOT_TOLD if the file by itself
 * cannot be read, as in the middle of a checkpoint. `vfs`: NULL is the default. */
#define FZ_NOT_TOLD (-1)
int64_t fz_book_alone(const char *path, const char *vfs);
/* "file:PATH?immutable=1", by which SQLite passes over the WAL and takes no lock. Caller-owned; NULL when memory is short. */
char *fz_immutable_uri(const char *path);

/* The threads; each takes a struct fz_store. The writer ends when `closing` is set and the queue is empty. */
void *fz_writer_main(void *store);
void *fz_checkpoint_main(void *store);

/* Takes down, and tells, if what SQLite said of a statement means that the book is damaged. From any thread. */
void fz_trouble_note(struct fz_store *store, int code, const char *failure);
/* If it is, `failure` gets the engine's words; otherwise it is left alone. */
bool fz_trouble_is_damaged(struct fz_store *store, char *failure, size_t size);
/* Tells that the files are gone. */
void fz_trouble_gone(struct fz_store *store);
void fz_trouble_tell(struct fz_store *store, const char *sentence);

/* When both threads have ended. */
void fz_checkpoint_last(struct fz_store *store);
/* After each commit, on the writer's thread: how many frames the WAL now has. */
void fz_checkpoint_note(struct fz_store *store, int frames);

/* Around a checkpoint: ends the transactions that readers keep for their next read, and has none kept until
 * they may again (reader.c). One that is at work goes on. */
void fz_readers_let_go(struct fz_store *store);
void fz_readers_may_keep(struct fz_store *store);

/* Runs 1 to FZ_GROUP_MAX writes to their end; `results` says what became of each. */
void fz_group_run(struct fz_store *store, struct fz_write *const *writes, size_t count,
                  enum fz_result *results);
/* Opens the file anew and tries a commit: afterwards it is known again what is in the file. Returns whether
 * it went well. */
bool fz_group_recover(struct fz_store *store);
/* Opens the writer's connection and reads the number of the last commit. A SQLite code, as fz_connection_open. */
int fz_group_connect(struct fz_store *store);

/* The work of fz_store_renew. It has a group of its own: foreign keys are off meanwhile. */
enum fz_result fz_empty_work(struct fz_tx *tx, void *argument);
/* In the transaction of a renewal, on the writer's connection: fills every table, empty by now, from the book in the file
 * `path` alone, whose schema is the same. */
FZ_MUST_CHECK enum fz_result fz_refill(struct fz_connection *connection, const char *path);
/* After the transaction. Also where nothing was filled. */
void fz_refill_done(struct fz_connection *connection);
/* Around a read: waits until no renewal is at its commit, and tells whether one came in between. The read may then
 * have seen one book by the clock of the other. */
uint64_t fz_renewal_await(struct fz_store *store);
bool fz_renewal_came(struct fz_store *store, uint64_t renewals);

#endif
