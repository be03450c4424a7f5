/* The threads of long control calls. */
#include "server/control/threads.h"

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
    struct fz_store *store;
    void (*done)(struct fz_control_job *job);
    pthread_mutex_t lock;
    pthread_cond_t arrived, ended;
    struct fz_control_job *first, **last;
    struct fz_control_job *awaiting; /* made, and the answer waits for a callback, without a thread */
    size_t awaiting_count;
    uint64_t news; /* how much there was so far */
    bool stopping;
    size_t running[FZ_CONTROL_ALONE + 1]; /* by kind */
    size_t clocks_waiting;
    size_t count; /* workers started */
    struct worker workers[THREADS];
};

/* Whether a call may begin beside what runs; `reset_ahead`: a reset that came before it waits. A reset waits
 * for what has begun and for nothing that came later, so a stream of other calls does not keep it out. What
 * waits does so in the queue and takes no thread from the others. */
static bool may_begin(const struct fz_control_threads *threads, enum fz_control_kind kind, bool reset_ahead)
{
    if (kind == FZ_CONTROL_SHORT)
        return true;
    if (reset_ahead || threads->running[FZ_CONTROL_ALONE] > 0)
        return false;
    switch (kind) {
    case FZ_CONTROL_CLOCK:
        return threads->running[FZ_CONTROL_CLOCK] == 0;
    case FZ_CONTROL_ALONE:
        return threads->running[FZ_CONTROL_LONG] == 0;
    default:
        return true;
    }
}

/* Takes the first job that may begin out of the queue; NULL if none may. */
static struct fz_control_job *take_first(struct fz_control_threads *threads)
{
    bool reset_ahead = false;
    for (struct fz_control_job **at = &threads->first; *at != NULL; at = &(*at)->next) {
        struct fz_control_job *job = *at;
        enum fz_control_kind kind = job->route->kind;
        if (!threads->stopping && !may_begin(threads, kind, reset_ahead)) {
            reset_ahead = reset_ahead || kind == FZ_CONTROL_ALONE;
            continue;
        }
        *at = job->next;
        if (threads->last == &job->next)
            threads->last = at;
        threads->running[kind]++;
        threads->clocks_waiting -= kind == FZ_CONTROL_CLOCK;
        return job;
    }
    return NULL;
}

/* Takes a job out that is to look for its callback: there is news, or its time is over. A reset that is under way ends it
 * afterwards. */
static struct fz_control_job *take_awaiting(struct fz_control_threads *threads)
{
    int64_t now_ms = fz_ticks_ms();
    if (threads->running[FZ_CONTROL_ALONE] > 0 && !threads->stopping)
        return NULL;
    for (struct fz_control_job **at = &threads->awaiting; *at != NULL; at = &(*at)->next) {
        struct fz_control_job *job = *at;
        if (!threads->stopping && !job->has_news && job->call.await.until_ticks_ms > now_ms)
            continue;
        *at = job->next;
        threads->awaiting_count--;
        threads->running[job->route->kind]++;
        return job;
    }
    return NULL;
}

/* Until something arrives, or the time of one that waits for a callback is over. */
static void wait_for_more(struct fz_control_threads *threads)
{
    int64_t until_ms = INT64_MAX;
    for (const struct fz_control_job *job = threads->awaiting; job != NULL; job = job->next)
        if (job->call.await.until_ticks_ms < until_ms)
            until_ms = job->call.await.until_ticks_ms;
    if (until_ms == INT64_MAX || threads->running[FZ_CONTROL_ALONE] > 0) {
        pthread_cond_wait(&threads->arrived, &threads->lock);
        return;
    }
    struct timespec until = fz_ticks_after(until_ms - fz_ticks_ms());
    (void)pthread_cond_timedwait(&threads->arrived, &threads->lock, &until);
}

struct seen {
    bool stopping;
    uint64_t news;
};

/* The next job; NULL when there will be none. */
static struct fz_control_job *take(struct fz_control_threads *threads, struct seen *seen)
{
    struct fz_control_job *job;
    pthread_mutex_lock(&threads->lock);
    while ((job = take_awaiting(threads)) == NULL && (job = take_first(threads)) == NULL && !threads->stopping)
        wait_for_more(threads);
    *seen = (struct seen){.stopping = threads->stopping, .news = threads->news};
    pthread_mutex_unlock(&threads->lock);
    return job;
}

/* What waited for this one may begin now. */
static void note_end(struct fz_control_threads *threads, enum fz_control_kind kind)
{
    pthread_mutex_lock(&threads->lock);
    threads->running[kind]--;
    pthread_cond_broadcast(&threads->arrived);
    pthread_cond_signal(&threads->ended);
    pthread_mutex_unlock(&threads->lock);
}

