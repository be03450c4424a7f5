/* YAML read into a tree, event by event. */
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/text.h"
#include "world/letters.h"
#include "world/tree.h"

#define ARENA_MAX ((size_t)64 << 20)

struct anchor {
    const char *name;
    const struct fz_node *node;
};

struct reading {
    yaml_parser_t parser;
    struct fz_arena *arena;
    struct fz_world_fault *fault;
    size_t nodes, bytes; /* that there are so far, those behind aliases too */
    size_t anchor_count;
    struct anchor anchors[FZ_WORLD_ANCHORS_MAX];
};

/* libyaml counts from 0. */
static enum fz_result fault_at(struct reading *reading, const yaml_mark_t *mark, const char *what)
{
    return fz_world_fault(reading->fault, (unsigned)mark->line + 1, (unsigned)mark->column + 1, "%s", what);
}

static enum fz_result memory_fault(struct reading *reading)
{
    return fz_world_fault(reading->fault, 0, 0, "It takes more memory than there is for a world. Make it shorter.");
}

/* ---- events ---- */

static enum fz_result tell_syntax(struct reading *reading)
{
    const yaml_parser_t *parser = &reading->parser;
    bool has_place = parser->error == YAML_SCANNER_ERROR || parser->error == YAML_PARSER_ERROR;
    if (parser->error == YAML_MEMORY_ERROR)
        return memory_fault(reading);
    const char *problem = parser->problem == NULL ? "it cannot be read" : parser->problem;
    if (!has_place)
        return fz_world_fault(reading->fault, 0, 0, "This is no YAML in UTF-8: %s, at byte %zu. Save the file as UTF-8 without "
                                                    "control characters.",
                              problem, parser->problem_offset);
    return fz_world_fault(reading->fault, (unsigned)parser->problem_mark.line + 1, (unsigned)parser->problem_mark.column + 1,
                          "This is no YAML: %s%s%s. Look at the indentation, quotes and brackets here and in the line above.",
                          parser->context == NULL ? "" : parser->context, parser->context == NULL ? "" : ", ", problem);
}

/* To be done with by yaml_event_delete. */
static enum fz_result next(struct reading *reading, yaml_event_t *out)
{
    return yaml_parser_parse(&reading->parser, out) == 1 ? FZ_OK : tell_syntax(reading);
}

/* ---- nodes ---- */

static enum fz_result count_nodes(struct reading *reading, const yaml_mark_t *mark, size_t more)
{
    reading->nodes += more;
    if (reading->nodes <= FZ_WORLD_NODES_MAX)
        return FZ_OK;
    return fault_at(reading, mark,
                    "There are more values up to here than a world may have, 200000, where what an alias stands for counts each "
                    "time. Make the story shorter.");
}

static enum fz_result count_bytes(struct reading *reading, const yaml_mark_t *mark, size_t more)
{
    reading->bytes += more;
    if (reading->bytes <= FZ_WORLD_FILE_MAX)
        return FZ_OK;
    return fault_at(reading, mark,
                    "There is more text up to here than a world may have, 4 MiB, where what an alias stands for counts each time. "
                    "Make the story shorter.");
}

static struct fz_node *new_node(struct reading *reading, enum fz_node_kind kind, const yaml_mark_t *mark)
{
    struct fz_node *node = fz_arena_take(reading->arena, sizeof *node);
    if (node != NULL)
        *node = (struct fz_node){.kind = kind,
                                 .line = (unsigned)mark->line + 1,
                                 .column = (unsigned)mark->column + 1,
                                 .weight = 1,
                                 .height = 1};
    return node;
}

static enum fz_result read_scalar(struct reading *reading, const yaml_event_t *event, struct fz_node **out)
{
    const char *text = (const char *)event->data.scalar.value;
    size_t size = event->data.scalar.length;
    if (size > FZ_WORLD_SCALAR_MAX)
        return fault_at(reading, &event->start_mark, "This text is longer than 65536 bytes, which none of a world may be.");
    if (!fz_world_is_clean(text, size))
        return fault_at(reading, &event->start_mark, "This text has a control character in it. Take it out.");
    struct fz_node *node = new_node(reading, FZ_NODE_SCALAR, &event->start_mark);
    if (node == NULL || (node->text = fz_arena_copy(reading->arena, text, size)) == NULL)
        return memory_fault(reading);
    node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    node->bytes = size;
    *out = node;
    return count_bytes(reading, &event->start_mark, size);
}

static enum fz_result add_entry(struct reading *reading, struct fz_node *node, const struct fz_tree_entry *entry)
{
    return fz_tree_add(reading->arena, node, entry) == FZ_OK ? FZ_OK : memory_fault(reading);
}

/* ---- anchors ---- */

/* Known from its end on, so that nothing can stand inside of itself. A name given again is the later one's. */
static enum fz_result keep_anchor(struct reading *reading, const yaml_mark_t *mark, const char *name, const struct fz_node *node)
{
    if (name == NULL)
        return FZ_OK;
    if (reading->anchor_count == FZ_WORLD_ANCHORS_MAX)
        return fault_at(reading, mark, "There are more anchors than a world may have, 200. Write the value out.");
    struct anchor anchor = {.name = fz_arena_copy(reading->arena, name, strlen(name)), .node = node};
    if (anchor.name == NULL)
        return memory_fault(reading);
    reading->anchors[reading->anchor_count++] = anchor;
    return FZ_OK;
}

