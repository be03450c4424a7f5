/* Waiting for those who write a day, in nobody's way: whoever asks for the day's lock has all who come behind him wait as well, for as long as one
 * of those before him stands still. So the lock is only looked at. Who gets it later reads the clock later. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"
#include "store/postgres/engine.h"

#define FIRST_PAUSE_MS   2
#define LONGEST_PAUSE_MS 200
#define HOLDERS_MAX      65536 /* bytes of a list of them */

/* One statement by itself, of one row. New: PQclear. NULL: it failed. */
static PGresult *ask(struct fz_connection *connection, const char *sql)
{
    PGresult *row = NULL;
    struct fz_error scratch;
    fz_transaction_start(connection, &scratch);
    enum fz_result result = fz_pipeline_own(connection, "look who writes the day", sql);
    if (result == FZ_OK) {
        fz_pipeline_keep(connection, &row);
        result = fz_pipeline_finish(connection);
    }
    connection->error = NULL;
    if (result == FZ_OK)
        return row;
    PQclear(row);
    return NULL;
}

/* Those who hold the day at this moment, as a list that SQL takes; "": nobody. New: free. NULL: it is not known. */
static char *find(struct fz_connection *connection, const char *lock)
{
    char sql[600];
    snprintf(sql, sizeof sql, "SELECT string_agg('''' || virtualtransaction || '''', ',') FROM pg_locks l WHERE %s", lock);
    PGresult *row = ask(connection, sql);
    char *holders = row == NULL ? NULL : strdup(PQgetvalue(row, 0, 0));
    PQclear(row);
    return holders;
}

/* Who of them has begun first. New: PQclear; without a row: all have ended. NULL: it is not known. */
static PGresult *find_first(struct fz_connection *connection, const char *lock, const char *holders)
{
    FZ_CLEANUP(fz_text_done) struct fz_text sql = {.max = HOLDERS_MAX};
    fz_text_string(&sql, "SELECT CAST(l.pid AS TEXT), COALESCE(a.application_name, ''), COALESCE(CAST(a.client_addr AS TEXT), ''), COALESCE(a.state, ''),"
                         " COALESCE(a.wait_event, ''), CAST(CAST(COALESCE(date_part('epoch', clock_timestamp() - a.xact_start), 0) AS BIGINT) AS TEXT)"
                         " FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid WHERE ");
    fz_text_string(&sql, lock);
    fz_text_string(&sql, " AND virtualtransaction IN (");
    fz_text_string(&sql, holders);
    fz_text_string(&sql, ") ORDER BY a.xact_start LIMIT 1");
    return sql.failed ? NULL : ask(connection, sql.data);
}

static void name(const PGresult *row, struct fz_error *error)
{
    const char *process = PQgetvalue(row, 0, 0), *application = PQgetvalue(row, 0, 1), *host = PQgetvalue(row, 0, 2), *state = PQgetvalue(row, 0, 3);
    const char *event = PQgetvalue(row, 0, 4), *seconds = PQgetvalue(row, 0, 5);
    *error = (struct fz_error){.row = FZ_ROW_NONE};
    snprintf(error->issue, sizeof error->issue,
             "a write that began %s s ago does not end: PostgreSQL's process %s, of %s at %s (%s, waits for %s). Look what that program does, or undo its "
             "write by SELECT pg_terminate_backend(%s), then try again",
             seconds, process, application[0] == '\0' ? "a program without a name" : application, host[0] == '\0' ? "the database's own machine" : host,
             state[0] == '\0' ? "of another role" : state, event[0] == '\0' ? "nothing" : event, process);
}

static int64_t pause_after(int64_t pause_ms)
{
    nanosleep(&(struct timespec){.tv_sec = pause_ms / 1000, .tv_nsec = pause_ms % 1000 * 1000000}, NULL);
    return pause_ms * 2 < LONGEST_PAUSE_MS ? pause_ms * 2 : LONGEST_PAUSE_MS;
}

static enum fz_result outwait(struct fz_connection *connection, const char *lock, const char *holders, int64_t until_ms, struct fz_error *error)
{
    for (int64_t pause_ms = FIRST_PAUSE_MS;; pause_ms = pause_after(pause_ms)) {
        PGresult *first = find_first(connection, lock, holders);
        if (first == NULL)
            return FZ_FAILED;
        bool some = PQntuples(first) > 0, over = fz_ticks_ms() >= until_ms;
        if (some && over)
            name(first, error);
        PQclear(first);
        if (!some || over)
            return some ? FZ_FULL : FZ_OK;
    }
}

enum fz_result fz_holders_pass(struct fz_connection *connection, int day, int64_t most_ms, struct fz_error *error)
{
    char lock[300];
    int64_t key = FZ_DAY_LOCKS + day, until_ms = fz_ticks_ms() + most_ms;
    snprintf(lock, sizeof lock,
             "l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND CAST(l.classid AS BIGINT) = %lld AND CAST(l.objid AS BIGINT) = %lld AND"
             " l.database = (SELECT oid FROM pg_database WHERE datname = current_database())",
             (long long)(key >> 32), (long long)(key & 0xFFFFFFFF));
    fz_pipeline_settle(connection);
    char *holders = connection->lost ? NULL : find(connection, lock);
    enum fz_result result = holders == NULL ? FZ_FAILED : holders[0] == '\0' ? FZ_OK : outwait(connection, lock, holders, until_ms, error);
    free(holders);
    if (result == FZ_FAILED) {
        *error = (struct fz_error){.row = FZ_ROW_NONE};
        fz_copy(error->issue, sizeof error->issue, connection->failure);
    }
    return result;
}
