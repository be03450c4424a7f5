/* The receivers' rail: by it, and by nothing else, their side ends a distribution. In a sandbox, an event
 * opens it. */
#ifndef FZ_BOOK_DISTRIBUTION_RAIL_H
#define FZ_BOOK_DISTRIBUTION_RAIL_H

#include "store/store.h"

/* The receivers' side has worked a distribution off, slice by slice. FZ_ABSENT: there is none;
 * FZ_CONFLICT: it is finished. */
FZ_MUST_CHECK enum fz_result fz_rail_distributed(struct fz_tx *tx, int64_t distribution);

#endif
