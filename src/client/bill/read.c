/* Reads whole bill files: from a path, a descriptor, or memory. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "client/bill/read.h"

#define PIECE (64 << 10)

int fz_bill_read_memory(enum fz_bill_kind kind, const void *data, size_t size, fz_bill_on_row *on_row, void *argument, fz_error **error)
{
    fz_bill_reader *reader;
    int result = fz_bill_reader_new(kind, on_row, argument, &reader, error);
    if (result == 0)
        result = fz_bill_reader_feed(reader, data, size, error);
    if (result == 0)
        result = fz_bill_reader_finish(reader, error);
    fz_bill_reader_free(reader);
    return result;
}

fz_error *fz_bill_file_error(const char *what, const char *path)
{
    return fz_error_make(FZ_CODE_FILE, FZ_OUTCOME_DONE, "%s could not be %s: %s.", path, what, strerror(errno));
}

/* Piece by piece through `piece`, of PIECE bytes. */
static int feed_all(fz_bill_reader *reader, int file, char *piece, const char *path, fz_error **error)
{
    for (;;) {
        ssize_t size = read(file, piece, PIECE);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return fz_fail(error, fz_bill_file_error("read", path));
        if (size == 0)
            return fz_bill_reader_finish(reader, error);
        if (fz_bill_reader_feed(reader, piece, (size_t)size, error) != 0)
            return -1;
    }
}

int fz_bill_read_descriptor(enum fz_bill_kind kind, int file, const char *path, fz_bill_on_row *on_row, void *argument, fz_error **error)
{
    fz_bill_reader *reader;
    if (fz_bill_reader_new(kind, on_row, argument, &reader, error) != 0)
        return -1;
    char *piece = fz_allocate(PIECE);
    int result = piece == NULL ? fz_fail(error, fz_error_make(FZ_CODE_MEMORY, FZ_OUTCOME_DONE, " "))
                               : feed_all(reader, file, piece, path, error);
    fz_release(piece);
    fz_bill_reader_free(reader);
    return result;
}

int fz_bill_read_file(enum fz_bill_kind kind, const char *path, fz_bill_on_row *on_row, void *argument, fz_error **error)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return fz_fail(error, fz_bill_file_error("opened", path));
    int result = fz_bill_read_descriptor(kind, file, path, on_row, argument, error);
    close(file);
    return result;
}
