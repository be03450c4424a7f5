/* A book is made: empty, or with the demo story. Also what POST /reset comes back to. */
#ifndef FZ_SERVER_CREATION_H
#define FZ_SERVER_CREATION_H

#include "server/origin.h"
#include "server/server.h"

/* Makes the platform's key, the clock, and with `origin->demo` the demo book, in one transaction on an empty
 * book, and sets the world's clock: real time, or with a seed 2026-01-05T10:00:00+08:00, frozen.
 * `platform_pem` is the platform's key (NULL: the demo's, or a new one). `origin->created_ms` is set. What
 * happened, why and what to do in `why`. */
FZ_MUST_CHECK enum fz_result fz_book_create(struct fz_server *server, struct fz_origin *origin,
                                            const char *platform_pem, char *why, size_t why_size);

/* Takes everything out of the book and makes it again as `origin` says, with the platform's key that it has.
 * The scheduler has to be paused. */
FZ_MUST_CHECK enum fz_result fz_book_recreate(struct fz_server *server, struct fz_reader *reader, char *why,
                                              size_t why_size);

#endif
