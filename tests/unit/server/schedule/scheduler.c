/* The scheduler: events at their time, jumps, freezing, and what is left when it stops. */
#include "unit/emptied.h"
#include "unit/server/place.h"

#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/calendar.h"
#include "book/clock.h"
#include "server/courier/courier.h"
#include "server/schedule/scheduler.h"
#include "unit/server/schedule/fake_events.h"

#define T0       INT64_C(1767578400000) /* 2026-01-05T10:00:00+08:00 */
#define PATIENCE 30000                  /* ms */

static struct fz_scheduler *scheduler;
static struct fz_reader *reader;
static struct fake_past past;

/* ---- helpers ---- */

static enum fz_result store_clock(struct fz_tx *tx, void *state)
{
    return fz_clock_store(tx, state);
}

/* A book whose clock was left at `book_ms`, that many milliseconds of real time ago. */
static void leave_clock(int64_t book_ms, bool frozen, int64_t ago_ms)
{
    struct fz_clock_state state = {
        .book_ms = book_ms, .wire_ms = fz_wire_now_ms() - ago_ms, .frozen = frozen};
    place_write(store_clock, &state);
}

static void plan(enum fake_kind kind, int64_t due_ms)
{
    struct fake_plan event = {kind, due_ms};
    place_write(fake_plan, &event);
}

static void start(void)
{
    assert_int_equal(fz_scheduler_start(place_world, place_store, "here", &scheduler), FZ_OK);
}

static void stop(void)
{
    if (scheduler == NULL)
        return;
    fz_scheduler_stop(scheduler);
    fz_scheduler_free(scheduler);
    scheduler = NULL;
}

static void read_past(void)
{
    assert_int_equal(fz_store_read(reader, fake_read_past, &past, NULL), FZ_OK);
}

static void await_past(int64_t count)
{
    int64_t until_ms = fz_ticks_ms() + PATIENCE;
    do {
        usleep(2000);
        read_past();
    } while (past.count < count && fz_ticks_ms() < until_ms);
    assert_int_equal(past.count, count);
}

static void await_gate(void)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE / 1000;
    assert_int_equal(sem_timedwait(&gate_reached, &until), 0);
}

struct stored {
    struct fz_clock_state state;
    int64_t floor_ms;
};

static enum fz_result load_clock(struct fz_tx *tx, void *argument)
{
    struct stored *stored = argument;
    return fz_clock_load(tx, &stored->state, &stored->floor_ms);
}

static struct fz_clock_state stored_clock(void)
{
    struct stored stored;
    assert_int_equal(fz_store_read(reader, load_clock, &stored, NULL), FZ_OK);
    return stored.state;
}

static int64_t now(bool *frozen)
{
    int64_t now_ms;
    fz_scheduler_clock(scheduler, &now_ms, frozen);
    return now_ms;
}

struct jump {
    pthread_t thread;
    int64_t target_ms;
    enum fz_result result;
};

static void *jump_main(void *argument)
{
    struct jump *jump = argument;
    jump->result = fz_scheduler_jump(scheduler, jump->target_ms, true);
    return NULL;
}

/* Begins a jump that hangs in a gate. */
static void jump_into_gate(struct jump *jump)
{
    assert_int_equal(pthread_create(&jump->thread, NULL, jump_main, jump), 0);
    await_gate();
}

static void join_jump(struct jump *jump)
{
    sem_post(&gate_open);
    pthread_join(jump->thread, NULL);
}

static int open_all(void **state)
{
    if (place_open(state) != 0)
        return -1;
    sem_init(&gate_reached, 0, 0);
    sem_init(&gate_open, 0, 0);
    fake_fails = 0;
    return fz_reader_open(place_store, &reader) == FZ_OK ? 0 : -1;
}

static int close_all(void **state)
{
    stop();
    fz_reader_close(reader);
    return place_close(state);
}

