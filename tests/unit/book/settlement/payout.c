/* Settlement details and payouts: what a day comes to, by sub-merchant; when the pool is paid out, and in
 * which batches it is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/calendar.h"
#include "book/audit/audit.h"
#include "book/settlement/settlement.h"
#include "unit/book/refunds.h"

static struct fz_party child, sibling, merchant;

static int begin(void **state)
{
    if (sandbox_new(state) != 0)
        return -1;
    set_terms(INSTITUTION, "USD");
    set_terms(DIRECT, "CNY");
    child = institution();
    sibling = other_institution();
    merchant = direct();
    effective(&child, RECEIVER);
    return 0;
}

static int today(void)
{
    return fz_day_of(now_ms);
}

/* To a time of the day that lies `days` ahead. */
static void wait_until(int days, int64_t time_of_day_ms)
{
    wait_ms(fz_day_start_ms(today() + days) + time_of_day_ms - now_ms);
}

static struct fz_payment sale(const struct fz_party *party, int64_t amount)
{
    struct fz_order_request order = {.amount = amount};
    return bought(party, false, &order);
}

static struct fz_settlement_page page(const char *caller, const char *sub_mchid, bool paid_out)
{
    struct fz_settlement_page page;
    int from = fz_day_of(MONDAY_10_MS) - 10;
    if (paid_out)
        assert_booked(fz_settlement_paid_out(tx, caller, sub_mchid, from, from + 4000, 0, 30, &page));
    else
        assert_booked(fz_settlement_waiting(tx, caller, sub_mchid, 0, 30, &page));
    assert_int_equal(page.total, page.count);
    return page;
}

static void assert_sums(const struct fz_settlement_batch *batch, int64_t pay, int64_t refund, int64_t fee,
                        int64_t split_pay, int64_t split_refund)
{
    assert_int_equal(batch->sums.pay, pay);
    assert_int_equal(batch->sums.refund, refund);
    assert_int_equal(batch->sums.fee, fee);
    assert_int_equal(batch->sums.split_pay, split_pay);
    assert_int_equal(batch->sums.split_refund, split_refund);
}

/* A sale of 10 000: 1 538, net 9 940 are 1 529, so 9 of fee. Half of it back: 4 970 are 764.62, 765, and 5
 * 000 769.23, 769, so 4 of fee. An order of which 3 000 go outbound, 461.54, 462, and an advance refund of
 * docs/book.md's 1 024 net, 157.54, 158. */
static void a_day_by_what_happened(void **state)
{
    (void)state;
    struct fz_payment order = bought(&child, true, NULL), sold = sale(&sibling, 10000);
    wait_ms(5 * FZ_MINUTE_MS);
    distribute(&child, &order, 2000, 3000, false);
    wait_ms(FZ_MINUTE_MS);
    (void)refunded(&child, &order, 6000, 1030);
    (void)refunded(&sibling, &sold, 5000, 0);
    int day = today();
    assert_int_equal(page(INSTITUTION, "", false).count, 0); /* nothing is converted yet */
    wait_until(1, 0);
    struct fz_settlement_page all = page(INSTITUTION, "", false);
    assert_int_equal(all.count, 1);
    assert_string_equal(all.list[0].batch_id, "");
    assert_string_equal(all.list[0].currency, "USD");
    assert_int_equal(all.list[0].first_day, day);
    assert_int_equal(all.list[0].last_day, day);
    assert_sums(&all.list[0], 1538, 769, 9 - 4, 462, 158);
    assert_int_equal(fz_settlement_net(&all.list[0].sums), balance(FZ_ACCOUNT_SETTLEMENT, 0));
    struct fz_settlement_page one = page(INSTITUTION, CHILD, false),
                              other = page(INSTITUTION, OTHER_CHILD, false);
    assert_sums(&one.list[0], 0, 0, 0, 462, 158);
    assert_sums(&other.list[0], 1538, 769, 9 - 4, 0, 0);
    assert_int_equal(page(DIRECT, "", false).count, 0);
}

/* What is closed comes back on the day it is closed. */
static void a_closed_refund_comes_back(void **state)
{
    (void)state;
    struct fz_order_request by_card = {.payer_kind = FZ_PAYER_CREDIT};
    struct fz_payment order = bought(&merchant, false, &by_card);
    struct fz_refund refund = refunded(&merchant, &order, 5000, 0);
    wait_until(1, 0);
    struct fz_settlement_page first = page(DIRECT, "", false);
    assert_sums(&first.list[0], 10000, 5000, 100 - 50, 0, 0);
    assert_int_equal(outcome(&refund, FZ_REFUND_CLOSED), FZ_OK);
    wait_until(1, 0);
    struct fz_settlement_page both = page(DIRECT, "", false);
    assert_sums(&both.list[0], 10000, 0, 100, 0, 0);
    assert_int_equal(both.list[0].last_day, first.list[0].last_day + 1);
}

