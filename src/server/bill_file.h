/* Bill files: made from the book at the first download, kept in DIR/bills in a directory of that book, made
 * again byte for byte if removed. */
#ifndef FZ_SERVER_BILL_FILE_H
#define FZ_SERVER_BILL_FILE_H

#include "server/server.h"
#include "wire/token.h"

#define FZ_BILL_UNFINISHED ".part" /* behind the name of a file that is being made */
#define FZ_BILL_COMPRESSED ".gz"   /* behind the name of one that is compressed */

/* What is being made at the moment, of the book of that name. New; NULL when memory is short. */
struct fz_bill_files *fz_bill_files_new(const char *book);
void fz_bill_files_free(struct fz_bill_files *files);
/* From here on nothing is made any more: what is being made breaks off with FZ_FAILED. */
void fz_bill_files_stop(struct fz_bill_files *files);

/* Opens the file of `link`, making it first if it is not there (in a temporary file that is renamed);
 * `reader` is the calling executor's. `out_fd` is the caller's to close. Two at once for the same bill: one
 * makes it. FZ_MALFORMED for a link that names no merchant by digits. */
FZ_MUST_CHECK enum fz_result fz_bill_file_open(struct fz_server *server, struct fz_reader *reader,
                                               const struct fz_bill_link *link, int *out_fd,
                                               uint64_t *out_size);
/* The same file and its compressed form, which is kept beside it, both of the same book and both the caller's to close. */
FZ_MUST_CHECK enum fz_result fz_bill_file_open_gzip(struct fz_server *server, struct fz_reader *reader,
                                                    const struct fz_bill_link *link, int *out_plain, int *out_gzip,
                                                    uint64_t *out_gzip_size);
/* Another book has taken the place of that one: what is being made at this moment will not be used. Does not block. */
void fz_bill_files_turn_to(struct fz_bill_files *files, const char *book);

/* The name of a book's directory in DIR/bills. */
const char *fz_bill_directory(const char *book);
/* Removes all bill files of other books than `book`; at a start (nothing is being made then) also what a killed
 * server left unfinished. */
void fz_bill_files_sweep(const char *data, const char *book, bool at_start);

#endif
