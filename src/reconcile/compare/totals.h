/* What refunds come to, by sub-merchant, currency and day, here and there. */
#ifndef FZ_RECONCILE_COMPARE_TOTALS_H
#define FZ_RECONCILE_COMPARE_TOTALS_H

#include <stdint.h>

#include "base/result.h"
#include "reconcile/place/trouble.h"

struct fz_total {
    char sub_mchid[36];
    char currency[4];
    int day;
    int64_t here, there;
    uint64_t here_count, there_count;
    uint64_t unequal; /* refunds that this row has otherwise here than there */
};

/* Zero-initialise. One thread's, or all threads' once they are added. */
struct fz_totals {
    struct fz_total *list;
    size_t count;
    uint32_t *slots; /* of a table: places of the list, from 1 */
    size_t slot_count;
};

/* The row, made if there is none; NULL: memory is short. It lives until the next call. */
struct fz_total *fz_totals_of(struct fz_totals *totals, const char *sub_mchid, const char *currency, int day);
FZ_MUST_CHECK enum fz_result fz_totals_add_all(struct fz_totals *to, const struct fz_totals *from);
void fz_totals_sort(struct fz_totals *totals);
void fz_totals_done(struct fz_totals *totals);

#endif
