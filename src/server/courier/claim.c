/* Whose a callback is, where several processes send: taken before it sets out, given back with what came of it. */
#include "server/courier/state.h"

#define RENEW_MS 2000

/* In the order of their numbers, in which every courier takes them: so no two wait for each other. */
static struct fz_delivery *next_of(struct fz_delivery *first, int64_t after)
{
    struct fz_delivery *next = NULL;
    for (struct fz_delivery *at = first; at != NULL; at = at->next)
        if (at->own.notification.id > after && (next == NULL || at->own.notification.id < next->own.notification.id))
            next = at;
    return next;
}

struct claim {
    const struct fz_courier *courier;
    struct fz_delivery *first;
};

static enum fz_result claim(struct fz_tx *tx, void *argument)
{
    const struct claim *claim = argument;
    enum fz_result result = FZ_OK;
    struct fz_delivery *at = next_of(claim->first, 0);
    while (result == FZ_OK && at != NULL) {
        result = fz_flight_take(tx, &at->own.notification, claim->courier->owner, &at->ours);
        at = next_of(claim->first, at->own.notification.id);
    }
    return result;
}

enum fz_result fz_courier_claim(struct fz_courier *courier, struct fz_delivery *first)
{
    struct claim chosen = {courier, first};
    return fz_store_write(courier->setup.store, claim, &chosen, NULL);
}

struct letting_go {
    const char *owner;
    int64_t id;
};

static enum fz_result let_go(struct fz_tx *tx, void *argument)
{
    const struct letting_go *letting_go = argument;
    bool ours;
    return fz_flight_end(tx, letting_go->id, letting_go->owner, &ours);
}

void fz_courier_let_go(struct fz_courier *courier, const struct fz_delivery *delivery)
{
    struct letting_go letting_go = {courier->owner, delivery->own.notification.id};
    if (fz_store_write(courier->setup.store, let_go, &letting_go, NULL) != FZ_OK)
        fz_courier_log_failure(courier, "a callback that is not sent now cannot be left to others for some seconds", "");
}

static enum fz_result renew(struct fz_tx *tx, void *owner)
{
    return fz_flight_renew(tx, owner);
}

void fz_courier_renew(struct fz_courier *courier)
{
    if (courier->owner == NULL || (courier->flying == NULL && courier->landed == NULL) ||
        fz_ticks_ms() - courier->renewed_ticks_ms < RENEW_MS)
        return;
    courier->renewed_ticks_ms = fz_ticks_ms();
    if (fz_store_write(courier->setup.store, renew, (void *)(uintptr_t)courier->owner, NULL) != FZ_OK)
        fz_courier_log_failure(courier, "that callbacks are on their way cannot be said", "");
}

static enum fz_result let_all_go(struct fz_tx *tx, void *owner)
{
    return fz_flight_end_all(tx, owner);
}

void fz_courier_let_all_go(struct fz_courier *courier)
{
    if (courier->owner != NULL && fz_store_write(courier->setup.store, let_all_go, (void *)(uintptr_t)courier->owner, NULL) != FZ_OK)
        fz_courier_log_failure(courier, "callbacks that were on their way cannot be left to others for some seconds", "");
}
