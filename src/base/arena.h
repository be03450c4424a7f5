/* An arena: memory of one request, freed at once when it is answered. Capped, so no request can make it
 * grow without bound. */
#ifndef FZ_BASE_ARENA_H
#define FZ_BASE_ARENA_H

#include <stddef.h>

struct fz_arena_block;
struct fz_arena {
    struct fz_arena_block *blocks;
    size_t used; /* bytes given out so far */
    size_t max;  /* set by the owner before the first use */
};

/* Zeroed memory, aligned for anything; borrowed until fz_arena_done. NULL at the cap or when memory is
 * short. */
void *fz_arena_take(struct fz_arena *arena, size_t size);
/* A terminated copy of `size` bytes. */
char *fz_arena_copy(struct fz_arena *arena, const char *text, size_t size);
void fz_arena_done(struct fz_arena *arena);
/* The same where secrets lay in it. */
void fz_arena_wipe(struct fz_arena *arena);

#endif
