/* Checkpoints: bring what the WAL holds into the book's file, so that the WAL stays small. On a thread and
 * connection of their own.
 *
 * The long part runs beside the writer. But while the writer goes on, there is always something new in the
 * WAL, and it would grow for ever. So the writer is then asked to hold still between two groups, for the
 * little that came meanwhile: the next commit starts the WAL from its beginning.
 *
 * When the book's file fails to sync, nobody knows which of its pages are on the disk, and the next sync
 * would say that all is well. The WAL still has them all. So there are no further checkpoints then: whoever
 * opens the book next reads the WAL from its beginning. */
#include "store/engine.h"

/* Frames of 4 KiB: when a checkpoint is due, when the writer has to wait for it however much is left to do,
 * when the file has grown beyond measure (a reader stayed long) and is cut, and what is little. */
#define DUE_FRAMES     4096
#define HASTE_FRAMES   16384
#define CUT_FRAMES     32768
#define LITTLE_FRAMES  256
#define ROUNDS_MAX     4
#define AGAIN_AFTER_MS 100

void fz_checkpoint_note(struct fz_store *store, int frames)
{
    pthread_mutex_lock(&store->lock);
    store->wal_frames = frames;
    if (frames >= DUE_FRAMES)
        pthread_cond_signal(&store->grown);
    pthread_mutex_unlock(&store->lock);
}

/* False when the store closes. */
static bool wait_for_growth(struct fz_store *store)
{
    pthread_mutex_lock(&store->lock);
    while (!store->closing && (store->wal_frames < DUE_FRAMES || store->health.wal_kept))
        pthread_cond_wait(&store->grown, &store->lock);
    bool go_on = !store->closing;
    pthread_mutex_unlock(&store->lock);
    return go_on;
}

/* Returns how many frames the WAL has. */
static int hold_writer(struct fz_store *store)
{
    pthread_mutex_lock(&store->lock);
    store->hold = true;
    while (store->busy)
        pthread_cond_wait(&store->still, &store->lock);
    int frames = store->wal_frames;
    pthread_mutex_unlock(&store->lock);
    return frames;
}

static void release_writer(struct fz_store *store, bool restarted)
{
    pthread_mutex_lock(&store->lock);
    store->hold = false;
    if (restarted)
        store->wal_frames = 0;
    pthread_cond_signal(&store->arrived);
    pthread_mutex_unlock(&store->lock);
}

/* A disk that fails or a reader that stays long: later it may go. */
static void pause_before_retry(struct fz_store *store)
{
    pthread_mutex_lock(&store->lock);
    struct timespec until = fz_ticks_after(AGAIN_AFTER_MS);
    while (!store->closing && pthread_cond_timedwait(&store->still, &store->lock, &until) == 0)
        continue;
    pthread_mutex_unlock(&store->lock);
}

/* Called with what a checkpoint or sync of the book returned. Returns whether it went well. */
static bool went_well(struct fz_store *store, int code)
{
    if (code != SQLITE_IOERR_FSYNC)
        return code == SQLITE_OK;
    /* Closing the last connection would be a checkpoint, too. */
    sqlite3_db_config(store->checkpointing.handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    pthread_mutex_lock(&store->lock);
    store->health.wal_kept = true;
    pthread_mutex_unlock(&store->lock);
    return false;
}

/* `all` gets how many frames the WAL had, `done` how many of them are in the book's file. */
static bool checkpoint(struct fz_store *store, int mode, int *all, int *done)
{
    return went_well(store, sqlite3_wal_checkpoint_v2(store->checkpointing.handle, "main", mode, all, done));
}

/* SQLite itself only syncs when the whole WAL is done, which would be while the writer waits. */
static bool sync_book(struct fz_store *store)
{
    sqlite3_file *file = NULL;
    sqlite3_file_control(store->checkpointing.handle, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    return went_well(store, file->pMethods->xSync(file, SQLITE_SYNC_NORMAL));
}

/* The long part. While it ran the writer has gone on, so it is done again for what came meanwhile, until
 * little is left to hold the writer for. */
static bool checkpoint_beside_writer(struct fz_store *store)
{
    bool enough = false;
    for (int round = 0; !enough && round < ROUNDS_MAX; round++) {
        int all = 0, done = 0;
        if (!checkpoint(store, SQLITE_CHECKPOINT_PASSIVE, &all, &done) || !sync_book(store))
            return false;
        if (all - done > LITTLE_FRAMES)
            return false; /* a reader stays long: to hold the writer would be in vain */
        pthread_mutex_lock(&store->lock);
        enough = store->wal_frames - done <= LITTLE_FRAMES || store->wal_frames >= HASTE_FRAMES;
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
    release_writer(store, restarted);
    return restarted;
}

void *fz_checkpoint_main(void *argument)
{
    struct fz_store *store = argument;
    while (wait_for_growth(store)) {
        fz_readers_let_go(store);
        bool done = checkpoint_beside_writer(store) && restart_wal(store);
        fz_readers_may_keep(store);
        if (!done)
            pause_before_retry(store);
    }
    return NULL;
}

void fz_checkpoint_last(struct fz_store *store)
{
    if (!store->health.wal_kept)
        (void)checkpoint(store, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
}
