/* An order of the book as the API answers it. */
#ifndef FZ_API_ORDER_ANSWER_H
#define FZ_API_ORDER_ANSWER_H

#include "api/call/endpoint.h"
#include "spec/order/order.h"

/* An order and what is answered of it, which borrows from the rest. */
struct fz_order_out {
    struct fz_order_answer answer;
    struct fz_payment payment;
    struct fz_order_coupon coupon;
};

/* Fills the answer from `out->payment`. */
void fz_order_answer(struct fz_order_out *out);
/* The same of a payment that lies elsewhere: the answer borrows from it, and the voucher lies in `coupon`. */
void fz_order_describe(const struct fz_payment *payment, struct fz_order_coupon *coupon,
                       struct fz_order_answer *out);

#endif
