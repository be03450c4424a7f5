/* Compares a refund that is on the bill: what each of its fields says there and here. */
#include "reconcile/compare/refund.h"

#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "reconcile/compare/money.h"

/* One refund being compared. */
struct refund {
    struct fz_comparing *comparing;
    const struct fz_group *group;
    struct fz_lines lines;
    struct fz_rows rows;
    const struct fz_item *bill;   /* its first line */
    const struct fz_item *record; /* its first row; NULL: it has none */
    char place_there[FZ_PLACE_SIZE], place_here[FZ_PLACE_SIZE];
};

/* Only what differs is worth saying where it stands. */
static struct refund *find_places(struct refund *refund)
{
    const struct fz_group *group = refund->group;
    fz_place_text(refund->comparing->compare, group->lines, group->line_count, refund->place_there);
    if (group->record_count > 0)
        fz_place_text(refund->comparing->compare, group->records, group->record_count, refund->place_here);
    return refund;
}

#define SAY(refund, of, at_stake, in, ...)                                                                                  \
    fz_difference_say(                                                                                                      \
        find_places(refund)->comparing, (refund)->group, &(refund)->rows,                                                   \
        &(struct fz_difference){.kind = (of), .stake = (at_stake), .currency = (in), .day = (refund)->bill->own_day},       \
        __VA_ARGS__)

static int64_t size_of(int64_t amount)
{
    return amount < 0 ? -amount : amount;
}

/* ---- the bill's own lines ---- */

/* A source is there once; what comes again is a double. */
static void add_lines(struct refund *refund)
{
    const struct fz_group *group = refund->group;
    for (size_t i = 0; i < group->line_count; i++) {
        const struct fz_item *line = group->lines[i];
        size_t before = 0;
        while (before < i &&
               strcmp(fz_item_text(group->lines[before], FZ_ITEM_SOURCE), fz_item_text(line, FZ_ITEM_SOURCE)) != 0)
            before++;
        if (before < i) {
            refund->lines.doubled++;
            refund->lines.doubled_amount += line->source_amount;
            continue;
        }
        refund->lines.count++;
        refund->lines.fee += line->fee;
        refund->lines.settlement += line->settlement;
    }
}

static enum fz_result check_doubled(struct refund *refund)
{
    char amount[FZ_MONEY_SIZE];
    if (refund->lines.doubled == 0)
        return FZ_OK;
    return SAY(refund, FZ_KIND_DUPLICATE_THERE, refund->lines.doubled_amount, "CNY",
               "the bill has the same line of this refund, source %s, more than once (%s), %s too much",
               fz_item_text(refund->bill, FZ_ITEM_SOURCE)[0] == '\0' ? "not told"
                                                                     : fz_item_text(refund->bill, FZ_ITEM_SOURCE),
               refund->place_there, fz_money_text(amount, refund->lines.doubled_amount, "CNY"));
}

/* A line whose amount, rate and settlement do not fit by more than a unit; NULL: there is none. Of a DISCOUNT's share
 * nothing is settled. */
static const struct fz_item *unfit_line(const struct refund *refund)
{
    for (size_t i = 0; i < refund->group->line_count; i++) {
        const struct fz_item *line = refund->group->lines[i];
        if (line->settlement_currency[0] != '\0' &&
            !fz_money_fits(line->settlement, line->source_amount - line->coupon, line->source_amount, line->rate,
                           line->settlement_currency))
            return line;
    }
    return NULL;
}

/* ---- amount and currency ---- */

static enum fz_result say_currency(struct refund *refund, const char *what, const char *there, const char *here)
{
    return SAY(refund, FZ_KIND_CURRENCY, refund->bill->amount, refund->bill->currency,
               "the bill's %s is %s (%s), your record's %s (%s)", what, there, refund->place_there, here,
               refund->place_here);
}

