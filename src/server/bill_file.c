/* Bill files: one maker a bill, a file is used only when it is whole. */
#include "server/bill_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/endpoint.h"
#include "base/calendar.h"
#include "base/text.h"
#include "server/data_directory.h"
#include "server/gzip_file.h"
#include "wire/bill_text.h"

#define UNFINISHED FZ_BILL_UNFINISHED
#define COMPRESSED FZ_BILL_COMPRESSED
#define NAME_SIZE  136
#define ATTEMPTS   6 /* at files that another is making, or that a reset takes away again */

/* A bill that is being made. Lies on its maker's stack. */
struct making {
    const char *name;
    struct making *next;
};

struct fz_bill_files {
    pthread_mutex_t lock;
    pthread_cond_t made;
    struct making *making;
    char book[FZ_BOOK_NAME_SIZE]; /* the name of the book that they are of */
    uint64_t generation;          /* one more with each book */
    atomic_bool stopping;
};

struct fz_bill_files *fz_bill_files_new(const char *book)
{
    struct fz_bill_files *files = calloc(1, sizeof *files);
    if (files == NULL)
        return NULL;
    fz_copy(files->book, sizeof files->book, book);
    pthread_mutex_init(&files->lock, NULL);
    pthread_cond_init(&files->made, NULL);
    return files;
}

void fz_bill_files_free(struct fz_bill_files *files)
{
    if (files == NULL)
        return;
    assert(files->making == NULL);
    pthread_cond_destroy(&files->made);
    pthread_mutex_destroy(&files->lock);
    free(files);
}

void fz_bill_files_stop(struct fz_bill_files *files)
{
    atomic_store(&files->stopping, true);
}

/* Only digits of the link get into a path. */
static bool is_number(const char *text)
{
    return text[0] != '\0' && strspn(text, "0123456789") == strlen(text);
}

static enum fz_result write_name(const struct fz_bill_link *link, bool overview_first, char out[NAME_SIZE])
{
    static const char *const kinds[] = {[FZ_BILL_REFUNDS] = "refunds",
                                        [FZ_BILL_DISTRIBUTIONS] = "distributions",
                                        [FZ_BILL_TRADES] = "trades"};
    bool all = link->sub_mchid[0] == '\0';
    if (!is_number(link->caller) || !(all || is_number(link->sub_mchid)) || link->day < 0)
        return FZ_MALFORMED;
    char day[FZ_DAY_SIZE];
    fz_format_day(day, link->day);
    snprintf(out, NAME_SIZE, "%s-%s-%s-%s%s.csv", kinds[link->kind], link->caller,
             all ? "all" : link->sub_mchid, day, overview_first ? "-overview-first" : "");
    return FZ_OK;
}

