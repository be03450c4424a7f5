/* What all workers share: opened, drained when the server stops, closed. */
#include "server/work/workshop.h"

#include <poll.h>

#include "server/fault/delays.h"
#include "server/files/bill_file.h"
#include "server/work/executor.h"
#include "server/work/uploads.h"

#define OPENERS        2 /* so that a large file that is hashed for its signature holds up no small one */
#define MAKERS         2 /* so that one large bill does not hold up all others */
#define DOCTORS        1 /* whoever waits for it made a mistake: he gets no more of the machine than this */
#define EXECUTOR_QUEUE 256
#define READERS        16   /* connections to a database: what it reads at once, for this process */
#define READERS_QUEUE  4096 /* as many connections as there are */
#define DRAIN_MS       400 /* how long a stop waits for answers to be taken */
#define WINDOW_MS      1000

enum fz_result fz_workshop_open(struct fz_workshop *workshop, const struct fz_workshop_setup *lent,
                                struct fz_acceptor *acceptor)
{
    workshop->lent = *lent;
    workshop->acceptor = acceptor;
    pthread_mutex_init(&workshop->diagnoses.lock, NULL);
    pthread_mutex_init(&workshop->tools.lock, NULL);
    if ((workshop->uploads = fz_uploads_new()) == NULL)
        return FZ_FAILED;
    enum fz_result result = fz_executor_start(NULL, OPENERS, EXECUTOR_QUEUE, &workshop->openers);
    if (result == FZ_OK)
        result = fz_executor_start(lent->store, MAKERS, EXECUTOR_QUEUE, &workshop->makers);
    if (result == FZ_OK)
        result = fz_executor_start(NULL, DOCTORS, EXECUTOR_QUEUE, &workshop->doctors);
    size_t readers = lent->store_readers == 0 ? READERS : lent->store_readers;
    if (result == FZ_OK && lent->store_is_shared)
        result = fz_executor_start(lent->store, readers, READERS_QUEUE, &workshop->readers);
    if (result == FZ_OK)
        result = fz_delays_start(&workshop->delays);
    return result;
}

/* Waits until `counter` is 0, at most `limit_ms`. Looking now and then is enough for something that happens
 * once and soon. */
static void wait_for_none(atomic_size_t *counter, int64_t limit_ms)
{
    int64_t end_ms = fz_ticks_ms() + limit_ms;
    while (atomic_load(counter) > 0 && fz_ticks_ms() < end_ms)
        poll(NULL, 0, 1);
}

void fz_workshop_drain(struct fz_workshop *workshop)
{
    bool again = atomic_exchange(&workshop->stopping, true);
    fz_bill_files_stop(workshop->lent.bill_files);
    if (workshop->delays != NULL && !again)
        fz_delays_stop(workshop->delays);
    wait_for_none(&workshop->suspended, INT32_MAX);
    wait_for_none(&workshop->active, DRAIN_MS);
}

void fz_workshop_close(struct fz_workshop *workshop)
{
    fz_executor_stop(workshop->readers);
    fz_executor_stop(workshop->openers);
    fz_executor_stop(workshop->makers);
    fz_executor_stop(workshop->doctors);
    fz_delays_free(workshop->delays);
    fz_uploads_free(workshop->uploads);
    pthread_mutex_destroy(&workshop->diagnoses.lock);
    pthread_mutex_destroy(&workshop->tools.lock);
}

bool fz_workshop_take_diagnosis(struct fz_workshop *workshop)
{
    struct fz_diagnoses *diagnoses = &workshop->diagnoses;
    int64_t now_ms = fz_ticks_ms();
    pthread_mutex_lock(&diagnoses->lock);
    int64_t oldest_ms = diagnoses->times_ms[diagnoses->next];
    bool room = oldest_ms == 0 || now_ms - oldest_ms >= WINDOW_MS;
    if (room) {
        diagnoses->times_ms[diagnoses->next] = now_ms;
        diagnoses->next = (diagnoses->next + 1) % FZ_DIAGNOSES_A_SECOND;
    }
    pthread_mutex_unlock(&diagnoses->lock);
    return room;
}
