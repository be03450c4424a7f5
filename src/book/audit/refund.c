/* A refund: by itself, against its order, and its part of the order's sums. */
#include <string.h>

#include "base/calendar.h"
#include "base/text.h"
#include "book/audit/parts.h"
#include "book/refund/row.h"

FZ_LARGE_STATEMENT(
    audit_refunds,
    "SELECT payment, id, refund_id, caller, sub_mchid, transaction_id, out_trade_no, marked, amount, "
    "currency,"
    " payer_refund, payer_currency, rate_type, rate, coupon_type, coupon_amount, coupon_refund, settled,"
    " coupon_settled, own_gross, own_fee, own_net, funds_gross, funds_fee, funds_net, fee_rate,"
    " settlement_currency, settlement_rate, state, order_success_ms, created_ms, success_ms, bill_day,"
    " fund_source, recharged, closed_ms"
    " FROM refund WHERE payment > $1 AND payment <= $2 ORDER BY payment, id",
    "ii", "iitttttiititiiiiiiiiiiiiiitiiiiiiiii");

/* So many refunds of an order, in range, stay in 64 bits. */
#define REFUNDS_MAX 1000

/* What the row repeats of its order. */
static void check_repeated(struct fz_audit_run *run, struct fz_audit_subject subject,
                           const struct fz_payment *payment, const struct fz_refund *refund)
{
    bool same_texts = strcmp(refund->caller, payment->caller) == 0 &&
                      strcmp(refund->sub_mchid, payment->sub_mchid) == 0 &&
                      strcmp(refund->transaction_id, payment->transaction_id) == 0 &&
                      strcmp(refund->out_trade_no, payment->out_trade_no) == 0;
    fz_audit_true(run, subject, "its merchant or order number is not its order's", same_texts);
    bool same_currencies = strcmp(refund->currency, payment->currency) == 0 &&
                           strcmp(refund->payer_currency, payment->payer_currency) == 0 &&
                           strcmp(refund->settlement_currency, payment->settlement_currency) == 0;
    fz_audit_true(run, subject, "a currency of it is not its order's", same_currencies);
    fz_audit_true(run, subject, "it is marked and its order is not, or the other way round",
                  refund->marked == payment->marked);
    fz_audit_true(run, subject, "its order is not paid", payment->state == FZ_PAYMENT_SUCCESS);
    const char *order = "its order says";
    fz_audit_same(run, subject, "coupon_type", refund->coupon.type, order, payment->coupon.type);
    fz_audit_same(run, subject, "coupon_amount", refund->coupon.amount, order, payment->coupon.amount);
    fz_audit_same(run, subject, "fee_rate", refund->fee_rate, order, payment->fee_rate);
    fz_audit_same(run, subject, "settlement_rate", refund->settlement_rate, order, payment->settlement_rate);
    fz_audit_same(run, subject, "order_success_ms", refund->order_success_ms, order, payment->success_ms);
}

/* S-RQ exchange_rate. */
static void check_rate(struct fz_audit_run *run, struct fz_audit_subject subject,
                       const struct fz_payment *payment, const struct fz_refund *refund)
{
    int64_t rate = payment->payment_rate;
    bool same = strcmp(payment->currency, payment->payer_currency) == 0;
    if (same)
        rate = strcmp(payment->currency, payment->settlement_currency) == 0 ? FZ_RATE_ONE
                                                                            : payment->settlement_rate;
    fz_audit_same(run, subject, "rate_type", refund->rate_type, "its currencies call for",
                  same ? FZ_RATE_SETTLEMENT : FZ_RATE_USERPAYMENT);
    fz_audit_same(run, subject, "rate", refund->rate, "its order says", rate);
}

static bool is_in_range(struct fz_audit_run *run, struct fz_audit_subject subject,
                        const struct fz_refund *refund)
{
    const struct {
        const char *name;
        int64_t amount;
    } amounts[] = {{"amount", refund->amount},
                   {"payer_refund", refund->payer_refund},
                   {"coupon_refund", refund->coupon_refund},
                   {"settled", refund->settled},
                   {"coupon_settled", refund->coupon_settled},
                   {"own_gross", refund->own.gross},
                   {"own_fee", refund->own.fee},
                   {"own_net", refund->own.net},
                   {"funds_gross", refund->funds.gross},
                   {"funds_fee", refund->funds.fee},
                   {"funds_net", refund->funds.net},
                   {"recharged", refund->recharged}};
    bool all = true;
    for (size_t i = 0; i < sizeof amounts / sizeof amounts[0]; i++)
        all = fz_audit_range(run, subject, amounts[i].name, amounts[i].amount) && all;
    return all;
}

