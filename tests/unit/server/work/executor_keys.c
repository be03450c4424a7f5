/* Executors: a task that has to wait for another of its key takes no thread from those that need not. */
#include "unit/server/place.h"

#include <semaphore.h>
#include <string.h>

#include "server/work/executor.h"

static struct job {
    struct fz_task task; /* first */
    sem_t begun, go, done;
} jobs[6];

static void run(struct fz_task *task, struct fz_reader *reader)
{
    struct job *job = (struct job *)task;
    (void)reader;
    sem_post(&job->begun);
    sem_wait(&job->go);
    sem_post(&job->done);
}

static struct job *submit(struct fz_executor *executor, size_t number, const char *key)
{
    struct job *job = &jobs[number];
    *job = (struct job){.task = {.run = run}};
    strcpy(job->task.key, key);
    sem_init(&job->begun, 0, 0);
    sem_init(&job->go, 0, 0);
    sem_init(&job->done, 0, 0);
    assert_int_equal(fz_executor_submit(executor, &job->task), FZ_OK);
    return job;
}

static void ends(struct job *job)
{
    sem_post(&job->go);
    sem_wait(&job->done);
}

static void the_second_of_a_key_waits_without_a_thread(void **state)
{
    (void)state;
    struct fz_executor *executor;
    assert_int_equal(fz_executor_start(place_store, 2, 16, &executor), FZ_OK);
    struct job *large = submit(executor, 0, "large"), *again = submit(executor, 1, "large"),
               *third = submit(executor, 2, "large"), *other = submit(executor, 3, "other"),
               *none = submit(executor, 4, "");
    sem_wait(&large->begun);
    sem_wait(&other->begun);
    ends(other);
    sem_wait(&none->begun); /* both others of "large" came before it */
    ends(none);
    assert_int_not_equal(sem_trywait(&again->begun), 0);
    ends(large);
    sem_wait(&again->begun);
    assert_int_not_equal(sem_trywait(&third->begun), 0);
    ends(again);
    sem_post(&third->go); /* a stop runs what waits */
    fz_executor_stop(executor);
    assert_int_equal(sem_trywait(&third->done), 0);
}

/* Who waited for one of its key does not wait again behind those of other keys that came meanwhile. */
static void the_second_of_a_key_comes_next(void **state)
{
    (void)state;
    struct fz_executor *executor;
    assert_int_equal(fz_executor_start(NULL, 1, 16, &executor), FZ_OK);
    struct job *large = submit(executor, 0, "large"), *other = submit(executor, 1, "other"),
               *none = submit(executor, 2, ""), *again = submit(executor, 3, "large");
    sem_wait(&large->begun);
    ends(large);
    sem_wait(&again->begun);
    assert_int_not_equal(sem_trywait(&other->begun), 0);
    ends(again);
    sem_wait(&other->begun);
    ends(other);
    sem_wait(&none->begun);
    ends(none);
    fz_executor_stop(executor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_second_of_a_key_comes_next, place_open, place_close),
        cmocka_unit_test_setup_teardown(the_second_of_a_key_waits_without_a_thread, place_open, place_close),
    };
    return cmocka_run_group_tests_name("executor", tests, NULL, NULL);
}
