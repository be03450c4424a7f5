/* The world, with the machine's clock in the test's hand: the linker sends clock_gettime to
 * __wrap_clock_gettime. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/server/world.h"

static _Atomic int64_t machine_ms = INT64_C(1767628800000); /* 2026-01-06T00:00:00+08:00 */
static _Atomic int64_t monotonic_ns;

int __wrap_clock_gettime(clockid_t clock, struct timespec *out);
int __wrap_clock_gettime(clockid_t clock, struct timespec *out)
{
    int64_t ns = clock == CLOCK_REALTIME ? machine_ms * 1000000 : monotonic_ns;
    *out = (struct timespec){.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
    return 0;
}

static const unsigned char secret[32] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                         16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31};

static struct fz_world *new_world(void)
{
    machine_ms = INT64_C(1767628800000);
    struct fz_world *world = fz_world_new(false, 0, secret);
    assert_non_null(world);
    return world;
}

/* Time passes for all clocks. */
static void pass(int64_t ms)
{
    machine_ms += ms;
    monotonic_ns += ms * 1000000;
}

static void book_time_starts_as_real_time_and_runs(void **state)
{
    (void)state;
    struct fz_world *world = new_world();
    assert_int_equal(fz_book_now_ms(world), machine_ms);
    pass(1234);
    assert_int_equal(fz_book_now_ms(world), machine_ms);
    fz_world_free(world);
}

/* Put back, put forward, and both: what passed is what counts, and what the machine's clock did leaves no trace. */
static void book_time_does_not_follow_the_machines_clock(void **state)
{
    (void)state;
    struct fz_world *world = new_world();
    int64_t before = fz_book_now_ms(world);
    machine_ms -= 3600000;
    assert_int_equal(fz_book_now_ms(world), before);
    pass(10);
    assert_int_equal(fz_book_now_ms(world), before + 10);
    machine_ms += 3600000; /* it is right again */
    pass(7);
    assert_int_equal(fz_book_now_ms(world), before + 17);
    machine_ms += 86400000;
    assert_int_equal(fz_book_now_ms(world), before + 17);
    machine_ms -= 86400000;
    pass(3);
    assert_int_equal(fz_book_now_ms(world), before + 20);
    struct fz_clock_state stored = fz_clock_state(world);
    assert_int_equal(stored.book_ms, stored.wire_ms); /* and a restart finds nothing to make up for */
    fz_world_free(world);
}

/* 9999-12-31T23:59:59.999+08:00 is the last instant that four digits of a year can write. */
static void book_time_ends_with_the_year_9999(void **state)
{
    (void)state;
    const int64_t end = INT64_C(253402271999999);
    struct fz_world *world = new_world();
    fz_clock_set(world, end - 5, false);
    pass(4);
    assert_int_equal(fz_book_now_ms(world), end - 1);
    pass(86400000);
    assert_int_equal(fz_book_now_ms(world), end);
    assert_int_equal(fz_clock_state(world).book_ms, end);
    fz_clock_set(world, end + 1, true);
    assert_int_equal(fz_book_now_ms(world), end);
    struct fz_clock_state beyond = {.book_ms = end + 5, .wire_ms = machine_ms, .frozen = false};
    fz_clock_restore(world, &beyond, 0);
    assert_int_equal(fz_book_now_ms(world), end);
    fz_world_free(world);
}

/* A reader that pulls the machine's clock to and fro; NULL if book time never fell behind what it had seen.
 */
static void *read_and_disturb(void *world)
{
    int64_t seen = 0;
    for (int i = 0; i < 20000; i++) {
        int64_t now = fz_book_now_ms(world);
        if (now < seen)
            return world;
        seen = now;
        machine_ms += i % 2 == 0 ? 7 : -6;
        monotonic_ns += 1000;
    }
    return NULL;
}

static void book_time_never_runs_back_for_any_thread(void **state)
{
    (void)state;
    struct fz_world *world = new_world();
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_and_disturb, world), 0);
    for (int i = 0; i < 3; i++) {
        void *failure = NULL;
        assert_int_equal(pthread_join(threads[i], &failure), 0);
        assert_null(failure);
    }
    fz_world_free(world);
}

static void the_clock_is_set_forward_only(void **state)
{
    (void)state;
    struct fz_world *world = new_world();
    int64_t start = fz_book_now_ms(world);
    fz_clock_set(world, start + 86400000, false);
    assert_int_equal(fz_book_now_ms(world), start + 86400000);
    pass(50);
    assert_int_equal(fz_book_now_ms(world), start + 86400050);
    fz_clock_set(world, start, false);
    assert_int_equal(fz_book_now_ms(world), start + 86400050);
    fz_world_free(world);
}

static void a_frozen_clock_stands_until_told_otherwise(void **state)
{
    (void)state;
    struct fz_world *world = new_world();
    int64_t start = fz_book_now_ms(world);
    fz_clock_set(world, start + 1000, true);
    pass(60000);
    assert_int_equal(fz_book_now_ms(world), start + 1000);
    assert_true(fz_clock_state(world).frozen);
    fz_clock_set(world, start + 2000, true);
    pass(60000);
    assert_int_equal(fz_book_now_ms(world), start + 2000);
    fz_clock_set(world, start, true); /* not back, frozen or not */
    assert_int_equal(fz_book_now_ms(world), start + 2000);
    fz_clock_set(world, start, false); /* runs again from where it stood */
    assert_int_equal(fz_book_now_ms(world), start + 2000);
    pass(3);
    assert_int_equal(fz_book_now_ms(world), start + 2003);
    fz_world_free(world);
}