/* ---- the clock as it stands or runs ---- */

static void runs_an_event_when_it_falls_due(void **state)
{
    (void)state;
    int64_t due_ms = fz_wire_now_ms() + 150;
    leave_clock(fz_wire_now_ms(), false, 0);
    plan(FAKE_NOTE, due_ms);
    plan(FAKE_NOTE, due_ms + FZ_HOUR_MS);
    start();
    read_past();
    assert_true(past.count == 0 || fz_wire_now_ms() >= due_ms); /* a slow disk may have taken so long by now */
    await_past(1);
    assert_true(past.times_ms[0] >= due_ms && past.times_ms[0] < due_ms + PATIENCE);
}

static void sees_what_was_planned_after_it_started(void **state)
{
    (void)state;
    leave_clock(fz_wire_now_ms(), false, 0);
    start();
    plan(FAKE_NOTE, fz_wire_now_ms());
    await_past(1);
}

static void a_frozen_clock_stands_still(void **state)
{
    (void)state;
    bool frozen;
    leave_clock(T0, true, FZ_DAY_MS);
    plan(FAKE_NOTE, T0);
    plan(FAKE_NOTE, T0 + 1);
    start();
    fz_scheduler_await_due(scheduler);
    read_past();
    assert_int_equal(past.count, 1);
    assert_int_equal(past.times_ms[0], T0);
    usleep(250000);
    read_past();
    assert_int_equal(past.count, 1);
    assert_int_equal(now(&frozen), T0);
    assert_true(frozen);
}

static void freezes_and_lets_run_and_remembers_it(void **state)
{
    (void)state;
    bool frozen;
    leave_clock(T0, true, 0);
    start();
    assert_int_equal(fz_scheduler_freeze(scheduler, false), FZ_OK);
    assert_false(stored_clock().frozen);
    int64_t before_ms = now(&frozen);
    usleep(20000);
    assert_true(now(&frozen) >= before_ms + 20);
    assert_false(frozen);
    assert_int_equal(fz_scheduler_freeze(scheduler, true), FZ_OK);
    int64_t stands_ms = now(&frozen);
    assert_true(frozen && stored_clock().frozen);
    assert_int_equal(stored_clock().book_ms, stands_ms);
    usleep(20000);
    assert_int_equal(now(&frozen), stands_ms);
}

/* ---- jumps ---- */

static void a_jump_runs_every_event_at_its_own_time(void **state)
{
    (void)state;
    bool frozen;
    leave_clock(T0, true, 0);
    plan(FAKE_NOTE, T0 + 3000);
    plan(FAKE_CHAIN, T0 + 1000); /* brings forth one at T0 + 2000 */
    plan(FAKE_NOTE, T0 - 500);   /* overdue: at the time where the clock is */
    plan(FAKE_NOTE, T0 + 10000);
    plan(FAKE_NOTE, T0 + 10001);
    start();
    assert_int_equal(fz_scheduler_jump(scheduler, T0 + 10000, true), FZ_OK);
    read_past();
    assert_int_equal(past.count, 5);
    static const int64_t expected_ms[] = {T0, T0 + 1000, T0 + 2000, T0 + 3000, T0 + 10000};
    assert_memory_equal(past.times_ms, expected_ms, sizeof expected_ms);
    assert_int_equal(now(&frozen), T0 + 10000);
    assert_true(frozen);
    assert_int_equal(stored_clock().book_ms, T0 + 10000);
}

static void a_running_clock_runs_on_from_the_target(void **state)
{
    (void)state;
    bool frozen;
    int64_t begin_ms = fz_wire_now_ms();
    leave_clock(begin_ms, false, 0);
    start();
    assert_int_equal(fz_scheduler_jump(scheduler, begin_ms + 30 * FZ_DAY_MS, true), FZ_OK);
    int64_t there_ms = now(&frozen);
    assert_true(there_ms >= begin_ms + 30 * FZ_DAY_MS && there_ms < begin_ms + 30 * FZ_DAY_MS + PATIENCE);
    assert_false(frozen);
    usleep(20000);
    assert_true(now(&frozen) >= there_ms + 20);
}

