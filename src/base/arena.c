/* An arena of blocks. The first is of a size that malloc keeps at hand for the thread, and enough for most requests and answers; the
 * others have at least 4 KiB. */
#include "base/arena.h"

#include <stdalign.h>
#include <string.h>

#include "base/memory.h"

#define FIRST_ROOM 960
#define ROOM       4096

struct fz_arena_block {
    struct fz_arena_block *next;
    size_t size, used;
    alignas(max_align_t) unsigned char data[];
};

static struct fz_arena_block *add_block(struct fz_arena *arena, size_t size)
{
    size_t least = arena->blocks == NULL ? FIRST_ROOM : ROOM, room = size < least ? least : size;
    struct fz_arena_block *block = fz_allocate(sizeof *block + room);
    if (block == NULL)
        return NULL;
    block->size = room;
    block->used = 0;
    block->next = arena->blocks;
    arena->blocks = block;
    return block;
}

void *fz_arena_take(struct fz_arena *arena, size_t size)
{
    const size_t align = alignof(max_align_t);
    if (size > arena->max || arena->used > arena->max - size)
        return NULL;
    size_t rounded = (size + align - 1) / align * align;
    struct fz_arena_block *block = arena->blocks;
    if (block == NULL || block->size - block->used < rounded)
        block = add_block(arena, rounded);
    if (block == NULL)
        return NULL;
    void *memory = block->data + block->used;
    block->used += rounded;
    arena->used += rounded;
    return memset(memory, 0, size);
}

char *fz_arena_copy(struct fz_arena *arena, const char *text, size_t size)
{
    char *copy = fz_arena_take(arena, size + 1);
    if (copy != NULL && size > 0)
        memcpy(copy, text, size);
    return copy;
}

void fz_arena_done(struct fz_arena *arena)
{
    while (arena->blocks != NULL) {
        struct fz_arena_block *next = arena->blocks->next;
        fz_release(arena->blocks);
        arena->blocks = next;
    }
    arena->used = 0;
}

void fz_arena_wipe(struct fz_arena *arena)
{
    for (struct fz_arena_block *block = arena->blocks; block != NULL; block = block->next)
        explicit_bzero(block->data, block->used);
    fz_arena_done(arena);
}
