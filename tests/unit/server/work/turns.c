/* Turns: so many at once, then one for each that passes, in the order in which they came. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "server/work/turns.h"

static struct fz_turns turns;

static int begin(void **state)
{
    (void)state;
    fz_turns_open(&turns);
    return 0;
}

static int end(void **state)
{
    (void)state;
    fz_turns_close(&turns);
    return 0;
}

/* Seven come: four go, and the others one by one behind them, whoever it is that passes. */
static void four_go_and_each_lets_one_go(void **state)
{
    (void)state;
    struct fz_turn turn[7] = {0};
    for (int i = 0; i < 7; i++)
        assert_int_equal(fz_turns_take(&turns, &turn[i]), i < 4);
    assert_ptr_equal(fz_turns_pass(&turns, &turn[2]), &turn[4]);
    assert_ptr_equal(fz_turns_pass(&turns, &turn[0]), &turn[5]);
    assert_ptr_equal(fz_turns_pass(&turns, &turn[4]), &turn[6]);
    assert_null(fz_turns_pass(&turns, &turn[1]));
}

/* Who has passed, or never had a turn, has none to pass: an exchange passes when it goes on and once more at its end. */
static void a_turn_is_passed_once(void **state)
{
    (void)state;
    struct fz_turn turn[6] = {0};
    for (int i = 0; i < 5; i++)
        (void)fz_turns_take(&turns, &turn[i]);
    assert_null(fz_turns_pass(&turns, &turn[5]));
    assert_null(fz_turns_pass(&turns, &turn[4]));
    assert_ptr_equal(fz_turns_pass(&turns, &turn[0]), &turn[4]);
    assert_null(fz_turns_pass(&turns, &turn[0]));
}

/* When all have passed it begins again; the same one may come again. */
static void all_may_go_again(void **state)
{
    (void)state;
    struct fz_turn turn[5] = {0};
    for (int i = 0; i < 5; i++)
        (void)fz_turns_take(&turns, &turn[i]);
    for (int i = 0; i < 5; i++)
        (void)fz_turns_pass(&turns, &turn[i]);
    for (int i = 0; i < 5; i++)
        assert_int_equal(fz_turns_take(&turns, &turn[i]), i < 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(four_go_and_each_lets_one_go, begin, end),
        cmocka_unit_test_setup_teardown(a_turn_is_passed_once, begin, end),
        cmocka_unit_test_setup_teardown(all_may_go_again, begin, end),
    };
    return cmocka_run_group_tests_name("server/work/turns", tests, NULL, NULL);
}
