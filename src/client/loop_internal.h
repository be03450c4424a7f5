/* The state of a loop. */
#ifndef FZ_CLIENT_LOOP_INTERNAL_H
#define FZ_CLIENT_LOOP_INTERNAL_H

#include <sys/queue.h>

#include "client/operation.h"
#include "fenzhang/loop.h"

/* Where a call is. All that a turn of the loop looks at are those that are due: however many others are under way, it costs
 * nothing. */
enum fz_loop_place {
    FZ_LOOP_TRANSFERS, /* its handle is libcurl's */
    FZ_LOOP_DUE,       /* it is to be stepped; its handle may be libcurl's, from whom it is taken then */
    FZ_LOOP_WAITS,     /* until operation.wake_ticks_ms, or until it is woken */
    FZ_LOOP_ENDED      /* `done` was called, or is about to be */
};

struct fz_loop_call {
    struct fz_loop *loop;
    struct fz_operation operation;
    enum fz_loop_place place;
    bool transferring; /* its handle is libcurl's at present */
    void (*done)(void *argument, void *answer, fz_error *error);
    void *argument;
    int cancel_handle;                 /* readable when options.cancel is set; -1: there is none */
    size_t index;                      /* in `waiting`, while it waits */
    TAILQ_ENTRY(fz_loop_call) turn;    /* in `due` or `ended` */
    LIST_ENTRY(fz_loop_call) others;   /* in `calls`; once it is over, in `spare` */
    LIST_ENTRY(fz_loop_call) watchers; /* in `cancels` */
};

TAILQ_HEAD(fz_loop_turn, fz_loop_call);
LIST_HEAD(fz_loop_calls, fz_loop_call);

#define FZ_LOOP_CANCELS 256 /* handles are small numbers one after another, so none shares its list with many */

struct fz_loop {
    fz_client *client;
    struct fz_loop_hooks hooks; /* all NULL: epoll and timer below */
    CURLM *multi;
    struct fz_signer *signer;
    int epoll, timer; /* -1: there are hooks */
    int wake;         /* an eventfd: another thread has something */
    int64_t timer_ticks_ms; /* when the timer comes; INT64_MAX: it is not set */
    int64_t curl_ticks_ms;  /* when libcurl wants to be called; INT64_MAX: not at all */
    bool working, closing;
    long handles;               /* of libcurl's, in all calls */
    struct fz_loop_calls calls; /* that have not told what they came to */
    struct fz_loop_calls spare; /* over, and kept for their handles */
    struct fz_loop_turn due, ended;
    fz_loop_call **waiting; /* a heap by wake_ticks_ms, with room for all calls */
    size_t waiting_count;
    struct fz_loop_calls cancels[FZ_LOOP_CANCELS]; /* calls that have a cancel_handle, by it */
    struct fz_loop *next;                          /* of the same client */
};

/* All calls of the client's were cancelled: its loops look. From any thread. */
void fz_loops_wake(fz_client *client);

/* ---- loop_queue.c ---- */

/* Room for `count` calls that wait. False: memory is short. */
bool fz_loop_has_room(struct fz_loop *loop, size_t count);
/* It is stepped with the next turn. Nothing, if it has ended. */
void fz_loop_make_due(struct fz_loop_call *call);
/* It has given its result to nobody yet, and is not stepped any more. */
void fz_loop_make_ended(struct fz_loop_call *call);
void fz_loop_make_wait(struct fz_loop_call *call);
/* Those whose time has come are due. */
void fz_loop_end_waits(struct fz_loop *loop, int64_t now_ticks_ms);
/* When the next one's comes; INT64_MAX: none waits. */
int64_t fz_loop_next_ticks_ms(const struct fz_loop *loop);

#endif
