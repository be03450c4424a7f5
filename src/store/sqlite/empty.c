/* A sandbox's reset: every row of every table goes, and another book comes in their place. */
#include <sched.h>
#include <semaphore.h>

#include "store/sqlite/engine.h"

struct renewing {
    struct fz_write write;
    struct fz_store *store;
    const struct fz_renewal *renewal;
    enum fz_result result;
    sem_t ended;
};

/* Table names come from the schema, not from FZ_STATEMENT. With foreign keys off SQLite drops a table's pages
 * as a whole. */
static enum fz_result empty(struct fz_connection *connection)
{
    sqlite3 *handle = connection->handle;
    sqlite3_stmt *tables = NULL;
    int code = sqlite3_prepare_v2(handle,
                                  "SELECT 'DELETE FROM \"' || name || '\"' FROM sqlite_schema"
                                  " WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_' ORDER BY name",
                                  -1, &tables, NULL);
    while (code == SQLITE_OK && (code = sqlite3_step(tables)) == SQLITE_ROW)
        code = sqlite3_exec(handle, (const char *)sqlite3_column_text(tables, 0), NULL, NULL, NULL);
    if (code != SQLITE_DONE)
        fz_connection_fail(connection, "empty the book");
    sqlite3_finalize(tables);
    return code == SQLITE_DONE ? FZ_OK : FZ_FAILED;
}

/* Foreign keys were off while the new book was filled: they are looked at as a whole. */
static enum fz_result check_keys(struct fz_connection *connection)
{
    sqlite3_stmt *check = NULL;
    int code = sqlite3_prepare_v2(connection->handle, "PRAGMA foreign_key_check", -1, &check, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(check);
    if (code != SQLITE_DONE)
        fz_connection_fail(connection, "check the keys of the new book");
    sqlite3_finalize(check);
    return code == SQLITE_DONE ? FZ_OK : FZ_FAILED;
}

enum fz_result fz_empty_work(struct fz_tx *tx, void *argument)
{
    struct renewing *renewing = argument;
    enum fz_result result = empty(tx->connection);
    if (result == FZ_OK && renewing->renewal->from != NULL)
        result = fz_refill(tx->connection, renewing->renewal->from);
    if (result == FZ_OK)
        result = renewing->renewal->work(tx, renewing->renewal->argument);
    if (result == FZ_OK)
        result = check_keys(tx->connection);
    if (result == FZ_OK) /* the commit comes next: from here on no read may begin that sees one book by the other's clock */
        atomic_store(&renewing->store->renewing, true);
    return result;
}

static void end(struct fz_write *write, enum fz_result result)
{
    struct renewing *renewing = (struct renewing *)write; /* its first member */
    fz_refill_done(&renewing->store->writing);
    renewing->renewal->ended(renewing->renewal->argument, result);
    atomic_fetch_add(&renewing->store->renewals, 1);
    atomic_store(&renewing->store->renewing, false);
    renewing->result = result;
    sem_post(&renewing->ended);
}

enum fz_result fz_sqlite_renew(struct fz_store *store, const struct fz_renewal *renewal, struct fz_error *error)
{
    struct renewing renewing = {
        .write = {.work = fz_empty_work, .argument = &renewing, .error = error, .done = end},
        .store = store,
        .renewal = renewal};
    sem_init(&renewing.ended, 0, 0);
    enum fz_result result = fz_store_submit(store, &renewing.write);
    if (result == FZ_OK) {
        while (sem_wait(&renewing.ended) != 0)
            continue; /* a signal came */
        result = renewing.result;
    }
    sem_destroy(&renewing.ended);
    return result;
}

/* A commit of milliseconds. */
uint64_t fz_renewal_await(struct fz_store *store)
{
    while (atomic_load(&store->renewing))
        sched_yield();
    return atomic_load(&store->renewals);
}

bool fz_renewal_came(struct fz_store *store, uint64_t renewals)
{
    return atomic_load(&store->renewing) || atomic_load(&store->renewals) != renewals;
}
