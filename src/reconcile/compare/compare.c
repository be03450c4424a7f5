/* Takes one place after another, and gives its groups to the rules of their family. */
#include "reconcile/compare/compare.h"

#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "reconcile/compare/money.h"
#include "reconcile/compare/plain.h"
#include "reconcile/compare/refund.h"

#define DIFFERENCE_MAX ((size_t)1 << 20)

void *fz_compare_begin(void *argument)
{
    struct fz_compare *compare = argument;
    struct fz_comparing *comparing = calloc(1, sizeof *comparing);
    if (comparing == NULL) {
        (void)fz_trouble_memory(compare->trouble);
        return NULL;
    }
    comparing->compare = compare;
    comparing->json.max = DIFFERENCE_MAX;
    if (compare->strays != NULL)
        comparing->strays = fz_pen_new(compare->strays);
    if (compare->orders != NULL)
        comparing->orders = fz_pen_new(compare->orders);
    return comparing;
}

void fz_compare_end(void *argument, void *own)
{
    struct fz_compare *compare = argument;
    struct fz_comparing *comparing = own;
    fz_pen_done(comparing->strays);
    fz_pen_done(comparing->orders);
    pthread_mutex_lock(&compare->lock);
    if (fz_totals_add_all(&compare->totals, &comparing->totals) != FZ_OK)
        (void)fz_trouble_memory(compare->trouble);
    pthread_mutex_unlock(&compare->lock);
    fz_totals_done(&comparing->totals);
    fz_text_done(&comparing->json);
    free(comparing);
}

static enum fz_result on_group(struct fz_comparing *comparing, struct fz_group *group)
{
    return group->lines[0]->family == FZ_FAMILY_REFUND ? fz_refund_compare(comparing, group)
                                                       : fz_plain_compare(comparing, group);
}

enum fz_result fz_compare_items(struct fz_comparing *comparing, const char *data, size_t size)
{
    return fz_groups(comparing, data, size, on_group);
}

enum fz_result fz_compare_place(void *argument, void *own, size_t place)
{
    struct fz_compare *compare = argument;
    char *data;
    size_t size;
    enum fz_result result = fz_spool_load(compare->from, place, &data, &size);
    if (result != FZ_OK)
        return result;
    result = fz_compare_items(own, data, size);
    free(data);
    return result;
}

/* ---- by orders ---- */

/* Whose an order is: as most of the other records say; "" where nobody can tell. */
static const char *merchant_of(const struct fz_group *group, size_t except)
{
    size_t others = 0, most = 0;
    const char *best = "";
    for (size_t i = 0; i < group->record_count; i++) {
        const char *merchant = fz_item_text(group->records[i], FZ_ITEM_SUB_MCHID);
        size_t votes = 0;
        others += i != except;
        for (size_t j = 0; j < group->record_count; j++)
            votes += j != except && strcmp(fz_item_text(group->records[j], FZ_ITEM_SUB_MCHID), merchant) == 0;
        if (votes > most) {
            most = votes;
            best = merchant;
        }
    }
    return most > 1 && 2 * most > others ? best : ""; /* one against one tells nothing */
}

static bool is_alike(const struct fz_group *group)
{
    for (size_t i = 1; i < group->record_count; i++)
        if (strcmp(fz_item_text(group->records[i], FZ_ITEM_SUB_MCHID), fz_item_text(group->records[0], FZ_ITEM_SUB_MCHID)) !=
            0)
            return false;
    return true;
}

static enum fz_result say_other_merchant(struct fz_comparing *comparing, const struct fz_group *group, size_t number,
                                         const char *merchant)
{
    char place[FZ_PLACE_SIZE];
    const struct fz_item *record = group->records[number];
    struct fz_group own = {.lines = &group->records[number],
                           .trades = &group->records[number],
                           .records = &group->records[number],
                           .record_count = 1};
    struct fz_rows rows = {
        .has = record->has, .amount = record->amount, .fee = record->fee, .settlement = record->settlement};
    return fz_difference_say(
        comparing, &own, &rows,
        &(struct fz_difference){FZ_KIND_OTHER_MERCHANT, record->amount, record->currency,
                                record->has & FZ_HAS_SUCCESS ? fz_day_of(record->success_ms) : FZ_NO_DAY},
        "your record says %s (%s), most of the %zu other records of order %s say %s",
        fz_item_text(record, FZ_ITEM_SUB_MCHID), fz_place_text(comparing->compare, &record, 1, place),
        group->record_count - 1, fz_item_text(record, FZ_ITEM_TRANSACTION_ID), merchant);
}

