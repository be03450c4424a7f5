/* A refund that is on no refund bill: what its record says, and when, tell whether it should be. */
#include <string.h>

#include "base/calendar.h"
#include "reconcile/compare/money.h"
#include "reconcile/compare/refund.h"

#define BUSINESS_DAYS 3 /* in which a card refund arrives */

/* One refund being looked at. */
struct unbilled {
    struct fz_comparing *comparing;
    const struct fz_group *group;
    const struct fz_rows *rows;
    const struct fz_item *record; /* its first row */
    int own_day, beijing_day;     /* FZ_NO_DAY: not told */
    char amount[FZ_MONEY_SIZE], place[FZ_PLACE_SIZE], time[FZ_TIME_SIZE];
};

#define SAY(refund, of, ...)                                                                                                \
    fz_difference_say((refund)->comparing, (refund)->group, (refund)->rows,                                                 \
                      &(struct fz_difference){.kind = (of),                                                                 \
                                              .stake = (refund)->rows->amount,                                              \
                                              .currency = (refund)->record->currency,                                       \
                                              .day = (refund)->beijing_day},                                                \
                      __VA_ARGS__)

static struct unbilled unbilled_of(struct fz_comparing *comparing, const struct fz_group *group, const struct fz_rows *rows)
{
    struct unbilled refund = {.comparing = comparing, .group = group, .rows = rows, .record = group->records[0]};
    bool arrived = refund.record->has & FZ_HAS_SUCCESS, created = refund.record->has & FZ_HAS_CREATED;
    int64_t ms = arrived ? refund.record->success_ms : refund.record->create_ms;
    refund.own_day = arrived || created ? refund.record->own_day : FZ_NO_DAY;
    refund.beijing_day = arrived || created ? fz_day_of(ms) : FZ_NO_DAY;
    fz_money_text(refund.amount, rows->amount, refund.record->currency);
    fz_place_text(comparing->compare, group->records, group->record_count, refund.place);
    fz_format_time(refund.time, ms);
    return refund;
}

/* ---- totals ---- */

/* Of what is on no bill, here alone. */
static enum fz_result add_total(const struct unbilled *refund)
{
    const struct fz_days *days = &refund->comparing->compare->days;
    if (!fz_days_have(days, refund->own_day) || !(refund->rows->has & FZ_HAS_AMOUNT))
        return FZ_OK;
    struct fz_total *total = fz_totals_of(&refund->comparing->totals, fz_item_text(refund->record, FZ_ITEM_SUB_MCHID),
                                          refund->record->currency, refund->own_day);
    if (total == NULL)
        return fz_trouble_memory(refund->comparing->compare->trouble);
    for (size_t i = 0; i < refund->group->record_count; i++)
        total->here += refund->group->records[i]->amount;
    total->here_count++;
    total->unequal++;
    return FZ_OK;
}

/* ---- by its days ---- */

static enum fz_result say_boundary(const struct unbilled *refund)
{
    char own[FZ_DAY_SIZE], beijing[FZ_DAY_SIZE];
    fz_format_day(own, refund->own_day);
    fz_format_day(beijing, refund->beijing_day);
    return SAY(refund, FZ_KIND_DAY_BOUNDARY,
               "your record counts %s on %s (%s); in Beijing that is %s (%s), whose bill was not given: --timezone "
               "Asia/Shanghai counts as the bills do",
               refund->amount, own, refund->place, beijing, refund->time);
}

static enum fz_result say_not_due(const struct unbilled *refund)
{
    char day[FZ_DAY_SIZE], out[FZ_DAY_SIZE], last[FZ_DAY_SIZE];
    fz_format_day(day, refund->beijing_day);
    fz_format_day(out, refund->beijing_day + 1);
    fz_format_day(last, refund->comparing->compare->days.last);
    return SAY(refund, FZ_KIND_NOT_YET_DUE,
               "your record has %s arrived on %s (%s), and the last bill given is of %s: its bill is out on %s at 10:00",
               refund->amount, day, refund->place, last, out);
}

