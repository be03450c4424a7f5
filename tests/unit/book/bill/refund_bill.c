/* Which refunds are on a bill, in ranges, and what a line says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/calendar.h"
#include "book/bill/refund_bill.h"
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

/* What a bill had, in words, as its texts live for the call only. */
struct seen {
    int64_t count;
    char text[4096];
};

static enum fz_result see(void *argument, const struct fz_refund_line *line)
{
    struct seen *seen = argument;
    size_t used = strlen(seen->text);
    snprintf(seen->text + used, sizeof seen->text - used, "%s;", line->out_refund_no);
    seen->count++;
    return FZ_OK;
}

/* The whole bill, in ranges of `limit`. */
static struct seen bill(const char *caller, const char *sub_mchid, int day, int64_t limit)
{
    struct seen seen = {0};
    int64_t after = 0, count;
    do {
        assert_booked(
            fz_refund_bill_each(tx, caller, sub_mchid, day, after, limit, see, &seen, &after, &count));
        assert_true(count <= limit);
    } while (count > 0);
    bool exists;
    assert_booked(fz_refund_bill_exists(tx, caller, sub_mchid, day, &exists));
    assert_int_equal(exists, seen.count > 0);
    return seen;
}

static void assert_bill(const char *caller, const char *sub_mchid, int day, const char *expected)
{
    for (int64_t limit = 1; limit <= 4; limit++)
        assert_string_equal(bill(caller, sub_mchid, day, limit).text, expected);
}

/* The bill of a day has the refunds of marked orders that succeeded on it, whenever they were applied for. */
static void test_which(void **state)
{
    (void)state;
    struct fz_order_request by_card = {.payer_kind = FZ_PAYER_CREDIT};
    struct fz_payment of_child = bought(&child, true, NULL), of_sibling = bought(&sibling, true, NULL);
    struct fz_payment unmarked = bought(&child, false, NULL), card = bought(&child, true, &by_card);
    struct fz_payment alone = bought(&merchant, true, NULL);
    struct fz_refund late = refunded(&child, &card, 1, 0);
    struct fz_refund first = refunded(&child, &of_child, 2, 0),
                     second = refunded(&sibling, &of_sibling, 3, 0);
    struct fz_refund third = refunded(&child, &of_child, 4, 0), direct = refunded(&merchant, &alone, 5, 0);
    struct fz_refund closed = refunded(&child, &of_child, 6, 0);
    (void)refunded(&child, &unmarked, 7, 0);
    assert_int_equal(outcome(&closed, FZ_REFUND_CLOSED), FZ_OK);
    int today = fz_day_of(now_ms);
    assert_bill(INSTITUTION, "", today, "");
    wait_ms(20 * FZ_MINUTE_MS);

    char expected[400];
    snprintf(expected, sizeof expected, "%s;%s;%s;", first.out_refund_no, second.out_refund_no,
             third.out_refund_no);
    assert_bill(INSTITUTION, "", today, expected);
    snprintf(expected, sizeof expected, "%s;%s;", first.out_refund_no, third.out_refund_no);
    assert_bill(INSTITUTION, CHILD, today, expected);
    snprintf(expected, sizeof expected, "%s;", second.out_refund_no);
    assert_bill(INSTITUTION, OTHER_CHILD, today, expected);
    snprintf(expected, sizeof expected, "%s;", direct.out_refund_no);
    assert_bill(DIRECT, "", today, expected);
    assert_bill(INSTITUTION, "", today + 1, "");

    wait_ms(3 * FZ_DAY_MS);
    snprintf(expected, sizeof expected, "%s;", late.out_refund_no);
    assert_bill(INSTITUTION, CHILD, today + 3, expected);
    assert_bill(INSTITUTION, OTHER_CHILD, today + 3, "");
}

/* The day is Beijing's: a millisecond before midnight, and midnight. */
static void test_midnight(void **state)
{
    (void)state;
    int today = fz_day_of(now_ms);
    struct fz_payment payment = bought(&child, true, NULL);
    wait_ms(fz_day_start_ms(today + 1) - 20 * FZ_MINUTE_MS - 1 - now_ms);
    struct fz_refund before = refunded(&child, &payment, 1, 0);
    wait_ms(1);
    struct fz_refund after = refunded(&child, &payment, 1, 0);
    wait_ms(FZ_HOUR_MS);
    char expected[80];
    snprintf(expected, sizeof expected, "%s;", before.out_refund_no);
    assert_bill(INSTITUTION, "", today, expected);
    snprintf(expected, sizeof expected, "%s;", after.out_refund_no);
    assert_bill(INSTITUTION, "", today + 1, expected);
}

