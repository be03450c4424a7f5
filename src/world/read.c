/* Members of a map that was checked by its rows, and a tree as JSON. */
#include "world/read.h"

#include <string.h>

#include "base/text.h"
#include "world/letters.h"

bool fz_world_has(const struct fz_node *map, const char *name)
{
    return fz_tree_member(map, name) != NULL;
}

const char *fz_world_text(const struct fz_node *map, const char *name)
{
    const struct fz_node *member = fz_tree_member(map, name);
    return member == NULL || fz_node_is_null(member) ? NULL : member->text;
}

int64_t fz_world_integer(const struct fz_node *map, const char *name, int64_t fallback)
{
    int64_t number = fallback;
    return fz_node_integer(fz_tree_member(map, name), &number) ? number : fallback;
}

bool fz_world_boolean(const struct fz_node *map, const char *name, bool fallback)
{
    bool value = fallback;
    return fz_node_boolean(fz_tree_member(map, name), &value) ? value : fallback;
}

int fz_world_word(const struct fz_node *map, const char *name, const char *const words[], int fallback)
{
    const char *text = fz_node_word(fz_tree_member(map, name));
    for (int i = 0; text != NULL && words[i] != NULL; i++)
        if (strcmp(text, words[i]) == 0)
            return i;
    return fallback;
}

static json_t *scalar_json(const struct fz_node *node)
{
    int64_t number;
    bool truth;
    if (fz_node_is_null(node))
        return json_null();
    if (fz_node_boolean(node, &truth))
        return json_boolean(truth);
    return fz_node_integer(node, &number) ? json_integer(number) : json_string(node->text);
}

json_t *fz_world_json(const struct fz_node *node)
{
    if (node->kind == FZ_NODE_SCALAR)
        return scalar_json(node);
    json_t *json = node->kind == FZ_NODE_LIST ? json_array() : json_object();
    int failed = json == NULL;
    for (size_t i = 0; i < node->count && !failed; i++) {
        json_t *value = fz_world_json(node->entries[i].value);
        failed = node->kind == FZ_NODE_LIST ? json_array_append_new(json, value)
                                            : json_object_set_new(json, node->entries[i].name, value);
    }
    if (!failed)
        return json;
    json_decref(json);
    return NULL;
}

/* Jansson gives whole characters. It escapes what JSON has to; YAML is read again, which wants more. */
static int add_escaped(const char *part, size_t size, void *argument)
{
    struct fz_text *text = argument;
    const char *end = part + size;
    char escape[8];
    while (part < end) {
        size_t replaced = fz_world_escape(part, end, escape);
        fz_text_add(text, replaced > 0 ? escape : part, replaced > 0 ? strlen(escape) : 1);
        part += replaced > 0 ? replaced : 1;
    }
    return text->failed ? -1 : 0;
}

char *fz_world_json_text(const struct fz_node *node)
{
    struct fz_text text = {.max = SIZE_MAX / 4};
    json_t *json = fz_world_json(node);
    if (json_dump_callback(json, add_escaped, &text, JSON_COMPACT) != 0)
        fz_text_done(&text);
    json_decref(json);
    return text.data;
}
