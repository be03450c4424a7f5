/* Threads that take tasks from one queue, the first that may run. */
#include "server/work/executor.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct fz_executor {
    pthread_mutex_t lock;
    pthread_cond_t arrived;
    struct fz_task *first, **last;
    size_t waiting, running, queue_max;
    bool stopping;
    size_t thread_count;
    struct executor_thread {
        struct fz_executor *executor;
        struct fz_reader *reader;
        pthread_t thread;
        bool runs;                  /* a task */
        char key[FZ_TASK_KEY_SIZE]; /* of that */
    } threads[];
};

static bool is_running(const struct fz_executor *executor, const char *key)
{
    bool running = false;
    for (size_t i = 0; key[0] != '\0' && i < executor->thread_count; i++)
        running = running || strcmp(executor->threads[i].key, key) == 0;
    return running;
}

/* Takes the first task whose key none has that is running; with `key` other than "" only one of that. NULL if there is none. */
static struct fz_task *take_first(struct fz_executor *executor, const char *key)
{
    struct fz_task **at = &executor->first;
    while (*at != NULL &&
           (is_running(executor, (*at)->key) || (key[0] != '\0' && strcmp((*at)->key, key) != 0)))
        at = &(*at)->next;
    struct fz_task *task = *at;
    if (task == NULL)
        return NULL;
    *at = task->next;
    if (executor->last == &task->next)
        executor->last = at;
    executor->waiting--;
    return task;
}

/* The next task; NULL when there will be none any more. The one before it, which may be gone, has ended: who waited
 * for that waits for nothing else. */
static struct fz_task *take(struct executor_thread *self)
{
    struct fz_executor *executor = self->executor;
    char ended[FZ_TASK_KEY_SIZE];
    pthread_mutex_lock(&executor->lock);
    memcpy(ended, self->key, sizeof ended);
    self->key[0] = '\0';
    executor->running -= self->runs;
    pthread_cond_broadcast(&executor->arrived); /* what waited for this key may run, on whichever thread */
    struct fz_task *task = take_first(executor, ended);
    while (task == NULL && (task = take_first(executor, "")) == NULL &&
           !(executor->stopping && executor->first == NULL))
        pthread_cond_wait(&executor->arrived, &executor->lock);
    if (task != NULL)
        memcpy(self->key, task->key, sizeof self->key);
    self->runs = task != NULL;
    executor->running += self->runs;
    pthread_mutex_unlock(&executor->lock);
    return task;
}

static void *executor_main(void *argument)
{
    struct executor_thread *self = argument;
    struct fz_task *task;
    while ((task = take(self)) != NULL)
        task->run(task, self->reader);
    return NULL;
}

struct fz_executor_load fz_executor_load(struct fz_executor *executor)
{
    struct fz_executor_load load = {0};
    if (executor == NULL)
        return load;
    pthread_mutex_lock(&executor->lock);
    load = (struct fz_executor_load){.waiting = executor->waiting, .running = executor->running};
    pthread_mutex_unlock(&executor->lock);
    return load;
}

static bool start_thread(struct fz_executor *executor, struct fz_store *store)
{
    struct executor_thread *thread = &executor->threads[executor->thread_count];
    thread->executor = executor;
    if (store != NULL && fz_reader_open(store, &thread->reader) != FZ_OK)
        return false;
    if (pthread_create(&thread->thread, NULL, executor_main, thread) != 0) {
        fz_reader_close(thread->reader);
        return false;
    }
    pthread_setname_np(thread->thread, "fz-executor");
    pthread_mutex_lock(&executor->lock); /* the threads that run already look at each other's keys */
    executor->thread_count++;
    pthread_mutex_unlock(&executor->lock);
    return true;
}

enum fz_result fz_executor_start(struct fz_store *store, size_t threads, size_t queue_max,
                                 struct fz_executor **out)
{
    struct fz_executor *executor = calloc(1, sizeof *executor + threads * sizeof executor->threads[0]);
    if (executor == NULL)
        return FZ_FAILED;
    executor->last = &executor->first;
    executor->queue_max = queue_max;
    pthread_mutex_init(&executor->lock, NULL);
    pthread_cond_init(&executor->arrived, NULL);
    while (executor->thread_count < threads)
        if (!start_thread(executor, store)) {
            fz_executor_stop(executor);
            return FZ_FAILED;
        }
    *out = executor;
    return FZ_OK;
}

void fz_executor_stop(struct fz_executor *executor)
{
    if (executor == NULL)
        return;
    pthread_mutex_lock(&executor->lock);
    executor->stopping = true;
    pthread_cond_broadcast(&executor->arrived);
    pthread_mutex_unlock(&executor->lock);
    for (size_t i = 0; i < executor->thread_count; i++) {
        pthread_join(executor->threads[i].thread, NULL);
        fz_reader_close(executor->threads[i].reader);
    }
    pthread_cond_destroy(&executor->arrived);
    pthread_mutex_destroy(&executor->lock);
    free(executor);
}

enum fz_result fz_executor_submit(struct fz_executor *executor, struct fz_task *task)
{
    enum fz_result result = FZ_FULL;
    pthread_mutex_lock(&executor->lock);
    if (!executor->stopping && executor->waiting < executor->queue_max) {
        task->next = NULL;
        *executor->last = task;
        executor->last = &task->next;
        executor->waiting++;
        pthread_cond_signal(&executor->arrived);
        result = FZ_OK;
    }
    pthread_mutex_unlock(&executor->lock);
    return result;
}
