/* Entries: what may be booked, how it is kept; and the clock's row, which leans on them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "book/clock.h"
#include "unit/book/sandbox.h"

FZ_STATEMENT(entries, "SELECT COUNT(*) FROM entry", "", "i");
FZ_STATEMENT(postings, "SELECT COUNT(*) FROM posting", "", "i");
FZ_STATEMENT(last_line, "SELECT MAX(id) FROM posting", "", "i");
FZ_STATEMENT(last_time, "SELECT MAX(time_ms) FROM entry", "", "i");
FZ_STATEMENT(without_day, "SELECT COUNT(*) FROM posting WHERE day IS NULL AND payment IS NULL", "", "i");
FZ_STATEMENT(on_day, "SELECT SUM(amount) FROM posting WHERE day = 20458", "", "i"); /* 2026-01-05 */

static struct fz_entry entry;

static void post(enum fz_account account, const char *currency, int64_t amount)
{
    fz_entry_post(&entry, account, INSTITUTION, 0, FZ_NO_DAY, currency, amount);
}

static void a_balanced_entry_is_kept(void **state)
{
    (void)state;
    fz_entry_begin(&entry, FZ_ENTRY_DAY_CONVERTED, 20458);
    fz_entry_post(&entry, FZ_ACCOUNT_OUTBOUND, INSTITUTION, 0, 20458, "CNY", -1300);
    post(FZ_ACCOUNT_CONVERSION, "CNY", 1300);
    post(FZ_ACCOUNT_CONVERSION, "USD", -200);
    post(FZ_ACCOUNT_WAIVED, "USD", 0); /* left out */
    post(FZ_ACCOUNT_SETTLEMENT, "USD", 200);
    assert_booked(fz_entry_book(tx, &entry));
    assert_int_equal(number(&entries), 1);
    assert_int_equal(number(&postings), 4);
    assert_int_equal(number(&without_day), 3);
    assert_int_equal(number(&on_day), -1300);
    assert_int_equal(number(&last_time), MONDAY_10_MS);
    assert_int_equal(number(&last_line), 1 * 256 + 3);
    assert_booked(fz_entry_book(tx, &entry));
    assert_int_equal(number(&last_line), 2 * 256 + 3);
}

static void assert_not_booked(void)
{
    assert_int_equal(BOOK(fz_entry_book(tx, &entry)), FZ_FAILED);
    assert_int_equal(number(&entries), 0);
    assert_int_equal(number(&postings), 0);
}

static void what_does_not_balance_is_not_kept(void **state)
{
    (void)state;
    fz_entry_begin(&entry, FZ_ENTRY_PAID, 1);
    assert_not_booked(); /* no postings */
    post(FZ_ACCOUNT_PAYER, "CNY", -100);
    assert_not_booked();
    post(FZ_ACCOUNT_FEE, "CNY", 99);
    assert_not_booked();
    post(FZ_ACCOUNT_SETTLEMENT, "USD", 1); /* 0 over all currencies */
    assert_not_booked();
    fz_entry_begin(&entry, FZ_ENTRY_PAID, 1);
    post(FZ_ACCOUNT_PAYER, "CNY", INT64_MAX);
    post(FZ_ACCOUNT_PAYER, "CNY", INT64_MAX);
    post(FZ_ACCOUNT_PAYER, "CNY", 2); /* 0 in 64 bits that wrap */
    assert_not_booked();
}

static void the_longest_entry_fits(void **state)
{
    (void)state;
    fz_entry_begin(&entry, FZ_ENTRY_PAID, 1);
    for (int i = 0; i < FZ_POSTINGS_MAX; i++)
        post(FZ_ACCOUNT_FEE, "CNY", i % 2 == 0 ? 5 : -5);
    assert_booked(fz_entry_book(tx, &entry));
    assert_int_equal(number(&postings), FZ_POSTINGS_MAX);
}

static void the_clock_stands_behind_no_entry(void **state)
{
    (void)state;
    struct fz_clock_state clock = {.book_ms = 1};
    int64_t floor_ms = 1;
    assert_int_equal(BOOK(fz_clock_load(tx, &clock, &floor_ms)), FZ_ABSENT);
    assert_int_equal(clock.book_ms, 1);

    assert_booked(fz_clock_store(tx, &((struct fz_clock_state){.book_ms = 5, .wire_ms = 6, .frozen = true})));
    assert_booked(fz_clock_load(tx, &clock, &floor_ms));
    assert_int_equal(clock.book_ms, 5);
    assert_int_equal(clock.wire_ms, 6);
    assert_true(clock.frozen);
    assert_int_equal(floor_ms, 0);

    fz_entry_begin(&entry, FZ_ENTRY_PAID, 1);
    post(FZ_ACCOUNT_FEE, "CNY", 1);
    post(FZ_ACCOUNT_PAYER, "CNY", -1);
    assert_booked(fz_entry_book(tx, &entry));
    now_ms += 1234;
    assert_booked(fz_entry_book(tx, &entry));
    assert_booked(
        fz_clock_store(tx, &((struct fz_clock_state){.book_ms = 7, .wire_ms = 8, .frozen = false})));
    assert_booked(fz_clock_load(tx, &clock, &floor_ms));
    assert_int_equal(clock.book_ms, 7);
    assert_int_equal(clock.wire_ms, 8);
    assert_false(clock.frozen);
    assert_int_equal(floor_ms, MONDAY_10_MS + 1234);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, sandbox_new, sandbox_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_balanced_entry_is_kept),
        TEST(what_does_not_balance_is_not_kept),
        TEST(the_longest_entry_fits),
        TEST(the_clock_stands_behind_no_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
