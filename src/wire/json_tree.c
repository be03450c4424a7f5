/* JSON as it was read: the short cut, or jansson's tree written over. */
#include "wire/json_tree.h"

#include <string.h>

#define PLAIN_MAX ((size_t)64 << 10) /* a text of this size or more is left to jansson */

/* ---- jansson's tree, written over ---- */

static struct fz_json_node *node_of(struct fz_arena *arena, json_t *json);

static bool add_members(struct fz_arena *arena, json_t *object, const struct fz_json_node **last)
{
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value)
    {
        struct fz_json_node *member = node_of(arena, value);
        if (member == NULL)
            return false;
        member->name = name;
        *last = member;
        last = &member->next;
    }
    return true;
}

static bool add_items(struct fz_arena *arena, json_t *array, const struct fz_json_node **last)
{
    size_t i;
    json_t *value;
    json_array_foreach(array, i, value)
    {
        struct fz_json_node *item = node_of(arena, value);
        if (item == NULL)
            return false;
        *last = item;
        last = &item->next;
    }
    return true;
}

static bool fill(struct fz_arena *arena, struct fz_json_node *node, json_t *json)
{
    static const enum fz_json_kind kinds[] = {
        [JSON_OBJECT] = FZ_JSON_OBJECT, [JSON_ARRAY] = FZ_JSON_ARRAY, [JSON_STRING] = FZ_JSON_STRING,
        [JSON_INTEGER] = FZ_JSON_INTEGER, [JSON_REAL] = FZ_JSON_REAL, [JSON_TRUE] = FZ_JSON_TRUE,
        [JSON_FALSE] = FZ_JSON_FALSE, [JSON_NULL] = FZ_JSON_NULL};
    node->kind = kinds[json_typeof(json)];
    switch (node->kind) {
    case FZ_JSON_OBJECT:
        node->size = json_object_size(json);
        return add_members(arena, json, &node->first);
    case FZ_JSON_ARRAY:
        node->size = json_array_size(json);
        return add_items(arena, json, &node->first);
    case FZ_JSON_STRING:
        node->size = json_string_length(json);
        node->text = json_string_value(json);
        return true;
    case FZ_JSON_INTEGER:
        node->integer = json_integer_value(json);
        return true;
    case FZ_JSON_REAL:
        node->real = json_real_value(json);
        return true;
    default:
        return true;
    }
}

/* As deep as jansson reads, 2 048 levels. */
static struct fz_json_node *node_of(struct fz_arena *arena, json_t *json)
{
    struct fz_json_node *node = fz_arena_take(arena, sizeof *node);
    return node != NULL && fill(arena, node, json) ? node : NULL;
}

/* ---- reading ---- */

static const struct fz_json_node *read_plain(struct fz_json_tree *tree, const char *text, size_t size)
{
    return size > 0 && size < PLAIN_MAX ? fz_json_plain(tree, text, size) : NULL; /* `text` of an empty body may be NULL */
}

/* The nodes at hand are left as they are. */
void fz_json_tree_begin(struct fz_json_tree *tree)
{
    tree->arena = (struct fz_arena){.max = SIZE_MAX / 2}; /* a node takes two bytes of text at least */
    tree->json = NULL;
    tree->root = NULL;
    tree->used = 0;
}

enum fz_result fz_json_tree_read(struct fz_json_tree *tree, const char *text, size_t size, size_t flags, json_error_t *error)
{
    fz_json_tree_begin(tree);
    tree->root = read_plain(tree, text, size);
    if (tree->root != NULL)
        return FZ_OK;
    tree->json = json_loadb(text, size, flags | JSON_ALLOW_NUL, error);
    if (tree->json == NULL) {
        /* Every fault of the text has a code of its own. */
        enum json_error_code code = json_error_code(error);
        return code == json_error_unknown || code == json_error_out_of_memory ? FZ_FAILED : FZ_MALFORMED;
    }
    tree->root = node_of(&tree->arena, tree->json);
    return tree->root == NULL ? FZ_FAILED : FZ_OK;
}

void fz_json_tree_done(struct fz_json_tree *tree)
{
    json_decref(tree->json);
    fz_arena_done(&tree->arena);
    fz_json_tree_begin(tree);
}

/* ---- looking ---- */

bool fz_json_of_kind(const struct fz_json_node *node, enum fz_json_kind kind)
{
    return node != NULL && node->kind == kind;
}

bool fz_json_is_boolean(const struct fz_json_node *node)
{
    return fz_json_of_kind(node, FZ_JSON_TRUE) || fz_json_of_kind(node, FZ_JSON_FALSE);
}

const struct fz_json_node *fz_json_find(const struct fz_json_node *object, const char *name)
{
    if (!fz_json_of_kind(object, FZ_JSON_OBJECT))
        return NULL;
    const struct fz_json_node *member = object->first;
    while (member != NULL && strcmp(member->name, name) != 0)
        member = member->next;
    return member;
}

/* ---- writing ---- */

static int add_piece(const char *piece, size_t size, void *text)
{
    fz_text_add(text, piece, size);
    return 0;
}

/* How a real number is written, jansson says. */
static void write_real(struct fz_json *json, double value)
{
    json_t *real = json_real(value);
    if (json->follows)
        fz_text_add(&json->text, ",", 1);
    if (real == NULL || json_dump_callback(real, add_piece, &json->text, JSON_ENCODE_ANY) != 0)
        json->text.failed = true;
    json_decref(real);
    json->follows = true;
}

/* A name is written as a value is: it is not the program's own. */
static void write_members(struct fz_json *json, const struct fz_json_node *object)
{
    fz_json_object(json, NULL);
    for (const struct fz_json_node *member = object->first; member != NULL; member = member->next) {
        fz_json_string(json, NULL, member->name);
        fz_text_add(&json->text, ":", 1);
        json->follows = false;
        fz_json_write_node(json, member);
    }
    fz_json_end_object(json);
}

static void write_items(struct fz_json *json, const struct fz_json_node *array)
{
    fz_json_array(json, NULL);
    for (const struct fz_json_node *item = array->first; item != NULL; item = item->next)
        fz_json_write_node(json, item);
    fz_json_end_array(json);
}

void fz_json_write_node(struct fz_json *json, const struct fz_json_node *node)
{
    switch (node->kind) {
    case FZ_JSON_NULL:
        fz_json_null(json, NULL);
        return;
    case FZ_JSON_FALSE:
    case FZ_JSON_TRUE:
        fz_json_boolean(json, NULL, node->kind == FZ_JSON_TRUE);
        return;
    case FZ_JSON_INTEGER:
        fz_json_integer(json, NULL, node->integer);
        return;
    case FZ_JSON_REAL:
        write_real(json, node->real);
        return;
    case FZ_JSON_STRING:
        fz_json_sized(json, NULL, node->text, node->size);
        return;
    case FZ_JSON_ARRAY:
        write_items(json, node);
        return;
    case FZ_JSON_OBJECT:
        write_members(json, node);
        return;
    }
    __builtin_unreachable();
}
