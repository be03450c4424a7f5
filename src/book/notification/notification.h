/* Notifications: what a notify_url is to be told, the order of telling, and what came of each time it was
 * tried.
 *
 * A noun whose state has changed adds a row in the same transaction (order/paid.c, refund/notify.c), so a
 * cause has its notification or neither is there. These are rows alone: the courier of the server sends
 * those that are due, outside any transaction, and then says what came of it: delivered, or due again at
 * the ladder's next time, or FAILED at its end. So a row can be sent twice, with the same event id, and is
 * never lost. `kind` and `subject` say what it is about; refund/notify.h finds that. docs/book.md,
 * invariant 12. */
#ifndef FZ_BOOK_NOTIFICATION_NOTIFICATION_H
#define FZ_BOOK_NOTIFICATION_NOTIFICATION_H

#include "book/merchant/merchant.h"
#include "book/number.h"

#define FZ_EVENT_ID_SIZE   33
#define FZ_NOTIFY_URL_SIZE 257
#define FZ_RESENDS_MAX     50  /* of one notification, by hand */
#define FZ_ATTEMPTS_MAX    250 /* rows kept of one notification */
#define FZ_LADDER_MAX      50  /* steps */

/* Stored. The refunds' kinds are the numbers of their states. */
enum fz_notification_kind {
    FZ_NOTIFY_PAID = 1,
    FZ_NOTIFY_REFUND_SUCCESS,
    FZ_NOTIFY_REFUND_CLOSED,
    FZ_NOTIFY_REFUND_ABNORMAL
};
/* Stored. Allowed: WAITING -> DELIVERED, FAILED; and back to WAITING when it is sent again by hand. */
enum fz_notification_state { FZ_NOTIFICATION_WAITING = 1, FZ_NOTIFICATION_DELIVERED, FZ_NOTIFICATION_FAILED };

struct fz_notification {
    int64_t id;
    char event_id[FZ_EVENT_ID_SIZE]; /* the same however often it is sent */
    enum fz_notification_kind kind;
    int64_t subject; /* row of the payment or refund */
    char caller[FZ_MCHID_SIZE], sub_mchid[FZ_MCHID_SIZE];
    char out_trade_no[FZ_OUT_TRADE_NO_SIZE];
    char out_refund_no[FZ_OUT_REFUND_NO_SIZE]; /* "" of a payment */
    char url[FZ_NOTIFY_URL_SIZE];
    char host[FZ_NOTIFY_URL_SIZE]; /* with port, in lower case */
    char recv_account[200];        /* of a refund, as it was when it happened */
    int64_t created_ms;            /* when it happened */
    enum fz_notification_state state;
    int64_t due_ms;       /* WAITING: when it is to be sent */
    int step;             /* sendings of the ladder that failed */
    int attempts;         /* rows of notification_attempt */
    int resends;          /* by hand */
    int64_t delivered_ms; /* the first time, 0: never */
};

/* Adds a row that has its kind, subject, merchants, numbers and account, in the transaction of what it
 * tells: it is due at once. Everything else is set. */
FZ_MUST_CHECK enum fz_result fz_notification_add(struct fz_tx *tx, struct fz_notification *notification,
                                                 const char *url);

/* ---- what is due ---- */

/* When the next one after `after_ms` is due; FZ_ABSENT if none is. INT64_MIN: the very next. */
FZ_MUST_CHECK enum fz_result fz_notification_next_due(struct fz_tx *tx, int64_t after_ms, int64_t *due_ms);
/* The first host behind `after` (in the order of its bytes; "": from the beginning) that a notification waits
 * for. FZ_ABSENT. */
FZ_MUST_CHECK enum fz_result fz_notification_next_host(struct fz_tx *tx, const char *after,
                                                       char out[FZ_NOTIFY_URL_SIZE]);

struct fz_notification_due {
    int64_t id, due_ms;
};
/* Of what waits: that which is due after `after_ms` and until `until_ms`, up to the row `newest`. */
struct fz_notification_span {
    int64_t after_ms, until_ms, newest;
};
/* Those of a span for `host`, in the order of their due times, at most `limit`. With `owner` (not NULL) those that another process has on their way
 * are passed over. */
FZ_MUST_CHECK enum fz_result fz_notification_due_for(struct fz_tx *tx, const char *host, const char *owner,
                                                     const struct fz_notification_span *span, size_t limit,
                                                     struct fz_notification_due *out, size_t *count);
/* The highest row number so far, 0: there is no row. Another process may still give out lower ones. */
FZ_MUST_CHECK enum fz_result fz_notification_newest(struct fz_tx *tx, int64_t *out);
/* How many will be sent, now or later; counting ends at `most`. */
FZ_MUST_CHECK enum fz_result fz_notification_count_waiting(struct fz_tx *tx, int64_t most, int64_t *out);

