/* The data directory. */
#include "server/data/data_directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/store.h"

/* Whether it is empty, or has been a data directory before. */
static bool is_ours(int directory)
{
    if (faccessat(directory, "secret.key", F_OK, 0) == 0 || faccessat(directory, "book.db", F_OK, 0) == 0)
        return true;
    DIR *listing = fdopendir(dup(directory));
    if (listing == NULL)
        return false;
    size_t count = 0;
    while (readdir(listing) != NULL)
        count++;
    closedir(listing);
    return count <= 2; /* "." and ".." */
}

/* A directory of ours is closed to others; what holds other files is somebody else's business, so its mode is
 * not changed. */
static enum fz_result make_private(int directory, const char *data, char *why, size_t why_size)
{
    struct stat found;
    if (fstat(directory, &found) == 0 && (found.st_mode & 077) == 0)
        return FZ_OK;
    if (is_ours(directory) && fchmod(directory, 0700) == 0)
        return FZ_OK;
    snprintf(why, why_size,
             "The data directory %s is open to others and holds files that are not the server's, or belongs "
             "to another user. Keys "
             "will lie in it: name an empty directory, or run chmod 700 on this one.",
             data);
    return FZ_FAILED;
}

/* Makes and opens it. */
static enum fz_result open_private(const char *data, int *out_directory, char *why, size_t why_size)
{
    int directory = -1;
    if (fz_private_directory_make(data) == FZ_OK)
        directory = open(data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) {
        snprintf(why, why_size,
                 "The data directory %s cannot be made or opened (%s). Let this user write its parent, or "
                 "name another with --data.",
                 data, strerrordesc_np(errno));
        return FZ_FAILED;
    }
    enum fz_result result = make_private(directory, data, why, why_size);
    if (result == FZ_OK)
        *out_directory = directory;
    else
        close(directory);
    return result;
}

enum fz_result fz_data_directory_make(const char *data, char *why, size_t why_size)
{
    int directory;
    enum fz_result result = open_private(data, &directory, why, why_size);
    if (result == FZ_OK)
        close(directory);
    return result;
}

enum fz_result fz_data_directory_claim(const char *data, int *out_lock, char *why, size_t why_size)
{
    int directory;
    enum fz_result result = open_private(data, &directory, why, why_size);
    if (result != FZ_OK)
        return result;
    /* A file system that cannot lock a directory is no reason to stop: the book has a lock of its own. */
    if (flock(directory, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        snprintf(why, why_size,
                 "The data directory %s is held by another server. Stop that one first, or name another "
                 "directory with --data.",
                 data);
        close(directory);
        return FZ_FAILED;
    }
    *out_lock = directory;
    return FZ_OK;
}

bool fz_data_directory_is_there(const char *data, int lock)
{
    struct stat held, named;
    return fstat(lock, &held) == 0 && stat(data, &named) == 0 && held.st_dev == named.st_dev &&
           held.st_ino == named.st_ino;
}

enum fz_result fz_book_path(const char *data, const char *store_url, char out[FZ_PATH_SIZE], char *why,
                            size_t why_size)
{
    if (store_url == NULL) {
        enum fz_result result = fz_path_join(out, data, "book.db");
        if (result != FZ_OK)
            snprintf(why, why_size,
                     "The path of the data directory is too long. Name a shorter one with --data.");
        return result;
    }
    const char *path = strncmp(store_url, "sqlite:", 7) == 0 ? store_url + 7 : store_url;
    size_t size = strlen(path), scheme = strspn(store_url, "abcdefghijklmnopqrstuvwxyz0123456789+.-");
    if (path == store_url && store_url[scheme] == ':' && !fz_store_is_shared(store_url)) {
        snprintf(why, why_size,
                 "The store %.*s: is none that this program knows. Leave --store away, name a file (--store sqlite:PATH) or a database "
                 "(--store postgresql://USER@HOST/NAME).",
                 (int)scheme, store_url);
        return FZ_MALFORMED;
    }
    if (size == 0 || size >= FZ_PATH_SIZE) {
        snprintf(why, why_size, "--store names no book. Write --store sqlite:PATH or --store postgresql://USER@HOST/NAME.");
        return FZ_MALFORMED;
    }
    memcpy(out, path, size + 1);
    return FZ_OK;
}

enum fz_result fz_book_file_path(const char *data, const char *store_url, char out[FZ_PATH_SIZE], char *why, size_t why_size)
{
    if (!fz_store_is_shared(store_url))
        return fz_book_path(data, store_url, out, why, why_size);
    snprintf(why, why_size, "--store names a database, and this is for a book that is a file. How a book in PostgreSQL is backed up and "
                            "upgraded is told in docs/operations.md.");
    return FZ_MALFORMED;
}
