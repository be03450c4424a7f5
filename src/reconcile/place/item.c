/* Packs items. */
#include "reconcile/place/item.h"

#include <string.h>

const char *fz_item_text(const struct fz_item *item, enum fz_item_text which)
{
    const char *at = item->texts;
    for (unsigned i = 0; i < which; i++)
        at += item->sizes[i] + 1;
    return at;
}

uint32_t fz_draft_size(const struct fz_draft *draft)
{
    size_t size = sizeof draft->item + FZ_ITEM_TEXTS;
    for (size_t i = 0; i < FZ_ITEM_TEXTS; i++)
        size += draft->texts[i].size;
    return (uint32_t)((size + 7) & ~(size_t)7);
}

void fz_draft_pack(const struct fz_draft *draft, void *out)
{
    struct fz_item *item = out;
    *item = draft->item;
    item->size = fz_draft_size(draft);
    char *at = item->texts;
    for (size_t i = 0; i < FZ_ITEM_TEXTS; i++) {
        item->sizes[i] = (uint8_t)draft->texts[i].size;
        if (draft->texts[i].size > 0)
            memcpy(at, draft->texts[i].text, draft->texts[i].size);
        at += draft->texts[i].size;
        *at++ = '\0';
    }
}

uint64_t fz_number_hash(enum fz_family family, const char *text, size_t size)
{
    const uint64_t odd = UINT64_C(0x9E3779B97F4A7C15);
    uint64_t hash = (uint64_t)family * odd + size;
    for (; size >= 8; text += 8, size -= 8) {
        uint64_t word;
        memcpy(&word, text, 8);
        hash = (hash ^ word) * odd;
        hash ^= hash >> 29;
    }
    uint64_t rest = 0;
    memcpy(&rest, text, size);
    hash = (hash ^ rest) * odd;
    hash ^= hash >> 32;
    return hash * odd ^ hash >> 17;
}
