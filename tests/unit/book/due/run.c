/* Events that are due: their order, the book's time while they run, and what becomes of those that fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "book/due/due.h"
#include "book/order/rail.h"
#include "book/settlement/pool.h"
#include "unit/book/refunds.h"

#define TODAY       20458 /* 2026-01-05 */
#define MIDNIGHT_MS (MONDAY_10_MS + 14 * FZ_HOUR_MS)

FZ_STATEMENT(events, "SELECT COUNT(*) FROM event", "", "i");
FZ_STATEMENT(position, "SELECT position FROM event WHERE kind = 6 OR kind = 8", "", "i");
FZ_STATEMENT(entry_count, "SELECT COUNT(*) FROM entry", "", "i");
FZ_STATEMENT(effective_receivers, "SELECT COUNT(*) FROM receiver WHERE state = 2", "", "i");
FZ_STATEMENT(last_time, "SELECT MAX(time_ms) FROM entry", "", "i");

static int64_t ran, book_ms;

static void run(int64_t until_ms, int64_t floor_ms, int64_t limit)
{
    ran = book_ms = -1;
    assert_booked(fz_event_run(tx, until_ms, floor_ms, limit, &ran, &book_ms));
}

static void an_event_without_a_subject_is_done(void **state)
{
    (void)state;
    assert_booked(fz_event_plan(tx, FZ_EVENT_FROZEN, 99, 100));
    assert_booked(fz_event_plan(tx, FZ_EVENT_RELEASE, 99, 101));
    assert_booked(fz_event_plan(tx, FZ_EVENT_DISTRIBUTED, 99, 102));
    assert_booked(fz_event_plan(tx, FZ_EVENT_REFUNDED, 99, 103));
    assert_booked(fz_event_plan(tx, FZ_EVENT_RECEIVER_AUDITED, 99, 104));
    run(103, 0, 100);
    assert_int_equal(ran, 4);
    assert_int_equal(book_ms, 103);
    assert_int_equal(number(&events), 1);
    run(104, 0, 100);
    assert_int_equal(ran, 1);
    run(104, 0, 100);
    assert_int_equal(ran, 0);
    assert_int_equal(book_ms, -1);
}

static void a_run_has_a_limit(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++)
        assert_booked(fz_event_plan(tx, FZ_EVENT_FROZEN, i + 1, 100 - i));
    run(100, 0, 2);
    assert_int_equal(ran, 2);
    assert_int_equal(book_ms, 97); /* 96, 97: by due time, not by number */
    run(100, 98, 1);
    assert_int_equal(book_ms, 98);
    run(100, 1000, 10);
    assert_int_equal(ran, 2);
    assert_int_equal(book_ms, 1000); /* never behind the floor */
}

static void book_time_is_the_events_own(void **state)
{
    (void)state;
    struct fz_party party = institution();
    struct fz_payment payment = frozen(&party, "A1", 10000);
    struct fz_distribution out;
    struct fz_distribution_request first = request(&payment, "D1", false),
                                   second = request(&payment, "D2", false);
    add_slice(&first, INSTITUTION, 1);
    add_slice(&second, INSTITUTION, 2);
    assert_booked(fz_distribution_submit(tx, &party, &first, &out));
    int64_t first_ms = due(FZ_EVENT_DISTRIBUTED, out.id);
    assert_booked(fz_distribution_submit(tx, &party, &second, &out));
    int64_t second_ms = due(FZ_EVENT_DISTRIBUTED, out.id);
    assert_true(first_ms < second_ms);

    struct fz_tx *held = sandbox_begin();
    held->now_ms = 12345;
    assert_int_equal(fz_event_run(held, first_ms + 500, now_ms, 10, &ran, &book_ms), FZ_OK);
    assert_int_equal(held->now_ms, 12345);
    assert_ptr_equal(held->error, &error);
    sandbox_end(FZ_OK);
    assert_int_equal(ran, 1);
    assert_int_equal(book_ms, first_ms);
    assert_int_equal(number(&last_time), first_ms);
    run(second_ms, second_ms + 77, 10); /* the machine slept: requests have seen a later time */
    assert_int_equal(number(&last_time), second_ms + 77);
    assert_booked(fz_distribution_find(tx, &party, "D2", payment.transaction_id, &out));
    assert_int_equal(out.slices[0].finished_ms, second_ms + 77);
}

