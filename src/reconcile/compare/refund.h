/* The rules by which a refund on the bills is compared with its records. */
#ifndef FZ_RECONCILE_COMPARE_REFUND_H
#define FZ_RECONCILE_COMPARE_REFUND_H

#include "reconcile/compare/difference.h"

/* A group of refunds: fz_on_group. */
FZ_MUST_CHECK enum fz_result fz_refund_compare(struct fz_comparing *comparing, struct fz_group *group);
/* Of one that is on no refund bill: what its record says, and its days, tell which kind it is. */
FZ_MUST_CHECK enum fz_result fz_unbilled_compare(struct fz_comparing *comparing, const struct fz_group *group,
                                                 const struct fz_rows *rows);
/* The rows of the records as one: several that have a source each are added up, several that have the whole are doubles.
 * `whole` is what the bill says; without a bill (`has_whole` false) the first row's amount. */
void fz_rows_of(const struct fz_group *group, bool has_whole, int64_t whole, struct fz_rows *out);

enum fz_record_state { FZ_RECORD_SUCCESS, FZ_RECORD_CLOSED, FZ_RECORD_PROCESSING, FZ_RECORD_OTHER };
/* An empty status is SUCCESS if there is a time of it, or nothing at all that says otherwise. */
enum fz_record_state fz_record_state(const struct fz_item *record);

bool fz_days_have(const struct fz_days *days, int day);

#endif
