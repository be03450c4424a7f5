/* A tree checked against rows. */
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/text.h"
#include "world/moment.h"
#include "world/row.h"

struct check {
    const char *name; /* of the member that is looked at, or that the item is in */
    const struct fz_node *node;
    const struct fz_world_row *row;
    struct fz_world_fault *fault;
};

static enum fz_result check_value(const struct check *check);

static enum fz_result fault(const struct check *check, const char *what)
{
    return fz_world_fault(check->fault, check->node->line, check->node->column, "`%s` %s.", check->name, what);
}

/* ---- lists of words for a message ---- */

struct choice {
    char text[500];
    size_t used;
};

static void add_choice(struct choice *choice, const char *word, bool is_last)
{
    const char *joint = choice->used == 0 ? "" : is_last ? " or " : ", ";
    int added = snprintf(choice->text + choice->used, sizeof choice->text - choice->used, "%s%s", joint, word);
    size_t room = sizeof choice->text - choice->used;
    choice->used += added < 0 ? 0 : (size_t)added < room ? (size_t)added : room - 1;
}

/* ---- scalars ---- */

/* A number without quotes is the text that it looks like; true, false and null are none. */
static const char *text_of(const struct fz_node *node)
{
    bool truth;
    if (node->kind != FZ_NODE_SCALAR || fz_node_is_null(node) || fz_node_boolean(node, &truth))
        return NULL;
    return node->text;
}

static enum fz_result check_text(const struct check *check)
{
    const struct fz_world_row *row = check->row;
    const char *text = text_of(check->node);
    char what[400];
    long characters = text == NULL ? -1 : fz_utf8_length(text, strlen(text));
    bool one_line = text != NULL && strpbrk(text, "\n\r\t") == NULL;
    if (characters < row->min || characters > row->max || !(one_line || row->type == FZ_WORLD_LINES)) {
        snprintf(what, sizeof what, "is no text of %lld to %lld characters%s: write one", (long long)row->min, (long long)row->max,
                 row->type == FZ_WORLD_LINES ? "" : " in a line");
        return fault(check, what);
    }
    if (row->letters == NULL || strspn(text, row->letters) == strlen(text))
        return FZ_OK;
    snprintf(what, sizeof what, "has other characters than %s: write it without",
             strcmp(row->letters, FZ_WORLD_DIGITS) == 0 ? "digits" : row->letters);
    return fault(check, what);
}

static enum fz_result check_word(const struct check *check)
{
    const char *text = fz_node_word(check->node), *const *words = check->row->words;
    struct choice choice = {.used = 0};
    char what[600];
    for (size_t i = 0; words[i] != NULL; i++) {
        if (text != NULL && strcmp(text, words[i]) == 0)
            return FZ_OK;
        add_choice(&choice, words[i], words[i + 1] == NULL);
    }
    snprintf(what, sizeof what, "is none of its words: write %s", choice.text);
    return fault(check, what);
}

static enum fz_result check_integer(const struct check *check)
{
    int64_t number;
    char what[200];
    if (fz_node_integer(check->node, &number) && number >= check->row->min && number <= check->row->max)
        return FZ_OK;
    snprintf(what, sizeof what, "is not a whole number from %lld to %lld: write one, without quotes", (long long)check->row->min,
             (long long)check->row->max);
    return fault(check, what);
}

static enum fz_result check_time(const struct check *check)
{
    const char *text = text_of(check->node);
    int64_t later;
    switch (check->row->type) {
    case FZ_WORLD_MOMENT:
        return text != NULL && fz_moment_read(text, NULL, NULL) == FZ_OK
                   ? FZ_OK
                   : fault(check, "is no moment: write one like " FZ_MOMENT_EXAMPLES);
    case FZ_WORLD_DAY:
        return text != NULL && fz_moment_day_read(text, NULL, NULL) == FZ_OK
                   ? FZ_OK
                   : fault(check, "is no date: write one like " FZ_DAY_EXAMPLES);
    default:
        return text != NULL && fz_add_duration(0, text, &later) == FZ_OK
                   ? FZ_OK
                   : fault(check, "is no ISO 8601 duration: write one like PT5M or P3D");
    }
}

/* ---- what has parts ---- */

