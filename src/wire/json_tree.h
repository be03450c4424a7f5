/* JSON as it was read: nodes in one arena, which cost a tenth of what a tree of jansson's does.
 *
 * Most of what comes is plain: strings, whole numbers, few members, each once. yyjson reads that (json_plain.c). Whatever has anything else in
 * it, or is wrong, is jansson's, which alone says what JSON is, and what is wrong with a text that is none; its tree is then written over into
 * nodes. So there is one reader of JSON and a short cut to the same result, and tests hold the two against each other. */
#ifndef FZ_WIRE_JSON_TREE_H
#define FZ_WIRE_JSON_TREE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/result.h"
#include "wire/json_text.h"

enum fz_json_kind {
    FZ_JSON_NULL,
    FZ_JSON_FALSE,
    FZ_JSON_TRUE,
    FZ_JSON_INTEGER,
    FZ_JSON_REAL,
    FZ_JSON_STRING,
    FZ_JSON_ARRAY,
    FZ_JSON_OBJECT,
};

struct fz_json_node {
    enum fz_json_kind kind;
    const char *name;                /* of a member; NULL: it is none */
    const struct fz_json_node *next; /* member, or item */
    size_t size;                     /* a string's bytes, an array's items, an object's members */
    union {
        int64_t integer;
        double real;
        const char *text;                 /* terminated; there may be NULs before its end */
        const struct fz_json_node *first; /* member, or item; NULL: there is none */
    };
};

#define FZ_JSON_AT_HAND 48 /* nodes of a tree that are no memory of their own: enough for a request, and for most answers */

struct fz_json_tree {
    struct fz_arena arena; /* the text, and further nodes */
    json_t *json;                    /* where names and texts lie, if jansson read it */
    const struct fz_json_node *root; /* NULL: nothing was read */
    size_t used;                     /* of these */
    struct fz_json_node at_hand[FZ_JSON_AT_HAND];
};

/* Of nothing. */
void fz_json_tree_begin(struct fz_json_tree *tree);
/* Reads `text` as json_loadb does with JSON_ALLOW_NUL and `flags`, of which JSON_REJECT_DUPLICATES and JSON_DECODE_ANY are known.
 * FZ_MALFORMED: it is no JSON, `error` says what jansson found; FZ_FAILED: memory is short. New: fz_json_tree_done, in any
 * case. */
FZ_MUST_CHECK enum fz_result fz_json_tree_read(struct fz_json_tree *tree, const char *text, size_t size, size_t flags,
                                               json_error_t *error);
void fz_json_tree_done(struct fz_json_tree *tree);

/* These take NULL for what is not there. */
bool fz_json_of_kind(const struct fz_json_node *node, enum fz_json_kind kind);
bool fz_json_is_boolean(const struct fz_json_node *node);
/* The member of that name; NULL: `object` is none, or has it not. */
const struct fz_json_node *fz_json_find(const struct fz_json_node *object, const char *name);

/* As json_dumps with JSON_COMPACT. */
void fz_json_write_node(struct fz_json *json, const struct fz_json_node *node);

/* json_plain.c: reads what is plain into nodes of `tree`; NULL if it is not, or memory is short. */
const struct fz_json_node *fz_json_plain(struct fz_json_tree *tree, const char *text, size_t size);

#endif
