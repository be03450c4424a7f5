/* What is wrong with a world file, and where. */
#ifndef FZ_WORLD_FAULT_H
#define FZ_WORLD_FAULT_H

#include <stddef.h>

#include "base/result.h"

/* Zeroed: none. Lines and columns are counted from 1; line 0: of the file as a whole. */
struct fz_world_fault {
    unsigned line, column;
    char why[700]; /* what, why, what to do; one or more sentences */
};

/* The first fault stands: another one changes nothing. Gives FZ_MALFORMED, so that `return fz_world_fault(...)` reads well. */
enum fz_result fz_world_fault(struct fz_world_fault *fault, unsigned line, unsigned column, const char *format, ...)
    FZ_PRINTF(4, 5);

#define FZ_WORLD_WHY_SIZE 5000 /* a path, a place and what is wrong there */
/* The fault as a sentence: behind FILE:LINE:COLUMN where it has a place and `path` is not NULL. */
void fz_world_fault_write(const struct fz_world_fault *fault, const char *path, char *out, size_t size);

#endif
