/* Puts an order's lines into the sums of their days: docs/finance.md has the recipe. */
#include "reconcile/settle/sums.h"

#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/text.h"
#include "reconcile/compare/money.h"
#include "reconcile/compare/refund.h"

#define FUNDS     "FUNDS_REFUNDABLE_BALANCE"
#define RECHARGED "REFUND_SOURCE_RECHARGE_FUNDS"
#define DAY_TEXT  10 /* letters of YYYY-MM-DD */

int fz_day_in_name(const char *name)
{
    int day;
    char text[DAY_TEXT + 1];
    for (const char *at = name; strlen(at) >= DAY_TEXT; at++) {
        memcpy(text, at, DAY_TEXT);
        text[DAY_TEXT] = '\0';
        if (fz_parse_day(text, &day) == FZ_OK)
            return day;
    }
    return FZ_NO_DAY;
}

void fz_settle_sums_done(struct fz_settle_sums *sums)
{
    for (size_t i = 0; i < FZ_SETTLED_COUNT; i++)
        fz_totals_done(&sums->totals[i]);
}

static enum fz_result add(struct fz_settle_sums *sums, enum fz_settled which, const char *merchant,
                          const struct fz_item *item, int day, int64_t amount)
{
    struct fz_total *total = fz_totals_of(&sums->totals[which], merchant, item->settlement_currency, day);
    if (total == NULL)
        return fz_trouble_memory(sums->trouble);
    total->here += amount;
    return FZ_OK;
}

/* ---- the order ---- */

static const char *merchant_of(const struct fz_group *order)
{
    size_t count = order->line_count + order->trade_count;
    for (size_t i = 0; i < count; i++)
        if (order->lines[i]->sizes[FZ_ITEM_SUB_MCHID] > 0)
            return fz_item_text(order->lines[i], FZ_ITEM_SUB_MCHID);
    return "";
}

/* The record of a refund, by the number that both have; NULL: there is none. */
static const struct fz_item *record_of(const struct fz_group *order, const struct fz_item *trade)
{
    for (size_t i = 0; i < order->record_count; i++)
        for (enum fz_item_text which = FZ_ITEM_PLATFORM_NO; which <= FZ_ITEM_OWN_NO; which++)
            if (trade->sizes[which] > 0 && strcmp(fz_item_text(order->records[i], which), fz_item_text(trade, which)) == 0)
                return order->records[i];
    return NULL;
}

/* ---- unmarked orders: the statement ---- */

static void keep_closed(struct fz_settle_sums *sums, const char *merchant, const struct fz_item *trade)
{
    if (sums->closed_count == FZ_CLOSED_MAX)
        return;
    struct fz_closed *closed = &sums->closed[sums->closed_count++];
    *closed = (struct fz_closed){.day = trade->own_day, .refund = trade->settlement, .fee = trade->fee};
    fz_copy(closed->sub_mchid, sizeof closed->sub_mchid, merchant);
    memcpy(closed->currency, trade->settlement_currency, sizeof closed->currency);
}

/* A refund of returned fee alone moved no pool; in another currency than CNY it comes to nothing. */
static bool moved_no_pool(const struct fz_item *trade)
{
    return memcmp(trade->settlement_currency, "CNY", 4) == 0 && trade->settlement + trade->fee == 0;
}

static enum fz_result add_trade(struct fz_settle_sums *sums, const struct fz_group *order, const char *merchant,
                                const struct fz_item *trade)
{
    bool is_refund = trade->family == FZ_FAMILY_REFUND;
    const struct fz_item *record = is_refund ? record_of(order, trade) : NULL;
    if (is_refund &&
        ((record != NULL && strcmp(fz_item_text(record, FZ_ITEM_SOURCE), RECHARGED) == 0) || moved_no_pool(trade)))
        return FZ_OK;
    if (record != NULL && fz_record_state(record) == FZ_RECORD_CLOSED)
        keep_closed(sums, merchant, trade);
    enum fz_result result =
        add(sums, is_refund ? FZ_SETTLED_REFUND : FZ_SETTLED_PAY, merchant, trade, trade->own_day, trade->settlement);
    return result == FZ_OK ? add(sums, FZ_SETTLED_FEE, merchant, trade, trade->own_day, trade->fee) : result;
}

