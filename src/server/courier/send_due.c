/* Which notifications set out now. */
#include <stdlib.h>
#include <string.h>

#include "api/callback/callback.h"
#include "base/text.h"
#include "book/move.h"
#include "book/refund/notify.h"
#include "server/courier/state.h"

#define HOSTS_A_SEARCH 1024
#define FOUND_MAX    4096 /* due rows that one search weighs against each other */
#define DOWN_A_SEARCH  64   /* rows of dead hosts that fail in one transaction */

struct due_search {
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

static enum fz_result add_host(struct fz_tx *tx, struct due_search *search, const char *name)
{
    struct fz_courier *courier = search->courier;
    struct fz_host *host = fz_host_find(&courier->hosts, name);
    if (host == NULL)
        return FZ_FAILED;
    bool fails = search->orders->in_span && host->down;
    size_t room = fails ? DOWN_A_SEARCH : fz_host_room(&courier->hosts, host), count = 0;
    struct fz_notification_due due[DOWN_A_SEARCH + FZ_HOST_FLIGHTS_MAX];
    if (room == 0)
        return FZ_OK;
    /* A span waits for what another process has on its way. */
    const char *owner = search->orders->in_span ? NULL : courier->owner;
    enum fz_result result =
        fz_notification_due_for(tx, name, owner, &search->orders->span, room + host->flights, due, &count);
    if (result != FZ_OK)
        return result;
    for (size_t i = 0; i < count; i++)
        if (!is_under_way(courier, due[i].id)) {
            if (search->count == FOUND_MAX) {
                search->more = true;
                break;
            }
            search->found[search->count++] = due[i];
        }
    return FZ_OK;
}

/* Goes round the hosts, from where the last search ended, so that no host waits behind busy ones. */
static enum fz_result find_due(struct fz_tx *tx, struct due_search *search)
{
    char *after = search->after, begin[FZ_NOTIFY_URL_SIZE], name[FZ_NOTIFY_URL_SIZE];
    memcpy(begin, after, sizeof begin);
    bool wrapped = begin[0] == '\0';
    enum fz_result result = FZ_OK;
    for (size_t i = 0; i < HOSTS_A_SEARCH; i++) {
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
            result = add_host(tx, search, name);
        if (result != FZ_OK)
            return result;
        fz_copy(after, FZ_NOTIFY_URL_SIZE, name);
    }
    search->more = true;
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
static struct fz_delivery *make_delivery(struct fz_tx *tx, const struct due_search *search, int64_t id)
{
    struct fz_delivery *delivery = calloc(1, sizeof *delivery);
    if (delivery == NULL || load(tx, id, delivery) != FZ_OK) {
        free(delivery);
        return NULL;
    }
    int64_t due_ms = delivery->own.notification.due_ms, held_at_ms = search->orders->held_at_ms;
    delivery->courier = search->courier;
    delivery->time_ms = !search->orders->in_span ? search->orders->span.until_ms
                        : due_ms > held_at_ms    ? due_ms
                                                 : held_at_ms;
    return delivery;
}

/* The first of those found, as many as could set out or fail at once: whether there is room is seen when they
 * do. */
static enum fz_result load_first(struct fz_tx *tx, struct due_search *search)
{
    size_t wanted = FZ_FLIGHTS_MAX - search->courier->flights + (search->orders->in_span ? DOWN_A_SEARCH : 0);
    for (size_t i = 0; i < search->count && i < wanted; i++) {
        struct fz_delivery *delivery = make_delivery(tx, search, search->found[i].id);
        if (delivery == NULL)
            return FZ_FAILED;
        *search->last = delivery;
        search->last = &delivery->next;
    }
    return FZ_OK;
}

/* Whoever moves the clock sends what falls due on the way. */
static bool is_anothers_move(struct fz_tx *tx, const struct due_search *search)
{
    struct fz_move move;
    const char *owner = search->courier->owner;
    return owner != NULL && fz_move_find(tx, &move) == FZ_OK && strcmp(move.owner, owner) != 0;
}

static enum fz_result search_book(struct fz_tx *tx, void *argument)
{
    struct due_search *search = argument;
    search->count = 0;
    search->more = false;
    fz_copy(search->after, sizeof search->after, search->courier->after_host);
    enum fz_result result = is_anothers_move(tx, search) ? FZ_OK : find_due(tx, search);
    if (result != FZ_OK)
        return result;
    qsort(search->found, search->count, sizeof search->found[0], compare);
    result = fz_notification_next_due(tx, search->orders->span.until_ms, &search->next_due_ms);
    if (result == FZ_ABSENT)
        search->next_due_ms = INT64_MAX;
    return result == FZ_OK || result == FZ_ABSENT ? load_first(tx, search) : result;
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
static bool set_out(struct fz_courier *courier, struct fz_delivery *delivery, bool in_span)
{
    struct fz_host *host = fz_host_find(&courier->hosts, delivery->own.notification.host);
    if (host != NULL && in_span && host->down) {
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

enum fz_result fz_courier_send_due(struct fz_courier *courier, const struct fz_courier_orders *orders,
                               bool *found)
{
    struct due_search search = {.courier = courier, .orders = orders};
    bool rejected = false;
    search.last = &search.first;
    search.found = malloc(FOUND_MAX * sizeof search.found[0]);
    if (search.found == NULL)
        return FZ_FAILED;
    enum fz_result result = fz_store_read(courier->reader, search_book, &search, NULL);
    free(search.found);
    if (result == FZ_OK && courier->owner != NULL && search.first != NULL)
        result = fz_courier_claim(courier, search.first);
    for (struct fz_delivery *at = search.first, *next; at != NULL; at = next) {
        next = at->next;
        bool taken = result == FZ_OK && (courier->owner == NULL || at->ours);
        if (taken && set_out(courier, at, orders->in_span))
            continue;
        if (taken && courier->owner != NULL)
            fz_courier_let_go(courier, at);
        rejected = rejected || taken;
        fz_delivery_free(courier, at);
    }
    if (result != FZ_OK)
        return result;
    memcpy(courier->after_host, search.after, sizeof courier->after_host);
    courier->next_due_ms = search.next_due_ms;
    /* The rows of a host that is full may have filled the list, so that rows of a host with room were not
     * seen: the next search asks full hosts for nothing. */
    courier->search_again = search.more || (rejected && courier->flights < FZ_FLIGHTS_MAX);
    *found = search.count > 0 || search.more;
    return FZ_OK;
}
