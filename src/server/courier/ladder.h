/* The ladder: how long after each failed sending a callback is sent again. */
#ifndef FZ_SERVER_COURIER_LADDER_H
#define FZ_SERVER_COURIER_LADDER_H

#include "book/notification/notification.h"

struct fz_ladder {
    size_t count;
    int64_t step_ms[FZ_LADDER_MAX];
};

/* The vendor's: 15s,15s,30s,3m,10m,20m,30m,30m,30m,60m,3h,3h,3h,6h,6h. */
extern const struct fz_ladder fz_vendor_ladder;

/* Reads "15s,3m,6h" or "none": at most FZ_LADDER_MAX steps of 1 second to 7 days each. FZ_MALFORMED. */
FZ_MUST_CHECK enum fz_result fz_ladder_read(const char *text, struct fz_ladder *out);

/* When it is sent again that was sent at `time_ms` after `failed` failures before; 0: not any more. */
int64_t fz_ladder_next_ms(const struct fz_ladder *ladder, int failed, int64_t time_ms);

#endif
