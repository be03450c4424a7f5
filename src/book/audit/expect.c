/* The journal as the rows call for it, entry by entry after docs/book.md: written apart from the code that
 * books. */
#include <string.h>

#include "book/audit/parts.h"
#include "book/order/share.h"

/* 0.00001 to 1 000 CNY for one unit: any amount of a row, converted, stays in 64 bits. */
#define RATE_MIN INT64_C(1000)
#define RATE_MAX (1000 * FZ_RATE_ONE)

/* A posting in CNY, or in a price's currency, that concerns an order. The day is checked with the journal. */
static void expect(struct fz_entry *entry, enum fz_account account, const char *owner, int64_t payment,
                   const char *currency, int64_t amount)
{
    fz_entry_post(entry, account, owner, payment, FZ_NO_DAY, currency, amount);
}

bool fz_audit_is_sane_rate(const char *currency, int64_t rate)
{
    return fz_currency_find(currency) != NULL && rate >= RATE_MIN && rate <= RATE_MAX;
}

bool fz_audit_is_sane_payment(const struct fz_payment *payment)
{
    const char *price = payment->currency, *payers = payment->payer_currency;
    bool one_is_cny = strcmp(price, "CNY") == 0 || strcmp(payers, "CNY") == 0;
    return fz_currency_find(price) != NULL && fz_audit_is_sane_rate(payers, payment->payment_rate) &&
           fz_audit_is_sane_rate(payment->settlement_currency, payment->settlement_rate) &&
           (one_is_cny || strcmp(price, payers) == 0) && payment->amount > 0 &&
           payment->amount <= FZ_AMOUNT_MAX && payment->fee_rate >= 0 && payment->fee_rate <= 10000 &&
           payment->coupon.amount >= 0 && payment->coupon.amount <= FZ_AMOUNT_MAX;
}

static bool is_amount(int64_t amount)
{
    return amount >= 0 && amount <= FZ_AUDIT_AMOUNT_MAX;
}

bool fz_audit_expect_payment(const struct fz_payment *payment, struct fz_entry *out, int64_t *time_ms)
{
    const char *owner = payment->caller;
    int64_t id = payment->id, voucher = payment->coupon.amount;
    fz_entry_begin(out, FZ_ENTRY_PAID, id);
    if (payment->state != FZ_PAYMENT_SUCCESS || !fz_audit_is_sane_payment(payment) ||
        !is_amount(payment->settled) || !is_amount(payment->fee))
        return false;
    int64_t coupon = fz_share_coupon_cny(payment, voucher);
    expect(out, FZ_ACCOUNT_PAYER, owner, id, "CNY", -(payment->settled - coupon));
    expect(out, FZ_ACCOUNT_PROMOTION, owner, id, "CNY", -coupon);
    expect(out, FZ_ACCOUNT_FEE, owner, id, "CNY", payment->fee);
    expect(out, payment->marked ? FZ_ACCOUNT_ORDER : FZ_ACCOUNT_SALES, owner, id, "CNY",
           payment->settled - payment->fee);
    if (payment->coupon.type == FZ_COUPON_DISCOUNT) {
        expect(out, FZ_ACCOUNT_DISCOUNT, owner, id, payment->currency, -voucher);
        expect(out, FZ_ACCOUNT_WAIVED, owner, id, payment->currency, voucher);
    }
    *time_ms = payment->success_ms;
    return out->count > 0;
}

static enum fz_account account_of(const struct fz_slice *slice)
{
    if (slice->result == FZ_SLICE_CLOSED)
        return FZ_ACCOUNT_ORDER;
    return slice->to_sponsor ? FZ_ACCOUNT_OUTBOUND : FZ_ACCOUNT_RECEIVER;
}

bool fz_audit_expect_distribution(const struct fz_distribution *distribution, enum fz_entry_kind kind,
                                  struct fz_entry *out, int64_t *time_ms)
{
    const char *owner = distribution->caller;
    int64_t payment = distribution->payment, sum = 0;
    bool finished = kind == FZ_ENTRY_DISTRIBUTION_FINISHED;
    fz_entry_begin(out, kind, distribution->id);
    if (finished && distribution->state != FZ_DISTRIBUTION_FINISHED)
        return false;
    for (size_t i = 0; i < distribution->count; i++) {
        const struct fz_slice *slice = &distribution->slices[i];
        if (!is_amount(slice->amount))
            return false;
        sum += slice->amount;
        if (finished)
            expect(out, account_of(slice), owner, payment, "CNY", slice->amount);
    }
    if (!finished)
        expect(out, FZ_ACCOUNT_ORDER, owner, payment, "CNY", -sum);
    expect(out, FZ_ACCOUNT_SHARING, owner, payment, "CNY", finished ? -sum : sum);
    *time_ms =
        finished && distribution->count > 0 ? distribution->slices[0].finished_ms : distribution->created_ms;
    return out->count > 0;
}

