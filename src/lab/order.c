/* What an order of the lab comes to: its terms are drawn, and everything else follows from them by the book's own rules. */
#include "book/order/share.h"

#include <assert.h>
#include <string.h>

#include "base/calendar.h"
#include "base/text.h"
#include "lab/story.h"

#define LARGE_FEN  20000
#define MOST_FEN   500000
#define SMALL_FEN  100
#define LEAST_FEN  1000
#define RATE_PARTS 10000

struct merchant {
    const char *sub_mchid, *settlement_currency;
    int fee_rate;
};

/* The sub-merchants of the institution whose bills these are. */
static const struct merchant merchants[] = {{"1900000109", "USD", 60},
                                            {"1900000110", "HKD", 60},
                                            {"1900000111", "JPY", 85},
                                            {"1900000112", "EUR", 60},
                                            {"1900000113", "CNY", 38}};
#define MERCHANT_COUNT  ((int)(sizeof merchants / sizeof merchants[0]))
#define CONVERTED_COUNT (MERCHANT_COUNT - 1) /* the last is settled in CNY */

const char *fz_lab_other_merchant(struct fz_lab_draws *draws, const char *mchid)
{
    int64_t at = fz_lab_below(draws, MERCHANT_COUNT - 1);
    return merchants[strcmp(merchants[at].sub_mchid, mchid) == 0 ? MERCHANT_COUNT - 1 : at].sub_mchid;
}

struct fz_lab_demand fz_lab_demand_of(enum fz_lab_kind kind, int refund)
{
    struct fz_lab_demand demand = {.both_sources = -1};
    if (kind == FZ_LAB_rate || kind == FZ_LAB_rounding)
        demand.converted = demand.large = demand.plain = true;
    if (kind == FZ_LAB_part_of_a_refund) {
        demand.priced_cny = demand.large = true;
        demand.both_sources = refund;
    }
    if (kind == FZ_LAB_amount || kind == FZ_LAB_fee)
        demand.large = true;
    return demand;
}

/* ---- terms ---- */

/* A currency's rate of that day: near the table's. */
static int64_t rate_of(const struct fz_lab_plan *plan, const char *code, int day)
{
    const struct fz_currency *currency = fz_currency_find(code);
    struct fz_lab_draws draws =
        fz_lab_draws_of(plan->with->seed, FZ_LAB_FOR_RATE, (int64_t)day * FZ_CURRENCY_COUNT + currency->number);
    if (fz_is_cny(code))
        return FZ_RATE_ONE;
    return fz_sandbox_rate(currency) / RATE_PARTS * fz_lab_between(&draws, RATE_PARTS - 150, RATE_PARTS + 150);
}

/* Most are priced and paid in CNY; some are paid from a wallet in Hong Kong, or priced in the merchant's own currency. */
static void choose_currencies(const struct fz_lab_plan *plan, const struct fz_lab_demand *demand, struct fz_lab_draws *draws,
                              struct fz_payment *payment)
{
    const char *own = payment->settlement_currency;
    int64_t sort = fz_lab_below(draws, 20);
    bool foreign = sort >= 16 && !demand->priced_cny && !fz_is_cny(own);
    int day = fz_day_of(payment->success_ms);
    fz_copy(payment->currency, sizeof payment->currency, foreign ? own : "CNY");
    fz_copy(payment->payer_currency, sizeof payment->payer_currency,
            foreign && sort >= 18                    ? own
            : !foreign && (sort == 14 || sort == 15) ? "HKD"
                                                     : "CNY");
    payment->settlement_rate = rate_of(plan, own, day);
    payment->payment_rate = strcmp(payment->currency, payment->payer_currency) == 0 ? FZ_RATE_ONE
                            : foreign                                               ? rate_of(plan, own, day)
                                                                                    : rate_of(plan, "HKD", day);
}

/* Many small amounts and a few large ones; now and then next to nothing. */
static void choose_amount(const struct fz_lab_demand *demand, struct fz_lab_draws *draws, int refunds,
                          struct fz_payment *payment)
{
    bool cny = fz_is_cny(payment->currency) && fz_is_cny(payment->payer_currency);
    int64_t least = demand->large ? LARGE_FEN : LEAST_FEN,
            fen = least + fz_lab_below(draws, 1 + fz_lab_below(draws, MOST_FEN));
    if (cny && !demand->large && demand->both_sources < 0 && fz_lab_one_in(draws, 16))
        fen = fz_lab_between(draws, refunds > 0 ? refunds : 1, SMALL_FEN);
    payment->amount = fz_from_cny(fen, fz_currency_find(payment->currency), payment->settlement_rate);
}

