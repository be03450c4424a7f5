/* Notifications on their way, where several processes send them: whose each is. */
#include "book/notification/notification.h"

#define LEASE_MS 7000 /* a little more than a request may take; it is said again while it lasts */

FZ_STATEMENT(flight_take,
             "INSERT INTO flight (notification, owner, until_ms) SELECT $1, $2, $3"
             " WHERE NOT EXISTS (SELECT 1 FROM clock_move WHERE owner <> $2)"
             " ON CONFLICT (notification) DO UPDATE SET owner = excluded.owner, until_ms = excluded.until_ms"
             " WHERE flight.until_ms < $4 OR flight.owner = excluded.owner",
             "itii", "");
/* 2 to 4 are of a refund: first that it went astray, then what became of it. Their numbers do not tell, as processes take them in blocks. */
FZ_STATEMENT(flight_stands,
             "SELECT n.id FROM notification n WHERE n.id = $1 AND n.state = 1 AND n.due_ms = $2 AND n.attempts = $3 AND n.resends = $4"
             " AND (n.kind = 1 OR NOT EXISTS (SELECT 1 FROM notification m WHERE m.kind IN (2, 3, 4) AND m.subject = n.subject"
             " AND m.state = 1 AND (m.due_ms < n.due_ms OR (m.due_ms = n.due_ms AND m.kind > n.kind))))",
             "iiii", "i");
FZ_STATEMENT(flight_end, "DELETE FROM flight WHERE notification = $1 AND owner = $2", "it", "");
FZ_STATEMENT(flight_renew, "UPDATE flight SET until_ms = $2 WHERE owner = $1", "ti", "");
FZ_STATEMENT(flight_end_all, "DELETE FROM flight WHERE owner = $1", "t", "");

/* Whether it is still as it was when it was chosen, and no earlier one of its subject waits. */
static enum fz_result look_whether_it_stands(struct fz_tx *tx, const struct fz_notification *seen, bool *out)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(
        tx, &flight_stands, FZ_VALUES(FZ_I(seen->id), FZ_I(seen->due_ms), FZ_I(seen->attempts), FZ_I(seen->resends)), &row);
    *out = result == FZ_OK;
    return result == FZ_ABSENT ? FZ_OK : result;
}

/* Looked at behind the row that says whose it is: whoever had it before has ended. */
enum fz_result fz_flight_take(struct fz_tx *tx, const struct fz_notification *seen, const char *owner, bool *out)
{
    int64_t changed = 0;
    bool stands = false;
    enum fz_result result =
        fz_run(tx, &flight_take, FZ_VALUES(FZ_I(seen->id), FZ_T(owner), FZ_I(tx->wire_ms + LEASE_MS), FZ_I(tx->wire_ms)), &changed);
    if (result == FZ_OK && changed == 1)
        result = look_whether_it_stands(tx, seen, &stands);
    *out = stands;
    return result == FZ_OK && changed == 1 && !stands ? fz_flight_end(tx, seen->id, owner, &stands) : result;
}

enum fz_result fz_flight_end(struct fz_tx *tx, int64_t notification, const char *owner, bool *out)
{
    int64_t changed = 0;
    enum fz_result result = fz_run(tx, &flight_end, FZ_VALUES(FZ_I(notification), FZ_T(owner)), &changed);
    *out = changed == 1;
    return result;
}

enum fz_result fz_flight_renew(struct fz_tx *tx, const char *owner)
{
    return fz_run(tx, &flight_renew, FZ_VALUES(FZ_T(owner), FZ_I(tx->wire_ms + LEASE_MS)), NULL);
}

enum fz_result fz_flight_end_all(struct fz_tx *tx, const char *owner)
{
    return fz_run(tx, &flight_end_all, FZ_VALUES(FZ_T(owner)), NULL);
}