static enum fz_result say_missing(const struct unbilled *refund)
{
    char day[32] = "a day that it does not tell";
    if (refund->beijing_day != FZ_NO_DAY)
        fz_format_day(day, refund->beijing_day);
    return SAY(refund, FZ_KIND_MISSING_THERE, "your record has %s arrived on %s (%s), and no bill has this refund",
               refund->amount, day, refund->place);
}

static enum fz_result compare_arrived(const struct unbilled *refund)
{
    const struct fz_days *days = &refund->comparing->compare->days;
    bool own = fz_days_have(days, refund->own_day), beijing = fz_days_have(days, refund->beijing_day);
    if (refund->beijing_day == FZ_NO_DAY || beijing)
        return say_missing(refund);
    if (own)
        return say_boundary(refund);
    if (refund->beijing_day > days->last)
        return say_not_due(refund);
    refund->comparing->compare->before++;
    return FZ_OK;
}

/* Without refund bills a statement of the day on which it was accepted has to have it; what was accepted on other days, or
 * on a day that nobody knows, is not compared. */
static enum fz_result compare_unstated(const struct unbilled *refund)
{
    const struct fz_compare *compare = refund->comparing->compare;
    char day[FZ_DAY_SIZE];
    int accepted = refund->record->has & FZ_HAS_CREATED ? fz_day_of(refund->record->create_ms) : FZ_NO_DAY;
    if (!compare->has_statement || accepted == FZ_NO_DAY || !fz_days_have(&compare->statement, accepted)) {
        refund->comparing->compare->before++;
        return FZ_OK;
    }
    fz_format_day(day, accepted);
    return SAY(refund, FZ_KIND_MISSING_THERE,
               "your record has %s accepted on %s (%s), and the statement of that day does not have it", refund->amount, day,
               refund->place);
}

/* ---- under way ---- */

static enum fz_result compare_processing(const struct unbilled *refund)
{
    char created[FZ_TIME_SIZE], last[FZ_DAY_SIZE];
    const struct fz_days *days = &refund->comparing->compare->days;
    if (!(refund->record->has & FZ_HAS_CREATED)) {
        refund->comparing->compare->before++;
        return FZ_OK;
    }
    fz_format_time(created, refund->record->create_ms);
    fz_format_day(last, days->last);
    if (fz_add_business_days(refund->record->create_ms, BUSINESS_DAYS) < fz_day_start_ms(days->last + 1))
        return SAY(refund, FZ_KIND_STATUS,
                   "your record says PROCESSING since %s (%s), %s; a card refund takes 3 business days, and no bill to the "
                   "end of %s has it: ask the refund query",
                   created, refund->place, refund->amount, last);
    return SAY(refund, FZ_KIND_NOT_YET_DUE,
               "your record says PROCESSING since %s (%s), %s; a card refund takes 3 business days, so it is on a bill "
               "after that of %s",
               created, refund->place, refund->amount, last);
}

/* ---- with the statement alone ---- */

/* Of orders that are not marked the statement is all there is. */
static enum fz_result compare_with_statement(const struct unbilled *refund)
{
    char there[FZ_MONEY_SIZE], place[FZ_PLACE_SIZE];
    const struct fz_item *trade = refund->group->trades[0], *record = refund->record;
    const char *merchant = fz_item_text(trade, FZ_ITEM_SUB_MCHID), *own = fz_item_text(record, FZ_ITEM_SUB_MCHID);
    enum fz_result result = FZ_OK;
    fz_money_text(there, trade->amount, trade->currency);
    fz_place_text(refund->comparing->compare, refund->group->trades, 1, place);
    if (record->currency[0] != '\0' && memcmp(record->currency, trade->currency, 4) != 0)
        return SAY(refund, FZ_KIND_CURRENCY, "the statement's currency is %s (%s), your record's %s (%s)", trade->currency,
                   place, record->currency, refund->place);
    if ((refund->rows->has & FZ_HAS_AMOUNT) && refund->rows->amount != trade->amount)
        result = SAY(refund, FZ_KIND_AMOUNT, "the statement says %s (%s), your record %s (%s)", there, place, refund->amount,
                     refund->place);
    if (result == FZ_OK && merchant[0] != '\0' && own[0] != '\0' && strcmp(merchant, own) != 0)
        result = SAY(refund, FZ_KIND_OTHER_MERCHANT, "the refund is %s's by the statement (%s), %s's by your record (%s)",
                     merchant, place, own, refund->place);
    return result;
}

