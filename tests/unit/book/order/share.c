/* The rounding rule: worked examples by hand, and the promises of docs/book.md on random histories. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "book/order/share.h"

#define HISTORIES 100000
#define PARTS_MAX 12

static struct fz_payment order(int64_t amount, int fee_rate)
{
    struct fz_payment payment = {.amount = amount,
                                 .currency = "CNY",
                                 .payer_currency = "CNY",
                                 .payment_rate = FZ_RATE_ONE,
                                 .settlement_currency = "USD",
                                 .settlement_rate = 650000000,
                                 .fee_rate = fee_rate,
                                 .marked = true};
    fz_share_set_totals(&payment);
    payment.distributable = payment.settled - payment.fee;
    return payment;
}

static void take(struct fz_payment *payment, const struct fz_share *share)
{
    payment->refunded += share->gross;
    payment->refunded_settled += share->settled;
    payment->refunded_fee += share->fee;
    payment->refunded_coupon += share->coupon;
    payment->refunded_payer += share->payer;
}

static void give_back(struct fz_payment *payment, const struct fz_share *share)
{
    payment->refunded -= share->gross;
    payment->refunded_settled -= share->settled;
    payment->refunded_fee -= share->fee;
    payment->refunded_coupon -= share->coupon;
    payment->refunded_payer -= share->payer;
}

static struct fz_share next(struct fz_payment *payment, int64_t gross)
{
    struct fz_share taken = fz_share_taken(payment);
    struct fz_share share = fz_share_next(payment, &taken, gross);
    take(payment, &share);
    return share;
}

/* gross, settled, fee, coupon, payer */
static void assert_share(struct fz_share share, int64_t gross, int64_t settled, int64_t fee, int64_t coupon,
                         int64_t payer)
{
    assert_int_equal(share.gross, gross);
    assert_int_equal(share.settled, settled);
    assert_int_equal(share.fee, fee);
    assert_int_equal(share.coupon, coupon);
    assert_int_equal(share.payer, payer);
}

/* The documented example: 100.00 at 1 %, 49.50 sent outbound. */
static void test_one_percent(void **state)
{
    (void)state;
    struct fz_payment payment = order(10000, 100);
    assert_int_equal(payment.settled, 10000);
    assert_int_equal(payment.fee, 100);
    assert_int_equal(payment.payer_total, 10000);
    assert_int_equal(fz_share_refundable(&payment), 10000);
    assert_int_equal(fz_share_funds_refundable(&payment), 0);
    payment.distributable -= 4950;
    assert_int_equal(payment.distributable, 4950);
    assert_int_equal(fz_share_refundable(&payment), 5000);
    assert_int_equal(fz_share_funds_refundable(&payment), 5000);
    struct fz_share own = next(&payment, 5000);
    assert_share(own, 5000, 5000, 50, 0, 5000);
    payment.distributable -= own.settled - own.fee;
    assert_int_equal(payment.distributable, 0);
    assert_int_equal(fz_share_refundable(&payment), 0);
    assert_int_equal(fz_share_funds_refundable(&payment), 5000);
}

/* docs/book.md, worked example (0.6 %). */
static void test_point_six_percent(void **state)
{
    (void)state;
    struct fz_payment payment = order(10000, 60);
    assert_int_equal(payment.fee, 60);
    payment.distributable -= 2000;
    assert_int_equal(fz_share_refundable(&payment), 7988);
    assert_int_equal(fz_share_funds_refundable(&payment), 2012);
    payment.distributable -= 3000;
    assert_int_equal(fz_share_refundable(&payment), 4970);
    assert_int_equal(fz_share_funds_refundable(&payment), 5030);
    struct fz_share own = next(&payment, 4970);
    assert_share(own, 4970, 4970, 30, 0, 4970); /* net 4 940 */
    payment.distributable -= 4940;
    struct fz_share funds = next(&payment, 1030);
    assert_share(funds, 1030, 1030, 6, 0, 1030); /* net 1 024 */
    assert_int_equal(payment.distributable, 0);
    assert_int_equal(payment.refunded_fee, 36);
}

