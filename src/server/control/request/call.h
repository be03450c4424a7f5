/* A control call on its way, as the files control_*.c see it: what was asked, and the one place where its
 * answer goes. */
#ifndef FZ_SERVER_CONTROL_REQUEST_CALL_H
#define FZ_SERVER_CONTROL_REQUEST_CALL_H

#include <jansson.h>
#include <microhttpd.h>

#include "book/notification/notification.h"
#include "server/control/control.h"
#include "spec/row/example.h"

#define FZ_CONTROL_ARGUMENT_SIZE 200

struct fz_control_streams;
struct fz_control_stream;

/* A call that waits for the callback that it brought forth. */
struct fz_control_await {
    bool asked; /* "callbacks":"wait" */
    int64_t notification; /* its row; 0: nobody is called back */
    int attempts;         /* that it had before */
    char event_id[FZ_EVENT_ID_SIZE];
    char book[FZ_BOOK_NAME_SIZE]; /* that it is in */
    int64_t until_ticks_ms;       /* not longer */
};

/* Why a call that waits is looked at. */
enum fz_control_look { FZ_LOOK_NEWS, FZ_LOOK_STOPS, FZ_LOOK_FULL /* too many wait already */ };

struct fz_control_call {
    struct fz_server *server;
    struct MHD_Connection *connection;
    struct fz_reader *reader;                /* of the thread that it runs on */
    char argument[FZ_CONTROL_ARGUMENT_SIZE]; /* what stands in the path for "*" */
    json_t *body;                            /* an object; an empty one on GET */
    char *query_text;                        /* as sent, without its "?"; NULL: memory was short */
    json_t *query;                           /* an object of texts; after fz_control_query_read */
    char fault[400];                         /* the first that was found in the body or the query */

    unsigned status; /* the answer: 0 until there is one */
    char allow[32];  /* with 405: the methods that the path takes */
    json_t *answer;
    /* Not NULL: the answer waits, without a thread, for the callback of `await`; this looks whether it has come, and sets
     * itself to NULL when nothing is waited for any more. */
    void (*look)(struct fz_control_call *call, enum fz_control_look why);
    struct fz_control_await await;
    struct fz_text text;                /* instead of `answer`: GET /metrics */
    struct fz_control_streams *streams; /* who reads GET /requests/stream; for SHORT calls */
    struct fz_control_stream *stream;   /* instead of `answer`: a new reader */
};

/* ---- the answer ---- */

/* Answers 200 with an object (taken over; NULL: memory is short). */
void fz_control_answer(struct fz_control_call *call, json_t *answer);
/* Answers {"error": …}: what happened, why, what to do. */
void fz_control_refuse(struct fz_control_call *call, unsigned status, const char *format, ...)
    FZ_PRINTF(3, 4);
/* Answers for a transaction that did not go well: `what` was not done ("The payment was not made"), because
 * of `result` and, where a rule of the book refused it, `error`. */
void fz_control_refuse_result(struct fz_control_call *call, const char *what, enum fz_result result,
                              const struct fz_error *error);

/* ---- the body ---- */

/* Members are read by name; the first fault is kept in call->fault and everything read after it is harmless.
 * A member that is not there gives the fallback. At the end: fz_body_is_sound. */
bool fz_body_has(const struct fz_control_call *call, const char *name);
bool fz_body_is_null(const struct fz_control_call *call, const char *name);
/* Of `min` to `max` characters of clean text; borrowed from the body; NULL if not there. */
const char *fz_body_text(struct fz_control_call *call, const char *name, size_t min, size_t max);
/* The same with the further demand that it has only characters of `letters`. */
const char *fz_body_letters(struct fz_control_call *call, const char *name, size_t min, size_t max,
                            const char *letters);
int64_t fz_body_integer(struct fz_control_call *call, const char *name, int64_t min, int64_t max,
                        int64_t fallback);
bool fz_body_boolean(struct fz_control_call *call, const char *name, bool fallback);
/* The number of the word in `words` (NULL-ended). */
int fz_body_word(struct fz_control_call *call, const char *name, const char *const words[], int fallback);
/* Demands that a member is there. */
void fz_body_require(struct fz_control_call *call, const char *name);
void fz_body_fault(struct fz_control_call *call, const char *format, ...) FZ_PRINTF(2, 3);
/* Every member of the body has to be one of `names` (NULL-ended). */
void fz_body_only(struct fz_control_call *call, const char *const names[]);
/* Whether the body had no fault; if it had one, the call is answered with 400. */
bool fz_body_is_sound(struct fz_control_call *call);

