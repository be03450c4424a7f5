/* States: which may follow which. Each noun has its table; what a table does not declare is a fault of the
 * program. */
#ifndef FZ_BOOK_STATE_H
#define FZ_BOOK_STATE_H

#include <stddef.h>

#include "base/result.h"

struct fz_transition {
    unsigned from, to;
};
struct fz_states {
    size_t count;
    struct fz_transition allowed[8];
};

/* FZ_OK if `states` allows to go from `from` to `to`, else FZ_FAILED. */
FZ_MUST_CHECK enum fz_result fz_state_check(const struct fz_states *states, unsigned from, unsigned to);

#endif
