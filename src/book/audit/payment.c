/* A payment: by itself, and against the sums of its distributions and refunds. */
#include <string.h>

#include "base/calendar.h"
#include "book/audit/parts.h"
#include "book/order/share.h"

/* Docs/book.md, invariant 5: S, F and payer_total follow from what was ordered. */
static void check_settled(struct fz_audit_run *run, struct fz_audit_subject subject,
                          const struct fz_payment *payment)
{
    struct fz_payment due = *payment;
    fz_share_set_totals(&due);
    const char *order = "from the order follows";
    fz_audit_same(run, subject, "settled", payment->settled, order, due.settled);
    fz_audit_same(run, subject, "fee", payment->fee, order, due.fee);
    fz_audit_same(run, subject, "payer_total", payment->payer_total, order, due.payer_total);
}

/* An order that is not paid holds no money. */
static void check_unpaid(struct fz_audit_run *run, struct fz_audit_subject subject,
                         const struct fz_payment *payment)
{
    fz_audit_true(run, subject, "it is not paid, and has money",
                  payment->settled == 0 && payment->fee == 0 && payment->payer_total == 0 &&
                      payment->funds_state == FZ_FUNDS_NONE && payment->success_ms == 0);
}

static void check_state(struct fz_audit_run *run, struct fz_audit_subject subject,
                        const struct fz_payment *payment)
{
    fz_audit_true(run, subject, "it is paid without a time", payment->success_ms != 0);
    fz_audit_true(run, subject, "it is marked and its funds have no state, or the other way round",
                  payment->marked == (payment->funds_state != FZ_FUNDS_NONE));
    fz_audit_true(run, subject, "it has a voucher without an amount, or the other way round",
                  (payment->coupon.type != FZ_COUPON_NONE) == (payment->coupon.amount != 0));
    fz_audit_true(run, subject, "it is marked and not priced in CNY",
                  !payment->marked || strcmp(payment->currency, "CNY") == 0);
}

static void check_refunded(struct fz_audit_run *run, struct fz_audit_subject subject,
                           const struct fz_payment *payment, const struct fz_audit_sums *sums)
{
    const char *refunds = "its refunds come to";
    fz_audit_same(run, subject, "refunded", payment->refunded, refunds, sums->gross);
    fz_audit_same(run, subject, "refunded_settled", payment->refunded_settled, refunds, sums->settled);
    fz_audit_same(run, subject, "refunded_fee", payment->refunded_fee, refunds, sums->fee);
    fz_audit_same(run, subject, "refunded_coupon", payment->refunded_coupon, refunds, sums->coupon);
    fz_audit_same(run, subject, "refunded_payer", payment->refunded_payer, refunds, sums->payer);
    fz_audit_same(run, subject, "refund_count", payment->refund_count, refunds, sums->refunds);
    fz_audit_same(run, subject, "last_refund_ms", payment->last_refund_ms, "its last one is of",
                  sums->last_refund_ms);
}

/* Never more back than there was; all of it once the order is refunded. */
static void check_bounds(struct fz_audit_run *run, struct fz_audit_subject subject,
                         const struct fz_payment *payment, const struct fz_audit_sums *sums)
{
    const struct {
        const char *name;
        int64_t back, whole;
    } amounts[] = {
        {"refunded", sums->gross, payment->amount},
        {"refunded_settled", sums->settled, payment->settled},
        {"refunded_fee", sums->fee, payment->fee},
        {"refunded_coupon", sums->coupon, payment->coupon.amount},
        {"refunded_payer", sums->payer, payment->payer_total},
        {"coupon_settled", sums->coupon_settled, fz_share_coupon_cny(payment, payment->coupon.amount)},
    };
    bool all = sums->gross == payment->amount;
    for (size_t i = 0; i < sizeof amounts / sizeof amounts[0]; i++)
        if (amounts[i].back > amounts[i].whole || (all && amounts[i].back < amounts[i].whole))
            fz_audit_find(run, "%s %s: %s comes to %lld, where a full refund gives back %lld", subject.noun,
                          subject.number, amounts[i].name, (long long)amounts[i].back,
                          (long long)amounts[i].whole);
}

