/* What a refund of so much gross gives back, and how much can be refunded: the rounding rule of docs/book.md,
 * in one place. Pure. */
#ifndef FZ_BOOK_ORDER_SHARE_H
#define FZ_BOOK_ORDER_SHARE_H

#include "book/money.h"
#include "book/order/payment.h"

/* What refunds took so far or take now, each as in docs/book.md. */
struct fz_share {
    int64_t gross;   /* price currency */
    int64_t settled; /* CNY */
    int64_t fee;     /* CNY, given back by the platform */
    int64_t coupon;  /* voucher, in the voucher's currency */
    int64_t payer;   /* payer currency: what the payer gets back, without vouchers */
};

/* Sets what an order comes to, S, F and payer_total, from amount, currencies, rates, voucher and fee_rate.
 * A voucher above the amount makes settled or payer_total negative: such an order has to be refused. */
void fz_share_set_totals(struct fz_payment *payment);

/* What a further refund of `gross` (0 to P - taken->gross) takes when `taken` was taken before (for a fresh
 * order: zeroed). No part is negative, none brings the taken above the order's own; the refund that reaches P
 * reaches S, F, the voucher and payer_total. Net = settled - fee. */
struct fz_share fz_share_next(const struct fz_payment *payment, const struct fz_share *taken, int64_t gross);
/* What the payment's standing refunds have taken. */
struct fz_share fz_share_taken(const struct fz_payment *payment);

/* `coupon` of a COUPON (its own currency) in CNY, at most S; 0 for a DISCOUNT. */
int64_t fz_share_coupon_cny(const struct fz_payment *payment, int64_t coupon);
/* How much of share->settled goes back to who paid for the COUPON (CNY), when `share` follows on `taken` and
 * refunds that stand gave them `given` before. Cumulative like the rest: the last refund reaches
 * fz_share_coupon_cny of the whole voucher. `given` counts only where the payer paid in another currency than
 * CNY. */
int64_t fz_share_coupon_settled(const struct fz_payment *payment, const struct fz_share *taken,
                                const struct fz_share *share, int64_t given);

/* `refundable_amount` and `funds_refundable_amount` of a marked order: the largest part that its own money
 * can pay, and the rest of P. */
int64_t fz_share_refundable(const struct fz_payment *payment);
int64_t fz_share_funds_refundable(const struct fz_payment *payment);

#endif
