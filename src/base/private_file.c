/* Private files, written and read. */
#include "base/private_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void close_file(int *file)
{
    if (*file >= 0)
        close(*file);
}

/* ---- writing ---- */

static bool write_all(int file, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t written = write(file, data, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        data += written;
        size -= (size_t)written;
    }
    return true;
}

/* Whether the file is there, private, and says just this. */
static bool says_already(const char *path, const void *data, size_t size)
{
    char found[8192];
    int file = size < sizeof found ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
    if (file < 0)
        return false;
    struct stat status;
    bool same = fstat(file, &status) == 0 && S_ISREG(status.st_mode) && (status.st_mode & 0777) == 0600 &&
                read(file, found, sizeof found) == (ssize_t)size && memcmp(found, data, size) == 0;
    close(file);
    return same;
}

/* Opens a file (0600) beside `path`, under a name that nobody else has. -1: errno tells. */
static int open_aside(const char *path, char aside[FZ_PATH_SIZE])
{
    int length = snprintf(aside, FZ_PATH_SIZE, "%s.XXXXXX", path);
    if (length >= 0 && length < FZ_PATH_SIZE)
        return mkostemp(aside, O_CLOEXEC);
    errno = ENAMETOOLONG;
    return -1;
}

/* Synced before it is renamed: otherwise a power loss could leave the new name with nothing in it. */
static enum fz_result write_whole(const char *path, const void *data, size_t size, bool synced, bool *changed)
{
    char aside[FZ_PATH_SIZE];
    if (says_already(path, data, size)) /* syncing waits for the disk: a start would be slow */
        return FZ_OK;
    FZ_CLEANUP(close_file) int file = open_aside(path, aside);
    if (file < 0)
        return FZ_FAILED;
    if (!write_all(file, data, size) || (synced && fsync(file) != 0) || rename(aside, path) != 0) {
        (void)unlink(aside);
        return FZ_FAILED;
    }
    *changed = true;
    return FZ_OK;
}

enum fz_result fz_private_file_write(const char *path, const void *data, size_t size, bool *changed)
{
    return write_whole(path, data, size, true, changed);
}

enum fz_result fz_private_file_put(const char *path, const void *data, size_t size, bool *changed)
{
    return write_whole(path, data, size, false, changed);
}

enum fz_result fz_private_directory_sync(const char *path)
{
    FZ_CLEANUP(close_file) int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return directory >= 0 && fsync(directory) == 0 ? FZ_OK : FZ_FAILED;
}

/* The name survives a crash too: what is sealed with a key must not be there without it. */
static bool sync_directory_of(const char *path)
{
    char *copy = strdup(path);
    bool synced = copy != NULL && fz_private_directory_sync(dirname(copy)) == FZ_OK;
    int problem = errno;
    free(copy);
    errno = problem;
    return synced;
}

/* Written aside under a name that no other process has, and linked into place. */
enum fz_result fz_private_file_make(const char *path, const void *data, size_t size)
{
    char aside[FZ_PATH_SIZE];
    FZ_CLEANUP(close_file) int file = open_aside(path, aside);
    if (file < 0)
        return FZ_FAILED;
    bool made = write_all(file, data, size) && fsync(file) == 0 &&
                (link(aside, path) == 0 || errno == EEXIST) && sync_directory_of(path);
    int problem = errno;
    (void)unlink(aside);
    errno = problem;
    return made ? FZ_OK : FZ_FAILED;
}

/* ---- reading ---- */

/* The whole file behind the descriptor; -1 when it cannot be read, or has `size` bytes or more. */
static ssize_t read_all(int file, char *out, size_t size)
{
    size_t got = 0;
    ssize_t more;
    while (got < size && (more = read(file, out + got, size - got)) != 0) {
        if (more < 0)
            return -1;
        got += (size_t)more;
    }
    return got < size ? (ssize_t)got : -1;
}

static enum fz_result refuse(char *reason, size_t reason_size, const char *text)
{
    snprintf(reason, reason_size, "%s", text);
    return FZ_FAILED;
}

static enum fz_result read_file(const char *path, bool private, char *out, size_t size, char *reason,
                                size_t reason_size)
{
    FZ_CLEANUP(close_file) int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat found;
    if (file < 0) {
        bool absent = errno == ENOENT;
        (void)refuse(reason, reason_size, strerrordesc_np(errno));
        return absent ? FZ_ABSENT : FZ_FAILED;
    }
    if (fstat(file, &found) != 0 || !S_ISREG(found.st_mode))
        return refuse(reason, reason_size, "it is no regular file");
    if (private && (found.st_mode & 077) != 0)
        return refuse(reason, reason_size, "others can use it (chmod 600)");
    ssize_t got = read_all(file, out, size);
    if (got < 0)
        return refuse(reason, reason_size, "it is too large or cannot be read");
    out[got] = '\0';
    return FZ_OK;
}

enum fz_result fz_private_file_read(const char *path, char *out, size_t size, char *reason,
                                    size_t reason_size)
{
    return read_file(path, true, out, size, reason, reason_size);
}

enum fz_result fz_public_file_read(const char *path, char *out, size_t size, char *reason, size_t reason_size)
{
    return read_file(path, false, out, size, reason, reason_size);
}

/* ---- paths and directories ---- */

enum fz_result fz_path_join(char out[FZ_PATH_SIZE], const char *directory, const char *name)
{
    char path[FZ_PATH_SIZE];
    int size = snprintf(path, sizeof path, "%s/%s", directory, name);
    if (size < 0 || (size_t)size >= sizeof path)
        return FZ_FULL;
    memcpy(out, path, (size_t)size + 1);
    return FZ_OK;
}

enum fz_result fz_private_directory_make(const char *path)
{
    char part[FZ_PATH_SIZE];
    size_t size = strlen(path);
    if (size == 0 || size >= sizeof part)
        return FZ_FULL;
    memcpy(part, path, size + 1);
    for (char *at = part + 1; *at != '\0'; at++) {
        if (*at != '/')
            continue;
        *at = '\0';
        if (mkdir(part, 0700) != 0 && errno != EEXIST)
            return FZ_FAILED;
        *at = '/';
    }
    return mkdir(part, 0700) == 0 || errno == EEXIST ? FZ_OK : FZ_FAILED;
}
