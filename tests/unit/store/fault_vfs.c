/* A VFS between SQLite and the machine's, that fails when told to. */
#include "unit/store/fault_vfs.h"

#include <pthread.h>
#include <sqlite3.h>
#include <string.h>

struct fault_file {
    sqlite3_file base;
    bool watched, wal;
    sqlite3_file *real; /* lies behind this struct */
};

static struct {
    pthread_mutex_t lock;
    sqlite3_vfs *real;
    sqlite3_vfs vfs;
    sqlite3_io_methods methods;
    struct fault faults[2];
    size_t count;
    int failed, book_syncs;
    bool wal_unsynced;
    void (*watch)(bool synced, bool wal);
} fault = {.lock = PTHREAD_MUTEX_INITIALIZER};

void fault_arm(const struct fault *faults, size_t count)
{
    pthread_mutex_lock(&fault.lock);
    if (count > 0)
        memcpy(fault.faults, faults, count * sizeof *faults);
    fault.count = count;
    fault.failed = 0;
    fault.book_syncs = 0;
    pthread_mutex_unlock(&fault.lock);
}

void fault_arm_one(unsigned calls, int nth, int code, bool for_good)
{
    const struct fault one = {calls, nth, code, for_good};
    fault_arm(&one, 1);
}

int fault_failed(void)
{
    pthread_mutex_lock(&fault.lock);
    int failed = fault.failed;
    pthread_mutex_unlock(&fault.lock);
    return failed;
}

int fault_disarm(void)
{
    pthread_mutex_lock(&fault.lock);
    fault.count = 0;
    int failed = fault.failed;
    pthread_mutex_unlock(&fault.lock);
    return failed;
}

int fault_book_syncs(void)
{
    pthread_mutex_lock(&fault.lock);
    int syncs = fault.book_syncs;
    pthread_mutex_unlock(&fault.lock);
    return syncs;
}

void fault_watch(void (*watch)(bool synced, bool wal))
{
    pthread_mutex_lock(&fault.lock);
    fault.watch = watch;
    pthread_mutex_unlock(&fault.lock);
}

static void tell_watch(const struct fault_file *file, bool synced)
{
    pthread_mutex_lock(&fault.lock);
    if (file->watched && fault.watch != NULL)
        fault.watch(synced, file->wal);
    pthread_mutex_unlock(&fault.lock);
}

bool fault_wal_unsynced(void)
{
    pthread_mutex_lock(&fault.lock);
    bool unsynced = fault.wal_unsynced;
    pthread_mutex_unlock(&fault.lock);
    return unsynced;
}

/* SQLITE_OK if the call may go through. */
static int pass(const struct fault_file *file, enum fault_call call)
{
    int code = SQLITE_OK;
    pthread_mutex_lock(&fault.lock);
    if (file->wal && call == FAULT_WRITE)
        fault.wal_unsynced = true;
    fault.book_syncs += file->watched && call == FAULT_BOOK_SYNC;
    for (size_t i = 0; file->watched && i < fault.count; i++) {
        struct fault *each = &fault.faults[i];
        if ((each->calls & call) == 0)
            continue;
        each->nth--;
        if (each->nth == 0 || (each->nth < 0 && each->for_good))
            code = each->code;
    }
    fault.failed += code != SQLITE_OK;
    pthread_mutex_unlock(&fault.lock);
    return code;
}

static sqlite3_file *real(sqlite3_file *file)
{
    return ((struct fault_file *)file)->real;
}

/* On a disk that fills up half of it is written all the same; on one that fails, nothing. */
static int on_write(sqlite3_file *file, const void *data, int size, sqlite3_int64 offset)
{
    const struct fault_file *self = (struct fault_file *)file;
    tell_watch(self, false);
    int code = pass(self, FAULT_WRITE);
    if (code == SQLITE_OK && !self->wal)
        code = pass(self, FAULT_BOOK_WRITE);
    if (code == SQLITE_OK)
        return real(file)->pMethods->xWrite(real(file), data, size, offset);
    if (code == SQLITE_FULL)
        (void)real(file)->pMethods->xWrite(real(file), data, size / 2, offset);
    return code;
}

