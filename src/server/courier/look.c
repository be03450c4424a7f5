/* Which notifications set out now. */
#include <stdlib.h>
#include <string.h>

#include "api/notification_json.h"
#include "base/text.h"
#include "book/refund/notify.h"
#include "server/courier/state.h"

#define HOSTS_A_LOOK 1024
#define FOUND_MAX    4096 /* due rows that one look weighs against each other */
#define DOWN_A_LOOK  64   /* rows of dead hosts that fail in one transaction */

struct look {
    struct fz_courier *courier;
    const struct fz_courier_orders *orders;
    struct fz_notification_due *found;
    size_t count;
    bool more; /* not all hosts were seen, or not all that is due */
    char after[FZ_NOTIFY_URL_SIZE];
    int64_t next_due_ms;
    struct fz_delivery *first, **last; /* loaded, in order */
};

static bool is_under_way(const struct fz_courier *courier, int64_t id)
{
    for (const struct fz_delivery *at = courier->flying; at != NULL; at = at->next)
        if (at->own.notification.id == id)
            return true;
    return false;
}

/* ---- what is due ---- */

static enum fz_result add_host(struct fz_tx *tx, struct look *look, const char *name)
{
    struct fz_courier *courier = look->courier;
    struct fz_host *host = fz_host_find(&courier->hosts, name);
    if (host == NULL)
        return FZ_FAILED;
    bool fails = look->orders->in_round && host->down;
    size_t room = fails ? DOWN_A_LOOK : fz_host_room(&courier->hosts, host), count = 0;
    struct fz_notification_due due[DOWN_A_LOOK + FZ_HOST_FLIGHTS_MAX];
    if (room == 0)
        return FZ_OK;
    enum fz_result result =
        fz_notification_due_for(tx, name, &look->orders->span, room + host->flights, due, &count);
    if (result != FZ_OK)
        return result;
    for (size_t i = 0; i < count; i++)
        if (!is_under_way(courier, due[i].id)) {
            if (look->count == FOUND_MAX) {
                look->more = true;
                break;
            }
            look->found[look->count++] = due[i];
        }
    return FZ_OK;
}

/* Goes round the hosts, from where the last look ended, so that each has its turn. */
static enum fz_result find_due(struct fz_tx *tx, struct look *look)
{
    char *after = look->after, begin[FZ_NOTIFY_URL_SIZE], name[FZ_NOTIFY_URL_SIZE];
    memcpy(begin, after, sizeof begin);
    bool wrapped = begin[0] == '\0';
    enum fz_result result = FZ_OK;
    for (size_t i = 0; i < HOSTS_A_LOOK; i++) {
        result = fz_notification_next_host(tx, after, name);
        if (result == FZ_ABSENT ||
            (result == FZ_OK && begin[0] != '\0' && wrapped && strcmp(name, begin) > 0)) {
            after[0] = '\0';
            if (wrapped)
                return FZ_OK;
            wrapped = true;
            continue;
        }
        if (result == FZ_OK)
            result = add_host(tx, look, name);
        if (result != FZ_OK)
            return result;
        fz_copy(after, FZ_NOTIFY_URL_SIZE, name);
    }
    look->more = true;
    return FZ_OK;
}

static int compare(const void *left, const void *right)
{
    const struct fz_notification_due *a = left, *b = right;
    if (a->due_ms != b->due_ms)
        return a->due_ms < b->due_ms ? -1 : 1;
    return (a->id > b->id) - (a->id < b->id);
}

/* ---- choosing ---- */

static enum fz_result load(struct fz_tx *tx, int64_t id, struct fz_delivery *delivery)
{
    struct fz_payment payment;
    struct fz_refund refund;
    enum fz_result result = fz_notification_by_row(tx, id, &delivery->own.notification);
    if (result == FZ_OK)
        result = fz_notification_subject(tx, &delivery->own.notification, &payment, &refund);
    if (result != FZ_OK)
        return FZ_FAILED;
    delivery->own.plain = fz_notification_plain(&delivery->own.notification, &payment, &refund);
    return delivery->own.plain == NULL ? FZ_FAILED : FZ_OK;
}

