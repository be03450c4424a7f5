/* The JSON body: parsed strictly, each value checked against its declaration. Recursion goes no deeper than
 * declarations nest. */
#include <string.h>

#include "base/text.h"
#include "spec/server/request_internal.h"

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

enum fz_result fz_body_parse(const struct fz_reading *reading, const struct fz_json_place *place, const void *body,
                             size_t size, struct fz_json_tree *tree)
{
    json_error_t error = {0};
    enum fz_result result =
        fz_json_tree_read(tree, size == 0 ? "" : body, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (result == FZ_FAILED || fz_json_of_kind(tree->root, FZ_JSON_OBJECT))
        return result;
    char shown[SHOWN_BODY + 1];
    fz_copy_clean(shown, sizeof shown, body, size, SHOWN_BODY);
    if (result == FZ_OK)
        return fz_refuse_value(reading, FZ_PARAM_ERROR, place, shown, FZ_ISSUE_NO_JSON_OBJECT, NULL);
    return fz_refuse_value(reading, FZ_PARAM_ERROR, place, shown, parse_issue(json_error_code(&error)),
                          &(struct fz_issue_values){.first = error.line, .second = error.column});
}

static const struct fz_member *declared(const struct fz_member *members, const char *name)
{
    for (; members->name != NULL; members++)
        if (members->place == FZ_IN_BODY && strcmp(members->name, name) == 0)
            return members;
    return NULL;
}

enum fz_result fz_members_known(const struct fz_reading *reading, const struct fz_member *members,
                                const struct fz_json_place *place, const struct fz_json_node *object)
{
    for (const struct fz_json_node *member = object->first; member != NULL; member = member->next) {
        struct fz_json_place where = {.outer = place, .place = FZ_IN_BODY, .name = member->name};
        if (declared(members, member->name) == NULL)
            return fz_refuse_json(reading, &where, member, FZ_ISSUE_UNDECLARED, NULL);
    }
    return FZ_OK;
}

/* All members of `object`, into `target`. */
static enum fz_result check_members(const struct fz_reading *reading, const struct fz_member *members,
                                    enum fz_modes mode, const struct fz_json_place *place,
                                    const struct fz_json_node *object, void *target)
{
    enum fz_result result = fz_members_known(reading, members, place, object);
    for (; result == FZ_OK && members->name != NULL; members++)
        result = fz_member_read(reading, members, mode, place, object, target);
    return result;
}

static enum fz_result check_items(const struct fz_reading *reading, const struct fz_member *member,
                                  enum fz_modes mode, const struct fz_json_place *place,
                                  const struct fz_json_node *array, void *target)
{
    size_t count = array->size, i = 0;
    bool few = (int64_t)count < member->min;
    if (few || (int64_t)count > member->max)
        return fz_refuse_json(
            reading, place, array, few ? FZ_ISSUE_TOO_FEW_ITEMS : FZ_ISSUE_TOO_MANY_ITEMS,
            &(struct fz_issue_values){.first = (int64_t)count, .second = few ? member->min : member->max});
    /* One more, so that an empty array has a place too: without one it would count as not given. */
    char *items = fz_arena_take(reading->arena, (count + 1) * member->size);
    if (items == NULL)
        return FZ_FAILED;
    *(void **)fz_slot(member, target) = items;
    *fz_count_slot(member, target) = count;
    for (const struct fz_json_node *item = array->first; item != NULL; item = item->next, i++) {
        struct fz_json_place where = {.outer = place, .place = FZ_IN_BODY, .index = i};
        if (item->kind != FZ_JSON_OBJECT)
            return fz_refuse_json(reading, &where, item, FZ_ISSUE_NO_OBJECT, NULL);
        enum fz_result result = check_members(reading, member->members, mode, &where, item, items + i * member->size);
        if (result != FZ_OK)
            return result;
    }
    return FZ_OK;
}

/* A string with a NUL in it is shown as JSON text, or the rest of it would not be seen. */
static enum fz_result check_string(const struct fz_reading *reading, const struct fz_member *member,
                                   const struct fz_json_place *place, const struct fz_json_node *value,
                                   const char **out)
{
    if (strlen(value->text) != value->size)
        return fz_refuse_json(reading, place, value, FZ_ISSUE_CONTROL_CHARACTER, NULL);
    return fz_text_check(reading, member, place, value->text, value->size, value->text, out);
}

static enum fz_result check_integer(const struct fz_reading *reading, const struct fz_member *member,
                                    const struct fz_json_place *place, int64_t number, int64_t *out)
{
    char shown[24];
    snprintf(shown, sizeof shown, "%lld", (long long)number);
    return fz_integer_check(reading, member, place, shown, number, out);
}

/* One value, into its place in `target`. */
static enum fz_result check_value(const struct fz_reading *reading, const struct fz_member *member,
                                  enum fz_modes mode, const struct fz_json_place *place,
                                  const struct fz_json_node *value, void *target)
{
    void *slot = fz_slot(member, target);
    fz_set_given(member, target);
    switch (member->kind) {
    case FZ_STRING:
    case FZ_TIME:
        return value->kind == FZ_JSON_STRING ? check_string(reading, member, place, value, slot)
                                     : fz_refuse_json(reading, place, value, FZ_ISSUE_NO_STRING, NULL);
    case FZ_INTEGER:
        return value->kind == FZ_JSON_INTEGER ? check_integer(reading, member, place, value->integer, slot)
                                      : fz_refuse_json(reading, place, value, FZ_ISSUE_NO_INTEGER, NULL);
    case FZ_BOOLEAN:
        if (!fz_json_is_boolean(value))
            return fz_refuse_json(reading, place, value, FZ_ISSUE_NO_BOOLEAN, NULL);
        *(bool *)slot = value->kind == FZ_JSON_TRUE;
        return FZ_OK;
    case FZ_OBJECT:
        return value->kind == FZ_JSON_OBJECT ? check_members(reading, member->members, mode, place, value, slot)
                                     : fz_refuse_json(reading, place, value, FZ_ISSUE_NO_OBJECT, NULL);
    case FZ_ARRAY:
        return value->kind == FZ_JSON_ARRAY ? check_items(reading, member, mode, place, value, target)
                                    : fz_refuse_json(reading, place, value, FZ_ISSUE_NO_ARRAY, NULL);
    case FZ_STRINGS: /* of answers alone */
        return FZ_FAILED;
    }
    __builtin_unreachable();
}

enum fz_result fz_member_read(const struct fz_reading *reading, const struct fz_member *member,
                              enum fz_modes mode, const struct fz_json_place *outer,
                              const struct fz_json_node *object, void *target)
{
    struct fz_json_place place = {.outer = outer, .place = FZ_IN_BODY, .name = member->name};
    const struct fz_json_node *value = fz_json_find(object, member->name);
    if (value == NULL)
        return fz_absence(reading, member, mode, &place, target);
    if (!fz_is_of_mode(member, mode))
        return fz_refuse_json(reading, &place, value, fz_mode_issue(member->only), NULL);
    return check_value(reading, member, mode, &place, value, target);
}