/* What a refund takes from its sources: the entry of its acceptance, and with `sign` -1 of its closing. */
static void expect_drawing(const struct fz_refund *refund, int sign, struct fz_entry *out)
{
    const char *owner = refund->caller;
    int64_t id = refund->payment;
    enum fz_account own = refund->marked ? FZ_ACCOUNT_ORDER : FZ_ACCOUNT_SALES;
    if (refund->fund_source == FZ_SOURCE_RECHARGE) {
        const char *currency = refund->settlement_currency;
        own = FZ_ACCOUNT_CONVERSION;
        expect(out, FZ_ACCOUNT_RECHARGED, owner, id, currency, -sign * refund->recharged);
        expect(out, FZ_ACCOUNT_CONVERSION, owner, id, currency, sign * refund->recharged);
    }
    int64_t fees = refund->own.fee + refund->funds.fee;
    expect(out, FZ_ACCOUNT_REFUNDING, owner, id, "CNY", sign * (refund->settled - refund->coupon_settled));
    expect(out, FZ_ACCOUNT_REFUNDING, owner, id, "CNY", sign * refund->coupon_settled);
    expect(out, own, owner, id, "CNY", -sign * refund->own.net);
    expect(out, FZ_ACCOUNT_OUTBOUND, owner, id, "CNY", -sign * refund->funds.net);
    expect(out, FZ_ACCOUNT_FEE, owner, id, "CNY", -sign * fees);
    if (refund->coupon.type == FZ_COUPON_DISCOUNT) {
        expect(out, FZ_ACCOUNT_WAIVED, owner, id, refund->currency, -sign * refund->coupon_refund);
        expect(out, FZ_ACCOUNT_DISCOUNT, owner, id, refund->currency, sign * refund->coupon_refund);
    }
}

static void expect_arrival(const struct fz_refund *refund, struct fz_entry *out)
{
    const char *owner = refund->caller;
    int64_t id = refund->payment;
    expect(out, FZ_ACCOUNT_REFUNDING, owner, id, "CNY", -(refund->settled - refund->coupon_settled));
    expect(out, FZ_ACCOUNT_REFUNDING, owner, id, "CNY", -refund->coupon_settled);
    expect(out, FZ_ACCOUNT_PAYER, owner, id, "CNY", refund->settled - refund->coupon_settled);
    expect(out, FZ_ACCOUNT_PROMOTION, owner, id, "CNY", refund->coupon_settled);
}

static bool is_sane_refund(const struct fz_refund *refund)
{
    return is_amount(refund->settled) && is_amount(refund->coupon_settled) &&
           is_amount(refund->coupon_refund) && is_amount(refund->own.fee) && is_amount(refund->own.net) &&
           is_amount(refund->funds.fee) && is_amount(refund->funds.net) && is_amount(refund->recharged);
}

bool fz_audit_expect_refund(const struct fz_refund *refund, enum fz_entry_kind kind, struct fz_entry *out,
                            int64_t *time_ms)
{
    fz_entry_begin(out, kind, refund->id);
    if (!is_sane_refund(refund))
        return false;
    if (kind == FZ_ENTRY_REFUND_ACCEPTED) {
        expect_drawing(refund, 1, out);
        *time_ms = refund->created_ms;
    } else if (kind == FZ_ENTRY_REFUND_ARRIVED && refund->state == FZ_REFUND_SUCCESS) {
        expect_arrival(refund, out);
        *time_ms = refund->success_ms;
    } else if (kind == FZ_ENTRY_REFUND_CLOSED && refund->state == FZ_REFUND_CLOSED) {
        expect_drawing(refund, -1, out);
        *time_ms = refund->closed_ms;
    }
    return out->count > 0;
}

bool fz_audit_expect_recharge(const struct fz_audit_recharge *recharge, struct fz_entry *out,
                              int64_t *time_ms)
{
    fz_entry_begin(out, FZ_ENTRY_RECHARGED, recharge->id);
    expect(out, FZ_ACCOUNT_BANK, recharge->mchid, 0, recharge->currency, -recharge->amount);
    expect(out, FZ_ACCOUNT_RECHARGED, recharge->mchid, 0, recharge->currency, recharge->amount);
    *time_ms = recharge->created_ms;
    return is_amount(recharge->amount) && out->count > 0;
}
