/* Compares numbers with a window's ends. */
#include "reconcile/read/range.h"

#include <string.h>

int fz_key_order(struct fz_item_part a, struct fz_item_part b)
{
    int order = memcmp(a.text, b.text, a.size < b.size ? a.size : b.size);
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

enum fz_range_look fz_range_look(const struct fz_range *range, const struct fz_item_part cells[FZ_ROLES])
{
    struct fz_item_part key = cells[range->role];
    if (key.size == 0)
        return range->may_lack ? FZ_RANGE_OUT : FZ_RANGE_BROKEN;
    if (fz_key_order(key, range->least) < 0 || (range->most.text != NULL && fz_key_order(key, range->most) > 0))
        return FZ_RANGE_BROKEN;
    bool is_in = fz_key_order(key, range->from) >= 0 && (range->to.text == NULL || fz_key_order(key, range->to) < 0);
    return is_in ? FZ_RANGE_IN : FZ_RANGE_OUT;
}