/* Docs/book.md, invariant 3: the parts add up. */
static void check_parts(struct fz_audit_run *run, struct fz_audit_subject subject,
                        const struct fz_refund *refund)
{
    const struct fz_refund_part *own = &refund->own, *funds = &refund->funds;
    fz_audit_same(run, subject, "amount", refund->amount, "its parts come to", own->gross + funds->gross);
    fz_audit_same(run, subject, "settled", refund->settled, "its parts come to",
                  own->fee + own->net + funds->fee + funds->net);
    fz_audit_true(run, subject, "a part of nothing has a fee or a net",
                  (own->gross > 0 || own->fee + own->net == 0) &&
                      (funds->gross > 0 || funds->fee + funds->net == 0));
    fz_audit_true(run, subject, "an unmarked order's refund has a part from the advance balance",
                  refund->marked || funds->gross == 0);
}

/* Docs/book.md, invariant 8: the recharged balance pays the net at the refund's rate, and for nobody else. */
static void check_recharged(struct fz_audit_run *run, struct fz_audit_subject subject,
                            const struct fz_refund *refund)
{
    bool from_it = refund->fund_source == FZ_SOURCE_RECHARGE;
    const char *currency = refund->settlement_currency;
    fz_audit_true(run, subject, "its fund_source is none",
                  from_it || refund->fund_source == FZ_SOURCE_UNSETTLED);
    fz_audit_true(run, subject, "it has two sources, and one of them is the recharged balance",
                  !from_it || refund->funds.gross == 0);
    if (!from_it || fz_audit_is_sane_rate(currency, refund->settlement_rate))
        fz_audit_same(
            run, subject, "recharged", refund->recharged, "its source calls for",
            from_it ? fz_from_cny(refund->own.net, fz_currency_find(currency), refund->settlement_rate) : 0);
}

/* Two shares of a whole: the payer's, and the voucher's where that pays in. In another currency than the
 * price's and CNY the whole is known but for the rounding of the refunds before it: it stays within a unit
 * for each. */
static void check_payer(struct fz_audit_run *run, struct fz_audit_subject subject,
                        const struct fz_payment *payment, const struct fz_refund *refund)
{
    bool coupon = payment->coupon.type == FZ_COUPON_COUPON;
    bool discount = payment->coupon.type == FZ_COUPON_DISCOUNT;
    int64_t whole = refund->payer_refund + (coupon ? refund->coupon_refund : 0);
    if (strcmp(payment->currency, payment->payer_currency) == 0) {
        fz_audit_same(run, subject, "payer_refund and voucher", whole, "what was settled of the amount is",
                      refund->amount - (discount ? refund->coupon_refund : 0));
    } else if (strcmp(payment->payer_currency, "CNY") == 0) {
        fz_audit_same(run, subject, "payer_refund and voucher", whole, "settled is", refund->settled);
    } else {
        int64_t worth =
            fz_from_cny(refund->settled, fz_currency_find(payment->payer_currency), payment->payment_rate);
        bool near = whole - worth <= 51 && worth - whole <= 51;
        fz_audit_true(run, subject, "payer_refund and voucher are not what was settled", near);
    }
    if (coupon && strcmp(payment->payer_currency, "CNY") == 0)
        fz_audit_same(run, subject, "coupon_settled", refund->coupon_settled, "coupon_refund is",
                      refund->coupon_refund);
    fz_audit_true(run, subject, "coupon_settled is more than settled or without a COUPON",
                  refund->coupon_settled <= (coupon ? refund->settled : 0));
    fz_audit_true(run, subject, "coupon_refund is more than the voucher",
                  refund->coupon_refund <= payment->coupon.amount);
}

static void check_state(struct fz_audit_run *run, struct fz_audit_subject subject,
                        const struct fz_refund *refund, bool billed, int64_t bill_day)
{
    bool arrived = refund->state == FZ_REFUND_SUCCESS;
    fz_audit_true(run, subject, "its state and success_ms do not fit",
                  refund->state >= FZ_REFUND_PROCESSING && refund->state <= FZ_REFUND_ABNORMAL &&
                      (refund->success_ms != 0) == arrived);
    fz_audit_true(run, subject, "its state and closed_ms do not fit",
                  (refund->closed_ms != 0) == (refund->state == FZ_REFUND_CLOSED));
    fz_audit_true(run, subject, "its state and bill_day do not fit",
                  billed == (arrived && refund->marked && refund->fund_source == FZ_SOURCE_UNSETTLED) &&
                      (!billed || bill_day == fz_day_of(refund->success_ms)));
}

