/* Connections: to a server that can be written to, whichever of the hosts that is at the moment. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "store/postgres/engine.h"

/* What is asked of each: text as it is, errors that say which statement's, no wait for a host that has gone. A transaction that this program
 * has forgotten must not hold its locks for ever. The address may say otherwise of all but the first two. */
static const char *const asked[][2] = {
    {"target_session_attrs", "read-write"},
    {"client_encoding", "UTF8"},
    {"application_name", "fenzhang"},
    {"connect_timeout", "3"},
    {"keepalives_idle", "5"},
    {"keepalives_interval", "2"},
    {"keepalives_count", "3"},
    {"tcp_user_timeout", "10000"},
};
#define ASKED (sizeof asked / sizeof asked[0])

/* The server's warnings come here. One in a commit says that it may not be where it should. */
static void on_notice(void *connection, const PGresult *notice)
{
    const char *severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (severity != NULL && strcmp(severity, "WARNING") == 0)
        ((struct fz_connection *)connection)->warned = true;
}

static PGconn *dial_in_turn(const struct fz_store *store, const struct fz_hosts *hosts)
{
    const char *names[ASKED + 2 + FZ_HOST_LISTS], *values[ASKED + 2 + FZ_HOST_LISTS];
    size_t count = 0;
    for (size_t i = 2; i < ASKED; i++, count++) {
        names[count] = asked[i][0];
        values[count] = asked[i][1];
    }
    names[count] = "dbname"; /* the address: what it says wins over what stands before it */
    values[count++] = store->address;
    for (size_t i = 0; i < 2; i++, count++) {
        names[count] = asked[i][0];
        values[count] = asked[i][1];
    }
    for (size_t i = 0; i < FZ_HOST_LISTS; i++)
        if (hosts->lists[i] != NULL) {
            names[count] = fz_host_lists[i];
            values[count++] = hosts->lists[i];
        }
    names[count] = values[count] = NULL;
    return PQconnectdbParams(names, values, 1);
}

static PGconn *dial(struct fz_store *store, size_t lead)
{
    struct fz_hosts hosts;
    fz_hosts_of(store, lead, &hosts);
    PGconn *handle = dial_in_turn(store, &hosts);
    if (handle != NULL && PQstatus(handle) == CONNECTION_OK && !fz_hosts_is_first(&hosts, handle))
        fz_hosts_move_on(store, lead);
    fz_hosts_done(&hosts);
    return handle;
}

static enum fz_result connect_once(struct fz_store *store, struct fz_connection *out)
{
    *out = (struct fz_connection){.engine = &fz_postgres, .store = store};
    out->lead = atomic_load(&store->lead);
    out->era = atomic_load(&store->era);
    size_t statements = 0;
    (void)fz_statements(&statements);
    out->prepared = calloc(FZ_CONTROL_COUNT + 3 * statements, sizeof *out->prepared);
    out->handle = out->prepared == NULL ? NULL : dial(store, out->lead);
    if (out->handle != NULL && PQstatus(out->handle) == CONNECTION_OK) {
        PQsetNoticeReceiver(out->handle, on_notice, out);
        return FZ_OK;
    }
    fz_postgres_fail(out, "connect", NULL);
    fz_postgres_disconnect(out);
    return FZ_FAILED;
}

enum fz_result fz_postgres_connect_plainly(struct fz_store *store, int64_t until_ms, struct fz_connection *out)
{
    enum fz_result result = FZ_FAILED;
    *out = (struct fz_connection){.engine = &fz_postgres, .store = store, .failed = true, .lost = true};
    (void)fz_gate_is_shut(&store->gate, out->failure, sizeof out->failure);
    do {
        if (!fz_gate_enter(&store->gate, until_ms))
            return FZ_FAILED;
        result = connect_once(store, out);
        fz_gate_leave(store, result == FZ_OK, out->failure);
    } while (result != FZ_OK && fz_ticks_ms() < until_ms);
    return result;
}

enum fz_result fz_postgres_connect(struct fz_store *store, int64_t until_ms, struct fz_connection *out)
{
    enum fz_result result = fz_postgres_connect_plainly(store, until_ms, out);
    if (result != FZ_OK || !store->pipelines || PQenterPipelineMode(out->handle) == 1)
        return result;
    fz_postgres_fail(out, "connect", NULL);
    fz_postgres_disconnect(out);
    return FZ_FAILED;
}

void fz_postgres_disconnect(struct fz_connection *connection)
{
    fz_asked_forget(connection);
    PQfinish(connection->handle);
    connection->handle = NULL;
    free(connection->prepared);
    connection->prepared = NULL;
    connection->sent_count = 0;
    connection->ending = false;
}

void fz_postgres_move(struct fz_connection *from, struct fz_connection *to)
{
    *to = *from;
    PQsetNoticeReceiver(to->handle, on_notice, to);
    from->handle = NULL;
    from->prepared = NULL;
    from->sent_count = 0;
    from->ending = false;
}

/* Whether what failed says that another server is the one to ask (this one goes down, comes up, or only reads), or another connection (this
 * one was ended because its process had stood still). */
static bool is_of_the_role(const char *state)
{
    return strncmp(state, "57P", 3) == 0 || strncmp(state, "08", 2) == 0 || strcmp(state, "25006") == 0 || strcmp(state, "25P03") == 0;
}

/* Whether what failed is more than a statement: the connection ended with it, or the server did (a full disk in the midst of a commit). */
static bool is_the_end(const PGresult *result)
{
    if (result == NULL || PQresultStatus(result) != PGRES_FATAL_ERROR)
        return false;
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (severity == NULL)
        severity = PQresultErrorField(result, PG_DIAG_SEVERITY); /* of a pooler */
    return severity == NULL || strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0;
}

void fz_postgres_fail(struct fz_connection *connection, const char *what, const PGresult *result)
{
    const char *state = result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_SQLSTATE);
    bool ended = PQstatus(connection->handle) != CONNECTION_OK || is_the_end(result);
    if (ended || (state != NULL && is_of_the_role(state)))
        connection->lost = true;
    if (connection->failed)
        return;
    connection->failed = true;
    connection->cut_off = ended;
    fz_copy(connection->state, sizeof connection->state, state == NULL ? "" : state);
    const char *words = result == NULL ? PQerrorMessage(connection->handle) : PQresultErrorMessage(result);
    snprintf(connection->failure, sizeof connection->failure, "%s: %.*s (PostgreSQL %s)", what, (int)strcspn(words, "\n"), words,
             state == NULL ? "gives no code" : state);
    if (connection->error != NULL) {
        connection->error->row = FZ_ROW_NONE;
        fz_copy(connection->error->issue, sizeof connection->error->issue, connection->failure);
    }
}

void fz_postgres_leave(struct fz_connection *connection)
{
    fz_postgres_fail(connection, "wait for an answer", NULL);
    fz_copy(connection->failure, sizeof connection->failure, "wait for an answer: the server is silent, or another has taken over");
    connection->lost = connection->cut_off = true;
    if (connection->silent_ms == 0) /* else it may only be slow */
        fz_hosts_move_on(connection->store, connection->lead);
}
