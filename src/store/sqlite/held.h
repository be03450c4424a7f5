/* The books that this process has open. */
#ifndef FZ_STORE_SQLITE_HELD_H
#define FZ_STORE_SQLITE_HELD_H

#include <stdbool.h>

#include "store/sqlite/book_file.h"

/* POSIX locks fall as soon as a process closes any descriptor of the file, and SQLite's are such. So who wants to read the file
 * of a book beside SQLite reads it by the descriptor that its store keeps from before the first lock to behind the last. */

/* From here on the book is found here. Its file is opened for it. False: errno tells. */
bool fz_held_add(struct fz_book_file *file);
/* After every connection to it is closed. Also of one that was never added. */
void fz_held_remove(struct fz_book_file *file);

/* A descriptor of the file at `path`: a store's own, or a new one. Until it is given back no book is opened or closed in this
 * process. -1: errno tells; nothing is to be given back then. */
int fz_held_borrow(const char *path, bool *own);
void fz_held_give_back(int file, bool own);

#endif
