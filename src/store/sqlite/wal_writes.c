/* A VFS between SQLite and the machine's, for the WAL alone: what is written there one behind the other is kept until the
 * next sync and goes out in one piece. SQLite writes the head and the page of each frame by themselves, so a commit of 20
 * pages is 40 system calls otherwise.
 *
 * Nothing is less durable by it: with synchronous=FULL a commit is synced before anybody else may see it, and before then
 * nobody counts on what was written. Whatever asks for the file as it is writes what is kept first. If that fails, the call
 * has failed, and what could not be written is kept: SQLite was told that it was, so it must not be missing from a later
 * commit. What is left at a close is of no commit. */
#include "store/sqlite/wal_writes.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define PIECE_MAX (124 * 1024) /* 30 frames; SQLite's own VFS takes sizes modulo 128 KiB */

struct vfs {
    sqlite3_vfs vfs; /* first: SQLite hands it over as this */
    sqlite3_vfs *below;
    struct vfs *next;
    char name[];
};

struct wal {
    sqlite3_file base; /* first, as above */
    sqlite3_file *below; /* lies behind this struct */
    char *piece;         /* not written yet; room for PIECE_MAX, or NULL until something is written */
    size_t size;
    sqlite3_int64 offset; /* where it belongs */
};

static struct wal *wal_of(sqlite3_file *file)
{
    return (struct wal *)(void *)file;
}

static int write_out(struct wal *wal)
{
    if (wal->size == 0)
        return SQLITE_OK;
    int code = wal->below->pMethods->xWrite(wal->below, wal->piece, (int)wal->size, wal->offset);
    if (code == SQLITE_OK)
        wal->size = 0;
    return code;
}

/* Readers write nothing, and need no room for it. */
static bool has_room(struct wal *wal, int size)
{
    if (wal->piece == NULL)
        wal->piece = malloc(PIECE_MAX);
    return wal->piece != NULL && size <= PIECE_MAX;
}

static int on_write(sqlite3_file *file, const void *data, int size, sqlite3_int64 offset)
{
    struct wal *wal = wal_of(file);
    bool fits = offset == wal->offset + (sqlite3_int64)wal->size && wal->size + (size_t)size <= PIECE_MAX;
    int code = fits ? SQLITE_OK : write_out(wal);
    if (code != SQLITE_OK)
        return code;
    if (!has_room(wal, size))
        return wal->below->pMethods->xWrite(wal->below, data, size, offset);
    if (wal->size == 0)
        wal->offset = offset;
    memcpy(wal->piece + wal->size, data, (size_t)size);
    wal->size += (size_t)size;
    return SQLITE_OK;
}

static int on_sync(sqlite3_file *file, int flags)
{
    struct wal *wal = wal_of(file);
    int code = write_out(wal);
    return code == SQLITE_OK ? wal->below->pMethods->xSync(wal->below, flags) : code;
}

static int on_read(sqlite3_file *file, void *out, int size, sqlite3_int64 offset)
{
    struct wal *wal = wal_of(file);
    int code = write_out(wal);
    return code == SQLITE_OK ? wal->below->pMethods->xRead(wal->below, out, size, offset) : code;
}

static int on_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    struct wal *wal = wal_of(file);
    int code = write_out(wal);
    return code == SQLITE_OK ? wal->below->pMethods->xTruncate(wal->below, size) : code;
}

static int on_file_size(sqlite3_file *file, sqlite3_int64 *out)
{
    struct wal *wal = wal_of(file);
    int code = write_out(wal);
    return code == SQLITE_OK ? wal->below->pMethods->xFileSize(wal->below, out) : code;
}

static int on_close(sqlite3_file *file)
{
    struct wal *wal = wal_of(file);
    free(wal->piece);
    return wal->below->pMethods->xClose(wal->below);
}

/* ---- passed on ---- */

static int on_lock(sqlite3_file *file, int level)
{
    return wal_of(file)->below->pMethods->xLock(wal_of(file)->below, level);
}

static int on_unlock(sqlite3_file *file, int level)
{
    return wal_of(file)->below->pMethods->xUnlock(wal_of(file)->below, level);
}

static int on_check_reserved(sqlite3_file *file, int *out)
{
    return wal_of(file)->below->pMethods->xCheckReservedLock(wal_of(file)->below, out);
}

static int on_control(sqlite3_file *file, int operation, void *argument)
{
    return wal_of(file)->below->pMethods->xFileControl(wal_of(file)->below, operation, argument);
}

static int on_sector_size(sqlite3_file *file)
{
    return wal_of(file)->below->pMethods->xSectorSize(wal_of(file)->below);
}

static int on_characteristics(sqlite3_file *file)
{
    return wal_of(file)->below->pMethods->xDeviceCharacteristics(wal_of(file)->below);
}

static const sqlite3_io_methods methods = {
    .iVersion = 1, /* without shared memory, which is the book's file's */
    .xClose = on_close,
    .xRead = on_read,
    .xWrite = on_write,
    .xTruncate = on_truncate,
    .xSync = on_sync,
    .xFileSize = on_file_size,
    .xLock = on_lock,
    .xUnlock = on_unlock,
    .xCheckReservedLock = on_check_reserved,
    .xFileControl = on_control,
    .xSectorSize = on_sector_size,
    .xDeviceCharacteristics = on_characteristics,
};

/* ---- opening ---- */

static int open_wal(sqlite3_vfs *below, const char *name, struct wal *wal, int flags, int *out_flags)
{
    *wal = (struct wal){.below = (sqlite3_file *)(void *)(wal + 1)};
    int code = below->xOpen(below, name, wal->below, flags, out_flags);
    if (wal->below->pMethods != NULL) /* also after a failure: then SQLite closes it */
        wal->base.pMethods = &methods;
    return code;
}

/* Every other file is the VFS's below, as if this one were not there. */
static int on_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
    sqlite3_vfs *below = ((struct vfs *)(void *)vfs)->below;
    if ((flags & SQLITE_OPEN_WAL) == 0)
        return below->xOpen(below, name, file, flags, out_flags);
    return open_wal(below, name, wal_of(file), flags, out_flags);
}

/* New, registered for good. */
static struct vfs *make(sqlite3_vfs *below)
{
    static const char begin[] = "fenzhang-";
    struct vfs *made = malloc(sizeof *made + sizeof begin + strlen(below->zName));
    if (made == NULL)
        return NULL;
    *made = (struct vfs){.vfs = *below, .below = below};
    stpcpy(stpcpy(made->name, begin), below->zName);
    made->vfs.zName = made->name;
    made->vfs.pNext = NULL;
    made->vfs.szOsFile += (int)sizeof(struct wal);
    made->vfs.xOpen = on_open;
    if (sqlite3_vfs_register(&made->vfs, 0) == SQLITE_OK)
        return made;
    free(made);
    return NULL;
}

const char *fz_wal_writes(const char *name)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static struct vfs *all;
    sqlite3_vfs *below = sqlite3_vfs_find(name);
    if (below == NULL)
        return NULL;
    pthread_mutex_lock(&lock);
    struct vfs *at = all;
    while (at != NULL && at->below != below)
        at = at->next;
    if (at == NULL && (at = make(below)) != NULL) {
        at->next = all;
        all = at;
    }
    pthread_mutex_unlock(&lock);
    return at == NULL ? NULL : at->name;
}