/* ---- the courier, as far as a jump knows it ---- */

static struct fz_courier {
    int held, spans, released;
    int64_t span_ms;     /* until when the last one went */
    int64_t released_ms; /* book time then */
} courier;

void fz_courier_hold(struct fz_courier *held)
{
    held->held++;
}

enum fz_result fz_courier_send_span(struct fz_courier *called, const struct fz_notification_span *span,
                                    void (*each_second)(void *argument), void *argument)
{
    (void)each_second, (void)argument;
    called->spans++;
    called->span_ms = span->until_ms;
    return FZ_OK;
}

void fz_courier_release(struct fz_courier *released)
{
    released->released++;
    released->released_ms = fz_book_now_ms(place_world);
}

/* A callback that came in on the way is sent as of the jump's end. As of the last halt it would, if it failed, be due
 * again by the time that the clock is there. */
static void the_courier_goes_on_where_a_jump_ends(void **state)
{
    (void)state;
    leave_clock(T0, true, 0);
    start();
    courier = (struct fz_courier){0};
    fz_scheduler_call_back(scheduler, &courier);
    plan(FAKE_NOTE, T0 + 5000);
    assert_int_equal(fz_scheduler_jump(scheduler, T0 + FZ_HOUR_MS, true), FZ_OK);
    assert_int_equal(courier.held, 1);
    assert_int_equal(courier.released, 1); /* before whoever asked for the jump goes on */
    assert_int_equal(courier.released_ms, T0 + FZ_HOUR_MS);
    assert_int_equal(courier.spans, 0); /* nothing was due */
    stop();
}

/* What an event brings forth is called before the clock goes on, also where the batch ends with it. */
static void a_callback_is_called_at_its_own_time_however_slow_the_book_is(void **state)
{
    (void)state;
    leave_clock(T0, true, 0);
    start();
    courier = (struct fz_courier){0};
    fz_scheduler_call_back(scheduler, &courier);
    plan(FAKE_SLOW_CALLBACK, T0 + 5000);
    assert_int_equal(fz_scheduler_jump(scheduler, T0 + FZ_HOUR_MS, true), FZ_OK);
    assert_int_equal(courier.spans, 1);
    assert_int_equal(courier.span_ms, T0 + 5000);
    stop();
}

static void does_not_go_back(void **state)
{
    (void)state;
    leave_clock(T0, true, 0);
    start();
    assert_int_equal(fz_scheduler_jump(scheduler, T0 - 1, true), FZ_MALFORMED);
    assert_int_equal(fz_scheduler_jump(scheduler, T0, true), FZ_OK);
}

/* 1 000 events are one batch at most; the gate is in the next, so the clock then stands at an event of the
 * first, for everybody to see. */
static void requests_see_the_time_of_the_events_on_the_way(void **state)
{
    (void)state;
    bool frozen;
    struct jump jump = {.target_ms = T0 + FZ_DAY_MS};
    leave_clock(fz_wire_now_ms(), false, 0);
    int64_t begin_ms = fz_wire_now_ms() + FZ_HOUR_MS;
    for (int i = 0; i < 1000; i++)
        plan(FAKE_NOTE, begin_ms + i);
    plan(FAKE_GATE, begin_ms + FZ_MINUTE_MS);
    start();
    jump.target_ms = begin_ms + FZ_HOUR_MS;
    jump_into_gate(&jump);
    int64_t there_ms = now(&frozen);
    assert_true(there_ms >= begin_ms && there_ms < begin_ms + 1000);
    assert_int_equal(fz_book_now_ms(place_world), there_ms);
    assert_false(frozen); /* it will run when the jump is over */
    usleep(20000);
    assert_int_equal(now(&frozen), there_ms);
    join_jump(&jump);
    assert_int_equal(jump.result, FZ_OK);
    read_past();
    assert_int_equal(past.count, 1001);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(past.times_ms[i], begin_ms + i);
    assert_int_equal(past.times_ms[1000], begin_ms + FZ_MINUTE_MS);
}

