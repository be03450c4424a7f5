/* Slices and payments, which stand on one bill once. */
#ifndef FZ_RECONCILE_COMPARE_PLAIN_H
#define FZ_RECONCILE_COMPARE_PLAIN_H

#include "reconcile/compare/difference.h"

/* fz_on_group */
FZ_MUST_CHECK enum fz_result fz_plain_compare(struct fz_comparing *comparing, struct fz_group *group);

#endif
