/* The book's file: found or made, seen to be private, and held against other servers. */
#include "store/sqlite/book_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/store.h"

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
        bool held = errno == EWOULDBLOCK;
        if (held)
            tell_holder(file->path, descriptor, why, why_size);
        else
            (void)cannot_write(file->path, errno, why, why_size);
        close(descriptor);
        return held ? FZ_CONFLICT : FZ_FAILED;
    }
    /* The number is for the sentence above only: if the disk is too full for it, the lock holds all the same.
     */
    if (ftruncate(descriptor, 0) == 0)
        (void)dprintf(descriptor, "%ld\n", (long)getpid());
    file->lock = descriptor;
    return FZ_OK;
}

/* Of the file of this name and ending. */
static bool find(const char *path, const char *ending, struct stat *out)
{
    char *name = NULL;
    bool there = asprintf(&name, "%s%s", path, ending) >= 0 && stat(name, out) == 0;
    free(name);
    return there;
}

static bool has_content(const char *path, const char *ending)
{
    struct stat found;
    return find(path, ending, &found) && found.st_size > 0;
}

static enum fz_result bad_count(const char *path, enum fz_result result, char *why, size_t why_size)
{
    if (result == FZ_MALFORMED)
        snprintf(why, why_size,
                 "The file %s-acknowledged, which says how far the book was acknowledged, is damaged. Put it back "
                 "from a copy; or, if you know that the book is whole, remove it, then start again.",
                 path);
    else
        (void)cannot_write(path, errno, why, why_size);
    return FZ_FAILED;
}

/* Refuses a directory that had a book and has none now: a new one in its place would hide that. `used` says that
 * its user knows so. */
static enum fz_result expect(const char *path, bool used, char *why, size_t why_size)
{
    int64_t number = 0;
    if (has_content(path, ""))
        return FZ_OK;
    enum fz_result result = fz_acknowledged_read(path, &number);
    if (result != FZ_OK && result != FZ_ABSENT)
        return bad_count(path, result, why, why_size);
    if (number == 0 && !(used && result == FZ_ABSENT) && !has_content(path, "-wal"))
        return FZ_OK;
    snprintf(why, why_size,
             "The book %s is %s, but there was one. Nothing was made in its place. Put it back from a copy, together "
             "with %s-wal if you have that; or name another data directory for a new book.",
             path, access(path, F_OK) == 0 ? "empty" : "not there", path);
    return FZ_FAILED;
}

static char *without_links(const char *path)
{
    char *real = realpath(path, NULL);
    return real == NULL ? strdup(path) : real;
}

enum fz_result fz_store_expect(const char *path, bool used, char *why, size_t why_size)
{
    struct fz_acknowledged count = {.file = -1};
    char *real = without_links(path);
    if (real == NULL)
        return cannot_write(path, ENOMEM, why, why_size);
    enum fz_result result = fz_store_glance(path, why, why_size);
    if (result == FZ_OK)
        result = expect(real, used, why, why_size);
    if (result == FZ_OK) {
        result = fz_acknowledged_open(real, &count);
        if (result != FZ_OK)
            result = bad_count(real, result, why, why_size);
    }
    fz_acknowledged_close(&count);
    free(real);
    return result;
}

static enum fz_result check_wal(struct fz_book_file *file, char *why, size_t why_size)
{
    file->wal = fz_wal_look(file->path);
    if (file->wal != FZ_WAL_BAD_HEAD)
        return FZ_OK;
    snprintf(why, why_size,
             "The head of %s-wal, which holds the latest commits of the book, is damaged, so that none of them can be "
             "read. Nothing was changed. Put back a sound copy of the book and its WAL; or move the WAL away and start "
             "again: the server then says whether commits are missing.",
             file->path);
    return FZ_FAILED;
}

static enum fz_result open_count(struct fz_book_file *file, char *why, size_t why_size)
{
    enum fz_result result = fz_acknowledged_open(file->path, &file->acknowledged);
    return result == FZ_OK ? FZ_OK : bad_count(file->path, result, why, why_size);
}

enum fz_result fz_book_file_claim(const char *path, bool half_made, struct fz_book_file *out, char *why, size_t why_size)
{
    char *real = without_links(path);
    enum fz_result result = real == NULL ? cannot_write(path, ENOMEM, why, why_size) : fz_book_file_glance(path, half_made, why, why_size);
    if (result == FZ_OK)
        result = expect(real, false, why, why_size);
    free(real);
    if (result == FZ_OK)
        result = make(path, why, why_size);
    if (result != FZ_OK)
        return result;
    struct fz_book_file file = {.path = realpath(path, NULL), .lock = -1, .descriptor = -1, .acknowledged.file = -1};
    if (file.path == NULL)
        return cannot_write(path, errno, why, why_size);
    result = check_private(file.path, why, why_size);
    if (result == FZ_OK)
        result = lock(&file, why, why_size);
    if (result == FZ_OK)
        result = check_wal(&file, why, why_size);
    if (result == FZ_OK)
        result = open_count(&file, why, why_size);
    if (result == FZ_OK)
        *out = file;
    else
        fz_book_file_release(&file);
    return result;
}