/* Events in one transaction that plan others in between: each comes at its own time. */
static void events_by_events_come_in_order(void **state)
{
    (void)state;
    struct fz_party party = institution();
    effective(&party, "1900003001");
    struct fz_payment payment = frozen(&party, "A1", 10000), other = frozen(&party, "A2", 10000);
    struct fz_distribution out;
    struct fz_distribution_request all = request(&payment, "D1", true), later = request(&other, "D2", true);
    add_slice(&all, "1900003001", 3000);
    assert_booked(fz_distribution_submit(tx, &party, &all, &out));
    int64_t failed_ms = due(FZ_EVENT_DISTRIBUTED, out.id);
    assert_booked(fz_distribution_submit(tx, &party, &later, &out));
    assert_true(failed_ms < due(FZ_EVENT_DISTRIBUTED, out.id));
    assert_booked(fz_receiver_penalise(tx, "1900003001", NULL, NULL, true));
    run(failed_ms + FZ_MINUTE_MS, now_ms, 2);
    assert_int_equal(ran, 2);
    assert_int_equal(book_ms, failed_ms); /* the failed slice's release, before the other order's work */
    now_ms = failed_ms;
    assert_int_equal(pool(INSTITUTION, FZ_POOL_OUTBOUND), 9940);
    assert_true(due(FZ_EVENT_DISTRIBUTED, out.id) > failed_ms);
}

static void a_long_day_is_converted_stretch_by_stretch(void **state)
{
    (void)state;
    struct fz_party party = direct();
    struct fz_tx *held = sandbox_begin();
    for (int i = 0; i < 1001; i++) {
        char out_trade_no[32];
        snprintf(out_trade_no, sizeof out_trade_no, "A%d", i);
        struct fz_order_request order = {.out_trade_no = out_trade_no, .amount = 100};
        struct fz_payment payment;
        assert_int_equal(fz_payment_place(held, &party, &order, &payment), FZ_OK);
        assert_int_equal(fz_rail_paid(held, &payment, 0), FZ_OK);
    }
    assert_int_equal(sandbox_end(FZ_OK), FZ_OK);
    assert_int_equal(pool(DIRECT, FZ_POOL_SALES), 99099);
    assert_int_equal(balance(FZ_ACCOUNT_SALES, 0), 99099);
    assert_booked(fz_event_plan(tx, FZ_EVENT_FROZEN, 99, MIDNIGHT_MS));

    run(MIDNIGHT_MS, now_ms, 100);
    assert_int_equal(ran, 1); /* a stretch is a transaction's worth */
    assert_int_equal(book_ms, MIDNIGHT_MS);
    assert_int_equal(due(FZ_EVENT_CONVERT, TODAY), MIDNIGHT_MS); /* due again at once, and before the other */
    assert_true(number(&position) > 0);
    run(MIDNIGHT_MS, now_ms, 100);
    assert_int_equal(ran, 3); /* the rest, the other, and a stretch of the day's details */
    assert_int_equal(balance(FZ_ACCOUNT_SALES, 0), 0);
    assert_true(balance(FZ_ACCOUNT_SETTLEMENT, 0) > 0);
    assert_int_equal(due(FZ_EVENT_DETAIL, TODAY), MIDNIGHT_MS);
    assert_true(number(&position) > 0);
    run(MIDNIGHT_MS, now_ms, 100);
    assert_int_equal(ran, 1);
    assert_int_equal(number(&events), 1); /* what is converted waits for its payout, at ten */
    assert_int_equal(due(FZ_EVENT_PAYOUT, TODAY + 1), MIDNIGHT_MS + 10 * FZ_HOUR_MS);
}

/* ---- those that fail ---- */

static char told[200];

static enum fz_result tell(void *unused, const struct fz_event_aside *aside)
{
    (void)unused;
    snprintf(told + strlen(told), sizeof told - strlen(told), "%s %lld due %lld: %.60s;", aside->kind,
             (long long)aside->subject, (long long)aside->due_ms, aside->why);
    return FZ_OK;
}

static const char *those_aside(void)
{
    told[0] = '\0';
    assert_booked(fz_event_each_aside(tx, tell, NULL));
    return told;
}

/* What runs before the one that fails is kept; it fails alone; set aside it lets those behind it run, and is
 * told of; and it is tried again as of old. */
