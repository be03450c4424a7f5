/* Questions asked ahead: what a work is going to ask first goes with the message that begins its transaction. */
#include <string.h>

#include "store/postgres/engine.h"

/* Copied, as the caller's are gone when they are sent. false: there is no room. */
static bool keep_values(struct fz_asked *asked, const struct fz_value *values, size_t count)
{
    size_t used = 0;
    if (count > FZ_ASKED_VALUES)
        return false;
    for (size_t i = 0; i < count; i++) {
        asked->values[i] = values[i];
        if (values[i].size > sizeof asked->data - used)
            return false;
        if (values[i].size > 0)
            asked->values[i].data = memcpy(asked->data + used, values[i].data, values[i].size);
        used += values[i].size;
    }
    asked->count = count;
    return true;
}

void fz_postgres_ask(struct fz_tx *tx, const struct fz_statement *statement, const struct fz_value *values, size_t count)
{
    struct fz_connection *connection = tx->connection;
    struct fz_asked *asked = &connection->asked[connection->asked_count];
    if (connection->asked_count == FZ_ASKED_MAX || !keep_values(asked, values, count))
        return;
    asked->statement = statement;
    asked->rows = NULL;
    connection->asked_count++;
}

void fz_asked_send(struct fz_connection *connection)
{
    for (size_t i = 0; i < connection->asked_count; i++) {
        struct fz_asked *asked = &connection->asked[i];
        PQclear(asked->rows); /* it may have been sent before, by a transaction that begins anew */
        asked->rows = NULL;
        enum fz_result sent = connection->glances ? fz_pipeline_send_at_once(connection, asked->statement, asked->values, asked->count)
                                                  : fz_pipeline_send(connection, asked->statement, asked->values, asked->count);
        if (sent != FZ_OK)
            return;
        fz_pipeline_keep(connection, &asked->rows);
    }
}

static bool is_same(const struct fz_value *one, const struct fz_value *other)
{
    return one->kind == other->kind && one->integer == other->integer && one->size == other->size &&
           (one->size == 0 || memcmp(one->data, other->data, one->size) == 0);
}

static bool has_asked(const struct fz_asked *asked, const struct fz_statement *statement, const struct fz_value *values, size_t count)
{
    bool same = asked->rows != NULL && asked->statement == statement && asked->count == count;
    for (size_t i = 0; same && i < count; i++)
        same = is_same(&asked->values[i], &values[i]);
    return same;
}

PGresult *fz_asked_take(struct fz_connection *connection, const struct fz_statement *statement, const struct fz_value *values, size_t count)
{
    for (size_t i = 0; i < connection->asked_count; i++) {
        struct fz_asked *asked = &connection->asked[i];
        if (!has_asked(asked, statement, values, count))
            continue;
        PGresult *rows = asked->rows;
        asked->rows = NULL;
        return rows;
    }
    return NULL;
}

void fz_asked_forget(struct fz_connection *connection)
{
    for (size_t i = 0; i < connection->asked_count; i++)
        PQclear(connection->asked[i].rows);
    connection->asked_count = 0;
}
