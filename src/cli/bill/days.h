/* Days, as they are named in an argument: Beijing days. */
#ifndef FZ_CLI_BILL_DAYS_H
#define FZ_CLI_BILL_DAYS_H

#include <stdbool.h>

#define FZ_DAYS_MAX 3660 /* in one range: ten years */

struct fz_days {
    int first, last; /* both belong to it; days since 1970 (base/calendar.h) */
};

/* DATE or DATE..DATE, where DATE is 2026-11-27, a month (2026-11), today or yesterday. `today` is the day that it is. False:
 * *why is what is wrong, as the end of a sentence. */
bool fz_days_read(const char *text, int today, struct fz_days *out, const char **why);

#endif
