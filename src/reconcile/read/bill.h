/* The lines of bills as items. */
#ifndef FZ_RECONCILE_READ_BILL_H
#define FZ_RECONCILE_READ_BILL_H

#include "reconcile/place/spool.h"
#include "reconcile/read/input.h"
#include "reconcile/read/range.h"

/* Beijing days of the lines so far; first > last: there were none. */
struct fz_covered {
    atomic_int first, last;
};

/* What is the same for all threads that read. */
struct fz_reading {
    struct fz_inputs *inputs;
    struct fz_trouble *trouble;
    struct fz_spool *spool;
    bool by_platform_no[3];    /* which number of each family places an item */
    bool wants_payments;       /* of the statement */
    bool by_order;             /* lines are placed by their orders, to see which of those are marked */
    struct fz_covered days[3]; /* of each kind of bill */
    atomic_uint_fast64_t done; /* bytes */
};

/* Opens the file as such a bill, and cuts it into pieces. */
FZ_MUST_CHECK enum fz_result fz_bill_input(struct fz_inputs *inputs, enum fz_input_kind kind, const char *path,
                                           struct fz_trouble *trouble);
/* The piece's lines into the spool: of a window, if there is a range, those that lie in it. FZ_REFUSED: the input is not
 * sorted. */
FZ_MUST_CHECK enum fz_result fz_bill_piece(struct fz_reading *reading, size_t piece, const struct fz_range *range,
                                           struct fz_block *block, struct fz_pen *pen);

/* The number that places the draft, and its hash. */
void fz_reading_place(const struct fz_reading *reading, struct fz_draft *draft);

#endif
