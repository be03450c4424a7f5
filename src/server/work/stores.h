/* The stores that one process serves, and which merchants lie in each (`serve --store-map`).
 *
 * Nothing in a request crosses merchants that sign: all that it reads and writes is its signer's. So who says that he
 * signed a request decides in which book it is worked on, and everything else about it is that book's: keys, clock,
 * limits, bills, faults. */
#ifndef FZ_SERVER_WORK_STORES_H
#define FZ_SERVER_WORK_STORES_H

#include <stddef.h>

#include "base/private_file.h"

#define FZ_STORES_MAX      16 /* besides the first */
#define FZ_STORE_NAME_SIZE 33

struct fz_other_store {
    char name[FZ_STORE_NAME_SIZE];
    const char *url;
    char secret_file[FZ_PATH_SIZE]; /* "": the first store's */
    char control[80];               /* ADDR:PORT of its control interface; "": a free port of loopback */
};

struct fz_placement {
    char mchid[33]; /* who signs: an institution or a direct merchant */
    size_t store;   /* as fz_stores_find */
};

struct fz_stores {
    struct fz_other_store list[FZ_STORES_MAX];
    size_t count;
    struct fz_placement *placements; /* by mchid */
    size_t placement_count;
};

/* In which store a merchant lies: 0 is the first, in which all lie of whom nothing is said; N is list[N - 1]. */
size_t fz_stores_find(const struct fz_stores *stores, const char *mchid);
/* What messages call it. */
const char *fz_store_name(const struct fz_stores *stores, size_t store);

#endif
