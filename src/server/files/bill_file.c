/* Bill files: a file is used only when it is whole, and of the present book. */
#include "server/files/bill_file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/text.h"
#include "server/data/data_directory.h"
#include "server/files/making.h"

#define ATTEMPTS 6 /* at files that a reset takes away again */

struct fz_bill_files {
    const char *data;
    struct fz_world *world;
    bool overview_first;
    atomic_uint_fast64_t made; /* bills */

    pthread_mutex_t lock;
    char book[FZ_BOOK_NAME_SIZE]; /* the name of the book that they are of */
    char followed[FZ_BOOK_NAME_SIZE]; /* of the one that all else in memory is of, too */
    uint64_t generation;          /* one more with each book */
    int swept_day;                /* in the book, when files of old days were looked for last */
    atomic_bool stopping;
};

struct fz_bill_files *fz_bill_files_new(const struct fz_bill_files_setup *setup)
{
    struct fz_bill_files *files = calloc(1, sizeof *files);
    if (files == NULL)
        return NULL;
    files->data = setup->data;
    files->world = setup->world;
    files->overview_first = setup->overview_first;
    fz_copy(files->book, sizeof files->book, setup->book);
    fz_copy(files->followed, sizeof files->followed, setup->book);
    files->swept_day = FZ_NO_DAY;
    pthread_mutex_init(&files->lock, NULL);
    return files;
}

void fz_bill_files_free(struct fz_bill_files *files)
{
    if (files == NULL)
        return;
    pthread_mutex_destroy(&files->lock);
    free(files);
}

void fz_bill_files_stop(struct fz_bill_files *files)
{
    atomic_store(&files->stopping, true);
}

bool fz_bill_files_stopping(const struct fz_bill_files *files)
{
    return atomic_load_explicit(&files->stopping, memory_order_relaxed);
}

void fz_bill_files_count(struct fz_bill_files *files)
{
    atomic_fetch_add_explicit(&files->made, 1, memory_order_relaxed);
}

uint64_t fz_bill_files_made(const struct fz_bill_files *files)
{
    return atomic_load(&files->made);
}

/* ---- of which book ---- */

/* Under the lock. */
static void turn_to(struct fz_bill_files *files, const char *book)
{
    files->generation += strcmp(files->book, book) != 0;
    fz_copy(files->book, sizeof files->book, book);
}

void fz_bill_files_turn_to(struct fz_bill_files *files, const char *book)
{
    pthread_mutex_lock(&files->lock);
    turn_to(files, book);
    pthread_mutex_unlock(&files->lock);
}

void fz_bill_files_set_book(struct fz_bill_files *files, const char *book)
{
    pthread_mutex_lock(&files->lock);
    turn_to(files, book);
    fz_copy(files->followed, sizeof files->followed, book);
    pthread_mutex_unlock(&files->lock);
}

static uint64_t present_book(struct fz_bill_files *files, char book[FZ_BOOK_NAME_SIZE])
{
    pthread_mutex_lock(&files->lock);
    fz_copy(book, FZ_BOOK_NAME_SIZE, files->book);
    uint64_t generation = files->generation;
    pthread_mutex_unlock(&files->lock);
    return generation;
}

static bool is_present(struct fz_bill_files *files, uint64_t generation)
{
    char book[FZ_BOOK_NAME_SIZE];
    return present_book(files, book) == generation;
}

bool fz_bill_files_are_of(struct fz_bill_files *files, const char *book)
{
    pthread_mutex_lock(&files->lock);
    bool followed = strcmp(files->followed, book) == 0;
    pthread_mutex_unlock(&files->lock);
    return followed;
}

enum fz_result fz_bill_files_publish(struct fz_bill_files *files, uint64_t generation, int directory,
                                     const char *unfinished, const char *name)
{
    enum fz_result result = FZ_OK;
    pthread_mutex_lock(&files->lock);
    if (generation != files->generation) {
        unlinkat(directory, unfinished, 0);
        result = FZ_CONFLICT;
    } else if (renameat(directory, unfinished, directory, name) != 0) {
        result = FZ_FAILED;
    }
    pthread_mutex_unlock(&files->lock);
    return result;
}

/* ---- the parts ---- */

/* What is wanted, and what is known of it on the way. */
struct search {
    struct fz_bill_making making;
    bool makes;
};

