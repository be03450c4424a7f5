/* Notifications: adding one. */
#include <string.h>

#include "base/text.h"
#include "book/notification/row.h"
#include "book/number.h"

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

enum fz_result fz_notification_add(struct fz_tx *tx, struct fz_notification *notification, const char *url)
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
    tx->told = notification->id;
    return fz_notification_insert(tx, notification);
}
