/* An operation: one call with all its attempts, hosts, waits and certificate fetches, from its request to its answer or
 * error. It knows no clock and no loop: whoever drives it calls fz_operation_step when something has happened, and does what
 * it says. The same machine serves blocking calls and event loops.
 *
 *     PREPARE ── keys are there ──> CALLING ── answer ──> judged ── verified ──> DONE
 *        │  ^                          │                     │
 *        │  └──── after a wait ────────┴── again, elsewhere ─┤
 *        v                                                   │ signed by a key that is not known
 *     FETCHING / WAITING (another fetches) <─────────────────┘
 *
 * `maybe` is set when an attempt may have reached the service, and never taken back but by a verified answer. */
#ifndef FZ_CLIENT_OPERATION_H
#define FZ_CLIENT_OPERATION_H

#include "base/arena.h"
#include "client/attempt.h"
#include "client/error.h"

enum fz_phase { FZ_PREPARE, FZ_CALLING, FZ_FETCHING, FZ_FETCHING_AGAIN, FZ_WAITING, FZ_BACKING_OFF, FZ_ENDED };

/* What to do next. */
enum fz_next {
    FZ_NEXT_TRANSFER, /* drive operation->current->easy; when it ends: fz_attempt_end, and step again */
    FZ_NEXT_WAIT,     /* step again at operation->wake_ticks_ms, or when operation->woken is set */
    FZ_NEXT_ENDED     /* operation->error, or NULL and the answer in operation->attempt */
};

struct fz_operation {
    fz_client *client;
    const struct fz_spec *spec;
    struct fz_signer *signer;         /* of the thread that drives; NULL: the client's own function signs */
    enum fz_phase phase, after_fetch; /* where to go on once keys are there */

    struct fz_arena arena; /* of the request's texts and lists */
    const void *request;   /* the call's struct */
    struct fz_call_options options;
    struct fz_text target, body;
    char sealed_for[FZ_TRUST_SERIAL_SIZE]; /* the key that sealed the body; "": nothing is sealed */
    const char *keys_for; /* no call: only the key of this serial number is wanted; NULL: a call */
    bool is_written;
    bool is_body_kept; /* `body` is that of an earlier operation, to be sent as it is */
    const char *only_host; /* of a link of the service's: no other is asked; NULL: the client's in turn */
    struct fz_sending sending;
    struct fz_sending fetching;

    /* Two attempts on one handle: while keys are fetched, the answer that they are for is kept. */
    struct fz_attempt attempt, fetch, *current;
    struct fz_trust_waiter waiter;
    void (*wake)(struct fz_operation *operation); /* from another thread: something to do */
    void *driver;                                 /* of whoever drives, for `wake` */
    atomic_bool woken;

    int attempts;          /* that were made */
    size_t host;           /* the one that is called */
    int fetches;           /* how often the keys that are wanted were asked for */
    bool lacks_keys;       /* those could not be had */
    char why[256];         /* the list of keys that came is not believed; "": none came */
    int64_t deadline_ticks_ms, wake_ticks_ms;
    uint_fast64_t cancelled_before; /* client->cancelled when it began */
    atomic_bool is_cancelled;       /* this one alone, from the loop's thread */
    bool maybe;
    bool unsigned_ok; /* an answer without any signature is taken: a bill whose path is known to be so */
    fz_error *error;
};

/* `operation` is set up (call.h), and has signer, driver, wake and attempt.easy. */
void fz_operation_begin(struct fz_operation *operation, int64_t now_ticks_ms, int64_t deadline_ms);
enum fz_next fz_operation_step(struct fz_operation *operation, int64_t now_ticks_ms);
/* Whether somebody wants it to end. A step sees it too; what is being transferred has to be ended first. */
bool fz_operation_is_cancelled(const struct fz_operation *operation);
/* Frees what it holds, but for the handle and an error that was taken. */
void fz_operation_done(struct fz_operation *operation);

/* ---- judging (judge.c) ---- */

/* What an answer comes to. */
enum fz_judgement {
    FZ_JUDGED_GOOD,    /* 2xx, verified */
    FZ_JUDGED_FETCH,   /* it names a key that is not known */
    FZ_JUDGED_AGAIN,   /* another attempt may help: operation->error says why this one did not */
    FZ_JUDGED_ELSEWHERE, /* the same, at once, at the next host */
    FZ_JUDGED_BAD      /* operation->error has it */
};
enum fz_judgement fz_judge(struct fz_operation *operation, bool may_fetch);
/* Why a call is not made without keys: what its own fetch of them came to, if it made one. */
fz_error *fz_judge_lack_of_keys(const struct fz_operation *operation);
/* Whether the call can change something. */
bool fz_operation_writes(const struct fz_operation *operation);
/* What became of it as far as is known. */
enum fz_outcome fz_operation_outcome(const struct fz_operation *operation);

#endif