static void choose_voucher(const struct fz_lab_demand *demand, struct fz_lab_draws *draws, struct fz_payment *payment)
{
    int64_t sort = fz_lab_below(draws, 14);
    if (sort > 1 || demand->plain || payment->amount < SMALL_FEN || !fz_is_cny(payment->currency))
        return;
    payment->coupon.type = sort == 0 ? FZ_COUPON_COUPON : FZ_COUPON_DISCOUNT;
    payment->coupon.scope = FZ_SCOPE_GLOBAL;
    payment->coupon.amount = payment->amount * fz_lab_between(draws, 5, 50) / 100;
    if (payment->coupon.type == FZ_COUPON_COUPON)
        payment->coupon.amount =
            fz_from_cny(payment->coupon.amount, fz_currency_find(payment->payer_currency), payment->payment_rate);
}

/* What spreadsheets and hasty programs stumble over stands on some of them. */
static void choose_texts(struct fz_lab_draws *draws, struct fz_payment *payment)
{
    static const char *const descriptions[] = {"Tea, green, 250 g",
                                               "WALMART HONG KONG CO.,LIMITED",
                                               "\xE8\x8C\xB6\xE5\x8F\xB6",
                                               "Umbrella \"Storm\", black",
                                               "Notebook",
                                               "Phone case; blue"};
    static const char *const attaches[] = {"", "", "", "{\"cart\":[1,2],\"note\":\"ring, then wait\"}", "shop=7,till=2"};
    static const char *const types[] = {"NATIVE", "JSAPI", "APP", "MWEB"};
    fz_copy(payment->description, sizeof payment->description, descriptions[fz_lab_below(draws, 6)]);
    fz_copy(payment->attach, sizeof payment->attach, attaches[fz_lab_below(draws, 5)]);
    fz_copy(payment->trade_type, sizeof payment->trade_type, types[fz_lab_below(draws, 4)]);
    fz_copy(payment->appid, sizeof payment->appid, "wx2421b1c4370ec43b");
    payment->payer_kind = (enum fz_payer_kind)fz_lab_between(draws, FZ_PAYER_BALANCE, FZ_PAYER_CREDIT);
}

static void choose_terms(const struct fz_lab_plan *plan, const struct fz_lab_demand *demand, struct fz_lab_draws *draws,
                         struct fz_lab_order *order)
{
    struct fz_payment *payment = &order->payment;
    const struct merchant *merchant = &merchants[fz_lab_below(draws, demand->converted ? CONVERTED_COUNT : MERCHANT_COUNT)];
    fz_copy(payment->caller, sizeof payment->caller, FZ_LAB_SPONSOR);
    fz_copy(payment->sub_mchid, sizeof payment->sub_mchid, merchant->sub_mchid);
    fz_copy(payment->settlement_currency, sizeof payment->settlement_currency, merchant->settlement_currency);
    payment->fee_rate = merchant->fee_rate;
    choose_currencies(plan, demand, draws, payment);
    choose_amount(demand, draws, order->refund_count, payment);
    choose_voucher(demand, draws, payment);
    choose_texts(draws, payment);
    payment->marked = order->refund_count > 0 || fz_lab_one_in(draws, 2); /* the bill has refunds of marked orders alone */
    fz_share_set_totals(payment);
}

/* ---- refunds ---- */

static struct fz_lab_source source_of(const struct fz_payment *payment, const struct fz_share *share)
{
    const struct fz_currency *currency = fz_currency_find(payment->settlement_currency);
    return (struct fz_lab_source){.gross = fz_is_cny(payment->currency) ? share->gross : share->settled,
                                  .fee = share->fee,
                                  .net = share->settled - share->fee,
                                  .settlement = fz_from_cny(share->settled, currency, payment->settlement_rate)};
}

static void take(struct fz_share *taken, const struct fz_share *share)
{
    taken->gross += share->gross;
    taken->settled += share->settled;
    taken->fee += share->fee;
    taken->coupon += share->coupon;
    taken->payer += share->payer;
}

/* How much of a refund the order itself gives: all, nothing, or some. */
static int64_t choose_own(const struct fz_lab_demand *demand, struct fz_lab_draws *draws, int which, int64_t gross)
{
    int64_t sort = fz_lab_below(draws, 20);
    if ((demand->both_sources == which || sort < 4) && gross > 1)
        return fz_lab_between(draws, 1, gross - 1);
    return sort < 8 ? 0 : gross;
}

