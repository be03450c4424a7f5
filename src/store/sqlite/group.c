/* Group commit: many writes in one transaction, and what becomes of them when it fails.
 *
 * An answer is given only once it is known what is in the file. A failed COMMIT may have left its frames in
 * the WAL, whole and in order: this process does not see them, but after a crash they would count. The next
 * commit writes over the first of them, which breaks the chain of checksums that all the others hang on. So
 * one small commit after a failed one settles that nothing of the failed one is, or will be, in the book.
 * Should that fail too, nobody can tell. */
#include <stdio.h>

#include "base/text.h"
#include "store/sqlite/engine.h"

/* So many groups part their writes after one that would have had to. */
#define PARTED_GROUPS 64

enum outcome {
    KEPT,     /* committed: durable */
    UNDONE,   /* nothing of it is in the book */
    DOUBTFUL, /* it may come to be */
    TANGLED,  /* undone: one that came to nothing had written something, and nothing parted it from the others */
    GONE,     /* committed, into files that are no longer in their place: nobody may find it there */
    SHUT      /* no transaction could be begun, or none must be */
};

FZ_STATEMENT(commit_number_set,
             "INSERT INTO commit_number (id, number, home) VALUES (1, $1, $2) ON CONFLICT (id) DO UPDATE SET number = "
             "excluded.number, home = excluded.home",
             "ii", "");

/* SQLite calls this in each commit, when other connections can read it and nobody has been answered yet. */
static int on_commit(void *argument, sqlite3 *handle, const char *database, int frames)
{
    struct fz_store *store = argument;
    (void)handle;
    (void)database;
    atomic_fetch_add(&store->changes, 1);
    fz_checkpoint_note(store, frames);
    return SQLITE_OK;
}

static void set_last(struct fz_store *store, int64_t number)
{
    pthread_mutex_lock(&store->lock);
    store->number = number;
    pthread_mutex_unlock(&store->lock);
}

int fz_group_connect(struct fz_store *store)
{
    int code = fz_connection_open(store, FZ_ROLE_WRITE, &store->writing);
    if (code != SQLITE_OK)
        return code;
    sqlite3_wal_hook(store->writing.handle, on_commit, store);
    int64_t number = 0;
    code = fz_commit_number(&store->writing, &number);
    set_last(store, number);
    return code;
}

static void note_commit(struct fz_store *store, bool kept, size_t writes)
{
    pthread_mutex_lock(&store->lock);
    store->health.writable = kept;
    store->health.commits += kept;
    store->health.writes += kept ? writes : 0;
    store->health.failed_commits += !kept;
    pthread_mutex_unlock(&store->lock);
}

static void note_writable(struct fz_store *store, bool writable)
{
    pthread_mutex_lock(&store->lock);
    store->health.writable = writable;
    pthread_mutex_unlock(&store->lock);
}

/* Whether the book can still be trusted. */
static bool is_sound(struct fz_store *store)
{
    return !fz_trouble_is_damaged(store, store->writing.failure, sizeof store->writing.failure);
}

/* Tells when they are gone, once, until they are back. */
static bool look_for_files(struct fz_store *store)
{
    bool gone = !fz_book_file_is_there(&store->file);
    if (gone && !store->gone)
        fz_trouble_gone(store);
    if (gone)
        fz_copy(store->writing.failure, sizeof store->writing.failure,
                "the book's files are no longer where they were opened");
    store->gone = gone;
    return !gone;
}

bool fz_group_recover(struct fz_store *store)
{
    char probe[64];
    /* Writes the number that is there already: a page, whatever the book holds. */
    snprintf(probe, sizeof probe, "PRAGMA user_version=%zu", fz_migration_count);
    char failure[sizeof store->writing.failure];
    fz_copy(failure, sizeof failure, store->writing.failure);
    int64_t floor_ms = store->writing.floor_ms;
    fz_connection_close(&store->writing);
    store->broken = !is_sound(store) || !look_for_files(store) ||
                    fz_group_connect(store) != SQLITE_OK || store->number < store->file.acknowledged.number ||
                    fz_connection_script(&store->writing, probe) != SQLITE_OK;
    if (!store->broken)
        fz_copy(store->writing.failure, sizeof failure, failure);
    store->writing.floor_ms = floor_ms;
    note_writable(store, !store->broken);
    return !store->broken;
}

