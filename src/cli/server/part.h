/* Where a book is made that is to be at its place whole or not at all: a directory beside that place, for its owner alone. */
#ifndef FZ_CLI_SERVER_PART_H
#define FZ_CLI_SERVER_PART_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/private_file.h"

struct fz_part {
    char directory[FZ_PATH_SIZE]; /* TARGET.part */
    char book[FZ_PATH_SIZE];      /* in it */
    char second[FZ_PATH_SIZE];    /* a second copy, to be migrated and thrown away */
    char secret[FZ_PATH_SIZE];
    int lock;
    atomic_bool ends; /* by a signal */
    /* What is done at present, for a line on a terminal: NULL, or a text that lasts; and what the book will have at its end. */
    _Atomic(const char *) stage;
    _Atomic int64_t size;
};

/* Makes it; what a killed process left there is taken away before. From here on a signal that ends the process takes it away,
 * too. Once in a process. FZ_FAILED: `why`. */
FZ_MUST_CHECK enum fz_result fz_part_make(struct fz_part *part, const char *target, char *why, size_t why_size);
/* Does not return if a signal has come: what fails now does so because everything is taken away, and how the process ends is the signal's. */
void fz_part_give_way(struct fz_part *part);
/* Takes away what is left of it. Gives way, too. */
void fz_part_remove(struct fz_part *part);

#endif
