/* JSON as yyjson reads it, a tenth of jansson's cost: an object of what nearly every request and answer consists of. Where the two could
 * differ (members twice, a NUL, numbers that are no int64_t), and whatever is no JSON to yyjson, is left to jansson. */
#include <string.h>

#include <yyjson.h>

#include "wire/json_tree.h"

#define DEPTH_MAX   16
#define MEMBERS_MAX 64 /* of an object; each is compared with those before it */
#define AT_HAND     8192 /* bytes for yyjson's values: enough for a text of 600 */

static struct fz_json_node *node_of(struct fz_json_tree *tree, yyjson_val *value, unsigned depth);

static struct fz_json_node *new_node(struct fz_json_tree *tree)
{
    if (tree->used == FZ_JSON_AT_HAND)
        return fz_arena_take(&tree->arena, sizeof(struct fz_json_node));
    struct fz_json_node *node = &tree->at_hand[tree->used++];
    *node = (struct fz_json_node){0};
    return node;
}

static bool has_nul(yyjson_val *text)
{
    return memchr(yyjson_get_str(text), '\0', yyjson_get_len(text)) != NULL;
}

static bool has_member(const struct fz_json_node *object, const char *name)
{
    for (const struct fz_json_node *member = object->first; member != NULL; member = member->next)
        if (strcmp(member->name, name) == 0)
            return true;
    return false;
}

static bool add_members(struct fz_json_tree *tree, struct fz_json_node *node, yyjson_val *object, unsigned depth)
{
    const struct fz_json_node **last = &node->first;
    size_t i, count;
    yyjson_val *name, *value;
    yyjson_obj_foreach(object, i, count, name, value)
    {
        if (i == MEMBERS_MAX || has_nul(name) || has_member(node, yyjson_get_str(name)))
            return false;
        struct fz_json_node *member = node_of(tree, value, depth);
        if (member == NULL)
            return false;
        member->name = yyjson_get_str(name);
        *last = member;
        last = &member->next;
        node->size++;
    }
    return true;
}

static bool add_items(struct fz_json_tree *tree, struct fz_json_node *node, yyjson_val *array, unsigned depth)
{
    const struct fz_json_node **last = &node->first;
    size_t i, count;
    yyjson_val *value;
    yyjson_arr_foreach(array, i, count, value)
    {
        struct fz_json_node *item = node_of(tree, value, depth);
        if (item == NULL)
            return false;
        *last = item;
        last = &item->next;
        node->size++;
    }
    return true;
}

static bool fill(struct fz_json_tree *tree, struct fz_json_node *node, yyjson_val *value, unsigned depth)
{
    switch (yyjson_get_tag(value)) {
    case YYJSON_TYPE_NULL | YYJSON_SUBTYPE_NONE:
        node->kind = FZ_JSON_NULL;
        return true;
    case YYJSON_TYPE_BOOL | YYJSON_SUBTYPE_FALSE:
        node->kind = FZ_JSON_FALSE;
        return true;
    case YYJSON_TYPE_BOOL | YYJSON_SUBTYPE_TRUE:
        node->kind = FZ_JSON_TRUE;
        return true;
    case YYJSON_TYPE_NUM | YYJSON_SUBTYPE_UINT:
    case YYJSON_TYPE_NUM | YYJSON_SUBTYPE_SINT:
        node->kind = FZ_JSON_INTEGER;
        node->integer = yyjson_get_sint(value);
        return yyjson_is_sint(value) || yyjson_get_uint(value) <= INT64_MAX;
    case YYJSON_TYPE_STR | YYJSON_SUBTYPE_NONE:
    case YYJSON_TYPE_STR | YYJSON_SUBTYPE_NOESC:
        node->kind = FZ_JSON_STRING;
        node->text = yyjson_get_str(value);
        node->size = yyjson_get_len(value);
        return !has_nul(value);
    case YYJSON_TYPE_ARR | YYJSON_SUBTYPE_NONE:
        node->kind = FZ_JSON_ARRAY;
        return add_items(tree, node, value, depth + 1);
    case YYJSON_TYPE_OBJ | YYJSON_SUBTYPE_NONE:
        node->kind = FZ_JSON_OBJECT;
        return add_members(tree, node, value, depth + 1);
    default: /* a real number */
        return false;
    }
}

static struct fz_json_node *node_of(struct fz_json_tree *tree, yyjson_val *value, unsigned depth)
{
    struct fz_json_node *node = depth == DEPTH_MAX ? NULL : new_node(tree);
    return node != NULL && fill(tree, node, value, depth) ? node : NULL;
}

/* Texts stay where they are; yyjson writes over their escapes and puts a NUL behind each. */
const struct fz_json_node *fz_json_plain(struct fz_json_tree *tree, const char *text, size_t size)
{
    char at_hand[AT_HAND], *copy = fz_arena_take(&tree->arena, size + YYJSON_PADDING_SIZE);
    size_t room = yyjson_read_max_memory_usage(size, YYJSON_READ_INSITU);
    void *values = room <= AT_HAND ? at_hand : fz_arena_take(&tree->arena, room);
    yyjson_alc memory;
    if (copy == NULL || values == NULL || !yyjson_alc_pool_init(&memory, values, room))
        return NULL;
    memcpy(copy, text, size);
    yyjson_doc *read = yyjson_read_opts(copy, size, YYJSON_READ_INSITU, &memory, NULL);
    yyjson_val *root = yyjson_doc_get_root(read);
    return yyjson_is_obj(root) ? node_of(tree, root, 0) : NULL;
}
