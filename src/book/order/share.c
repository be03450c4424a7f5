/* The rounding rule of docs/book.md: what a part of an order gives back, and how much of it can be given
 * back. */
#include "book/order/share.h"

#include <string.h>

static int64_t at_least_0(int64_t amount)
{
    return amount > 0 ? amount : 0;
}

/* What the price-currency amount `price` is in CNY. Where the payer paid CNY, what was paid says so. */
static int64_t price_in_cny(const struct fz_payment *payment, int64_t price)
{
    if (fz_is_cny(payment->currency))
        return price;
    int64_t rate = fz_is_cny(payment->payer_currency) ? payment->payment_rate : payment->settlement_rate;
    return fz_to_cny(price, fz_currency_find(payment->currency), rate);
}

/* The same amount, `price` or `cny`, in the payer's currency: one of the two currencies is CNY, or they are
 * the same. */
static int64_t worth_to_payer(const struct fz_payment *payment, int64_t price, int64_t cny)
{
    if (strcmp(payment->currency, payment->payer_currency) == 0)
        return price;
    if (fz_is_cny(payment->payer_currency))
        return cny;
    return fz_from_cny(cny, fz_currency_find(payment->payer_currency), payment->payment_rate);
}

void fz_share_set_totals(struct fz_payment *payment)
{
    bool discount = payment->coupon.type == FZ_COUPON_DISCOUNT;
    int64_t price = payment->amount - (discount ? payment->coupon.amount : 0);
    payment->settled = price_in_cny(payment, price);
    payment->fee = fz_fee(payment->settled, payment->fee_rate);
    payment->payer_total = worth_to_payer(payment, price, payment->settled);
    if (payment->coupon.type == FZ_COUPON_COUPON)
        payment->payer_total -= payment->coupon.amount;
}

/* A * R / P, rounded down: what the voucher gave back once `refunded` is refunded. */
static int64_t voucher_at(const struct fz_payment *payment, int64_t refunded)
{
    return (int64_t)((__int128)payment->coupon.amount * refunded / payment->amount);
}

/* B(R) = (2 * F * s(R) + S) / 2S, rounded down: what the platform gave back of its fee once `settled` is
 * refunded. */
static int64_t fee_at(const struct fz_payment *payment, int64_t settled)
{
    __int128 whole = payment->settled;
    if (whole == 0) /* the voucher paid for all of it */
        return 0;
    return (int64_t)((2 * (__int128)payment->fee * settled + whole) / (2 * whole));
}

/* Two share `whole`. The first gets
 *     min(whole, max(due, 0, whole - other_left))
 * which is what is due to it, unless the other one, who gets the rest, would then get more than
 * `other_left`: all that it gave and has not got back. So neither ever gets more than it gave; and the
 * last refund, when `whole` is what both have left, leaves nothing open, whatever was closed in between. */
static int64_t split(int64_t whole, int64_t due, int64_t other_left)
{
    int64_t least = at_least_0(whole - other_left);
    if (due < least)
        return least;
    return due < whole ? due : whole;
}

struct fz_share fz_share_next(const struct fz_payment *payment, const struct fz_share *taken, int64_t gross)
{
    struct fz_share share = {.gross = gross};
    if (gross == 0)
        return share;
    const struct fz_coupon *coupon = &payment->coupon;
    int64_t refunded = taken->gross + gross, price = refunded, paid_before = taken->payer;
    int64_t voucher_due = voucher_at(payment, refunded) - taken->coupon;
    if (coupon->type == FZ_COUPON_DISCOUNT) {
        int64_t priced_left = payment->amount - coupon->amount - (taken->gross - taken->coupon);
        share.coupon = split(gross, voucher_due, priced_left);
        price -= taken->coupon + share.coupon;
    } else {
        paid_before += taken->coupon;
    }

    share.settled = at_least_0(price_in_cny(payment, price) - taken->settled);
    int64_t settled = taken->settled + share.settled;
    int64_t net_left = payment->settled - payment->fee - (taken->settled - taken->fee);
    share.fee = split(share.settled, fee_at(payment, settled) - taken->fee, net_left);

    share.payer = at_least_0(worth_to_payer(payment, price, settled) - paid_before);
    if (coupon->type == FZ_COUPON_COUPON) {
        share.coupon = split(share.payer, voucher_due, payment->payer_total - taken->payer);
        share.payer -= share.coupon;
    }
    return share;
}

struct fz_share fz_share_taken(const struct fz_payment *payment)
{
    return (struct fz_share){.gross = payment->refunded,
                             .settled = payment->refunded_settled,
                             .fee = payment->refunded_fee,
                             .coupon = payment->refunded_coupon,
                             .payer = payment->refunded_payer};
}

int64_t fz_share_coupon_cny(const struct fz_payment *payment, int64_t coupon)
{
    if (payment->coupon.type != FZ_COUPON_COUPON || fz_is_cny(payment->payer_currency))
        return payment->coupon.type == FZ_COUPON_COUPON ? coupon : 0;
    int64_t rate = fz_is_cny(payment->currency) ? payment->payment_rate : payment->settlement_rate;
    int64_t worth = fz_to_cny(coupon, fz_currency_find(payment->payer_currency), rate);
    return worth < payment->settled ? worth : payment->settled;
}

int64_t fz_share_coupon_settled(const struct fz_payment *payment, const struct fz_share *taken,
                                const struct fz_share *share, int64_t given)
{
    if (payment->coupon.type != FZ_COUPON_COUPON || fz_is_cny(payment->payer_currency))
        return payment->coupon.type == FZ_COUPON_COUPON ? share->coupon : 0;
    int64_t due = fz_share_coupon_cny(payment, taken->coupon + share->coupon) - given;
    int64_t payers = payment->settled - fz_share_coupon_cny(payment, payment->coupon.amount);
    return split(share->settled, due, payers - (taken->settled - given));
}

static int64_t net_of(const struct fz_payment *payment, const struct fz_share *taken, int64_t gross)
{
    struct fz_share share = fz_share_next(payment, taken, gross);
    return share.settled - share.fee;
}

int64_t fz_share_refundable(const struct fz_payment *payment)
{
    struct fz_share taken = fz_share_taken(payment);
    int64_t enough = 0, most = payment->amount - payment->refunded;
    if (net_of(payment, &taken, most) <= payment->distributable)
        return most;
    /* The net never falls as the part grows: `enough` can be paid, `most` cannot. */
    while (most - enough > 1) {
        int64_t middle = enough + (most - enough) / 2;
        if (net_of(payment, &taken, middle) <= payment->distributable)
            enough = middle;
        else
            most = middle;
    }
    return enough;
}

int64_t fz_share_funds_refundable(const struct fz_payment *payment)
{
    return payment->amount - payment->refunded - fz_share_refundable(payment);
}
