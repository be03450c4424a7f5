/* The watch over what other processes change. */
#include "server/keys/watch.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/server/log.h"
#include "server/keys/changes.h"

#define LOOK_MS  400 /* between two looks that nobody asked for: with the reading of many keys less than a second */
#define PAUSE_MS 50  /* between any two */

struct fz_watch {
    struct fz_watch_setup setup;
    struct fz_reader *reader;
    char book[sizeof(((struct fz_changes *)NULL)->book)]; /* the thread's: the latest that was seen */
    bool failing;                                      /* the thread's: the last look failed, and somebody was told */
    pthread_t thread;

    pthread_mutex_t lock; /* for what follows */
    pthread_cond_t asked;
    struct fz_watch_asker *first, **last;
    size_t waiting;
    bool stopping;
};

/* ---- a look ---- */

static enum fz_result read_changes(struct fz_tx *tx, void *out)
{
    return fz_changes_read(tx, out);
}

/* What was read by then is no older than what the number says, as it is read afterwards. */
static enum fz_result follow(struct fz_watch *watch, const struct fz_changes *changes)
{
    struct fz_directory_holder *directory = watch->setup.directory;
    const struct fz_watch_setup *setup = &watch->setup;
    bool others = !fz_directory_has(directory, changes);
    if (others && fz_directory_reload(directory) != FZ_OK)
        return FZ_FAILED;
    if (strcmp(watch->book, changes->book) == 0) {
        if (others)
            setup->changed(setup->argument, watch->reader);
        return FZ_OK;
    }
    enum fz_result result = setup->replaced(setup->argument, watch->reader, changes->book);
    if (result == FZ_OK)
        memcpy(watch->book, changes->book, sizeof watch->book);
    return result;
}

static enum fz_result look(struct fz_watch *watch)
{
    struct fz_changes changes;
    enum fz_result result = fz_store_read(watch->reader, read_changes, &changes, NULL);
    if (result == FZ_OK)
        result = follow(watch, &changes);
    if (result != FZ_OK && !watch->failing)
        fz_log_error("the book cannot be looked at, so changes by other processes are not seen; trying again");
    watch->failing = result != FZ_OK;
    return result == FZ_OK ? FZ_OK : FZ_FAILED;
}

/* ---- the thread ---- */

/* All who asked so far; NULL: nobody. */
static struct fz_watch_asker *take_askers(struct fz_watch *watch)
{
    struct fz_watch_asker *first = watch->first;
    watch->first = NULL;
    watch->last = &watch->first;
    watch->waiting = 0;
    return first;
}

static void tell(struct fz_watch_asker *asker, enum fz_result looked)
{
    while (asker != NULL) {
        struct fz_watch_asker *next = asker->next;
        asker->told(asker, looked);
        asker = next;
    }
}

/* Waits until the time has come, or with `wakes` somebody asks. The lock is held. */
static void rest(struct fz_watch *watch, int64_t milliseconds, bool wakes)
{
    struct timespec until = fz_ticks_after(milliseconds);
    int result = 0;
    while (!watch->stopping && result == 0 && !(wakes && watch->first != NULL))
        result = pthread_cond_timedwait(&watch->asked, &watch->lock, &until);
}

static void *watch_main(void *argument)
{
    struct fz_watch *watch = argument;
    pthread_mutex_lock(&watch->lock);
    while (!watch->stopping) {
        struct fz_watch_asker *askers = take_askers(watch);
        pthread_mutex_unlock(&watch->lock);
        tell(askers, look(watch));
        pthread_mutex_lock(&watch->lock);
        rest(watch, PAUSE_MS, false);
        rest(watch, LOOK_MS - PAUSE_MS, true);
    }
    struct fz_watch_asker *left = take_askers(watch);
    pthread_mutex_unlock(&watch->lock);
    tell(left, FZ_FAILED);
    return NULL;
}

/* ---- from outside ---- */

static void watch_free(struct fz_watch *watch)
{
    fz_reader_close(watch->reader);
    pthread_cond_destroy(&watch->asked);
    pthread_mutex_destroy(&watch->lock);
    free(watch);
}

enum fz_result fz_watch_start(const struct fz_watch_setup *setup, struct fz_watch **out)
{
    struct fz_watch *watch = calloc(1, sizeof *watch);
    if (watch == NULL)
        return FZ_FAILED;
    watch->setup = *setup;
    watch->last = &watch->first;
    pthread_mutex_init(&watch->lock, NULL);
    fz_ticks_condition_init(&watch->asked);
    struct fz_changes known;
    enum fz_result result = fz_reader_open(setup->store, &watch->reader);
    if (result == FZ_OK) {
        fz_directory_changes(setup->directory, &known);
        memcpy(watch->book, known.book, sizeof watch->book);
        result = pthread_create(&watch->thread, NULL, watch_main, watch) == 0 ? FZ_OK : FZ_FAILED;
    }
    if (result != FZ_OK) {
        watch_free(watch);
        return FZ_FAILED;
    }
    pthread_setname_np(watch->thread, "fz-watch");
    *out = watch;
    return FZ_OK;
}

void fz_watch_stop(struct fz_watch *watch)
{
    if (watch == NULL)
        return;
    pthread_mutex_lock(&watch->lock);
    watch->stopping = true;
    pthread_cond_signal(&watch->asked);
    pthread_mutex_unlock(&watch->lock);
    fz_reader_interrupt(watch->reader);
    pthread_join(watch->thread, NULL);
    watch_free(watch);
}

enum fz_result fz_watch_ask(struct fz_watch *watch, struct fz_watch_asker *asker)
{
    enum fz_result result = FZ_FULL;
    pthread_mutex_lock(&watch->lock);
    if (!watch->stopping && watch->waiting < FZ_WATCH_ASKERS_MAX) {
        asker->next = NULL;
        *watch->last = asker;
        watch->last = &asker->next;
        watch->waiting++;
        pthread_cond_signal(&watch->asked);
        result = FZ_OK;
    }
    pthread_mutex_unlock(&watch->lock);
    return result;
}