static enum fz_result move_a_day(struct fz_tx *tx, void *out_ms)
{
    tx->now_ms += FZ_DAY_MS;
    *(int64_t *)out_ms = tx->now_ms;
    return FZ_OK;
}

static enum fz_result move_and_fail(struct fz_tx *tx, void *unused)
{
    (void)unused;
    tx->now_ms += FZ_DAY_MS;
    return FZ_ABSENT;
}

static enum fz_result read_time(struct fz_tx *tx, void *out_ms)
{
    *(int64_t *)out_ms = tx->now_ms;
    return FZ_OK;
}

/* The world's clock is moved after the commit of the events: a write that comes between is not dated before
 * them, or it would book on a day that is converted already. */
static void no_write_is_dated_before_events_that_have_run(void **state)
{
    (void)state;
    int64_t moved_ms, after_ms;
    fz_clock_reset(place_world, T0, true);
    place_write(move_a_day, &moved_ms);
    assert_int_equal(moved_ms, T0 + FZ_DAY_MS);
    place_write(read_time, &after_ms);
    assert_int_equal(after_ms, T0 + FZ_DAY_MS);
    assert_int_equal(fz_store_write(place_store, move_and_fail, NULL, NULL), FZ_ABSENT);
    place_write(read_time, &after_ms);
    assert_int_equal(after_ms, T0 + FZ_DAY_MS);
    assert_int_equal(emptied(place_store), FZ_OK); /* a new book begins at its own time */
    place_write(read_time, &after_ms);
    assert_int_equal(after_ms, T0);
}

static void one_jump_at_a_time(void **state)
{
    (void)state;
    struct jump jump = {.target_ms = T0 + FZ_HOUR_MS};
    leave_clock(T0, true, 0);
    plan(FAKE_GATE, T0 + 1000);
    start();
    jump_into_gate(&jump);
    assert_int_equal(fz_scheduler_jump(scheduler, T0 + FZ_DAY_MS, true), FZ_CONFLICT);
    assert_int_equal(fz_scheduler_freeze(scheduler, false), FZ_CONFLICT);
    assert_int_equal(fz_scheduler_pause(scheduler), FZ_CONFLICT);
    join_jump(&jump);
    assert_int_equal(jump.result, FZ_OK);
    assert_int_equal(fz_scheduler_jump(scheduler, T0 + FZ_DAY_MS, true), FZ_OK);
}

static void *stop_main(void *stopped)
{
    fz_scheduler_stop(stopped);
    return NULL;
}

/* A jump of several batches is stopped behind the first: the book is whole, at an instant on the way, and
 * lives on from there. */
static void a_stop_leaves_the_book_on_the_way(void **state)
{
    (void)state;
    bool frozen;
    struct jump jump = {.target_ms = T0 + FZ_DAY_MS};
    leave_clock(T0, true, 0);
    plan(FAKE_GATE, T0 + 1000);
    for (int i = 0; i < 1000; i++)
        plan(FAKE_NOTE, T0 + 2000 + i);
    start();
    jump_into_gate(&jump);
    struct fz_scheduler *stopped = scheduler;
    pthread_t stopper;
    assert_int_equal(pthread_create(&stopper, NULL, stop_main, stopped), 0);
    while (fz_scheduler_freeze(stopped, true) == FZ_CONFLICT) /* the jump's; then it is the stop that refuses it */
        usleep(1000);
    join_jump(&jump);
    pthread_join(stopper, NULL);
    assert_int_equal(jump.result, FZ_FULL);
    fz_scheduler_free(stopped);
    scheduler = NULL;
    read_past();
    int64_t count = past.count, left_ms = past.times_ms[count - 1];
    assert_true(count >= 1 && count < 1001);
    assert_int_equal(stored_clock().book_ms, left_ms);
    assert_true(stored_clock().frozen);
    start();
    assert_int_equal(now(&frozen), left_ms);
    assert_int_equal(fz_scheduler_jump(scheduler, T0 + FZ_DAY_MS, true), FZ_OK);
    read_past();
    assert_int_equal(past.count, 1001);
}