/* One write in its savepoint. False when the transaction around it is lost. */
static bool run_parted(struct fz_store *store, struct fz_write *write, enum fz_result *result)
{
    struct fz_connection *connection = &store->writing;
    if (fz_connection_control(connection, FZ_SAVEPOINT) != SQLITE_OK)
        return false;
    *result = fz_connection_work(connection, store->world, write->work, write->argument, write->error);
    /* A full disk or an I/O error ends the whole transaction, savepoints and all. */
    if (sqlite3_get_autocommit(connection->handle))
        return false;
    if (*result != FZ_OK && fz_connection_control(connection, FZ_ROLLBACK_TO) != SQLITE_OK)
        return false;
    return fz_connection_control(connection, FZ_RELEASE) == SQLITE_OK;
}

/* One write that nothing parts from those before it: what is refused has rarely written anything, and a savepoint costs a
 * copy of every page. `tangled`: it has to be undone, and cannot be alone. False as above. */
static bool run_plain(struct fz_store *store, struct fz_write *write, enum fz_result *result, bool *tangled)
{
    struct fz_connection *connection = &store->writing;
    int64_t before = sqlite3_total_changes64(connection->handle);
    *result = fz_connection_work(connection, store->world, write->work, write->argument, write->error);
    *tangled = *result != FZ_OK && (connection->failed || sqlite3_total_changes64(connection->handle) != before);
    return !sqlite3_get_autocommit(connection->handle);
}

static enum fz_result set_number(struct fz_tx *tx, void *argument)
{
    struct fz_store *store = argument;
    pthread_mutex_lock(&store->lock);
    int64_t number = store->number + 1, home = store->home;
    pthread_mutex_unlock(&store->lock);
    return fz_run(tx, &commit_number_set, FZ_VALUES(FZ_I(number), FZ_I(home)), NULL);
}

/* After a commit that changed something, before anybody is answered: it counts as acknowledged only if it can be
 * found again where it is looked for. Two stat()s and a small write beside the commit's fdatasync. */
static enum outcome acknowledge(struct fz_store *store, int64_t number)
{
    set_last(store, number);
    if (!look_for_files(store)) {
        store->broken = true;
        note_writable(store, false);
        return GONE;
    }
    fz_acknowledged_note(&store->file.acknowledged, number);
    return KEPT;
}

/* `changed`: something is to be committed. */
static enum outcome commit(struct fz_store *store, size_t count, bool changed)
{
    int64_t number = store->number + 1;
    if (changed && fz_connection_work(&store->writing, store->world, set_number, store, NULL) != FZ_OK) {
        fz_connection_undo(&store->writing);
        return UNDONE;
    }
    int code = fz_connection_control(&store->writing, FZ_COMMIT);
    note_commit(store, code == SQLITE_OK, count);
    if (code == SQLITE_OK)
        return changed ? acknowledge(store, number) : KEPT;
    fz_connection_undo(&store->writing);
    switch (code & 0xFF) {
    case SQLITE_FULL: /* only ever said of a write, so the last frame, which makes the commit, is not there */
    case SQLITE_CONSTRAINT:
    case SQLITE_BUSY:
        return UNDONE;
    default:
        return DOUBTFUL;
    }
}

/* All writes in one transaction, each `parted` from the others or not; `results` as the works returned. */
static enum outcome attempt(struct fz_store *store, struct fz_write *const *writes, size_t count,
                            enum fz_result *results, bool parted)
{
    if (fz_connection_control(&store->writing, FZ_BEGIN_WRITE) != SQLITE_OK) {
        store->broken = true;
        note_writable(store, false);
        return SHUT;
    }
    bool changed = false;
    for (size_t i = 0; i < count; i++) {
        int64_t before = sqlite3_total_changes64(store->writing.handle);
        bool tangled = false;
        bool whole = parted ? run_parted(store, writes[i], &results[i]) : run_plain(store, writes[i], &results[i], &tangled);
        bool sound = is_sound(store);
        if (!whole || !sound || tangled) {
            fz_connection_undo(&store->writing);
            return !sound ? SHUT : whole ? TANGLED : UNDONE;
        }
        changed |= results[i] == FZ_OK && sqlite3_total_changes64(store->writing.handle) != before;
    }
    return commit(store, count, changed);
}

