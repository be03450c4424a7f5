/* Members of a map that was checked by its rows. */
#ifndef FZ_WORLD_READ_H
#define FZ_WORLD_READ_H

#include <jansson.h>

#include "world/tree.h"

bool fz_world_has(const struct fz_node *map, const char *name);
/* NULL: not there, or null. */
const char *fz_world_text(const struct fz_node *map, const char *name);
int64_t fz_world_integer(const struct fz_node *map, const char *name, int64_t fallback);
bool fz_world_boolean(const struct fz_node *map, const char *name, bool fallback);
/* The number of the word in `words`. */
int fz_world_word(const struct fz_node *map, const char *name, const char *const words[], int fallback);

/* A tree as JSON: plain scalars as what they look like, others as texts. New; NULL when memory is short. */
json_t *fz_world_json(const struct fz_node *node);
/* The same as text, of which fz_tree_read makes a tree that is equal. */
char *fz_world_json_text(const struct fz_node *node);

#endif
