/* A book is made: empty, or of a world file. Also what POST /reset comes back to. */
#ifndef FZ_SERVER_BIRTH_CREATION_H
#define FZ_SERVER_BIRTH_CREATION_H

#include "server/birth/origin.h"
#include "server/birth/world_file.h"
#include "server/keys/directory.h"

/* What a book is made in; all borrowed. */
struct fz_book_place {
    struct fz_world *world;
    struct fz_store *store;
    const struct fz_secrets *secrets;
};

/* Makes the platform's key, the clock, and all that `file` (NULL: nothing) tells, in one transaction on an empty book, and
 * sets the world's clock: as the file says, else real time, or with a seed 2026-01-05T10:00:00+08:00, frozen. What the file
 * leaves open is filled in. `origin->created_ms` and its name are set. FZ_CONFLICT: another process has made one meanwhile, which is not
 * touched. What happened, why and what to do in `fault`: of the disk, too, without a line. */
FZ_MUST_CHECK enum fz_result fz_book_create(const struct fz_book_place *place, struct fz_world_file *file, struct fz_origin *origin,
                                            struct fz_world_fault *fault);
/* The file that a book was made of; `out` NULL: of none. */
FZ_MUST_CHECK enum fz_result fz_book_file(struct fz_tx *tx, const struct fz_secrets *secrets, const struct fz_origin *origin,
                                          struct fz_world_file **out);

struct fz_book_recreation {
    struct fz_reader *reader;
    struct fz_directory_holder *directory; /* gets the new book's keys */
    bool again; /* the same story of the seed, not the next; FZ_MALFORMED without a seed */
    /* Called on the writer's thread once the new book is there, in the one instant in which nobody reads or
     * writes: has all that is in memory and belongs to a book become the new one's. May not block. `file` NULL: of none. */
    void (*replaced)(void *argument, const struct fz_origin *origin, const struct fz_world_file *file);
    void *argument;
    struct fz_origin origin; /* out: of the new book */
    struct fz_world_file *file; /* out: what it began as, NULL: empty; new: fz_world_file_free */
};

/* Puts the book as it was created, with the platform's key that it has, into the place of this one: in one
 * instant, for everybody. What is drawn is drawn afresh. The scheduler and the courier have to be paused. */
FZ_MUST_CHECK enum fz_result fz_book_recreate(const struct fz_book_place *place,
                                              struct fz_book_recreation *recreation, char *why,
                                              size_t why_size);

#endif
