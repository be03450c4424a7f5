/* The origin: the book's own row about how it was made, which a restart and POST /reset go by. */
#ifndef FZ_SERVER_ORIGIN_H
#define FZ_SERVER_ORIGIN_H

#include "store/store.h"

struct fz_origin {
    bool seeded;
    uint64_t seed;
    bool demo;          /* the demo book's story was told to its end */
    int64_t created_ms; /* book time */
};

/* FZ_ABSENT: the book was never made, or its making was cut short. */
FZ_MUST_CHECK enum fz_result fz_origin_load(struct fz_tx *tx, struct fz_origin *out);
FZ_MUST_CHECK enum fz_result fz_origin_store(struct fz_tx *tx, const struct fz_origin *origin);

#endif