/* Plainly first. A write that was alone is undone with its transaction. In a group each is run again, parted from the
 * others; and for a while those of the next groups are so at once, for what happened once is likely to again. */
static enum outcome attempt_plainly(struct fz_store *store, struct fz_write *const *writes, size_t count,
                                    enum fz_result *results)
{
    int64_t floor_ms = store->writing.floor_ms;
    enum outcome outcome = attempt(store, writes, count, results, false);
    if (outcome != TANGLED)
        return outcome;
    if (count == 1) {
        note_commit(store, true, count);
        return KEPT;
    }
    store->parted = PARTED_GROUPS;
    store->writing.floor_ms = floor_ms;
    return attempt(store, writes, count, results, true);
}

static enum outcome attempt_group(struct fz_store *store, struct fz_write *const *writes, size_t count,
                                  enum fz_result *results)
{
    if (store->parted == 0)
        return attempt_plainly(store, writes, count, results);
    store->parted--;
    return attempt(store, writes, count, results, true);
}

/* The same for what may have to run with foreign keys off. */
static enum outcome attempt_guarded(struct fz_store *store, struct fz_write *const *writes, size_t count,
                                    enum fz_result *results)
{
    bool empties = writes[0]->work == fz_empty_work;
    int64_t floor_ms = store->writing.floor_ms;
    if (empties)
        fz_connection_foreign_keys(&store->writing, false);
    enum outcome outcome = attempt_group(store, writes, count, results);
    if (empties)
        fz_connection_foreign_keys(&store->writing, true);
    if (outcome != KEPT && outcome != GONE)
        store->writing.floor_ms = floor_ms;
    else if (empties)
        store->writing.floor_ms = 0; /* a new book begins at a time of its own */
    return outcome;
}

static void fail(struct fz_store *store, struct fz_write *const *writes, size_t count,
                 enum fz_result *results, enum fz_result result)
{
    for (size_t i = 0; i < count; i++) {
        results[i] = result;
        if (writes[i]->error == NULL)
            continue;
        *writes[i]->error = (struct fz_error){0};
        fz_copy(writes[i]->error->issue, sizeof writes[i]->error->issue, store->writing.failure);
    }
}

/* Runs writes whose group failed, each alone. */
static void run_alone(struct fz_store *store, struct fz_write *const *writes, size_t count,
                      enum fz_result *results)
{
    for (size_t i = 0; i < count; i++) {
        enum outcome outcome = store->broken || !is_sound(store) ? SHUT : attempt_guarded(store, &writes[i], 1, &results[i]);
        if (outcome == GONE || (outcome == DOUBTFUL && !fz_group_recover(store)))
            fail(store, &writes[i], 1, &results[i], FZ_UNKNOWN);
        else if (outcome != KEPT)
            fail(store, &writes[i], 1, &results[i], FZ_FAILED);
    }
}

void fz_group_run(struct fz_store *store, struct fz_write *const *writes, size_t count,
                  enum fz_result *results)
{
    enum outcome outcome = SHUT;
    if (is_sound(store) && (!store->broken || fz_group_recover(store)))
        outcome = attempt_guarded(store, writes, count, results);
    switch (outcome) {
    case KEPT:
        return;
    case GONE:
        fail(store, writes, count, results, FZ_UNKNOWN);
        return;
    case SHUT:
        fail(store, writes, count, results, FZ_FAILED);
        return;
    case DOUBTFUL:
        if (!fz_group_recover(store)) {
            fail(store, writes, count, results, FZ_UNKNOWN);
            return;
        }
        break;
    case UNDONE:
    case TANGLED:
        break;
    }
    run_alone(store, writes, count, results);
}
