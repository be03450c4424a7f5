/* What stands in a tree. */
#include "world/tree.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

const struct fz_tree_entry *fz_tree_entry(const struct fz_node *map, const char *name)
{
    if (map == NULL || map->kind != FZ_NODE_MAP)
        return NULL;
    for (size_t i = 0; i < map->count; i++)
        if (strcmp(map->entries[i].name, name) == 0)
            return &map->entries[i];
    return NULL;
}

const struct fz_node *fz_tree_member(const struct fz_node *map, const char *name)
{
    const struct fz_tree_entry *entry = fz_tree_entry(map, name);
    return entry == NULL ? NULL : entry->value;
}

/* Room for twice as many each time: what is outgrown stays in the arena, less than what is used. */
enum fz_result fz_tree_add(struct fz_arena *arena, struct fz_node *node, const struct fz_tree_entry *entry)
{
    struct fz_tree_entry *entries = (struct fz_tree_entry *)(uintptr_t)node->entries;
    if ((node->count & (node->count - 1)) == 0) {
        entries = fz_arena_take(arena, (node->count == 0 ? 1 : 2 * node->count) * sizeof *entries);
        if (entries == NULL)
            return FZ_FULL;
        if (node->count > 0)
            memcpy(entries, node->entries, node->count * sizeof *entries);
        node->entries = entries;
    }
    entries[node->count++] = *entry;
    node->weight += entry->value->weight;
    node->bytes += entry->value->bytes + (entry->name == NULL ? 0 : strlen(entry->name));
    if (node->height <= entry->value->height)
        node->height = entry->value->height + 1;
    return FZ_OK;
}

enum fz_result fz_tree_put(struct fz_arena *arena, const struct fz_node *map, const char *instead, const char *name,
                           const char *text)
{
    struct fz_tree_entry *before = (struct fz_tree_entry *)(uintptr_t)(instead == NULL ? NULL : fz_tree_entry(map, instead));
    struct fz_node *value = fz_arena_take(arena, sizeof *value);
    if (value == NULL)
        return FZ_FULL;
    *value = (struct fz_node){.kind = FZ_NODE_SCALAR, .quoted = true, .line = map->line, .column = map->column, .weight = 1, .height = 1};
    struct fz_tree_entry entry = {.name = fz_arena_copy(arena, name, strlen(name)), .line = map->line, .column = map->column, .value = value};
    value->text = fz_arena_copy(arena, text, strlen(text));
    if (entry.name == NULL || value->text == NULL)
        return FZ_FULL;
    if (before == NULL)
        return fz_tree_add(arena, (struct fz_node *)(uintptr_t)map, &entry);
    value->line = before->value->line;
    value->column = before->value->column;
    before->name = entry.name;
    before->value = value;
    return FZ_OK;
}

static bool is_plain(const struct fz_node *node)
{
    return node != NULL && node->kind == FZ_NODE_SCALAR && !node->quoted;
}

bool fz_node_is_null(const struct fz_node *node)
{
    return is_plain(node) && (node->text[0] == '\0' || strcmp(node->text, "null") == 0 || strcmp(node->text, "~") == 0);
}

bool fz_node_integer(const struct fz_node *node, int64_t *out)
{
    char again[24];
    int64_t number;
    if (!is_plain(node) || fz_parse_int(node->text, &number) != FZ_OK)
        return false;
    snprintf(again, sizeof again, "%lld", (long long)number);
    if (strcmp(again, node->text) != 0)
        return false;
    *out = number;
    return true;
}

bool fz_node_boolean(const struct fz_node *node, bool *out)
{
    bool is_true = is_plain(node) && strcmp(node->text, "true") == 0;
    if (!is_true && !(is_plain(node) && strcmp(node->text, "false") == 0))
        return false;
    *out = is_true;
    return true;
}

const char *fz_node_word(const struct fz_node *node)
{
    bool truth;
    if (fz_node_boolean(node, &truth) && !truth)
        return "off";
    return node == NULL || node->kind != FZ_NODE_SCALAR ? NULL : node->text;
}
