/* Bill files: made from the book at the first download, kept in DIR/bills in a directory of that book, made
 * again byte for byte if removed. */
#ifndef FZ_SERVER_FILES_BILL_FILE_H
#define FZ_SERVER_FILES_BILL_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/server/world.h"
#include "server/files/sum.h"
#include "store/store.h"
#include "wire/server/token.h"

struct fz_bill_files;

/* Texts are borrowed as long as there are files. */
struct fz_bill_files_setup {
    const char *data; /* DIR */
    struct fz_world *world;
    const char *book;    /* the name of the book that they are of */
    bool overview_first; /* in the text: the summary before the details */
};

/* New; NULL when memory is short. */
struct fz_bill_files *fz_bill_files_new(const struct fz_bill_files_setup *setup);
void fz_bill_files_free(struct fz_bill_files *files);
/* From here on nothing is made any more: what is being made breaks off with FZ_FAILED. */
void fz_bill_files_stop(struct fz_bill_files *files);

/* How many bills were written, since the start. */
uint64_t fz_bill_files_made(const struct fz_bill_files *files);

/* What is wanted for a download. */
struct fz_bill_request {
    struct fz_bill_files *files;
    const struct fz_bill_link *link;
    bool sum, gzip; /* beside the bill itself */
};

/* What is there for it, all of the same book; the descriptors are the caller's to close. */
struct fz_bill_file {
    int bill;
    int gzip;                    /* the same, compressed; -1: not wanted */
    char sha1[FZ_BILL_SUM_SIZE]; /* of the bill; "": not wanted */
};

/* Opens what is there; makes nothing and waits for nobody. FZ_ABSENT: some of it has to be made. FZ_MALFORMED for a
 * link that names no merchant by digits. */
FZ_MUST_CHECK enum fz_result fz_bill_file_open(const struct fz_bill_request *request, struct fz_bill_file *out);
/* Opens it, and makes what is not there. The caller sees to it that no two make the same bill at the same time. */
FZ_MUST_CHECK enum fz_result fz_bill_file_make(const struct fz_bill_request *request, struct fz_reader *reader,
                                               struct fz_bill_file *out);
/* Whether they were told of that book by fz_bill_files_set_book. */
bool fz_bill_files_are_of(struct fz_bill_files *files, const char *book);
/* Another book has taken the place of that one: what is being made at this moment will not be used. Does not block. */
void fz_bill_files_set_book(struct fz_bill_files *files, const char *book);
/* The same at the first sign of it, while all else that belongs to a book has yet to follow. */
void fz_bill_files_turn_to(struct fz_bill_files *files, const char *book);

/* Removes all bill files of other books than `book`, of other formats, and of days whose bills are no longer kept
 * `today`; at a start (nothing is being made then) also what a killed server left unfinished. */
void fz_bill_files_sweep(const char *data, const char *book, int today, bool at_start);
/* Removes those of days whose bills are no longer kept from a book's directory. */
void fz_bill_files_sweep_old(int directory, int today);

#endif
