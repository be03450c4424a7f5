/* The data directory: made private, held against a second server. */
#ifndef FZ_SERVER_DATA_DATA_DIRECTORY_H
#define FZ_SERVER_DATA_DATA_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/private_file.h"

/* Makes `data` with its parents (0700), or sees that it is one that others cannot enter. What happened, why
 * and what to do in `why`. */
FZ_MUST_CHECK enum fz_result fz_data_directory_make(const char *data, char *why, size_t why_size);
/* The same, and holds it: `out_lock` is a descriptor, the directory is held until it is closed. */
FZ_MUST_CHECK enum fz_result fz_data_directory_claim(const char *data, int *out_lock, char *why,
                                                     size_t why_size);

/* Whether the name `data` still leads to the directory that `lock` holds. */
bool fz_data_directory_is_there(const char *data, int lock);

/* Where the book lies: `store_url` is NULL (DIR/book.db), "sqlite:PATH", a path, or a database's address. Every other
 * kind of store is refused. */
FZ_MUST_CHECK enum fz_result fz_book_path(const char *data, const char *store_url, char out[FZ_PATH_SIZE],
                                          char *why, size_t why_size);
/* The same for what can be done with a file alone: a database is refused too. */
FZ_MUST_CHECK enum fz_result fz_book_file_path(const char *data, const char *store_url, char out[FZ_PATH_SIZE],
                                               char *why, size_t why_size);

#endif
