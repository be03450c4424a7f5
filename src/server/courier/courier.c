/* The courier's thread: looks what is due, lets libcurl work, takes down what came back. */
#include "server/courier/courier.h"

#include "base/text.h"
#include "server/courier/state.h"

#define POLL_MS       100 /* how soon a notification that a request caused is seen */
#define RETRY_MS      200 /* after something that could not be put down */
#define ROUND_RETRIES 10
#define LAST_WAIT_MS  300 /* at the end, for answers that are about to come */

/* ---- orders ---- */

static void drop(struct fz_courier *courier, struct fz_delivery **list)
{
    while (*list != NULL) {
        struct fz_delivery *delivery = *list;
        *list = delivery->next;
        fz_delivery_free(courier, delivery);
    }
}

static void drop_all(struct fz_courier *courier)
{
    drop(courier, &courier->flying);
    drop(courier, &courier->landed);
    courier->flights = 0;
    fz_hosts_clear(&courier->hosts);
    courier->after_host[0] = '\0';
    courier->look_again = true;
}

/* Under the lock. */
static void hold_still(struct fz_courier *courier)
{
    if (!courier->paused || courier->stopping)
        return;
    drop_all(courier);
    courier->still = true;
    pthread_cond_broadcast(&courier->changed);
    while (courier->paused && !courier->stopping)
        pthread_cond_wait(&courier->changed, &courier->lock);
    courier->still = false;
}

/* The time is read under the lock: as long as nobody has held the courier, no jump has moved the clock. */
static struct fz_courier_orders take_orders(struct fz_courier *courier)
{
    pthread_mutex_lock(&courier->lock);
    hold_still(courier);
    int64_t now_ms = fz_book_now_ms(courier->setup.world);
    struct fz_courier_orders orders = {.stopping = courier->stopping,
                                       .held = courier->held,
                                       .in_round = courier->rounds > courier->rounds_ended,
                                       .round = courier->rounds,
                                       .span = courier->span,
                                       .held_at_ms = courier->held_at_ms};
    uint64_t jumps = courier->jumps;
    courier->look_again = courier->look_again || courier->hurried;
    courier->hurried = false;
    pthread_mutex_unlock(&courier->lock);
    if (jumps != courier->seen_jumps)
        fz_hosts_lift(&courier->hosts);
    courier->seen_jumps = jumps;
    /* After a jump that also sets out which came in during its last round. */
    courier->look_again = courier->look_again || orders.round != courier->seen_round ||
                          orders.held != courier->seen_held;
    courier->seen_round = orders.round;
    courier->seen_held = orders.held;
    if (!orders.in_round)
        orders.span = (struct fz_notification_span){
            .after_ms = INT64_MIN, .until_ms = now_ms, .newest = INT64_MAX};
    return orders;
}

static void end_round(struct fz_courier *courier, uint64_t round, enum fz_result result)
{
    pthread_mutex_lock(&courier->lock);
    courier->rounds_ended = round;
    courier->round_result = result;
    pthread_cond_broadcast(&courier->changed);
    pthread_mutex_unlock(&courier->lock);
}

/* ---- looking ---- */

static bool may_send(const struct fz_courier_orders *orders)
{
    return orders->in_round || !orders->held;
}

/* A look costs a little for every host: not more often than something may have changed. */
static bool is_time_to_look(struct fz_courier *courier, const struct fz_courier_orders *orders)
{
    if (courier->landed != NULL || courier->flights == FZ_FLIGHTS_MAX || !may_send(orders))
        return false;
    if (courier->look_again || courier->next_due_ms <= orders->span.until_ms)
        return true;
    if (orders->in_round || fz_ticks_ms() - courier->looked_ticks_ms < POLL_MS)
        return false;
    struct fz_store_health health;
    fz_store_health(courier->setup.store, &health);
    return health.writes != courier->seen_writes;
}

static enum fz_result look(struct fz_courier *courier, const struct fz_courier_orders *orders, bool *found)
{
    struct fz_store_health health;
    fz_store_health(courier->setup.store, &health);
    courier->seen_writes = health.writes;
    courier->looked_ticks_ms = fz_ticks_ms();
    return fz_courier_look(courier, orders, found);
}

/* ---- a turn ---- */

/* How long there is nothing to do unless libcurl or somebody else wakes it. */
static int64_t wait_ms(const struct fz_courier *courier, const struct fz_courier_orders *orders)
{
    if (courier->landed != NULL)
        return courier->failures > 0 ? RETRY_MS : 0;
    if (!may_send(orders))
        return POLL_MS;
    if (courier->look_again && courier->flights < FZ_FLIGHTS_MAX)
        return 0;
    if (orders->in_round)
        return POLL_MS;
    int64_t ahead_ms = courier->next_due_ms - fz_book_now_ms(courier->setup.world);
    return ahead_ms > 0 && ahead_ms < POLL_MS ? ahead_ms : POLL_MS;
}

static void turn(struct fz_courier *courier, const struct fz_courier_orders *orders)
{
    bool found = false, looked = false, failed = false;
    fz_flights_advance(courier);
    bool booked = fz_courier_book(courier);
    if (booked && is_time_to_look(courier, orders)) {
        looked = look(courier, orders, &found) == FZ_OK;
        failed = !looked;
        if (failed)
            fz_courier_log_failure(courier, "callbacks that are due cannot be read from the book", "");
    }
    bool idle = courier->flights == 0 && courier->landed == NULL;
    if (orders->in_round && looked && !found && idle)
        end_round(courier, orders->round, FZ_OK);
    else if (orders->in_round && (courier->failures >= ROUND_RETRIES || failed))
        end_round(courier, orders->round, FZ_FAILED);
    int64_t wait = failed ? RETRY_MS : wait_ms(courier, orders);
    (void)curl_multi_poll(courier->multi, NULL, 0, (int)wait, NULL);
}

static void wait_for_the_last(struct fz_courier *courier)
{
    int64_t until_ms = fz_ticks_ms() + LAST_WAIT_MS;
    while (courier->flights > 0 && fz_ticks_ms() < until_ms) {
        fz_flights_advance(courier);
        if (courier->flights > 0)
            (void)curl_multi_poll(courier->multi, NULL, 0, 10, NULL);
    }
    (void)fz_courier_book(courier); /* what is not put down is sent again */
}

void *fz_courier_main(void *argument)
{
    struct fz_courier *courier = argument;
    struct fz_courier_orders orders = take_orders(courier);
    while (!orders.stopping) {
        turn(courier, &orders);
        orders = take_orders(courier);
    }
    wait_for_the_last(courier);
    drop_all(courier);
    return NULL;
}
