/* The book's own row about its clock: where book time stands across restarts. */
#ifndef FZ_BOOK_CLOCK_H
#define FZ_BOOK_CLOCK_H

#include "store/store.h"

/* FZ_ABSENT in a new book. `floor_ms` gets the time of the last entry: book time never falls behind it. */
FZ_MUST_CHECK enum fz_result fz_clock_load(struct fz_tx *tx, struct fz_clock_state *out, int64_t *floor_ms);
FZ_MUST_CHECK enum fz_result fz_clock_store(struct fz_tx *tx, const struct fz_clock_state *state);

#endif
