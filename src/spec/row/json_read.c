/* Reads JSON into a struct by its rows: answers, callbacks. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/text.h"
#include "spec/row/json.h"

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

static enum fz_result read_object(const struct reading *reading, const struct fz_member *members, json_t *object,
                                  void *values);

static enum fz_result keep(const struct reading *reading, const char *text, size_t size, const char **out)
{
    *out = fz_arena_copy(reading->arena, text, size);
    return *out == NULL ? FZ_FAILED : FZ_OK;
}

/* A text with a NUL in it would not be seen to its end. */
static enum fz_result read_text(const struct reading *reading, json_t *value, const char **out)
{
    const char *text = json_string_value(value);
    if (text == NULL || strlen(text) != json_string_length(value))
        return FZ_MALFORMED;
    return keep(reading, text, json_string_length(value), out);
}

/* A number or a truth value, as JSON writes it. */
static enum fz_result read_scalar(const struct reading *reading, json_t *value, const char **out)
{
    char text[48];
    if (json_is_integer(value))
        snprintf(text, sizeof text, "%lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
        snprintf(text, sizeof text, "%.17g", json_real_value(value));
    else if (json_is_boolean(value))
        fz_copy(text, sizeof text, json_is_true(value) ? "true" : "false");
    else
        return FZ_MALFORMED;
    return keep(reading, text, strlen(text), out);
}

static enum fz_result read_string(const struct reading *reading, const struct fz_member *member,
                                  json_t *value, void *values)
{
    const char **out = fz_slot(member, values);
    if (member->loose && !json_is_string(value))
        return read_scalar(reading, value, out);
    if (member->count == 0 || !json_is_string(value))
        return read_text(reading, value, out);
    *fz_count_slot(member, values) = json_string_length(value);
    return keep(reading, json_string_value(value), json_string_length(value), out);
}

static enum fz_result read_moment(const struct reading *reading, json_t *value, struct fz_timestamp *out)
{
    enum fz_result result = read_text(reading, value, &out->text);
    if (result == FZ_OK && fz_parse_time(out->text, &out->ms) != FZ_OK)
        out->ms = 0;
    return result;
}

/* Room for as many as the array has, and for one more: without, an empty array would count as not given. */
static void *room_for(const struct reading *reading, json_t *array, size_t size)
{
    return fz_arena_take(reading->arena, (json_array_size(array) + 1) * size);
}

static void set_list(const struct fz_member *member, void *values, void *list, json_t *array)
{
    *(void **)fz_slot(member, values) = list;
    *fz_count_slot(member, values) = json_array_size(array);
}

static enum fz_result read_items(const struct reading *reading, const struct fz_member *member, json_t *array,
                                 void *values)
{
    size_t i;
    json_t *item;
    if (!json_is_array(array))
        return FZ_MALFORMED;
    char *items = room_for(reading, array, member->size);
    if (items == NULL)
        return FZ_FAILED;
    json_array_foreach(array, i, item)
    {
        enum fz_result result = read_object(reading, member->members, item, items + i * member->size);
        if (result != FZ_OK)
            return result;
    }
    set_list(member, values, items, array);
    return FZ_OK;
}

static enum fz_result read_texts(const struct reading *reading, const struct fz_member *member, json_t *array,
                                 void *values)
{
    size_t i;
    json_t *item;
    if (!json_is_array(array))
        return FZ_MALFORMED;
    const char **texts = room_for(reading, array, sizeof *texts);
    if (texts == NULL)
        return FZ_FAILED;
    json_array_foreach(array, i, item)
    {
        enum fz_result result = read_text(reading, item, &texts[i]);
        if (result != FZ_OK)
            return result;
    }
    set_list(member, values, texts, array);
    return FZ_OK;
}

static enum fz_result read_value(const struct reading *reading, const struct fz_member *member, json_t *value,
                                 void *values)
{
    void *slot = fz_slot(member, values);
    switch (member->kind) {
    case FZ_STRING:
        return read_string(reading, member, value, values);
    case FZ_TIME:
        return read_moment(reading, value, slot);
    case FZ_INTEGER:
        *(int64_t *)slot = json_integer_value(value);
        return json_is_integer(value) ? FZ_OK : FZ_MALFORMED;
    case FZ_BOOLEAN:
        *(bool *)slot = json_is_true(value);
        return json_is_boolean(value) ? FZ_OK : FZ_MALFORMED;
    case FZ_OBJECT:
        if (member->loose && json_is_array(value))
            value = json_array_get(value, 0);
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
                                  json_t *value, void *values)
{
    if (value == NULL || json_is_null(value))
        return can_be_missing(member) ? FZ_OK : FZ_MALFORMED;
    enum fz_result result = read_value(reading, member, value, values);
    if (result == FZ_OK)
        fz_set_given(member, values);
    return result;
}

static enum fz_result read_object(const struct reading *reading, const struct fz_member *members, json_t *object,
                                  void *values)
{
    if (!json_is_object(object))
        return FZ_MALFORMED;
    for (; members->name != NULL; members++) {
        json_t *value = json_object_get(object, members->name);
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
    json_t *object = json_loadb(text, size, JSON_ALLOW_NUL, &where);
    if (object == NULL)
        return json_error_code(&where) == json_error_out_of_memory ? FZ_FAILED : FZ_MALFORMED;
    enum fz_result result = read_object(reading, members, object, values);
    json_decref(object);
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