static void a_jump_that_cannot_be_written_ends(void **state)
{
    (void)state;
    bool frozen;
    leave_clock(T0, true, 0);
    plan(FAKE_FAILURE, T0 + 1000);
    fake_fails = INT_MAX;
    start();
    assert_int_equal(fz_scheduler_jump(scheduler, T0 + 5000, true), FZ_FAILED);
    assert_int_equal(now(&frozen), T0);
    assert_true(frozen);
    fake_fails = 1; /* the next one has as much patience as the first had */
    assert_int_equal(fz_scheduler_jump(scheduler, T0 + 5000, true), FZ_OK);
    read_past();
    assert_int_equal(past.times_ms[0], T0 + 1000);
}

/* ---- freezing beside a jump ---- */

static sem_t writer_held, writer_free;

static enum fz_result hold_writer(struct fz_tx *tx, void *unused)
{
    (void)tx, (void)unused;
    sem_post(&writer_held);
    sem_wait(&writer_free);
    return FZ_OK;
}

static void *hold_main(void *unused)
{
    (void)unused;
    place_write(hold_writer, NULL);
    return NULL;
}

static void *let_run_main(void *out_result)
{
    *(enum fz_result *)out_result = fz_scheduler_freeze(scheduler, false);
    return NULL;
}

static void await_running(void)
{
    bool frozen = true;
    int64_t until_ms = fz_ticks_ms() + PATIENCE;
    while (frozen && fz_ticks_ms() < until_ms)
        (void)now(&frozen);
    assert_false(frozen);
}

/* What is written of the clock is written in the order in which it was set: a jump begins only when the freeze
 * before it stands in the book. Otherwise that write might come last, and a restart begin before the jump. */
static void a_jump_waits_for_a_freeze_that_is_being_written(void **state)
{
    (void)state;
    enum fz_result let_run = FZ_FAILED;
    struct jump jump = {.target_ms = T0 + FZ_DAY_MS};
    pthread_t holder, letter;
    sem_init(&writer_held, 0, 0);
    sem_init(&writer_free, 0, 0);
    leave_clock(T0, true, 0);
    start();
    assert_int_equal(pthread_create(&holder, NULL, hold_main, NULL), 0);
    sem_wait(&writer_held);
    assert_int_equal(pthread_create(&letter, NULL, let_run_main, &let_run), 0);
    await_running();
    assert_int_equal(pthread_create(&jump.thread, NULL, jump_main, &jump), 0);
    usleep(50000);
    assert_false(fz_clock_state(place_world).frozen); /* as it is while a jump is under way */
    sem_post(&writer_free);
    pthread_join(holder, NULL);
    pthread_join(letter, NULL);
    pthread_join(jump.thread, NULL);
    assert_int_equal(let_run, FZ_OK);
    assert_int_equal(jump.result, FZ_OK);
    assert_int_equal(stored_clock().book_ms, T0 + FZ_DAY_MS);
    assert_false(stored_clock().frozen);
}

/* ---- after a time in which nobody ran the book ---- */