/* Each book has a directory of its own: whatever a kill leaves of another one is never taken for its bills. */
static int open_directory(const char *data, const char *book)
{
    char bills[FZ_PATH_SIZE], path[FZ_PATH_SIZE];
    if (fz_path_join(bills, data, "bills") != FZ_OK ||
        fz_path_join(path, bills, fz_bill_directory(book)) != FZ_OK ||
        fz_private_directory_make(path) != FZ_OK)
        return -1;
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

struct sink {
    struct fz_bill_files *files;
    int file;
};

static enum fz_result write_block(void *argument, const void *data, size_t size)
{
    const struct sink *sink = argument;
    const char *at = data;
    while (size > 0) {
        if (atomic_load_explicit(&sink->files->stopping, memory_order_relaxed))
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

/* A file that is to be there: a bill, or one compressed. */
struct wanted {
    struct fz_server *server;
    struct fz_reader *reader;
    const struct fz_bill_link *link;
    char book[FZ_BOOK_NAME_SIZE];
    int directory; /* of that book */
    uint64_t generation; /* of the book that it has to tell of */
    const char *name;
    int plain; /* what is to be compressed; -1: it is the bill itself */
};

static enum fz_result write_bill(const struct wanted *wanted, struct sink *sink)
{
    struct fz_bill_writer writer;
    enum fz_result begun = fz_bill_begin(&writer, write_block, sink);
    if (begun != FZ_OK)
        return begun;
    enum fz_result written =
        fz_bill_write(wanted->reader, wanted->link, wanted->server->options.overview_first, &writer);
    enum fz_result ended = fz_bill_end(&writer);
    return written != FZ_OK ? written : ended;
}

static enum fz_result write_file(const struct wanted *wanted, int file)
{
    struct sink sink = {.files = wanted->server->bill_files, .file = file};
    enum fz_result result =
        wanted->plain < 0 ? write_bill(wanted, &sink) : fz_gzip_file(wanted->plain, write_block, &sink);
    if (result != FZ_OK)
        return result;
    return fsync(file) == 0 ? FZ_OK : FZ_FAILED;
}

/* Makes the file under its unfinished name; the descriptor stays good when it is renamed. */
static enum fz_result make_unfinished(const struct wanted *wanted, const char *unfinished, int *out_file)
{
    int file =
        openat(wanted->directory, unfinished, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0)
        return errno == ENOSPC || errno == EDQUOT ? FZ_FULL : FZ_FAILED;
    enum fz_result result = write_file(wanted, file);
    if (result == FZ_OK) {
        *out_file = file;
        return FZ_OK;
    }
    close(file);
    unlinkat(wanted->directory, unfinished, 0);
    return result;
}

/* Enters `self` as the maker of its file. False: another was making it, and has ended by now. */
static bool begin_making(struct fz_bill_files *files, struct making *self)
{
    bool mine = true;
    pthread_mutex_lock(&files->lock);
    struct making *other = files->making;
    while (other != NULL) {
        if (strcmp(other->name, self->name) == 0) {
            mine = false;
            pthread_cond_wait(&files->made, &files->lock);
            other = files->making;
        } else {
            other = other->next;
        }
    }
    if (mine) {
        self->next = files->making;
        files->making = self;
    }
    pthread_mutex_unlock(&files->lock);
    return mine;
}

/* Gives the file its name, unless the book it tells of was reset meanwhile: then FZ_CONFLICT. */
static enum fz_result end_making(const struct wanted *wanted, struct making *self, const char *unfinished,
                                 enum fz_result result)
{
    struct fz_bill_files *files = wanted->server->bill_files;
    pthread_mutex_lock(&files->lock);
    if (result == FZ_OK && wanted->generation != files->generation) {
        unlinkat(wanted->directory, unfinished, 0);
        result = FZ_CONFLICT;
    } else if (result == FZ_OK &&
               renameat(wanted->directory, unfinished, wanted->directory, self->name) != 0) {
        result = FZ_FAILED;
    }
    struct making **at = &files->making;
    while (*at != self)
        at = &(*at)->next;
    *at = self->next;
    pthread_cond_broadcast(&files->made);
    pthread_mutex_unlock(&files->lock);
    return result;
}

/* FZ_CONFLICT: look again, for another made it or a reset came in between. */
static enum fz_result make(const struct wanted *wanted, int *out_file)
{
    struct making self = {.name = wanted->name};
    if (!begin_making(wanted->server->bill_files, &self))
        return FZ_CONFLICT;
    char unfinished[NAME_SIZE + sizeof UNFINISHED];
    snprintf(unfinished, sizeof unfinished, "%s" UNFINISHED, wanted->name);
    int file = -1;
    enum fz_result result = make_unfinished(wanted, unfinished, &file);
    result = end_making(wanted, &self, unfinished, result);
    if (result == FZ_OK) {
        if (wanted->plain < 0)
            atomic_fetch_add_explicit(&wanted->server->counters.bills_made, 1, memory_order_relaxed);
        *out_file = file;
    } else if (file >= 0) {
        close(file);
    }
    return result;
}

static enum fz_result find_or_make(const struct wanted *wanted, int *out_file)
{
    int file = openat(wanted->directory, wanted->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (file >= 0) {
        *out_file = file;
        return FZ_OK;
    }
    return errno == ENOENT ? make(wanted, out_file) : FZ_FAILED;
}

static void find_book(struct wanted *wanted)
{
    struct fz_bill_files *files = wanted->server->bill_files;
    pthread_mutex_lock(&files->lock);
    fz_copy(wanted->book, sizeof wanted->book, files->book);
    wanted->generation = files->generation;
    pthread_mutex_unlock(&files->lock);
}

static bool is_of_this_book(const struct wanted *wanted)
{
    struct fz_bill_files *files = wanted->server->bill_files;
    pthread_mutex_lock(&files->lock);
    bool same = wanted->generation == files->generation;
    pthread_mutex_unlock(&files->lock);
    return same;
}

static void close_files(int plain, int gzip)
{
    if (plain >= 0)
        close(plain);
    if (gzip >= 0)
        close(gzip);
}

/* Both files, or with `out_gzip` NULL the bill alone. FZ_CONFLICT as `make`; then neither is open. */
static enum fz_result open_files(const struct wanted *wanted, int *out_plain, int *out_gzip)
{
    char compressed[NAME_SIZE + sizeof COMPRESSED];
    int plain = -1, gzip = -1;
    enum fz_result result = find_or_make(wanted, &plain);
    if (result == FZ_OK && out_gzip != NULL) {
        snprintf(compressed, sizeof compressed, "%s" COMPRESSED, wanted->name);
        struct wanted other = *wanted;
        other.name = compressed;
        other.plain = plain;
        result = find_or_make(&other, &gzip);
    }
    if (result != FZ_OK) {
        close_files(plain, gzip);
        return result;
    }
    *out_plain = plain;
    if (out_gzip != NULL)
        *out_gzip = gzip;
    return FZ_OK;
}

/* A reset in between takes the directory away, too: whatever came of it then, it is looked for in the new book's. */
static enum fz_result try_to_open(struct wanted *wanted, int *out_plain, int *out_gzip)
{
    find_book(wanted);
    wanted->directory = open_directory(wanted->server->options.data, wanted->book);
    enum fz_result result =
        wanted->directory < 0 ? FZ_FAILED : open_files(wanted, out_plain, out_gzip);
    if (wanted->directory >= 0)
        close(wanted->directory);
    if (is_of_this_book(wanted))
        return result;
    if (result == FZ_OK) {
        close_files(*out_plain, out_gzip == NULL ? -1 : *out_gzip);
        *out_plain = -1;
        if (out_gzip != NULL)
            *out_gzip = -1;
    }
    return FZ_CONFLICT;
}

static enum fz_result size_of(int file, uint64_t *out)
{
    struct stat found;
    if (fstat(file, &found) != 0 || !S_ISREG(found.st_mode))
        return FZ_FAILED;
    *out = (uint64_t)found.st_size;
    return FZ_OK;
}

/* `out_gzip` may be NULL; `out_size` is of the last of them. */
static enum fz_result open_bill(struct fz_server *server, struct fz_reader *reader,
                                const struct fz_bill_link *link, int *out_plain, int *out_gzip,
                                uint64_t *out_size)
{
    char name[NAME_SIZE];
    enum fz_result result = write_name(link, server->options.overview_first, name);
    if (result != FZ_OK)
        return result;
    struct wanted wanted = {
        .server = server, .reader = reader, .link = link, .name = name, .plain = -1};
    int plain = -1, gzip = -1;
    result = FZ_CONFLICT;
    for (int attempt = 0; attempt < ATTEMPTS && result == FZ_CONFLICT; attempt++)
        result = try_to_open(&wanted, &plain, out_gzip == NULL ? NULL : &gzip);
    if (result != FZ_OK)
        return result == FZ_CONFLICT ? FZ_FAILED : result;
    result = size_of(gzip < 0 ? plain : gzip, out_size);
    if (result != FZ_OK) {
        close_files(plain, gzip);
        return result;
    }
    *out_plain = plain;
    if (out_gzip != NULL)
        *out_gzip = gzip;
    return FZ_OK;
}

enum fz_result fz_bill_file_open(struct fz_server *server, struct fz_reader *reader,
                                 const struct fz_bill_link *link, int *out_fd, uint64_t *out_size)
{
    return open_bill(server, reader, link, out_fd, NULL, out_size);
}

enum fz_result fz_bill_file_open_gzip(struct fz_server *server, struct fz_reader *reader,
                                      const struct fz_bill_link *link, int *out_plain, int *out_gzip,
                                      uint64_t *out_gzip_size)
{
    return open_bill(server, reader, link, out_plain, out_gzip, out_gzip_size);
}

void fz_bill_files_turn_to(struct fz_bill_files *files, const char *book)
{
    pthread_mutex_lock(&files->lock);
    fz_copy(files->book, sizeof files->book, book);
    files->generation++;
    pthread_mutex_unlock(&files->lock);
}
