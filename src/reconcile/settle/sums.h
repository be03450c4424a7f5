/* What the bills of each day come to, as settlement details put it together. */
#ifndef FZ_RECONCILE_SETTLE_SUMS_H
#define FZ_RECONCILE_SETTLE_SUMS_H

#include "reconcile/compare/group.h"

enum fz_settled {
    FZ_SETTLED_PAY,
    FZ_SETTLED_REFUND,
    FZ_SETTLED_FEE,
    FZ_SETTLED_SPLIT_PAY,
    FZ_SETTLED_SPLIT_REFUND,
    FZ_SETTLED_COUNT
};

#define FZ_CLOSED_MAX 16 /* closed refunds of unmarked orders that a batch is looked through for */

/* A refund that was closed: on an unknown day its money came back. */
struct fz_closed {
    char sub_mchid[36], currency[4];
    int day; /* on which it was accepted */
    int64_t refund, fee;
};

/* By sub-merchant, settlement currency and day: of unmarked orders pay, refund and fee; of marked ones the rest. */
struct fz_settle_sums {
    const struct fz_inputs *inputs;
    struct fz_totals totals[FZ_SETTLED_COUNT]; /* each in `here` */
    struct fz_closed closed[FZ_CLOSED_MAX];
    size_t closed_count;
    struct fz_trouble *trouble;
};

/* All that the bills and records have of one order. */
FZ_MUST_CHECK enum fz_result fz_settle_add_order(struct fz_settle_sums *sums, const struct fz_group *order);
void fz_settle_sums_done(struct fz_settle_sums *sums);
/* The day in a bill's name; FZ_NO_DAY: none. */
int fz_day_in_name(const char *name);

#endif
