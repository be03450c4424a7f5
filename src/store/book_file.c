/* The book's file: found or made, seen to be private, and held against other servers. */
#include "store/book_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static enum fz_result cannot_write(const char *path, int problem, char *why, size_t why_size)
{
    if (problem == ENOENT || problem == ENOTDIR)
        snprintf(why, why_size,
                 "The directory for the book %s is not there. Make it first, or name another one.", path);
    else if (problem == ENOSPC || problem == EDQUOT)
        fz_book_file_explain(path, SQLITE_FULL, "", why, why_size);
    else
        snprintf(why, why_size,
                 "The book %s cannot be written (%s). Let this user write the file and its directory, or "
                 "name another directory.",
                 path, strerrordesc_np(problem));
    return FZ_FAILED;
}

/* Made here and not by SQLite, so that its mode does not depend on the umask. SQLite gives -wal and -shm the
 * same one. */
static enum fz_result make(const char *path, char *why, size_t why_size)
{
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0 && errno != EEXIST)
        return cannot_write(path, errno, why, why_size);
    if (file >= 0)
        close(file);
    return FZ_OK;
}

static enum fz_result check_private(const char *path, char *why, size_t why_size)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        char *name = NULL;
        if (asprintf(&name, "%s%s", path, suffixes[i]) < 0)
            return cannot_write(path, ENOMEM, why, why_size);
        struct stat found;
        bool there = stat(name, &found) == 0;
        enum fz_result result = FZ_FAILED;
        if (there && !S_ISREG(found.st_mode))
            snprintf(why, why_size,
                     "%s is not a file, so it cannot be a book. Name another file or directory.", name);
        else if (there && (found.st_mode & 077) != 0)
            snprintf(why, why_size,
                     "The book's file %s can be used by others (its mode is %04o). It holds keys and money: "
                     "run chmod 600 on it, then "
                     "start again.",
                     name, (unsigned)found.st_mode & 07777);
        else
            result = FZ_OK;
        free(name);
        if (result != FZ_OK)
            return result;
    }
    return FZ_OK;
}

static void tell_holder(const char *path, int lock, char *why, size_t why_size)
{
    char holder[24] = "";
    ssize_t size = pread(lock, holder, sizeof holder - 1, 0);
    long process = size > 0 ? strtol(holder, NULL, 10) : 0;
    if (process > 0)
        snprintf(why, why_size,
                 "The book %s is held by another server (process %ld). Stop that one first, or give this one "
                 "another data directory.",
                 path, process);
    else
        snprintf(why, why_size,
                 "The book %s is held by another server. Stop that one first, or give this one another data "
                 "directory.",
                 path);
}

/* A file of its own: SQLite locks the book itself with fcntl, and such locks fall when any descriptor of the
 * file is closed. It is never removed, for then two servers could lock two files of one name. */
static enum fz_result lock(struct fz_book_file *file, char *why, size_t why_size)
{
    char *name = NULL;
    if (asprintf(&name, "%s-lock", file->path) < 0)
        return cannot_write(file->path, ENOMEM, why, why_size);
    int descriptor = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    int problem = errno;
    free(name);
    if (descriptor < 0)
        return cannot_write(file->path, problem, why, why_size);
    if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            tell_holder(file->path, descriptor, why, why_size);
        else
            (void)cannot_write(file->path, errno, why, why_size);
        close(descriptor);
        return FZ_FAILED;
    }
    /* The number is for the sentence above only: if the disk is too full for it, the lock holds all the same.
     */
    if (ftruncate(descriptor, 0) == 0)
        (void)dprintf(descriptor, "%ld\n", (long)getpid());
    file->lock = descriptor;
    return FZ_OK;
}

enum fz_result fz_book_file_claim(const char *path, struct fz_book_file *out, char *why, size_t why_size)
{
    enum fz_result result = make(path, why, why_size);
    if (result != FZ_OK)
        return result;
    struct fz_book_file file = {.path = realpath(path, NULL), .lock = -1};
    if (file.path == NULL)
        return cannot_write(path, errno, why, why_size);
    result = check_private(file.path, why, why_size);
    if (result == FZ_OK)
        result = lock(&file, why, why_size);
    if (result == FZ_OK)
        *out = file;
    else
        fz_book_file_release(&file);
    return result;
}

void fz_book_file_release(struct fz_book_file *file)
{
    if (file->lock >= 0)
        close(file->lock);
    free(file->path);
    *file = (struct fz_book_file){.lock = -1};
}

void fz_book_file_explain(const char *path, int code, const char *failure, char *why, size_t why_size)
{
    switch (code & 0xFF) {
    case SQLITE_NOTADB:
        snprintf(why, why_size,
                 "%s is not a book: it is no SQLite database. Move it away, or name another directory.",
                 path);
        break;
    case SQLITE_CORRUPT:
        snprintf(why, why_size,
                 "The book %s is damaged: %s. Put a sound copy in its place; what can still be read of this "
                 "one, the command sqlite3 "
                 "\"%s\" .recover shows.",
                 path, failure, path);
        break;
    case SQLITE_FULL:
        snprintf(
            why, why_size,
            "The disk has no room for the book %s. Make room, then start again; nothing of the book is lost.",
            path);
        break;
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        snprintf(why, why_size,
                 "The book %s cannot be written: %s. Let this user write the file and its directory, or name "
                 "another directory.",
                 path, failure);
        break;
    case SQLITE_BUSY:
        snprintf(why, why_size,
                 "Another program holds a lock on the book %s: %s. End that program, then start again.", path,
                 failure);
        break;
    default:
        snprintf(why, why_size,
                 "The book %s cannot be opened: %s. Look at the disk and at the system's log; nothing was "
                 "changed.",
                 path, failure);
    }
}
