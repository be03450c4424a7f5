/* Checkpoints: bring what the WAL holds into the book's file. On a thread and connection of their own.
 *
 * When the WAL has grown, so that it stays small. The long part runs beside the writer. But while the writer
 * goes on, there is always something new in the WAL, and it would grow for ever. So the writer is then asked to
 * hold still between two groups, for the little that came meanwhile: the next commit starts the WAL from its
 * beginning.
 *
 * When it has been quiet for a while, or somebody asks, so that the book's file alone is the whole book: what is
 * copied, moved or lost then is copied, moved or lost whole. The WAL is left as it is.
 *
 * When the book's file fails to sync, nobody knows which of its pages are on the disk, and the next sync
 * would say that all is well. The WAL still has them all. So there are no further checkpoints then: whoever
 * opens the book next reads the WAL from its beginning. */
#include <errno.h>
#include <stdio.h>

#include "store/sqlite/engine.h"

/* Frames of 4 KiB: when a checkpoint is due, when the writer has to wait for it however much is left to do,
 * when the file has grown beyond measure (a reader stayed long) and is cut, and what is little. */
#define DUE_FRAMES    4096
#define HASTE_FRAMES  16384
#define CUT_FRAMES    32768
#define LITTLE_FRAMES 256
#define ROUNDS_MAX    4
/* How long nothing was committed when it counts as quiet. */
#define QUIET_MS 1000
/* When to try again. After an error the pause doubles up to the longer one. A reader in the way may be gone at any
 * moment, and meanwhile the WAL grows: a try that moves nothing costs no sync. */
#define AGAIN_AFTER_MS     100
#define AGAIN_ERROR_MAX_MS 10000

void fz_checkpoint_note(struct fz_store *store, int frames)
{
    pthread_mutex_lock(&store->lock);
    store->health.wal_frames = frames;
    store->wal_commits++;
    /* The first commit after all was brought home starts the wait for a quiet while; the others only move it. */
    if (frames >= DUE_FRAMES || store->wal_commits == store->saved_commits + 1)
        pthread_cond_signal(&store->grown);
    pthread_mutex_unlock(&store->lock);
}

enum task { GROWN, QUIET, END };

static bool is_stopped(const struct fz_store *store)
{
    return store->health.wal_kept || atomic_load(&store->damaged);
}

/* With the lock held. */
static enum task next_task(struct fz_store *store)
{
    while (!store->closing) {
        uint64_t seen = store->wal_commits;
        if (!is_stopped(store) && store->health.wal_frames >= DUE_FRAMES)
            return GROWN;
        if (store->asked)
            return QUIET;
        if (is_stopped(store) || seen == store->saved_commits) {
            pthread_cond_wait(&store->grown, &store->lock);
            continue;
        }
        struct timespec until = fz_ticks_after(QUIET_MS);
        if (pthread_cond_timedwait(&store->grown, &store->lock, &until) == ETIMEDOUT &&
            seen == store->wal_commits)
            return QUIET;
    }
    return END;
}

static enum task wait_for_task(struct fz_store *store)
{
    pthread_mutex_lock(&store->lock);
    enum task task = next_task(store);
    pthread_mutex_unlock(&store->lock);
    return task;
}

/* Returns how many frames the WAL has. */
static int hold_writer(struct fz_store *store)
{
    pthread_mutex_lock(&store->lock);
    store->hold = true;
    while (store->busy)
        pthread_cond_wait(&store->still, &store->lock);
    int frames = store->health.wal_frames;
    pthread_mutex_unlock(&store->lock);
    return frames;
}

static void release_writer(struct fz_store *store, bool restarted)
{
    pthread_mutex_lock(&store->lock);
    store->hold = false;
    if (restarted) {
        store->health.wal_frames = 0;
        store->saved_commits = store->wal_commits;
        store->home = store->number;
    }
    pthread_cond_signal(&store->arrived);
    pthread_mutex_unlock(&store->lock);
}

/* Takes down what came of a try; whoever asked for one goes on. Returns after how long to try again; 0: it went
 * well. */
static int64_t note_try(struct fz_store *store, bool done, int64_t pause_ms)
{
    pthread_mutex_lock(&store->lock);
    int code = store->health.checkpoint_code;
    int64_t most = code == SQLITE_OK || (code & 0xFF) == SQLITE_BUSY ? AGAIN_AFTER_MS : AGAIN_ERROR_MAX_MS;
    store->tries++;
    store->asked = false;
    pthread_cond_broadcast(&store->tried);
    pthread_mutex_unlock(&store->lock);
    if (done)
        return 0;
    pause_ms = pause_ms == 0 ? AGAIN_AFTER_MS : 2 * pause_ms;
    return pause_ms < most ? pause_ms : most;
}

/* A disk that fails or a reader that stays long: later it may go. */
static void pause_before_retry(struct fz_store *store, int64_t pause_ms)
{
    pthread_mutex_lock(&store->lock);
    struct timespec until = fz_ticks_after(pause_ms);
    while (!store->closing && !store->asked &&
           pthread_cond_timedwait(&store->grown, &store->lock, &until) != ETIMEDOUT)
        continue;
    pthread_mutex_unlock(&store->lock);
}

