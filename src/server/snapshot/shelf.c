/* The snapshots of a data directory. One is made under a name that no snapshot has, synced, and then given its own. */
#include "server/snapshot/shelf.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

#define UNFINISHED ".unfinished"

static enum fz_result too_long(char *why, size_t why_size)
{
    snprintf(why, why_size, "The path of the data directory is too long for a snapshot in it. Name a shorter one with --data.");
    return FZ_FAILED;
}

static enum fz_result cannot_write(const char *path, char *why, size_t why_size)
{
    snprintf(why, why_size, "The snapshot %s cannot be written (%s). Make room there, or let this user write it.", path,
             strerrordesc_np(errno));
    return errno == ENOSPC || errno == EDQUOT ? FZ_FULL : FZ_FAILED;
}

/* ---- which there are ---- */

static int by_name(const void *one, const void *other)
{
    const struct fz_snapshot *first = one, *second = other;
    return strcmp(first->name, second->name);
}

/* "NAME.db" */
static bool read_name(const char *file, char out[FZ_SNAPSHOT_NAME_SIZE])
{
    size_t size = strlen(file);
    if (size < 4 || strcmp(file + size - 3, ".db") != 0)
        return false;
    return fz_copy_part(out, FZ_SNAPSHOT_NAME_SIZE, file, size - 3) && fz_snapshot_is_name(out);
}

static bool look(const char *data, const char *file, struct fz_snapshot *out)
{
    char path[FZ_PATH_SIZE];
    struct stat found;
    if (!read_name(file, out->name) || fz_snapshot_path(data, out->name, path) != FZ_OK || stat(path, &found) != 0 ||
        !S_ISREG(found.st_mode))
        return false;
    out->created_ms = (int64_t)found.st_mtim.tv_sec * 1000 + found.st_mtim.tv_nsec / 1000000;
    out->bytes = found.st_size;
    return true;
}

size_t fz_snapshots_list(const char *data, struct fz_snapshot out[FZ_SNAPSHOTS_MAX])
{
    char path[FZ_PATH_SIZE];
    size_t count = 0;
    DIR *listing = fz_path_join(path, data, "snapshots") == FZ_OK ? opendir(path) : NULL;
    if (listing == NULL)
        return 0;
    for (struct dirent *entry; count < FZ_SNAPSHOTS_MAX && (entry = readdir(listing)) != NULL;)
        count += look(data, entry->d_name, &out[count]);
    closedir(listing);
    qsort(out, count, sizeof out[0], by_name);
    return count;
}

/* ---- making ---- */

static enum fz_result check_room(const char *data, const char *book, char *why, size_t why_size)
{
    struct fz_snapshot all[FZ_SNAPSHOTS_MAX];
    struct stat found = {0};
    size_t count = fz_snapshots_list(data, all);
    (void)stat(book, &found);
    int64_t bytes = found.st_size;
    for (size_t i = 0; i < count; i++)
        bytes += all[i].bytes;
    if (count < FZ_SNAPSHOTS_MAX && bytes <= FZ_SNAPSHOT_BYTES_MAX)
        return FZ_OK;
    snprintf(why, why_size,
             "The snapshot was not made: there may be %d of them, and %d GiB together. Remove some with DELETE /snapshots/NAME.",
             FZ_SNAPSHOTS_MAX, (int)(FZ_SNAPSHOT_BYTES_MAX >> 30));
    return FZ_FULL;
}

static enum fz_result put(const char *data, const char *unfinished, const char *path, char *why, size_t why_size)
{
    char directory[FZ_PATH_SIZE];
    if (fz_path_join(directory, data, "snapshots") == FZ_OK && rename(unfinished, path) == 0 &&
        fz_private_directory_sync(directory) == FZ_OK)
        return FZ_OK;
    enum fz_result result = cannot_write(path, why, why_size);
    fz_store_remove(unfinished);
    return result;
}

/* Also in the place of one that is there. */
static enum fz_result make(const char *data, const char *path, const char *book, const struct fz_copy_change *change, char *why,
                           size_t why_size)
{
    char unfinished[FZ_PATH_SIZE], directory[FZ_PATH_SIZE];
    if (fz_path_join(directory, data, "snapshots") != FZ_OK || fz_snapshot_path(data, UNFINISHED, unfinished) != FZ_OK)
        return too_long(why, why_size);
    if (fz_private_directory_make(directory) != FZ_OK)
        return cannot_write(path, why, why_size);
    fz_store_remove(unfinished);
    enum fz_result result = fz_store_fork(book, unfinished, change, why, why_size);
    return result == FZ_OK ? put(data, unfinished, path, why, why_size) : result;
}

enum fz_result fz_snapshot_take(const char *data, const char *name, const char *book, const struct fz_copy_change *change,
                                char *why, size_t why_size)
{
    char path[FZ_PATH_SIZE];
    if (fz_snapshot_path(data, name, path) != FZ_OK)
        return too_long(why, why_size);
    if (access(path, F_OK) == 0) {
        snprintf(why, why_size,
                 "The snapshot was not made: there is one named %s already. Remove it first, with DELETE /snapshots/%s, or "
                 "choose another name.",
                 name, name);
        return FZ_CONFLICT;
    }
    enum fz_result result = check_room(data, book, why, why_size);
    return result == FZ_OK ? make(data, path, book, change, why, why_size) : result;
}

/* ---- use ---- */

static enum fz_result nothing_more(struct fz_tx *tx, void *argument)
{
    (void)tx, (void)argument;
    return FZ_OK;
}

enum fz_result fz_snapshot_find(const char *data, const char *name, char out[FZ_PATH_SIZE], char *why, size_t why_size)
{
    static const unsigned char nothing[32]; /* what is done in the copy draws no values */
    if (fz_snapshot_path(data, name, out) != FZ_OK)
        return too_long(why, why_size);
    if (access(out, F_OK) != 0)
        return FZ_ABSENT;
    if (fz_store_is_current(out))
        return FZ_OK;
    struct fz_copy_change change = {.world = fz_world_new(false, 0, nothing), .work = nothing_more};
    enum fz_result result = FZ_FAILED;
    if (change.world == NULL)
        snprintf(why, why_size, "The snapshot cannot be read: memory is short. Try again.");
    else
        result = make(data, out, out, &change, why, why_size);
    fz_world_free(change.world);
    return result == FZ_OK ? FZ_OK : FZ_FAILED;
}

enum fz_result fz_snapshot_remove(const char *data, const char *name)
{
    char path[FZ_PATH_SIZE];
    if (!fz_snapshot_is_name(name) || fz_snapshot_path(data, name, path) != FZ_OK)
        return FZ_ABSENT;
    if (unlink(path) == 0)
        return FZ_OK;
    return errno == ENOENT ? FZ_ABSENT : FZ_FAILED;
}

void fz_snapshots_sweep(const char *data)
{
    char unfinished[FZ_PATH_SIZE];
    if (fz_snapshot_path(data, UNFINISHED, unfinished) == FZ_OK)
        fz_store_remove(unfinished);
}
