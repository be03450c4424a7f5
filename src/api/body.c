/* The JSON body: parsed strictly, each value checked against its declaration. Recursion goes no deeper than
 * declarations nest. */
#include <string.h>

#include "api/reading.h"
#include "base/text.h"

#define SHOWN_BODY 64 /* bytes of a body that is no JSON, in `value` */

static const char *parse_issue(enum json_error_code code)
{
    switch (code) {
    case json_error_duplicate_key:
        return "has a member twice";
    case json_error_numeric_overflow:
        return "has a number that is out of range";
    case json_error_invalid_utf8:
        return "is not UTF-8";
    case json_error_null_byte_in_key:
        return "has a NUL in the name of a member";
    case json_error_stack_overflow:
        return "is nested too deeply";
    default:
        return "is not JSON";
    }
}

enum fz_result fz_body_parse(const struct fz_call *call, const struct fz_spot *spot, const void *body,
                             size_t size, json_t **out)
{
    json_error_t error = {0};
    json_t *json = json_loadb(size == 0 ? "" : body, size,
                              JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    if (json_is_object(json)) {
        *out = json;
        return FZ_OK;
    }
    bool parsed = json != NULL;
    json_decref(json);
    enum json_error_code code = json_error_code(&error);
    if (!parsed && (code == json_error_unknown || code == json_error_out_of_memory))
        return FZ_FAILED; /* every fault of the text has a code of its own */
    char shown[SHOWN_BODY + 1];
    fz_copy_clean(shown, sizeof shown, body, size, SHOWN_BODY);
    if (parsed)
        return fz_spot_refuse(call, FZ_PARAM_ERROR, spot, shown, "is not a JSON object");
    return fz_spot_refuse(call, FZ_PARAM_ERROR, spot, shown, "%s (line %d, column %d)", parse_issue(code),
                          error.line, error.column);
}

static const struct fz_parameter *declared(const struct fz_parameter *members, const char *name)
{
    for (; members->name != NULL; members++)
        if (members->place == FZ_IN_BODY && strcmp(members->name, name) == 0)
            return members;
    return NULL;
}

enum fz_result fz_members_known(const struct fz_call *call, const struct fz_parameter *members,
                                const struct fz_spot *spot, json_t *object)
{
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value)
    {
        struct fz_spot member = {.outer = spot, .place = FZ_IN_BODY, .name = name};
        if (declared(members, name) == NULL)
            return fz_spot_refuse_json(call, &member, value, FZ_UNDECLARED);
    }
    return FZ_OK;
}

/* All members of `object`, into `target`. */
static enum fz_result check_members(const struct fz_call *call, const struct fz_parameter *members,
                                    enum fz_modes mode, const struct fz_spot *spot, json_t *object,
                                    void *target)
{
    enum fz_result result = fz_members_known(call, members, spot, object);
    for (; result == FZ_OK && members->name != NULL; members++)
        result = fz_member_read(call, members, mode, spot, object, target);
    return result;
}

static enum fz_result check_items(const struct fz_call *call, const struct fz_parameter *parameter,
                                  enum fz_modes mode, const struct fz_spot *spot, json_t *array,
                                  struct fz_items *out)
{
    size_t count = json_array_size(array);
    if ((int64_t)count < parameter->min)
        return fz_spot_refuse_json(call, spot, array, "has %zu items, at least %lld needed", count,
                                   (long long)parameter->min);
    if ((int64_t)count > parameter->max)
        return fz_spot_refuse_json(call, spot, array, "has %zu items, at most %lld are allowed", count,
                                   (long long)parameter->max);
    out->items = fz_arena_take(call->arena, count * parameter->item_size);
    if (out->items == NULL)
        return FZ_FAILED;
    out->count = count;
    for (size_t i = 0; i < count; i++) {
        struct fz_spot item = {.outer = spot, .place = FZ_IN_BODY, .index = i};
        json_t *value = json_array_get(array, i);
        if (!json_is_object(value))
            return fz_spot_refuse_json(call, &item, value, "is not an object");
        enum fz_result result = check_members(call, parameter->members, mode, &item, value,
                                              (char *)out->items + i * parameter->item_size);
        if (result != FZ_OK)
            return result;
    }
    return FZ_OK;
}

/* A string with a NUL in it is shown as JSON text, or the rest of it would not be seen. */
static enum fz_result check_string(const struct fz_call *call, const struct fz_parameter *parameter,
                                   const struct fz_spot *spot, json_t *value, const char **out)
{
    const char *text = json_string_value(value);
    size_t size = json_string_length(value);
    if (strlen(text) != size)
        return fz_spot_refuse_json(call, spot, value, "has a control character");
    return fz_text_check(call, parameter, spot, text, size, text, out);
}

static enum fz_result check_integer(const struct fz_call *call, const struct fz_parameter *parameter,
                                    const struct fz_spot *spot, json_t *value, int64_t *out)
{
    int64_t number = json_integer_value(value);
    char shown[24];
    snprintf(shown, sizeof shown, "%lld", (long long)number);
    return fz_integer_check(call, parameter, spot, shown, number, out);
}

/* One value, into its place in `target`. */
static enum fz_result check_value(const struct fz_call *call, const struct fz_parameter *parameter,
                                  enum fz_modes mode, const struct fz_spot *spot, json_t *value, void *target)
{
    void *slot = fz_slot(parameter, target);
    switch (parameter->kind) {
    case FZ_STRING:
        return json_is_string(value) ? check_string(call, parameter, spot, value, slot)
                                     : fz_spot_refuse_json(call, spot, value, "is not a string");
    case FZ_INTEGER:
        return json_is_integer(value) ? check_integer(call, parameter, spot, value, slot)
                                      : fz_spot_refuse_json(call, spot, value, "is not an integer");
    case FZ_BOOLEAN:
        if (!json_is_boolean(value))
            return fz_spot_refuse_json(call, spot, value, "is not a boolean");
        *(bool *)slot = json_is_true(value);
        return FZ_OK;
    case FZ_OBJECT:
        return json_is_object(value) ? check_members(call, parameter->members, mode, spot, value, slot)
                                     : fz_spot_refuse_json(call, spot, value, "is not an object");
    case FZ_ARRAY:
        return json_is_array(value) ? check_items(call, parameter, mode, spot, value, slot)
                                    : fz_spot_refuse_json(call, spot, value, "is not an array");
    }
    __builtin_unreachable();
}

enum fz_result fz_member_read(const struct fz_call *call, const struct fz_parameter *parameter,
                              enum fz_modes mode, const struct fz_spot *outer, json_t *object, void *target)
{
    struct fz_spot spot = {.outer = outer, .place = FZ_IN_BODY, .name = parameter->name};
    json_t *value = json_object_get(object, parameter->name);
    if (value == NULL)
        return fz_absence(call, parameter, mode, &spot, target);
    if (!fz_is_of_mode(parameter, mode))
        return fz_spot_refuse_json(call, &spot, value, "is only for %s", fz_mode_word(parameter->modes));
    return check_value(call, parameter, mode, &spot, value, target);
}