/* 10 001 at 0.6 %: F = 60 (60.006). B(R) = floor((120 R + 10 001) / 20 002), by hand for each R. */
static void test_seven_odd_parts(void **state)
{
    (void)state;
    static const int64_t gross[] = {1, 333, 1717, 2500, 50, 4999, 401};
    static const int64_t fees[] = {0, 2, 10, 15, 1, 30, 2};
    static const int64_t nets[] = {1, 331, 1707, 2485, 49, 4969, 399};
    struct fz_payment payment = order(10001, 60);
    assert_int_equal(payment.fee, 60);
    for (size_t i = 0; i < 7; i++) {
        struct fz_share share = next(&payment, gross[i]);
        assert_share(share, gross[i], gross[i], fees[i], 0, gross[i]);
        assert_int_equal(share.settled - share.fee, nets[i]);
    }
    assert_int_equal(payment.refunded, 10001);
    assert_int_equal(payment.refunded_fee, 60);
    assert_int_equal(payment.refunded_settled - payment.refunded_fee, 9941);
}

/* A third of an order with a voucher of 500 in 10 000 at 0.6 %, then the rest. */
static void test_discount(void **state)
{
    (void)state;
    struct fz_payment payment = order(10000, 60);
    payment.coupon = (struct fz_coupon){.type = FZ_COUPON_DISCOUNT, .amount = 500};
    fz_share_set_totals(&payment);
    assert_int_equal(payment.settled, 9500);
    assert_int_equal(payment.fee, 57);
    assert_int_equal(payment.payer_total, 9500);
    assert_int_equal(fz_share_coupon_cny(&payment, 500), 0);
    assert_share(next(&payment, 3333), 3333, 3167, 19, 166, 3167); /* 370 538 / 19 000 = 19.5 */
    assert_share(next(&payment, 6667), 6667, 6333, 38, 334, 6333);
}

static void test_coupon(void **state)
{
    (void)state;
    struct fz_payment payment = order(10000, 60);
    payment.coupon = (struct fz_coupon){.type = FZ_COUPON_COUPON, .amount = 500};
    fz_share_set_totals(&payment);
    assert_int_equal(payment.settled, 10000);
    assert_int_equal(payment.fee, 60);
    assert_int_equal(payment.payer_total, 9500);
    assert_int_equal(fz_share_coupon_cny(&payment, 500), 500);
    assert_share(next(&payment, 3333), 3333, 3333, 20, 166, 3167); /* 409 960 / 20 000 = 20.498 */
    assert_share(next(&payment, 6667), 6667, 6667, 40, 334, 6333);
}

/* A voucher that pays for everything leaves nothing to settle, and no division by it. */
static void test_whole_discount(void **state)
{
    (void)state;
    struct fz_payment payment = order(700, 60);
    payment.coupon = (struct fz_coupon){.type = FZ_COUPON_DISCOUNT, .amount = 700};
    fz_share_set_totals(&payment);
    assert_int_equal(payment.settled, 0);
    assert_int_equal(payment.fee, 0);
    assert_int_equal(payment.payer_total, 0);
    assert_share(next(&payment, 300), 300, 0, 0, 300, 0);
    assert_share(next(&payment, 400), 400, 0, 0, 400, 0);
}

/* 100.00 CNY paid in HKD at 0.835: 11 976.05 -> 11 976 cents; a voucher of 10.00 HKD is 8.35 CNY. */
static void test_payer_in_hkd(void **state)
{
    (void)state;
    struct fz_payment payment = order(10000, 60);
    strcpy(payment.payer_currency, "HKD");
    payment.payment_rate = 83500000;
    fz_share_set_totals(&payment);
    assert_int_equal(payment.settled, 10000);
    assert_int_equal(payment.payer_total, 11976);
    assert_share(next(&payment, 5000), 5000, 5000, 30, 0, 5988); /* 5 988.02 */
    assert_share(next(&payment, 5000), 5000, 5000, 30, 0, 5988);

    payment = order(10000, 60);
    strcpy(payment.payer_currency, "HKD");
    payment.payment_rate = 83500000;
    payment.coupon = (struct fz_coupon){.type = FZ_COUPON_COUPON, .amount = 1000};
    fz_share_set_totals(&payment);
    assert_int_equal(payment.payer_total, 10976);
    assert_int_equal(fz_share_coupon_cny(&payment, 1000), 835);
    struct fz_share taken = {0};
    struct fz_share first = fz_share_next(&payment, &taken, 3333);
    assert_share(first, 3333, 3333, 20, 333, 3659); /* 3 991.6 -> 3 992, less 333 */
    assert_int_equal(fz_share_coupon_settled(&payment, &taken, &first, 0), 278); /* 278.055 */
    take(&payment, &first);
    taken = fz_share_taken(&payment);
    struct fz_share rest = fz_share_next(&payment, &taken, 6667);
    assert_share(rest, 6667, 6667, 40, 667, 7317);
    assert_int_equal(fz_share_coupon_settled(&payment, &taken, &rest, 278), 557);
}

