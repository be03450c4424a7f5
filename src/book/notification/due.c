/* Notifications that wait to be sent: when the next is due, for which hosts, and which. */
#include "base/text.h"
#include "book/notification/notification.h"

/* state = 1 is WAITING; written out, so that the index of waiting rows serves them. */
FZ_STATEMENT(notification_next_due,
             "SELECT due_ms FROM notification WHERE state = 1 AND due_ms > $1 ORDER BY due_ms LIMIT 1", "i",
             "i");
FZ_STATEMENT(notification_next_host,
             "SELECT host FROM notification WHERE state = 1 AND host > $1 ORDER BY host LIMIT 1", "t", "t");
/* That a refund went astray (4) is told before what became of it, although another process may have given it the higher number. */
#define FIRST_OF_REFUND                                                                                      \
    " AND NOT EXISTS (SELECT 1 FROM notification f WHERE f.kind = 4 AND f.subject = n.subject AND n.kind IN (2, 3)" \
    " AND f.state = 1 AND f.due_ms = n.due_ms)"
FZ_STATEMENT(notification_due_for,
             "SELECT n.id, n.due_ms FROM notification n WHERE n.state = 1 AND n.host = $1 AND n.due_ms > $2"
             " AND n.due_ms <= $3 AND n.id <= $4" FIRST_OF_REFUND " ORDER BY n.due_ms, n.id LIMIT $5",
             "tiiii", "ii");
FZ_STATEMENT(notification_free_for,
             "SELECT n.id, n.due_ms FROM notification n WHERE n.state = 1 AND n.host = $1 AND n.due_ms > $2"
             " AND n.due_ms <= $3 AND n.id <= $4 AND NOT EXISTS"
             " (SELECT 1 FROM flight f WHERE f.notification = n.id AND f.owner <> $6 AND f.until_ms >= $7)" FIRST_OF_REFUND
             " ORDER BY n.due_ms, n.id LIMIT $5",
             "tiiiiti", "ii");
FZ_STATEMENT(notification_newest, "SELECT COALESCE(MAX(id), 0) FROM notification", "", "i");
FZ_STATEMENT(notification_waiting,
             "SELECT COUNT(*) FROM (SELECT 1 FROM notification WHERE state = 1 LIMIT $1) n", "i", "i");

FZ_STATEMENT(notification_put_off, "UPDATE notification SET due_ms = $2 WHERE id = $1 AND state = 1", "ii",
             "");

enum fz_result fz_notification_next_due(struct fz_tx *tx, int64_t after_ms, int64_t *due_ms)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &notification_next_due, FZ_VALUES(FZ_I(after_ms)), &row);
    if (result == FZ_OK)
        *due_ms = fz_int(&row, 0);
    return result;
}

enum fz_result fz_notification_next_host(struct fz_tx *tx, const char *after, char out[FZ_NOTIFY_URL_SIZE])
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &notification_next_host, FZ_VALUES(FZ_T(after)), &row);
    if (result == FZ_OK)
        fz_copy(out, FZ_NOTIFY_URL_SIZE, fz_string(&row, 0));
    return result;
}

enum fz_result fz_notification_due_for(struct fz_tx *tx, const char *host, const char *owner,
                                       const struct fz_notification_span *span, size_t limit,
                                       struct fz_notification_due *out, size_t *count)
{
    const struct fz_value values[] = {FZ_T(host),        FZ_I(span->after_ms),   FZ_I(span->until_ms), FZ_I(span->newest),
                                      FZ_I((int64_t)limit), FZ_T(owner), FZ_I(tx->wire_ms)};
    FZ_CURSOR row = {0};
    size_t found = 0;
    enum fz_result result =
        owner == NULL ? fz_query(tx, &notification_due_for, values, 5, &row) : fz_query(tx, &notification_free_for, values, 7, &row);
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK)
        out[found++] = (struct fz_notification_due){.id = fz_int(&row, 0), .due_ms = fz_int(&row, 1)};
    if (result != FZ_ABSENT)
        return result;
    *count = found;
    return FZ_OK;
}

enum fz_result fz_notification_newest(struct fz_tx *tx, int64_t *out)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &notification_newest, NULL, 0, &row);
    if (result == FZ_OK)
        *out = fz_int(&row, 0);
    return result;
}

enum fz_result fz_notification_count_waiting(struct fz_tx *tx, int64_t most, int64_t *out)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &notification_waiting, FZ_VALUES(FZ_I(most)), &row);
    if (result == FZ_OK)
        *out = fz_int(&row, 0);
    return result;
}

enum fz_result fz_notification_put_off(struct fz_tx *tx, int64_t id, int64_t due_ms)
{
    return fz_run(tx, &notification_put_off, FZ_VALUES(FZ_I(id), FZ_I(due_ms)), NULL);
}
