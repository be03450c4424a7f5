/* Executors: a task runs once, on a thread with a reader of its own; none is lost, and none too many waits.
 */
#include "unit/server/place.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <unistd.h>

#include "server/work/executor.h"

/* A task that tells when it is under way and ends when it may. */
struct job {
    struct fz_task task;
    struct fz_reader *reader;
    pthread_t thread;
    int place; /* the how many-th that began; 0: not yet */
    sem_t begun, may_end;
    bool holds;
};

static struct fz_executor *executor;
static atomic_int begun;

static void run(struct fz_task *task, struct fz_reader *reader)
{
    struct job *job = (struct job *)task;
    job->reader = reader;
    job->thread = pthread_self();
    job->place = atomic_fetch_add(&begun, 1) + 1;
    sem_post(&job->begun);
    if (job->holds)
        sem_wait(&job->may_end);
}

static void prepare(struct job *job, bool holds)
{
    *job = (struct job){.task.run = run, .holds = holds};
    sem_init(&job->begun, 0, 0);
    sem_init(&job->may_end, 0, 0);
}

static void start(size_t threads, size_t queue_max)
{
    atomic_store(&begun, 0);
    assert_int_equal(fz_executor_start(place_store, threads, queue_max, &executor), FZ_OK);
}

static enum fz_result submit(struct job *job)
{
    return fz_executor_submit(executor, &job->task);
}

static void in_the_order_of_their_coming(void **state)
{
    (void)state;
    struct job jobs[5];
    start(1, 5);
    for (int i = 0; i < 5; i++) {
        prepare(&jobs[i], i == 0);
        jobs[i].task.next = &jobs[0].task; /* what stands there is the executor's */
        assert_int_equal(submit(&jobs[i]), FZ_OK);
    }
    sem_post(&jobs[0].may_end);
    for (int i = 0; i < 5; i++) {
        sem_wait(&jobs[i].begun);
        assert_int_equal(jobs[i].place, i + 1);
    }
    /* The queue is empty, and takes the next. */
    struct job late;
    prepare(&late, false);
    assert_int_equal(submit(&late), FZ_OK);
    sem_wait(&late.begun);
    fz_executor_stop(executor);
    assert_int_equal(begun, 6);
}

/* What is under way does not wait: beside it there is room for so many, and for one again once one was taken.
 */
static void so_many_wait_at_most(void **state)
{
    (void)state;
    struct job jobs[4];
    start(1, 2);
    for (int i = 0; i < 4; i++)
        prepare(&jobs[i], i < 2);
    assert_int_equal(submit(&jobs[0]), FZ_OK);
    sem_wait(&jobs[0].begun);
    assert_int_equal(submit(&jobs[1]), FZ_OK);
    assert_int_equal(submit(&jobs[2]), FZ_OK);
    assert_int_equal(submit(&jobs[3]), FZ_FULL);
    sem_post(&jobs[0].may_end);
    sem_wait(&jobs[1].begun);
    assert_int_equal(submit(&jobs[3]), FZ_OK);
    sem_post(&jobs[1].may_end);
    fz_executor_stop(executor);
    assert_int_equal(jobs[3].place, 4);
    assert_int_equal(begun, 4); /* none of them twice */
}

static void each_thread_has_its_own_reader(void **state)
{
    (void)state;
    struct job jobs[3];
    start(3, 3);
    for (int i = 0; i < 3; i++) {
        prepare(&jobs[i], true);
        assert_int_equal(submit(&jobs[i]), FZ_OK);
    }
    for (int i = 0; i < 3; i++)
        sem_wait(&jobs[i].begun); /* all at once: no thread has two */
    for (int i = 0; i < 3; i++) {
        assert_non_null(jobs[i].reader);
        for (int at = 0; at < i; at++) {
            assert_ptr_not_equal(jobs[i].reader, jobs[at].reader);
            assert_false(pthread_equal(jobs[i].thread, jobs[at].thread));
        }
        sem_post(&jobs[i].may_end);
    }
    fz_executor_stop(executor);
}

static void *stop(void *argument)
{
    fz_executor_stop(argument);
    return NULL;
}

/* What was taken is done, though the stop has begun; what comes behind that is not taken. */
static void a_stop_runs_what_waits(void **state)
{
    (void)state;
    static struct job jobs[1000];
    struct job first;
    pthread_t stopper;
    size_t taken = 0;
    prepare(&first, true);
    start(1, 1000);
    assert_int_equal(submit(&first), FZ_OK);
    sem_wait(&first.begun);
    assert_int_equal(pthread_create(&stopper, NULL, stop, executor), 0);
    for (prepare(&jobs[0], false); submit(&jobs[taken]) == FZ_OK; prepare(&jobs[taken], false)) {
        assert_true(++taken < 1000);
        (void)usleep(taken < 100 ? 1000 : 30000); /* until the stop has begun */
    }
    sem_post(&first.may_end);
    assert_int_equal(pthread_join(stopper, NULL), 0);
    assert_int_equal(begun, 1 + taken);
    assert_int_equal(jobs[taken].place, 0);
}

static void readers_are_for_those_who_need_them(void **state)
{
    (void)state;
    struct job job;
    assert_int_equal(fz_executor_start(NULL, 1, 1, &executor), FZ_OK);
    prepare(&job, false);
    assert_int_equal(submit(&job), FZ_OK);
    fz_executor_stop(executor);
    assert_int_equal(job.place, atomic_load(&begun));
    assert_null(job.reader);
}

static void none_to_stop(void **state)
{
    (void)state;
    fz_executor_stop(NULL);
    start(2, 1);
    fz_executor_stop(executor); /* nothing ever came */
    assert_int_equal(begun, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, place_open, place_close)
    const struct CMUnitTest tests[] = {
        TEST(in_the_order_of_their_coming), TEST(so_many_wait_at_most), TEST(each_thread_has_its_own_reader),
        TEST(a_stop_runs_what_waits),       TEST(none_to_stop),
        TEST(readers_are_for_those_who_need_them),
    };
    return cmocka_run_group_tests_name("server/executor", tests, NULL, NULL);
}
