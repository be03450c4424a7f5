/* A world told into an empty book, by the book's ordinary operations.
 *
 * It goes in one transaction, whose time the story moves itself: so it is there whole or not at all, also when POST /reset
 * tells it anew under the eyes of clients. What falls due on the way happens at its own time. */
#ifndef FZ_SERVER_BIRTH_TELL_H
#define FZ_SERVER_BIRTH_TELL_H

#include "server/birth/world_file.h"

/* Where the clock stands at the end: as the file says, or `otherwise_ms`. */
FZ_MUST_CHECK enum fz_result fz_world_end(const struct fz_world_file *file, int64_t otherwise_ms, int64_t *out,
                                          struct fz_world_fault *fault);
/* Whether it stands still from then on. */
bool fz_world_is_frozen(const struct fz_world_file *file, bool otherwise);

/* Tells it until tx->now_ms, which is the end; the platform's first key is there already. FZ_MALFORMED: what is told cannot
 * be, `fault` says what and where; anything else is the store's. */
FZ_MUST_CHECK enum fz_result fz_world_tell(struct fz_tx *tx, const struct fz_secrets *secrets, const struct fz_world_file *file,
                                           struct fz_world_fault *fault);

#endif