static enum fz_result find_or_make(const struct search *search, enum fz_bill_part part, int *out_file)
{
    char name[FZ_BILL_NAME_SIZE + sizeof FZ_BILL_SUM];
    fz_bill_part_name(search->making.name, part, name);
    int file = openat(search->making.directory, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (file >= 0) {
        *out_file = file;
        return FZ_OK;
    }
    if (errno != ENOENT)
        return FZ_FAILED;
    return search->makes ? fz_bill_part_make(&search->making, part, out_file) : FZ_ABSENT;
}

/* What was made of another text than the bill's goes. */
static void remove_part(const struct search *search, enum fz_bill_part part)
{
    char name[FZ_BILL_NAME_SIZE + sizeof FZ_BILL_SUM];
    fz_bill_part_name(search->making.name, part, name);
    (void)unlinkat(search->making.directory, name, 0);
}

static enum fz_result read_sum(const struct search *search, char out[FZ_BILL_SUM_SIZE])
{
    int file = -1;
    enum fz_result result = find_or_make(search, FZ_PART_SUM, &file);
    if (result != FZ_OK)
        return result;
    result = fz_bill_sum_read(file, search->making.bill, out);
    close(file);
    return result;
}

/* One of another file is made anew, and so is then what was compressed. */
static enum fz_result find_sum(const struct search *search, char out[FZ_BILL_SUM_SIZE])
{
    enum fz_result result = read_sum(search, out);
    if (result != FZ_ABSENT || !search->makes)
        return result;
    remove_part(search, FZ_PART_COMPRESSED);
    remove_part(search, FZ_PART_SUM);
    result = read_sum(search, out);
    return result == FZ_ABSENT ? FZ_FAILED : result; /* somebody changes the bill at this moment */
}

static void close_files(struct fz_bill_file *file)
{
    if (file->bill >= 0)
        close(file->bill);
    if (file->gzip >= 0)
        close(file->gzip);
}

/* All that is wanted, or nothing is open. */
static enum fz_result open_parts(struct search *search, struct fz_bill_file *out)
{
    const struct fz_bill_request *request = search->making.request;
    struct fz_bill_file found = {.bill = -1, .gzip = -1};
    enum fz_result result = find_or_make(search, FZ_PART_BILL, &found.bill);
    search->making.bill = found.bill;
    if (result == FZ_OK && request->sum)
        result = find_sum(search, found.sha1);
    if (result == FZ_OK && request->gzip)
        result = find_or_make(search, FZ_PART_COMPRESSED, &found.gzip);
    if (result == FZ_OK)
        *out = found;
    else
        close_files(&found);
    return result;
}

/* ---- the whole ---- */

/* Each book has a directory of its own: whatever a kill leaves of another one is never taken for its bills. */
static int open_directory(const char *data, const char *book)
{
    char bills[FZ_PATH_SIZE], path[FZ_PATH_SIZE], name[FZ_BILL_DIRECTORY_SIZE];
    fz_bill_directory(book, name);
    if (fz_path_join(bills, data, "bills") != FZ_OK || fz_path_join(path, bills, name) != FZ_OK ||
        fz_private_directory_make(path) != FZ_OK)
        return -1;
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Once a day of book time. */
static void sweep_daily(struct fz_bill_files *files, int directory)
{
    int today = fz_day_of(fz_book_now_ms(files->world));
    pthread_mutex_lock(&files->lock);
    bool due = files->swept_day != today;
    files->swept_day = today;
    pthread_mutex_unlock(&files->lock);
    if (due)
        fz_bill_files_sweep_old(directory, today);
}

/* A reset in between takes the directory away, too: whatever came of it then, FZ_CONFLICT, it is looked for in the new
 * book's. */
static enum fz_result try_to_open(struct search *search, struct fz_bill_file *out)
{
    struct fz_bill_making *making = &search->making;
    struct fz_bill_files *files = making->request->files;
    char book[FZ_BOOK_NAME_SIZE];
    making->generation = present_book(files, book);
    making->directory = open_directory(files->data, book);
    if (making->directory < 0)
        return is_present(files, making->generation) ? FZ_FAILED : FZ_CONFLICT;
    if (search->makes)
        sweep_daily(files, making->directory);
    enum fz_result result = open_parts(search, out);
    close(making->directory);
    if (is_present(files, making->generation))
        return result;
    if (result == FZ_OK)
        close_files(out);
    return FZ_CONFLICT;
}

static enum fz_result open_bill(const struct fz_bill_request *request, bool makes, struct fz_reader *reader,
                                struct fz_bill_file *out)
{
    char name[FZ_BILL_NAME_SIZE];
    const bool overview_first = request->files->overview_first;
    enum fz_result result = fz_bill_name(request->link, overview_first, name);
    if (result != FZ_OK)
        return result;
    struct search search = {
        .making = {.request = request, .reader = reader, .overview_first = overview_first, .name = name},
        .makes = makes};
    result = FZ_CONFLICT;
    for (int attempt = 0; attempt < ATTEMPTS && result == FZ_CONFLICT; attempt++)
        result = try_to_open(&search, out);
    return result == FZ_CONFLICT ? FZ_FAILED : result;
}

enum fz_result fz_bill_file_open(const struct fz_bill_request *request, struct fz_bill_file *out)
{
    return open_bill(request, false, NULL, out);
}

enum fz_result fz_bill_file_make(const struct fz_bill_request *request, struct fz_reader *reader,
                                 struct fz_bill_file *out)
{
    return open_bill(request, true, reader, out);
}
