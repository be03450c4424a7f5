/* A lab's refunds, slices and trades as the lines of bills. */
#ifndef FZ_LAB_LINES_H
#define FZ_LAB_LINES_H

#include "lab/day_file.h"
#include "lab/story.h"

/* Into the bill of the day that it arrived on, if there is one. */
FZ_MUST_CHECK enum fz_result fz_lab_bill_refund(struct fz_lab_day_files *files, const struct fz_lab_plan *plan,
                                                const struct fz_lab_order *order, const struct fz_lab_refund *refund);
/* The slices of an order, into the bill of the day on which they succeeded. */
FZ_MUST_CHECK enum fz_result fz_lab_bill_slices(struct fz_lab_day_files *files, const struct fz_lab_plan *plan,
                                                const struct fz_lab_order *order);
/* Into the statement of the day on which it was paid, or accepted, if that day has one. */
FZ_MUST_CHECK enum fz_result fz_lab_state_payment(struct fz_lab_day_files *files, const struct fz_lab_order *order);
FZ_MUST_CHECK enum fz_result fz_lab_state_refund(struct fz_lab_day_files *files, const struct fz_lab_order *order,
                                                 const struct fz_lab_refund *refund);

#endif
