/* Events: planned, taken back, looked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/book/sandbox.h"

FZ_STATEMENT(events, "SELECT COUNT(*) FROM event", "", "i");

static void an_event_is_planned_once(void **state)
{
    (void)state;
    int64_t next_ms = -1, count = -1;
    assert_int_equal(BOOK(fz_event_next_due(tx, &next_ms)), FZ_ABSENT);
    assert_int_equal(next_ms, -1);
    assert_booked(fz_event_plan(tx, FZ_EVENT_RELEASE, 7, 500));
    assert_booked(fz_event_plan(tx, FZ_EVENT_RELEASE, 7, 600));
    assert_int_equal(due(FZ_EVENT_RELEASE, 7), 500);
    assert_booked(fz_event_plan(tx, FZ_EVENT_RELEASE, 7, 400)); /* the earlier stands */
    assert_int_equal(due(FZ_EVENT_RELEASE, 7), 400);
    assert_booked(fz_event_plan(tx, FZ_EVENT_FROZEN, 7, 300));
    assert_booked(fz_event_plan(tx, FZ_EVENT_RELEASE, 8, 450));
    assert_booked(fz_event_next_due(tx, &next_ms));
    assert_int_equal(next_ms, 300);
    assert_booked(fz_event_count_due(tx, 299, INT64_MAX, &count));
    assert_int_equal(count, 0);
    assert_booked(fz_event_count_due(tx, 449, INT64_MAX, &count));
    assert_int_equal(count, 2);
    assert_booked(fz_event_count_due(tx, 449, 1, &count)); /* no further than that */
    assert_int_equal(count, 1);
    assert_booked(fz_event_cancel(tx, FZ_EVENT_RELEASE, 7));
    assert_booked(fz_event_cancel(tx, FZ_EVENT_RELEASE, 7)); /* planned or not */
    assert_int_equal(due(FZ_EVENT_RELEASE, 7), -1);
    assert_int_equal(number(&events), 2);
}

static void a_look_sees_what_is_due_from_a_time_on(void **state)
{
    (void)state;
    struct fz_event_next next;
    now_ms = MONDAY_10_MS;
    assert_booked(fz_event_look(tx, INT64_MIN, 8, &next));
    assert_int_equal(next.first.due_ms, INT64_MAX);
    assert_int_equal(next.due, 0);
    assert_booked(fz_event_plan(tx, FZ_EVENT_RELEASE, 7, MONDAY_10_MS - 1));
    assert_booked(fz_event_plan(tx, FZ_EVENT_RELEASE, 8, MONDAY_10_MS - 2));
    assert_booked(fz_event_plan(tx, FZ_EVENT_RELEASE, 9, MONDAY_10_MS - 1));
    assert_booked(fz_event_plan(tx, FZ_EVENT_RELEASE, 10, MONDAY_10_MS + 1));
    assert_booked(fz_event_look(tx, INT64_MIN, 8, &next));
    assert_int_equal(next.first.due_ms, MONDAY_10_MS - 2);
    assert_int_equal(next.due, 3);
    int64_t second = next.first.id;
    assert_booked(fz_event_look(tx, MONDAY_10_MS - 1, 8, &next));
    assert_int_equal(next.first.id, second - 1);
    assert_int_equal(next.due, 2);
    assert_booked(fz_event_look(tx, INT64_MIN, 2, &next));
    assert_int_equal(next.due, 2); /* counted no further than that */
    assert_booked(fz_event_look(tx, MONDAY_10_MS, 8, &next));
    assert_int_equal(next.first.due_ms, MONDAY_10_MS + 1);
    assert_int_equal(next.due, 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, sandbox_new, sandbox_audit_and_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(an_event_is_planned_once), TEST(a_look_sees_what_is_due_from_a_time_on)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
