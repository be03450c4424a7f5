/* Conversion of a day: every movement at its order's rate, stretch by stretch, sponsor by sponsor. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/calendar.h"
#include "book/audit/audit.h"
#include "book/due/due.h"
#include "book/order/rail.h"
#include "book/settlement/pool.h"
#include "book/settlement/settlement.h"
#include "unit/book/refunds.h"

static struct fz_party child;

static int begin(void **state)
{
    if (sandbox_new(state) != 0)
        return -1;
    set_terms(INSTITUTION, "USD");
    set_terms(DIRECT, "CNY");
    child = institution();
    return 0;
}

static int64_t to_midnight(void)
{
    return fz_day_start_ms(fz_day_of(now_ms) + 1) - now_ms;
}

static void assert_sound(void)
{
    struct fz_audit audit;
    assert_booked(fz_audit(tx, &audit));
    if (audit.findings > 0)
        fail_msg("%s", audit.list[0].what);
}

/* Outbound 3 000 at 6.5 is 461.54, 462; sales 9 940 at 6.4 are 1 553.13, 1 553, and the refund of 4 970 at
 * the same rate takes 776.56, 777: each is rounded by itself. */
static void test_rates(void **state)
{
    (void)state;
    struct fz_order_request at_another = {.settlement_rate = 640000000};
    struct fz_payment marked = bought(&child, true, NULL), sale = bought(&child, false, &at_another);
    wait_ms(5 * FZ_MINUTE_MS);
    distribute(&child, &marked, 0, 3000, false);
    (void)refunded(&child, &sale, 5000, 0);
    wait_ms(to_midnight() - 1);
    assert_int_equal(balance(FZ_ACCOUNT_SETTLEMENT, 0), 0);
    assert_int_equal(outside_number("SELECT COUNT(converted_ms) FROM pool"), 0);
    wait_ms(1);
    assert_int_equal(balance(FZ_ACCOUNT_SETTLEMENT, 0), 462 + 1553 - 777);
    assert_int_equal(balance(FZ_ACCOUNT_OUTBOUND, 0), 0);
    assert_int_equal(balance(FZ_ACCOUNT_SALES, 0), 0);
    assert_int_equal(
        outside_number("SELECT SUM(amount) FROM posting WHERE account = 12 AND currency = 'CNY'"), 7970);
    assert_int_equal(
        outside_number("SELECT SUM(amount) FROM posting WHERE account = 12 AND currency = 'USD'"), -1238);
    assert_int_equal(outside_number("SELECT COUNT(*) FROM entry WHERE kind = 7"), 1);
    assert_int_equal(outside_number("SELECT SUM(balance) FROM pool"), 7970); /* what the day came to stays */
    assert_int_equal(outside_number("SELECT COUNT(*) FROM pool WHERE converted_ms IS NOT NULL"), 2);
    assert_int_equal(outside_number("SELECT MAX(converted_ms) FROM pool"), now_ms);
    wait_ms(FZ_DAY_MS);
    assert_int_equal(outside_number("SELECT COUNT(*) FROM entry WHERE kind = 7"), 1);
}

/* A merchant that is settled in CNY: the same way, at par. */
static void test_par(void **state)
{
    (void)state;
    struct fz_party merchant = direct();
    (void)bought(&merchant, false, NULL);
    wait_ms(to_midnight());
    assert_int_equal(balance(FZ_ACCOUNT_SETTLEMENT, 0), 9900);
    assert_int_equal(balance(FZ_ACCOUNT_SALES, 0), 0);
    assert_int_equal(balance(FZ_ACCOUNT_CONVERSION, 0), 0);
    assert_int_equal(outside_number("SELECT COUNT(*) FROM posting WHERE account = 12"), 2);
}

/* All that came in went out again: there is nothing to book, and the day is done. */
static void test_nothing_left(void **state)
{
    (void)state;
    struct fz_payment sale = bought(&child, false, NULL);
    (void)refunded(&child, &sale, 10000, 0);
    wait_ms(to_midnight());
    assert_int_equal(outside_number("SELECT COUNT(*) FROM entry WHERE kind = 7"), 0);
    assert_int_equal(outside_number("SELECT COUNT(*) FROM pool WHERE converted_ms IS NULL"), 0);
}

