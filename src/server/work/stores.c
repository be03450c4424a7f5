/* Which store a merchant lies in. */
#include "server/work/stores.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *mchid, const void *placement)
{
    return strcmp(mchid, ((const struct fz_placement *)placement)->mchid);
}

size_t fz_stores_find(const struct fz_stores *stores, const char *mchid)
{
    const struct fz_placement *found =
        stores->placement_count == 0 ? NULL : bsearch(mchid, stores->placements, stores->placement_count, sizeof *found, compare);
    return found == NULL ? 0 : found->store;
}

const char *fz_store_name(const struct fz_stores *stores, size_t store)
{
    return store == 0 ? "the first store" : stores->list[store - 1].name;
}
