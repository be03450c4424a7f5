/* Reading JSON objects. */
#include "wire/json_read.h"

enum fz_result fz_json_read(const void *text, size_t size, json_t **out)
{
    json_error_t error;
    json_t *json = size == 0 ? NULL : json_loadb(text, size, 0, &error);
    if (json == NULL)
        return size > 0 && json_error_code(&error) == json_error_out_of_memory ? FZ_FAILED : FZ_MALFORMED;
    if (!json_is_object(json)) {
        json_decref(json);
        return FZ_MALFORMED;
    }
    *out = json;
    return FZ_OK;
}

void fz_json_done(json_t **json)
{
    json_decref(*json);
}

const char *fz_json_member_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text == NULL ? "" : text;
}