/* 800 USD are 5 200.00 CNY. Fees of 1 %: 5 252.52 less 52.53 are 5 199.99, 5 252.53 are 5 200.00. */
static void from_800_usd_on(void **state)
{
    (void)state;
    (void)sale(&merchant, 525252);
    int day = today();
    wait_until(1, 11 * FZ_HOUR_MS);
    assert_int_equal(balance(FZ_ACCOUNT_BANK, 0), 0);
    struct fz_settlement_page waiting = page(DIRECT, "", false);
    assert_int_equal(fz_settlement_net(&waiting.list[0].sums), 519999);
    (void)sale(&merchant, 1);
    wait_until(1, 10 * FZ_HOUR_MS - 1);
    assert_int_equal(page(DIRECT, "", true).count, 0);
    wait_ms(1);
    struct fz_settlement_page paid = page(DIRECT, "", true);
    assert_int_equal(paid.count, 1);
    assert_string_equal(paid.list[0].batch_id, "20260107001");
    assert_int_equal(paid.list[0].day, day + 2);
    assert_int_equal(paid.list[0].first_day, day); /* whole, with what waited */
    assert_int_equal(paid.list[0].last_day, day + 1);
    assert_int_equal(fz_settlement_net(&paid.list[0].sums), 520000);
    assert_int_equal(balance(FZ_ACCOUNT_BANK, 0), 520000);
    assert_int_equal(balance(FZ_ACCOUNT_SETTLEMENT, 0), 0);
    assert_int_equal(page(DIRECT, "", false).count, 0);
}

static void what_is_enough_by_currency(void **state)
{
    (void)state;
    assert_true(fz_settlement_is_enough(80000, "USD"));
    assert_false(fz_settlement_is_enough(79999, "USD"));
    assert_true(fz_settlement_is_enough(520000, "CNY"));
    assert_false(fz_settlement_is_enough(519999, "CNY"));
    assert_true(fz_settlement_is_enough(88136, "JPY"));  /* 5 200 / 0.059 = 88 135.6 */
    assert_false(fz_settlement_is_enough(88135, "JPY")); /* 5 199.97 */
    assert_false(fz_settlement_is_enough(0, "USD"));
    assert_false(fz_settlement_is_enough(-80000, "USD"));
}

/* Friday's, Saturday's and Sunday's trades in one batch on Monday. */
static void over_the_week_end(void **state)
{
    (void)state;
    wait_until(4, 12 * FZ_HOUR_MS);
    assert_int_equal(fz_weekday(today()), 5);
    int friday = today();
    (void)sale(&child, 1000000);
    wait_until(1, 12 * FZ_HOUR_MS);
    assert_int_equal(due(FZ_EVENT_PAYOUT, friday + 3), fz_day_start_ms(friday + 3) + 10 * FZ_HOUR_MS);
    (void)sale(&child, 1000000);
    wait_until(2, 9 * FZ_HOUR_MS);
    assert_int_equal(page(INSTITUTION, "", true).count, 0);
    wait_ms(FZ_HOUR_MS);
    struct fz_settlement_page paid = page(INSTITUTION, "", true);
    assert_int_equal(paid.count, 1);
    assert_string_equal(paid.list[0].batch_id, "20260112001");
    assert_int_equal(paid.list[0].first_day, friday);
    assert_int_equal(paid.list[0].last_day, friday + 1);
    assert_sums(&paid.list[0], 2 * 153846, 0, 2 * (153846 - 152923), 0, 0);
}

/* Of a batch each sub-merchant has its share, and no more than that is told of it. */
static void batches_day_by_day_and_page_by_page(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        (void)sale(i == 2 ? &sibling : &child, 1000000);
        wait_until(1, 12 * FZ_HOUR_MS);
    }
    int monday = fz_day_of(MONDAY_10_MS);
    struct fz_settlement_page found;
    assert_booked(fz_settlement_paid_out(tx, INSTITUTION, "", monday + 1, monday + 3, 0, 2, &found));
    assert_int_equal(found.total, 3);
    assert_int_equal(found.count, 2);
    assert_int_equal(found.list[0].day, monday + 1);
    assert_int_equal(found.list[1].day, monday + 2);
    assert_booked(fz_settlement_paid_out(tx, INSTITUTION, "", monday + 1, monday + 3, 2, 2, &found));
    assert_int_equal(found.count, 1);
    assert_int_equal(found.list[0].day, monday + 3);
    assert_booked(fz_settlement_paid_out(tx, INSTITUTION, "", monday + 1, monday + 3, 3, 2, &found));
    assert_int_equal(found.total, 3);
    assert_int_equal(found.count, 0);
    struct fz_settlement_page ours = page(INSTITUTION, OTHER_CHILD, true);
    assert_int_equal(ours.count, 1);
    assert_int_equal(ours.list[0].day, monday + 3);
    assert_int_equal(page(INSTITUTION, CHILD, true).count, 3);
}

