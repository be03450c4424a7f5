/* How a fault is named: `field` (a JSON Pointer in the body, the plain name elsewhere), `value`, `issue`,
 * `location` (S-RQ). */
#include <string.h>

#include "api/reading.h"

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
static void add_pointer(struct fz_text *field, const struct fz_spot *spot)
{
    if (spot == NULL)
        return;
    add_pointer(field, spot->outer);
    fz_text_string(field, "/");
    if (spot->name != NULL)
        add_escaped(field, spot->name);
    else
        fz_text_format(field, "%zu", spot->index);
}

enum fz_result fz_spot_refuse(const struct fz_call *call, enum fz_row row, const struct fz_spot *spot,
                              const char *value, enum fz_issue issue, const struct fz_issue_values *values)
{
    struct fz_text field = {.max = sizeof call->error->field};
    enum fz_place place = spot == NULL ? FZ_IN_BODY : spot->place;
    if (place == FZ_IN_BODY)
        add_pointer(&field, spot);
    else
        fz_text_string(&field, spot->name);
    enum fz_result result = fz_refuse_with(call->error, row, locations[place], field.data, value, issue, values);
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

enum fz_result fz_spot_refuse_json(const struct fz_call *call, const struct fz_spot *spot,
                                   const json_t *value, enum fz_issue issue,
                                   const struct fz_issue_values *values)
{
    char shown[sizeof call->error->value];
    show_json(shown, sizeof shown, value);
    return fz_spot_refuse(call, FZ_PARAM_ERROR, spot, shown, issue, values);
}
