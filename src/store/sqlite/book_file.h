/* The book's file: found or made, seen to be private, and held against other servers. */
#ifndef FZ_STORE_SQLITE_BOOK_FILE_H
#define FZ_STORE_SQLITE_BOOK_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/result.h"
#include "store/sqlite/acknowledged.h"
#include "store/sqlite/wal_file.h"

/* Says in the file that it is a book ("fzbk"). */
#define FZ_BOOK_APPLICATION_ID 0x667A626B
/* Says that it is to become one: a copy that is being made ("fzcp", side.c). */
#define FZ_COPY_APPLICATION_ID 0x667A6370

/* Which file it is, whatever its name leads to later. */
struct fz_file_identity {
    dev_t device;
    ino_t number;
};

struct fz_book_file {
    char *path;                          /* without links, so that one book has one lock */
    int lock;                            /* the descriptor that holds it; -1 if none */
    struct fz_acknowledged acknowledged; /* how far it was */
    enum fz_wal_state wal;               /* as it was found */
    int descriptor;                      /* of the file; held.h; -1 if none */
    struct fz_book_file *next;           /* that this process has open */
    struct fz_file_identity book_found, wal_found; /* fz_book_file_identify */
};

/* Makes the file if it is not there (mode 0600) and takes its lock. Refused, before anything is made or changed,
 * if there was a book and it cannot be shown; or, unless `half_made`, if it is a copy that is being made. FZ_CONFLICT: another
 * server holds it; else FZ_FAILED with the reason in `why`. Caller-owned: fz_book_file_release. */
FZ_MUST_CHECK enum fz_result fz_book_file_claim(const char *path, bool half_made, struct fz_book_file *out, char *why,
                                                size_t why_size);
/* After every connection to the file is closed. */
void fz_book_file_release(struct fz_book_file *file);

/* Refuses a book that ends at commit `number`, before the one that was acknowledged last. */
FZ_MUST_CHECK enum fz_result fz_book_file_check_end(const struct fz_book_file *file, int64_t number, char *why,
                                                    size_t why_size);

/* Refuses a file that ends at commit `alone` beside a WAL that goes on from commit `home`, or later, to `number`. */
FZ_MUST_CHECK enum fz_result fz_book_file_check_pair(const struct fz_book_file *file, int64_t alone, int64_t home,
                                                     int64_t number, char *why, size_t why_size);

/* Takes down which files the book and its WAL are, once both are open. False: they are not there. */
bool fz_book_file_identify(struct fz_book_file *file);
/* Whether their names still lead to these files. If not, what is committed now will not be found later. */
bool fz_book_file_is_there(const struct fz_book_file *file);

/* Says in a sentence why the book at `path` cannot be opened. `failure`: the engine's words for `code`. */
void fz_book_file_explain(const char *path, int code, const char *failure, char *why, size_t why_size);
/* Says that it is a database, but no book; and what else it may be, by the application that its head names. */
void fz_book_file_foreign(const char *path, int64_t application, char *why, size_t why_size);
/* glance.c: fz_store_glance, which lets pass a copy that is being made if `half_made`. */
FZ_MUST_CHECK enum fz_result fz_book_file_glance(const char *path, bool half_made, char *why, size_t why_size);

#endif
