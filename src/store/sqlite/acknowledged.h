/* How far the book was acknowledged: a number in a file beside it. */
#ifndef FZ_STORE_SQLITE_ACKNOWLEDGED_H
#define FZ_STORE_SQLITE_ACKNOWLEDGED_H

#include <stdint.h>

#include "base/result.h"

struct fz_acknowledged {
    int file;       /* -1: none */
    int64_t number; /* of the last commit whose writes were answered; 0: none was */
};

/* Reads the count of the book at `path` without making anything. FZ_ABSENT: there is none. FZ_MALFORMED: it is
 * damaged. FZ_FAILED: errno tells. */
FZ_MUST_CHECK enum fz_result fz_acknowledged_read(const char *path, int64_t *out);
/* Opens the count of the book at `path`; one that is not there is made, and on the disk, with 0. Results as above,
 * but not FZ_ABSENT. Caller-owned: fz_acknowledged_close. */
FZ_MUST_CHECK enum fz_result fz_acknowledged_open(const char *path, struct fz_acknowledged *out);
void fz_acknowledged_close(struct fz_acknowledged *count); /* also when none is open */

/* Commit `number` is on the disk and will be answered. One small write that is not synced. */
void fz_acknowledged_note(struct fz_acknowledged *count, int64_t number);
/* Brings what was noted so far to the disk. From any thread. */
void fz_acknowledged_sync(const struct fz_acknowledged *count);

#endif
