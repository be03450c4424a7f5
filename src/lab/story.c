/* Tells a lab's orders one behind the other: how many refunds each has, which of them is planted, and when all of it
 * happened. */
#include "lab/story.h"

#include <string.h>

#include "base/calendar.h"

#define PAID_BEFORE_MS (6 * FZ_HOUR_MS) /* the order's first refund */

/* Refunds of the body are accepted from 00:10 to 23:00, those behind it from then to midnight. */
#define BODY_FROM_S 600
#define BODY_TO_S   82800
#define DAY_S       86400

void fz_lab_story_begin(const struct fz_lab_plan *plan, struct fz_lab_story *out)
{
    *out = (struct fz_lab_story){.plan = plan, .wanted = plan->wanted};
    memcpy(out->left, plan->plant, sizeof out->left);
}

/* ---- when ---- */

static int64_t second_of_day(int day, int64_t second)
{
    return fz_day_start_ms(day) + second * FZ_SECOND_MS;
}

/* The `at`-th of `count` places, spread evenly between two seconds. */
static int64_t spread(int64_t at, int64_t count, int64_t from, int64_t to)
{
    return from + (to - from) * at / count;
}

static int64_t body_accepted_ms(const struct fz_lab_plan *plan, int64_t at)
{
    int64_t count = plan->part[FZ_LAB_BODY], days = plan->active_count;
    if (at > 0 && at == count - 1)
        return second_of_day(plan->last, BODY_TO_S);
    int64_t within = at * days % count;
    return second_of_day(plan->active[at * days / count], spread(within, count, BODY_FROM_S, BODY_TO_S));
}

/* Of the refund that is the `at`-th of its part. */
static int64_t accepted_ms(const struct fz_lab_plan *plan, enum fz_lab_part part, int64_t at)
{
    int64_t count = plan->part[part];
    switch (part) {
    case FZ_LAB_OLD:
        return second_of_day(plan->first - 4, spread(at, count, 0, DAY_S));
    case FZ_LAB_BEFORE:
        return second_of_day(plan->first - 1, spread(at, count, BODY_TO_S - 3600, BODY_TO_S));
    case FZ_LAB_STUCK:
        return second_of_day(plan->first, spread(at, count, 0, BODY_FROM_S));
    case FZ_LAB_AFTER:
        return second_of_day(plan->last, spread(at, count, BODY_TO_S + 60, BODY_TO_S + 1200));
    case FZ_LAB_LATE: /* the first half on the last day, the others on the next */
        if (at < (count + 1) / 2)
            return second_of_day(plan->last, spread(at, (count + 1) / 2, BODY_TO_S + 1200, DAY_S));
        return second_of_day(plan->last + 1, spread(at - (count + 1) / 2, count / 2, 3600, BODY_TO_S));
    case FZ_LAB_BODY:
    case FZ_LAB_PART_COUNT:
        break;
    }
    return body_accepted_ms(plan, at);
}

/* To a balance at once, later where somebody has to look at it, to a card after three business days; never on a day that is
 * to have no bill, nor after the last. */
static int64_t body_success_ms(const struct fz_lab_plan *plan, bool anchor, struct fz_lab_refund *refund)
{
    int64_t at_once_ms = refund->accepted_ms + fz_lab_between(&refund->draws, 5, 2400) * FZ_SECOND_MS;
    int64_t sort = fz_lab_below(&refund->draws, 20), later_ms = fz_lab_between(&refund->draws, 8, 26) * FZ_HOUR_MS;
    if (sort < 14 || anchor)
        return at_once_ms;
    int64_t late_ms = sort < 17 ? at_once_ms + later_ms : fz_add_business_days(at_once_ms, 3);
    int day = fz_day_of(late_ms);
    if (day > plan->last)
        return at_once_ms;
    return late_ms + (fz_lab_active_from(plan, day) - day) * FZ_DAY_MS;
}

/* 0: it is on its way. */
static int64_t success_ms(const struct fz_lab_plan *plan, bool anchor, struct fz_lab_refund *refund)
{
    struct fz_lab_draws *draws = &refund->draws;
    switch (refund->part) {
    case FZ_LAB_OLD:
        return second_of_day(plan->first - 3, fz_lab_below(draws, DAY_S - 3600));
    case FZ_LAB_BEFORE:
        return second_of_day(plan->first - 1, fz_lab_between(draws, DAY_S - 3000, DAY_S - 1));
    case FZ_LAB_STUCK:
        return 0;
    case FZ_LAB_AFTER:
        return second_of_day(plan->last + 1, fz_lab_below(draws, 8 * 3600));
    case FZ_LAB_LATE:
        if (fz_lab_one_in(draws, 2))
            return 0;
        return second_of_day(fz_day_of(refund->accepted_ms) + 1, fz_lab_below(draws, DAY_S));
    case FZ_LAB_BODY:
    case FZ_LAB_PART_COUNT:
        break;
    }
    return body_success_ms(plan, anchor, refund);
}

