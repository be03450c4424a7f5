/* Lines taken apart at their commas, only as far as they are wanted. */
#ifndef FZ_RECONCILE_READ_CELLS_H
#define FZ_RECONCILE_READ_CELLS_H

#include "reconcile/place/item.h"
#include "reconcile/read/roles.h"

#define FZ_CELLS_MAX 128

/* Which role each cell of a line has. */
struct fz_cell_plan {
    uint8_t roles[FZ_CELLS_MAX];
    size_t count; /* of cells in the header line */
};

/* The cells that have a role, in `out` by their role; the others of it are untouched. A line with accents ends a value only
 * at a comma with an accent behind it; of one without, values may stand in double quotes, of which two within are made one
 * in place. Gives how many cells there are. */
size_t fz_cells_find(const struct fz_cell_plan *plan, char *line, size_t size, struct fz_item_part out[FZ_ROLES]);
/* All cells, in their order; gives how many: at most `max`. */
size_t fz_cells_all(char *line, size_t size, struct fz_item_part *out, size_t max);

#endif
