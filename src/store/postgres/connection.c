/* Connections: to a server that can be written to, whichever of the hosts that is at the moment. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static PGconn *dial(const struct fz_store *store)
{
    const char *names[ASKED + 2], *values[ASKED + 2];
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
    names[count] = values[count] = NULL;
    return PQconnectdbParams(names, values, 1);
}

enum fz_result fz_postgres_connect_plainly(struct fz_store *store, struct fz_connection *out)
{
    *out = (struct fz_connection){.engine = &fz_postgres, .store = store};
    size_t statements = 0;
    (void)fz_statements(&statements);
    out->prepared = calloc(FZ_CONTROL_COUNT + statements, sizeof *out->prepared);
    out->handle = out->prepared == NULL ? NULL : dial(store);
    if (out->handle != NULL && PQstatus(out->handle) == CONNECTION_OK) {
        PQsetNoticeReceiver(out->handle, on_notice, out);
        return FZ_OK;
    }
    fz_postgres_fail(out, "connect", NULL);
    fz_postgres_disconnect(out);
    return FZ_FAILED;
}

enum fz_result fz_postgres_connect(struct fz_store *store, struct fz_connection *out)
{
    enum fz_result result = fz_postgres_connect_plainly(store, out);
    if (result != FZ_OK || !store->pipelines || PQenterPipelineMode(out->handle) == 1)
        return result;
    fz_postgres_fail(out, "connect", NULL);
    fz_postgres_disconnect(out);
    return FZ_FAILED;
}

void fz_postgres_disconnect(struct fz_connection *connection)
{
    PQfinish(connection->handle);
    connection->handle = NULL;
    free(connection->prepared);
    connection->prepared = NULL;
    connection->sent_count = 0;
}

/* Whether what failed says that another server is the one to ask: this one goes down, comes up, or only reads. */
static bool is_of_the_role(const char *state)
{
    return strncmp(state, "57P", 3) == 0 || strncmp(state, "08", 2) == 0 || strcmp(state, "25006") == 0;
}

void fz_postgres_fail(struct fz_connection *connection, const char *what, const PGresult *result)
{
    const char *state = result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (PQstatus(connection->handle) != CONNECTION_OK || (state != NULL && is_of_the_role(state)))
        connection->lost = true;
    if (connection->failed)
        return;
    connection->failed = true;
    fz_copy(connection->state, sizeof connection->state, state == NULL ? "" : state);
    const char *words = result == NULL ? PQerrorMessage(connection->handle) : PQresultErrorMessage(result);
    snprintf(connection->failure, sizeof connection->failure, "%s: %.*s (PostgreSQL %s)", what, (int)strcspn(words, "\n"), words,
             state == NULL ? "gives no code" : state);
    if (connection->error != NULL) {
        connection->error->row = FZ_ROW_NONE;
        fz_copy(connection->error->issue, sizeof connection->error->issue, connection->failure);
    }
}