static enum fz_result read_alias(struct reading *reading, const yaml_event_t *event, const struct fz_node **out)
{
    const char *name = (const char *)event->data.alias.anchor;
    for (size_t i = reading->anchor_count; i > 0; i--)
        if (strcmp(reading->anchors[i - 1].name, name) == 0) {
            *out = reading->anchors[i - 1].node;
            enum fz_result result = count_nodes(reading, &event->start_mark, (*out)->weight);
            return result == FZ_OK ? count_bytes(reading, &event->start_mark, (*out)->bytes) : result;
        }
    return fault_at(reading, &event->start_mark,
                    "No anchor of this name ends above: put &NAME before the value that is meant; one cannot stand inside of "
                    "itself.");
}

/* ---- lists and maps ---- */

static enum fz_result read_node(struct reading *reading, const yaml_event_t *event, size_t depth, const struct fz_node **out);

static enum fz_result read_value(struct reading *reading, size_t depth, const struct fz_node **out)
{
    yaml_event_t event;
    enum fz_result result = next(reading, &event);
    if (result != FZ_OK)
        return result;
    result = read_node(reading, &event, depth, out);
    yaml_event_delete(&event);
    return result;
}

static enum fz_result read_list(struct reading *reading, size_t depth, struct fz_node *list)
{
    yaml_event_t event;
    enum fz_result result;
    bool more = true;
    while (more && (result = next(reading, &event)) == FZ_OK) {
        struct fz_tree_entry entry = {.line = (unsigned)event.start_mark.line + 1, .column = (unsigned)event.start_mark.column + 1};
        more = event.type != YAML_SEQUENCE_END_EVENT;
        if (more)
            result = read_node(reading, &event, depth + 1, &entry.value);
        if (more && result == FZ_OK)
            result = add_entry(reading, list, &entry);
        yaml_event_delete(&event);
        if (result != FZ_OK)
            break;
    }
    return result;
}

static enum fz_result check_name(struct reading *reading, const yaml_event_t *event, const struct fz_node *map)
{
    const char *name = (const char *)event->data.scalar.value;
    if (event->type != YAML_SCALAR_EVENT || event->data.scalar.tag != NULL || event->data.scalar.anchor != NULL)
        return fault_at(reading, &event->start_mark, "The name of a member has to be a plain text here, as in `mchid: 1900000100`.");
    if (event->data.scalar.length > 200 || !fz_world_is_clean(name, event->data.scalar.length))
        return fault_at(reading, &event->start_mark, "This name of a member is too long, or has a control character in it.");
    if (fz_tree_entry(map, name) != NULL)
        return fault_at(reading, &event->start_mark, "This member is there twice: take one of them out.");
    if (map->count == FZ_WORLD_MEMBERS_MAX)
        return fault_at(reading, &event->start_mark, "A mapping has 100 members at most.");
    return FZ_OK;
}

static enum fz_result read_member(struct reading *reading, const yaml_event_t *event, size_t depth, struct fz_node *map)
{
    struct fz_tree_entry entry = {.line = (unsigned)event->start_mark.line + 1, .column = (unsigned)event->start_mark.column + 1};
    enum fz_result result = check_name(reading, event, map);
    if (result == FZ_OK)
        result = count_bytes(reading, &event->start_mark, event->data.scalar.length);
    if (result != FZ_OK)
        return result;
    entry.name = fz_arena_copy(reading->arena, (const char *)event->data.scalar.value, event->data.scalar.length);
    if (entry.name == NULL)
        return memory_fault(reading);
    result = read_value(reading, depth + 1, &entry.value);
    return result == FZ_OK ? add_entry(reading, map, &entry) : result;
}

/* `<<: *other`: what the other mapping has and this one has not. */
static enum fz_result merge(struct reading *reading, struct fz_node *map)
{
    const struct fz_tree_entry *merged = fz_tree_entry(map, "<<");
    if (merged == NULL)
        return FZ_OK;
    const struct fz_node *other = merged->value;
    if (other->kind != FZ_NODE_MAP)
        return fz_world_fault(reading->fault, merged->line, merged->column,
                              "`<<` takes the members of one mapping over: write `<<: *NAME`, where &NAME stands before a mapping.");
    for (size_t i = 0; i < other->count; i++) {
        if (fz_tree_entry(map, other->entries[i].name) != NULL)
            continue;
        enum fz_result result = map->count > FZ_WORLD_MEMBERS_MAX ? FZ_FULL : add_entry(reading, map, &other->entries[i]);
        if (result != FZ_OK)
            return fz_world_fault(reading->fault, merged->line, merged->column, "A mapping has 100 members at most.");
    }
    struct fz_tree_entry *entries = (struct fz_tree_entry *)(uintptr_t)map->entries;
    size_t at = (size_t)(fz_tree_entry(map, "<<") - map->entries);
    memmove(&entries[at], &entries[at + 1], (--map->count - at) * sizeof *entries);
    map->weight -= other->weight;
    map->bytes -= other->bytes + strlen("<<");
    return FZ_OK;
}

