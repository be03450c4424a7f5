/* Delays: in the order of their times, never early, and none is left behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <semaphore.h>

#include "base/clock.h"
#include "server/fault/delays.h"

static sem_t ended;
static struct fz_delay *order[8];
static int64_t end_ms[8];
static size_t count;

static void note(struct fz_delay *delay)
{
    if (count < 8) {
        order[count] = delay;
        end_ms[count] = fz_ticks_ms();
    }
    count++;
    sem_post(&ended);
}

static struct fz_delays *start(void)
{
    struct fz_delays *delays = NULL;
    count = 0;
    sem_init(&ended, 0, 0);
    assert_int_equal(fz_delays_start(&delays), FZ_OK);
    return delays;
}

static void end(struct fz_delays *delays)
{
    fz_delays_stop(delays);
    fz_delays_free(delays);
}

static void in_the_order_of_their_times(void **state)
{
    (void)state;
    struct fz_delays *delays = start();
    int64_t now_ms = fz_ticks_ms();
    struct fz_delay late = {.due_ms = now_ms + 60, .done = note},
                    early = {.due_ms = now_ms + 20, .done = note},
                    past = {.due_ms = now_ms - 5, .done = note};
    assert_int_equal(fz_delays_add(delays, &late), FZ_OK);
    assert_int_equal(fz_delays_add(delays, &early), FZ_OK);
    assert_int_equal(fz_delays_add(delays, &past), FZ_OK);
    for (int i = 0; i < 3; i++)
        sem_wait(&ended);
    assert_ptr_equal(order[0], &past);
    assert_ptr_equal(order[1], &early);
    assert_ptr_equal(order[2], &late);
    assert_true(end_ms[1] >= early.due_ms && end_ms[2] >= late.due_ms);
    end(delays);
}

static void a_stop_ends_what_waits(void **state)
{
    (void)state;
    struct fz_delays *delays = start();
    struct fz_delay far = {.due_ms = fz_ticks_ms() + 3600000, .done = note}, none = far;
    assert_int_equal(fz_delays_add(delays, &far), FZ_OK);
    fz_delays_stop(delays);
    assert_int_equal(count, 1);
    assert_int_equal(fz_delays_add(delays, &none), FZ_FULL);
    assert_int_equal(count, 1);
    fz_delays_free(delays);
}

static void a_thousand_and_twenty_four_at_most(void **state)
{
    (void)state;
    struct fz_delays *delays = start();
    struct fz_delay *many = calloc(FZ_DELAYS_MAX + 1, sizeof *many);
    for (int i = 0; i <= FZ_DELAYS_MAX; i++) {
        many[i] = (struct fz_delay){.due_ms = fz_ticks_ms() + 3600000, .done = note};
        assert_int_equal(fz_delays_add(delays, &many[i]), i < FZ_DELAYS_MAX ? FZ_OK : FZ_FULL);
    }
    end(delays);
    assert_int_equal(count, FZ_DELAYS_MAX);
    free(many);
}

/* Of one time they go in the order of their coming; and what was done leaves its place to another. */
static void of_one_time_in_order(void **state)
{
    (void)state;
    struct fz_delays *delays = start();
    struct fz_delay same[4];
    int64_t due_ms = fz_ticks_ms() + 30;
    for (int i = 0; i < 4; i++) {
        same[i] = (struct fz_delay){.due_ms = due_ms, .done = note};
        assert_int_equal(fz_delays_add(delays, &same[i]), FZ_OK);
    }
    for (int i = 0; i < 4; i++)
        sem_wait(&ended);
    for (int i = 0; i < 4; i++) {
        assert_ptr_equal(order[i], &same[i]);
        assert_true(end_ms[i] >= due_ms);
    }
    end(delays);
    assert_int_equal(count, 4);
}

/* Full, and then not: a thousand and twenty-three far ones, and one after the other that is due. */
static void a_place_comes_free(void **state)
{
    (void)state;
    struct fz_delays *delays = start();
    struct fz_delay *far = calloc(FZ_DELAYS_MAX - 1, sizeof *far), near = {.done = note};
    for (int i = 0; i < FZ_DELAYS_MAX - 1; i++) {
        far[i] = (struct fz_delay){.due_ms = fz_ticks_ms() + 3600000, .done = note};
        assert_int_equal(fz_delays_add(delays, &far[i]), FZ_OK);
    }
    for (int i = 0; i < 3; i++) {
        near.due_ms = fz_ticks_ms();
        assert_int_equal(fz_delays_add(delays, &near), FZ_OK);
        sem_wait(&ended);
    }
    assert_int_equal(count, 3);
    end(delays);
    assert_int_equal(count, FZ_DELAYS_MAX + 2);
    free(far);
}

/* At a stop all of it is done at once, the first due first, and not one twice. */
static void a_stop_keeps_the_order(void **state)
{
    (void)state;
    struct fz_delays *delays = start();
    struct fz_delay far[3];
    static const int after_ms[] = {30, 10, 20};
    for (int i = 0; i < 3; i++) {
        far[i] = (struct fz_delay){.due_ms = fz_ticks_ms() + 3600000 + after_ms[i] * 1000, .done = note};
        assert_int_equal(fz_delays_add(delays, &far[i]), FZ_OK);
    }
    end(delays);
    assert_int_equal(count, 3);
    assert_ptr_equal(order[0], &far[1]);
    assert_ptr_equal(order[1], &far[2]);
    assert_ptr_equal(order[2], &far[0]);
    fz_delays_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_the_order_of_their_times), cmocka_unit_test(of_one_time_in_order),
        cmocka_unit_test(a_place_comes_free),          cmocka_unit_test(a_stop_keeps_the_order),
        cmocka_unit_test(a_stop_ends_what_waits),      cmocka_unit_test(a_thousand_and_twenty_four_at_most)};
    return cmocka_run_group_tests_name("server/delays", tests, NULL, NULL);
}
