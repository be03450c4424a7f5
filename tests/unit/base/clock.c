/* The machine's clocks, each in its unit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"

int __wrap_clock_gettime(clockid_t clock, struct timespec *out);
int __wrap_clock_gettime(clockid_t clock, struct timespec *out)
{
    switch (clock) {
    case CLOCK_REALTIME:
        *out = (struct timespec){.tv_sec = 1767628800, .tv_nsec = 123999999};
        return 0;
    case CLOCK_MONOTONIC:
        *out = (struct timespec){.tv_sec = 5, .tv_nsec = 999999};
        return 0;
    default: /* CLOCK_BOOTTIME: the machine has slept for two seconds */
        *out = (struct timespec){.tv_sec = 7, .tv_nsec = 999999};
        return 0;
    }
}

static void each_clock_is_the_machines_in_its_own_unit(void **state)
{
    (void)state;
    assert_int_equal(fz_wire_now_ms(), INT64_C(1767628800123));
    assert_int_equal(fz_ticks_ms(), 5000);
    assert_int_equal(fz_ticks_us(), 5000999);
    assert_int_equal(fz_steady_ms(), 7000);
}

static void an_instant_to_wait_for_carries_into_the_seconds(void **state)
{
    (void)state;
    struct timespec then = fz_ticks_after(1500);
    assert_int_equal(then.tv_sec, 6);
    assert_int_equal(then.tv_nsec, 500999999);
    then = fz_ticks_after(2999);
    assert_int_equal(then.tv_sec, 7);
    assert_int_equal(then.tv_nsec, 999999999);
    then = fz_ticks_after(3000);
    assert_int_equal(then.tv_sec, 8);
    assert_int_equal(then.tv_nsec, 999999);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_clock_is_the_machines_in_its_own_unit),
        cmocka_unit_test(an_instant_to_wait_for_carries_into_the_seconds),
    };
    return cmocka_run_group_tests_name("base_clock", tests, NULL, NULL);
}
