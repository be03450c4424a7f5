/* The origin: the book's own row about how it was made, which a restart and POST /reset go by. */
#ifndef FZ_SERVER_BIRTH_ORIGIN_H
#define FZ_SERVER_BIRTH_ORIGIN_H

#include "server/keys/secrets.h"
#include "store/store.h"

#define FZ_BOOK_NAME_SIZE 23

struct fz_origin {
    bool seeded;
    uint64_t seed;
    bool demo;          /* the demo book's story was told to its end */
    int64_t created_ms; /* book time */
    int64_t story;      /* with a seed: which of its stories this book tells, from 0 */
    int64_t last_story; /* the latest that was begun in this place: a snapshot may be of an earlier one */
    char drawn_by[FZ_BOOK_NAME_SIZE]; /* without a seed: the name that values are drawn by; "": its own */
    char secret_check[FZ_SECRET_CHECK_SIZE]; /* of the secret that it was made with; "" of a book made before this was kept */
    char name[FZ_BOOK_NAME_SIZE]; /* drawn anew for each book; "" of one made before books had names */
};

/* FZ_ABSENT: the book was never made, or its making was cut short. */
FZ_MUST_CHECK enum fz_result fz_origin_load(struct fz_tx *tx, struct fz_origin *out);
/* Of a book that is being made, before anything else of it: whoever makes one at the same time waits until this transaction has ended, and
 * then gets FZ_CONFLICT, as there is a book. */
FZ_MUST_CHECK enum fz_result fz_origin_claim(struct fz_tx *tx, const struct fz_origin *origin);
/* In the place of the one that is there, if any. */
FZ_MUST_CHECK enum fz_result fz_origin_store(struct fz_tx *tx, const struct fz_origin *origin);

/* For a book that comes in the place of another: the next story of the seed, or with `again` the same. */
void fz_origin_go_on(struct fz_origin *origin, bool again);

/* Has the world draw as this book does: by seed and story, without a seed by secret and a name. */
void fz_origin_draw(const struct fz_origin *origin, const struct fz_secrets *secrets, struct fz_world *world);

#endif