/* FZ_ABSENT if there is none. */
FZ_MUST_CHECK enum fz_result fz_notification_by_row(struct fz_tx *tx, int64_t id,
                                                    struct fz_notification *out);
FZ_MUST_CHECK enum fz_result fz_notification_by_event_id(struct fz_tx *tx, const char *event_id,
                                                         struct fz_notification *out);

/* One of another sub-merchant of the same institution: that with the highest number, which need not be the newest. FZ_ABSENT if there is none. */
FZ_MUST_CHECK enum fz_result fz_notification_of_sibling(struct fz_tx *tx,
                                                        const struct fz_notification *notification,
                                                        struct fz_notification *out);
/* Has it wait until `due_ms`, nothing being sent before. */
FZ_MUST_CHECK enum fz_result fz_notification_put_off(struct fz_tx *tx, int64_t id, int64_t due_ms);

/* ---- where several processes send them ---- */

/* One that is to be sent now, as it was when it was chosen: it is the owner's from here on, for some seconds. `out`: whether it is; not if another process
 * has it, or had it meanwhile, if one of the same refund is due before it, or while another process moves the clock. */
FZ_MUST_CHECK enum fz_result fz_flight_take(struct fz_tx *tx, const struct fz_notification *seen, const char *owner, bool *out);
/* It has ended, or is not sent after all. `out`: whether it was the owner's still. */
FZ_MUST_CHECK enum fz_result fz_flight_end(struct fz_tx *tx, int64_t notification, const char *owner, bool *out);
/* All of the owner's go on; have ended. */
FZ_MUST_CHECK enum fz_result fz_flight_renew(struct fz_tx *tx, const char *owner);
FZ_MUST_CHECK enum fz_result fz_flight_end_all(struct fz_tx *tx, const char *owner);

/* ---- attempts ---- */

/* What was sent: the notification itself, or beside it something that the receiver has to see through.
 * Stored. */
enum fz_attempt_kind {
    FZ_ATTEMPT_TRUE = 1,
    FZ_ATTEMPT_PROBE,
    FZ_ATTEMPT_DUPLICATE,
    FZ_ATTEMPT_WRONG_SIGNATURE,
    FZ_ATTEMPT_STRIPPED,
    FZ_ATTEMPT_OTHER_SUB_MERCHANT
};
const char *fz_attempt_kind_word(enum fz_attempt_kind kind);

/* One request, as it is kept. Texts borrowed. */
struct fz_attempt {
    enum fz_attempt_kind kind;
    int64_t time_ms, wire_ms; /* book time and the machine's, when it was sent */
    int64_t duration_ms;
    const char *headers, *body; /* sent; "" if nothing was */
    int status;                 /* 0: no answer */
    const void *answer_headers, *answer_body;
    size_t answer_headers_size, answer_body_size;
    const char *error; /* why there was no answer, or no whole one; NULL */
};

/* What one sending came to. */
struct fz_notification_outcome {
    const struct fz_notification *sent; /* the row as it was when it was sent */
    const struct fz_attempt *attempts;
    size_t count;
    bool delivered;
    int64_t next_due_ms; /* not delivered: the ladder's next time; 0: it has ended */
};
/* Takes down the attempts and moves the row on: DELIVERED; else WAITING for the next time; else FAILED. One
 * that was delivered before stays so. If somebody asked meanwhile for it to be sent again, it waits for that.
 * FZ_ABSENT: there is no such row any more. */
FZ_MUST_CHECK enum fz_result fz_notification_conclude(struct fz_tx *tx,
                                                      const struct fz_notification_outcome *outcome);

/* Has it sent once more, at once, whatever became of it. FZ_ABSENT: there is none; FZ_CONFLICT: it was sent
 * again FZ_RESENDS_MAX times. */
FZ_MUST_CHECK enum fz_result fz_notification_resend(struct fz_tx *tx, const char *event_id,
                                                    struct fz_notification *out);

/* Calls `each` for the attempts in the order of their numbers. What it returns other than FZ_OK ends it. */
FZ_MUST_CHECK enum fz_result fz_attempt_each(struct fz_tx *tx, int64_t notification,
                                             enum fz_result (*each)(void *argument, int number,
                                                                    const struct fz_attempt *attempt),
                                             void *argument);

/* ---- list ---- */

struct fz_notification_filter {
    const char *mchid;        /* the caller's or the sub-merchant's; NULL: any */
    const char *out_trade_no; /* NULL: any */
    const char *out_refund_no;
    enum fz_notification_state state; /* 0: any */
    int64_t before_ms, before;        /* time and row number of the one to begin behind; INT64_MAX: from the newest */
    int64_t limit;
};
/* Newest first. FZ_OK also with none. What `each` returns other than FZ_OK ends it. */
FZ_MUST_CHECK enum fz_result fz_notification_each(
    struct fz_tx *tx, const struct fz_notification_filter *filter,
    enum fz_result (*each)(void *argument, const struct fz_notification *notification), void *argument);

#endif