/* A sponsor that changed its currency has two pools; each is paid out by itself. */
static void one_batch_for_each_currency(void **state)
{
    (void)state;
    (void)sale(&child, 1000000);
    set_terms(INSTITUTION, "EUR");
    child = institution();
    sibling = other_institution();
    (void)sale(&child, 1000000);
    (void)sale(&sibling, 10000);
    wait_until(1, 0);
    struct fz_settlement_page waiting = page(INSTITUTION, "", false);
    assert_int_equal(waiting.count, 2);
    assert_string_equal(waiting.list[0].currency, "EUR");
    assert_string_equal(waiting.list[1].currency, "USD");
    wait_until(0, 10 * FZ_HOUR_MS);
    struct fz_settlement_page paid = page(INSTITUTION, "", true);
    assert_int_equal(paid.count, 2);
    assert_string_equal(paid.list[0].batch_id, "20260106001");
    assert_string_equal(paid.list[1].batch_id, "20260106002");
    assert_string_not_equal(paid.list[0].currency, paid.list[1].currency);
}

/* What a pool holds came from some day. Where no day says so nothing is paid out, and that is not passed
 * over. */
static void a_pool_without_days_fails(void **state)
{
    (void)state;
    int64_t next = 7;
    (void)sale(&merchant, 1000000);
    wait_until(1, 0);
    outside("CREATE TABLE kept AS SELECT * FROM settlement_day; DELETE FROM settlement_day");
    assert_int_equal(BOOK(fz_settlement_pay_out(tx, today(), 0, &next)), FZ_FAILED);
    assert_int_equal(next, 7);
    assert_int_equal(outside_number("SELECT COUNT(*) FROM payout"), 0);
    outside("INSERT INTO settlement_day SELECT * FROM kept; DROP TABLE kept");
    assert_booked(fz_settlement_pay_out(tx, today(), 0, &next));
    assert_int_equal(next, -1);
    assert_int_equal(outside_number("SELECT COUNT(*) FROM payout"), 1);
}

/* A book of an earlier schema knows its converted days alone: the migration has them worked through. */
static void days_converted_before(void **state)
{
    (void)state;
    (void)sale(&child, 1000000);
    (void)sale(&merchant, 20000);
    wait_until(1, 12 * FZ_HOUR_MS);
    (void)sale(&child, 1000000);
    wait_until(1, 12 * FZ_HOUR_MS);
    int monday = fz_day_of(MONDAY_10_MS);
    struct fz_settlement_page before = page(INSTITUTION, "", true);
    assert_int_equal(before.count, 2);
    outside("DELETE FROM payout; DELETE FROM settlement_day; DELETE FROM settlement_pool;"
            "DELETE FROM posting WHERE entry IN (SELECT id FROM entry WHERE kind = 9);"
            "DELETE FROM entry WHERE kind = 9; DELETE FROM event WHERE kind IN (8, 9);"
            "INSERT INTO event (id, due_ms, kind, subject, position) SELECT (SELECT COALESCE(MAX(id), 0) "
            "FROM event) +"
            " ROW_NUMBER() OVER (ORDER BY c.day), (c.day + 1) * 86400000 - 28800000, 8, c.day, 0"
            " FROM (SELECT DISTINCT day FROM pool WHERE converted_ms IS NOT NULL) c");
    wait_ms(1);
    struct fz_settlement_page after = page(INSTITUTION, "", true);
    assert_int_equal(after.count, 2);
    for (int i = 0; i < 2; i++) {
        assert_string_equal(after.list[i].batch_id, before.list[i].batch_id);
        assert_int_equal(after.list[i].day, monday + 1 + i);
        assert_int_equal(fz_settlement_net(&after.list[i].sums), fz_settlement_net(&before.list[i].sums));
    }
    assert_int_equal(page(DIRECT, "", false).count, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, sandbox_audit_and_remove)
    const struct CMUnitTest tests[] = {
        TEST(a_day_by_what_happened),
        TEST(a_closed_refund_comes_back),
        TEST(from_800_usd_on),
        TEST(what_is_enough_by_currency),
        TEST(over_the_week_end),
        TEST(batches_day_by_day_and_page_by_page),
        TEST(one_batch_for_each_currency),
        TEST(a_pool_without_days_fails),
        TEST(days_converted_before),
    };
    return cmocka_run_group_tests_name("book/payout", tests, NULL, NULL);
}
