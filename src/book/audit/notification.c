/* Notifications: each happening that a notify_url waits for has its one row, each row its happening, and what
 * is said of its sending holds. */
#include <string.h>

#include "book/audit/parts.h"

/* States in the statements: of a refund 2 SUCCESS, 3 CLOSED, 4 ABNORMAL, which are the kinds of its
 * notifications; of a notification 1 WAITING, 2 DELIVERED, 3 FAILED. An ABNORMAL refund was told of though it
 * went on since. What a migration put down, because it had happened before there were notifications, has its
 * url for a host: of it only the last state was put down, and when it was ABNORMAL may be unknown.
 * What belongs to a row is looked up by itself, as in waiting.c. */
FZ_LARGE_STATEMENT(
    audit_not_told_paid,
    "SELECT p.transaction_id FROM payment p WHERE p.id > $1 AND p.id <= $2 AND p.success_ms > 0 AND p.notify_url IS NOT NULL"
    " AND (SELECT n.id FROM notification n WHERE n.kind = 1 AND n.subject = p.id) IS NULL ORDER BY p.id",
    "ii", "t");
FZ_LARGE_STATEMENT(
    audit_not_told_refund,
    "SELECT r.refund_id FROM refund r WHERE r.id > $1 AND r.id <= $2 AND r.state > 1 AND r.notify_url IS NOT NULL"
    " AND (SELECT n.id FROM notification n WHERE n.kind = r.state AND n.subject = r.id AND n.kind IN (2, 3, 4)) IS NULL ORDER BY r.id",
    "ii", "t");
FZ_LARGE_STATEMENT(audit_not_told_abnormal,
             "SELECT r.refund_id FROM refund r WHERE r.id > $1 AND r.id <= $2 AND r.abnormal_ms IS NOT NULL"
             " AND (SELECT o.id FROM notification o WHERE o.kind = r.state AND o.subject = r.id AND o.host <> o.url) IS NOT NULL"
             " AND (SELECT n.id FROM notification n WHERE n.kind = 4 AND n.subject = r.id) IS NULL ORDER BY r.id",
             "ii", "t");
FZ_LARGE_STATEMENT(
    audit_told_paid_in_vain,
    "SELECT n.event_id FROM notification n WHERE n.kind = 1 AND n.subject > $1 AND n.subject <= $2"
    " AND (SELECT p.id FROM payment p WHERE p.id = n.subject AND p.success_ms <> 0 AND p.notify_url = n.url AND p.caller = n.caller"
    " AND p.sub_mchid = n.sub_mchid AND p.out_trade_no = n.out_trade_no) IS NULL ORDER BY n.id",
    "ii", "t");
FZ_LARGE_STATEMENT(
    audit_told_refund_in_vain,
    "SELECT n.event_id FROM notification n WHERE n.kind IN (2, 3, 4) AND n.subject > $1 AND n.subject <= $2"
    " AND (SELECT r.id FROM refund r WHERE r.id = n.subject AND r.state <> 1 AND (n.kind = r.state OR (n.kind = 4"
    " AND (r.abnormal_ms IS NOT NULL OR n.host = n.url))) AND r.notify_url = n.url AND r.caller = n.caller AND r.sub_mchid = n.sub_mchid"
    " AND r.out_trade_no = n.out_trade_no AND r.out_refund_no = n.out_refund_no) IS NULL ORDER BY n.id",
    "ii", "t");
FZ_LARGE_STATEMENT(audit_attempts_counted,
             "SELECT n.event_id FROM notification n WHERE n.id > $1 AND n.id <= $2 AND n.attempts <>"
             " (SELECT COUNT(*) FROM notification_attempt a WHERE a.notification = n.id) ORDER BY n.id",
             "ii", "t");
FZ_LARGE_STATEMENT(audit_delivery_answered,
             "SELECT n.event_id FROM notification n WHERE n.id > $1 AND n.id <= $2 AND n.delivered_ms IS NOT NULL AND n.attempts < $3 AND "
             "NOT EXISTS"
             " (SELECT 1 FROM notification_attempt a WHERE a.notification = n.id AND a.notification > $1 AND a.notification <= $2 AND a.kind = 1 AND a.status "
             "BETWEEN 200 AND 299)"
             " ORDER BY n.id",
             "iii", "t");
FZ_LARGE_STATEMENT(audit_notification_state,
             "SELECT n.event_id FROM notification n WHERE n.id > $1 AND n.id <= $2 AND ((n.state = 2 AND n.delivered_ms IS NULL)"
             " OR (n.state = 3 AND n.delivered_ms IS NOT NULL) OR n.due_ms < n.created_ms) ORDER BY n.id",
             "ii", "t");

static const struct {
    enum fz_audit_span span;
    const struct fz_statement *statement;
    const char *noun, *what;
} checks[] = {
    {FZ_AUDIT_ORDERS, &audit_not_told_paid, "payment", "it was paid, and nothing was put down to tell its notify_url"},
    {FZ_AUDIT_REFUNDS, &audit_not_told_refund, "refund", "it is decided, and nothing was put down to tell its notify_url"},
    {FZ_AUDIT_REFUNDS, &audit_not_told_abnormal, "refund", "it was abnormal, and nothing was put down to tell its notify_url"},
    {FZ_AUDIT_ORDERS, &audit_told_paid_in_vain, "notification", "no paid order is as it says"},
    {FZ_AUDIT_REFUNDS, &audit_told_refund_in_vain, "notification", "no refund is as it says"},
    {FZ_AUDIT_NOTIFICATIONS, &audit_attempts_counted, "notification", "its attempts are not as many as it says"},
    {FZ_AUDIT_NOTIFICATIONS, &audit_delivery_answered, "notification",
     "it was delivered, but none of its attempts was answered with 2xx"},
    {FZ_AUDIT_NOTIFICATIONS, &audit_notification_state, "notification", "its state does not fit its times"},
};

enum fz_result fz_audit_notifications(struct fz_audit_run *run)
{
    enum fz_result result = FZ_ABSENT;
    for (size_t i = 0; result == FZ_ABSENT && i < sizeof checks / sizeof checks[0]; i++) {
        FZ_CURSOR row = {0};
        const struct fz_value values[] = {FZ_AUDIT_RANGE(run), FZ_I(FZ_ATTEMPTS_MAX)}; /* of so many, later ones are not kept */
        if ((run->span & checks[i].span) == 0)
            continue;
        result = fz_query(run->tx, checks[i].statement, values, strlen(checks[i].statement->binds), &row);
        while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK)
            fz_audit_true(run, (struct fz_audit_subject){checks[i].noun, fz_string(&row, 0)}, checks[i].what,
                          false);
    }
    return result == FZ_ABSENT ? FZ_OK : result;
}
