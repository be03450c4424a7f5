/* Files without a name below $TMPDIR: gone when they are closed, however the program ends. */
#ifndef FZ_RECONCILE_PLACE_TEMPORARY_H
#define FZ_RECONCILE_PLACE_TEMPORARY_H

#include <stddef.h>

#include "reconcile/place/trouble.h"

/* A descriptor that appends; -1 after trouble. */
int fz_temporary_open(struct fz_trouble *trouble);
/* All of it, behind what is there. */
FZ_MUST_CHECK enum fz_result fz_temporary_append(int file, const void *data, size_t size, struct fz_trouble *trouble);

#endif