/* `count` sales of 10 000 of a direct merchant, in one transaction. */
static enum fz_result sell(struct fz_tx *tx, const struct fz_party *party, int count)
{
    for (int i = 0; i < count; i++) {
        char out_trade_no[32];
        snprintf(out_trade_no, sizeof out_trade_no, "SALE%06d", i);
        struct fz_order_request order = {.out_trade_no = out_trade_no, .amount = 10000};
        struct fz_payment payment;
        assert_int_equal(fz_payment_place(tx, party, &order, &payment), FZ_OK);
        assert_int_equal(fz_rail_paid(tx, &payment, 0), FZ_OK);
    }
    return FZ_OK;
}

/* 1 000 movements at a time; the book is sound in between, and the position leads on. 9 940 / 6.5 = 1 529.23.
 */
static void test_stretches(void **state)
{
    (void)state;
    assert_booked(sell(tx, &child, 2001));
    int64_t midnight = now_ms + to_midnight(), ran, book_ms;
    static const int64_t converted[] = {1000, 2000, 2001};
    for (int i = 0; i < 3; i++) {
        assert_booked(fz_event_run(tx, midnight, now_ms, 1, &ran, &book_ms));
        assert_int_equal(ran, 1);
        assert_int_equal(balance(FZ_ACCOUNT_SETTLEMENT, 0), converted[i] * 1529);
        assert_int_equal(balance(FZ_ACCOUNT_SALES, 0), (2001 - converted[i]) * 9940);
        assert_int_equal(outside_number("SELECT COUNT(converted_ms) FROM pool"), i == 2);
        assert_sound();
    }
    /* Then its details, as many at a time: 10 000 are 1 538.46, so 9 of fee. */
    for (int i = 0; i < 3; i++) {
        assert_booked(fz_event_run(tx, midnight, now_ms, 1, &ran, &book_ms));
        assert_int_equal(ran, 1);
        assert_int_equal(outside_number("SELECT pay FROM settlement_day WHERE sub_mchid = ''"),
                         converted[i] * 1538);
        assert_int_equal(outside_number("SELECT fee FROM settlement_day WHERE sub_mchid <> ''"),
                         converted[i] * 9);
        assert_sound();
    }
    assert_booked(fz_event_run(tx, midnight, now_ms, 1, &ran, &book_ms));
    assert_int_equal(ran, 0);
}

/* Exactly 1 000: whether there is more is not known yet, and then there is not. */
static void test_exact_stretch(void **state)
{
    (void)state;
    assert_booked(sell(tx, &child, 1000));
    wait_ms(to_midnight());
    assert_int_equal(balance(FZ_ACCOUNT_SETTLEMENT, 0), 1000 * 1529);
    assert_int_equal(outside_number("SELECT COUNT(*) FROM pool WHERE converted_ms IS NULL"), 0);
}

/* More sponsors than an entry has room for: it is split. One of the first sells again when the sums have just
 * begun anew, which have nothing of him any more: 32 of them of a conversion, 64 of its details. */
static void test_many_sponsors(void **state)
{
    (void)state;
    struct fz_party second = {0};
    for (int i = 0; i < 70; i++) {
        struct fz_merchant merchant = {.kind = FZ_MERCHANT_DIRECT,
                                       .contract_day = FZ_NO_DAY,
                                       .fee_rate = 60,
                                       .settlement_currency = "USD"};
        snprintf(merchant.mchid, sizeof merchant.mchid, "19100000%02d", i);
        assert_booked(fz_merchant_add(tx, &merchant));
        struct fz_party party;
        assert_booked(fz_party_find(tx, merchant.mchid, NULL, &party));
        (void)bought(&party, false, NULL);
        if (i == 1)
            second = party;
        if (i == 32 || i == 64)
            (void)bought(&second, false, NULL);
    }
    wait_ms(to_midnight());
    assert_int_equal(outside_number("SELECT COUNT(*) FROM entry WHERE kind = 7"), 3); /* 32, 32, 8 */
    assert_int_equal(balance(FZ_ACCOUNT_SETTLEMENT, 0), 72 * 1529);
    assert_int_equal(outside_number("SELECT SUM(pay) FROM settlement_day"), 72 * 1538);
    assert_int_equal(outside_number("SELECT pay FROM settlement_day WHERE mchid = '1910000001'"), 3 * 1538);
    assert_int_equal(outside_number("SELECT SUM(balance) FROM settlement_pool"), 72 * 1529);
    assert_int_equal(outside_number("SELECT COUNT(DISTINCT owner) FROM posting WHERE account = 13"), 70);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, sandbox_audit_and_remove)
    const struct CMUnitTest tests[] = {TEST(test_rates),         TEST(test_par),
                                       TEST(test_nothing_left),  TEST(test_stretches),
                                       TEST(test_exact_stretch), TEST(test_many_sponsors)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
