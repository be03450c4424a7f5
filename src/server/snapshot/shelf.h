/* The snapshots of a data directory: a book each, a file by itself, which is there whole or not at all. */
#ifndef FZ_SERVER_SNAPSHOT_SHELF_H
#define FZ_SERVER_SNAPSHOT_SHELF_H

#include <stdint.h>

#include "server/data/snapshot_place.h"
#include "store/copy.h"

#define FZ_SNAPSHOTS_MAX      64
#define FZ_SNAPSHOT_BYTES_MAX (INT64_C(16) << 30) /* of all together */

struct fz_snapshot {
    char name[FZ_SNAPSHOT_NAME_SIZE];
    int64_t created_ms; /* wire time */
    int64_t bytes;
};

/* By their names; returns how many. */
size_t fz_snapshots_list(const char *data, struct fz_snapshot out[FZ_SNAPSHOTS_MAX]);

/* Copies `book` as it is now, with what `change` does in the copy, to the snapshot `name`, which is one. FZ_CONFLICT: there is one of
 * that name; FZ_FULL: there are too many, too large ones, or the disk is full; else as fz_store_copy. `why` says it. */
FZ_MUST_CHECK enum fz_result fz_snapshot_take(const char *data, const char *name, const char *book,
                                              const struct fz_copy_change *change, char *why, size_t why_size);
/* Where its book lies, of this program's schema: one of an older program is migrated first. FZ_ABSENT: there is none. */
FZ_MUST_CHECK enum fz_result fz_snapshot_find(const char *data, const char *name, char out[FZ_PATH_SIZE], char *why,
                                              size_t why_size);
/* FZ_ABSENT: there is none; FZ_FAILED: errno tells. */
FZ_MUST_CHECK enum fz_result fz_snapshot_remove(const char *data, const char *name);
/* Removes what a killed server left unfinished. */
void fz_snapshots_sweep(const char *data);

#endif