void fz_book_file_release(struct fz_book_file *file)
{
    fz_acknowledged_close(&file->acknowledged);
    if (file->lock >= 0)
        close(file->lock);
    free(file->path);
    *file = (struct fz_book_file){.lock = -1, .descriptor = -1, .acknowledged.file = -1};
}

enum fz_result fz_book_file_check_end(const struct fz_book_file *file, int64_t number, char *why, size_t why_size)
{
    int64_t acknowledged = file->acknowledged.number;
    if (number >= acknowledged)
        return FZ_OK;
    snprintf(why, why_size,
             "The book %s ends at commit %" PRId64 ", but commit %" PRId64
             " was acknowledged: its last commits are missing. Its WAL (%s-wal) was removed or damaged, or an older "
             "copy was put in its place. Nothing was changed. Put back the latest copy of both files; or, to go on "
             "without what is missing, remove %s-acknowledged, then start again.",
             file->path, number, acknowledged, file->path, file->path);
    return FZ_FAILED;
}

enum fz_result fz_book_file_check_pair(const struct fz_book_file *file, int64_t alone, int64_t home, int64_t number,
                                       char *why, size_t why_size)
{
    if (home <= alone && alone <= number)
        return FZ_OK;
    snprintf(why, why_size,
             "The book %s and its WAL (%s-wal) do not belong together: the file alone ends at commit %" PRId64
             ", and the WAL goes from commit %" PRId64 " to %" PRId64
             ". A copy of one was put beside the other. Nothing was changed. Put back both as they were at one time; or, "
             "to go on with the file alone, move its WAL and %s-acknowledged away, then start again.",
             file->path, file->path, alone, home, number, file->path);
    return FZ_FAILED;
}

bool fz_book_file_identify(struct fz_book_file *file)
{
    struct stat book, wal;
    if (!find(file->path, "", &book) || !find(file->path, "-wal", &wal))
        return false;
    file->book_found = (struct fz_file_identity){book.st_dev, book.st_ino};
    file->wal_found = (struct fz_file_identity){wal.st_dev, wal.st_ino};
    return true;
}

bool fz_book_file_is_there(const struct fz_book_file *file)
{
    struct stat book, wal;
    return find(file->path, "", &book) && book.st_dev == file->book_found.device &&
           book.st_ino == file->book_found.number && find(file->path, "-wal", &wal) &&
           wal.st_dev == file->wal_found.device && wal.st_ino == file->wal_found.number;
}

void fz_book_file_foreign(const char *path, int64_t application, char *why, size_t why_size)
{
    if (application == FZ_COPY_APPLICATION_ID)
        snprintf(why, why_size,
                 "%s is a copy of a book that is not finished. Give the same `fenzhang copy' again, which goes on with it; or remove "
                 "the file to begin anew.",
                 path);
    else
        snprintf(why, why_size, "%s is a database of another program, not a book. Move it away, or name another directory.", path);
}

void fz_book_file_explain(const char *path, int code, const char *failure, char *why, size_t why_size)
{
    const char *what = "cannot be opened", *advice = "Look at the disk and at the system's log; nothing was changed";
    switch (code == SQLITE_IOERR_SHMSIZE ? SQLITE_FULL : code & 0xFF) { /* the index of the WAL, a file made at each start, had no room */
    case SQLITE_NOTADB:
        snprintf(why, why_size, "%s is not a book: it is no SQLite database. Move it away, or name another directory.", path);
        return;
    case SQLITE_FULL:
        snprintf(why, why_size, "The disk has no room for the book %s. Make room, then start again; nothing of the book is lost.", path);
        return;
    case SQLITE_CORRUPT:
        what = "is damaged";
        advice = "Put a sound copy in its place; what can still be read of this one, the command .recover of sqlite3 shows";
        break;
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        what = "cannot be written";
        advice = "Let this user write the file and its directory, or name another directory";
        break;
    case SQLITE_BUSY:
        what = "is locked by another program";
        advice = "End that program, then start again";
        break;
    }
    snprintf(why, why_size, "The book %s %s: %s. %s.", path, what, failure, advice);
}
