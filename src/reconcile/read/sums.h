/* The sums of a bill's details, held against its summary: a file that is cut at a line's end looks whole but for them. */
#ifndef FZ_RECONCILE_READ_SUMS_H
#define FZ_RECONCILE_READ_SUMS_H

#include "reconcile/read/input.h"
#include "spec/bill/read.h"

#define FZ_SUMMED_MAX     5
#define FZ_CURRENCIES_MAX 64 /* that a file can be settled in: the vendor has 38 */

/* Of one settlement currency. What is beyond 64 bits goes round, on both sides. */
struct fz_input_sum {
    char currency[4]; /* "": none is named */
    uint64_t rows[FZ_SUMMED_MAX], told[FZ_SUMMED_MAX];
};
struct fz_input_sums {
    struct fz_input_sum list[FZ_CURRENCIES_MAX];
    size_t count;
    const struct fz_column *told[FZ_SUMMED_MAX]; /* the summary's column; NULL: it has none that is known */
};

/* Adds a line that was read as this item. False: it is settled in one currency too many. */
bool fz_input_sums_add(struct fz_input_sums *sums, const struct fz_item *item, struct fz_item_part settlement_currency);
/* Adds what the lines that are in `from` came to. */
bool fz_input_sums_merge(struct fz_input_sums *sums, const struct fz_input_sums *from);

/* Begins with the header line of the summary, then takes its lines. */
FZ_MUST_CHECK enum fz_result fz_input_told_begin(struct fz_input *input, const struct fz_bill_heading *heading,
                                                 struct fz_trouble *trouble);
FZ_MUST_CHECK enum fz_result fz_input_told_line(struct fz_input *input, const struct fz_bill_heading *heading, char *line,
                                                struct fz_trouble *trouble);
/* Forgets what the lines came to: they are read again. */
void fz_input_sums_again(struct fz_input *input);
/* Once all lines were read. `has_payments`: those of a statement, too. */
FZ_MUST_CHECK enum fz_result fz_input_sums_check(const struct fz_input *input, bool has_payments,
                                                 struct fz_trouble *trouble);

#endif