static enum fz_result check_currency(struct refund *refund, bool *out_same)
{
    const struct fz_item *bill = refund->bill, *record = refund->record;
    bool price =
        record->currency[0] == '\0' || bill->currency[0] == '\0' || memcmp(record->currency, bill->currency, 4) == 0;
    bool settled = record->settlement_currency[0] == '\0' || bill->settlement_currency[0] == '\0' ||
                   memcmp(record->settlement_currency, bill->settlement_currency, 4) == 0;
    *out_same = price;
    if (!settled)
        refund->rows.has &= (uint8_t)~FZ_HAS_SETTLEMENT;
    if (!price)
        return say_currency(refund, "currency", bill->currency, record->currency);
    return settled ? FZ_OK
                   : say_currency(refund, "settlement currency", bill->settlement_currency, record->settlement_currency);
}

/* The line that the record has the amount of, alone; NULL: none. */
static const struct fz_item *part_of(const struct refund *refund)
{
    if (refund->lines.count < 2 || refund->group->record_count > 1)
        return NULL;
    for (size_t i = 0; i < refund->group->line_count; i++)
        if (refund->group->lines[i]->source_amount == refund->rows.amount)
            return refund->group->lines[i];
    return NULL;
}

/* *out_part: the line that the record is of. */
static enum fz_result check_amount(struct refund *refund, const struct fz_item **out_part)
{
    char there[FZ_MONEY_SIZE], here[FZ_MONEY_SIZE], off[FZ_MONEY_SIZE];
    const char *currency = refund->bill->currency;
    int64_t amount = refund->bill->amount, difference = refund->rows.amount - amount;
    *out_part = NULL;
    if (!(refund->rows.has & FZ_HAS_AMOUNT) || difference == 0)
        return FZ_OK;
    *out_part = part_of(refund);
    if (*out_part != NULL)
        return SAY(refund, FZ_KIND_PART_OF_A_REFUND, size_of(difference), currency,
                   "the bill says %s from %zu sources (%s), your record %s (%s): that is what came from %s alone",
                   fz_money_text(there, amount, currency), refund->lines.count, refund->place_there,
                   fz_money_text(here, refund->rows.amount, currency), refund->place_here,
                   fz_item_text(*out_part, FZ_ITEM_SOURCE));
    return SAY(refund, FZ_KIND_AMOUNT, size_of(difference), currency,
               "the bill says %s (%s), your record%s %s (%s): %s too %s", fz_money_text(there, amount, currency),
               refund->place_there, refund->group->record_count > 1 ? "s" : "",
               fz_money_text(here, refund->rows.amount, currency), refund->place_here,
               fz_money_text(off, size_of(difference), currency), difference < 0 ? "little" : "much");
}

static enum fz_result check_double_rows(struct refund *refund)
{
    char amount[FZ_MONEY_SIZE];
    size_t count = refund->group->record_count;
    if (!refund->rows.is_doubled)
        return FZ_OK;
    int64_t all = 0;
    for (size_t i = 0; i < count; i++)
        all += refund->group->records[i]->amount;
    return SAY(refund, FZ_KIND_DUPLICATE_HERE, size_of(all - refund->rows.amount), refund->bill->currency,
               "your records have this refund %zu times, each with %s (%s); the bill has it once (%s)", count,
               fz_money_text(amount, refund->group->records[0]->amount, refund->bill->currency), refund->place_here,
               refund->place_there);
}

/* ---- fee and settlement ---- */

static enum fz_result check_fee(struct refund *refund, const struct fz_item *part)
{
    char there[FZ_MONEY_SIZE], here[FZ_MONEY_SIZE];
    int64_t fee = refund->rows.fee;
    if (!(refund->rows.has & FZ_HAS_FEE) || fee == refund->lines.fee || (part != NULL && fee == part->fee))
        return FZ_OK;
    return SAY(refund, FZ_KIND_FEE, size_of(fee - refund->lines.fee), "CNY",
               "the bill gives back a fee of %s (%s), your record %s (%s)", fz_money_text(there, refund->lines.fee, "CNY"),
               refund->place_there, fz_money_text(here, fee, "CNY"), refund->place_here);
}

