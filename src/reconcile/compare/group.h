/* Items of one place, gathered by their number. */
#ifndef FZ_RECONCILE_COMPARE_GROUP_H
#define FZ_RECONCILE_COMPARE_GROUP_H

#include "reconcile/compare/compare.h"

/* What there is of one refund, slice or payment, each side in the order of files and lines. */
struct fz_group {
    const struct fz_item **lines; /* of the refund or distribution bill */
    const struct fz_item **trades;
    const struct fz_item **records;
    size_t line_count, trade_count, record_count;
};

typedef enum fz_result fz_on_group(struct fz_comparing *comparing, struct fz_group *group);

/* Gives each group of the items in `data`. By which text they are placed `key` says of an item. */
FZ_MUST_CHECK enum fz_result fz_groups(struct fz_comparing *comparing, const char *data, size_t size, fz_on_group *on_group);
/* The same by the order's number. */
FZ_MUST_CHECK enum fz_result fz_groups_by_order(struct fz_comparing *comparing, const char *data, size_t size,
                                                fz_on_group *on_group);

#endif
