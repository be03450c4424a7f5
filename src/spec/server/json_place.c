/* How a fault is named: `field` (a JSON Pointer in the body, the plain name elsewhere), `value`, `issue`,
 * `location` (S-RQ). */
#include <string.h>

#include "base/text.h"
#include "spec/server/request_internal.h"

#define SHOWN_MAX ((size_t)1 << 20) /* of any body: an escape is at most six times its byte */

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

/* The JSON text of `value`, cut to what is shown of it. A string is shown plain unless a NUL in it would hide
 * the rest. */
static void show_json(char *out, size_t size, const struct fz_json_node *value)
{
    struct fz_json json = {.text.max = SHOWN_MAX};
    if (fz_json_of_kind(value, FZ_JSON_STRING) && strlen(value->text) == value->size) {
        fz_copy(out, size, value->text);
        return;
    }
    if (value != NULL)
        fz_json_write_node(&json, value);
    fz_copy_part(out, size, json.text.data, json.text.size);
    fz_text_done(&json.text);
}

enum fz_result fz_refuse_json(const struct fz_reading *reading, const struct fz_json_place *place,
                                   const struct fz_json_node *value, enum fz_issue issue,
                                   const struct fz_issue_values *values)
{
    char shown[sizeof reading->error->value];
    show_json(shown, sizeof shown, value);
    return fz_refuse_value(reading, FZ_PARAM_ERROR, place, shown, issue, values);
}
