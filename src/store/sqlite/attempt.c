/* Part of a work on trial: kept if it goes well, undone alone if it does not. */
#include "store/sqlite/engine.h"

/* What the failure was of, the caller learns from tx->error, and may go on: the savepoint has taken back all
 * that the part wrote. That holds as long as the engine has kept the transaction itself, which a full disk or
 * an I/O error may end. */
static enum fz_result end_part(struct fz_connection *connection, enum fz_result result)
{
    if (sqlite3_get_autocommit(connection->handle) ||
        (result != FZ_OK && fz_connection_control(connection, FZ_ROLLBACK_TO) != SQLITE_OK) ||
        fz_connection_control(connection, FZ_RELEASE) != SQLITE_OK) {
        connection->failed = true;
        return FZ_FAILED;
    }
    connection->failed = false;
    return result;
}

enum fz_result fz_sqlite_attempt(struct fz_tx *tx, fz_work work, void *argument)
{
    struct fz_connection *connection = tx->connection;
    struct fz_error *error = connection->error;
    if (connection->failed)
        return FZ_FAILED;
    if (fz_connection_control(connection, FZ_SAVEPOINT) != SQLITE_OK) {
        fz_connection_fail(connection, "begin a part of a transaction");
        return FZ_FAILED;
    }
    *tx->error = (struct fz_error){0};
    connection->error = tx->error;
    enum fz_result result = work(tx, argument);
    result = end_part(connection, connection->failed ? FZ_FAILED : result);
    connection->error = error;
    return result;
}
