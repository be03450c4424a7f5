/* Placing an order: its currencies and rates, its voucher, its mark; one order a number. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "book/rate.h"
#include "book/merchant/hindrance.h"
#include "book/order/payment.h"
#include "book/order/row.h"
#include "book/order/share.h"

FZ_STATEMENT(mark_find,
             "SELECT currency FROM mark WHERE caller = $1 AND sub_mchid = $2 AND out_trade_no = $3", "ttt",
             "t");

#define UNPAID_MS (2 * FZ_HOUR_MS) /* GSKILL: an order nobody paid is closed */

/* 0.00001 and 1 000 CNY for one unit: wide of every currency of the table. */
/* What one order may be worth in its settlement currency. The table's smallest unit is worth 0.00028 CNY, so
 * every amount passes at the table's rates; and the sums of a day stay in 64 bits at any other. */
#define WORTH_MAX (100 * FZ_AMOUNT_MAX)

static enum fz_result refuse_parameter(struct fz_tx *tx, const char *field, int64_t value,
                                       enum fz_issue issue)
{
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)value);
    return fz_refuse_at(tx->error, FZ_PARAM_ERROR, "body", field, text, issue);
}

/* What a number already placed answers. */
static enum fz_result answer_placed(struct fz_tx *tx, const struct fz_payment *placed,
                                    const unsigned char digest[FZ_DIGEST_SIZE], struct fz_payment *out)
{
    if (memcmp(placed->digest, digest, FZ_DIGEST_SIZE) != 0)
        return fz_refuse(tx->error, FZ_ORDER_NUMBER_USED);
    if (placed->state == FZ_PAYMENT_SUCCESS)
        return fz_refuse(tx->error, FZ_ORDER_PAID);
    if (placed->state == FZ_PAYMENT_CLOSED)
        return fz_refuse(tx->error, FZ_ORDER_CLOSED);
    *out = *placed;
    return FZ_OK;
}

/* The texts and plain values of the order as asked for. */
static void fill_order(const struct fz_tx *tx, const struct fz_party *party,
                       const struct fz_order_request *request, struct fz_payment *payment)
{
    *payment = (struct fz_payment){
        .state = FZ_PAYMENT_NOTPAY,
        .amount = request->amount,
        .payer_kind = request->payer_kind == 0 ? FZ_PAYER_BALANCE : request->payer_kind,
        .coupon = request->coupon,
        .fee_rate = party->fee_rate,
        .funds_state = FZ_FUNDS_NONE,
        .created_ms = tx->now_ms,
        .expires_ms = request->expires_ms == 0 ? tx->now_ms + UNPAID_MS : request->expires_ms};
#define COPY(field, text) fz_copy(payment->field, sizeof payment->field, (text))
    COPY(transaction_id, request->transaction_id);
    COPY(caller, party->caller);
    COPY(sub_mchid, party->sub_mchid);
    COPY(out_trade_no, request->out_trade_no);
    COPY(trade_type, request->trade_type == NULL ? "NATIVE" : request->trade_type);
    COPY(description, request->description);
    COPY(attach, request->attach);
    COPY(notify_url, request->notify_url);
    COPY(appid, request->appid);
    COPY(sub_appid, request->sub_appid);
    COPY(currency, request->currency == NULL ? "CNY" : request->currency);
    COPY(payer_currency, request->payer_currency == NULL ? payment->currency : request->payer_currency);
    COPY(settlement_currency, party->settlement_currency);
#undef COPY
    memcpy(payment->digest, request->digest, FZ_DIGEST_SIZE);
}

static enum fz_result check_rate(struct fz_tx *tx, const char *field, int64_t rate)
{
    if (rate >= FZ_RATE_MIN && rate <= FZ_RATE_MAX)
        return FZ_OK;
    return refuse_parameter(tx, field, rate, FZ_ISSUE_NO_RATE);
}

/* The rate between price and payer currency. Every rate is one to CNY, so one of the two has to be CNY. */
static enum fz_result set_payment_rate(struct fz_tx *tx, int64_t asked, struct fz_payment *payment)
{
    const char *payer = payment->payer_currency;
    const struct fz_currency *known = fz_currency_find(payer);
    if (known == NULL)
        return fz_refuse_at(tx->error, FZ_PARAM_ERROR, "body", "/payer_currency", payer,
                            FZ_ISSUE_UNKNOWN_CURRENCY);
    payment->payment_rate = FZ_RATE_ONE;
    if (strcmp(payment->currency, payer) == 0)
        return FZ_OK;
    if (!fz_is_cny(payment->currency) && !fz_is_cny(payer))
        return fz_refuse_at(tx->error, FZ_PARAM_ERROR, "body", "/payer_currency", payer,
                            FZ_ISSUE_NEITHER_IS_CNY);
    const struct fz_currency *foreign = fz_is_cny(payer) ? fz_currency_find(payment->currency) : known;
    payment->payment_rate = asked;
    enum fz_result result = asked == 0 ? fz_rate_of(tx, foreign, &payment->payment_rate) : FZ_OK;
    return result == FZ_OK ? check_rate(tx, "/payment_rate", payment->payment_rate) : result;
}

