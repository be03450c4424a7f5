/* The book's file: found or made, seen to be private, and held against other servers. */
#ifndef FZ_STORE_BOOK_FILE_H
#define FZ_STORE_BOOK_FILE_H

#include <stddef.h>

#include "base/result.h"

struct fz_book_file {
    char *path; /* without links, so that one book has one lock */
    int lock;   /* the descriptor that holds it; -1 if none */
};

/* Makes the file if it is not there (mode 0600) and takes its lock. FZ_FAILED with the reason in `why`.
 * Caller-owned: fz_book_file_release. */
FZ_MUST_CHECK enum fz_result fz_book_file_claim(const char *path, struct fz_book_file *out, char *why,
                                                size_t why_size);
/* After every connection to the file is closed. */
void fz_book_file_release(struct fz_book_file *file);

/* Says in a sentence why the book at `path` cannot be opened. `failure`: the engine's words for `code`. */
void fz_book_file_explain(const char *path, int code, const char *failure, char *why, size_t why_size);

#endif
