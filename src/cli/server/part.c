/* A book on its way to its place. */
#include "cli/server/part.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/output/progress.h"

#define LOOK_NS 200000000L

/* Whatever SQLite has put there, too. */
static void empty(struct fz_part *part)
{
    const struct dirent *entry;
    DIR *listing = fdopendir(openat(part->lock, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    while (listing != NULL && (entry = readdir(listing)) != NULL)
        (void)unlinkat(part->lock, entry->d_name, 0); /* "." and ".." are none that it takes */
    if (listing != NULL)
        closedir(listing);
}

void fz_part_give_way(struct fz_part *part)
{
    while (atomic_load(&part->ends))
        pause();
}

void fz_part_remove(struct fz_part *part)
{
    fz_part_give_way(part);
    empty(part);
    (void)rmdir(part->directory);
    if (part->lock >= 0)
        close(part->lock);
    part->lock = -1;
}

/* ---- beside the work: signals, and a line that says how far it is ---- */

static void tell(struct fz_progress *progress, const struct fz_part *part)
{
    struct stat found;
    const char *stage = atomic_load(&part->stage);
    if (progress->what != stage) {
        fz_progress_end(progress);
        if (stage != NULL)
            fz_progress_begin(progress, stage, atomic_load(&part->size));
    }
    if (stage == NULL)
        return;
    int64_t seconds = (fz_ticks_ms() - progress->began_ms) / 1000;
    fz_progress_at(progress, progress->total == 0 ? seconds : stat(part->book, &found) == 0 ? found.st_size : 0);
}

/* The process ends as the signal says, behind whatever the work has made meanwhile. */
static void *watch(void *argument)
{
    static const struct timespec patience = {.tv_nsec = LOOK_NS};
    struct fz_part *part = argument;
    struct fz_progress progress = {0};
    sigset_t ends;
    int came;
    (void)pthread_sigmask(SIG_BLOCK, NULL, &ends); /* those that hold_signals took */
    while ((came = sigtimedwait(&ends, NULL, &patience)) < 0)
        tell(&progress, part);
    atomic_store(&part->ends, true);
    fz_progress_clear(&progress);
    do
        empty(part);
    while (rmdir(part->directory) != 0 && errno == ENOTEMPTY);
    _exit(128 + came);
}

/* From here on they wait for the thread. One that is ignored from the start (nohup) stays so. */
static void hold_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction set;
    sigset_t ends;
    sigemptyset(&ends);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (sigaction(numbers[i], NULL, &set) == 0 && set.sa_handler != SIG_IGN)
            sigaddset(&ends, numbers[i]);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
}

static bool start_watch(struct fz_part *part)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, watch, part) != 0)
        return false;
    pthread_detach(thread);
    return true;
}

/* ---- the directory ---- */

/* Whoever may write beside the target could have put something else there. */
static bool is_own(int directory)
{
    struct stat found;
    return fstat(directory, &found) == 0 && found.st_uid == geteuid() && (found.st_mode & 077) == 0;
}

static enum fz_result hold(struct fz_part *part, char *why, size_t why_size)
{
    if (mkdir(part->directory, 0700) != 0 && errno != EEXIST) {
        snprintf(why, why_size, "%s cannot be made (%s). Let this user write the directory that it is in, or name another file.",
                 part->directory, strerrordesc_np(errno));
        return FZ_FAILED;
    }
    part->lock = open(part->directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (part->lock < 0 || !is_own(part->lock)) {
        snprintf(why, why_size, "%s is there already, and is no directory of this user's alone. Take it away first, or name another file.",
                 part->directory);
        return FZ_FAILED;
    }
    if (flock(part->lock, LOCK_EX | LOCK_NB) == 0)
        return FZ_OK;
    snprintf(why, why_size, "Another process is making something in %s. Wait for it, or name another file.", part->directory);
    return FZ_CONFLICT;
}

static bool join(char out[FZ_PATH_SIZE], const char *path, const char *ending)
{
    int size = snprintf(out, FZ_PATH_SIZE, "%s%s", path, ending);
    return size >= 0 && size < FZ_PATH_SIZE;
}

enum fz_result fz_part_make(struct fz_part *part, const char *target, char *why, size_t why_size)
{
    *part = (struct fz_part){.lock = -1};
    if (!join(part->directory, target, ".part") || !join(part->book, part->directory, "/book.db") ||
        !join(part->second, part->directory, "/second.db") || !join(part->secret, part->directory, "/secret.key")) {
        snprintf(why, why_size, "The path %s is too long. Name a shorter one.", target);
        return FZ_FAILED;
    }
    hold_signals();
    enum fz_result result = hold(part, why, why_size);
    if (result != FZ_OK) {
        if (part->lock >= 0)
            close(part->lock);
        return result;
    }
    empty(part);
    if (start_watch(part))
        return FZ_OK;
    fz_part_remove(part);
    snprintf(why, why_size, "The system gives no further thread. Raise the limit, then try again.");
    return FZ_FAILED;
}