static bool is_any_running(const struct fz_control_threads *threads)
{
    size_t running = 0;
    for (size_t i = 0; i <= FZ_CONTROL_ALONE; i++)
        running += threads->running[i];
    return running > 0;
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

/* Puts a call that waits for a callback aside. What was new while it looked, it may have missed: it looks once more. */
static enum fz_result put_aside(struct fz_control_threads *threads, struct fz_control_job *job, uint64_t seen_news)
{
    enum fz_result result = FZ_OK;
    pthread_mutex_lock(&threads->lock);
    if (threads->awaiting_count >= FZ_AWAITING_MAX) {
        result = FZ_FULL;
    } else {
        job->has_news = threads->news != seen_news;
        job->next = threads->awaiting;
        threads->awaiting = job;
        threads->awaiting_count++;
    }
    pthread_mutex_unlock(&threads->lock);
    return result;
}

static void run_job(struct fz_control_job *job, bool stopping)
{
    struct fz_control_call *call = &job->call;
    if (call->wakeup != NULL)
        call->wakeup(call, stopping ? FZ_WAKEUP_STOPS : FZ_WAKEUP_NEWS);
    else if (stopping)
        fz_control_refuse(call, MHD_HTTP_SERVICE_UNAVAILABLE,
                          "The call was not made: the server stops. Start it again.");
    else
        job->route->run(call);
}

static void *worker_main(void *argument)
{
    struct worker *worker = argument;
    struct fz_control_threads *threads = worker->threads;
    struct fz_control_job *job;
    struct seen seen; /* when the job was taken */
    while ((job = take(threads, &seen)) != NULL) {
        enum fz_control_kind kind = job->route->kind;
        job->call.reader = worker->reader;
        run_job(job, seen.stopping);
        if (job->call.wakeup == NULL || put_aside(threads, job, seen.news) != FZ_OK) {
            if (job->call.wakeup != NULL)
                job->call.wakeup(&job->call, FZ_WAKEUP_FULL);
            tell_if_broken_off(threads, &job->call);
            threads->done(job); /* from here on the job may be gone */
        }
        note_end(threads, kind);
    }
    return NULL;
}

static void init(struct fz_control_threads *threads)
{
    pthread_mutex_init(&threads->lock, NULL);
    fz_ticks_condition_init(&threads->arrived);
    fz_ticks_condition_init(&threads->ended);
    threads->last = &threads->first;
}

static enum fz_result start_worker(struct fz_control_threads *threads)
{
    struct worker *worker = &threads->workers[threads->count];
    worker->threads = threads;
    enum fz_result result = fz_reader_open(threads->store, &worker->reader);
    if (result != FZ_OK)
        return result;
    if (pthread_create(&worker->thread, NULL, worker_main, worker) != 0) {
        fz_reader_close(worker->reader);
        return FZ_FAILED;
    }
    threads->count++;
    return FZ_OK;
}

enum fz_result fz_control_threads_start(struct fz_store *store, void (*done)(struct fz_control_job *job),
                                        struct fz_control_threads **out)
{
    struct fz_control_threads *threads = calloc(1, sizeof *threads);
    if (threads == NULL)
        return FZ_FAILED;
    threads->store = store;
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

enum fz_result fz_control_threads_submit(struct fz_control_threads *threads, struct fz_control_job *job)
{
    enum fz_result result = FZ_OK;
    bool clock = job->route->kind == FZ_CONTROL_CLOCK;
    job->next = NULL;
    pthread_mutex_lock(&threads->lock);
    if (threads->stopping)
        result = FZ_FAILED;
    else if (clock && threads->clocks_waiting >= FZ_CLOCKS_WAITING_MAX)
        result = FZ_FULL;
    if (result == FZ_OK) {
        *threads->last = job;
        threads->last = &job->next;
        threads->clocks_waiting += clock;
        pthread_cond_broadcast(&threads->arrived);
    }
    pthread_mutex_unlock(&threads->lock);
    return result;
}

void fz_control_threads_news(struct fz_control_threads *threads, int64_t notification)
{
    pthread_mutex_lock(&threads->lock);
    threads->news++;
    for (struct fz_control_job *job = threads->awaiting; job != NULL; job = job->next)
        job->has_news = job->has_news || notification == 0 || job->call.await.notification == notification;
    if (threads->awaiting != NULL)
        pthread_cond_broadcast(&threads->arrived);
    pthread_mutex_unlock(&threads->lock);
}

/* Again and again, because between two statements there is nothing to interrupt. */
static void interrupt_reads(struct fz_control_threads *threads)
{
    pthread_mutex_lock(&threads->lock);
    while (is_any_running(threads)) {
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
    free(threads);
}