/* ---- which ---- */

/* Where as many orders are to come as differences, each has one; before, as chance has it. */
static enum fz_lab_kind choose_kind(struct fz_lab_story *story, int64_t left, struct fz_lab_draws *draws)
{
    if (story->wanted == 0 || fz_lab_below(draws, left) >= story->wanted)
        return FZ_LAB_NONE;
    int64_t sum = 0;
    for (int kind = 0; kind < FZ_LAB_KIND_COUNT; kind++)
        sum += story->left[kind];
    int64_t at = fz_lab_below(draws, sum);
    enum fz_lab_kind kind = FZ_LAB_NONE;
    while (at >= story->left[kind])
        at -= story->left[kind++];
    story->left[kind]--;
    story->wanted -= fz_lab_kind_needs(kind);
    return kind;
}

/* Most orders have one refund; a few have several, and no more than leaves enough for what is still to be planted. */
static int choose_count(int64_t spare, enum fz_lab_kind kind, struct fz_lab_draws *draws)
{
    int least = fz_lab_kind_needs(kind), more = 0;
    while (more < spare && least + more < FZ_LAB_REFUNDS_OF_ORDER && fz_lab_one_in(draws, 3))
        more++;
    return least + more;
}

static enum fz_lab_part part_at(const struct fz_lab_plan *plan, int64_t *at)
{
    int part = 0;
    while (part < FZ_LAB_PART_COUNT && *at >= plan->part[part])
        *at -= plan->part[part++];
    return (enum fz_lab_part)part;
}

static enum fz_lab_kind kind_of_part(enum fz_lab_part part)
{
    static const enum fz_lab_kind kinds[FZ_LAB_PART_COUNT] = {[FZ_LAB_BEFORE] = FZ_LAB_day_boundary,
                                                              [FZ_LAB_STUCK] = FZ_LAB_status,
                                                              [FZ_LAB_AFTER] = FZ_LAB_day_boundary,
                                                              [FZ_LAB_LATE] = FZ_LAB_not_yet_due};
    return kinds[part];
}

static void begin_refunds(const struct fz_lab_story *story, enum fz_lab_part part, int64_t at, struct fz_lab_order *order)
{
    const struct fz_lab_plan *plan = story->plan;
    for (int i = 0; i < order->refund_count; i++, at++) {
        struct fz_lab_refund *refund = &order->refunds[i];
        bool anchor = at == 0 || at == plan->part[part] - 1;
        *refund = (struct fz_lab_refund){.number = story->refunds + i + 1, .part = part};
        refund->draws = fz_lab_draws_of(plan->with->seed, FZ_LAB_FOR_REFUND, refund->number);
        refund->accepted_ms = accepted_ms(plan, part, at);
        refund->success_ms = success_ms(plan, anchor, refund);
        fz_lab_name_refund(refund);
    }
}

bool fz_lab_story_next(struct fz_lab_story *story, struct fz_lab_order *out)
{
    const struct fz_lab_plan *plan = story->plan;
    int64_t at = story->refunds;
    enum fz_lab_part part = part_at(plan, &at);
    if (part == FZ_LAB_PART_COUNT)
        return false;
    struct fz_lab_draws draws = fz_lab_draws_of(plan->with->seed, FZ_LAB_FOR_ORDER, ++story->orders);
    bool refunded = !story->pause || !fz_lab_one_in(&draws, 4), anchor = at == 0 || at == plan->part[part] - 1;
    enum fz_lab_kind kind = kind_of_part(part);
    out->number = story->orders;
    out->refund_count = refunded ? 1 : 0;
    if (refunded && part == FZ_LAB_BODY && !anchor) {
        int64_t left = plan->part[part] - 1 - at; /* the last stands alone */
        kind = choose_kind(story, left, &draws);
        out->refund_count = choose_count(left - fz_lab_kind_needs(kind) - story->wanted, kind, &draws);
    }
    begin_refunds(story, part, at, out);
    int which = refunded ? (int)fz_lab_below(&draws, out->refund_count) : 0;
    out->refunds[which].kind = refunded ? kind : FZ_LAB_NONE;
    struct fz_lab_demand demand = fz_lab_demand_of(out->refunds[which].kind, which);
    out->payment = (struct fz_payment){.success_ms = accepted_ms(plan, part, at) - PAID_BEFORE_MS};
    fz_lab_order_fill(plan, &demand, &draws, out);
    story->refunds += out->refund_count;
    story->pause = refunded;
    return true;
}
