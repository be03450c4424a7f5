/* A record's life, in a block that many share. */
#include "server/log/record.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE (256 * 1024)

/* The log drops the oldest first, so the records of a block go at nearly the same time. */
struct fz_record_block {
    atomic_uint references; /* its records, and who fills it */
    size_t size, used;
    alignas(max_align_t) unsigned char data[];
};

static struct fz_record_block *block_new(size_t size)
{
    struct fz_record_block *block = malloc(sizeof *block + size);
    if (block == NULL)
        return NULL;
    atomic_init(&block->references, 1);
    block->size = size;
    block->used = 0;
    return block;
}

void fz_record_block_unref(struct fz_record_block *block)
{
    if (block != NULL && atomic_fetch_sub_explicit(&block->references, 1, memory_order_acq_rel) == 1)
        free(block);
}

/* Room in the block that is being filled, or in a new one that takes its place. */
static struct fz_request_record *take_room(struct fz_record_block **filling, size_t size)
{
    const size_t align = alignof(max_align_t);
    size_t rounded = (size + align - 1) / align * align;
    if (*filling == NULL || (*filling)->size - (*filling)->used < rounded) {
        struct fz_record_block *block = block_new(rounded > BLOCK_SIZE ? rounded : BLOCK_SIZE);
        if (block == NULL)
            return NULL;
        fz_record_block_unref(*filling);
        *filling = block;
    }
    struct fz_request_record *record = (void *)((*filling)->data + (*filling)->used);
    (*filling)->used += rounded;
    atomic_fetch_add_explicit(&(*filling)->references, 1, memory_order_relaxed);
    return record;
}

struct fz_request_record *fz_request_record_new(struct fz_record_block **filling, const struct fz_request_record *draft,
                                                const char *text, size_t size)
{
    struct fz_request_record *record = take_room(filling, sizeof *record + size);
    if (record == NULL)
        return NULL;
    memcpy(record, draft, sizeof *record);
    if (size > 0)
        memcpy(record->text, text, size);
    record->size = sizeof *record + size;
    record->block = *filling;
    atomic_init(&record->references, 1);
    return record;
}

struct fz_request_record *fz_request_record_ref(struct fz_request_record *record)
{
    atomic_fetch_add_explicit(&record->references, 1, memory_order_relaxed);
    return record;
}

void fz_request_record_unref(struct fz_request_record *record)
{
    if (record != NULL && atomic_fetch_sub_explicit(&record->references, 1, memory_order_acq_rel) == 1)
        fz_record_block_unref(record->block);
}
