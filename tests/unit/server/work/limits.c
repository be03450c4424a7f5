/* Limits: exactly so many in any second, each caller for itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "server/work/limits.h"

#define T0 INT64_C(5000000)

static struct fz_limits *limits;

static int begin(void **state)
{
    (void)state;
    limits = fz_limits_new(true);
    return limits == NULL ? -1 : 0;
}

static int end(void **state)
{
    (void)state;
    fz_limits_free(limits);
    return 0;
}

static enum fz_row general(const char *mchid, int64_t now_ms)
{
    return fz_limits_take(limits, mchid, FZ_RATE_GENERAL, now_ms);
}

/* 600 a second for one caller: the 601st is refused until the first is a second ago, and then one may pass
 * for each that was. */
static void six_hundred_in_any_second(void **state)
{
    (void)state;
    for (int i = 0; i < 600; i++)
        assert_int_equal(general("1900000100", T0 + i), FZ_ROW_NONE); /* one a millisecond */
    assert_int_equal(general("1900000100", T0 + 600), FZ_LIMIT_CALLER);
    assert_int_equal(general("1900000100", T0 + 999), FZ_LIMIT_CALLER);
    assert_int_equal(general("1900000100", T0 + 1000), FZ_ROW_NONE);
    assert_int_equal(general("1900000100", T0 + 1000),
                     FZ_LIMIT_CALLER); /* the second one of T0 + 1 is not yet a second ago */
    assert_int_equal(general("1900000100", T0 + 1001), FZ_ROW_NONE);
    assert_int_equal(general("1900000100", T0 + 1001), FZ_LIMIT_CALLER);
}

/* A burst does not earn a second burst at the turn of some second. */
static void no_double_burst(void **state)
{
    (void)state;
    for (int i = 0; i < 600; i++)
        assert_int_equal(general("1900000100", T0 + 990), FZ_ROW_NONE);
    assert_int_equal(general("1900000100", T0 + 1010), FZ_LIMIT_CALLER);
    assert_int_equal(general("1900000100", T0 + 1990), FZ_ROW_NONE);
}

static void callers_do_not_share(void **state)
{
    (void)state;
    for (int i = 0; i < 600; i++)
        assert_int_equal(general("1900000100", T0), FZ_ROW_NONE);
    assert_int_equal(general("1900000100", T0), FZ_LIMIT_CALLER);
    assert_int_equal(general("1900000101", T0), FZ_ROW_NONE);
}

/* 150 a second for queries and submissions of refunds together; the rest goes on. */
static void refund_calls(void **state)
{
    (void)state;
    for (int i = 0; i < 150; i++)
        assert_int_equal(fz_limits_take(limits, "1900000100",
                                        i % 2 == 0 ? FZ_RATE_REFUND_QUERY : FZ_RATE_REFUND_SUBMIT, T0),
                         FZ_ROW_NONE);
    assert_int_equal(fz_limits_take(limits, "1900000100", FZ_RATE_REFUND_QUERY, T0 + 999),
                     FZ_LIMIT_REFUND_QUERY);
    assert_int_equal(fz_limits_take(limits, "1900000100", FZ_RATE_REFUND_SUBMIT, T0 + 999),
                     FZ_LIMIT_REFUND_QUERY);
    assert_int_equal(general("1900000100", T0 + 999), FZ_ROW_NONE);
    assert_int_equal(fz_limits_take(limits, "1900000100", FZ_RATE_REFUND_QUERY, T0 + 1000), FZ_ROW_NONE);
}

/* They count as calls too: 450 others fill the 600. */
static void refund_calls_are_calls(void **state)
{
    (void)state;
    for (int i = 0; i < 150; i++)
        assert_int_equal(fz_limits_take(limits, "1900000100", FZ_RATE_REFUND_QUERY, T0), FZ_ROW_NONE);
    for (int i = 0; i < 450; i++)
        assert_int_equal(general("1900000100", T0), FZ_ROW_NONE);
    assert_int_equal(general("1900000100", T0), FZ_LIMIT_CALLER);
}

/* What was refused does not count: who keeps knocking is let in as soon as the others are a second ago. */
static void refused_calls_do_not_count(void **state)
{
    (void)state;
    for (int i = 0; i < 150; i++)
        assert_int_equal(fz_limits_take(limits, "1900000100", FZ_RATE_REFUND_QUERY, T0), FZ_ROW_NONE);
    for (int i = 1; i < 1000; i++)
        assert_int_equal(fz_limits_take(limits, "1900000100", FZ_RATE_REFUND_QUERY, T0 + i),
                         FZ_LIMIT_REFUND_QUERY);
    for (int i = 0; i < 150; i++)
        assert_int_equal(fz_limits_take(limits, "1900000100", FZ_RATE_REFUND_QUERY, T0 + 1000), FZ_ROW_NONE);
}