static enum fz_result read_map(struct reading *reading, size_t depth, struct fz_node *map)
{
    yaml_event_t event;
    enum fz_result result;
    bool more = true;
    while (more && (result = next(reading, &event)) == FZ_OK) {
        more = event.type != YAML_MAPPING_END_EVENT;
        if (more)
            result = read_member(reading, &event, depth, map);
        yaml_event_delete(&event);
        if (result != FZ_OK)
            break;
    }
    return result == FZ_OK ? merge(reading, map) : result;
}

/* ---- any node ---- */

static const char *anchor_of(const yaml_event_t *event)
{
    return (const char *)(event->type == YAML_SCALAR_EVENT           ? event->data.scalar.anchor
                          : event->type == YAML_SEQUENCE_START_EVENT ? event->data.sequence_start.anchor
                                                                     : event->data.mapping_start.anchor);
}

static bool has_tag(const yaml_event_t *event)
{
    return (event->type == YAML_SCALAR_EVENT           ? event->data.scalar.tag
            : event->type == YAML_SEQUENCE_START_EVENT ? event->data.sequence_start.tag
                                                       : event->data.mapping_start.tag) != NULL;
}

static enum fz_result read_new(struct reading *reading, const yaml_event_t *event, size_t depth, struct fz_node **out)
{
    if (event->type == YAML_SCALAR_EVENT)
        return read_scalar(reading, event, out);
    bool is_list = event->type == YAML_SEQUENCE_START_EVENT;
    *out = new_node(reading, is_list ? FZ_NODE_LIST : FZ_NODE_MAP, &event->start_mark);
    if (*out == NULL)
        return memory_fault(reading);
    return is_list ? read_list(reading, depth, *out) : read_map(reading, depth, *out);
}

static enum fz_result read_node(struct reading *reading, const yaml_event_t *event, size_t depth, const struct fz_node **out)
{
    static const char too_deep[] = "Values lie too deep inside of each other here: a world has 12 levels at most.";
    struct fz_node *made = NULL;
    enum fz_result result;
    if (event->type == YAML_ALIAS_EVENT) {
        result = read_alias(reading, event, out);
        return result == FZ_OK && depth + (*out)->height > FZ_WORLD_DEPTH_MAX ? fault_at(reading, &event->start_mark, too_deep)
                                                                              : result;
    }
    if (depth >= FZ_WORLD_DEPTH_MAX)
        return fault_at(reading, &event->start_mark, too_deep);
    if (has_tag(event))
        return fault_at(reading, &event->start_mark, "A world has no tags: take away what begins with `!`.");
    result = count_nodes(reading, &event->start_mark, 1);
    if (result == FZ_OK)
        result = read_new(reading, event, depth, &made);
    *out = made;
    return result == FZ_OK ? keep_anchor(reading, &event->start_mark, anchor_of(event), made) : result;
}

/* ---- the document ---- */

static enum fz_result expect(struct reading *reading, yaml_event_type_t type, const char *otherwise)
{
    yaml_event_t event;
    enum fz_result result = next(reading, &event);
    if (result != FZ_OK)
        return result;
    if (event.type != type)
        result = fault_at(reading, &event.start_mark, otherwise);
    yaml_event_delete(&event);
    return result;
}

static enum fz_result read_document(struct reading *reading, const struct fz_node **out)
{
    enum fz_result result = expect(reading, YAML_STREAM_START_EVENT, "This is no YAML.");
    if (result == FZ_OK)
        result = expect(reading, YAML_DOCUMENT_START_EVENT, "The file is empty: a world begins with `fenzhang: 1`.");
    if (result == FZ_OK)
        result = read_value(reading, 0, out);
    if (result == FZ_OK)
        result = expect(reading, YAML_DOCUMENT_END_EVENT, "The document does not end here.");
    if (result == FZ_OK)
        result = expect(reading, YAML_STREAM_END_EVENT, "A second document begins here: a file is one world. Take it out.");
    return result;
}

enum fz_result fz_tree_read(const char *text, size_t size, struct fz_arena *arena, const struct fz_node **out,
                            struct fz_world_fault *fault)
{
    arena->max = ARENA_MAX;
    if (size > FZ_WORLD_FILE_MAX)
        return fz_world_fault(fault, 0, 0, "It is longer than 4 MiB, which a world may be at most. Make the story shorter.");
    struct reading *reading = calloc(1, sizeof *reading);
    if (reading == NULL || yaml_parser_initialize(&reading->parser) != 1) {
        free(reading);
        return fz_world_fault(fault, 0, 0, "Memory is short. Make room, then try again.");
    }
    reading->arena = arena;
    reading->fault = fault;
    yaml_parser_set_input_string(&reading->parser, (const unsigned char *)text, size);
    enum fz_result result = read_document(reading, out);
    yaml_parser_delete(&reading->parser);
    free(reading);
    return result;
}