/* Where the payer paid CNY it is the voucher's share itself, whatever went before; without a COUPON nothing.
 */
static void coupon_settled_in_cny(void **state)
{
    (void)state;
    struct fz_payment payment = {.amount = 10000,
                                 .currency = "CNY",
                                 .payer_currency = "CNY",
                                 .settled = 10000,
                                 .coupon = {.type = FZ_COUPON_COUPON, .amount = 400}};
    struct fz_share taken = {.gross = 2500, .settled = 2500, .coupon = 100},
                    share = {.gross = 2500, .settled = 2500, .coupon = 100};
    assert_int_equal(fz_share_coupon_settled(&payment, &taken, &share, 0), 100);
    assert_int_equal(fz_share_coupon_settled(&payment, &taken, &share, 100), 100);
    payment.coupon.type = FZ_COUPON_DISCOUNT;
    assert_int_equal(fz_share_coupon_settled(&payment, &taken, &share, 0), 0);
    strcpy(payment.payer_currency, "HKD");
    assert_int_equal(fz_share_coupon_settled(&payment, &taken, &share, 0), 0);
}

/* Priced in USD at 6.5, paid in USD; and paid in CNY at 6.4. Yen have no decimals. */
static void test_priced_abroad(void **state)
{
    (void)state;
    struct fz_payment payment = order(1000, 60);
    strcpy(payment.currency, "USD");
    strcpy(payment.payer_currency, "USD");
    fz_share_set_totals(&payment);
    assert_int_equal(payment.settled, 6500);
    assert_int_equal(payment.fee, 39);
    assert_int_equal(payment.payer_total, 1000);
    assert_share(next(&payment, 333), 333, 2165, 13, 0, 333); /* 2 164.5; 175 370 / 13 000 = 13.49 */
    assert_share(next(&payment, 667), 667, 4335, 26, 0, 667);

    payment = order(1000, 60);
    strcpy(payment.currency, "USD");
    payment.payment_rate = 640000000;
    payment.coupon = (struct fz_coupon){.type = FZ_COUPON_COUPON, .amount = 400};
    fz_share_set_totals(&payment);
    assert_int_equal(payment.settled, 6400);
    assert_int_equal(payment.payer_total, 6000);
    assert_share(next(&payment, 500), 500, 3200, 19, 200, 3000); /* 38 x 3 200 / 6 400 = 19 */
    assert_share(next(&payment, 500), 500, 3200, 19, 200, 3000);

    payment = order(2000, 60);
    strcpy(payment.currency, "JPY");
    strcpy(payment.payer_currency, "JPY");
    payment.settlement_rate = 5900000;
    fz_share_set_totals(&payment);
    assert_int_equal(payment.settled, 11800); /* 2 000 yen at 0.059 = 118.00 */
    assert_int_equal(payment.fee, 71);        /* 70.8 */
    assert_int_equal(payment.payer_total, 2000);
}

/* 5 fen at 50 %: F = 3, B = 1 1 2 2 3. Three closings leave two refunds that took no fee; what comes next
 * takes the fee that is still due, but never more than it settles. */
static void test_closings(void **state)
{
    (void)state;
    static const int64_t fees[] = {1, 0, 1, 0, 1};
    struct fz_payment payment = order(5, 5000);
    assert_int_equal(payment.fee, 3);
    struct fz_share shares[5];
    for (size_t i = 0; i < 5; i++) {
        shares[i] = next(&payment, 1);
        assert_share(shares[i], 1, 1, fees[i], 0, 1);
    }
    give_back(&payment, &shares[0]);
    give_back(&payment, &shares[2]);
    give_back(&payment, &shares[4]);
    assert_share(next(&payment, 1), 1, 1, 1, 0, 1); /* due: B(3) - 0 = 2 */
    assert_share(next(&payment, 1), 1, 1, 1, 0, 1);
    assert_share(next(&payment, 1), 1, 1, 1, 0, 1);
    assert_int_equal(payment.refunded_fee, 3);
}

/* ---- random histories ---- */

static uint64_t stream = 20260105;

/* 0 to `below` - 1: splitmix64, so that every run sees the same histories. */
static int64_t draw(int64_t below)
{
    uint64_t value = stream += UINT64_C(0x9e3779b97f4a7c15);
    value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
    return (int64_t)((value ^ value >> 31) % (uint64_t)below);
}

/* Sizes from a few fen, where rounding is coarse, to the largest amount. */
static int64_t draw_amount(void)
{
    static const int64_t sizes[] = {8, 100, 10000, 1000000, FZ_AMOUNT_MAX};
    return 1 + draw(sizes[draw(5)]);
}