/* Six faulty refunds a second get their own answers; then submissions wait, queries do not. */
static void faulty_refunds(void **state)
{
    (void)state;
    for (int i = 0; i < 6; i++) {
        assert_int_equal(fz_limits_take(limits, "1900000100", FZ_RATE_REFUND_SUBMIT, T0 + 10 * i),
                         FZ_ROW_NONE);
        fz_limits_count_faulty(limits, "1900000100", T0 + 10 * i);
    }
    assert_int_equal(fz_limits_take(limits, "1900000100", FZ_RATE_REFUND_SUBMIT, T0 + 60),
                     FZ_LIMIT_FAULTY_REFUNDS);
    assert_int_equal(fz_limits_take(limits, "1900000100", FZ_RATE_REFUND_QUERY, T0 + 60), FZ_ROW_NONE);
    assert_int_equal(fz_limits_take(limits, "1900000101", FZ_RATE_REFUND_SUBMIT, T0 + 60), FZ_ROW_NONE);
    assert_int_equal(fz_limits_take(limits, "1900000100", FZ_RATE_REFUND_SUBMIT, T0 + 999),
                     FZ_LIMIT_FAULTY_REFUNDS);
    assert_int_equal(fz_limits_take(limits, "1900000100", FZ_RATE_REFUND_SUBMIT, T0 + 1000), FZ_ROW_NONE);
}

/* What was faulty is counted by itself: 600 calls, of them 150 for refunds, go on as if nothing had been. */
static void faulty_refunds_take_no_others_place(void **state)
{
    (void)state;
    for (int i = 0; i < 6; i++)
        fz_limits_count_faulty(limits, "1900000100", T0);
    for (int i = 0; i < 150; i++)
        assert_int_equal(fz_limits_take(limits, "1900000100", FZ_RATE_REFUND_QUERY, T0), FZ_ROW_NONE);
    assert_int_equal(fz_limits_take(limits, "1900000100", FZ_RATE_REFUND_QUERY, T0), FZ_LIMIT_REFUND_QUERY);
    for (int i = 0; i < 450; i++)
        assert_int_equal(general("1900000100", T0), FZ_ROW_NONE);
    assert_int_equal(general("1900000100", T0), FZ_LIMIT_CALLER);
    assert_int_equal(fz_limits_take(limits, "1900000100", FZ_RATE_REFUND_SUBMIT, T0 + 1000), FZ_ROW_NONE);
}

/* A submission that only a repeat may pass counts as a call. */
static void what_may_be_a_repeat_is_a_call(void **state)
{
    (void)state;
    for (int i = 0; i < 6; i++)
        fz_limits_count_faulty(limits, "1900000100", T0);
    for (int i = 0; i < 150; i++)
        assert_int_equal(fz_limits_take(limits, "1900000100", FZ_RATE_REFUND_SUBMIT, T0), FZ_LIMIT_FAULTY_REFUNDS);
    assert_int_equal(fz_limits_take(limits, "1900000100", FZ_RATE_REFUND_SUBMIT, T0), FZ_LIMIT_REFUND_QUERY);
}

/* The table of callers grows, and loses nobody on the way. */
static void many_callers(void **state)
{
    (void)state;
    char mchid[FZ_MCHID_SIZE];
    for (int round = 0; round < 7; round++)
        for (int i = 0; i < 300; i++) {
            snprintf(mchid, sizeof mchid, "%d", 19000000 + i);
            enum fz_row wanted = round == 6 ? FZ_LIMIT_FAULTY_REFUNDS : FZ_ROW_NONE;
            assert_int_equal(fz_limits_take(limits, mchid, FZ_RATE_REFUND_SUBMIT, T0 + round), wanted);
            fz_limits_count_faulty(limits, mchid, T0 + round);
        }
}

static void none_to_free(void **state)
{
    (void)state;
    fz_limits_free(NULL);
}

/* As after a reset: nobody has called yet. */
static void what_was_counted_can_be_forgotten(void **state)
{
    (void)state;
    for (int i = 0; i < FZ_FAULTY_REFUNDS_A_SECOND; i++)
        fz_limits_count_faulty(limits, "1900000100", T0);
    for (int i = 0; i < FZ_CALLS_A_SECOND; i++)
        assert_int_equal(fz_limits_take(limits, "1900000100", FZ_RATE_GENERAL, T0), FZ_ROW_NONE);
    assert_int_equal(fz_limits_take(limits, "1900000100", FZ_RATE_GENERAL, T0), FZ_LIMIT_CALLER);
    fz_limits_reset(limits);
    assert_int_equal(fz_limits_take(limits, "1900000100", FZ_RATE_REFUND_SUBMIT, T0), FZ_ROW_NONE);
    for (int i = 1; i < FZ_CALLS_A_SECOND; i++)
        assert_int_equal(fz_limits_take(limits, "1900000100", FZ_RATE_GENERAL, T0), FZ_ROW_NONE);
    assert_int_equal(fz_limits_take(limits, "1900000100", FZ_RATE_GENERAL, T0), FZ_LIMIT_CALLER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(six_hundred_in_any_second, begin, end),
        cmocka_unit_test_setup_teardown(no_double_burst, begin, end),
        cmocka_unit_test_setup_teardown(callers_do_not_share, begin, end),
        cmocka_unit_test_setup_teardown(refund_calls, begin, end),
        cmocka_unit_test_setup_teardown(refund_calls_are_calls, begin, end),
        cmocka_unit_test_setup_teardown(refused_calls_do_not_count, begin, end),
        cmocka_unit_test_setup_teardown(faulty_refunds, begin, end),
        cmocka_unit_test_setup_teardown(faulty_refunds_take_no_others_place, begin, end),
        cmocka_unit_test_setup_teardown(what_may_be_a_repeat_is_a_call, begin, end),
        cmocka_unit_test_setup_teardown(many_callers, begin, end),
        cmocka_unit_test(none_to_free),
        cmocka_unit_test_setup_teardown(what_was_counted_can_be_forgotten, begin, end),
    };
    return cmocka_run_group_tests_name("server/limits", tests, NULL, NULL);
}
