/* Settlement: on T+1 the pools of day T are converted, each movement at its order's rate. */
#ifndef FZ_BOOK_SETTLEMENT_H
#define FZ_BOOK_SETTLEMENT_H

#include "store/store.h"

/* Converts up to 1 000 movements of `day` with a posting number above `position`; `next` gets where to go on, or -1 when the day is done. */
FZ_MUST_CHECK enum fz_result fz_settlement_convert(struct fz_tx *tx, int day, int64_t position, int64_t *next);

#endif