static enum fz_result check_count(const struct check *check, const char *of)
{
    char what[200];
    size_t count = check->node->count;
    if (count >= (size_t)check->row->min && count <= (size_t)check->row->max)
        return FZ_OK;
    snprintf(what, sizeof what, "has %zu %s, and takes %lld to %lld", count, of, (long long)check->row->min,
             (long long)check->row->max);
    return fault(check, what);
}

static enum fz_result check_list(const struct check *check)
{
    if (check->node->kind != FZ_NODE_LIST)
        return fault(check, "is no list: write one, each item in a line of its own behind `- `");
    enum fz_result result = check_count(check, "items");
    for (size_t i = 0; i < check->node->count && result == FZ_OK; i++)
        result = check_value(&(struct check){
            .name = check->name, .node = check->node->entries[i].value, .row = check->row->item, .fault = check->fault});
    return result;
}

static enum fz_result check_named(const struct check *check)
{
    if (check->node->kind != FZ_NODE_MAP)
        return fault(check, "is no mapping: write `NAME: value`, each in a line of its own");
    enum fz_result result = check_count(check, "members");
    for (size_t i = 0; i < check->node->count && result == FZ_OK; i++) {
        const struct fz_tree_entry *entry = &check->node->entries[i];
        if (entry->name[0] == '\0' || strspn(entry->name, check->row->letters) != strlen(entry->name))
            return fz_world_fault(check->fault, entry->line, entry->column,
                                  "This name in `%s` has other characters than %s: write it without.", check->name,
                                  check->row->letters);
        result = check_value(
            &(struct check){.name = entry->name, .node = entry->value, .row = check->row->item, .fault = check->fault});
    }
    return result;
}

static enum fz_result check_value(const struct check *check)
{
    bool truth;
    if (check->row->or_null && fz_node_is_null(check->node))
        return FZ_OK;
    switch (check->row->type) {
    case FZ_WORLD_TEXT:
    case FZ_WORLD_LINES:
        return check_text(check);
    case FZ_WORLD_WORD:
        return check_word(check);
    case FZ_WORLD_INTEGER:
        return check_integer(check);
    case FZ_WORLD_BOOLEAN:
        return fz_node_boolean(check->node, &truth) ? FZ_OK : fault(check, "is neither true nor false: write one of them");
    case FZ_WORLD_LIST:
        return check_list(check);
    case FZ_WORLD_NAMED:
        return check_named(check);
    case FZ_WORLD_MAPPING:
        return check->node->kind == FZ_NODE_MAP
                   ? fz_world_check_map(check->node, check->row->rows, check->fault)
                   : fault(check, "is no mapping: write its members as `name: value`, or in braces");
    case FZ_WORLD_CALL:
        return check->node->kind == FZ_NODE_MAP ? FZ_OK : fault(check, "takes the members of a call, as `name: value`");
    default:
        return check_time(check);
    }
}

/* ---- members ---- */

static const struct fz_world_row *row_named(const struct fz_world_row *rows, const char *name)
{
    while (rows->name != NULL && strcmp(rows->name, name) != 0)
        rows++;
    return rows->name == NULL ? NULL : rows;
}

static enum fz_result tell_unknown(const struct fz_tree_entry *entry, const struct fz_world_row *rows, struct fz_world_fault *fault)
{
    struct choice choice = {.used = 0};
    char clean[60];
    fz_copy_clean(clean, sizeof clean, entry->name, strlen(entry->name), 40);
    for (; rows->name != NULL; rows++)
        add_choice(&choice, rows->name, rows[1].name == NULL);
    return fz_world_fault(fault, entry->line, entry->column, "`%s` has no meaning here. What has: %s.", clean, choice.text);
}

enum fz_result fz_world_check_map(const struct fz_node *map, const struct fz_world_row *rows, struct fz_world_fault *fault)
{
    for (size_t i = 0; i < map->count; i++) {
        const struct fz_tree_entry *entry = &map->entries[i];
        const struct fz_world_row *row = row_named(rows, entry->name);
        if (row == NULL)
            return tell_unknown(entry, rows, fault);
        enum fz_result result =
            check_value(&(struct check){.name = row->name, .node = entry->value, .row = row, .fault = fault});
        if (result != FZ_OK)
            return result;
    }
    for (; rows->name != NULL; rows++)
        if (rows->required && fz_tree_entry(map, rows->name) == NULL)
            return fz_world_fault(fault, map->line, map->column, "`%s` is missing here (%s): add it.", rows->name, rows->about);
    return FZ_OK;
}