static void fill_refund(const struct fz_payment *payment, int64_t gross, int64_t own_gross, struct fz_share *taken,
                        int64_t *coupon_given, struct fz_lab_refund *refund)
{
    struct fz_share before = *taken, own = fz_share_next(payment, taken, own_gross);
    take(taken, &own);
    struct fz_share funds = fz_share_next(payment, taken, gross - own_gross);
    take(taken, &funds);
    struct fz_share both = {.settled = own.settled + funds.settled, .coupon = own.coupon + funds.coupon};
    int64_t of_coupon = fz_share_coupon_settled(payment, &before, &both, *coupon_given);
    *coupon_given += of_coupon;
    refund->amount = gross;
    refund->own = source_of(payment, &own);
    refund->funds = source_of(payment, &funds);
    refund->payer = own.payer + funds.payer;
    refund->coupon = both.coupon;
    refund->coupon_cny = payment->coupon.type == FZ_COUPON_COUPON ? of_coupon : both.coupon;
}

/* Half of the orders are refunded to the last unit. */
static void fill_refunds(const struct fz_lab_demand *demand, struct fz_lab_draws *draws, struct fz_lab_order *order)
{
    struct fz_share taken = {0};
    int64_t coupon_given = 0;
    bool whole = fz_lab_one_in(draws, 2);
    for (int i = 0; i < order->refund_count; i++) {
        int64_t left = order->payment.amount - taken.gross, rest = order->refund_count - i, even = left / rest;
        int64_t gross = rest == 1 && whole ? left : fz_lab_between(draws, (even + 1) / 2, even);
        int64_t own = choose_own(demand, draws, i, gross);
        fill_refund(&order->payment, gross, own, &taken, &coupon_given, &order->refunds[i]);
    }
}

/* ---- slices ---- */

static void add_slice(struct fz_lab_order *order, const char *account, const char *description, int64_t amount)
{
    if (amount == 0)
        return;
    const struct fz_payment *payment = &order->payment;
    struct fz_slice *slice = &order->slices[order->slice_count];
    slice->amount = amount;
    slice->settlement_rate = payment->settlement_rate;
    slice->settlement_amount = fz_from_cny(amount, fz_currency_find(payment->settlement_currency), payment->settlement_rate);
    fz_copy(slice->settlement_currency, sizeof slice->settlement_currency, payment->settlement_currency);
    fz_copy(slice->account, sizeof slice->account, account);
    fz_copy(slice->description, sizeof slice->description, description);
    fz_copy(slice->detail_id, sizeof slice->detail_id, order->order_id);
    memcpy(slice->detail_id, "360111", 6);
    slice->detail_id[6] = (char)('1' + order->slice_count++);
}

/* What refunds do not draw from the order's own money may have been distributed before: to receivers at most 30 %, the rest
 * outbound. */
static void fill_slices(struct fz_lab_draws *draws, struct fz_lab_order *order)
{
    const struct fz_payment *payment = &order->payment;
    int64_t left = payment->settled - payment->fee;
    for (int i = 0; i < order->refund_count; i++)
        left -= order->refunds[i].own.net;
    assert(left >= 0);
    order->slice_count = 0;
    order->distributed_ms = payment->success_ms + fz_lab_between(draws, 300, 900) * FZ_SECOND_MS;
    order->slices_end_ms = order->distributed_ms + fz_lab_between(draws, 1, 60) * FZ_SECOND_MS;
    if (!payment->marked || fz_lab_one_in(draws, 4))
        return;
    int64_t part = left * fz_lab_below(draws, 31) / 100, first = fz_lab_one_in(draws, 3) ? part / 3 : 0;
    add_slice(order, "1900022222", "warehouse fee", part - first);
    add_slice(order, "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "tips, by hand", first);
    add_slice(order, FZ_LAB_SPONSOR, "outbound", fz_lab_one_in(draws, 3) ? (left - part) / 2 : left - part);
}

void fz_lab_order_fill(const struct fz_lab_plan *plan, const struct fz_lab_demand *demand, struct fz_lab_draws *draws,
                       struct fz_lab_order *order)
{
    fz_lab_name_order(order);
    choose_terms(plan, demand, draws, order);
    fill_refunds(demand, draws, order);
    fill_slices(draws, order);
}