/* New; NULL when the book cannot be read or memory is short. */
static struct fz_delivery *make_delivery(struct fz_tx *tx, const struct look *look, int64_t id)
{
    struct fz_delivery *delivery = calloc(1, sizeof *delivery);
    if (delivery == NULL || load(tx, id, delivery) != FZ_OK) {
        free(delivery);
        return NULL;
    }
    int64_t due_ms = delivery->own.notification.due_ms, held_at_ms = look->orders->held_at_ms;
    delivery->courier = look->courier;
    delivery->time_ms = !look->orders->in_round ? look->orders->span.until_ms : due_ms > held_at_ms ? due_ms : held_at_ms;
    return delivery;
}

/* The first of those found, as many as could set out or fail at once: whether there is room is seen when they
 * do. */
static enum fz_result load_first(struct fz_tx *tx, struct look *look)
{
    size_t wanted = FZ_FLIGHTS_MAX - look->courier->flights + (look->orders->in_round ? DOWN_A_LOOK : 0);
    for (size_t i = 0; i < look->count && i < wanted; i++) {
        struct fz_delivery *delivery = make_delivery(tx, look, look->found[i].id);
        if (delivery == NULL)
            return FZ_FAILED;
        *look->last = delivery;
        look->last = &delivery->next;
    }
    return FZ_OK;
}

static enum fz_result look_into_book(struct fz_tx *tx, void *argument)
{
    struct look *look = argument;
    look->count = 0;
    look->more = false;
    fz_copy(look->after, sizeof look->after, look->courier->after_host);
    enum fz_result result = find_due(tx, look);
    if (result != FZ_OK)
        return result;
    qsort(look->found, look->count, sizeof look->found[0], compare);
    result = fz_notification_next_due(tx, look->orders->span.until_ms, &look->next_due_ms);
    if (result == FZ_ABSENT)
        look->next_due_ms = INT64_MAX;
    return result == FZ_OK || result == FZ_ABSENT ? load_first(tx, look) : result;
}

/* ---- setting out ---- */

static void land_at_once(struct fz_courier *courier, struct fz_delivery *delivery)
{
    delivery->ended = delivery->count;
    delivery->next = courier->landed;
    courier->landed = delivery;
}

static void fail_untried(struct fz_courier *courier, struct fz_delivery *delivery)
{
    fz_delivery_plan_plain(delivery);
    delivery->sendings[0].wire_ms = fz_wire_now_ms();
    fz_copy(delivery->sendings[0].error, sizeof delivery->sendings[0].error,
            "not tried: its host did not answer earlier in this move of the clock");
    land_at_once(courier, delivery);
}

/* False when there is no room for it now; it is then still the caller's. */
static bool set_out(struct fz_courier *courier, struct fz_delivery *delivery, bool in_round)
{
    struct fz_host *host = fz_host_find(&courier->hosts, delivery->own.notification.host);
    if (host != NULL && in_round && host->down) {
        fail_untried(courier, delivery);
        return true;
    }
    if (host == NULL || courier->flights == FZ_FLIGHTS_MAX || fz_host_room(&courier->hosts, host) == 0)
        return false;
    fz_delivery_plan(courier, delivery);
    if (!fz_delivery_proceed(courier, delivery)) { /* nothing is to, or can, leave the house */
        land_at_once(courier, delivery);
        return true;
    }
    delivery->host = host;
    delivery->host_begun_as = fz_host_begin(&courier->hosts, host);
    delivery->next = courier->flying;
    courier->flying = delivery;
    courier->flights++;
    return true;
}

enum fz_result fz_courier_look(struct fz_courier *courier, const struct fz_courier_orders *orders,
                               bool *found)
{
    struct look look = {.courier = courier, .orders = orders};
    bool rejected = false;
    look.last = &look.first;
    look.found = malloc(FOUND_MAX * sizeof look.found[0]);
    if (look.found == NULL)
        return FZ_FAILED;
    enum fz_result result = fz_store_read(courier->reader, look_into_book, &look, NULL);
    free(look.found);
    for (struct fz_delivery *at = look.first, *next; at != NULL; at = next) {
        next = at->next;
        if (result == FZ_OK && set_out(courier, at, orders->in_round))
            continue;
        rejected = true;
        fz_delivery_free(courier, at);
    }
    if (result != FZ_OK)
        return result;
    memcpy(courier->after_host, look.after, sizeof courier->after_host);
    courier->next_due_ms = look.next_due_ms;
    /* What had no room may have hidden what has: the next look leaves full hosts out. */
    courier->look_again = look.more || (rejected && courier->flights < FZ_FLIGHTS_MAX);
    *found = look.count > 0 || look.more;
    return FZ_OK;
}