/* ---- marked orders: slices, and what advance refunds drew ---- */

/* A slice is in the bill of the day on which it succeeded, which its line does not tell. */
static enum fz_result add_slice(struct fz_settle_sums *sums, const char *merchant, const struct fz_item *slice)
{
    int day = fz_day_in_name(fz_input_name(&sums->inputs->list[sums->inputs->pieces[slice->piece].input]));
    if (!slice->is_outbound)
        return FZ_OK;
    return add(sums, FZ_SETTLED_SPLIT_PAY, merchant, slice, day == FZ_NO_DAY ? slice->own_day : day, slice->settlement);
}

static bool is_funds(const struct fz_item *line)
{
    return strcmp(fz_item_text(line, FZ_ITEM_SOURCE), FUNDS) == 0;
}

/* As they were accepted, and in each from the order's own funds to the advance balance. */
static int by_acceptance(const void *left, const void *right)
{
    const struct fz_item *a = *(const struct fz_item *const *)left, *b = *(const struct fz_item *const *)right;
    if (a->create_ms != b->create_ms)
        return a->create_ms < b->create_ms ? -1 : 1;
    int order = strcmp(fz_item_text(a, FZ_ITEM_PLATFORM_NO), fz_item_text(b, FZ_ITEM_PLATFORM_NO));
    return order != 0 ? order : is_funds(a) - is_funds(b);
}

/* The order's payment, which says whether there is a DISCOUNT; NULL: its statement was not given. */
static const struct fz_item *payment_of(const struct fz_group *order)
{
    for (size_t i = 0; i < order->trade_count; i++)
        if (order->trades[i]->family == FZ_FAMILY_PAYMENT)
            return order->trades[i];
    return NULL;
}

static int64_t share_of(int64_t value, int64_t part, int64_t whole)
{
    return (int64_t)((__int128)value * part / whole);
}

/* A line's share of the DISCOUNT, where `before` was refunded before it. Without the payment, the whole of the refund's as
 * its statement says. */
static int64_t discount_of(const struct fz_group *order, const struct fz_item *line, int64_t before)
{
    const struct fz_item *payment = payment_of(order);
    if (payment != NULL && payment->amount > 0)
        return share_of(payment->coupon, before + line->source_amount, payment->amount) -
               share_of(payment->coupon, before, payment->amount);
    for (size_t i = 0; i < order->trade_count; i++)
        if (strcmp(fz_item_text(order->trades[i], FZ_ITEM_PLATFORM_NO), fz_item_text(line, FZ_ITEM_PLATFORM_NO)) == 0 &&
            line->amount > 0)
            return share_of(order->trades[i]->coupon, line->source_amount, line->amount);
    return 0;
}

static enum fz_result add_marked(struct fz_settle_sums *sums, const struct fz_group *order, const char *merchant)
{
    int64_t before = 0;
    enum fz_result result = FZ_OK;
    qsort(order->lines, order->line_count, sizeof *order->lines, by_acceptance);
    for (size_t i = 0; i < order->line_count && result == FZ_OK; i++) {
        const struct fz_item *line = order->lines[i];
        if (line->side == FZ_SIDE_SLICE) {
            result = add_slice(sums, merchant, line);
            continue;
        }
        int64_t net = line->source_amount + line->fee - discount_of(order, line, before);
        before += line->source_amount;
        if (is_funds(line) && line->rate > 0)
            result = add(sums, FZ_SETTLED_SPLIT_REFUND, merchant, line, fz_day_of(line->create_ms),
                         fz_money_converted(net, line->rate, line->settlement_currency));
    }
    return result;
}

enum fz_result fz_settle_add_order(struct fz_settle_sums *sums, const struct fz_group *order)
{
    const char *merchant = merchant_of(order);
    enum fz_result result = FZ_OK;
    if (order->line_count > 0) /* only marked orders are on these bills */
        return add_marked(sums, order, merchant);
    for (size_t i = 0; i < order->trade_count && result == FZ_OK; i++)
        result = add_trade(sums, order, merchant, order->trades[i]);
    return result;
}
