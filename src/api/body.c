/* The JSON body: parsed strictly, each value checked against its declaration. Recursion goes no deeper than
 * declarations nest. */
#include <string.h>

#include "api/reading.h"
#include "base/text.h"

#define SHOWN_BODY 64 /* bytes of a body that is no JSON, in `value` */

static enum fz_issue parse_issue(enum json_error_code code)
{
    switch (code) {
    case json_error_duplicate_key:
        return FZ_ISSUE_JSON_MEMBER_TWICE;
    case json_error_numeric_overflow:
        return FZ_ISSUE_JSON_NUMBER;
    case json_error_invalid_utf8:
        return FZ_ISSUE_JSON_NO_UTF8;
    case json_error_null_byte_in_key:
        return FZ_ISSUE_JSON_NUL;
    case json_error_stack_overflow:
        return FZ_ISSUE_JSON_TOO_DEEP;
    default:
        return FZ_ISSUE_NO_JSON;
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
        return fz_spot_refuse(call, FZ_PARAM_ERROR, spot, shown, FZ_ISSUE_NO_JSON_OBJECT, NULL);
    return fz_spot_refuse(call, FZ_PARAM_ERROR, spot, shown, parse_issue(code),
                          &(struct fz_issue_values){.first = error.line, .second = error.column});
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
            return fz_spot_refuse_json(call, &member, value, FZ_ISSUE_UNDECLARED, NULL);
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
    bool few = (int64_t)count < parameter->min;
    if (few || (int64_t)count > parameter->max)
        return fz_spot_refuse_json(
            call, spot, array, few ? FZ_ISSUE_TOO_FEW_ITEMS : FZ_ISSUE_TOO_MANY_ITEMS,
            &(struct fz_issue_values){.first = (int64_t)count, .second = few ? parameter->min : parameter->max});
    out->items = fz_arena_take(call->arena, count * parameter->item_size);
    if (out->items == NULL)
        return FZ_FAILED;
    out->count = count;
    for (size_t i = 0; i < count; i++) {
        struct fz_spot item = {.outer = spot, .place = FZ_IN_BODY, .index = i};
        json_t *value = json_array_get(array, i);
        if (!json_is_object(value))
            return fz_spot_refuse_json(call, &item, value, FZ_ISSUE_NO_OBJECT, NULL);
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
        return fz_spot_refuse_json(call, spot, value, FZ_ISSUE_CONTROL_CHARACTER, NULL);
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
                                     : fz_spot_refuse_json(call, spot, value, FZ_ISSUE_NO_STRING, NULL);
    case FZ_INTEGER:
        return json_is_integer(value) ? check_integer(call, parameter, spot, value, slot)
                                      : fz_spot_refuse_json(call, spot, value, FZ_ISSUE_NO_INTEGER, NULL);
    case FZ_BOOLEAN:
        if (!json_is_boolean(value))
            return fz_spot_refuse_json(call, spot, value, FZ_ISSUE_NO_BOOLEAN, NULL);
        *(bool *)slot = json_is_true(value);
        return FZ_OK;
    case FZ_OBJECT:
        return json_is_object(value) ? check_members(call, parameter->members, mode, spot, value, slot)
                                     : fz_spot_refuse_json(call, spot, value, FZ_ISSUE_NO_OBJECT, NULL);
    case FZ_ARRAY:
        return json_is_array(value) ? check_items(call, parameter, mode, spot, value, slot)
                                    : fz_spot_refuse_json(call, spot, value, FZ_ISSUE_NO_ARRAY, NULL);
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
        return fz_spot_refuse_json(call, &spot, value, fz_mode_issue(parameter->modes), NULL);
    return check_value(call, parameter, mode, &spot, value, target);
}
