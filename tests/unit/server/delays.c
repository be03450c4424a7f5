/* Delays: in the order of their times, never early, and none is left behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <semaphore.h>

#include "base/world.h"
#include "server/delays.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(in_the_order_of_their_times),
                                       cmocka_unit_test(a_stop_ends_what_waits),
                                       cmocka_unit_test(a_thousand_and_twenty_four_at_most)};
    return cmocka_run_group_tests_name("server/delays", tests, NULL, NULL);
}
