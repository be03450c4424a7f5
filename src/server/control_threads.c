/* The threads of long control calls. */
#include "server/control_threads.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#define THREADS      4 /* a jump, an audit and two others do not wait for each other */
#define INTERRUPT_MS 10

struct worker {
    struct fz_control_threads *threads;
    struct fz_reader *reader;
    pthread_t thread;
};

struct fz_control_threads {
    struct fz_server *server;
    void (*done)(struct fz_control_job *job);
    pthread_rwlock_t whole; /* a reset holds it for itself */
    pthread_mutex_t lock;
    pthread_cond_t arrived, ended;
    struct fz_control_job *first, **last;
    bool stopping;
    size_t running;
    size_t count; /* workers started */
    struct worker workers[THREADS];
};

static void run(struct fz_control_threads *threads, struct fz_control_job *job)
{
    switch (job->route->kind) {
    case FZ_CONTROL_LONG:
        pthread_rwlock_rdlock(&threads->whole);
        break;
    case FZ_CONTROL_ALONE:
        pthread_rwlock_wrlock(&threads->whole);
        break;
    default:
        job->route->run(&job->call);
        return;
    }
    job->route->run(&job->call);
    pthread_rwlock_unlock(&threads->whole);
}

/* The next job; NULL when there will be none. */
static struct fz_control_job *take(struct fz_control_threads *threads, bool *refused)
{
    pthread_mutex_lock(&threads->lock);
    while (threads->first == NULL && !threads->stopping)
        pthread_cond_wait(&threads->arrived, &threads->lock);
    struct fz_control_job *job = threads->first;
    if (job != NULL) {
        threads->first = job->next;
        if (threads->first == NULL)
            threads->last = &threads->first;
        threads->running++;
    }
    *refused = threads->stopping;
    pthread_mutex_unlock(&threads->lock);
    return job;
}

static void note_end(struct fz_control_threads *threads)
{
    pthread_mutex_lock(&threads->lock);
    threads->running--;
    pthread_cond_signal(&threads->ended);
    pthread_mutex_unlock(&threads->lock);
}

/* What the stop broke off looks like a broken book, but is none. */
static void tell_if_broken_off(struct fz_control_threads *threads, struct fz_control_call *call)
{
    pthread_mutex_lock(&threads->lock);
    bool stopping = threads->stopping;
    pthread_mutex_unlock(&threads->lock);
    if (stopping && call->status == MHD_HTTP_INTERNAL_SERVER_ERROR)
        fz_control_refuse(
            call, MHD_HTTP_SERVICE_UNAVAILABLE,
            "The call was broken off: the server stops. Start it again, and ask for the state.");
}

static void *worker_main(void *argument)
{
    struct worker *worker = argument;
    struct fz_control_threads *threads = worker->threads;
    struct fz_control_job *job;
    bool refused;
    while ((job = take(threads, &refused)) != NULL) {
        job->call.reader = worker->reader;
        if (refused)
            fz_control_refuse(&job->call, MHD_HTTP_SERVICE_UNAVAILABLE,
                              "The call was not made: the server stops. Start it again.");
        else
            run(threads, job);
        tell_if_broken_off(threads, &job->call);
        threads->done(job);
        note_end(threads);
    }
    return NULL;
}

static void init(struct fz_control_threads *threads)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_rwlock_init(&threads->whole, NULL);
    pthread_mutex_init(&threads->lock, NULL);
    pthread_cond_init(&threads->arrived, &attributes);
    pthread_cond_init(&threads->ended, &attributes);
    pthread_condattr_destroy(&attributes);
    threads->last = &threads->first;
}

static enum fz_result start_worker(struct fz_control_threads *threads)
{
    struct worker *worker = &threads->workers[threads->count];
    worker->threads = threads;
    enum fz_result result = fz_reader_open(threads->server->store, &worker->reader);
    if (result != FZ_OK)
        return result;
    if (pthread_create(&worker->thread, NULL, worker_main, worker) != 0) {
        fz_reader_close(worker->reader);
        return FZ_FAILED;
    }
    threads->count++;
    return FZ_OK;
}

enum fz_result fz_control_threads_start(struct fz_server *server, void (*done)(struct fz_control_job *job),
                                        struct fz_control_threads **out)
{
    struct fz_control_threads *threads = calloc(1, sizeof *threads);
    if (threads == NULL)
        return FZ_FAILED;
    threads->server = server;
    threads->done = done;
    init(threads);
    enum fz_result result = FZ_OK;
    while (result == FZ_OK && threads->count < THREADS)
        result = start_worker(threads);
    if (result == FZ_OK)
        *out = threads;
    else {
        fz_control_threads_stop(threads);
        fz_control_threads_free(threads);
    }
    return result;
}

bool fz_control_threads_submit(struct fz_control_threads *threads, struct fz_control_job *job)
{
    job->next = NULL;
    pthread_mutex_lock(&threads->lock);
    bool taken = !threads->stopping;
    if (taken) {
        *threads->last = job;
        threads->last = &job->next;
        pthread_cond_signal(&threads->arrived);
    }
    pthread_mutex_unlock(&threads->lock);
    return taken;
}

/* Again and again, because between two statements there is nothing to interrupt. */
static void interrupt_reads(struct fz_control_threads *threads)
{
    pthread_mutex_lock(&threads->lock);
    while (threads->running > 0) {
        for (size_t i = 0; i < threads->count; i++)
            fz_reader_interrupt(threads->workers[i].reader);
        struct timespec until = fz_ticks_after(INTERRUPT_MS);
        (void)pthread_cond_timedwait(&threads->ended, &threads->lock, &until);
    }
    pthread_mutex_unlock(&threads->lock);
}

void fz_control_threads_stop(struct fz_control_threads *threads)
{
    pthread_mutex_lock(&threads->lock);
    threads->stopping = true;
    pthread_cond_broadcast(&threads->arrived);
    pthread_mutex_unlock(&threads->lock);
    interrupt_reads(threads);
    for (size_t i = 0; i < threads->count; i++) {
        pthread_join(threads->workers[i].thread, NULL);
        fz_reader_close(threads->workers[i].reader);
    }
}

void fz_control_threads_free(struct fz_control_threads *threads)
{
    pthread_cond_destroy(&threads->arrived);
    pthread_cond_destroy(&threads->ended);
    pthread_mutex_destroy(&threads->lock);
    pthread_rwlock_destroy(&threads->whole);
    free(threads);
}