static int on_sync(sqlite3_file *file, int flags)
{
    const struct fault_file *self = (struct fault_file *)file;
    tell_watch(self, false);
    int code = pass(self, FAULT_SYNC);
    if (code == SQLITE_OK && !self->wal)
        code = pass(self, FAULT_BOOK_SYNC);
    if (code == SQLITE_OK)
        code = real(file)->pMethods->xSync(real(file), flags);
    if (code == SQLITE_OK)
        tell_watch(self, true);
    if (code == SQLITE_OK && self->wal) {
        pthread_mutex_lock(&fault.lock);
        fault.wal_unsynced = false;
        pthread_mutex_unlock(&fault.lock);
    }
    return code;
}

static int on_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    tell_watch((struct fault_file *)file, false);
    int code = pass((struct fault_file *)file, FAULT_TRUNCATE);
    return code == SQLITE_OK ? real(file)->pMethods->xTruncate(real(file), size) : code;
}

static int on_close(sqlite3_file *file)
{
    return real(file)->pMethods->xClose(real(file));
}

static int on_read(sqlite3_file *file, void *out, int size, sqlite3_int64 offset)
{
    int code = pass((struct fault_file *)file, FAULT_READ);
    return code == SQLITE_OK ? real(file)->pMethods->xRead(real(file), out, size, offset) : code;
}

static int on_file_size(sqlite3_file *file, sqlite3_int64 *out)
{
    return real(file)->pMethods->xFileSize(real(file), out);
}

static int on_lock(sqlite3_file *file, int level)
{
    return real(file)->pMethods->xLock(real(file), level);
}

static int on_unlock(sqlite3_file *file, int level)
{
    return real(file)->pMethods->xUnlock(real(file), level);
}

static int on_check_reserved(sqlite3_file *file, int *out)
{
    return real(file)->pMethods->xCheckReservedLock(real(file), out);
}

static int on_control(sqlite3_file *file, int operation, void *argument)
{
    return real(file)->pMethods->xFileControl(real(file), operation, argument);
}

static int on_sector_size(sqlite3_file *file)
{
    return real(file)->pMethods->xSectorSize(real(file));
}

static int on_characteristics(sqlite3_file *file)
{
    return real(file)->pMethods->xDeviceCharacteristics(real(file));
}

static int on_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **out)
{
    return real(file)->pMethods->xShmMap(real(file), page, size, extend, out);
}

static int on_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}

static void on_shm_barrier(sqlite3_file *file)
{
    real(file)->pMethods->xShmBarrier(real(file));
}

static int on_shm_unmap(sqlite3_file *file, int remove)
{
    return real(file)->pMethods->xShmUnmap(real(file), remove);
}

static int on_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
    (void)vfs;
    struct fault_file *self = (struct fault_file *)file;
    *self = (struct fault_file){.watched = (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) != 0,
                                .wal = (flags & SQLITE_OPEN_WAL) != 0,
                                .real = (sqlite3_file *)(self + 1)};
    int code = fault.real->xOpen(fault.real, name, self->real, flags, out_flags);
    self->base.pMethods = self->real->pMethods == NULL ? NULL : &fault.methods;
    return code;
}

const char *fault_vfs(void)
{
    if (fault.real != NULL)
        return fault.vfs.zName;
    fault.real = sqlite3_vfs_find(NULL);
    fault.vfs = *fault.real;
    fault.vfs.zName = "fault";
    fault.vfs.szOsFile = (int)sizeof(struct fault_file) + fault.real->szOsFile;
    fault.vfs.xOpen = on_open;
    fault.methods = (sqlite3_io_methods){
        .iVersion = 2,
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
        .xShmMap = on_shm_map,
        .xShmLock = on_shm_lock,
        .xShmBarrier = on_shm_barrier,
        .xShmUnmap = on_shm_unmap,
    };
    sqlite3_vfs_register(&fault.vfs, 0);
    return fault.vfs.zName;
}
