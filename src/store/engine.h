/* What an open book consists of, for the files of this folder alone. */
#ifndef FZ_STORE_ENGINE_H
#define FZ_STORE_ENGINE_H

#include <pthread.h>
#include <stdatomic.h>

#include "store/book_file.h"
#include "store/connection.h"

#define FZ_GROUP_MAX 128 /* writes in one commit */

struct fz_store {
    struct fz_book_file file;
    const char *vfs;
    struct fz_world *world;

    pthread_mutex_t lock;   /* for what follows, down to `health` */
    pthread_cond_t arrived; /* the writer waits here: a write, the end of a hold, the end of the store */
    pthread_cond_t still;   /* the checkpointer waits here for the writer to hold still */
    pthread_cond_t grown;   /* and here for the WAL to grow */
    struct fz_write *first, **last;
    size_t queue_max;
    struct fz_reader *readers; /* all that are open */
    bool closing;
    bool busy;      /* the writer has a group in hand */
    bool hold;      /* the writer takes no further group */
    int wal_frames; /* in the WAL after the last commit */
    struct fz_store_health health;

    atomic_uint_fast64_t changes; /* commits, each counted before it is answered */
    atomic_bool keep_none;        /* a checkpoint is under way: no reader keeps its transaction */

    /* The writer's own. */
    struct fz_connection writing;
    bool broken; /* no transaction can be begun, or nobody knows whether the last one is in the file: recover
                    first */
    pthread_t writer;

    struct fz_connection checkpointing; /* open as long as the store is; the checkpointer's */
    pthread_t checkpointer;
};

/* Brings the book to the newest schema. FZ_FAILED with the reason in `why`. */
FZ_MUST_CHECK enum fz_result fz_migrate(struct fz_connection *connection, const char *path, char *why,
                                        size_t why_size);

/* The threads; each takes a struct fz_store. The writer ends when `closing` is set and the queue is empty. */
void *fz_writer_main(void *store);
void *fz_checkpoint_main(void *store);

/* When both threads have ended. */
void fz_checkpoint_last(struct fz_store *store);
/* After each commit, on the writer's thread: how many frames the WAL now has. */
void fz_checkpoint_note(struct fz_store *store, int frames);

/* Around a checkpoint: ends the transactions that readers keep for their next read, and has none kept until
 * they may again (reader.c). One that is at work goes on. */
void fz_readers_let_go(struct fz_store *store);
void fz_readers_may_keep(struct fz_store *store);

/* A condition whose timed waits end at a tick of fz_ticks_after. */
void fz_engine_condition_init(pthread_cond_t *out);

/* Runs 1 to FZ_GROUP_MAX writes to their end; `results` says what became of each. */
void fz_group_run(struct fz_store *store, struct fz_write *const *writes, size_t count,
                  enum fz_result *results);
/* Opens the file anew and tries a commit: afterwards it is known again what is in the file. Returns whether
 * it went well. */
bool fz_group_recover(struct fz_store *store);
/* Opens the writer's connection. A SQLite code, as fz_connection_open. */
int fz_group_connect(struct fz_store *store);

/* The work of fz_store_empty. It has a group of its own: foreign keys are off meanwhile. */
enum fz_result fz_empty_work(struct fz_tx *tx, void *argument);

#endif
