/* How far the book was acknowledged: a number in a file of its own, so that a book that lost its end is noticed.
 *
 * Every commit that changes something writes its number into the book (commit_number), in the same transaction.
 * Once it is on the disk, and before anybody is answered, the number goes into this file too. So at each instant
 *     the number here  <=  the number in the book on the disk,
 * and a book that is opened with a smaller number than this file's has lost commits that were answered.
 *
 * The file is not synced with each commit; it does not have to be. A killed process leaves what it has written,
 * so after kill -9 the number is exact. After a power loss the file may be older than the book, and then only
 * says less; it can never say too much, because a commit is synced before its number is written here. It is synced
 * after each checkpoint that brought everything into the book's file. */
#include "store/sqlite/acknowledged.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DIGITS 20 /* and a line end */

static void close_file(int *file)
{
    if (*file >= 0)
        close(*file);
}

static void free_text(char **text)
{
    free(*text);
}

static int open_beside(const char *path, int flags)
{
    FZ_CLEANUP(free_text) char *name = NULL;
    if (asprintf(&name, "%s-acknowledged", path) < 0) {
        errno = ENOMEM;
        return -1;
    }
    return open(name, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
}

/* A file that has nothing in it yet, or whose block was never written, is one that was just being made. */
static enum fz_result read_number(int file, int64_t *out)
{
    char text[DIGITS + 2] = "";
    ssize_t size = pread(file, text, DIGITS + 1, 0);
    if (size < 0)
        return FZ_FAILED;
    *out = 0;
    if (text[0] == '\0')
        return FZ_OK;
    if (size != DIGITS + 1 || strspn(text, "0123456789") != DIGITS || text[DIGITS] != '\n')
        return FZ_MALFORMED;
    *out = strtoll(text, NULL, 10);
    return FZ_OK;
}

enum fz_result fz_acknowledged_read(const char *path, int64_t *out)
{
    FZ_CLEANUP(close_file) int file = open_beside(path, O_RDONLY);
    if (file < 0)
        return errno == ENOENT ? FZ_ABSENT : FZ_FAILED;
    return read_number(file, out);
}

static bool sync_directory_of(const char *path)
{
    FZ_CLEANUP(free_text) char *copy = strdup(path);
    FZ_CLEANUP(close_file)
    int directory = copy == NULL ? -1 : open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return directory >= 0 && fsync(directory) == 0;
}

/* Written in full length, so that later numbers go into a block that the file has already. */
static int make(const char *path)
{
    struct fz_acknowledged count = {.file = open_beside(path, O_RDWR | O_CREAT)};
    if (count.file < 0)
        return -1;
    fz_acknowledged_note(&count, 0);
    if (fsync(count.file) == 0 && sync_directory_of(path))
        return count.file;
    int problem = errno;
    close(count.file);
    errno = problem;
    return -1;
}

enum fz_result fz_acknowledged_open(const char *path, struct fz_acknowledged *out)
{
    struct fz_acknowledged count = {.file = open_beside(path, O_RDWR)};
    if (count.file < 0 && errno == ENOENT)
        count.file = make(path);
    enum fz_result result = count.file < 0 ? FZ_FAILED : read_number(count.file, &count.number);
    if (result == FZ_OK) {
        *out = count;
        return FZ_OK;
    }
    int problem = errno;
    close_file(&count.file);
    errno = problem;
    return result;
}

void fz_acknowledged_close(struct fz_acknowledged *count)
{
    close_file(&count->file);
    count->file = -1;
}

void fz_acknowledged_note(struct fz_acknowledged *count, int64_t number)
{
    char text[DIGITS + 2];
    snprintf(text, sizeof text, "%020" PRId64 "\n", number);
    count->number = number;
    /* Should this fail, the file says less than it could: no reason to take an answer back. */
    (void)!pwrite(count->file, text, DIGITS + 1, 0);
}

void fz_acknowledged_sync(const struct fz_acknowledged *count)
{
    (void)fdatasync(count->file); /* as above */
}
