/* Makes the plan of a lab from what was asked for. */
#include "lab/plan.h"

#include "base/calendar.h"
#include "lab/draws.h"

#define FIRST_DAY      20458 /* 2026-01-05, a Monday */
#define WEEKS          4     /* among which a lab begins on any day */
#define EMPTY_ONE_IN   7
#define STUCK_BUSINESS 4 /* business days that a refund has to be on its way to be stuck beyond doubt; cards take 3 */
#define OLD_ONE_IN     20
#define OLD_MAX        100

/* Beside what is planted, the first and the last day have a refund that agrees, so that which days are covered is beyond
 * doubt. */
int64_t fz_lab_needed(const struct fz_lab_options *with)
{
    int64_t sum = 0;
    for (enum fz_lab_kind kind = FZ_LAB_NONE + 1; kind < FZ_LAB_KIND_COUNT; kind++)
        sum += with->plant[kind] * fz_lab_kind_needs(kind);
    return sum > 0 ? sum + 2 : 1;
}

/* Now and then a day between two others has no refunds. */
static void choose_days(struct fz_lab_plan *plan, struct fz_lab_draws *draws)
{
    plan->first = FIRST_DAY + (int)fz_lab_below(draws, WEEKS * 7);
    plan->last = plan->first + plan->with->days - 1;
    bool empty = true; /* the first day is none */
    for (int day = plan->first; day <= plan->last; day++) {
        empty = !empty && day < plan->last && fz_lab_one_in(draws, EMPTY_ONE_IN);
        if (!empty)
            plan->active[plan->active_count++] = day;
    }
}

/* How many of `count` are of a sort that one in `limit` is of. */
static int64_t some(struct fz_lab_draws *draws, int64_t count, int64_t limit)
{
    int64_t found = 0;
    for (int64_t i = 0; i < count; i++)
        found += fz_lab_one_in(draws, limit);
    return found;
}

static bool can_be_stuck(const struct fz_lab_plan *plan)
{
    int64_t accepted_ms = fz_day_start_ms(plan->first) + FZ_HOUR_MS;
    return fz_add_business_days(accepted_ms, STUCK_BUSINESS) < fz_day_start_ms(plan->last + 1);
}

void fz_lab_plan_make(const struct fz_lab_options *with, struct fz_lab_plan *out)
{
    struct fz_lab_draws draws = fz_lab_draws_of(with->seed, FZ_LAB_FOR_PLAN, 0);
    *out = (struct fz_lab_plan){.with = with};
    choose_days(out, &draws);
    int64_t spare = (with->refunds - fz_lab_needed(with)) / OLD_ONE_IN;
    out->part[FZ_LAB_OLD] = spare < OLD_MAX ? spare : OLD_MAX;
    out->part[FZ_LAB_BEFORE] = some(&draws, with->plant[FZ_LAB_day_boundary], 4);
    out->part[FZ_LAB_AFTER] = some(&draws, with->plant[FZ_LAB_day_boundary] - out->part[FZ_LAB_BEFORE], 4);
    if (can_be_stuck(out))
        out->part[FZ_LAB_STUCK] = some(&draws, with->plant[FZ_LAB_status], 3);
    out->part[FZ_LAB_LATE] = with->plant[FZ_LAB_not_yet_due];
    out->part[FZ_LAB_BODY] = with->refunds;
    for (int part = 0; part < FZ_LAB_PART_COUNT; part++)
        if (part != FZ_LAB_BODY)
            out->part[FZ_LAB_BODY] -= out->part[part];

    for (enum fz_lab_kind kind = FZ_LAB_NONE + 1; kind < FZ_LAB_KIND_COUNT; kind++)
        out->plant[kind] = with->plant[kind];
    out->plant[FZ_LAB_day_boundary] -= out->part[FZ_LAB_BEFORE] + out->part[FZ_LAB_AFTER];
    out->plant[FZ_LAB_status] -= out->part[FZ_LAB_STUCK];
    out->plant[FZ_LAB_not_yet_due] = 0;
    for (enum fz_lab_kind kind = FZ_LAB_NONE + 1; kind < FZ_LAB_KIND_COUNT; kind++)
        out->wanted += out->plant[kind] * fz_lab_kind_needs(kind);
}

int fz_lab_active_from(const struct fz_lab_plan *plan, int day)
{
    int low = 0, high = plan->active_count - 1;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (plan->active[middle] < day)
            low = middle + 1;
        else
            high = middle;
    }
    return plan->active[low];
}

int64_t fz_lab_before(const struct fz_lab_plan *plan, enum fz_lab_part part)
{
    int64_t sum = 0;
    for (int at = 0; at < (int)part; at++)
        sum += plan->part[at];
    return sum;
}
