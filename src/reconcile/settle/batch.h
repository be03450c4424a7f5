/* Settlement details against what the bills of their days come to. */
#ifndef FZ_RECONCILE_SETTLE_BATCH_H
#define FZ_RECONCILE_SETTLE_BATCH_H

#include "reconcile/settle/sums.h"

/* The details in a file: an array of batches, or an answer that has them in `data`. Before the path may stand whose share
 * they are of: 1900000109=settlements.json. Batches with days outside `days` are counted and passed over. */
FZ_MUST_CHECK enum fz_result fz_batches_compare(const struct fz_settle_sums *sums, const struct fz_days *days,
                                                const char *name, struct fz_findings *findings, uint64_t *compared,
                                                uint64_t *passed_over);

#endif
