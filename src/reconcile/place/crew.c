/* Shares numbered jobs among threads. */
#include "reconcile/place/crew.h"

#define THREADS_MAX 64

struct crew {
    const struct fz_crew_work *work;
    size_t jobs;
    atomic_size_t next;
    struct fz_trouble *trouble;
};

static void *run(void *argument)
{
    struct crew *crew = argument;
    void *own = crew->work->begin(crew->work->argument);
    if (own == NULL)
        return NULL;
    while (!crew->trouble->met) {
        size_t number = atomic_fetch_add(&crew->next, 1);
        if (number >= crew->jobs || crew->work->job(crew->work->argument, own, number) != FZ_OK)
            break;
    }
    crew->work->end(crew->work->argument, own);
    return NULL;
}

/* One of them is the caller's thread, so that a machine that gives no more still gets on. */
enum fz_result fz_crew_do(const struct fz_crew_work *work, size_t jobs, unsigned threads, struct fz_trouble *trouble)
{
    struct crew crew = {.work = work, .jobs = jobs, .trouble = trouble};
    pthread_t others[THREADS_MAX];
    unsigned started = 0;
    if (threads > THREADS_MAX)
        threads = THREADS_MAX;
    if (threads > jobs)
        threads = (unsigned)jobs;
    while (started + 1 < threads && pthread_create(&others[started], NULL, run, &crew) == 0)
        started++;
    (void)run(&crew);
    for (unsigned i = 0; i < started; i++)
        pthread_join(others[i], NULL);
    return trouble->met ? FZ_FAILED : FZ_OK;
}
