/* Waiting for the writer or an executor without holding the worker. */
#include <stddef.h>

#include "server/exchange/exchange.h"

/* A stop sets `stopping` first and then waits for `suspended` to come down to 0. So this counts first and
 * then asks whether there is a stop: whichever of the two comes first, either the stop waits for this
 * exchange, or this one does not wait. */
bool fz_exchange_suspend(struct fz_exchange *exchange)
{
    struct fz_workshop *workshop = exchange->tools->workshop;
    atomic_fetch_add(&workshop->suspended, 1);
    if (atomic_load(&workshop->stopping)) {
        atomic_fetch_sub(&workshop->suspended, 1);
        return false;
    }
    exchange->phase = FZ_PHASE_WAITING;
    MHD_suspend_connection(exchange->connection);
    return true;
}

/* Once it is resumed its worker may answer and free it at any moment, so the exchange is not touched any
 * more. The workshop is: it stays until the count is down. */
static void go_on(struct fz_exchange *exchange)
{
    struct fz_workshop *workshop = exchange->tools->workshop;
    MHD_resume_connection(exchange->connection);
    atomic_fetch_sub(&workshop->suspended, 1);
}

void fz_exchange_resume(struct fz_exchange *exchange, enum fz_result result)
{
    exchange->result = result;
    if (fz_turns_take(&exchange->tools->turns, &exchange->turn))
        go_on(exchange);
}

void fz_exchange_pass(struct fz_exchange *exchange)
{
    struct fz_turn *next = fz_turns_pass(&exchange->tools->turns, &exchange->turn);
    if (next != NULL)
        go_on((struct fz_exchange *)(void *)((char *)next - offsetof(struct fz_exchange, turn)));
}
