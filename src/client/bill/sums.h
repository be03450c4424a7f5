/* The sums of a bill's details, held against its summary: what is cut, or changed, does not add up. */
#ifndef FZ_CLIENT_BILL_SUMS_H
#define FZ_CLIENT_BILL_SUMS_H

#include "base/result.h"
#include "spec/bill/lines.h"
#include "spec/bill/read.h"

#define FZ_BILL_CURRENCIES_MAX 64 /* that a file can be settled in: the vendor has 38 */
#define FZ_BILL_SUMS_MAX       6

/* Of one settlement currency. */
struct fz_bill_sum {
    char currency[8];
    size_t line;                     /* of its summary; 0: none yet */
    int64_t rows[FZ_BILL_SUMS_MAX];  /* added up */
    int64_t told[FZ_BILL_SUMS_MAX];  /* by the summary */
};
struct fz_bill_sums {
    struct fz_bill_sum list[FZ_BILL_CURRENCIES_MAX];
    size_t count;
    bool has_rows; /* of details */
};

/* Adds a line of the details, or keeps one of the summary. FZ_MALFORMED: the sums are beyond what a number holds, a currency
 * has two summaries, or there are too many. */
FZ_MUST_CHECK enum fz_result fz_bill_sums_add(struct fz_bill_sums *sums, enum fz_bill_kind kind, enum fz_bill_part part,
                                              const void *values, size_t number, struct fz_bill_fault *fault);
/* The members of a line of details that a sum is made of, or goes by: their offsets. Gives how many. */
#define FZ_BILL_SUMMED_MAX (FZ_BILL_SUMS_MAX + 2)
size_t fz_bill_sums_members(enum fz_bill_kind kind, size_t offsets[FZ_BILL_SUMMED_MAX]);
/* What the details of the currency at `place` add up to, as the summary would have it. What no sum is made of is 0, and the count
 * of refunds of a refund bill -1: it is not known. */
void fz_bill_sums_write(const struct fz_bill_sums *sums, enum fz_bill_kind kind, size_t place, void *summary);
/* By the two header lines: a column that one of them lacks is not compared. */
FZ_MUST_CHECK enum fz_result fz_bill_sums_check(const struct fz_bill_sums *sums, enum fz_bill_kind kind,
                                                const struct fz_bill_heading headings[2], struct fz_bill_fault *fault);

#endif
