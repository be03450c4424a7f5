/* A book of a test's own on the server of tests/postgres/with, and a wire to it that can be cut. */
#ifndef FZ_TESTS_SHARED_H
#define FZ_TESTS_SHARED_H

#include <libpq-fe.h>

#include "store/store.h"

struct shared {
    struct fz_world *world;
    struct fz_store *store;
    PGconn *outside; /* somebody else's connection to the same book */
};

/* Makes the database `name` anew and opens the book in it, over the wire. `options` without path and world. */
void shared_open(struct shared *out, const char *name, struct fz_store_options options);
void shared_close(struct shared *shared);
/* A write with all its members, waited for. */
enum fz_result shared_write(struct shared *shared, struct fz_write *write);
/* What somebody else does, who has to succeed with it. */
void shared_say(const struct shared *shared, const char *sql);
/* What somebody else sees: the one number that `sql` asks for. */
int64_t shared_number(const struct shared *shared, const char *sql);

/* From now on the wire takes nothing more to the store (and, with `both`, nothing to the server), and breaks a moment later. What is connected
 * afterwards has a whole wire. */
void shared_cut(bool both);

#endif