static void draw_currencies(struct fz_payment *payment)
{
    static const char *const foreign[] = {"USD", "JPY", "KRW", "HKD", "GBP", "VND"};
    const struct fz_currency *settlement = fz_currency_find(foreign[draw(6)]);
    const struct fz_currency *other = fz_currency_find(foreign[draw(6)]);
    strcpy(payment->settlement_currency, settlement->code);
    payment->settlement_rate = fz_sandbox_rate(settlement);
    payment->payment_rate = FZ_RATE_ONE;
    switch (draw(4)) {
    case 0: /* priced in CNY, paid abroad */
        strcpy(payment->payer_currency, other->code);
        payment->payment_rate = fz_sandbox_rate(other);
        break;
    case 1: /* priced and paid abroad */
        strcpy(payment->currency, settlement->code);
        strcpy(payment->payer_currency, settlement->code);
        break;
    case 2: /* priced abroad, paid in CNY, at a rate a little off */
        strcpy(payment->currency, settlement->code);
        payment->payment_rate = fz_sandbox_rate(settlement) * 99 / 100;
        break;
    default:
        break;
    }
}

static struct fz_payment draw_order(void)
{
    static const int fee_rates[] = {0, 1, 60, 100, 5000, 9999, 10000};
    struct fz_payment payment = order(draw_amount(), fee_rates[draw(7)]);
    draw_currencies(&payment);
    fz_share_set_totals(&payment);
    if (draw(2) == 0) {
        payment.coupon.type = draw(2) == 0 ? FZ_COUPON_COUPON : FZ_COUPON_DISCOUNT;
        int64_t most = payment.coupon.type == FZ_COUPON_COUPON ? payment.payer_total : payment.amount;
        payment.coupon.amount = draw(8) == 0 ? most : draw(most + 1);
        fz_share_set_totals(&payment);
    }
    payment.distributable = payment.settled - payment.fee;
    return payment;
}

/* A refund of the model: what it took, from where. */
struct part {
    struct fz_share own, funds;
    int64_t coupon_settled;
};

struct history {
    struct fz_payment payment;
    struct part parts[PARTS_MAX];
    size_t count;
    int64_t given;       /* to the payer of the COUPON */
    int64_t distributed; /* slices, whoever got them */
    bool closed; /* a refund was closed: the cumulative values may be off by the rounding of that refund */
};

static void assert_promises(const struct history *history)
{
    const struct fz_payment *payment = &history->payment;
    int64_t own_net = 0, funds_net = 0;
    for (size_t i = 0; i < history->count; i++) {
        own_net += history->parts[i].own.settled - history->parts[i].own.fee;
        funds_net += history->parts[i].funds.settled - history->parts[i].funds.fee;
    }
    /* (1) */
    assert_true(payment->distributable >= 0);
    assert_int_equal(payment->distributable + history->distributed + own_net,
                     payment->settled - payment->fee);
    /* (2) */
    assert_int_equal(own_net + funds_net + payment->refunded_fee, payment->refunded_settled);
    assert_in_range(payment->refunded_settled, 0, payment->settled);
    assert_in_range(payment->refunded_fee, 0, payment->fee);
    assert_in_range(payment->refunded_coupon, 0, payment->coupon.amount);
    assert_in_range(payment->refunded_payer, 0, payment->payer_total);
    assert_in_range(history->given, 0, fz_share_coupon_cny(payment, payment->coupon.amount));
}

static void assert_not_negative(const struct fz_share *share)
{
    assert_true(share->settled >= 0);
    assert_true(share->fee >= 0);
    assert_true(share->fee <= share->settled);
    assert_true(share->coupon >= 0);
    assert_true(share->payer >= 0);
}

/* Until something is closed, an order in CNY follows the formulas of docs/book.md to the fen. */
static void assert_formulas(const struct history *history)
{
    const struct fz_payment *payment = &history->payment;
    if (history->closed || strcmp(payment->currency, "CNY") != 0 || payment->settled == 0)
        return;
    __int128 r = payment->refunded, f = payment->fee, s = payment->settled, voucher = payment->coupon.amount;
    int64_t voucher_share = (int64_t)(voucher * r / payment->amount);
    bool discount = payment->coupon.type == FZ_COUPON_DISCOUNT;
    int64_t settled = (int64_t)r - (discount ? voucher_share : 0);
    assert_int_equal(payment->refunded_settled, settled);
    assert_int_equal(payment->refunded_fee, (2 * f * settled + s) / (2 * s));
    if (discount || strcmp(payment->payer_currency, "CNY") == 0)
        assert_int_equal(payment->refunded_coupon, voucher_share);
    if (strcmp(payment->payer_currency, "CNY") == 0)
        assert_int_equal(payment->refunded_payer, r - voucher_share);
}

