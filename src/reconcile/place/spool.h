/* Items put aside by their number's hash: equal numbers lie at the same place, and one place at a time fits into memory.
 * What is too much for memory goes into files without a name below $TMPDIR. */
#ifndef FZ_RECONCILE_PLACE_SPOOL_H
#define FZ_RECONCILE_PLACE_SPOOL_H

#include <pthread.h>

#include "reconcile/place/item.h"
#include "reconcile/place/trouble.h"

#define FZ_PLACES_MAX 512

struct fz_kept; /* what a pen had left */

struct fz_spool_place {
    int file;      /* -1: none was needed */
    uint64_t size; /* of what is in the file */
    struct fz_kept *kept;
};

struct fz_spool {
    struct fz_trouble *trouble;
    unsigned bits; /* 2^bits places */
    size_t room;   /* bytes that a pen keeps of each place before it writes them */
    pthread_mutex_t lock;
    struct fz_spool_place places[FZ_PLACES_MAX];
};

/* Made for about so many bytes of items. */
void fz_spool_begin(struct fz_spool *spool, struct fz_trouble *trouble, uint64_t expected);
/* One place alone, in memory whatever it takes: what pens have there is read in their rooms. */
void fz_spool_begin_alone(struct fz_spool *spool, struct fz_trouble *trouble);
void fz_spool_done(struct fz_spool *spool);
size_t fz_spool_places(const struct fz_spool *spool);

/* What one thread writes with. */
struct fz_pen {
    struct fz_spool *spool;
    uint64_t count; /* of items so far */
    struct fz_pen_room {
        char *data;
        size_t size, capacity;
    } rooms[FZ_PLACES_MAX];
};

/* NULL after trouble. */
struct fz_pen *fz_pen_new(struct fz_spool *spool);
/* By its `hash`. */
FZ_MUST_CHECK enum fz_result fz_pen_put(struct fz_pen *pen, const struct fz_draft *draft);
/* The same of one that is packed already, under another hash. */
FZ_MUST_CHECK enum fz_result fz_pen_copy(struct fz_pen *pen, const struct fz_item *item, uint64_t hash, uint8_t has);
/* Hands over what it has left, and frees it; NULL is allowed. */
void fz_pen_done(struct fz_pen *pen);

/* Once all pens are done: all items of a place, one behind the other, to be freed. */
FZ_MUST_CHECK enum fz_result fz_spool_load(const struct fz_spool *spool, size_t place, char **data, size_t *size);

#endif
