/* Reads JSON into a struct by its rows: answers, callbacks. */
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/text.h"
#include "spec/row/json.h"
#include "wire/json_tree.h"

/* JSON being read. */
struct reading {
    struct fz_arena *arena;
    char *fault; /* of FZ_MEMBER_NAME_SIZE: the name of the first member at fault. NULL: no member is at
                    fault, what does not fit is not given */
};

/* The name of a member at fault grows outwards: "amount" before "refund". */
static enum fz_result blame(const struct reading *reading, const char *name, enum fz_result result)
{
    char inner[FZ_MEMBER_NAME_SIZE];
    if (result != FZ_MALFORMED)
        return result;
    fz_copy(inner, sizeof inner, reading->fault);
    struct fz_text whole = {.max = FZ_MEMBER_NAME_SIZE - 1};
    fz_text_string(&whole, name);
    if (inner[0] != '\0') {
        fz_text_string(&whole, ".");
        fz_text_string(&whole, inner);
    }
    fz_copy(reading->fault, FZ_MEMBER_NAME_SIZE, whole.data);
    fz_text_done(&whole);
    return result;
}

static enum fz_result read_object(const struct reading *reading, const struct fz_member *members,
                                  const struct fz_json_node *object, void *values);

static enum fz_result keep(const struct reading *reading, const char *text, size_t size, const char **out)
{
    *out = fz_arena_copy(reading->arena, text, size);
    return *out == NULL ? FZ_FAILED : FZ_OK;
}

/* A text with a NUL in it would not be seen to its end. */
static enum fz_result read_text(const struct reading *reading, const struct fz_json_node *value, const char **out)
{
    if (value->kind != FZ_JSON_STRING || strlen(value->text) != value->size)
        return FZ_MALFORMED;
    return keep(reading, value->text, value->size, out);
}

/* A number or a truth value, as JSON writes it. */
static enum fz_result read_scalar(const struct reading *reading, const struct fz_json_node *value, const char **out)
{
    char text[48];
    if (value->kind == FZ_JSON_INTEGER)
        snprintf(text, sizeof text, "%lld", (long long)value->integer);
    else if (value->kind == FZ_JSON_REAL)
        snprintf(text, sizeof text, "%.17g", value->real);
    else if (fz_json_is_boolean(value))
        fz_copy(text, sizeof text, value->kind == FZ_JSON_TRUE ? "true" : "false");
    else
        return FZ_MALFORMED;
    return keep(reading, text, strlen(text), out);
}

static enum fz_result read_string(const struct reading *reading, const struct fz_member *member,
                                  const struct fz_json_node *value, void *values)
{
    const char **out = fz_slot(member, values);
    if (member->loose && value->kind != FZ_JSON_STRING)
        return read_scalar(reading, value, out);
    if (member->count == 0 || value->kind != FZ_JSON_STRING)
        return read_text(reading, value, out);
    *fz_count_slot(member, values) = value->size;
    return keep(reading, value->text, value->size, out);
}

static enum fz_result read_moment(const struct reading *reading, const struct fz_json_node *value, struct fz_timestamp *out)
{
    enum fz_result result = read_text(reading, value, &out->text);
    if (result == FZ_OK && fz_parse_time(out->text, &out->ms) != FZ_OK)
        out->ms = 0;
    return result;
}

/* Room for as many as the array has, and for one more: without, an empty array would count as not given. */
static void *room_for(const struct reading *reading, const struct fz_json_node *array, size_t size)
{
    return fz_arena_take(reading->arena, (array->size + 1) * size);
}

static void set_list(const struct fz_member *member, void *values, void *list, const struct fz_json_node *array)
{
    *(void **)fz_slot(member, values) = list;
    *fz_count_slot(member, values) = array->size;
}

static enum fz_result read_items(const struct reading *reading, const struct fz_member *member,
                                 const struct fz_json_node *array, void *values)
{
    size_t i = 0;
    if (array->kind != FZ_JSON_ARRAY)
        return FZ_MALFORMED;
    char *items = room_for(reading, array, member->size);
    if (items == NULL)
        return FZ_FAILED;
    for (const struct fz_json_node *item = array->first; item != NULL; item = item->next, i++) {
        enum fz_result result = read_object(reading, member->members, item, items + i * member->size);
        if (result != FZ_OK)
            return result;
    }
    set_list(member, values, items, array);
    return FZ_OK;
}

