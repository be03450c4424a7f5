/* A book of which nothing is left, without another in its place. */
#ifndef FZ_TESTS_EMPTIED_H
#define FZ_TESTS_EMPTIED_H

#include "store/store.h"

static enum fz_result emptied_fill(struct fz_tx *tx, void *argument)
{
    (void)tx, (void)argument;
    return FZ_OK;
}

static void emptied_end(void *argument, enum fz_result result)
{
    (void)argument, (void)result;
}

static enum fz_result emptied(struct fz_store *store)
{
    const struct fz_renewal renewal = {.work = emptied_fill, .ended = emptied_end};
    return fz_store_renew(store, &renewal, NULL);
}

#endif
