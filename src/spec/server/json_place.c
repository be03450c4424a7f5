/* How a fault is named: `field` (a JSON Pointer in the body, the plain name elsewhere), `value`, `issue`,
 * `location` (S-RQ). */
#include <string.h>

#include "base/text.h"
#include "spec/server/request_internal.h"

static const char *const locations[] = {[FZ_IN_PATH] = "url", [FZ_IN_QUERY] = "query", [FZ_IN_BODY] = "body"};

/* A name as a JSON Pointer has it: ~ and / are escaped. */
static void add_escaped(struct fz_text *field, const char *name)
{
    for (; *name != '\0'; name++) {
        if (*name == '~')
            fz_text_string(field, "~0");
        else if (*name == '/')
            fz_text_string(field, "~1");
        else
            fz_text_add(field, name, 1);
    }
}

/* Goes as deep as the declarations nest. */
static void add_pointer(struct fz_text *field, const struct fz_json_place *place)
{
    if (place == NULL)
        return;
    add_pointer(field, place->outer);
    fz_text_string(field, "/");
    if (place->name != NULL)
        add_escaped(field, place->name);
    else
        fz_text_format(field, "%zu", place->index);
}

enum fz_result fz_refuse_value(const struct fz_reading *reading, enum fz_row row, const struct fz_json_place *place,
                              const char *value, enum fz_issue issue, const struct fz_issue_values *values)
{
    struct fz_text field = {.max = sizeof reading->error->field};
    enum fz_place where = place == NULL ? FZ_IN_BODY : place->place;
    if (where == FZ_IN_BODY)
        add_pointer(&field, place);
    else
        fz_text_string(&field, place->name);
    enum fz_result result = fz_refuse_with(reading->error, row, locations[where], field.data, value, issue, values);
    fz_text_done(&field);
    return result;
}

struct shown {
    char text[sizeof((struct fz_error *)NULL)->value];
    size_t used;
};

/* json_dumpb leaves holes where a piece does not fit. */
static int take_piece(const char *piece, size_t size, void *argument)
{
    struct shown *shown = argument;
    size_t room = sizeof shown->text - shown->used, part = size < room ? size : room;
    memcpy(shown->text + shown->used, piece, part);
    shown->used += part;
    return 0;
}

/* The JSON text of `value`, cut to what is shown of it. A string is shown plain unless a NUL in it would hide
 * the rest. */
static void show_json(char *out, size_t size, const json_t *value)
{
    struct shown shown = {.used = 0};
    if (json_is_string(value) && strlen(json_string_value(value)) == json_string_length(value)) {
        fz_copy(out, size, json_string_value(value));
        return;
    }
    if (value != NULL)
        (void)json_dump_callback(value, take_piece, &shown, JSON_COMPACT | JSON_ENCODE_ANY);
    fz_copy_part(out, size, shown.text, shown.used);
}

enum fz_result fz_refuse_json(const struct fz_reading *reading, const struct fz_json_place *place,
                                   const json_t *value, enum fz_issue issue,
                                   const struct fz_issue_values *values)
{
    char shown[sizeof reading->error->value];
    show_json(shown, sizeof shown, value);
    return fz_refuse_value(reading, FZ_PARAM_ERROR, place, shown, issue, values);
}
