/* Reads JSON into a struct by its rows: answers, callbacks. */
#include <jansson.h>
#include <string.h>

#include "base/calendar.h"
#include "base/text.h"
#include "spec/row/json.h"

/* JSON being read. */
struct reading {
    struct fz_arena *arena;
    char *fault; /* of FZ_MEMBER_NAME_SIZE: the name of the first member at fault */
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

/* A text with a NUL in it would not be seen to its end. */
static enum fz_result read_string(const struct reading *reading, json_t *value, const char **out)
{
    const char *text = json_string_value(value);
    if (text == NULL || strlen(text) != json_string_length(value))
        return FZ_MALFORMED;
    *out = fz_arena_copy(reading->arena, text, json_string_length(value));
    return *out == NULL ? FZ_FAILED : FZ_OK;
}

static enum fz_result read_moment(const struct reading *reading, json_t *value, struct fz_timestamp *out)
{
    enum fz_result result = read_string(reading, value, &out->text);
    if (result == FZ_OK && fz_parse_time(out->text, &out->ms) != FZ_OK)
        out->ms = 0;
    return result;
}

static enum fz_result read_items(const struct reading *reading, const struct fz_member *member, json_t *array,
                                 void *values)
{
    size_t i;
    json_t *item;
    if (!json_is_array(array))
        return FZ_MALFORMED;
    /* One more, so that an empty array has a place too: without one it would count as not given. */
    char *items = fz_arena_take(reading->arena, (json_array_size(array) + 1) * member->size);
    if (items == NULL)
        return FZ_FAILED;
    *(void **)fz_slot(member, values) = items;
    *fz_count_slot(member, values) = json_array_size(array);
    json_array_foreach(array, i, item)
    {
        enum fz_result result = read_object(reading, member->members, item, items + i * member->size);
        if (result != FZ_OK)
            return result;
    }
    return FZ_OK;
}

static enum fz_result read_value(const struct reading *reading, const struct fz_member *member, json_t *value,
                                 void *values)
{
    void *slot = fz_slot(member, values);
    switch (member->kind) {
    case FZ_STRING:
        return read_string(reading, value, slot);
    case FZ_TIME:
        return read_moment(reading, value, slot);
    case FZ_INTEGER:
        *(int64_t *)slot = json_integer_value(value);
        return json_is_integer(value) ? FZ_OK : FZ_MALFORMED;
    case FZ_BOOLEAN:
        *(bool *)slot = json_is_true(value);
        return json_is_boolean(value) ? FZ_OK : FZ_MALFORMED;
    case FZ_OBJECT:
        return read_object(reading, member->members, value, slot);
    case FZ_ARRAY:
        return read_items(reading, member, value, values);
    }
    __builtin_unreachable();
}

/* A text that is missing reads as NULL, which says so; a number would read as 0. */
static bool can_be_missing(const struct fz_member *member)
{
    return member->given != 0 || member->kind == FZ_STRING || member->kind == FZ_TIME || member->kind == FZ_ARRAY;
}

static enum fz_result read_object(const struct reading *reading, const struct fz_member *members, json_t *object,
                                  void *values)
{
    if (!json_is_object(object))
        return FZ_MALFORMED;
    for (; members->name != NULL; members++) {
        enum fz_result result = FZ_OK;
        json_t *value = json_object_get(object, members->name);
        if (value == NULL || json_is_null(value))
            result = can_be_missing(members) ? FZ_OK : FZ_MALFORMED;
        else
            result = read_value(reading, members, value, values);
        if (result != FZ_OK)
            return blame(reading, members->name, result);
        if (value != NULL && !json_is_null(value))
            fz_set_given(members, values);
    }
    return FZ_OK;
}

enum fz_result fz_members_read(const struct fz_member *members, const char *text, size_t size,
                               struct fz_arena *arena, void *values, char fault[FZ_MEMBER_NAME_SIZE])
{
    struct reading reading = {arena, fault};
    json_error_t where;
    fault[0] = '\0';
    json_t *object = json_loadb(text, size, JSON_ALLOW_NUL, &where);
    if (object == NULL)
        return json_error_code(&where) == json_error_out_of_memory ? FZ_FAILED : FZ_MALFORMED;
    enum fz_result result = read_object(&reading, members, object, values);
    json_decref(object);
    return result;
}
