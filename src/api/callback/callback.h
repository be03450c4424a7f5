/* A notification as it goes to a notify_url: its plain text, and the body in which that text is sealed (the
 * vendor's API rules). */
#ifndef FZ_API_CALLBACK_CALLBACK_H
#define FZ_API_CALLBACK_CALLBACK_H

#include "book/notification/notification.h"
#include "book/refund/refund.h"

/* The plain text of a notification: always the same for one event, however the order or refund went on since.
 * `refund` is looked at for a refund alone. New (free); NULL when memory is short. */
char *fz_notification_plain(const struct fz_notification *notification, const struct fz_payment *payment,
                            const struct fz_refund *refund);

/* The body: the plain text sealed under the merchant's APIv3 key, with a nonce of its own each time. New
 * (free); NULL when memory is short. */
char *fz_notification_body(const struct fz_notification *notification, const char *plain,
                           const unsigned char apiv3_key[32]);

/* TRANSACTION.SUCCESS … Static. */
const char *fz_notification_event_type(enum fz_notification_kind kind);

#endif
