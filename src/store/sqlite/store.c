/* The SQLite engine: a book is opened and closed. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/sqlite/engine.h"
#include "store/sqlite/held.h"
#include "store/sqlite/wal_writes.h"

/* No count of allocations (it is a lock that every reader would share), and no temporary file for what a savepoint may have to
 * put back. */
void fz_store_tune_process(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, -1);
}

struct fz_store *fz_store_new(const struct fz_store_options *options)
{
    struct fz_store *store = calloc(1, sizeof *store);
    if (store == NULL)
        return NULL;
    store->engine = &fz_sqlite;
    store->file = (struct fz_book_file){.lock = -1, .descriptor = -1, .acknowledged.file = -1};
    store->tell = options->tell;
    store->note = options->note;
    store->half_made = options->half_made;
    const char *vfs = fz_wal_writes(options->vfs);
    store->vfs = vfs == NULL ? options->vfs : vfs;
    store->world = options->world;
    store->queue_max = options->queue_max == 0 ? 4096 : options->queue_max;
    store->last = &store->first;
    store->health.writable = true;
    store->wal_commits = 1; /* what an earlier process left in the WAL */
    pthread_mutex_init(&store->lock, NULL);
    pthread_mutex_init(&store->noting, NULL);
    fz_ticks_condition_init(&store->arrived);
    fz_ticks_condition_init(&store->still);
    fz_ticks_condition_init(&store->grown);
    fz_ticks_condition_init(&store->tried);
    return store;
}

/* Connections before the file's lock: the lock says that no connection is left. */
void fz_store_free(struct fz_store *store)
{
    fz_connection_close(&store->writing);
    fz_connection_close(&store->checkpointing);
    fz_held_remove(&store->file);
    fz_book_file_release(&store->file);
    pthread_cond_destroy(&store->tried);
    pthread_cond_destroy(&store->grown);
    pthread_cond_destroy(&store->still);
    pthread_cond_destroy(&store->arrived);
    pthread_mutex_destroy(&store->noting);
    pthread_mutex_destroy(&store->lock);
    free(store);
}

/* Where the WAL holds nothing, the file has it all: SQLite syncs it before it lets go of what is in the WAL. */
static int find_home(struct fz_store *store)
{
    int code = fz_commit_home(&store->writing, &store->home);
    if (store->file.wal != FZ_WAL_SOUND)
        store->home = store->number;
    return code;
}

static enum fz_result check_end(struct fz_store *store, char *why, size_t why_size)
{
    enum fz_result result = fz_book_file_check_end(&store->file, store->number, why, why_size);
    if (result == FZ_OK)
        fz_acknowledged_note(&store->file.acknowledged, store->number);
    return result;
}

static enum fz_result explain(struct fz_store *store, int code, const struct fz_connection *connection, char *why,
                              size_t why_size)
{
    fz_book_file_explain(store->file.path, code, connection->failure, why, why_size);
    return FZ_FAILED;
}

static enum fz_result connect(struct fz_store *store, char *why, size_t why_size)
{
    int64_t alone = fz_book_alone(store->file.path, store->vfs);
    int code = fz_group_connect(store);
    if (code == SQLITE_OK)
        code = find_home(store);
    if (code != SQLITE_OK)
        return explain(store, code, &store->writing, why, why_size);
    int64_t version = 0;
    enum fz_result result = fz_recognise(&store->writing, store->file.path, &version, why, why_size);
    if (result == FZ_OK && alone != FZ_NOT_TOLD)
        result = fz_book_file_check_pair(&store->file, alone, store->home, store->number, why, why_size);
    if (result == FZ_OK)
        result = check_end(store, why, why_size);
    if (result == FZ_OK)
        result = fz_keep_before_migration(store, version, why, why_size);
    if (result == FZ_OK)
        result = fz_migrate(&store->writing, store->file.path, version, why, why_size);
    if (result != FZ_OK)
        return result;
    code = fz_commit_number(&store->writing, &store->number);
    if (code != SQLITE_OK)
        return explain(store, code, &store->writing, why, why_size);
    code = fz_connection_open(store, FZ_ROLE_CHECKPOINT, &store->checkpointing);
    if (code != SQLITE_OK)
        return explain(store, code, &store->checkpointing, why, why_size);
    if (fz_book_file_identify(&store->file))
        return FZ_OK;
    snprintf(why, why_size, "The book %s was taken away while it was being opened. Start again.", store->file.path);
    return FZ_FAILED;
}

static void tell_closing(struct fz_store *store)
{
    pthread_mutex_lock(&store->lock);
    store->closing = true;
    pthread_cond_broadcast(&store->arrived);
    pthread_cond_broadcast(&store->still);
    pthread_cond_broadcast(&store->grown);
    pthread_cond_broadcast(&store->tried);
    pthread_mutex_unlock(&store->lock);
}

/* A crash leaves such a WAL at one moment only, when it had just begun anew; so does somebody who wrote to it. */
static void tell_of_wal(struct fz_store *store)
{
    char sentence[FZ_SENTENCE_SIZE];
    if (store->file.wal != FZ_WAL_NO_FRAME)
        return;
    snprintf(sentence, sizeof sentence,
             "The WAL of the book %s has content, but nothing in it counts. The book ends at commit %lld, and no later "
             "one is known to have been acknowledged. After a power loss, compare the latest orders with your own.",
             store->file.path, (long long)store->number);
    fz_trouble_tell(store, sentence);
}

static enum fz_result start_threads(struct fz_store *store, char *why, size_t why_size)
{
    store->running = true;
    tell_of_wal(store);
    bool writer = pthread_create(&store->writer, NULL, fz_writer_main, store) == 0;
    if (writer && pthread_create(&store->checkpointer, NULL, fz_checkpoint_main, store) == 0)
        return FZ_OK;
    if (writer) {
        tell_closing(store);
        pthread_join(store->writer, NULL);
    }
    snprintf(why, why_size,
             "The book %s cannot be opened: the system gives no further thread. Raise the limit, then start "
             "again.",
             store->file.path);
    return FZ_FAILED;
}

enum fz_result fz_sqlite_open(const struct fz_store_options *options, struct fz_store **out, char *why, size_t why_size)
{
    struct fz_store *store = fz_store_new(options);
    if (store == NULL) {
        snprintf(why, why_size, "The book %s cannot be opened: memory is short.", options->path);
        return FZ_FAILED;
    }
    enum fz_result result = fz_book_file_claim(options->path, options->half_made, &store->file, why, why_size);
    if (result == FZ_OK && !fz_held_add(&store->file)) {
        fz_book_file_explain(store->file.path, SQLITE_CANTOPEN, strerrordesc_np(errno), why, why_size);
        result = FZ_FAILED;
    }
    if (result == FZ_OK)
        result = connect(store, why, why_size);
    if (result == FZ_OK)
        result = start_threads(store, why, why_size);
    if (result == FZ_OK)
        *out = store;
    else
        fz_store_free(store);
    return result;
}

void fz_sqlite_close(struct fz_store *store)
{
    tell_closing(store);
    pthread_join(store->checkpointer, NULL);
    pthread_join(store->writer, NULL);
    assert(store->readers == NULL);
    /* An empty WAL makes the next start fast. If it fails, what it holds is read again then. */
    fz_checkpoint_last(store);
    fz_store_free(store);
}

bool fz_sqlite_is_there(const struct fz_store *store)
{
    return fz_book_file_is_there(&store->file);
}
