/* A book copied while it is in use, or at rest: for snapshots, forks and backups. */
#ifndef FZ_STORE_COPY_H
#define FZ_STORE_COPY_H

#include "store/store.h"

/* Copies the book at `from` to `to`, as it is at one instant between call and return: every write that was answered before the
 * call is in the copy, and of each later one all or nothing. This process, another or nobody may have the book open: it goes
 * on meanwhile, and nothing of it is changed. The file system's blocks are shared where it can.
 *
 * The copy is one file (0600), which needs nothing beside it. It is on the disk when this returns, but for its name. It is not
 * migrated. `number` (may be NULL) gets the number of its last commit.
 *
 * FZ_ABSENT: there is no book at `from`. FZ_CONFLICT: something is at `to`. FZ_FULL: the disk has no room. FZ_FAILED: it is no
 * book, is not whole, comes from a newer version, or cannot be read or written. Then nothing new is at `to`, and `why` gets what
 * happened, why and what to do. */
FZ_MUST_CHECK enum fz_result fz_store_copy(const char *from, const char *to, int64_t *number, char *why, size_t why_size);

/* What is done in a copy before it is anybody's. */
struct fz_copy_change {
    struct fz_world *world; /* as of struct fz_store_options */
    fz_work work;
    void *argument;
};
/* The same; the copy is migrated, and has what `change` does in it. Everything or nothing. */
FZ_MUST_CHECK enum fz_result fz_store_fork(const char *from, const char *to, const struct fz_copy_change *change, char *why,
                                           size_t why_size);

/* Whether the book in the file `path` alone has this program's schema. */
bool fz_store_is_current(const char *path);

/* Removes a copy that nobody has open, with what lies beside it; also one that is not there, or not all of it. */
void fz_store_remove(const char *path);

#endif