/* ---- waiting for a callback (await.c) ---- */

/* Reads "callbacks" of the body. */
struct fz_control_await fz_await_read(struct fz_control_call *call);
/* In a transaction, around what may bring a notification forth: finds it. */
FZ_MUST_CHECK enum fz_result fz_await_begin(struct fz_tx *tx, struct fz_control_await *await);
FZ_MUST_CHECK enum fz_result fz_await_end(struct fz_tx *tx, struct fz_control_await *await);
/* The same of one that there was before. */
FZ_MUST_CHECK enum fz_result fz_await_known(struct fz_tx *tx, const struct fz_notification *notification,
                                            struct fz_control_await *await);
/* After the commit, and after the call has its answer, which gets "callback": if that is asked for, the answer waits. */
void fz_await_callback(struct fz_control_call *call, const struct fz_control_await *await);

extern const char *const fz_callback_state_words[]; /* as enum fz_notification_state, from 1 */

/* ---- the query ---- */

/* Reads the query string, decoded, in which every parameter has to be one of `names` (NULL-ended) and there
 * once. Faults are kept as those of the body are. At the end: fz_control_query_is_sound. */
void fz_control_query_read(struct fz_control_call *call, const char *const names[]);
/* Of 1 to `max` bytes; borrowed from the call; "" if not given. */
const char *fz_control_query_text(struct fz_control_call *call, const char *name, size_t max);
int64_t fz_control_query_integer(struct fz_control_call *call, const char *name, int64_t min, int64_t max,
                                 int64_t fallback);
/* Whether the query had no fault; if it had one, the call is answered with 400. */
bool fz_control_query_is_sound(struct fz_control_call *call);

#define FZ_DIGIT_LETTERS "0123456789"
#define FZ_PLAIN_LETTERS "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/* ---- the calls ---- */

enum fz_control_kind {
    FZ_CONTROL_SHORT, /* on the daemon's own thread: must not wait for anything */
    FZ_CONTROL_LONG,  /* on a thread of its own; not beside a reset */
    FZ_CONTROL_CLOCK, /* the same, one after another, in the order in which they came */
    FZ_CONTROL_ALONE  /* a reset: nothing long beside it. During a move of the clock it begins, and is refused */
};

struct fz_control_route {
    const char *method, *path; /* one "*" may stand for anything without a slash, but not for nothing */
    enum fz_control_kind kind;
    void (*run)(struct fz_control_call *call);
    const char *argument; /* the name of what stands for "*"; NULL: there is none */
    const char *title;
    struct fz_example example;
};

/* All calls (control/calls/routes.c). */
const struct fz_control_route *fz_control_routes(size_t *count);

void fz_control_get_clock(struct fz_control_call *call);
void fz_control_set_clock(struct fz_control_call *call);
void fz_control_list_merchants(struct fz_control_call *call);
void fz_control_add_merchant(struct fz_control_call *call);
void fz_control_change_merchant(struct fz_control_call *call);
void fz_control_recharge(struct fz_control_call *call);
void fz_control_list_platform(struct fz_control_call *call);
void fz_control_rotate_platform(struct fz_control_call *call);
void fz_control_make_payment(struct fz_control_call *call);
void fz_control_change_payment(struct fz_control_call *call);
void fz_control_pay(struct fz_control_call *call);
void fz_control_change_receiver(struct fz_control_call *call);
void fz_control_set_outcome(struct fz_control_call *call);
void fz_control_add_fault(struct fz_control_call *call);
void fz_control_list_faults(struct fz_control_call *call);
void fz_control_clear_faults(struct fz_control_call *call);
void fz_control_clear_fault(struct fz_control_call *call);
void fz_control_get_limits(struct fz_control_call *call);
void fz_control_set_limits(struct fz_control_call *call);
void fz_control_audit(struct fz_control_call *call);
void fz_control_list_callbacks(struct fz_control_call *call);
void fz_control_list_modes(struct fz_control_call *call);
void fz_control_set_mode(struct fz_control_call *call);
void fz_control_show_callback(struct fz_control_call *call);
void fz_control_resend_callback(struct fz_control_call *call);
void fz_control_health(struct fz_control_call *call);
void fz_control_metrics(struct fz_control_call *call);
/* Why nothing can be written; NULL if it can. */
const char *fz_control_trouble(const struct fz_server *server, const struct fz_store_health *store);
void fz_control_reset(struct fz_control_call *call);
void fz_control_list_requests(struct fz_control_call *call);
void fz_control_get_request(struct fz_control_call *call);
void fz_control_stream_requests(struct fz_control_call *call);

#endif