static enum fz_result read_texts(const struct reading *reading, const struct fz_member *member,
                                 const struct fz_json_node *array, void *values)
{
    size_t i = 0;
    if (array->kind != FZ_JSON_ARRAY)
        return FZ_MALFORMED;
    const char **texts = room_for(reading, array, sizeof *texts);
    if (texts == NULL)
        return FZ_FAILED;
    for (const struct fz_json_node *item = array->first; item != NULL; item = item->next, i++) {
        enum fz_result result = read_text(reading, item, &texts[i]);
        if (result != FZ_OK)
            return result;
    }
    set_list(member, values, texts, array);
    return FZ_OK;
}

static enum fz_result read_value(const struct reading *reading, const struct fz_member *member,
                                 const struct fz_json_node *value, void *values)
{
    void *slot = fz_slot(member, values);
    switch (member->kind) {
    case FZ_STRING:
        return read_string(reading, member, value, values);
    case FZ_TIME:
        return read_moment(reading, value, slot);
    case FZ_INTEGER:
        *(int64_t *)slot = value->kind == FZ_JSON_INTEGER ? value->integer : 0;
        return value->kind == FZ_JSON_INTEGER ? FZ_OK : FZ_MALFORMED;
    case FZ_BOOLEAN:
        *(bool *)slot = value->kind == FZ_JSON_TRUE;
        return fz_json_is_boolean(value) ? FZ_OK : FZ_MALFORMED;
    case FZ_OBJECT:
        if (member->loose && value->kind == FZ_JSON_ARRAY)
            value = value->first;
        return read_object(reading, member->members, value, slot);
    case FZ_ARRAY:
        return read_items(reading, member, value, values);
    case FZ_STRINGS:
        return read_texts(reading, member, value, values);
    }
    __builtin_unreachable();
}

/* A text that is missing reads as NULL, which says so; a number would read as 0. */
static bool can_be_missing(const struct fz_member *member)
{
    return member->given != 0 || member->kind == FZ_STRING || member->kind == FZ_TIME ||
           member->kind == FZ_ARRAY || member->kind == FZ_STRINGS;
}

static enum fz_result read_member(const struct reading *reading, const struct fz_member *member,
                                  const struct fz_json_node *value, void *values)
{
    if (value == NULL || value->kind == FZ_JSON_NULL)
        return can_be_missing(member) ? FZ_OK : FZ_MALFORMED;
    enum fz_result result = read_value(reading, member, value, values);
    if (result == FZ_OK)
        fz_set_given(member, values);
    return result;
}

static enum fz_result read_object(const struct reading *reading, const struct fz_member *members,
                                  const struct fz_json_node *object, void *values)
{
    if (!fz_json_of_kind(object, FZ_JSON_OBJECT))
        return FZ_MALFORMED;
    for (; members->name != NULL; members++) {
        const struct fz_json_node *value = fz_json_find(object, members->name);
        enum fz_result result = read_member(reading, members, value, values);
        bool passed_over = result == FZ_MALFORMED && reading->fault == NULL;
        if (result != FZ_OK && !passed_over)
            return blame(reading, members->name, result);
    }
    return FZ_OK;
}

static enum fz_result read_json(const struct reading *reading, const struct fz_member *members,
                                const char *text, size_t size, void *values)
{
    json_error_t where;
    struct fz_json_tree tree;
    enum fz_result result = fz_json_tree_read(&tree, text, size, 0, &where);
    if (result == FZ_OK)
        result = read_object(reading, members, tree.root, values);
    fz_json_tree_done(&tree);
    return result;
}

enum fz_result fz_members_read(const struct fz_member *members, const char *text, size_t size,
                               struct fz_arena *arena, void *values, char fault[FZ_MEMBER_NAME_SIZE])
{
    const struct reading reading = {arena, fault};
    fault[0] = '\0';
    return read_json(&reading, members, text, size, values);
}

enum fz_result fz_members_read_leniently(const struct fz_member *members, const char *text, size_t size,
                                         struct fz_arena *arena, void *values)
{
    const struct reading reading = {.arena = arena};
    return read_json(&reading, members, text, size, values);
}
