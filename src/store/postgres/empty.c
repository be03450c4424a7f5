/* A sandbox's reset: every row of every table goes, and another book comes in their place, in one transaction. */
#include <semaphore.h>

#include "store/postgres/engine.h"

struct renewing {
    struct fz_write write;
    struct fz_store *store;
    const struct fz_renewal *renewal;
    enum fz_result result;
    sem_t ended;
};

/* TRUNCATE shuts out whoever reads or writes until the commit. Who began before it holds the clock's table, and is waited for; so that table
 * comes first, while none that he may still ask for is held. */
static enum fz_result empty_work(struct fz_tx *tx, void *argument)
{
    const struct renewing *renewing = argument;
    tx->connection->patient = true;
    enum fz_result result = fz_pipeline_control(tx->connection, FZ_EMPTY, 0);
    if (result == FZ_OK)
        result = fz_pipeline_await(tx->connection, NULL);
    if (result != FZ_OK)
        return result;
    tx->connection->empties = true;
    fz_numbers_follow(tx->connection->store, "");
    fz_another_forget(tx->connection->store); /* whatever comes of it */
    return renewing->renewal->work(tx, renewing->renewal->argument);
}

static void end(struct fz_write *write, enum fz_result result)
{
    struct renewing *renewing = (struct renewing *)write; /* its first member */
    renewing->renewal->ended(renewing->renewal->argument, result);
    fz_another_forget(renewing->store);
    renewing->result = result;
    sem_post(&renewing->ended);
}

enum fz_result fz_postgres_renew(struct fz_store *store, const struct fz_renewal *renewal, struct fz_error *error)
{
    struct renewing renewing = {.write = {.work = empty_work, .argument = &renewing, .error = error, .done = end},
                                .store = store,
                                .renewal = renewal};
    sem_init(&renewing.ended, 0, 0);
    enum fz_result result = fz_postgres_submit(store, &renewing.write);
    if (result == FZ_OK) {
        while (sem_wait(&renewing.ended) != 0)
            continue; /* a signal came */
        result = renewing.result;
    }
    sem_destroy(&renewing.ended);
    return result;
}
