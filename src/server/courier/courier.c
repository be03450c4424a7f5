/* The courier's thread: searches what is due, lets libcurl work, takes down what came back. */
#include "server/courier/courier.h"

#include "base/text.h"
#include "server/courier/state.h"

#define SHARED_POLL_MS 200 /* the same of one that another process caused */
#define POLL_MS       100 /* how soon a notification that a request caused is seen */
#define RETRY_MS      200 /* after something that could not be put down */
#define SPAN_RETRIES 10
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
    courier->search_again = true;
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
                                       .in_span = courier->spans > courier->spans_ended,
                                       .span_number = courier->spans,
                                       .span = courier->span,
                                       .held_at_ms = courier->held_at_ms};
    uint64_t jumps = courier->jumps;
    courier->search_again = courier->search_again || courier->hurried;
    courier->hurried = false;
    pthread_mutex_unlock(&courier->lock);
    if (jumps != courier->seen_jumps)
        fz_hosts_lift(&courier->hosts);
    courier->seen_jumps = jumps;
    /* After a jump that also sets out which came in during its last span. */
    courier->search_again = courier->search_again || orders.span_number != courier->seen_span ||
                          orders.held != courier->seen_held;
    courier->seen_span = orders.span_number;
    courier->seen_held = orders.held;
    if (!orders.in_span)
        orders.span = (struct fz_notification_span){
            .after_ms = INT64_MIN, .until_ms = now_ms, .newest = INT64_MAX};
    return orders;
}

static void end_span(struct fz_courier *courier, uint64_t number, enum fz_result result)
{
    pthread_mutex_lock(&courier->lock);
    courier->spans_ended = number;
    courier->span_result = result;
    pthread_cond_broadcast(&courier->changed);
    pthread_mutex_unlock(&courier->lock);
}

/* ---- what is due ---- */

static bool may_send(const struct fz_courier_orders *orders)
{
    return orders->in_span || !orders->held;
}

/* A search costs a little for every host: not more often than something may have changed. */
static bool is_time_to_search(struct fz_courier *courier, const struct fz_courier_orders *orders)
{
    if (courier->landed != NULL || courier->flights == FZ_FLIGHTS_MAX || !may_send(orders))
        return false;
    if (courier->search_again || courier->next_due_ms <= orders->span.until_ms)
        return true;
    if (courier->owner != NULL && fz_ticks_ms() - courier->searched_ticks_ms >= SHARED_POLL_MS)
        return true;
    if (orders->in_span || fz_ticks_ms() - courier->searched_ticks_ms < POLL_MS)
        return false;
    struct fz_store_health health;
    fz_store_health(courier->setup.store, &health);
    return health.writes != courier->seen_writes;
}

static enum fz_result send_due(struct fz_courier *courier, const struct fz_courier_orders *orders,
                               bool *found)
{
    struct fz_store_health health;
    fz_store_health(courier->setup.store, &health);
    courier->seen_writes = health.writes;
    courier->searched_ticks_ms = fz_ticks_ms();
    return fz_courier_send_due(courier, orders, found);
}

/* ---- the loop ---- */

/* How long there is nothing to do unless libcurl or somebody else wakes it. */
static int64_t wait_ms(const struct fz_courier *courier, const struct fz_courier_orders *orders)
{
    if (courier->landed != NULL)
        return courier->failures > 0 ? RETRY_MS : 0;
    if (!may_send(orders))
        return POLL_MS;
    if (courier->search_again && courier->flights < FZ_FLIGHTS_MAX)
        return 0;
    if (orders->in_span)
        return POLL_MS;
    int64_t ahead_ms = courier->next_due_ms - fz_book_now_ms(courier->setup.world);
    return ahead_ms > 0 && ahead_ms < POLL_MS ? ahead_ms : POLL_MS;
}

static void work_once(struct fz_courier *courier, const struct fz_courier_orders *orders)
{
    bool found = false, searched = false, failed = false;
    fz_flights_advance(courier);
    bool taken_down = fz_courier_take_down(courier);
    fz_courier_renew(courier);
    if (taken_down && is_time_to_search(courier, orders)) {
        searched = send_due(courier, orders, &found) == FZ_OK;
        failed = !searched;
        if (courier->owner != NULL) /* what a call here waits for may have been sent by another process */
            fz_courier_tell_of(courier, 0);
        if (failed)
            fz_courier_log_failure(courier, "callbacks that are due cannot be read from the book", "");
    }
    bool idle = courier->flights == 0 && courier->landed == NULL;
    if (orders->in_span && searched && !found && idle)
        end_span(courier, orders->span_number, FZ_OK);
    else if (orders->in_span && (courier->failures >= SPAN_RETRIES || failed))
        end_span(courier, orders->span_number, FZ_FAILED);
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
    (void)fz_courier_take_down(courier); /* what is not put down is sent again */
}

void *fz_courier_main(void *argument)
{
    struct fz_courier *courier = argument;
    struct fz_courier_orders orders = take_orders(courier);
    while (!orders.stopping) {
        work_once(courier, &orders);
        orders = take_orders(courier);
    }
    wait_for_the_last(courier);
    drop_all(courier);
    fz_courier_let_all_go(courier);
    return NULL;
}
