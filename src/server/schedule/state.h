/* The scheduler's state, for its own files alone: scheduler.c holds the thread, calls.c what others
 * call. */
#ifndef FZ_SERVER_SCHEDULE_STATE_H
#define FZ_SERVER_SCHEDULE_STATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "server/schedule/batch.h"
#include "server/schedule/scheduler.h"

struct fz_scheduler {
    struct fz_courier *courier; /* NULL: callbacks wait for the end of a jump; set between two of them */
    struct fz_store *store;
    struct fz_world *world;
    struct fz_reader *reader; /* the thread's */
    pthread_t thread;
    atomic_uint_fast64_t ran, set_aside; /* events */

    pthread_mutex_t lock;   /* for what follows, down to `due_ran` */
    pthread_cond_t asked;   /* the thread waits here */
    pthread_cond_t changed; /* callers wait here */
    bool stopping, paused;
    bool storing;            /* a freeze is being written into the book: what comes next waits for it */
    bool busy;               /* the thread is at work */
    bool frozen;             /* how the clock stands apart from a move under way */
    enum fz_batch_kind kind; /* the move under way; FZ_BATCH_DUE: none */
    int64_t target_ms, offset_ms;
    bool calls_back;        /* the jump under way halts where a callback is due */
    uint64_t moves, ended;  /* moves begun, moves ended */
    enum fz_result outcome; /* of the last one ended */
    /* Waits for what is due: how many there were, and up to which of them all that was due has run. */
    uint64_t due_asked, due_ran;

    /* The thread's own. */
    bool next_known;
    int64_t next_due_ms; /* INT64_MAX: nothing is planned */
    uint64_t seen_writes;
    int retries;        /* batches that could not be written, one after another */
    uint64_t begun;     /* the move that what follows belongs to */
    int64_t called_ms;  /* its callbacks until then have been called */
    int64_t events_ahead, events_run, last_line_ms;
};

/* The thread; takes a struct fz_scheduler. */
void *fz_scheduler_main(void *scheduler);
/* Ends the move under way: the clock stands or runs from where it came to. Under the lock. */
void fz_scheduler_end_move(struct fz_scheduler *scheduler, enum fz_result outcome, int64_t at_ms);

#endif
