/* Gathers items: a table by hash finds candidates, and the numbers themselves decide. */
#include "reconcile/compare/group.h"

#include <stdlib.h>
#include <string.h>

/* Items with the same hash and number are a chain. */
struct entry {
    const struct fz_item *item;
    uint32_t next; /* from 1; 0: it is the last */
};

struct table {
    struct entry *entries;
    uint32_t *heads; /* places of entries, from 1 */
    uint32_t *tails; /* of the chain that begins with an entry */
    size_t count, slots;
    bool by_order;
};

/* The number that the item was placed by, which its hash tells. */
static const char *number_of(const struct table *table, const struct fz_item *item)
{
    if (table->by_order)
        return fz_item_text(item, FZ_ITEM_TRANSACTION_ID);
    return fz_item_text(item, item->has & FZ_BY_PLATFORM_NO ? FZ_ITEM_PLATFORM_NO : FZ_ITEM_OWN_NO);
}

static bool is_same(const struct table *table, const struct fz_item *a, const struct fz_item *b)
{
    return a->hash == b->hash && (table->by_order || a->family == b->family) &&
           strcmp(number_of(table, a), number_of(table, b)) == 0;
}

static void put(struct table *table, const struct fz_item *item)
{
    struct entry *entry = &table->entries[table->count++];
    uint32_t number = (uint32_t)table->count;
    *entry = (struct entry){item, 0};
    size_t slot = (size_t)(item->hash * UINT64_C(0x9E3779B97F4A7C15) >> 20) & (table->slots - 1);
    while (table->heads[slot] != 0 && !is_same(table, table->entries[table->heads[slot] - 1].item, item))
        slot = (slot + 1) & (table->slots - 1);
    uint32_t head = table->heads[slot];
    if (head == 0) {
        table->heads[slot] = number;
        table->tails[number - 1] = number;
        return;
    }
    table->entries[table->tails[head - 1] - 1].next = number;
    table->tails[head - 1] = number;
    entry->next = 0;
}

static int by_place(const void *left, const void *right)
{
    const struct fz_item *a = *(const struct fz_item *const *)left, *b = *(const struct fz_item *const *)right;
    int side_a = a->side == FZ_SIDE_SLICE ? FZ_SIDE_REFUND : a->side,
        side_b = b->side == FZ_SIDE_SLICE ? FZ_SIDE_REFUND : b->side;
    if (side_a != side_b)
        return side_a - side_b;
    if (a->piece != b->piece)
        return a->piece < b->piece ? -1 : 1;
    return a->line < b->line ? -1 : a->line > b->line;
}

/* Mostly there are two or three, and often in order. */
static void sort(const struct fz_item **items, size_t count)
{
    if (count > 32) {
        qsort(items, count, sizeof *items, by_place);
        return;
    }
    for (size_t i = 1; i < count; i++)
        for (size_t j = i; j > 0 && by_place(&items[j - 1], &items[j]) > 0; j--) {
            const struct fz_item *item = items[j];
            items[j] = items[j - 1];
            items[j - 1] = item;
        }
}

/* Sorted items, a side behind the other. */
static struct fz_group group_of(const struct fz_item **items, size_t count)
{
    struct fz_group group = {.lines = items};
    while (group.line_count < count && items[group.line_count]->side != FZ_SIDE_TRADE &&
           items[group.line_count]->side != FZ_SIDE_RECORD)
        group.line_count++;
    group.trades = items + group.line_count;
    while (group.line_count + group.trade_count < count && group.trades[group.trade_count]->side == FZ_SIDE_TRADE)
        group.trade_count++;
    group.records = group.trades + group.trade_count;
    group.record_count = count - group.line_count - group.trade_count;
    return group;
}

/* ---- one number that several refunds have: of two sub-merchants, say ---- */

static bool has_other(const char *platform, const struct fz_item *item)
{
    const char *own = fz_item_text(item, FZ_ITEM_PLATFORM_NO);
    return own[0] != '\0' && strcmp(own, platform) != 0;
}

