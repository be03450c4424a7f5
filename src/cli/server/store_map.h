/* `serve --store NAME=URL --store-map FILE`: further stores, and which merchants lie in each. */
#ifndef FZ_CLI_SERVER_STORE_MAP_H
#define FZ_CLI_SERVER_STORE_MAP_H

#include "server/work/stores.h"

/* The size of NAME in NAME=URL; 0: there is none, it is the URL of the first store. */
size_t fz_store_name_size(const char *text);
/* Adds a store, or gives one that is there another URL; borrowed. FZ_MALFORMED: its name is too long; FZ_FULL: there are FZ_STORES_MAX. */
FZ_MUST_CHECK enum fz_result fz_store_map_add(struct fz_stores *stores, const char *text);
/* Reads the map `path` into `stores`, which has their names. What is wrong, and where, in `why`. */
FZ_MUST_CHECK enum fz_result fz_store_map_read(const char *path, struct fz_stores *stores, char *why, size_t why_size);
void fz_store_map_done(struct fz_stores *stores);

#endif