static void tell_of_failure(struct fz_store *store, int code)
{
    char sentence[FZ_SENTENCE_SIZE];
    if (code == SQLITE_IOERR_FSYNC)
        snprintf(sentence, sizeof sentence,
                 "The book %s could not be brought to the disk (fsync failed). Nothing is lost: its WAL has it all, is "
                 "kept, and grows from now on. Look at the disk and at the system's log, then restart the server.",
                 store->file.path);
    else
        snprintf(sentence, sizeof sentence,
                 "The WAL of the book %s could not be brought into the book's file (%s, SQLite code %d). Nothing is "
                 "lost, but the WAL grows until it can. Look at the disk; it is tried again every few seconds.",
                 store->file.path, sqlite3_errstr(code), code);
    fz_trouble_tell(store, sentence);
}

/* Called with what a checkpoint or sync of the book returned. Returns whether it went well. An error is told when it
 * begins, not each time. */
static bool went_well(struct fz_store *store, int code)
{
    bool failed = code != SQLITE_OK && (code & 0xFF) != SQLITE_BUSY;
    pthread_mutex_lock(&store->lock);
    bool known = store->health.checkpoint_code == code;
    store->health.checkpoint_code = code;
    store->health.wal_kept |= code == SQLITE_IOERR_FSYNC;
    pthread_mutex_unlock(&store->lock);
    fz_trouble_note(store, code, sqlite3_errstr(code));
    if (failed && !known)
        tell_of_failure(store, code);
    return code == SQLITE_OK;
}

/* `all` gets how many frames the WAL had, `done` how many of them are in the book's file. */
static bool checkpoint(struct fz_store *store, int mode, int *all, int *done)
{
    return went_well(store, sqlite3_wal_checkpoint_v2(store->checkpointing.handle, "main", mode, all, done));
}

/* SQLite itself only syncs when the whole WAL is done, which would be while the writer waits. `done` frames are in
 * the book's file now: if that is what it was at the last sync, nothing has moved. */
static bool sync_book(struct fz_store *store, int done)
{
    sqlite3_file *file = NULL;
    if (done == store->synced_frames)
        return true;
    sqlite3_file_control(store->checkpointing.handle, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (!went_well(store, file->pMethods->xSync(file, SQLITE_SYNC_NORMAL)))
        return false;
    store->synced_frames = done;
    return true;
}

/* The long part. While it ran the writer has gone on, so it is done again for what came meanwhile, until
 * little is left to hold the writer for. */
static bool checkpoint_beside_writer(struct fz_store *store)
{
    bool enough = false;
    for (int round = 0; !enough && round < ROUNDS_MAX; round++) {
        int all = 0, done = 0;
        if (!checkpoint(store, SQLITE_CHECKPOINT_PASSIVE, &all, &done) || !sync_book(store, done))
            return false;
        if (all - done > LITTLE_FRAMES)
            return false; /* a reader stays long: to hold the writer would be in vain */
        pthread_mutex_lock(&store->lock);
        enough = store->health.wal_frames - done <= LITTLE_FRAMES || store->health.wal_frames >= HASTE_FRAMES;
        pthread_mutex_unlock(&store->lock);
    }
    return true;
}

/* The short part: afterwards the WAL starts anew. Its blocks serve again, which makes commits cheaper than a
 * file that grows. */
static bool restart_wal(struct fz_store *store)
{
    int frames = hold_writer(store);
    bool restarted = checkpoint(
        store, frames < CUT_FRAMES ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    if (restarted)
        store->synced_frames = 0;
    release_writer(store, restarted);
    return restarted;
}

/* All of the WAL, if no reader needs an earlier state; SQLite syncs the book's file then. */
static bool bring_home(struct fz_store *store)
{
    int all = 0, done = 0;
    pthread_mutex_lock(&store->lock);
    uint64_t commits = store->wal_commits;
    int64_t number = store->number;
    bool stopped = is_stopped(store);
    pthread_mutex_unlock(&store->lock);
    if (stopped || !checkpoint(store, SQLITE_CHECKPOINT_PASSIVE, &all, &done) || done < all)
        return false;
    pthread_mutex_lock(&store->lock);
    store->saved_commits = commits;
    store->home = number;
    pthread_mutex_unlock(&store->lock);
    store->synced_frames = done;
    return true;
}

void *fz_checkpoint_main(void *argument)
{
    struct fz_store *store = argument;
    int64_t pause_ms = 0;
    for (enum task task; (task = wait_for_task(store)) != END;) {
        fz_readers_let_go(store);
        bool done = task == QUIET ? bring_home(store) : checkpoint_beside_writer(store) && restart_wal(store);
        fz_readers_may_keep(store);
        if (done)
            fz_acknowledged_sync(&store->file.acknowledged);
        pause_ms = note_try(store, done, pause_ms);
        if (pause_ms > 0)
            pause_before_retry(store, pause_ms);
    }
    return NULL;
}

void fz_sqlite_checkpoint(struct fz_store *store)
{
    pthread_mutex_lock(&store->lock);
    uint64_t tries = store->tries;
    store->asked = true;
    pthread_cond_signal(&store->grown);
    while (!store->closing && store->asked && store->tries == tries)
        pthread_cond_wait(&store->tried, &store->lock);
    pthread_mutex_unlock(&store->lock);
}

void fz_checkpoint_last(struct fz_store *store)
{
    if (is_stopped(store) || !checkpoint(store, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL))
        return;
    fz_acknowledged_sync(&store->file.acknowledged);
    fz_connection_keep_wal(&store->checkpointing, false); /* it is closed last; the WAL is empty */
}