static void a_stored_clock_goes_on_where_it_was(void **state)
{
    (void)state;
    struct fz_world *world = new_world();
    int64_t start = fz_book_now_ms(world);
    fz_clock_set(world, start + 5000, false);
    struct fz_clock_state stored = fz_clock_state(world);
    assert_int_equal(stored.book_ms, start + 5000);
    assert_int_equal(stored.wire_ms, machine_ms);
    assert_false(stored.frozen);
    fz_world_free(world);

    world = new_world();
    machine_ms += 700; /* the program was down for this long */
    fz_clock_restore(world, &stored, 0);
    assert_int_equal(fz_book_now_ms(world), start + 5700);
    fz_world_free(world);

    world = new_world();
    machine_ms -= 700; /* the machine's clock was put back meanwhile */
    fz_clock_restore(world, &stored, 0);
    assert_int_equal(fz_book_now_ms(world), start + 5000);
    pass(10);
    assert_int_equal(fz_book_now_ms(world), start + 5010);
    fz_world_free(world);
}

static void a_restored_clock_keeps_ahead_of_the_book(void **state)
{
    (void)state;
    struct fz_world *world = new_world();
    struct fz_clock_state stored = {.book_ms = machine_ms, .wire_ms = machine_ms, .frozen = true};
    machine_ms += 700;
    fz_clock_restore(world, &stored, 0);
    assert_int_equal(fz_book_now_ms(world), stored.book_ms); /* frozen: down time does not count */
    fz_clock_restore(world, &stored, stored.book_ms + 9000);
    assert_int_equal(fz_book_now_ms(world), stored.book_ms + 9000);
    fz_world_free(world);
}

static void a_reset_alone_turns_the_clock_back(void **state)
{
    (void)state;
    struct fz_world *world = new_world();
    int64_t start = fz_book_now_ms(world);
    fz_clock_reset(world, start - 86400000, true);
    assert_int_equal(fz_book_now_ms(world), start - 86400000);
    fz_clock_reset(world, start - 2 * 86400000, false);
    pass(4);
    assert_int_equal(fz_book_now_ms(world), start - 2 * 86400000 + 4);
    fz_world_free(world);
}

/* Expected: Python's hmac, int.from_bytes(hmac.new(N, label + row.to_bytes(8, "big"), "sha256").digest()[:8],
 * "big") % below, with N the seed as 8 bytes, or the secret; of a later story hmac.new(N, b"story " + story,
 * "sha256").digest(). */
static void draws_depend_on_seed_label_and_row_alone(void **state)
{
    (void)state;
    struct fz_world *seeded = fz_world_new(true, 20260105, secret);
    assert_non_null(seeded);
    assert_int_equal(fz_draw(seeded, "freeze", 1, 120), 1);
    assert_int_equal(fz_draw(seeded, "freeze", 2, 120), 18);
    assert_int_equal(fz_draw(seeded, "freeze", 1, 120), 1);
    assert_int_equal(fz_draw(seeded, "", 0, UINT64_C(1) << 32), UINT64_C(2455693795));
    assert_int_equal(fz_draw(seeded, "distribution", -1, 1000000007), 276517118);
    assert_int_equal(fz_draw(seeded, "freeze", 1, 1), 0);
    fz_world_free(seeded);
    struct fz_world *world = new_world();
    assert_int_equal(fz_draw(world, "freeze", 1, 1000000000), 395174057);
    struct fz_draws draws = {.secret = secret, .story = "second"}; /* of a book that was reset */
    fz_world_draw_by(world, &draws);
    assert_int_equal(fz_draw(world, "freeze", 1, 1000000000), 260938977);
    draws = (struct fz_draws){.seeded = true, .seed = 20260105, .story = ""}; /* of one that was made with a seed */
    fz_world_draw_by(world, &draws);
    assert_int_equal(fz_draw(world, "freeze", 2, 120), 18);
    draws.story = "1";
    fz_world_draw_by(world, &draws);
    assert_int_equal(fz_draw(world, "freeze", 1, 1000000000), 531351729);
    fz_world_free(world);
}

static void draws_spread_evenly(void **state)
{
    (void)state;
    struct fz_world *world = fz_world_new(true, 1, secret);
    assert_non_null(world);
    int counts[10] = {0};
    for (int row = 0; row < 10000; row++)
        counts[fz_draw(world, "spread", row, 10)]++;
    for (int i = 0; i < 10; i++)
        assert_in_range(counts[i], 850, 1150); /* 1000 expected, standard deviation 30 */
    fz_world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(book_time_starts_as_real_time_and_runs),
        cmocka_unit_test(book_time_does_not_follow_the_machines_clock),
        cmocka_unit_test(book_time_ends_with_the_year_9999),
        cmocka_unit_test(book_time_never_runs_back_for_any_thread),
        cmocka_unit_test(the_clock_is_set_forward_only),
        cmocka_unit_test(a_frozen_clock_stands_until_told_otherwise),
        cmocka_unit_test(a_stored_clock_goes_on_where_it_was),
        cmocka_unit_test(a_restored_clock_keeps_ahead_of_the_book),
        cmocka_unit_test(a_reset_alone_turns_the_clock_back),
        cmocka_unit_test(draws_depend_on_seed_label_and_row_alone),
        cmocka_unit_test(draws_spread_evenly),
    };
    return cmocka_run_group_tests_name("base_server_world", tests, NULL, NULL);
}