static enum fz_result say_unfit(struct refund *refund, const struct fz_item *line)
{
    char amount[FZ_MONEY_SIZE], settled[FZ_MONEY_SIZE], by_rate[FZ_MONEY_SIZE], rate[FZ_MONEY_SIZE], place[FZ_PLACE_SIZE];
    int64_t expected = fz_money_converted(line->source_amount, line->rate, line->settlement_currency);
    return SAY(refund, FZ_KIND_RATE, size_of(line->settlement - expected), line->settlement_currency,
               "the bill's own line does not fit (%s): %s at %s CNY is %s, and it says %s",
               fz_place_text(refund->comparing->compare, &line, 1, place), fz_money_text(amount, line->source_amount, "CNY"),
               fz_rate_text(rate, line->rate), fz_money_text(by_rate, expected, line->settlement_currency),
               fz_money_text(settled, line->settlement, line->settlement_currency));
}

static enum fz_result check_settlement(struct refund *refund, const struct fz_item *part)
{
    char there[FZ_MONEY_SIZE], here[FZ_MONEY_SIZE], rate[FZ_MONEY_SIZE], other[FZ_MONEY_SIZE];
    const char *currency = refund->bill->settlement_currency;
    const struct fz_item *unfit = unfit_line(refund);
    int64_t settled = refund->rows.settlement, difference = size_of(settled - refund->lines.settlement);
    if (unfit != NULL)
        return say_unfit(refund, unfit);
    if (!(refund->rows.has & FZ_HAS_SETTLEMENT) || difference == 0 || (part != NULL && settled == part->settlement))
        return FZ_OK;
    fz_money_text(there, refund->lines.settlement, currency);
    fz_money_text(here, settled, currency);
    fz_rate_text(rate, refund->bill->rate);
    if (difference <= (int64_t)refund->lines.count)
        return SAY(refund, FZ_KIND_ROUNDING, difference, currency,
                   "the bill settles %s (%s), your record %s (%s): the same rate %s, rounded otherwise, at most one unit "
                   "for each of %zu lines",
                   there, refund->place_there, here, refund->place_here, rate, refund->lines.count);
    return SAY(refund, FZ_KIND_RATE, difference, currency,
               "the bill settles %s at %s CNY (%s), your record %s (%s): that would be a rate of about %s", there, rate,
               refund->place_there, here, refund->place_here,
               fz_rate_text(other, fz_money_rate_for(settled, refund->lines.settlement, refund->bill->rate)));
}

/* ---- state, day, merchant ---- */

static enum fz_result check_status(struct refund *refund)
{
    char arrived[FZ_TIME_SIZE];
    enum fz_record_state state = fz_record_state(refund->record);
    const char *status = fz_item_text(refund->record, FZ_ITEM_STATUS);
    if (state == FZ_RECORD_SUCCESS)
        return FZ_OK;
    fz_format_time(arrived, refund->bill->success_ms);
    return SAY(
        refund, state == FZ_RECORD_CLOSED ? FZ_KIND_CLOSED_AFTER_THE_BILL : FZ_KIND_STATUS, refund->bill->amount,
        refund->bill->currency,
        state == FZ_RECORD_CLOSED
            ? "the bill has it as arrived at %s (%s), your record says %s (%s): ask the refund query what became of it"
            : "the bill has it as arrived at %s (%s), your record still says %s (%s)",
        arrived, refund->place_there, status, refund->place_here);
}

static bool is_day_of_a_line(const struct refund *refund, int day)
{
    for (size_t i = 0; i < refund->group->line_count; i++)
        if (refund->group->lines[i]->own_day == day)
            return true;
    return false;
}

static enum fz_result check_day(struct refund *refund)
{
    char there[FZ_TIME_SIZE], here[FZ_TIME_SIZE], own[FZ_DAY_SIZE], beijing[FZ_DAY_SIZE];
    const struct fz_item *record = refund->record;
    if (!(record->has & FZ_HAS_SUCCESS) || !(refund->bill->has & FZ_HAS_SUCCESS) ||
        is_day_of_a_line(refund, record->own_day))
        return FZ_OK;
    fz_format_time(there, refund->bill->success_ms);
    fz_format_time(here, record->success_ms);
    fz_format_day(own, record->own_day);
    fz_format_day(beijing, refund->bill->own_day);
    return SAY(refund, FZ_KIND_DAY_BOUNDARY, refund->bill->amount, refund->bill->currency,
               "the bill counts it on %s (arrived %s, %s), your record on %s (%s in Beijing, %s): --timezone Asia/Shanghai "
               "counts as the bills do",
               beijing, there, refund->place_there, own, here, refund->place_here);
}

