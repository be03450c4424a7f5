/* The threads of long control calls: which of them run beside each other, and in which order. */
#include "unit/server/place.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "server/control/threads.h"

#define JOBS_MAX 40
#define A_WHILE  50000 /* microseconds in which what may begin would have begun */

static struct fz_control_threads *threads;
static struct job {
    struct fz_control_job job; /* first */
    sem_t begun, go, done;
} jobs[JOBS_MAX];
static size_t job_count;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char order[JOBS_MAX + 1]; /* in which they ended: a letter each */

static void run(struct fz_control_call *call)
{
    struct job *job = &jobs[(unsigned char)call->argument[0] - 'a'];
    sem_post(&job->begun);
    sem_wait(&job->go);
    pthread_mutex_lock(&lock);
    size_t used = strlen(order);
    order[used] = call->argument[0];
    order[used + 1] = '\0';
    pthread_mutex_unlock(&lock);
}

static void done(struct fz_control_job *job)
{
    sem_post(&((struct job *)job)->done);
}

/* Waits for a callback until there is news that `came` says it has come. */
static atomic_bool came;
static atomic_int looks;

static void look(struct fz_control_call *call, enum fz_control_wakeup why)
{
    atomic_fetch_add(&looks, 1);
    if (came || why != FZ_WAKEUP_NEWS || fz_ticks_ms() >= call->await.until_ticks_ms) {
        call->status = (unsigned)why;
        call->wakeup = NULL;
    }
}

static void begin_to_wait(struct fz_control_call *call)
{
    call->await.notification = (unsigned char)call->argument[0];
    call->await.until_ticks_ms = INT64_MAX;
    call->wakeup = look;
    run(call);
}

static void wait_for_no_time(struct fz_control_call *call)
{
    begin_to_wait(call);
    call->await.until_ticks_ms = fz_ticks_ms();
}

static const struct fz_control_route waiting_call = {"POST", "/wait", FZ_CONTROL_LONG, begin_to_wait},
                                     hasty_call = {"POST", "/wait", FZ_CONTROL_LONG, wait_for_no_time};

static const struct fz_control_route long_call = {"POST", "/long", FZ_CONTROL_LONG, run},
                                     clock_call = {"POST", "/clock", FZ_CONTROL_CLOCK, run},
                                     reset_call = {"POST", "/reset", FZ_CONTROL_ALONE, run};

static enum fz_result submit(const struct fz_control_route *route, struct job **out)
{
    struct job *job = &jobs[job_count];
    *job = (struct job){.job = {.route = route}};
    job->job.call.argument[0] = (char)('a' + job_count);
    sem_init(&job->begun, 0, 0);
    sem_init(&job->go, 0, 0);
    sem_init(&job->done, 0, 0);
    enum fz_result result = fz_control_threads_submit(threads, &job->job);
    job_count += result == FZ_OK;
    *out = job;
    return result;
}

static struct job *call(const struct fz_control_route *route)
{
    struct job *job;
    assert_int_equal(submit(route, &job), FZ_OK);
    return job;
}

static void assert_waits(struct job *job)
{
    usleep(A_WHILE);
    assert_int_not_equal(sem_trywait(&job->begun), 0);
}

static void begins(struct job *job)
{
    sem_wait(&job->begun);
}

static void ends(struct job *job)
{
    sem_post(&job->go);
    sem_wait(&job->done);
}

static int open_all(void **state)
{
    job_count = 0;
    came = false;
    looks = 0;
    order[0] = '\0';
    return place_open(state) != 0 || fz_control_threads_start(place_store, done, &threads) != FZ_OK ? -1 : 0;
}

static int close_all(void **state)
{
    fz_control_threads_stop(threads);
    fz_control_threads_free(threads);
    return place_close(state);
}

/* Others that come one after another, overlapping, would keep it out without end. */
static void a_reset_waits_for_nothing_that_came_later(void **state)
{
    (void)state;
    struct job *before = call(&long_call);
    begins(before);
    struct job *reset = call(&reset_call), *after = call(&long_call), *moved = call(&clock_call);
    assert_waits(reset);
    assert_waits(after);
    assert_waits(moved);
    ends(before);
    begins(reset);
    assert_waits(after);
    assert_waits(moved);
    ends(reset);
    begins(after);
    begins(moved);
    ends(after);
    ends(moved);
    assert_string_equal(order, "abcd");
}

