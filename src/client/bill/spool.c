/* Files that bills are fetched into. */
#include "client/bill/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "client/bill/read.h"

#define PATH_SIZE_MAX 8192

static void unmap(struct fz_bill_spool *file)
{
    if (file->mapped != NULL)
        (void)munmap(file->mapped, file->mapped_size);
    file->mapped = NULL;
}

/* ---- as an answer's body comes ---- */

static bool restart(struct fz_bill_spool *file)
{
    unmap(file);
    file->size = 0;
    if (file->watch != NULL)
        fz_bill_watch_restart(file->watch);
    return ftruncate(file->file, 0) == 0 && lseek(file->file, 0, SEEK_SET) == 0;
}

static bool take(void *taker, const char *data, size_t size)
{
    struct fz_bill_spool *file = taker;
    if (data == NULL)
        return restart(file);
    while (size > 0) {
        ssize_t written = write(file->file, data, size);
        if (written < 0 && errno != EINTR)
            return false;
        data += written > 0 ? written : 0;
        size -= written > 0 ? (size_t)written : 0;
        file->size += written > 0 ? (size_t)written : 0;
    }
    if (file->watch != NULL)
        fz_bill_watch_wrote(file->watch, file->size);
    return true;
}

/* Mapped, so that a signature over it takes no memory of its size. */
static const char *taken(void *taker, size_t *size)
{
    struct fz_bill_spool *file = taker;
    struct stat about;
    if (fstat(file->file, &about) != 0)
        return NULL;
    *size = (size_t)about.st_size;
    if (*size == 0)
        return "";
    unmap(file);
    void *mapped = mmap(NULL, *size, PROT_READ, MAP_PRIVATE, file->file, 0);
    if (mapped == MAP_FAILED)
        return NULL;
    file->mapped = mapped;
    file->mapped_size = *size;
    return mapped;
}

void fz_bill_spool_take(struct fz_bill_spool *file, struct fz_sending *sending)
{
    sending->take = take;
    sending->taken = taken;
    sending->taker = file;
}

/* ---- its name ---- */

/* $TMPDIR as other programs have it. */
static const char *directory(void)
{
    const char *set = getenv("TMPDIR");
    return set == NULL || set[0] == '\0' ? "/tmp" : set;
}

fz_error *fz_bill_spool_open(struct fz_bill_spool *file, const char *beside)
{
    struct fz_text path = {.max = PATH_SIZE_MAX};
    *file = (struct fz_bill_spool){.file = -1};
    fz_text_format(&path, beside == NULL ? "%s/fenzhang-bill-XXXXXX" : "%s.XXXXXX", beside == NULL ? directory() : beside);
    if (path.failed) {
        fz_text_done(&path);
        return fz_error_make(FZ_CODE_MEMORY, FZ_OUTCOME_NOT_SENT, " ");
    }
    file->file = mkostemp(path.data, O_CLOEXEC);
    fz_error *error = file->file < 0 ? fz_bill_file_error("made", path.data) : NULL;
    if (error != NULL && error->code == FZ_CODE_FILE)
        error->outcome = FZ_OUTCOME_NOT_SENT;
    if (file->file >= 0 && beside != NULL)
        file->path = fz_text_copy(path.data);
    if (file->file >= 0 && file->path == NULL)
        (void)unlink(path.data);
    fz_text_done(&path);
    return error;
}

fz_error *fz_bill_spool_sync(struct fz_bill_spool *file, const char *path)
{
    return fsync(file->file) == 0 ? NULL : fz_bill_file_error("written", path);
}

fz_error *fz_bill_spool_keep(struct fz_bill_spool *file, const char *path)
{
    if (file->path == NULL)
        return fz_error_make(FZ_CODE_MEMORY, FZ_OUTCOME_DONE, " ");
    if (rename(file->path, path) != 0)
        return fz_bill_file_error("written", path);
    fz_release(file->path);
    file->path = NULL;
    return NULL;
}

void fz_bill_spool_done(struct fz_bill_spool *file)
{
    unmap(file);
    if (file->path != NULL)
        (void)unlink(file->path);
    fz_release(file->path);
    if (file->file >= 0)
        close(file->file);
}