static enum fz_result check_merchant(struct refund *refund)
{
    char place[FZ_PLACE_SIZE];
    const struct fz_group *group = refund->group;
    const char *there = group->trade_count == 0 ? "" : fz_item_text(group->trades[0], FZ_ITEM_SUB_MCHID);
    for (size_t i = 0; i < group->record_count && there[0] != '\0'; i++) {
        const char *here = fz_item_text(group->records[i], FZ_ITEM_SUB_MCHID);
        if (here[0] != '\0' && strcmp(here, there) != 0)
            return SAY(refund, FZ_KIND_OTHER_MERCHANT, refund->bill->amount, refund->bill->currency,
                       "the refund is %s's by the statement (%s), %s's by your record (%s)", there,
                       fz_place_text(refund->comparing->compare, group->trades, 1, place), here, refund->place_here);
    }
    return FZ_OK;
}

/* Who a refund is of without a statement, its order's other records tell: they are gathered for it. */
static enum fz_result put_to_order(struct refund *refund)
{
    struct fz_comparing *comparing = refund->comparing;
    const char *truth = refund->group->trade_count == 0 ? "" : fz_item_text(refund->group->trades[0], FZ_ITEM_SUB_MCHID);
    enum fz_result result = FZ_OK;
    for (size_t i = 0; i < refund->group->record_count && comparing->orders != NULL && result == FZ_OK; i++) {
        const struct fz_item *record = refund->group->records[i];
        uint64_t hash = fz_number_hash(FZ_FAMILY_PAYMENT, fz_item_text(record, FZ_ITEM_TRANSACTION_ID),
                                       record->sizes[FZ_ITEM_TRANSACTION_ID]);
        if (record->sizes[FZ_ITEM_TRANSACTION_ID] > 0 && record->sizes[FZ_ITEM_SUB_MCHID] > 0)
            result =
                fz_pen_copy(comparing->orders, record, hash, truth[0] == '\0' ? record->has : record->has | FZ_HAS_MERCHANT);
    }
    return result;
}

/* ---- the statement beside the refund bill ---- */

static enum fz_result check_statement_amount(struct refund *refund)
{
    char bill[FZ_MONEY_SIZE], statement[FZ_MONEY_SIZE], place[FZ_PLACE_SIZE];
    const struct fz_item *trade = refund->group->trades[0];
    if (trade->currency[0] != '\0' && memcmp(trade->currency, refund->bill->currency, 4) != 0)
        return SAY(refund, FZ_KIND_CURRENCY, refund->bill->amount, refund->bill->currency,
                   "the refund bill's currency is %s (%s), the statement's %s (%s)", refund->bill->currency,
                   refund->place_there, trade->currency, fz_place_text(refund->comparing->compare, &trade, 1, place));
    if (trade->amount == refund->bill->amount)
        return FZ_OK;
    return SAY(refund, FZ_KIND_AMOUNT, size_of(trade->amount - refund->bill->amount), refund->bill->currency,
               "the refund bill says %s (%s), the statement %s (%s)",
               fz_money_text(bill, refund->bill->amount, refund->bill->currency), refund->place_there,
               fz_money_text(statement, trade->amount, trade->currency),
               fz_place_text(refund->comparing->compare, &trade, 1, place));
}

static enum fz_result check_statement_settlement(struct refund *refund)
{
    char bill[FZ_MONEY_SIZE], statement[FZ_MONEY_SIZE], place[FZ_PLACE_SIZE];
    const struct fz_item *trade = refund->group->trades[0];
    int64_t difference = size_of(trade->settlement - refund->lines.settlement);
    if (difference == 0 || trade->settlement_currency[0] == '\0')
        return FZ_OK;
    return SAY(refund, difference <= (int64_t)refund->lines.count ? FZ_KIND_ROUNDING : FZ_KIND_RATE, difference,
               refund->bill->settlement_currency, "the refund bill settles %s (%s), the statement %s (%s)",
               fz_money_text(bill, refund->lines.settlement, refund->bill->settlement_currency), refund->place_there,
               fz_money_text(statement, trade->settlement, trade->settlement_currency),
               fz_place_text(refund->comparing->compare, &trade, 1, place));
}