/* The clock is moved by one after another, in their order; those that wait keep no thread from other calls. */
static void calls_that_move_the_clock_wait_in_order(void **state)
{
    (void)state;
    struct job *first = call(&clock_call), *waiting[FZ_CLOCKS_WAITING_MAX], *refused;
    begins(first);
    for (size_t i = 0; i < FZ_CLOCKS_WAITING_MAX; i++)
        waiting[i] = call(&clock_call);
    assert_int_equal(submit(&clock_call, &refused), FZ_FULL);
    assert_waits(waiting[0]);
    struct job *other = call(&long_call), *another = call(&long_call);
    begins(other);
    begins(another);
    ends(other);
    ends(another);
    ends(first);
    for (size_t i = 0; i < FZ_CLOCKS_WAITING_MAX; i++)
        ends(waiting[i]);
    assert_string_equal(order, "rsabcdefghijklmnopq");
}

/* During a move it begins at once, so that it can be refused instead of keeping all others waiting. */
static void a_reset_does_not_wait_for_the_clock(void **state)
{
    (void)state;
    struct job *moved = call(&clock_call);
    begins(moved);
    struct job *reset = call(&reset_call);
    begins(reset);
    ends(reset);
    ends(moved);
}

static bool is_done(struct job *job)
{
    return sem_trywait(&job->done) == 0;
}

/* A call whose answer waits; the thread that it began on is free again. */
static struct job *call_and_wait(void)
{
    struct job *job = call(&waiting_call);
    begins(job);
    sem_post(&job->go);
    return job;
}

/* Far more of them than threads: others go on, a reset too, and each is looked at when there is news of its own. */
static void calls_that_wait_for_callbacks_take_no_thread(void **state)
{
    (void)state;
    struct job *waiting[FZ_AWAITING_MAX];
    for (size_t i = 0; i < FZ_AWAITING_MAX; i++)
        waiting[i] = call_and_wait();
    struct job *reset = call(&reset_call);
    begins(reset);
    ends(reset);
    struct job *other = call(&long_call);
    begins(other);
    ends(other);
    assert_int_equal(looks, 0);
    came = true;
    fz_control_threads_news(threads, waiting[7]->job.call.await.notification);
    sem_wait(&waiting[7]->done);
    assert_int_equal(looks, 1);
    fz_control_threads_news(threads, 0);
    for (size_t i = 0; i < FZ_AWAITING_MAX; i++)
        if (i != 7)
            sem_wait(&waiting[i]->done);
    assert_int_equal(looks, FZ_AWAITING_MAX);
}

/* The one too many is answered, and told why. */
static void so_many_wait_at_most(void **state)
{
    (void)state;
    for (size_t i = 0; i <= FZ_AWAITING_MAX; i++)
        (void)call_and_wait();
    for (size_t ended = 0; ended == 0; usleep(1000))
        for (size_t i = 0; i < job_count; i++)
            ended += is_done(&jobs[i]) && jobs[i].job.call.status == FZ_WAKEUP_FULL;
    assert_int_equal(looks, 1);
}

/* News that comes between the call's own look and its being put aside is not lost. */
static void no_news_is_missed(void **state)
{
    (void)state;
    struct job *job = call(&waiting_call);
    begins(job); /* it runs, and does not wait yet */
    came = true;
    fz_control_threads_news(threads, job->job.call.await.notification);
    ends(job);
    assert_int_equal(job->job.call.status, FZ_WAKEUP_NEWS);
}

static void a_wait_has_an_end(void **state)
{
    (void)state;
    struct job *job = call(&hasty_call);
    begins(job);
    ends(job);
    assert_int_equal(looks, 1);
}

static void a_stop_ends_the_waits(void **state)
{
    (void)state;
    struct job *first = call_and_wait(), *second = call_and_wait();
    fz_control_threads_stop(threads);
    sem_wait(&first->done);
    sem_wait(&second->done);
    assert_int_equal(first->job.call.status, FZ_WAKEUP_STOPS);
    assert_int_equal(second->job.call.status, FZ_WAKEUP_STOPS);
    fz_control_threads_free(threads);
    assert_int_equal(fz_control_threads_start(place_store, done, &threads), FZ_OK);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)
    const struct CMUnitTest tests[] = {
        TEST(a_reset_waits_for_nothing_that_came_later),
        TEST(calls_that_move_the_clock_wait_in_order),
        TEST(a_reset_does_not_wait_for_the_clock),
        TEST(calls_that_wait_for_callbacks_take_no_thread),
        TEST(so_many_wait_at_most),
        TEST(no_news_is_missed),
        TEST(a_wait_has_an_end),
        TEST(a_stop_ends_the_waits),
    };
    return cmocka_run_group_tests_name("control_threads", tests, NULL, NULL);
}
