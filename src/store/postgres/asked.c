/* Questions asked ahead: what a work is going to ask first goes with the message that begins its transaction. */
#include <string.h>

#include "store/postgres/engine.h"

/* The values one behind the other, so that equal ones are equal bytes; 0 if there is no room. */
static size_t write_values(char out[FZ_ASKED_SIZE], const struct fz_value *values, size_t count)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++) {
        const struct fz_value *value = &values[i];
        bool number = value->kind == FZ_VALUE_INT;
        const void *data = number ? &value->integer : value->data;
        size_t data_size = number ? sizeof value->integer : value->kind == FZ_VALUE_NULL ? 0 : value->size;
        if (size + 1 + sizeof data_size + data_size > FZ_ASKED_SIZE)
            return 0;
        out[size++] = (char)value->kind;
        memcpy(out + size, &data_size, sizeof data_size);
        size += sizeof data_size;
        if (data_size > 0)
            memcpy(out + size, data, data_size);
        size += data_size;
    }
    return size;
}

void fz_postgres_ask(struct fz_tx *tx, const struct fz_statement *statement, const struct fz_value *values, size_t count)
{
    struct fz_connection *connection = tx->connection;
    if (connection->counts) {
        connection->counted++;
        return;
    }
    if (connection->asked_count == FZ_ASKED_MAX)
        return;
    struct fz_asked *asked = &connection->asked[connection->asked_count];
    *asked = (struct fz_asked){.statement = statement};
    asked->size = write_values(asked->values, values, count);
    if (asked->size == 0)
        return;
    enum fz_result sent = connection->glances ? fz_pipeline_send_at_once(connection, statement, values, count)
                                              : fz_pipeline_send(connection, statement, values, count);
    if (sent != FZ_OK)
        return; /* a failure is learnt from what comes next */
    fz_pipeline_keep(connection, &asked->rows);
    connection->asked_count++;
}

PGresult *fz_asked_take(struct fz_connection *connection, const struct fz_statement *statement, const struct fz_value *values, size_t count)
{
    char written[FZ_ASKED_SIZE];
    size_t size = connection->asked_count == 0 ? 0 : write_values(written, values, count);
    for (size_t i = 0; size > 0 && i < connection->asked_count; i++) {
        struct fz_asked *asked = &connection->asked[i];
        if (asked->rows == NULL || asked->statement != statement || asked->size != size || memcmp(asked->values, written, size) != 0)
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
