/* Pools: today's balances, and the conversion that each day plans. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "book/settlement/pool.h"
#include "unit/book/sandbox.h"

#define TODAY       20458 /* 2026-01-05 */
#define MIDNIGHT_MS (MONDAY_10_MS + 14 * FZ_HOUR_MS)

FZ_STATEMENT(slot_add, "INSERT INTO pool (sponsor, kind, day, slot, balance) VALUES ($1, 1, $2, $3, $4)", "tiii", "");
FZ_STATEMENT(events, "SELECT COUNT(*) FROM event", "", "i");

static enum fz_result credit(struct fz_tx *tx, const char *sponsor, enum fz_pool_kind kind, int64_t amount)
{
    return fz_pool_credit(tx, sponsor, kind, 1, amount);
}

static enum fz_result debit(struct fz_tx *tx, enum fz_pool_kind kind, int64_t amount)
{
    return fz_pool_debit(tx, INSTITUTION, kind, 1, amount);
}

static void pools_are_told_apart(void **state)
{
    (void)state;
    assert_int_equal(pool(INSTITUTION, FZ_POOL_OUTBOUND), 0);
    assert_booked(credit(tx, INSTITUTION, FZ_POOL_OUTBOUND, 1000));
    assert_booked(credit(tx, INSTITUTION, FZ_POOL_OUTBOUND, 500));
    assert_booked(credit(tx, INSTITUTION, FZ_POOL_SALES, 30));
    assert_booked(credit(tx, DIRECT, FZ_POOL_OUTBOUND, 2));
    assert_int_equal(pool(INSTITUTION, FZ_POOL_OUTBOUND), 1500);
    assert_int_equal(pool(INSTITUTION, FZ_POOL_SALES), 30);
    assert_int_equal(pool(DIRECT, FZ_POOL_OUTBOUND), 2);
    assert_int_equal(pool(DIRECT, FZ_POOL_SALES), 0);
}

static void a_pool_gives_what_it_has(void **state)
{
    (void)state;
    assert_refused(debit(tx, FZ_POOL_OUTBOUND, 1), REFUND_SHORT);
    assert_booked(credit(tx, INSTITUTION, FZ_POOL_OUTBOUND, 1000));
    assert_refused(debit(tx, FZ_POOL_OUTBOUND, 1001), REFUND_SHORT);
    assert_refused(debit(tx, FZ_POOL_SALES, 1), REFUND_SHORT);
    assert_booked(debit(tx, FZ_POOL_OUTBOUND, 1000));
    assert_int_equal(pool(INSTITUTION, FZ_POOL_OUTBOUND), 0);
    assert_refused(debit(tx, FZ_POOL_OUTBOUND, 1), REFUND_SHORT);
    assert_booked(debit(tx, FZ_POOL_OUTBOUND, 0));
}

static enum fz_result add_slot(struct fz_tx *tx, int64_t slot, int64_t balance)
{
    return fz_run(tx, &slot_add, FZ_VALUES(FZ_T(INSTITUTION), FZ_I(TODAY), FZ_I(slot), FZ_I(balance)), NULL);
}

/* As one has that comes from where many write. */
static void a_book_with_several_slots_gives_what_they_have_together(void **state)
{
    (void)state;
    assert_booked(credit(tx, INSTITUTION, FZ_POOL_OUTBOUND, 10));
    assert_booked(add_slot(tx, 3, 20));
    assert_booked(add_slot(tx, 63, 30));
    assert_int_equal(pool(INSTITUTION, FZ_POOL_OUTBOUND), 60);
    assert_refused(debit(tx, FZ_POOL_OUTBOUND, 61), REFUND_SHORT);
    assert_booked(debit(tx, FZ_POOL_OUTBOUND, 55));
    assert_int_equal(pool(INSTITUTION, FZ_POOL_OUTBOUND), 5);
    assert_booked(credit(tx, INSTITUTION, FZ_POOL_OUTBOUND, 1));
    assert_booked(debit(tx, FZ_POOL_OUTBOUND, 6));
    assert_int_equal(pool(INSTITUTION, FZ_POOL_OUTBOUND), 0);
}

static void a_day_ends_at_midnight_in_beijing(void **state)
{
    (void)state;
    assert_booked(credit(tx, INSTITUTION, FZ_POOL_OUTBOUND, 1000));
    now_ms = MIDNIGHT_MS - 1;
    assert_int_equal(pool(INSTITUTION, FZ_POOL_OUTBOUND), 1000);
    now_ms = MIDNIGHT_MS;
    assert_int_equal(pool(INSTITUTION, FZ_POOL_OUTBOUND), 0);
    assert_refused(debit(tx, FZ_POOL_OUTBOUND, 1), REFUND_SHORT);
    assert_booked(credit(tx, INSTITUTION, FZ_POOL_OUTBOUND, 7));
    assert_int_equal(pool(INSTITUTION, FZ_POOL_OUTBOUND), 7);
    now_ms = MIDNIGHT_MS - 1;
    assert_int_equal(pool(INSTITUTION, FZ_POOL_OUTBOUND), 1000);
}

static void a_day_with_movement_is_converted(void **state)
{
    (void)state;
    assert_booked(credit(tx, INSTITUTION, FZ_POOL_OUTBOUND, 0));
    assert_int_equal(number(&events), 0);
    assert_booked(credit(tx, INSTITUTION, FZ_POOL_OUTBOUND, 1));
    assert_booked(credit(tx, INSTITUTION, FZ_POOL_SALES, 1));
    assert_booked(credit(tx, DIRECT, FZ_POOL_SALES, 1));
    assert_int_equal(number(&events), 1); /* once a day, not once a merchant */
    assert_int_equal(due(FZ_EVENT_CONVERT, TODAY), MIDNIGHT_MS);
    now_ms = MIDNIGHT_MS;
    assert_booked(credit(tx, DIRECT, FZ_POOL_SALES, 1));
    assert_int_equal(due(FZ_EVENT_CONVERT, TODAY + 1), MIDNIGHT_MS + FZ_DAY_MS);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, sandbox_new, sandbox_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pools_are_told_apart),
        TEST(a_pool_gives_what_it_has),
        TEST(a_book_with_several_slots_gives_what_they_have_together),
        TEST(a_day_ends_at_midnight_in_beijing),
        TEST(a_day_with_movement_is_converted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
