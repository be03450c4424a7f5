/* What a lab is to come to: its days, and how many refunds of which sort come one behind the other.
 *
 * Refunds are numbered as they are accepted, and so are the parts of the story:
 *
 *     old        arrived before the first bill: they are in the records, and nothing can be said of them
 *     before     day_boundary at the first bill's edge: arrived the evening before, which is that day elsewhere
 *     stuck      status: accepted on the first day, and still on their way
 *     body       spread evenly over the days; the first and the last of them are what makes those days' bills
 *     after      day_boundary at the last bill's edge, the same way round
 *     late       not_yet_due */
#ifndef FZ_LAB_PLAN_H
#define FZ_LAB_PLAN_H

#include "lab/lab.h"

enum fz_lab_part { FZ_LAB_OLD, FZ_LAB_BEFORE, FZ_LAB_STUCK, FZ_LAB_BODY, FZ_LAB_AFTER, FZ_LAB_LATE, FZ_LAB_PART_COUNT };

struct fz_lab_plan {
    const struct fz_lab_options *with;
    int first, last;             /* Beijing days of the bills */
    int active[FZ_LAB_DAYS_MAX]; /* those that have refunds, in order */
    int active_count;
    int64_t part[FZ_LAB_PART_COUNT];  /* refunds of each */
    int64_t plant[FZ_LAB_KIND_COUNT]; /* those in the body */
    int64_t wanted;                   /* refunds of the body that they take */
};

/* `with` has at least fz_lab_needed refunds. */
void fz_lab_plan_make(const struct fz_lab_options *with, struct fz_lab_plan *out);
/* The first day with refunds that is not before `day`; the last day if there is none. */
int fz_lab_active_from(const struct fz_lab_plan *plan, int day);
/* How many refunds of the story come before that part. */
int64_t fz_lab_before(const struct fz_lab_plan *plan, enum fz_lab_part part);

#endif
