/* Refunds and notifications: what a refund's notify_url is told, and what any notification is about. */
#ifndef FZ_BOOK_REFUND_NOTIFY_H
#define FZ_BOOK_REFUND_NOTIFY_H

#include "book/notification/notification.h"
#include "book/refund/refund.h"

/* A refund came to `state`, its money at `recv_account`: in the transaction of that. Does nothing for one
 * without a notify_url of its own. */
FZ_MUST_CHECK enum fz_result fz_refund_notify(struct fz_tx *tx, const struct fz_refund *refund,
                                              enum fz_refund_state state, const char *recv_account);

/* What a notification is about, for its text. `refund` is left alone for a payment's. */
FZ_MUST_CHECK enum fz_result fz_notification_subject(struct fz_tx *tx,
                                                     const struct fz_notification *notification,
                                                     struct fz_payment *payment, struct fz_refund *refund);

#endif
