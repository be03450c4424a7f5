/* Making: a file has its name only when it is whole and on the disk. */
#include "server/files/making.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "api/call/endpoint.h"
#include "server/files/gzip_file.h"
#include "server/files/sum.h"

struct sink {
    const struct fz_bill_files *files;
    int file;
};

static enum fz_result write_block(void *argument, const void *data, size_t size)
{
    const struct sink *sink = argument;
    const char *at = data;
    while (size > 0) {
        if (fz_bill_files_stopping(sink->files))
            return FZ_FAILED;
        ssize_t written = write(sink->file, at, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return errno == ENOSPC || errno == EDQUOT ? FZ_FULL : FZ_FAILED;
        at += written;
        size -= (size_t)written;
    }
    return FZ_OK;
}

static enum fz_result write_bill(const struct fz_bill_making *making, struct sink *sink)
{
    struct fz_bill_writer writer;
    enum fz_result begun = fz_bill_begin(&writer, write_block, sink);
    if (begun != FZ_OK)
        return begun;
    enum fz_result written =
        fz_bill_write(making->reader, making->request->link, making->overview_first, &writer);
    enum fz_result ended = fz_bill_end(&writer);
    return written != FZ_OK ? written : ended;
}

static enum fz_result write_part(const struct fz_bill_making *making, enum fz_bill_part part, struct sink *sink)
{
    switch (part) {
    case FZ_PART_BILL:
        return write_bill(making, sink);
    case FZ_PART_SUM:
        return fz_bill_sum_write(making->bill, write_block, sink);
    case FZ_PART_COMPRESSED:
        return fz_gzip_file(making->bill, write_block, sink);
    }
    __builtin_unreachable();
}

/* The descriptor stays good when the file is renamed. */
static enum fz_result make_unfinished(const struct fz_bill_making *making, enum fz_bill_part part,
                                      const char *unfinished, int *out_file)
{
    int file =
        openat(making->directory, unfinished, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0)
        return errno == ENOSPC || errno == EDQUOT ? FZ_FULL : FZ_FAILED;
    struct sink sink = {.files = making->request->files, .file = file};
    enum fz_result result = write_part(making, part, &sink);
    if (result == FZ_OK && fsync(file) != 0)
        result = FZ_FAILED;
    if (result == FZ_OK) {
        *out_file = file;
        return FZ_OK;
    }
    close(file);
    unlinkat(making->directory, unfinished, 0);
    return result;
}

void fz_bill_part_name(const char *name, enum fz_bill_part part, char out[FZ_BILL_NAME_SIZE + sizeof FZ_BILL_SUM])
{
    static const char *const ends[] = {
        [FZ_PART_BILL] = "", [FZ_PART_SUM] = FZ_BILL_SUM, [FZ_PART_COMPRESSED] = FZ_BILL_COMPRESSED};
    snprintf(out, FZ_BILL_NAME_SIZE + sizeof FZ_BILL_SUM, "%s%s", name, ends[part]);
}

enum fz_result fz_bill_part_make(const struct fz_bill_making *making, enum fz_bill_part part, int *out_file)
{
    char name[FZ_BILL_NAME_SIZE + sizeof FZ_BILL_SUM], unfinished[sizeof name + sizeof FZ_BILL_UNFINISHED];
    struct fz_bill_files *files = making->request->files;
    int file = -1;
    fz_bill_part_name(making->name, part, name);
    snprintf(unfinished, sizeof unfinished, "%s" FZ_BILL_UNFINISHED, name);
    enum fz_result result = make_unfinished(making, part, unfinished, &file);
    if (result != FZ_OK)
        return result;
    result = fz_bill_files_publish(files, making->generation, making->directory, unfinished, name);
    if (result != FZ_OK) {
        close(file);
        return result;
    }
    if (part == FZ_PART_BILL)
        fz_bill_files_count(files);
    *out_file = file;
    return FZ_OK;
}
