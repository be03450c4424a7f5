/* Which column of one's own records is what. */
#ifndef FZ_RECONCILE_RECORDS_MAP_H
#define FZ_RECONCILE_RECORDS_MAP_H

#include <stdbool.h>

#include "base/text.h"
#include "reconcile/place/trouble.h"
#include "reconcile/read/cells.h"

#define FZ_MAP_STATUSES_MAX 64

struct fz_map {
    char *columns[FZ_ROLES]; /* the name of the column that has it; NULL: it is looked for by its usual names */
    bool is_given;           /* only what is named is looked at */
    bool decimal;            /* amounts are decimals, not whole numbers of the smallest unit */
    int offset_minutes;      /* of times that are written without an offset: Beijing's unless it is said */
    struct {
        char *word, *status; /* "done" is SUCCESS */
    } statuses[FZ_MAP_STATUSES_MAX];
    size_t status_count;
};

void fz_map_begin(struct fz_map *map);
/* From an INI or JSON file. */
FZ_MUST_CHECK enum fz_result fz_map_read(struct fz_map *map, const char *path, struct fz_trouble *trouble);
void fz_map_done(struct fz_map *map);

/* The role of a column of that name: FZ_ROLE_NONE if it is nothing to us. A name with a dot is a JSON member in another one.
 */
enum fz_cell_role fz_map_role(const struct fz_map *map, struct fz_item_part name);
/* For a whole header line: no role twice, the more usual name wins. */
void fz_map_plan(const struct fz_map *map, const struct fz_item_part *names, size_t count, struct fz_cell_plan *plan);
/* What a role is called in maps, and in records without one: "out_refund_no". */
const char *fz_cell_role_name(enum fz_cell_role role);
/* The mapping as a file that fz_map_read takes: of these columns. */
void fz_map_write(const struct fz_map *map, const struct fz_cell_plan *plan, const struct fz_item_part *names,
                  struct fz_text *out);
/* Whether every column that has a role is called as we call it: then there is nothing to tell. */
bool fz_map_is_ours(const struct fz_cell_plan *plan, const struct fz_item_part *names);
/* What the word of a record means: SUCCESS for "done", or as it is. */
struct fz_item_part fz_map_status(const struct fz_map *map, struct fz_item_part word);

#endif