/* Moves to the front what has that platform number, and what has none but is of the same order; gives how many. */
static size_t take_own(const struct fz_item **items, size_t count, const struct fz_item *first)
{
    const char *platform = fz_item_text(first, FZ_ITEM_PLATFORM_NO), *order = fz_item_text(first, FZ_ITEM_TRANSACTION_ID);
    size_t taken = 0;
    for (size_t i = 0; i < count; i++) {
        const struct fz_item *item = items[i];
        const char *other = fz_item_text(item, FZ_ITEM_TRANSACTION_ID);
        bool is_of_it = !has_other(platform, item) && (fz_item_text(item, FZ_ITEM_PLATFORM_NO)[0] != '\0' ||
                                                       other[0] == '\0' || strcmp(other, order) == 0);
        if (!is_of_it)
            continue;
        memmove(items + taken + 1, items + taken, (i - taken) * sizeof *items);
        items[taken++] = item;
    }
    return taken;
}

static const struct fz_item *with_platform_no(const struct fz_item *const *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (items[i]->sizes[FZ_ITEM_PLATFORM_NO] > 0)
            return items[i];
    return NULL;
}

static bool is_of_one(const struct fz_item *const *items, size_t count)
{
    const struct fz_item *first = with_platform_no(items, count);
    for (size_t i = 0; first != NULL && i < count; i++)
        if (has_other(fz_item_text(first, FZ_ITEM_PLATFORM_NO), items[i]))
            return false;
    return true;
}

/* Two are left that lack each other: one's own number is enough to know them by. */
static bool are_partners(const struct fz_group *first, const struct fz_group *rest)
{
    return (first->record_count == 0) != (rest->record_count == 0) &&
           (first->line_count + first->trade_count == 0 || rest->line_count + rest->trade_count == 0);
}

static enum fz_result give(struct fz_comparing *comparing, const struct fz_item **items, size_t count, fz_on_group *on_group)
{
    while (!is_of_one(items, count)) {
        size_t taken = take_own(items, count, with_platform_no(items, count));
        struct fz_group first = group_of(items, taken), rest = group_of(items + taken, count - taken);
        if (is_of_one(items + taken, count - taken) && are_partners(&first, &rest))
            break;
        enum fz_result result = on_group(comparing, &first);
        if (result != FZ_OK)
            return result;
        items += taken;
        count -= taken;
    }
    sort(items, count);
    struct fz_group group = group_of(items, count);
    return count == 0 ? FZ_OK : on_group(comparing, &group);
}

/* ---- all groups ---- */

static enum fz_result gather(struct fz_comparing *comparing, const struct table *table, uint32_t head,
                             const struct fz_item **items, fz_on_group *on_group)
{
    size_t count = 0;
    for (uint32_t at = head; at != 0; at = table->entries[at - 1].next)
        items[count++] = table->entries[at - 1].item;
    sort(items, count);
    if (table->by_order) {
        struct fz_group group = group_of(items, count);
        return on_group(comparing, &group);
    }
    return give(comparing, items, count, on_group);
}

static size_t count_items(const char *data, size_t size)
{
    size_t count = 0;
    for (size_t at = 0; at < size; count++)
        at += ((const struct fz_item *)(const void *)(data + at))->size;
    return count;
}

static enum fz_result groups(struct fz_comparing *comparing, const char *data, size_t size, bool by_order,
                             fz_on_group *on_group)
{
    size_t count = count_items(data, size);
    struct table table = {.slots = 16, .by_order = by_order};
    while (table.slots < 2 * count)
        table.slots *= 2;
    table.entries = malloc((count + 1) * sizeof *table.entries);
    table.tails = malloc((count + 1) * sizeof *table.tails);
    table.heads = calloc(table.slots, sizeof *table.heads);
    const struct fz_item **items = malloc((count + 1) * sizeof *items);
    enum fz_result result = FZ_OK;
    if (table.entries == NULL || table.heads == NULL || table.tails == NULL || items == NULL)
        result = fz_trouble_memory(comparing->compare->trouble);
    for (size_t at = 0; result == FZ_OK && at < size;) {
        const struct fz_item *item = (const struct fz_item *)(const void *)(data + at);
        put(&table, item);
        at += item->size;
    }
    for (size_t slot = 0; result == FZ_OK && slot < table.slots; slot++)
        if (table.heads[slot] != 0)
            result = gather(comparing, &table, table.heads[slot], items, on_group);
    free(table.entries);
    free(table.tails);
    free(table.heads);
    free(items);
    return result;
}

enum fz_result fz_groups(struct fz_comparing *comparing, const char *data, size_t size, fz_on_group *on_group)
{
    return groups(comparing, data, size, false, on_group);
}

enum fz_result fz_groups_by_order(struct fz_comparing *comparing, const char *data, size_t size, fz_on_group *on_group)
{
    return groups(comparing, data, size, true, on_group);
}