/* If the order is marked it should be on a refund bill: the other refunds and slices of the order tell. A refund out of the
 * recharged balance is on none. */
static enum fz_result ask_order(const struct unbilled *refund)
{
    struct fz_comparing *comparing = refund->comparing;
    const struct fz_item *trade = refund->group->trades[0];
    uint64_t hash =
        fz_number_hash(FZ_FAMILY_PAYMENT, fz_item_text(trade, FZ_ITEM_TRANSACTION_ID), trade->sizes[FZ_ITEM_TRANSACTION_ID]);
    if (comparing->orders == NULL || trade->sizes[FZ_ITEM_TRANSACTION_ID] == 0 ||
        strcmp(fz_item_text(refund->record, FZ_ITEM_SOURCE), "REFUND_SOURCE_RECHARGE_FUNDS") == 0)
        return FZ_OK;
    comparing->compare->questions++;
    enum fz_result result = fz_pen_copy(comparing->orders, trade, hash, trade->has | FZ_IS_QUESTION);
    return result;
}

static enum fz_result compare_unmarked(const struct unbilled *refund)
{
    const struct fz_days *days = &refund->comparing->compare->days;
    enum fz_result result = compare_with_statement(refund);
    if (result != FZ_OK || !refund->comparing->compare->has_refund_bill)
        return result;
    if (fz_days_have(days, refund->beijing_day))
        return ask_order(refund);
    if (fz_days_have(days, refund->own_day))
        return say_boundary(refund);
    return refund->beijing_day > days->last ? say_not_due(refund) : FZ_OK;
}

/* On the statement, and in no record: those that arrived the same day should have one. */
static enum fz_result compare_recordless(struct fz_comparing *comparing, const struct fz_group *group)
{
    char amount[FZ_MONEY_SIZE], place[FZ_PLACE_SIZE];
    const struct fz_item *trade = group->trades[0];
    if (!comparing->compare->has_records || strcmp(fz_item_text(trade, FZ_ITEM_STATUS), "SUCCESS") != 0)
        return FZ_OK;
    return fz_difference_say(comparing, group, &(struct fz_rows){0},
                             &(struct fz_difference){FZ_KIND_MISSING_HERE, trade->amount, trade->currency, trade->own_day},
                             "the statement says %s (%s), and no record has this refund",
                             fz_money_text(amount, trade->amount, trade->currency),
                             fz_place_text(comparing->compare, &trade, 1, place));
}

enum fz_result fz_unbilled_compare(struct fz_comparing *comparing, const struct fz_group *group, const struct fz_rows *rows)
{
    if (group->record_count == 0)
        return compare_recordless(comparing, group);
    struct unbilled refund = unbilled_of(comparing, group, rows);
    enum fz_record_state state = fz_record_state(refund.record);
    if (group->trade_count > 0)
        return state == FZ_RECORD_SUCCESS                                             ? compare_unmarked(&refund)
               : state == FZ_RECORD_PROCESSING && comparing->compare->has_refund_bill ? compare_processing(&refund)
                                                                                      : FZ_OK;
    if (!comparing->compare->has_refund_bill)
        return compare_unstated(&refund);
    if (state == FZ_RECORD_PROCESSING)
        return compare_processing(&refund);
    if (state != FZ_RECORD_SUCCESS)
        return FZ_OK;
    enum fz_result result = add_total(&refund);
    return result == FZ_OK ? compare_arrived(&refund) : result;
}
