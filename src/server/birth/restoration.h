/* A snapshot's book comes in the place of the present one: POST /snapshots/NAME/restore. */
#ifndef FZ_SERVER_BIRTH_RESTORATION_H
#define FZ_SERVER_BIRTH_RESTORATION_H

#include "server/birth/creation.h"

struct fz_book_restoration {
    struct fz_reader *reader;
    struct fz_directory_holder *directory; /* gets the keys of the snapshot */
    const char *from;                      /* its book, a file by itself, of this program's schema */
    bool again; /* from here on the same numbers are drawn as were drawn behind the snapshot; else others than ever before */
    /* As of struct fz_book_recreation. `asked`: what stands beside the book in the snapshot (snapshot/asked.h). */
    void (*replaced)(void *argument, const struct fz_origin *origin, const char *asked);
    void *argument;
    struct fz_origin origin;    /* out: of the book as it goes on */
    struct fz_world_file *file; /* out: what it once began as, NULL: empty; new: fz_world_file_free */
};

/* In one instant, for everybody. Book time goes on from where it was in the snapshot. The scheduler and the courier have to
 * be paused. */
FZ_MUST_CHECK enum fz_result fz_book_restore(const struct fz_book_place *place, struct fz_book_restoration *restoration,
                                             char *why, size_t why_size);

/* In a snapshot's copy while it is made: `asked`, and the clock as it stands in `world`. */
struct fz_snapshot_marks {
    struct fz_world *world;
    const char *asked;
};
FZ_MUST_CHECK enum fz_result fz_snapshot_mark(struct fz_tx *tx, void *marks);
/* In a book that goes on from a snapshot: has its clock go on from now, and takes out what was asked. */
FZ_MUST_CHECK enum fz_result fz_snapshot_unmark(struct fz_tx *tx, struct fz_clock_state *clock, struct fz_text *asked);

#endif
