/* The thread that reads behind who writes. */
#include "client/bill/watch.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "base/memory.h"
#include "client/bill/read.h"

#define PIECE (256 << 10) /* stays in a core's own cache */

static void begin_check(struct fz_bill_watch *watch)
{
    watch->error = fz_bill_check_begin(&watch->check, watch->kind, watch->digest, watch->each_cell);
}

static void restart_check(struct fz_bill_watch *watch)
{
    fz_bill_check_done(&watch->check);
    fz_error_free(watch->error);
    begin_check(watch);
}

/* What is between the two places; once something is wrong the rest is not looked at. */
static size_t feed(struct fz_bill_watch *watch, char *piece, size_t from, size_t to)
{
    while (from < to && watch->error == NULL) {
        size_t wanted = to - from < PIECE ? to - from : PIECE;
        ssize_t size = pread(watch->file, piece, wanted, (off_t)from);
        if (size < 0 && errno == EINTR)
            continue;
        watch->error =
            size <= 0 ? fz_bill_file_error("read", "The bill") : fz_bill_check_feed(&watch->check, piece, (size_t)size);
        from += size > 0 ? (size_t)size : 0;
    }
    return to;
}

/* ---- the thread ---- */

/* Waits until there is more than `seen`, another beginning than `beginning`, or no more to come. */
static struct fz_bill_watch wait_for_more(struct fz_bill_watch *watch, size_t seen, unsigned beginning)
{
    pthread_mutex_lock(&watch->lock);
    while (watch->written <= seen && watch->beginning == beginning && !watch->has_ended)
        pthread_cond_wait(&watch->changed, &watch->lock);
    struct fz_bill_watch now = {.written = watch->written, .beginning = watch->beginning, .has_ended = watch->has_ended};
    pthread_mutex_unlock(&watch->lock);
    return now;
}

static void read_behind(struct fz_bill_watch *watch, char *piece)
{
    size_t seen = 0;
    unsigned beginning = 0;
    for (;;) {
        struct fz_bill_watch now = wait_for_more(watch, seen, beginning);
        if (now.beginning != beginning) {
            restart_check(watch);
            beginning = now.beginning;
            seen = 0;
        } else if (now.written > seen) {
            seen = feed(watch, piece, seen, now.written);
        } else {
            return;
        }
    }
}

static void *run(void *argument)
{
    struct fz_bill_watch *watch = argument;
    char *piece = fz_allocate(PIECE);
    if (piece != NULL)
        read_behind(watch, piece);
    else if (watch->error == NULL)
        watch->error = fz_error_make(FZ_CODE_MEMORY, FZ_OUTCOME_DONE, " ");
    fz_release(piece);
    return NULL;
}

/* It takes no signals: those are the program's. */
static bool start(struct fz_bill_watch *watch)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = pthread_create(&watch->thread, NULL, run, watch) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

/* ---- for who writes ---- */

void fz_bill_watch_begin(struct fz_bill_watch *watch, int file, enum fz_bill_kind kind, const EVP_MD *digest, bool each_cell)
{
    *watch = (struct fz_bill_watch){.file = file, .kind = kind, .digest = digest, .each_cell = each_cell};
    pthread_mutex_init(&watch->lock, NULL);
    pthread_cond_init(&watch->changed, NULL);
    begin_check(watch);
    watch->has_thread = start(watch);
}

void fz_bill_watch_wrote(struct fz_bill_watch *watch, size_t written)
{
    pthread_mutex_lock(&watch->lock);
    watch->written = written;
    pthread_cond_signal(&watch->changed);
    pthread_mutex_unlock(&watch->lock);
}

void fz_bill_watch_restart(struct fz_bill_watch *watch)
{
    pthread_mutex_lock(&watch->lock);
    watch->written = 0;
    watch->beginning++;
    pthread_cond_signal(&watch->changed);
    pthread_mutex_unlock(&watch->lock);
}

static void join(struct fz_bill_watch *watch)
{
    if (!watch->has_thread)
        return;
    pthread_mutex_lock(&watch->lock);
    watch->has_ended = true;
    pthread_cond_signal(&watch->changed);
    pthread_mutex_unlock(&watch->lock);
    pthread_join(watch->thread, NULL);
    watch->has_thread = false;
}

fz_error *fz_bill_watch_end(struct fz_bill_watch *watch, const char *hash)
{
    if (!watch->has_thread) {
        watch->has_ended = true;
        run(watch);
    }
    join(watch);
    fz_error *error = watch->error == NULL ? fz_bill_check_finish(&watch->check, hash) : watch->error;
    watch->error = NULL;
    return error;
}

void fz_bill_watch_done(struct fz_bill_watch *watch)
{
    join(watch);
    fz_bill_check_done(&watch->check);
    fz_error_free(watch->error);
    pthread_mutex_destroy(&watch->lock);
    pthread_cond_destroy(&watch->changed);
}
