/* The courier's state, for its own files alone: courier.c holds the thread, calls.c what others call,
 * send_due.c chooses what is sent, claim.c takes it where others send too, callback_request.c writes it, flight.c sends it,
 * outcome.c takes down what came of it. */
#ifndef FZ_SERVER_COURIER_STATE_H
#define FZ_SERVER_COURIER_STATE_H

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>

#include "server/courier/courier.h"
#include "server/courier/host.h"
#include "server/courier/mode.h"
#include "server/keys/signers.h"

#define FZ_SENDINGS_MAX      4
#define FZ_CALLBACK_LIMIT_MS 5000        /* from the first look at the name to the last byte of the answer */
#define FZ_ANSWER_MAX        (64 * 1024) /* read; a longer one is cut off */
#define FZ_ANSWER_KEPT_MAX   4096        /* put down of its headers, and of its body */

/* What is sent in one request, and with which words. */
struct fz_callback_request {
    char *body;              /* heap */
    struct fz_text headers;  /* as they are put down: a line each */
    struct curl_slist *list; /* as they are sent */
};

struct fz_delivery;

/* One request. */
struct fz_sending {
    struct fz_delivery *delivery;
    enum fz_attempt_kind kind;
    bool at_once;      /* together with the one before it */
    char stripped[32]; /* STRIPPED: the header that it lacks */
    struct fz_callback_request request;
    CURL *easy; /* while it is on its way */
    int64_t time_ms, wire_ms, begun_ticks_ms, duration_ms;
    struct fz_text answer_headers, answer_body;
    size_t received;
    bool cut, whole; /* the answer */
    int status;
    const char *address_fault;   /* of the last address that was refused */
    char error[CURL_ERROR_SIZE]; /* libcurl's words, or ours */
};

/* What a request tells. */
struct fz_content {
    struct fz_notification notification;
    char *plain; /* heap */
};

/* One notification under way: what is sent for it, one after another. */
struct fz_delivery {
    struct fz_courier *courier;
    struct fz_content own;
    struct fz_host *host; /* NULL: nothing is on its way to it */
    enum fz_host_state host_begun_as;
    int64_t time_ms;           /* book time as which it counts */
    int64_t put_off_ms;        /* not 0: nothing is sent, it is due then */
    bool ours;                 /* where several processes send: it is still this one's */
    struct fz_content foreign; /* another sub-merchant's, if that is sent too */
    size_t count, begun, ended;
    struct fz_sending sendings[FZ_SENDINGS_MAX];
    struct fz_delivery *next;
};

struct fz_courier {
    struct fz_courier_setup setup;
    const char *owner;        /* where other processes send too: as which it takes what it sends; NULL: nobody else does */
    struct fz_reader *reader; /* the thread's */
    CURLM *multi;
    pthread_t thread;
    atomic_bool on_book_clock;
    atomic_uint_fast64_t sent, outcomes[FZ_CALLBACK_OUTCOMES]; /* figures */

    pthread_mutex_t lock;   /* for what follows, down to `mode_count` */
    pthread_cond_t changed; /* the thread while it is paused, and callers, wait here */
    bool stopping, paused;
    bool still; /* the thread has seen that it is paused */
    bool held;
    int64_t held_at_ms; /* book time when the jump began */
    uint64_t jumps;
    uint64_t spans, spans_ended; /* asked for, done */
    struct fz_notification_span span; /* that a jump asked for last */
    enum fz_result span_result;
    bool hurried; /* somebody waits */
    void (*told)(void *argument, int64_t notification);
    void *told_argument;
    struct fz_courier_mode modes[FZ_COURIER_MODES_MAX];
    size_t mode_count;

    /* The thread's own. */
    struct fz_hosts hosts;
    struct fz_directory *directory;
    struct fz_signers signers;
    struct fz_delivery *flying, *landed;   /* on their way; back, and to be put down */
    size_t flights;
    char after_host[FZ_NOTIFY_URL_SIZE]; /* where the next search begins */
    uint64_t seen_jumps, seen_span, seen_writes;
    bool seen_held;
    int64_t searched_ticks_ms, next_due_ms;
    bool search_again; /* something ended, or the last search did not see all */
    int64_t renewed_ticks_ms; /* when it last said that what is on its way is */
    int failures;    /* to put down, one after another */
    int64_t last_log_ticks_ms;
};

/* What the thread is to do, as it stood under the lock. */
struct fz_courier_orders {
    bool stopping, held;
    bool in_span;
    uint64_t span_number;
    struct fz_notification_span span; /* what may set out */
    int64_t held_at_ms;
};

/* The thread; takes a struct fz_courier. */
void *fz_courier_main(void *courier);

/* Chooses what sets out now: due, in the order of the due times, as far as there is room; and lets it set
 * out, or fail at once for a host that is down. `found` gets whether there was any. FZ_FAILED: the book
 * cannot be read. */
FZ_MUST_CHECK enum fz_result fz_courier_send_due(struct fz_courier *courier,
                                             const struct fz_courier_orders *orders, bool *found);

/* ---- claim.c: where other processes send too ---- */
/* Takes what was chosen: what another process has, or had meanwhile, is not `ours`. FZ_FAILED: the book cannot be written. */
FZ_MUST_CHECK enum fz_result fz_courier_claim(struct fz_courier *courier, struct fz_delivery *first);
/* Lets go of one that does not set out. */
void fz_courier_let_go(struct fz_courier *courier, const struct fz_delivery *delivery);
/* Says that what is on its way is, when it is time to. */
void fz_courier_renew(struct fz_courier *courier);
void fz_courier_let_all_go(struct fz_courier *courier);

/* The mode that applies to a sending of this notification, counted down by one. False if there is none. */
bool fz_courier_take_mode(struct fz_courier *courier, const struct fz_notification *notification,
                          struct fz_courier_mode *out);

/* Plans what is sent for it, or when it is due instead; or it alone. */
void fz_delivery_plan(struct fz_courier *courier, struct fz_delivery *delivery);
void fz_delivery_plan_plain(struct fz_delivery *delivery);

/* Seals and signs for the merchant. FZ_ABSENT: it has no APIv3 key, so nothing is sent to it; FZ_FAILED: no
 * key signs, or memory is short. */
FZ_MUST_CHECK enum fz_result fz_callback_request_write(struct fz_courier *courier,
                                                       const struct fz_sending *sending,
                                                       struct fz_callback_request *out);
void fz_callback_request_done(struct fz_callback_request *request);

/* Sends the next of a delivery's requests; one that cannot be sent has ended. False when all have. */
bool fz_delivery_proceed(struct fz_courier *courier, struct fz_delivery *delivery);
/* Lets libcurl work, and takes out of `flying` what has ended. */
void fz_flights_advance(struct fz_courier *courier);
/* Breaks off and frees. */
void fz_delivery_free(struct fz_courier *courier, struct fz_delivery *delivery);

/* Puts down all that landed, in one transaction, and frees it. False when that has to be tried again. */
bool fz_courier_take_down(struct fz_courier *courier);
/* Tells who wants to know. */
void fz_courier_tell_of(struct fz_courier *courier, int64_t notification);
/* At most a line a second. `issue` may be "". */
void fz_courier_log_failure(struct fz_courier *courier, const char *what, const char *issue);

#endif
