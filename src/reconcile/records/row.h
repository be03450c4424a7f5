/* A row of one's own records as an item. */
#ifndef FZ_RECONCILE_RECORDS_ROW_H
#define FZ_RECONCILE_RECORDS_ROW_H

#include "reconcile/read/bill.h"
#include "reconcile/records/map.h"

/* What the readers of records share. */
struct fz_record_reading {
    struct fz_reading *reading;
    const struct fz_map *map;
    int (*day_of)(int64_t time_ms); /* NULL: the date as it is written */
    atomic_uint families;           /* a bit for each family that had a row */
    atomic_uint_fast64_t rows;
};

/* `cells` by their roles; the row is line `line` (from 0) of the piece. */
FZ_MUST_CHECK enum fz_result fz_record_put(struct fz_record_reading *records, uint32_t piece, uint32_t line,
                                           const struct fz_item_part cells[FZ_ROLES], struct fz_pen *pen);

#endif