static enum fz_result check_statement(struct refund *refund)
{
    const struct fz_compare *compare = refund->comparing->compare;
    int accepted = refund->bill->has & FZ_HAS_CREATED ? fz_day_of(refund->bill->create_ms) : FZ_NO_DAY;
    char amount[FZ_MONEY_SIZE], day[FZ_DAY_SIZE];
    if (refund->group->trade_count > 0) {
        enum fz_result result = check_statement_amount(refund);
        return result == FZ_OK ? check_statement_settlement(refund) : result;
    }
    if (!compare->has_statement || accepted == FZ_NO_DAY || !fz_days_have(&compare->statement, accepted) ||
        compare->strays != NULL)
        return FZ_OK;
    fz_format_day(day, accepted);
    return SAY(refund, FZ_KIND_MISSING_THERE, refund->bill->amount, refund->bill->currency,
               "the refund bill has %s accepted on %s (%s), and the statement of that day does not have it",
               fz_money_text(amount, refund->bill->amount, refund->bill->currency), day, refund->place_there);
}

/* ---- totals ---- */

static enum fz_result add_total(struct refund *refund)
{
    const struct fz_group *group = refund->group;
    const struct fz_item *bill = refund->bill, *record = refund->record;
    const char *own = record == NULL ? "" : fz_item_text(record, FZ_ITEM_SUB_MCHID);
    const char *merchant = group->trade_count > 0 && group->trades[0]->sizes[FZ_ITEM_SUB_MCHID] > 0
                               ? fz_item_text(group->trades[0], FZ_ITEM_SUB_MCHID)
                               : own;
    struct fz_totals *totals = &refund->comparing->totals;
    struct fz_total *there = fz_totals_of(totals, merchant, bill->currency, bill->own_day);
    if (there == NULL)
        return fz_trouble_memory(refund->comparing->compare->trouble);
    int64_t amount = bill->amount + (refund->lines.doubled > 0 ? refund->lines.doubled_amount : 0), all = 0;
    there->there += amount;
    there->there_count++;
    bool counts = record != NULL && fz_record_state(record) == FZ_RECORD_SUCCESS && (refund->rows.has & FZ_HAS_AMOUNT);
    for (size_t i = 0; counts && i < group->record_count; i++)
        all += group->records[i]->amount;
    size_t row = (size_t)(there - totals->list);
    struct fz_total *here = !counts ? NULL
                                    : fz_totals_of(totals, own[0] == '\0' ? merchant : own,
                                                   record->currency[0] == '\0' ? bill->currency : record->currency,
                                                   record->has & FZ_HAS_SUCCESS ? record->own_day : bill->own_day);
    there = &totals->list[row];
    there->unequal += here != there || all != amount;
    if (here == NULL)
        return FZ_OK;
    here->unequal += here != there;
    here->here += all;
    here->here_count++;
    return FZ_OK;
}

/* ---- all of it ---- */

static enum fz_result check_record(struct refund *refund)
{
    const struct fz_item *part;
    bool same;
    enum fz_result result = check_double_rows(refund);
    if (result == FZ_OK)
        result = check_currency(refund, &same);
    if (result == FZ_OK && !same)
        refund->rows.has &= (uint8_t)~FZ_HAS_AMOUNT;
    if (result == FZ_OK)
        result = check_amount(refund, &part);
    if (result == FZ_OK)
        result = check_fee(refund, part);
    if (result == FZ_OK)
        result = check_settlement(refund, part);
    if (result == FZ_OK)
        result = check_status(refund);
    if (result == FZ_OK)
        result = check_day(refund);
    if (result == FZ_OK)
        result = check_merchant(refund);
    return result == FZ_OK ? put_to_order(refund) : result;
}

