/* Which day's bill can be had when: the rule of bills and statements. */
#ifndef FZ_API_BILL_DAY_H
#define FZ_API_BILL_DAY_H

#include "api/call/endpoint.h"

/* For `work`, before all else: a day that has not come is a fault of the query's parameter `name`. Not for `check`: another process may have
 * moved the clock, which this one learns by the transaction. */
FZ_MUST_CHECK enum fz_result fz_bill_day_has_come(const struct fz_tx *tx, const char *name, const char *value, int day);
/* Whether a bill of `day` can still be had `today`. */
bool fz_bill_is_kept(enum fz_bill_sort kind, int day, int today);
/* For `work`: the day is over since 10:00 (FZ_BILL_CREATING), and its bill is kept (FZ_BILL_TOO_OLD,
 * FZ_STATEMENT_TOO_OLD). */
FZ_MUST_CHECK enum fz_result fz_bill_day_can_be_had(const struct fz_tx *tx, enum fz_bill_sort kind, int day);

#endif
