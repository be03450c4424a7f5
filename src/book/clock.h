/* The book's own row about its clock: where book time stands across restarts. */
#ifndef FZ_BOOK_CLOCK_H
#define FZ_BOOK_CLOCK_H

#include "store/store.h"

/* FZ_ABSENT in a new book. `floor_ms` gets the time of the latest entry: book time never falls behind it. */
FZ_MUST_CHECK enum fz_result fz_clock_load(struct fz_tx *tx, struct fz_clock_state *out, int64_t *floor_ms);
FZ_MUST_CHECK enum fz_result fz_clock_store(struct fz_tx *tx, const struct fz_clock_state *state);
/* Says that the book is being run: a clock that runs goes on from here, as of now, if it was said longer ago than that. So whatever the machine's
 * clock does, time does not fall behind; and who starts can tell since when nobody ran the book. */
FZ_MUST_CHECK enum fz_result fz_clock_anchor(struct fz_tx *tx, int64_t older_ms);

#endif
