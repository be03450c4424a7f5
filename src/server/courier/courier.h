/* The courier: sends the notifications that are due to their notify_urls, outside any transaction, and takes
 * down what came of it. What kill -9 cuts off between sending and taking down is sent again: at least once,
 * never lost, under the same event id.
 *
 * One thread does all of it, again and again: it lets libcurl's multi interface work (flight.c), takes down
 * in one transaction what came back (outcome.c), and searches the book for what is due and has room
 * (send_due.c). A notification is a delivery while it is under way; what is sent for it is planned when it
 * sets out (plan.c) and may be more than one request. It goes by the book's clock, but for a jump: then it is
 * held, and sends only the spans of time that the scheduler asks for, each callback as of its due time.
 *
 * Where several processes have the book, each has a courier. A callback is one's before it sets out, by a row with a time that it says anew while it
 * waits (claim.c); of one that has died the others send it. Hosts' limits and modes are each courier's own. */
#ifndef FZ_SERVER_COURIER_COURIER_H
#define FZ_SERVER_COURIER_COURIER_H

#include "book/notification/notification.h"
#include "server/courier/address.h"
#include "server/courier/ladder.h"
#include "server/keys/directory.h"
#include "server/log/access_line.h"

struct fz_access_log;
struct fz_courier;

/* What it works with; all borrowed. */
struct fz_courier_setup {
    struct fz_world *world;
    struct fz_store *store;
    struct fz_directory_holder *directory;
    struct fz_access_log *access_log; /* NULL: none */
    const char *process_id;           /* 8 hex digits: the beginning of each Request-ID, and whose callbacks are that this one sends */
    struct fz_ladder ladder;
    struct fz_callback_limits limits;
    const char *authorities; /* PEM file that certificates of hosts are checked against; NULL: the system's */
    bool insecure;           /* they are not checked */
    int probes;              /* of 10 000 callbacks so many have a probe sent ahead */
};

/* To be started after the scheduler, which sets the clock. */
FZ_MUST_CHECK enum fz_result fz_courier_start(const struct fz_courier_setup *setup, struct fz_courier **out);
/* Gives what is on its way a moment to be answered, and ends the thread. To be called before the scheduler's
 * stop: a span under way ends. */
void fz_courier_stop(struct fz_courier *courier);
/* After the stop, when nobody calls it any more. NULL is allowed. */
void fz_courier_free(struct fz_courier *courier);

/* `told` is called, on the courier's thread, for each notification that was sent, or put off, and what came of it put
 * down; and with 0 when all that was on its way was broken off. To be called once. */
void fz_courier_tell(struct fz_courier *courier, void (*told)(void *argument, int64_t notification), void *argument);
/* Somebody waits for one: it searches at once. */
void fz_courier_hurry(struct fz_courier *courier);

/* Whether headers carry book time: from now on. It begins with the wire's. */
void fz_courier_use_book_clock(struct fz_courier *courier, bool use);
bool fz_courier_uses_book_clock(const struct fz_courier *courier);

/* Since the start. */
struct fz_courier_figures {
    uint64_t sent;                           /* requests */
    uint64_t outcomes[FZ_CALLBACK_OUTCOMES]; /* times that a callback was tried */
};
void fz_courier_figures(const struct fz_courier *courier, struct fz_courier_figures *out);

/* ---- a jump of the clock: called by the scheduler alone ---- */

/* From now on it sends only what fz_courier_send_span asks for. No host is put down as dead yet. */
void fz_courier_hold(struct fz_courier *courier);
/* Sends what is due in a span, each as of its due time, and waits for the answers. A host
 * that does not answer is put down as dead: what is due for it then fails without being tried. FZ_FULL: the
 * server stops; FZ_FAILED: the book cannot be written. While it waits, `each_second` (NULL: nothing) is called. */
FZ_MUST_CHECK enum fz_result fz_courier_send_span(struct fz_courier *courier, const struct fz_notification_span *span,
                                                  void (*each_second)(void *argument), void *argument);
/* Goes on by the clock. */
void fz_courier_release(struct fz_courier *courier);

/* ---- POST /reset ---- */

/* Breaks off what is on its way, forgets hosts, and holds still. */
void fz_courier_pause(struct fz_courier *courier);
void fz_courier_forget_modes(struct fz_courier *courier);
void fz_courier_resume(struct fz_courier *courier);

#endif
