/* A refund of the book as the API answers it. */
#ifndef FZ_API_REFUND_ANSWER_H
#define FZ_API_REFUND_ANSWER_H

#include "api/call/endpoint.h"
#include "book/refund/refund.h"
#include "spec/refund/refund.h"

/* S-RQ: so long after the order was paid; then refunds are found by merchant refund number alone. */
#define FZ_REFUND_BY_ID_MS (365 * FZ_DAY_MS)

/* A refund and what is answered of it, which borrows from the rest. */
struct fz_refund_out {
    struct fz_refund_answer answer;
    struct fz_refund refund;
    struct fz_refund_coupon coupon;
};

/* Fills the answer from `out->refund`. The states' words depend on the prefix that was called. */
void fz_refund_answer(struct fz_refund_out *out, bool old_spelling);
/* The same of a refund that lies elsewhere: the answer borrows from both. */
void fz_refund_describe(const struct fz_refund *refund, bool old_spelling, struct fz_refund_coupon *coupon,
                        struct fz_refund_answer *out);

/* The parts that the answer to a submission has too. */
struct fz_refund_amount fz_refund_amount_of(const struct fz_refund *refund);
/* The voucher's share, written to `coupon`; NULL: the order had no voucher. */
struct fz_refund_coupon *fz_refund_coupon_of(const struct fz_refund *refund, struct fz_refund_coupon *coupon);

#endif