static void catches_up_with_each_event_at_its_own_time(void **state)
{
    (void)state;
    bool frozen;
    int64_t real_ms = fz_wire_now_ms(), left_ms = real_ms - 3 * FZ_DAY_MS;
    leave_clock(left_ms, false, 3 * FZ_DAY_MS);
    plan(FAKE_NOTE, left_ms - 1000);
    plan(FAKE_NOTE, left_ms + FZ_DAY_MS);
    plan(FAKE_NOTE, left_ms + 2 * FZ_DAY_MS);
    start();
    assert_int_equal(fz_scheduler_freeze(scheduler, true), FZ_OK); /* waits for it instead of being refused */
    read_past();
    assert_int_equal(past.count, 3);
    assert_int_equal(past.times_ms[0], left_ms);
    assert_int_equal(past.times_ms[1], left_ms + FZ_DAY_MS);
    assert_int_equal(past.times_ms[2], left_ms + 2 * FZ_DAY_MS);
    int64_t now_ms = now(&frozen);
    assert_true(now_ms >= real_ms && now_ms < real_ms + PATIENCE);
}

static void a_frozen_clock_has_nothing_to_catch_up_with(void **state)
{
    (void)state;
    bool frozen;
    leave_clock(T0, true, 3 * FZ_DAY_MS);
    plan(FAKE_NOTE, T0 + FZ_HOUR_MS);
    start();
    fz_scheduler_await_due(scheduler);
    assert_int_equal(now(&frozen), T0);
    read_past();
    assert_int_equal(past.count, 0);
}

static void stores_the_clock_when_it_stops(void **state)
{
    (void)state;
    bool frozen;
    leave_clock(T0, false, 0);
    start();
    usleep(20000);
    int64_t before_ms = now(&frozen);
    stop();
    assert_true(stored_clock().book_ms >= before_ms && stored_clock().book_ms < before_ms + PATIENCE);
    assert_false(stored_clock().frozen);
}

/* ---- holding still ---- */

static void holds_still_for_a_reset(void **state)
{
    (void)state;
    bool frozen;
    leave_clock(T0, true, 0);
    start();
    assert_int_equal(fz_scheduler_pause(scheduler), FZ_OK);
    assert_int_equal(fz_scheduler_pause(scheduler), FZ_CONFLICT);
    assert_int_equal(fz_scheduler_jump(scheduler, T0 + 1, true), FZ_CONFLICT);
    plan(FAKE_NOTE, T0);
    usleep(250000);
    read_past();
    assert_int_equal(past.count, 0);
    fz_clock_reset(place_world, T0 - FZ_DAY_MS, false);
    fz_scheduler_resume(scheduler);
    now(&frozen);
    assert_false(frozen);
    assert_int_equal(fz_scheduler_jump(scheduler, T0, true), FZ_OK);
    read_past();
    assert_int_equal(past.times_ms[0], T0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)
    const struct CMUnitTest tests[] = {
        TEST(runs_an_event_when_it_falls_due),
        TEST(sees_what_was_planned_after_it_started),
        TEST(a_frozen_clock_stands_still),
        TEST(freezes_and_lets_run_and_remembers_it),
        TEST(a_jump_runs_every_event_at_its_own_time),
        TEST(a_running_clock_runs_on_from_the_target),
        TEST(the_courier_goes_on_where_a_jump_ends),
        TEST(a_callback_is_called_at_its_own_time_however_slow_the_book_is),
        TEST(does_not_go_back),
        TEST(requests_see_the_time_of_the_events_on_the_way),
        TEST(no_write_is_dated_before_events_that_have_run),
        TEST(one_jump_at_a_time),
        TEST(a_stop_leaves_the_book_on_the_way),
        TEST(a_jump_that_cannot_be_written_ends),
        TEST(a_jump_waits_for_a_freeze_that_is_being_written),
        TEST(catches_up_with_each_event_at_its_own_time),
        TEST(a_frozen_clock_has_nothing_to_catch_up_with),
        TEST(stores_the_clock_when_it_stops),
        TEST(holds_still_for_a_reset),
    };
    return cmocka_run_group_tests_name("scheduler", tests, NULL, NULL);
}
