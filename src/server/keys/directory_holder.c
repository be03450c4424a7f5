/* The place where the present version of the directory hangs, and how it becomes another. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "server/keys/directory.h"

struct fz_directory_holder {
    struct fz_store *store;
    const struct fz_secrets *secrets;

    pthread_mutex_t reloading; /* one reload at a time, so that the newest is the last */
    bool behind;               /* under that lock: a change did not get in, so the next reload reads all */

    pthread_mutex_t lock;
    struct fz_directory *present;
    atomic_uint_fast64_t version; /* of `present`, so that a look costs no lock */
};

struct fz_directory_holder *fz_directory_holder_new(struct fz_store *store, const struct fz_secrets *secrets)
{
    struct fz_directory_holder *holder = calloc(1, sizeof *holder);
    if (holder == NULL)
        return NULL;
    holder->store = store;
    holder->secrets = secrets;
    pthread_mutex_init(&holder->reloading, NULL);
    pthread_mutex_init(&holder->lock, NULL);
    return holder;
}

void fz_directory_holder_free(struct fz_directory_holder *holder)
{
    if (holder == NULL)
        return;
    fz_directory_unref(holder->present);
    pthread_mutex_destroy(&holder->lock);
    pthread_mutex_destroy(&holder->reloading);
    free(holder);
}

/* ---- reading ---- */

struct load {
    const struct fz_secrets *secrets;
    const struct fz_directory *before; /* NULL: all is read */
    const char *mchid;
    struct fz_directory *directory;
};

static enum fz_result read_book(struct fz_tx *tx, void *argument)
{
    struct load *load = argument;
    return load->before == NULL ? fz_directory_load(tx, load->secrets, &load->directory)
                                : fz_directory_renew(tx, load->secrets, load->before, load->mchid,
                                                     &load->directory);
}

/* Between the version that the rest is from and what was read there was one change, ours: otherwise another process made one, of somebody
 * else maybe. */
static bool missed_some(const struct fz_directory_holder *holder, const struct load *load)
{
    const struct fz_changes *before = fz_directory_changes_of(load->before), *now = fz_directory_changes_of(load->directory);
    return fz_store_has_others(holder->store) && (now->number > before->number + 1 || strcmp(now->book, before->book) != 0);
}

static enum fz_result read_changed(struct fz_directory_holder *holder, struct load *load)
{
    enum fz_result result = fz_store_read_once(holder->store, read_book, load);
    if (result != FZ_OK || load->before == NULL || !missed_some(holder, load))
        return result;
    fz_directory_unref(load->directory);
    load->directory = NULL;
    load->before = NULL;
    return fz_store_read_once(holder->store, read_book, load);
}

static enum fz_result reload(struct fz_directory_holder *holder, bool whole, const char *mchid)
{
    struct load load = {.secrets = holder->secrets, .mchid = mchid};
    pthread_mutex_lock(&holder->reloading);
    struct fz_directory *present = fz_directory_present(holder);
    if (!whole && !holder->behind)
        load.before = present;
    enum fz_result result = read_changed(holder, &load);
    if (result == FZ_OK)
        fz_directory_publish(holder, load.directory);
    holder->behind = result != FZ_OK;
    pthread_mutex_unlock(&holder->reloading);
    fz_directory_unref(present);
    return result;
}

enum fz_result fz_directory_reload(struct fz_directory_holder *holder)
{
    return reload(holder, true, NULL);
}

enum fz_result fz_directory_reload_merchant(struct fz_directory_holder *holder, const char *mchid)
{
    return reload(holder, false, mchid);
}

/* ---- the present version ---- */

/* Of two that were loaded at the same time the later one stays, in whatever order they come here. */
void fz_directory_publish(struct fz_directory_holder *holder, struct fz_directory *directory)
{
    pthread_mutex_lock(&holder->lock);
    struct fz_directory *left = directory;
    if (holder->present == NULL || fz_directory_version(holder->present) < fz_directory_version(directory)) {
        left = holder->present;
        holder->present = directory;
        atomic_store_explicit(&holder->version, fz_directory_version(directory), memory_order_release);
    }
    pthread_mutex_unlock(&holder->lock);
    fz_directory_unref(left);
}

struct fz_directory *fz_directory_present(struct fz_directory_holder *holder)
{
    pthread_mutex_lock(&holder->lock);
    struct fz_directory *directory = holder->present == NULL ? NULL : fz_directory_ref(holder->present);
    pthread_mutex_unlock(&holder->lock);
    return directory;
}

void fz_directory_changes(struct fz_directory_holder *holder, struct fz_changes *out)
{
    struct fz_directory *directory = fz_directory_present(holder);
    *out = directory == NULL ? (struct fz_changes){0} : *fz_directory_changes_of(directory);
    fz_directory_unref(directory);
}

bool fz_directory_has(struct fz_directory_holder *holder, const struct fz_changes *changes)
{
    struct fz_changes has;
    fz_directory_changes(holder, &has);
    return strcmp(has.book, changes->book) == 0 && has.number >= changes->number;
}

void fz_directory_follow(struct fz_directory_holder *holder, struct fz_directory **held)
{
    if (*held != NULL &&
        fz_directory_version(*held) == atomic_load_explicit(&holder->version, memory_order_acquire))
        return;
    fz_directory_unref(*held);
    *held = fz_directory_present(holder);
}
