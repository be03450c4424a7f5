/* The ladder. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/courier/ladder.h"

static void the_vendor_s_ladder_takes_24_hours_and_4_minutes(void **state)
{
    (void)state;
    struct fz_ladder told;
    assert_int_equal(fz_ladder_read("15s,15s,30s,3m,10m,20m,30m,30m,30m,60m,3h,3h,3h,6h,6h", &told), FZ_OK);
    assert_int_equal(fz_vendor_ladder.count, 15);
    assert_memory_equal(told.step_ms, fz_vendor_ladder.step_ms, sizeof told.step_ms);
    int64_t time_ms = 1000, next_ms;
    int failed = 0;
    while ((next_ms = fz_ladder_next_ms(&fz_vendor_ladder, failed, time_ms)) != 0) {
        time_ms = next_ms;
        failed++;
    }
    assert_int_equal(failed, 15);
    assert_int_equal(time_ms - 1000, (24 * 60 + 4) * 60 * 1000);
}

static void a_ladder_is_a_list_of_steps(void **state)
{
    (void)state;
    struct fz_ladder ladder;
    assert_int_equal(fz_ladder_read("none", &ladder), FZ_OK);
    assert_int_equal(ladder.count, 0);
    assert_int_equal(fz_ladder_next_ms(&ladder, 0, 5), 0);
    assert_int_equal(fz_ladder_read("1s,7d", &ladder), FZ_OK);
    assert_int_equal(ladder.count, 2);
    assert_int_equal(fz_ladder_next_ms(&ladder, 0, 5), 1005);
    assert_int_equal(fz_ladder_next_ms(&ladder, 1, 5), 5 + INT64_C(7) * 24 * 3600 * 1000);
    assert_int_equal(fz_ladder_next_ms(&ladder, 2, 5), 0);
    static const char *const wrong[] = {"",    "s",   "1",     "1x",  "0s",  "8d",       "169h",
                                        "1s,", ",1s", "1s;2s", "1 s", "-1s", "9999999s", "99999999s"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(fz_ladder_read(wrong[i], &ladder), FZ_MALFORMED);
    assert_int_equal(ladder.count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vendor_s_ladder_takes_24_hours_and_4_minutes),
        cmocka_unit_test(a_ladder_is_a_list_of_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