static int64_t net(const struct fz_payment *payment, int64_t gross)
{
    struct fz_share taken = fz_share_taken(payment);
    struct fz_share share = fz_share_next(payment, &taken, gross);
    return share.settled - share.fee;
}

static void assert_refundable(const struct fz_payment *payment)
{
    int64_t most = payment->amount - payment->refunded, gross = fz_share_refundable(payment);
    assert_in_range(gross, 0, most);
    assert_true(net(payment, gross) <= payment->distributable);
    if (gross < most) {
        assert_true(net(payment, gross + 1) > payment->distributable);
        int64_t above = gross + 1 + draw(most - gross);
        assert_true(net(payment, above) > payment->distributable);
    }
    int64_t below = draw(gross + 1);
    assert_true(net(payment, below) <= net(payment, gross));
    assert_true(below == 0 || net(payment, below - 1) <= net(payment, below));
    assert_int_equal(fz_share_funds_refundable(payment), most - gross);
}

static void refund(struct history *history, int64_t own_gross, int64_t funds_gross)
{
    struct fz_payment *payment = &history->payment;
    struct part *part = &history->parts[history->count++];
    struct fz_share taken = fz_share_taken(payment);
    part->own = next(payment, own_gross);
    part->funds = next(payment, funds_gross);
    assert_not_negative(&part->own);
    assert_not_negative(&part->funds);
    payment->distributable -= part->own.settled - part->own.fee;
    struct fz_share both = {.settled = part->own.settled + part->funds.settled,
                            .coupon = part->own.coupon + part->funds.coupon};
    part->coupon_settled = fz_share_coupon_settled(payment, &taken, &both, history->given);
    assert_in_range(part->coupon_settled, 0, both.settled);
    history->given += part->coupon_settled;
}

static void close_one(struct history *history)
{
    size_t at = (size_t)draw((int64_t)history->count);
    struct part *part = &history->parts[at];
    give_back(&history->payment, &part->own);
    give_back(&history->payment, &part->funds);
    history->payment.distributable += part->own.settled - part->own.fee;
    history->given -= part->coupon_settled;
    *part = history->parts[--history->count];
    history->closed = true;
}

static void step(struct history *history)
{
    struct fz_payment *payment = &history->payment;
    int64_t left = payment->amount - payment->refunded;
    if (draw(3) == 0) {
        int64_t slice = draw(payment->distributable + 1);
        payment->distributable -= slice;
        history->distributed += slice;
    } else if (history->count > 0 && draw(4) == 0) {
        close_one(history);
    } else if (history->count < PARTS_MAX - 1 && left > 0) {
        int64_t own = draw(2) == 0 ? fz_share_refundable(payment) : draw(fz_share_refundable(payment) + 1);
        int64_t funds = draw(2) == 0 ? 0 : draw(left - own + 1);
        if (own + funds > 0)
            refund(history, own, funds);
    }
    assert_promises(history);
    assert_formulas(history);
    assert_refundable(payment);
}

static void test_histories(void **state)
{
    (void)state;
    for (int i = 0; i < HISTORIES; i++) {
        struct history history = {.payment = draw_order()};
        for (int64_t steps = draw(10); steps > 0; steps--)
            step(&history);
        struct fz_payment *payment = &history.payment;
        int64_t own = fz_share_refundable(payment);
        refund(&history, own, payment->amount - payment->refunded - own);
        assert_promises(&history);
        assert_int_equal(payment->refunded, payment->amount);
        assert_int_equal(payment->refunded_settled, payment->settled);
        assert_int_equal(payment->refunded_fee, payment->fee);
        assert_int_equal(payment->refunded_coupon, payment->coupon.amount);
        assert_int_equal(payment->refunded_payer, payment->payer_total);
        assert_int_equal(history.given, fz_share_coupon_cny(payment, payment->coupon.amount));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_percent),     cmocka_unit_test(test_point_six_percent),
        cmocka_unit_test(test_seven_odd_parts), cmocka_unit_test(test_discount),
        cmocka_unit_test(test_coupon),          cmocka_unit_test(test_whole_discount),
        cmocka_unit_test(test_payer_in_hkd),    cmocka_unit_test(coupon_settled_in_cny),
        cmocka_unit_test(test_priced_abroad),   cmocka_unit_test(test_closings),
        cmocka_unit_test(test_histories),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
