/* The scheduler's state, for its own files alone: scheduler.c holds the thread, calls.c what others
 * call; where several processes have the book, crew.c runs what is due and shared.c follows the others and the clock. */
#ifndef FZ_SERVER_SCHEDULE_STATE_H
#define FZ_SERVER_SCHEDULE_STATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "book/move.h"
#include "server/schedule/batch.h"
#include "server/schedule/crew.h"
#include "server/schedule/scheduler.h"

struct fz_scheduler {
    struct fz_courier *courier; /* NULL: callbacks wait for the end of a jump; set between two of them */
    struct fz_store *store;
    struct fz_world *world;
    struct fz_reader *reader; /* the thread's */
    char owner[FZ_OWNER_SIZE]; /* where several processes have the book, whose a move is that this one makes; "": nobody else has it */
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
    struct fz_crew *crew; /* NULL: nobody else has the book */
    int64_t look_from_ms;      /* its next look is for what is due then or later */
    int64_t looked_through_ms; /* when it last looked through all, in ticks */

    pthread_mutex_t asking; /* for what follows */
    struct fz_reader *asked_reader; /* callers' */
};

/* The thread; takes a struct fz_scheduler. */
void *fz_scheduler_main(void *scheduler);
/* Ends the move under way: the clock stands or runs from where it came to. Under the lock. */
void fz_scheduler_end_move(struct fz_scheduler *scheduler, enum fz_result outcome, int64_t at_ms);

/* ---- shared.c ---- */
/* The clock as the book has it now: the world follows what any process did to it. */
struct fz_shared_standing {
    bool frozen; /* apart from a move */
    bool moving; /* somebody's move is under way */
    bool dead;   /* and he has died */
    int64_t wire_ms;
    struct fz_event_next next; /* at most as many are due as run at once */
    struct fz_clock_state clock;
};
FZ_MUST_CHECK enum fz_result fz_shared_look(struct fz_scheduler *scheduler, struct fz_reader *reader, struct fz_shared_standing *out);
/* The same for a caller, without what is due. */
void fz_shared_follow(struct fz_scheduler *scheduler);
/* Begins a move that leads to `target_ms`, INT64_MIN: none, the clock only belongs to us. FZ_CONFLICT: another is under way; FZ_MALFORMED: the target
 * lies behind. */
FZ_MUST_CHECK enum fz_result fz_shared_begin(struct fz_scheduler *scheduler, int64_t target_ms);
/* Ends it at `at_ms`, or gives it up where it is. */
FZ_MUST_CHECK enum fz_result fz_shared_end(struct fz_scheduler *scheduler, int64_t at_ms);
void fz_shared_give_up(struct fz_scheduler *scheduler, const char *owner);
void fz_shared_renew(struct fz_scheduler *scheduler);
FZ_MUST_CHECK enum fz_result fz_shared_freeze(struct fz_scheduler *scheduler, bool frozen);
/* At the start, and when a move's process has died: if nobody ran the book for a while and something fell due, a move from there to now. */
FZ_MUST_CHECK enum fz_result fz_shared_catch_up(struct fz_scheduler *scheduler);
/* Says that the book is being run, if nobody did for `older_ms`. */
void fz_shared_anchor(struct fz_scheduler *scheduler, int64_t older_ms);

#endif
