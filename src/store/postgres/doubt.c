/* In doubt is never guessed: what became of a transaction whose commit got no answer.
 *
 * The server that was asked knows, and so does a standby that was synchronous: by the transaction's number. A standby that was not may know
 * nothing of it, and may use the number for another transaction. Whether it is the same server shows in its timeline, which a promotion ends.
 * So a number is believed on the timeline that it was given on; after a promotion nobody can say, unless who asks can repeat what it asked
 * and find the business number taken, with the same content. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "store/postgres/engine.h"

#define FOR_MS   10000 /* as long as a promotion may take */
#define EVERY_MS 50

static void wait_a_little(void)
{
    nanosleep(&(struct timespec){.tv_nsec = EVERY_MS * 1000000L}, NULL);
}

/* 'committed', 'aborted', 'in progress', or '' if the server has forgotten it or never gave it; with the timeline. A server that ended
 * and came again may have what no standby has yet: so whoever asks writes something too, which is waited for until all before it is where
 * it belongs. False: no answer, or none that can be relied on. */
static bool ask(struct fz_connection *connection, const char *transaction, int64_t until_ms, char status[16], char timeline[16])
{
    const char *values[] = {transaction};
    PGresult *rows = fz_patience_ask(connection,
                                     "SELECT CASE WHEN CAST(CAST($1 AS TEXT) AS xid8) < pg_snapshot_xmax(pg_current_snapshot())"
                                     " THEN COALESCE(pg_xact_status(CAST(CAST($1 AS TEXT) AS xid8)), '') ELSE 'in progress' END, " FZ_TIMELINE
                                     ", pg_logical_emit_message(true, 'fenzhang', '')",
                                     values, 1, until_ms);
    bool answered = PQresultStatus(rows) == PGRES_TUPLES_OK && !connection->warned;
    if (answered) {
        snprintf(status, 16, "%s", PQgetvalue(rows, 0, 0));
        snprintf(timeline, 16, "%s", PQgetvalue(rows, 0, 1));
    }
    PQclear(rows);
    return answered;
}

enum fz_result fz_doubt_settle(struct fz_store *store, const char *transaction, const char *timeline)
{
    int64_t until_ms = fz_ticks_ms() + FOR_MS;
    enum fz_result result = FZ_UNKNOWN;
    while (result == FZ_UNKNOWN && fz_ticks_ms() < until_ms) {
        char status[16] = "", there[16] = "";
        struct fz_connection connection;
        bool answered = fz_postgres_connect_plainly(store, until_ms, &connection) == FZ_OK &&
                        ask(&connection, transaction, until_ms, status, there);
        fz_postgres_disconnect(&connection);
        if (answered && strcmp(there, timeline) != 0)
            return FZ_UNKNOWN;
        if (strcmp(status, "committed") == 0)
            result = FZ_OK;
        else if (strcmp(status, "aborted") == 0)
            result = FZ_FAILED;
        else
            wait_a_little(); /* its own backend may still be at it */
    }
    return result;
}