/* Docs/book.md, invariant 2. */
static void check_funds(struct fz_audit_run *run, struct fz_audit_subject subject,
                        const struct fz_payment *payment, const struct fz_audit_sums *sums)
{
    int64_t left = payment->settled - payment->fee - (sums->shared - sums->returned) - sums->own_net;
    fz_audit_same(run, subject, "distributable", payment->distributable, "what is left is",
                  payment->marked ? left : 0);
    fz_audit_same(run, subject, "to_receivers", payment->to_receivers, "its slices come to",
                  sums->to_receivers);
    fz_audit_same(run, subject, "distribution_count", payment->distribution_count, "its distributions are",
                  sums->requests);
}

/* Docs/book.md, invariant 11. The state here is the stored one. */
static void check_reversed(struct fz_audit_run *run, struct fz_audit_subject subject,
                           const struct fz_payment *payment, const struct fz_audit_sums *sums)
{
    bool by_code = fz_payment_is_by_code(payment), reversed = payment->revoked_ms != 0;
    fz_audit_true(run, subject, "it is reversed and was not paid by code", by_code || !reversed);
    fz_audit_true(run, subject, "it was paid by code and is closed without being reversed",
                  !by_code || reversed || payment->state != FZ_PAYMENT_CLOSED);
    fz_audit_true(run, subject, "it is reversed and still open",
                  !reversed || payment->state != FZ_PAYMENT_NOTPAY);
    if (!reversed || payment->state != FZ_PAYMENT_SUCCESS)
        return;
    fz_audit_true(run, subject, "it was reversed, and not all of it was given back in one refund",
                  sums->refunds == 1 && sums->gross == payment->amount);
    fz_audit_same(run, subject, "revoked_ms", payment->revoked_ms, "its refund is of", sums->last_refund_ms);
    /* No day is told of a time that is none. */
    bool later = payment->success_ms > 0 && payment->revoked_ms >= payment->success_ms &&
                 payment->revoked_ms <= INT64_MAX / 2;
    fz_audit_true(run, subject, "it was reversed on another day than it was paid",
                  later && fz_day_of(payment->revoked_ms) == fz_day_of(payment->success_ms));
}

static void tally_entry(struct fz_audit_run *run, const struct fz_payment *payment)
{
    struct fz_entry entry;
    int64_t time_ms;
    if (fz_audit_expect_payment(payment, &entry, &time_ms))
        fz_audit_tally(run, &entry, time_ms);
    run->rows_cny[FZ_ACCOUNT_ORDER] += payment->distributable;
    run->rows_cny[FZ_ACCOUNT_FEE] += payment->fee - payment->refunded_fee;
}

/* Whether all amounts are such as can be calculated with; what is not is taken down. */
static bool is_in_range(struct fz_audit_run *run, struct fz_audit_subject subject,
                        const struct fz_audit_order *order)
{
    const struct fz_payment *payment = &order->payment;
    const struct {
        const char *name;
        int64_t amount;
    } amounts[] = {{"settled", payment->settled},
                   {"fee", payment->fee},
                   {"payer_total", payment->payer_total},
                   {"distributable", payment->distributable},
                   {"refunded_fee", payment->refunded_fee}};
    bool all = order->is_sane;
    fz_audit_true(run, subject, "a currency, a rate or an amount is none that an order can have",
                  order->is_sane);
    for (size_t i = 0; i < sizeof amounts / sizeof amounts[0]; i++)
        all = fz_audit_range(run, subject, amounts[i].name, amounts[i].amount) && all;
    return all;
}

enum fz_result fz_audit_payment(struct fz_audit_run *run, const struct fz_audit_order *order)
{
    const struct fz_payment *payment = &order->payment;
    const struct fz_audit_sums *sums = &order->sums;
    struct fz_audit_subject subject = {payment->transaction_id[0] != '\0' ? "payment" : "order",
                                       fz_audit_payment_number(payment)};
    run->out->payments++;
    enum fz_result result = fz_audit_merchant(run, subject, payment->caller);
    if (result == FZ_OK && payment->sub_mchid[0] != '\0')
        result = fz_audit_merchant(run, subject, payment->sub_mchid);
    if (result != FZ_OK || !is_in_range(run, subject, order))
        return result;
    check_refunded(run, subject, payment, sums);
    check_funds(run, subject, payment, sums);
    check_reversed(run, subject, payment, sums);
    if (payment->state != FZ_PAYMENT_SUCCESS) {
        check_unpaid(run, subject, payment);
        return FZ_OK;
    }
    check_state(run, subject, payment);
    check_settled(run, subject, payment);
    check_bounds(run, subject, payment, sums);
    tally_entry(run, payment);
    return FZ_OK;
}
