/* A control call on its way, as those who make it see it: what was asked, what of the server it may use, and
 * the one place where its answer goes. */
#ifndef FZ_SERVER_CONTROL_REQUEST_CALL_H
#define FZ_SERVER_CONTROL_REQUEST_CALL_H

#include <jansson.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "book/notification/notification.h"
#include "server/birth/origin.h"
#include "server/control/request/member.h"

#define FZ_CONTROL_ARGUMENT_SIZE 200

struct fz_access_log;
struct fz_bill_files;
struct fz_control_stream;
struct fz_control_streams;
struct fz_courier;
struct fz_demo_env;
struct fz_directory_holder;
struct fz_faults;
struct fz_http;
struct fz_limits;
struct fz_request_log;
struct fz_scheduler;
struct fz_stores;

/* The parts of the server that calls may use. */
struct fz_control_parts {
    struct fz_world *world;
    struct fz_store *store;
    const struct fz_secrets *secrets;
    struct fz_directory_holder *directory;
    struct fz_scheduler *scheduler;
    struct fz_courier *courier;
    struct fz_http *http;
    struct fz_limits *limits;
    struct fz_faults *faults;
    struct fz_bill_files *bill_files;
    struct fz_request_log *request_log; /* NULL: none */
    struct fz_access_log *access_log;   /* NULL: none */
    const struct fz_demo_env *demo_env;
    const char *data;       /* DIR */
    const char *book;       /* the book's file, or the address of its database */
    int data_lock;          /* data/data_directory.h */
    const char *process_id; /* the beginning of each Request-ID */
    const char *process_name;
    int64_t started_ms;     /* wire time */
    bool callbacks_wait;    /* calls that bring a callback forth wait for it unless they say otherwise */
    pthread_mutex_t *following;     /* a reset, or following another process's: one thread at a time */
    const struct fz_stores *stores; /* of the process; NULL: there is this one alone */
    size_t place;                   /* which of them this is (work/stores.h) */

    /* The control interface's own. */
    struct fz_control_streams *streams; /* who reads GET /requests/stream; for SHORT calls; NULL: none */
    atomic_bool *reset_failed;          /* the last POST /reset or restoring did; GET /health says so */
};

/* A call that waits for the callback that it brought forth. */
struct fz_control_await {
    bool asked; /* "callbacks":"wait" */
    int64_t notification; /* its row; 0: nobody is called back */
    int attempts;         /* that it had before */
    char event_id[FZ_EVENT_ID_SIZE];
    char book[FZ_BOOK_NAME_SIZE]; /* that it is in */
    int64_t until_ticks_ms;       /* not longer */
};

/* Why a call that waits is woken up. */
enum fz_control_wakeup { FZ_WAKEUP_NEWS, FZ_WAKEUP_STOPS, FZ_WAKEUP_FULL /* too many wait already */ };

struct fz_control_call {
    const struct fz_control_parts *parts;
    const struct fz_control_member *members; /* what it takes */
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
    void (*wakeup)(struct fz_control_call *call, enum fz_control_wakeup why);
    struct fz_control_await await;
    struct fz_text text;              /* instead of `answer`: GET /metrics */
    struct fz_control_stream *stream; /* instead of `answer`: a new reader */
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
/* Whether `text` (may be NULL) has `min` to `max` characters, and none of them controls what shows it. */
bool fz_control_text_is_clean(const char *text, size_t min, size_t max);
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
/* Every member of the body has to be one of `members`. */
void fz_body_only(struct fz_control_call *call, const struct fz_control_member *members);
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

/* Reads the query string, decoded, in which every parameter has to be one of call->members and there once. Faults are
 * kept as those of the body are. At the end: fz_control_query_is_sound. */
void fz_control_query_read(struct fz_control_call *call);
/* Of 1 to `max` bytes; borrowed from the call; "" if not given. */
const char *fz_control_query_text(struct fz_control_call *call, const char *name, size_t max);
int64_t fz_control_query_integer(struct fz_control_call *call, const char *name, int64_t min, int64_t max,
                                 int64_t fallback);
/* Whether the query had no fault; if it had one, the call is answered with 400. */
bool fz_control_query_is_sound(struct fz_control_call *call);

#define FZ_DIGIT_LETTERS "0123456789"
#define FZ_PLAIN_LETTERS "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

#endif