static enum fz_result compare_merchants(struct fz_comparing *comparing, const struct fz_group *group)
{
    enum fz_result result = FZ_OK;
    if (is_alike(group))
        return FZ_OK;
    for (size_t i = 0; i < group->record_count && result == FZ_OK; i++) {
        const char *merchant = merchant_of(group, i);
        /* What the statement has was compared with it. */
        if (group->records[i]->has & FZ_HAS_MERCHANT || merchant[0] == '\0' ||
            strcmp(merchant, fz_item_text(group->records[i], FZ_ITEM_SUB_MCHID)) == 0)
            continue;
        result = say_other_merchant(comparing, group, i, merchant);
    }
    return result;
}

/* Of a marked order every refund is on a refund bill, unless it was drawn from the recharged balance, which records had to
 * say. */
static enum fz_result say_marked(struct fz_comparing *comparing, const struct fz_group *group, const struct fz_item *trade)
{
    char amount[FZ_MONEY_SIZE], place[FZ_PLACE_SIZE], mark[FZ_PLACE_SIZE];
    struct fz_group own = {.lines = &trade, .trades = &trade, .records = &trade + 1, .trade_count = 1};
    return fz_difference_say(
        comparing, &own, &(struct fz_rows){0},
        &(struct fz_difference){FZ_KIND_MISSING_THERE, trade->amount, trade->currency, trade->own_day},
        "your record has %s arrived (on the statement: %s), its order is marked (%s), and no refund bill has this refund",
        fz_money_text(amount, trade->amount, trade->currency), fz_place_text(comparing->compare, &trade, 1, place),
        fz_place_text(comparing->compare, group->lines, 1, mark));
}

static enum fz_result look_at_order(struct fz_comparing *comparing, struct fz_group *group)
{
    enum fz_result result = FZ_OK;
    for (size_t i = 0; i < group->trade_count && group->line_count > 0 && result == FZ_OK; i++)
        result = say_marked(comparing, group, group->trades[i]);
    return result == FZ_OK && group->record_count > 1 ? compare_merchants(comparing, group) : result;
}

/* By orders what has the number of one: all of it, or what shows that an order is marked, a line on a refund bill or a
 * distribution bill. */
static enum fz_result put_to_orders(struct fz_compare *compare, struct fz_comparing *comparing, size_t place,
                                    bool marks_alone)
{
    char *data;
    size_t size;
    enum fz_result result = fz_spool_load(compare->from, place, &data, &size);
    if (result != FZ_OK)
        return result;
    for (size_t at = 0; at < size && result == FZ_OK;) {
        const struct fz_item *item = (const struct fz_item *)(const void *)(data + at);
        bool is_wanted = !marks_alone || item->side == FZ_SIDE_REFUND || item->side == FZ_SIDE_SLICE;
        if (is_wanted && item->sizes[FZ_ITEM_TRANSACTION_ID] > 0)
            result = fz_pen_copy(comparing->orders, item,
                                 fz_number_hash(FZ_FAMILY_PAYMENT, fz_item_text(item, FZ_ITEM_TRANSACTION_ID),
                                                item->sizes[FZ_ITEM_TRANSACTION_ID]),
                                 item->has);
        at += item->size;
    }
    free(data);
    return result;
}

enum fz_result fz_compare_orders(void *argument, void *own, size_t place)
{
    struct fz_compare *compare = argument;
    char *data;
    size_t size;
    enum fz_result result = fz_spool_load(compare->from, place, &data, &size);
    if (result != FZ_OK)
        return result;
    result = fz_groups_by_order(own, data, size, look_at_order);
    free(data);
    return result;
}

enum fz_result fz_compare_marks(void *argument, void *own, size_t place)
{
    return put_to_orders(argument, own, place, true);
}

enum fz_result fz_compare_everything(void *argument, void *own, size_t place)
{
    return put_to_orders(argument, own, place, false);
}

/* ---- whole orders ---- */

static enum fz_result give_order(struct fz_comparing *comparing, struct fz_group *group)
{
    return comparing->each->on_order(comparing->each->argument, group);
}

enum fz_result fz_compare_each_order(struct fz_compare *compare, struct fz_spool *spool, fz_on_order *on_order,
                                     void *argument)
{
    const struct fz_each_order each = {on_order, argument};
    struct fz_comparing comparing = {.compare = compare, .each = &each};
    enum fz_result result = FZ_OK;
    for (size_t place = 0; place < fz_spool_places(spool) && result == FZ_OK; place++) {
        char *data;
        size_t size;
        result = fz_spool_load(spool, place, &data, &size);
        if (result != FZ_OK)
            break;
        result = fz_groups_by_order(&comparing, data, size, give_order);
        free(data);
    }
    return result;
}