static enum fz_result say_missing(struct refund *refund)
{
    char amount[FZ_MONEY_SIZE];
    const struct fz_compare *compare = refund->comparing->compare;
    if (!compare->has_records)
        return FZ_OK;
    return SAY(refund, FZ_KIND_MISSING_HERE, refund->bill->amount, refund->bill->currency,
               "the bill says %s (%s), and no record has this refund",
               fz_money_text(amount, refund->bill->amount, refund->bill->currency), refund->place_there);
}

static enum fz_result compare_billed(struct fz_comparing *comparing, const struct fz_group *group)
{
    struct refund refund = {.comparing = comparing, .group = group, .bill = group->lines[0]};
    add_lines(&refund);
    if (group->record_count > 0) {
        refund.record = group->records[0];
        fz_rows_of(group, true, refund.bill->amount, &refund.rows);
        comparing->compare->matched++;
    }
    enum fz_result result = check_doubled(&refund);
    if (result == FZ_OK)
        result = add_total(&refund);
    if (result == FZ_OK)
        result = check_statement(&refund);
    if (result == FZ_OK && refund.record != NULL)
        return check_record(&refund);
    if (result == FZ_OK && unfit_line(&refund) != NULL)
        result = say_unfit(&refund, unfit_line(&refund));
    return result == FZ_OK ? say_missing(&refund) : result;
}

/* What has no partner may have one by its other number. */
static bool is_stray(const struct fz_comparing *comparing, const struct fz_group *group)
{
    const struct fz_compare *compare = comparing->compare;
    bool lacks = (group->record_count == 0 && compare->has_records) ||
                 (group->line_count == 0 && compare->has_refund_bill) || (group->trade_count == 0 && compare->has_statement);
    return comparing->strays != NULL && lacks;
}

/* The first number of that kind that any of the group has; its text NULL: none has. */
static struct fz_item_part number_of(const struct fz_group *group, enum fz_item_text which)
{
    size_t count = group->line_count + group->trade_count + group->record_count;
    for (size_t i = 0; i < count; i++)
        if (group->lines[i]->sizes[which] > 0)
            return (struct fz_item_part){fz_item_text(group->lines[i], which), group->lines[i]->sizes[which]};
    return (struct fz_item_part){0};
}

/* Those that have found each other stay together: what one of them knows of the number, all are given. */
static enum fz_result put_to_strays(struct fz_comparing *comparing, const struct fz_group *group)
{
    size_t count = group->line_count + group->trade_count + group->record_count;
    bool by_platform = group->lines[0]->has & FZ_BY_PLATFORM_NO;
    enum fz_item_text other = by_platform ? FZ_ITEM_OWN_NO : FZ_ITEM_PLATFORM_NO;
    struct fz_item_part number = number_of(group, other);
    if (number.text == NULL) {
        other = by_platform ? FZ_ITEM_PLATFORM_NO : FZ_ITEM_OWN_NO;
        number = number_of(group, other);
    }
    enum fz_result result = FZ_OK;
    for (size_t i = 0; i < count && result == FZ_OK; i++) {
        const struct fz_item *item = group->lines[i];
        struct fz_draft draft = {.item = *item};
        for (enum fz_item_text which = 0; which < FZ_ITEM_TEXTS; which++)
            draft.texts[which] = (struct fz_item_part){fz_item_text(item, which), item->sizes[which]};
        draft.texts[other] = number;
        draft.item.hash = fz_number_hash(item->family, number.text, number.size);
        draft.item.has =
            other == FZ_ITEM_PLATFORM_NO ? item->has | FZ_BY_PLATFORM_NO : item->has & (uint8_t)~FZ_BY_PLATFORM_NO;
        result = fz_pen_put(comparing->strays, &draft);
    }
    return result;
}

enum fz_result fz_refund_compare(struct fz_comparing *comparing, struct fz_group *group)
{
    if (is_stray(comparing, group))
        return put_to_strays(comparing, group);
    if (group->line_count > 0)
        return compare_billed(comparing, group);
    struct fz_rows rows = {0};
    if (group->record_count > 0)
        fz_rows_of(group, false, 0, &rows);
    return fz_unbilled_compare(comparing, group, &rows);
}
