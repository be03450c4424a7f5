/* Writes a struct as JSON, member after member, in the order of its rows. */
#include "base/calendar.h"
#include "spec/row/json.h"

static void write_items(struct fz_json *json, const struct fz_member *member, const void *values)
{
    const char *items = *(const char *const *)fz_slot(member, values);
    size_t count = *fz_count_slot(member, values);
    fz_json_array(json, member->name);
    for (size_t i = 0; i < count; i++)
        fz_members_write(json, NULL, member->members, items + i * member->size);
    fz_json_end_array(json);
}

static void write_moment(struct fz_json *json, const char *name, const struct fz_timestamp *moment)
{
    char text[FZ_TIME_SIZE];
    if (moment->text == NULL)
        fz_format_time(text, moment->ms);
    fz_json_string(json, name, moment->text != NULL ? moment->text : text);
}

static void write_member(struct fz_json *json, const struct fz_member *member, const void *values)
{
    const void *slot = fz_slot(member, values);
    switch (member->kind) {
    case FZ_STRING:
        fz_json_string(json, member->name, *(const char *const *)slot);
        return;
    case FZ_INTEGER:
        fz_json_integer(json, member->name, *(const int64_t *)slot);
        return;
    case FZ_BOOLEAN:
        fz_json_boolean(json, member->name, *(const bool *)slot);
        return;
    case FZ_OBJECT:
        fz_members_write(json, member->name, member->members, slot);
        return;
    case FZ_ARRAY:
        write_items(json, member, values);
        return;
    case FZ_TIME:
        write_moment(json, member->name, slot);
        return;
    }
    __builtin_unreachable();
}

void fz_members_write(struct fz_json *json, const char *name, const struct fz_member *members,
                      const void *values)
{
    fz_json_object(json, name);
    for (; members->name != NULL; members++)
        if (members->place == FZ_IN_BODY && fz_is_given(members, values))
            write_member(json, members, values);
    fz_json_end_object(json);
}