/* A price is in CNY or in the currency that the merchant is settled in. */
static enum fz_result set_currencies(struct fz_tx *tx, const struct fz_order_request *request,
                                     struct fz_payment *payment)
{
    if (!fz_is_cny(payment->currency) && strcmp(payment->currency, payment->settlement_currency) != 0)
        return fz_refuse(tx->error, FZ_ORDER_CURRENCY);
    const struct fz_currency *settlement = fz_currency_find(payment->settlement_currency);
    if (settlement == NULL)
        return FZ_FAILED; /* no merchant is made with such a one */
    enum fz_result result = FZ_OK;
    payment->settlement_rate = request->settlement_rate;
    if (fz_is_cny(settlement->code) || request->settlement_rate == 0)
        result = fz_rate_of(tx, settlement, &payment->settlement_rate);
    if (result == FZ_OK)
        result = check_rate(tx, "/settlement_rate", payment->settlement_rate);
    if (result != FZ_OK)
        return result;
    return set_payment_rate(tx, request->payment_rate, payment);
}

/* Whether the amounts stay where every later sum is safe, and the voucher within the price. */
static enum fz_result check_amounts(struct fz_tx *tx, const struct fz_payment *payment)
{
    const struct fz_coupon *coupon = &payment->coupon;
    if (payment->amount <= 0 || payment->amount > FZ_AMOUNT_MAX)
        return refuse_parameter(tx, "/amount/total", payment->amount, FZ_ISSUE_OUT_OF_RANGE);
    bool has_coupon = coupon->type != FZ_COUPON_NONE;
    if (coupon->amount < 0 || coupon->amount > FZ_AMOUNT_MAX || (coupon->amount > 0) != has_coupon ||
        (coupon->type == FZ_COUPON_DISCOUNT && coupon->amount > payment->amount))
        return refuse_parameter(tx, "/coupon/amount", coupon->amount, FZ_ISSUE_VOUCHER_TOO_LARGE);
    struct fz_payment paid = *payment;
    fz_share_set_totals(&paid);
    if (paid.payer_total < 0 || fz_share_coupon_cny(&paid, coupon->amount) > paid.settled)
        return refuse_parameter(tx, "/coupon/amount", coupon->amount, FZ_ISSUE_VOUCHER_TOO_LARGE);
    const struct fz_currency *settlement = fz_currency_find(paid.settlement_currency);
    if (paid.settled > FZ_AMOUNT_MAX || paid.payer_total > WORTH_MAX ||
        fz_from_cny(paid.settled, settlement, paid.settlement_rate) > WORTH_MAX)
        return refuse_parameter(tx, "/amount/total", payment->amount, FZ_ISSUE_WORTH_TOO_MUCH);
    return FZ_OK;
}

/* Whether a mark with the order's number and currency stands. */
static enum fz_result find_mark(struct fz_tx *tx, struct fz_payment *payment)
{
    FZ_CURSOR mark = {0};
    enum fz_result result = fz_query_one(
        tx, &mark_find,
        FZ_VALUES(FZ_T(payment->caller), FZ_T(payment->sub_mchid), FZ_T(payment->out_trade_no)), &mark);
    if (result == FZ_OK)
        payment->marked = strcmp(fz_string(&mark, 0), payment->currency) == 0;
    return result == FZ_ABSENT ? FZ_OK : result;
}

static enum fz_result place_order(struct fz_tx *tx, const struct fz_order_request *request,
                                  struct fz_payment *payment)
{
    const char *seller = payment->sub_mchid[0] == '\0' ? payment->caller : payment->sub_mchid;
    enum fz_result result = fz_hindrance_check_sale(tx, seller, payment->trade_type);
    if (result == FZ_OK)
        result = set_currencies(tx, request, payment);
    if (result == FZ_OK)
        result = check_amounts(tx, payment);
    if (result == FZ_OK)
        result = find_mark(tx, payment);
    payment->id = request->id;
    if (result == FZ_OK && payment->id == 0)
        result = fz_next_id(tx, "payment", &payment->id);
    if (result == FZ_OK)
        result = fz_payment_insert(tx, payment);
    return result;
}

enum fz_result fz_payment_place(struct fz_tx *tx, const struct fz_party *party,
                                const struct fz_order_request *request, struct fz_payment *out)
{
    struct fz_payment payment;
    enum fz_result result =
        fz_payment_by_out_trade_no(tx, party->caller, party->sub_mchid, request->out_trade_no, &payment);
    if (result == FZ_OK)
        return answer_placed(tx, &payment, request->digest, out);
    if (result != FZ_ABSENT)
        return result;
    fill_order(tx, party, request, &payment);
    result = place_order(tx, request, &payment);
    if (result == FZ_CONFLICT) {
        /* Another writer was first with this number; if not, it is the transaction_id that is taken. */
        result =
            fz_payment_by_out_trade_no(tx, party->caller, party->sub_mchid, request->out_trade_no, &payment);
        if (result == FZ_OK)
            return answer_placed(tx, &payment, request->digest, out);
        return result == FZ_ABSENT ? FZ_CONFLICT : result;
    }
    if (result == FZ_OK)
        *out = payment;
    return result;
}
