/* Notifications come to be: an order is paid, a refund is decided. */
#include <string.h>

#include "base/text.h"
#include "book/notification/row.h"
#include "book/number.h"

FZ_STATEMENT(notification_refund_url,
             "SELECT notify_url FROM refund WHERE id = $1 AND notify_url IS NOT NULL", "i", "t");

/* Who is called: what stands between the slashes, without a user's name, in lower case. */
static void write_host(const char *url, char out[FZ_NOTIFY_URL_SIZE])
{
    const char *begin = strstr(url, "://");
    begin = begin == NULL ? url : begin + 3;
    size_t size = strcspn(begin, "/?#"), skipped = 0;
    for (size_t i = 0; i < size; i++)
        if (begin[i] == '@')
            skipped = i + 1;
    fz_copy_part(out, FZ_NOTIFY_URL_SIZE, begin + skipped, size - skipped);
    for (char *at = out; *at != '\0'; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
}

/* Puts a row into the book that has its subject, merchants and numbers: due at once. */
static enum fz_result put(struct fz_tx *tx, struct fz_notification *notification, const char *url)
{
    enum fz_result result = fz_next_id(tx, "notification", &notification->id);
    if (result != FZ_OK)
        return result;
    fz_number_write(notification->event_id, tx->world, "EV-", "notification", tx->now_ms, notification->id,
                    FZ_EVENT_ID_SIZE - 1);
    fz_copy(notification->url, sizeof notification->url, url);
    write_host(notification->url, notification->host);
    notification->created_ms = notification->due_ms = tx->now_ms;
    notification->state = FZ_NOTIFICATION_WAITING;
    return fz_notification_insert(tx, notification);
}

enum fz_result fz_notification_paid(struct fz_tx *tx, const struct fz_payment *payment)
{
    if (payment->notify_url[0] == '\0')
        return FZ_OK;
    struct fz_notification notification = {.kind = FZ_NOTIFY_PAID, .subject = payment->id};
    fz_copy(notification.caller, sizeof notification.caller, payment->caller);
    fz_copy(notification.sub_mchid, sizeof notification.sub_mchid, payment->sub_mchid);
    fz_copy(notification.out_trade_no, sizeof notification.out_trade_no, payment->out_trade_no);
    return put(tx, &notification, payment->notify_url);
}

enum fz_result fz_notification_refunded(struct fz_tx *tx, const struct fz_refund *refund,
                                        enum fz_refund_state state, const char *recv_account)
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
    return put(tx, &notification, url);
}
