/* Adds up by sub-merchant, currency and day. */
#include "reconcile/compare/totals.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "reconcile/place/item.h"

static size_t slot_of(const struct fz_totals *totals, const struct fz_total *key)
{
    uint64_t hash = fz_number_hash(0, key->sub_mchid, strlen(key->sub_mchid)) ^ fz_number_hash(1, key->currency, 4) ^
                    (uint64_t)(uint32_t)key->day * UINT64_C(0x9E3779B97F4A7C15);
    size_t slot = (size_t)(hash ^ hash >> 32) & (totals->slot_count - 1);
    for (; totals->slots[slot] != 0; slot = (slot + 1) & (totals->slot_count - 1)) {
        const struct fz_total *total = &totals->list[totals->slots[slot] - 1];
        if (total->day == key->day && memcmp(total->currency, key->currency, 4) == 0 &&
            strcmp(total->sub_mchid, key->sub_mchid) == 0)
            break;
    }
    return slot;
}

static bool grow(struct fz_totals *totals)
{
    if (2 * totals->count < totals->slot_count)
        return true;
    size_t slot_count = totals->slot_count == 0 ? 256 : totals->slot_count * 2;
    uint32_t *slots = calloc(slot_count, sizeof *slots);
    struct fz_total *list = reallocarray(totals->list, slot_count / 2 + 1, sizeof *list);
    if (list != NULL)
        totals->list = list;
    if (slots == NULL || list == NULL) {
        free(slots);
        return false;
    }
    free(totals->slots);
    totals->slots = slots;
    totals->slot_count = slot_count;
    for (uint32_t i = 0; i < totals->count; i++)
        slots[slot_of(totals, &list[i])] = i + 1;
    return true;
}

struct fz_total *fz_totals_of(struct fz_totals *totals, const char *sub_mchid, const char *currency, int day)
{
    struct fz_total key = {.day = day};
    if (!grow(totals))
        return NULL;
    fz_copy(key.sub_mchid, sizeof key.sub_mchid, sub_mchid);
    memcpy(key.currency, currency, 4);
    size_t slot = slot_of(totals, &key);
    if (totals->slots[slot] == 0) {
        totals->list[totals->count++] = key;
        totals->slots[slot] = (uint32_t)totals->count;
    }
    return &totals->list[totals->slots[slot] - 1];
}

enum fz_result fz_totals_add_all(struct fz_totals *to, const struct fz_totals *from)
{
    for (size_t i = 0; i < from->count; i++) {
        const struct fz_total *more = &from->list[i];
        struct fz_total *total = fz_totals_of(to, more->sub_mchid, more->currency, more->day);
        if (total == NULL)
            return FZ_FAILED;
        total->here += more->here;
        total->there += more->there;
        total->here_count += more->here_count;
        total->there_count += more->there_count;
        total->unequal += more->unequal;
    }
    return FZ_OK;
}

static int by_day(const void *left, const void *right)
{
    const struct fz_total *a = left, *b = right;
    int order = strcmp(a->sub_mchid, b->sub_mchid);
    order = order != 0 ? order : strcmp(a->currency, b->currency);
    return order != 0 ? order : (a->day > b->day) - (a->day < b->day);
}

void fz_totals_sort(struct fz_totals *totals)
{
    if (totals->count > 1)
        qsort(totals->list, totals->count, sizeof *totals->list, by_day);
}

void fz_totals_done(struct fz_totals *totals)
{
    free(totals->list);
    free(totals->slots);
    *totals = (struct fz_totals){0};
}