static void an_event_that_fails_is_set_aside(void **state)
{
    (void)state;
    struct fz_party party = institution();
    struct fz_receiver receiver = {
        .type = "MERCHANT_ID", .account = "1900003001", .relation_type = "SUPPLIER", .expected_ratio = -1};
    snprintf(receiver.caller, sizeof receiver.caller, "%s", party.caller);
    snprintf(receiver.sub_mchid, sizeof receiver.sub_mchid, "%s", party.sub_mchid);
    assert_booked(fz_receiver_add(tx, &receiver));
    const int64_t due_ms = now_ms + FZ_MINUTE_MS;
    assert_int_equal(due(FZ_EVENT_RECEIVER_AUDITED, 1), due_ms);
    assert_booked(fz_event_plan(tx, FZ_EVENT_FROZEN, 98, due_ms - 1));
    assert_booked(fz_event_plan(tx, FZ_EVENT_FROZEN, 99, due_ms + 1));
    outside("CREATE TRIGGER planted BEFORE UPDATE ON receiver BEGIN SELECT RAISE(ABORT, 'planted'); END");
    run(due_ms + 5, 0, 100);
    assert_int_equal(ran, 1);
    assert_int_equal(book_ms, due_ms - 1);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(BOOK(fz_event_run(tx, due_ms + 5, 0, 100, &ran, &book_ms)), FZ_FAILED);
        assert_non_null(strstr(error.issue, "planted"));
    }
    assert_string_equal(those_aside(), "");
    bool aside = false;
    assert_booked(fz_event_set_aside(tx, due_ms + 5, 0, &aside));
    assert_true(aside);
    char expected[200];
    snprintf(expected, sizeof expected, "receiver audited 1 due %lld: receiver_", (long long)due_ms);
    assert_memory_equal(those_aside(), expected, strlen(expected));
    assert_non_null(strstr(those_aside(), "planted"));
    run(due_ms + 5, 0, 100);
    assert_int_equal(ran, 1);
    assert_int_equal(book_ms, due_ms + 1);
    run(INT64_MAX - 1, 0, 100); /* no clock comes to where it is now */
    assert_int_equal(ran, 0);

    outside("DROP TRIGGER planted");
    assert_booked(fz_event_take_up(tx));
    assert_string_equal(those_aside(), "");
    assert_int_equal(due(FZ_EVENT_RECEIVER_AUDITED, 1), due_ms);
    run(due_ms, now_ms, 100);
    assert_int_equal(ran, 1);
    assert_int_equal(number(&effective_receivers), 1);
}

/* A book of a later program may plan what this one does not know: told of, and never guessed at. */
static void an_event_of_an_unknown_kind_is_set_aside(void **state)
{
    (void)state;
    static const int unknown[] = {-1, 0, FZ_EVENT_PAYOUT + 1};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        char sql[120];
        snprintf(sql, sizeof sql,
                 "INSERT INTO event (id, due_ms, kind, subject, position) VALUES (%d, 100, %d, 7, 0)",
                 (int)i + 1, unknown[i]);
        outside(sql);
        assert_int_equal(BOOK(fz_event_run(tx, 100, 0, 10, &ran, &book_ms)), FZ_FAILED);
        bool aside = false;
        assert_booked(fz_event_set_aside(tx, 100, 0, &aside));
        assert_true(aside);
        assert_string_equal(those_aside(),
                            "of an unknown kind 7 due 100: what it found in the book does not fit it;");
        outside("DELETE FROM event");
    }
}

/* What goes well after all is not set aside. */
static void an_event_is_tried_once_more_before_it_is_set_aside(void **state)
{
    (void)state;
    bool aside = true;
    assert_booked(fz_event_set_aside(tx, 100, 0, &aside)); /* nothing is due */
    assert_false(aside);
    assert_booked(fz_event_plan(tx, FZ_EVENT_FROZEN, 99, 100));
    assert_booked(fz_event_set_aside(tx, 100, 0, &aside));
    assert_false(aside);
    assert_int_equal(number(&events), 0);
}

/* The conversion of a day writes entries, then plans its details: here that cannot be. What it wrote is undone, and its money waits:
 * a key that is taken, and of which nobody thought, does not count as done. */
static void what_an_event_wrote_before_it_failed_is_undone(void **state)
{
    (void)state;
    struct fz_party party = direct();
    (void)paid(&party, "A1", 10000, false);
    int64_t entries = number(&entry_count), sales = balance(FZ_ACCOUNT_SALES, 0);
    assert_true(sales > 0);
    outside("CREATE UNIQUE INDEX planted ON event (kind) WHERE kind = 8");
    assert_booked(fz_event_plan(tx, FZ_EVENT_DETAIL, 1, MIDNIGHT_MS + 1));
    assert_int_equal(BOOK(fz_event_run(tx, MIDNIGHT_MS, now_ms, 100, &ran, &book_ms)), FZ_FAILED);
    assert_int_equal(due(FZ_EVENT_CONVERT, TODAY), MIDNIGHT_MS);
    assert_int_equal(number(&entry_count), entries);
    assert_int_equal(balance(FZ_ACCOUNT_SALES, 0), sales);
    outside("DROP INDEX planted");
    run(MIDNIGHT_MS, now_ms, 100);
    assert_int_equal(due(FZ_EVENT_CONVERT, TODAY), -1);
    assert_int_equal(balance(FZ_ACCOUNT_SALES, 0), 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, sandbox_new, sandbox_audit_and_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_event_without_a_subject_is_done),
        TEST(a_run_has_a_limit),
        TEST(book_time_is_the_events_own),
        TEST(events_by_events_come_in_order),
        TEST(a_long_day_is_converted_stretch_by_stretch),
        TEST(an_event_that_fails_is_set_aside),
        TEST(an_event_of_an_unknown_kind_is_set_aside),
        TEST(an_event_is_tried_once_more_before_it_is_set_aside),
        TEST(what_an_event_wrote_before_it_failed_is_undone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
