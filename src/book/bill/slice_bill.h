/* The slices of a distribution bill. */
#ifndef FZ_BOOK_BILL_SLICE_BILL_H
#define FZ_BOOK_BILL_SLICE_BILL_H

#include "book/distribution/distribution.h"

/* A line of the distribution bill. */
struct fz_slice_line {
    const struct fz_slice *slice;
    const char *caller, *sub_mchid, *transaction_id, *order_id, *out_order_no;
    enum fz_distribution_kind kind;
    int64_t accepted_ms;
};
FZ_MUST_CHECK enum fz_result fz_slice_bill_exists(struct fz_tx *tx, const char *caller, const char *sub_mchid,
                                                  int day, bool *out);
/* Goes along the slices that succeeded on `day` as fz_refund_bill_each goes along refunds. */
FZ_MUST_CHECK enum fz_result fz_slice_bill_each(struct fz_tx *tx, const char *caller, const char *sub_mchid,
                                                int day, int64_t after, int64_t limit,
                                                enum fz_result (*each)(void *argument,
                                                                       const struct fz_slice_line *),
                                                void *argument, int64_t *last, int64_t *count);

#endif
