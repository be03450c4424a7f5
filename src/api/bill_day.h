/* Which day's bill can be had when: the rule of bills and statements. */
#ifndef FZ_API_BILL_DAY_H
#define FZ_API_BILL_DAY_H

#include "api/endpoint.h"

/* For `check`: a day that has not come is a fault of the query's parameter `name`. */
FZ_MUST_CHECK enum fz_result fz_bill_day_has_come(const struct fz_call *call, const char *name,
                                                  const char *value, int day);
/* For `work`: the day is over since 10:00 (FZ_BILL_CREATING), and not more than `kept_days` back (`too_old`).
 */
FZ_MUST_CHECK enum fz_result fz_bill_day_can_be_had(const struct fz_tx *tx, int day, int kept_days,
                                                    enum fz_row too_old);

#endif