struct compared {
    const struct fz_refund *refund;
    int64_t coupon_cny;
    int count;
};

static enum fz_result compare(void *argument, const struct fz_refund_line *line)
{
    struct compared *compared = argument;
    const struct fz_refund *refund = compared->refund;
    assert_string_equal(line->refund_id, refund->refund_id);
    assert_string_equal(line->out_refund_no, refund->out_refund_no);
    assert_string_equal(line->transaction_id, refund->transaction_id);
    assert_string_equal(line->out_trade_no, refund->out_trade_no);
    assert_int_equal(line->created_ms, refund->created_ms);
    assert_int_equal(line->success_ms, refund->success_ms);
    assert_int_equal(line->amount, refund->amount);
    assert_string_equal(line->currency, "CNY");
    assert_int_equal(line->payer_refund, refund->payer_refund);
    assert_string_equal(line->payer_currency, refund->payer_currency);
    assert_int_equal(line->coupon_cny, compared->coupon_cny);
    assert_int_equal(line->own.gross, refund->own.gross);
    assert_int_equal(line->own.fee, refund->own.fee);
    assert_int_equal(line->funds.gross, refund->funds.gross);
    assert_int_equal(line->funds.fee, refund->funds.fee);
    assert_int_equal(line->fee_rate, 60);
    assert_string_equal(line->settlement_currency, "USD");
    assert_int_equal(line->settlement_rate, 650000000);
    compared->count++;
    return FZ_OK;
}

static void assert_line(const struct fz_refund *refund, int64_t coupon_cny)
{
    struct fz_refund now = refund_now(refund);
    struct compared compared = {.refund = &now, .coupon_cny = coupon_cny};
    int64_t last, count;
    assert_booked(fz_refund_bill_each(tx, INSTITUTION, "", fz_day_of(now.success_ms), now.id - 1, 1, compare,
                                      &compared, &last, &count));
    assert_int_equal(compared.count, 1);
    assert_int_equal(last, now.id);
}

/* Two sources; a DISCOUNT; a COUPON in the payer's currency, whose share the bill tells in CNY. */
static void test_lines(void **state)
{
    (void)state;
    struct fz_order_request discounted = {.coupon = {FZ_COUPON_DISCOUNT, FZ_SCOPE_GLOBAL, "1", 500}};
    struct fz_order_request abroad = {.payer_currency = "HKD",
                                      .coupon = {FZ_COUPON_COUPON, FZ_SCOPE_SINGLE, "2", 1000}};
    struct fz_payment shared = bought(&child, true, NULL), discount = bought(&child, true, &discounted);
    struct fz_payment coupon = bought(&child, true, &abroad);
    wait_ms(5 * FZ_MINUTE_MS);
    distribute(&child, &shared, 2000, 3000, false);
    wait_ms(FZ_MINUTE_MS);
    struct fz_refund of_two = refunded(&child, &shared, 6000, 1030);
    struct fz_refund of_discount = refunded(&child, &discount, 3333, 0);
    struct fz_refund of_coupon = refunded(&child, &coupon, 3333, 0);
    wait_ms(FZ_HOUR_MS);
    assert_line(&of_two, 0);
    assert_line(&of_discount, 166);
    assert_line(&of_coupon, 278); /* 3.33 HKD at 0.835 */
}

/* What the taker returns ends the bill. */
static enum fz_result refuse(void *argument, const struct fz_refund_line *line)
{
    (void)line;
    ++*(int *)argument;
    return FZ_FULL;
}

static void test_stopped(void **state)
{
    (void)state;
    struct fz_payment payment = bought(&child, true, NULL);
    (void)refunded(&child, &payment, 1, 0);
    (void)refunded(&child, &payment, 1, 0);
    wait_ms(FZ_HOUR_MS);
    int seen = 0;
    int64_t last, count;
    assert_int_equal(BOOK(fz_refund_bill_each(tx, INSTITUTION, "", fz_day_of(now_ms), 0, 10, refuse, &seen,
                                              &last, &count)),
                     FZ_FULL);
    assert_int_equal(seen, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, sandbox_audit_and_remove)
    const struct CMUnitTest tests[] = {TEST(test_which), TEST(test_midnight), TEST(test_lines),
                                       TEST(test_stopped)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
