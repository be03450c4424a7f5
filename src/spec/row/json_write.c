/* Writes a struct as JSON, member after member, in the order of its rows. */
#include "base/calendar.h"
#include "spec/row/json.h"

static void write_members(struct fz_json *json, const char *name, const struct fz_member *members,
                          const void *values, const struct fz_sealing *sealing);

static void write_items(struct fz_json *json, const struct fz_member *member, const void *values,
                        const struct fz_sealing *sealing)
{
    const char *items = *(const char *const *)fz_slot(member, values);
    size_t count = *fz_count_slot(member, values);
    fz_json_array(json, member->name);
    for (size_t i = 0; i < count; i++)
        write_members(json, NULL, member->members, items + i * member->size, sealing);
    fz_json_end_array(json);
}

static void write_texts(struct fz_json *json, const struct fz_member *member, const void *values)
{
    const char *const *texts = *(const char *const *const *)fz_slot(member, values);
    size_t count = *fz_count_slot(member, values);
    fz_json_array(json, member->name);
    for (size_t i = 0; i < count; i++)
        fz_json_string(json, NULL, texts[i]);
    fz_json_end_array(json);
}

static void write_moment(struct fz_json *json, const struct fz_member *member,
                         const struct fz_timestamp *moment)
{
    char text[FZ_TIME_SIZE];
    if (moment->text != NULL) {
        fz_json_string(json, member->name, moment->text);
        return;
    }
    (member->milliseconds ? fz_format_time_ms : fz_format_time)(text, moment->ms);
    fz_json_own(json, member->name, text);
}

static void write_string(struct fz_json *json, const struct fz_member *member, const void *values,
                         const struct fz_sealing *sealing)
{
    char sealed[FZ_SEALED_SIZE];
    const char *text = *(const char *const *)fz_slot(member, values);
    if (member->count != 0)
        fz_json_sized(json, member->name, text, *fz_count_slot(member, values));
    else if (!member->sealed || sealing == NULL)
        fz_json_string(json, member->name, text);
    else if (sealing->seal(sealing->sealer, text, sealed, sizeof sealed) == FZ_OK)
        fz_json_string(json, member->name, sealed);
    else
        json->text.failed = true;
}

static void write_member(struct fz_json *json, const struct fz_member *member, const void *values,
                         const struct fz_sealing *sealing)
{
    const void *slot = fz_slot(member, values);
    switch (member->kind) {
    case FZ_STRING:
        write_string(json, member, values, sealing);
        return;
    case FZ_INTEGER:
        fz_json_integer(json, member->name, *(const int64_t *)slot);
        return;
    case FZ_BOOLEAN:
        fz_json_boolean(json, member->name, *(const bool *)slot);
        return;
    case FZ_OBJECT:
        write_members(json, member->name, member->members, slot, sealing);
        return;
    case FZ_ARRAY:
        write_items(json, member, values, sealing);
        return;
    case FZ_TIME:
        write_moment(json, member, slot);
        return;
    case FZ_STRINGS:
        write_texts(json, member, values);
        return;
    }
    __builtin_unreachable();
}

static void write_members(struct fz_json *json, const char *name, const struct fz_member *members,
                          const void *values, const struct fz_sealing *sealing)
{
    fz_json_object(json, name);
    for (; members->name != NULL; members++)
        if (members->place == FZ_IN_BODY && fz_is_given(members, values))
            write_member(json, members, values, sealing);
    fz_json_end_object(json);
}

void fz_members_write(struct fz_json *json, const char *name, const struct fz_member *members,
                      const void *values)
{
    write_members(json, name, members, values, NULL);
}

void fz_members_write_sealed(struct fz_json *json, const struct fz_member *members, const void *values,
                             const struct fz_sealing *sealing)
{
    write_members(json, NULL, members, values, sealing);
}
