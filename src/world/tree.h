/* A YAML document as a tree whose nodes know where they stand in the file.
 *
 * YAML is read by libyaml; JSON is a part of it. What a file may cost is bounded before it is paid for: its size, its depth,
 * its nodes and the text in them, where what an alias stands for counts each time. An alias is the node itself, not a copy, so a few lines
 * cannot become a large tree. Left out on purpose: tags, several documents, and anchors inside of themselves. */
#ifndef FZ_WORLD_TREE_H
#define FZ_WORLD_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "world/fault.h"

#define FZ_WORLD_FILE_MAX    (4 << 20) /* bytes, and of its text, that behind an alias again */
#define FZ_WORLD_NODES_MAX   200000    /* values, and each of those behind an alias again */
#define FZ_WORLD_DEPTH_MAX   12
#define FZ_WORLD_MEMBERS_MAX 100       /* of one mapping */
#define FZ_WORLD_ANCHORS_MAX 200
#define FZ_WORLD_SCALAR_MAX  (64 << 10) /* bytes */

enum fz_node_kind { FZ_NODE_SCALAR, FZ_NODE_LIST, FZ_NODE_MAP };

struct fz_node;
struct fz_tree_entry {
    const char *name; /* of a map's member; of a list's item NULL */
    unsigned line, column; /* of the name, or of the item */
    const struct fz_node *value;
};
struct fz_node {
    enum fz_node_kind kind;
    bool quoted; /* a scalar in quotes or as a block: a text whatever it looks like */
    unsigned line, column;
    const char *text; /* of a scalar; no NUL in it, of control characters line ends and tabs alone */
    size_t count;     /* of a list's items, a map's members */
    const struct fz_tree_entry *entries;
    size_t weight, height; /* how many nodes it stands for, itself too; how many lie one below the other */
    size_t bytes;          /* of text that it stands for */
};

/* Reads `size` bytes. The tree lies in `arena`, whose `max` is set here; fz_arena_done, also after a fault. */
FZ_MUST_CHECK enum fz_result fz_tree_read(const char *text, size_t size, struct fz_arena *arena, const struct fz_node **out,
                                          struct fz_world_fault *fault);

/* The member of a map; NULL if it has none, or is no map (or NULL itself). */
const struct fz_tree_entry *fz_tree_entry(const struct fz_node *map, const char *name);
const struct fz_node *fz_tree_member(const struct fz_node *map, const char *name);

/* Adds to a list or map. FZ_FULL: the arena has no room. */
FZ_MUST_CHECK enum fz_result fz_tree_add(struct fz_arena *arena, struct fz_node *node, const struct fz_tree_entry *entry);
/* Gives a map the member `name`, a text, in the place of the member `instead` (NULL: behind all others). */
FZ_MUST_CHECK enum fz_result fz_tree_put(struct fz_arena *arena, const struct fz_node *map, const char *instead, const char *name,
                                         const char *text);

/* ---- plain scalars: what stands there without quotes ---- */

bool fz_node_is_null(const struct fz_node *node);
/* A whole number of at most 18 digits, without zeros in front. */
bool fz_node_integer(const struct fz_node *node, int64_t *out);
/* true or false, spelt so. */
bool fz_node_boolean(const struct fz_node *node, bool *out);
/* A word: text, or `false`, which is what YAML's older readers and writers make of the word off. NULL: no scalar. */
const char *fz_node_word(const struct fz_node *node);

#endif