static void add_to_sums(struct fz_audit_run *run, const struct fz_refund *refund, struct fz_audit_sums *sums)
{
    if (refund->created_ms > sums->last_refund_ms)
        sums->last_refund_ms = refund->created_ms;
    if (refund->state == FZ_REFUND_CLOSED)
        return;
    sums->refunds++;
    sums->gross += refund->amount;
    sums->settled += refund->settled;
    sums->fee += refund->own.fee + refund->funds.fee;
    sums->coupon += refund->coupon_refund;
    sums->coupon_settled += refund->coupon_settled;
    sums->payer += refund->payer_refund;
    sums->own_net += fz_refund_own_net(refund);
    if (refund->state != FZ_REFUND_SUCCESS)
        run->rows_cny[FZ_ACCOUNT_REFUNDING] += refund->settled;
}

static void tally_entries(struct fz_audit_run *run, const struct fz_refund *refund)
{
    static const enum fz_entry_kind kinds[] = {FZ_ENTRY_REFUND_ACCEPTED, FZ_ENTRY_REFUND_ARRIVED,
                                               FZ_ENTRY_REFUND_CLOSED};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct fz_entry entry;
        int64_t time_ms;
        if (fz_audit_expect_refund(refund, kinds[i], &entry, &time_ms))
            fz_audit_tally(run, &entry, time_ms);
    }
}

static void read_refund(const struct fz_cursor *row, struct fz_refund *out)
{
    out->payment = fz_int(row, 0);
    out->id = fz_int(row, 1);
    FZ_COPY_COLUMN(out->refund_id, row, 2);
    FZ_COPY_COLUMN(out->caller, row, 3);
    FZ_COPY_COLUMN(out->sub_mchid, row, 4);
    FZ_COPY_COLUMN(out->transaction_id, row, 5);
    FZ_COPY_COLUMN(out->out_trade_no, row, 6);
    out->marked = fz_int(row, 7) != 0;
    out->amount = fz_int(row, 8);
    FZ_COPY_COLUMN(out->currency, row, 9);
    out->payer_refund = fz_int(row, 10);
    FZ_COPY_COLUMN(out->payer_currency, row, 11);
    out->rate_type = (enum fz_rate_type)fz_audit_small(row, 12);
    out->rate = fz_int(row, 13);
    out->coupon.type = (enum fz_coupon_type)fz_audit_small(row, 14);
    out->coupon.amount = fz_int(row, 15);
    out->coupon_refund = fz_int(row, 16);
    out->settled = fz_int(row, 17);
    out->coupon_settled = fz_int(row, 18);
    out->own =
        (struct fz_refund_part){.gross = fz_int(row, 19), .fee = fz_int(row, 20), .net = fz_int(row, 21)};
    out->funds =
        (struct fz_refund_part){.gross = fz_int(row, 22), .fee = fz_int(row, 23), .net = fz_int(row, 24)};
    out->fee_rate = fz_audit_small(row, 25);
    FZ_COPY_COLUMN(out->settlement_currency, row, 26);
    out->settlement_rate = fz_int(row, 27);
    out->state = (enum fz_refund_state)fz_audit_small(row, 28);
    out->order_success_ms = fz_int(row, 29);
    out->created_ms = fz_int(row, 30);
    out->success_ms = fz_int(row, 31);
    out->fund_source = (enum fz_fund_source)fz_audit_small(row, 33);
    out->recharged = fz_int(row, 34);
    out->closed_ms = fz_int(row, 35);
}

enum fz_result fz_audit_refunds_begin(struct fz_audit_run *run, struct fz_audit_rows *out)
{
    enum fz_result result = fz_query(run->tx, &audit_refunds, FZ_VALUES(FZ_AUDIT_RANGE(run)), &out->cursor);
    return result == FZ_OK ? fz_audit_rows_next(out) : result;
}

enum fz_result fz_audit_refund(struct fz_audit_run *run, struct fz_audit_rows *rows,
                               struct fz_audit_order *order)
{
    const struct fz_payment *payment = &order->payment;
    struct fz_refund refund;
    read_refund(&rows->cursor, &refund);
    struct fz_audit_subject subject = {"refund", refund.refund_id};
    run->out->refunds++;
    check_repeated(run, subject, payment, &refund);
    check_state(run, subject, &refund, !fz_is_null(&rows->cursor, 32), fz_int(&rows->cursor, 32));
    if (is_in_range(run, subject, &refund) && order->sums.refunds < REFUNDS_MAX) {
        check_rate(run, subject, payment, &refund);
        check_parts(run, subject, &refund);
        check_recharged(run, subject, &refund);
        if (order->is_sane)
            check_payer(run, subject, payment, &refund);
        tally_entries(run, &refund);
        add_to_sums(run, &refund, &order->sums);
    }
    return fz_audit_rows_next(rows);
}
