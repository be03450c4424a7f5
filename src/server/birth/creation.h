/* A book is made: empty, or with the demo story. Also what POST /reset comes back to. */
#ifndef FZ_SERVER_BIRTH_CREATION_H
#define FZ_SERVER_BIRTH_CREATION_H

#include "server/birth/origin.h"
#include "server/server.h"

/* Makes the platform's key, the clock, and with `origin->demo` the demo book, in one transaction on an empty
 * book, and sets the world's clock: real time, or with a seed 2026-01-05T10:00:00+08:00, frozen.
 * `origin->created_ms` and its name are set. What happened, why and what to do in `why`. */
FZ_MUST_CHECK enum fz_result fz_book_create(struct fz_server *server, struct fz_origin *origin, char *why,
                                            size_t why_size);

/* Puts the book as it was created, with the platform's key that it has, into the place of this one: in one
 * instant, for everybody. What is drawn is drawn afresh: by the next story of the seed, or `again` by the same one
 * (FZ_MALFORMED without a seed). The scheduler and the courier have to be paused. */
FZ_MUST_CHECK enum fz_result fz_book_recreate(struct fz_server *server, struct fz_reader *reader, bool again,
                                              char *why, size_t why_size);

#endif
