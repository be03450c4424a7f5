/* Records in CSV. */
#ifndef FZ_RECONCILE_RECORDS_CSV_H
#define FZ_RECONCILE_RECORDS_CSV_H

#include "reconcile/records/row.h"

/* Which column was taken for what, for a person. */
struct fz_mapping {
    struct fz_text text; /* as a map's file, of the first file */
    bool is_ours;        /* the names of all files are those that we would give */
};

/* Of an open file: finds its columns, and cuts it into pieces. `said` gets the mapping. */
FZ_MUST_CHECK enum fz_result fz_csv_input(struct fz_inputs *inputs, const char *path, int file, const struct fz_map *map,
                                          struct fz_mapping *said, struct fz_trouble *trouble);
/* As fz_bill_piece does. */
FZ_MUST_CHECK enum fz_result fz_csv_piece(struct fz_record_reading *records, size_t piece, const struct fz_range *range,
                                          struct fz_block *block, struct fz_pen *pen);

#endif
