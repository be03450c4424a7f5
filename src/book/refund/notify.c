/* Refunds and notifications: a refund's notification is written here, and a notification's subject found. */
#include "book/refund/notify.h"

#include "base/text.h"
#include "book/refund/row.h"

FZ_STATEMENT(notification_refund_url,
             "SELECT notify_url FROM refund WHERE id = $1 AND notify_url IS NOT NULL", "i", "t");

_Static_assert((int)FZ_NOTIFY_REFUND_SUCCESS == (int)FZ_REFUND_SUCCESS &&
                   (int)FZ_NOTIFY_REFUND_CLOSED == (int)FZ_REFUND_CLOSED &&
                   (int)FZ_NOTIFY_REFUND_ABNORMAL == (int)FZ_REFUND_ABNORMAL,
               "a state that a refund is told to have come to is the kind of its notification");

enum fz_result fz_refund_notify(struct fz_tx *tx, const struct fz_refund *refund, enum fz_refund_state state,
                                const char *recv_account)
{
    char url[FZ_NOTIFY_URL_SIZE];
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &notification_refund_url, FZ_VALUES(FZ_I(refund->id)), &row);
    if (result != FZ_OK)
        return result == FZ_ABSENT ? FZ_OK : result;
    FZ_COPY_COLUMN(url, &row, 0);
    struct fz_notification notification = {.kind = (enum fz_notification_kind)state, .subject = refund->id};
    fz_copy(notification.caller, sizeof notification.caller, refund->caller);
    fz_copy(notification.sub_mchid, sizeof notification.sub_mchid, refund->sub_mchid);
    fz_copy(notification.out_trade_no, sizeof notification.out_trade_no, refund->out_trade_no);
    fz_copy(notification.out_refund_no, sizeof notification.out_refund_no, refund->out_refund_no);
    fz_copy(notification.recv_account, sizeof notification.recv_account, recv_account);
    return fz_notification_add(tx, &notification, url);
}

enum fz_result fz_notification_subject(struct fz_tx *tx, const struct fz_notification *notification,
                                       struct fz_payment *payment, struct fz_refund *refund)
{
    if (notification->kind == FZ_NOTIFY_PAID)
        return fz_payment_by_row(tx, notification->subject, payment);
    enum fz_result result = fz_refund_by_row(tx, notification->subject, refund);
    return result == FZ_OK ? fz_payment_by_row(tx, refund->payment, payment) : result;
}
