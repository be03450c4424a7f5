/* Which lines of a piece belong to a window: those whose number lies in a range. */
#ifndef FZ_RECONCILE_READ_RANGE_H
#define FZ_RECONCILE_READ_RANGE_H

#include <stdbool.h>

#include "reconcile/read/cells.h"

struct fz_range {
    enum fz_cell_role role;       /* by which column the inputs are sorted */
    struct fz_item_part from, to; /* `to` not included; its text NULL: to the end */
    struct fz_item_part least,
        most;      /* what the piece has if the input is sorted; `most` included, its text NULL: anything */
    bool may_lack; /* lines without a number belong to nobody: a statement's payments */
};

enum fz_range_look { FZ_RANGE_IN, FZ_RANGE_OUT, FZ_RANGE_BROKEN };

/* < 0, 0, > 0, byte by byte. */
int fz_key_order(struct fz_item_part a, struct fz_item_part b);
enum fz_range_look fz_range_look(const struct fz_range *range, const struct fz_item_part cells[FZ_ROLES]);

#endif
