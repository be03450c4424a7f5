/* Bodies of refusals, read. */
#include "wire/error_body.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "wire/json_read.h"

/* A scalar as text; nothing for what is none. */
static void copy_scalar(char *out, size_t size, const json_t *value)
{
    char number[48] = "";
    if (json_is_integer(value))
        snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
        snprintf(number, sizeof number, "%.17g", json_real_value(value));
    else if (json_is_boolean(value))
        fz_copy(number, sizeof number, json_is_true(value) ? "true" : "false");
    fz_copy(out, size, json_is_string(value) ? json_string_value(value) : number);
}

/* S-RQ has an array in its table and an object in its sample: of several the first. */
static const json_t *object_of(const json_t *detail)
{
    return json_is_array(detail) ? json_array_get(detail, 0) : detail;
}

static void read_detail(const json_t *detail, struct fz_error_body *out)
{
    const json_t *inner = object_of(json_object_get(detail, "detail"));
    fz_copy(out->field, sizeof out->field, fz_json_member_text(detail, "field"));
    copy_scalar(out->value, sizeof out->value, json_object_get(detail, "value"));
    const char *issue = fz_json_member_text(detail, "issue");
    fz_copy(out->issue, sizeof out->issue, issue[0] != '\0' ? issue : fz_json_member_text(inner, "issue"));
    fz_copy(out->location, sizeof out->location, fz_json_member_text(detail, "location"));
}

enum fz_result fz_error_body_read(const void *body, size_t size, struct fz_error_body *out)
{
    FZ_CLEANUP(fz_json_done) json_t *root = NULL;
    enum fz_result result = size > FZ_ERROR_BODY_MAX ? FZ_MALFORMED : fz_json_read(body, size, &root);
    if (result != FZ_OK)
        return result;
    if (fz_json_member_text(root, "code")[0] == '\0')
        return FZ_MALFORMED;
    const json_t *diagnosis = json_object_get(root, "diagnosis");
    *out = (struct fz_error_body){0};
    fz_copy(out->code, sizeof out->code, fz_json_member_text(root, "code"));
    fz_copy(out->message, sizeof out->message, fz_json_member_text(root, "message"));
    read_detail(object_of(json_object_get(root, "detail")), out);
    fz_copy(out->mistake, sizeof out->mistake, fz_json_member_text(diagnosis, "mistake"));
    fz_copy(out->diagnosis, sizeof out->diagnosis, fz_json_member_text(diagnosis, "message"));
    return FZ_OK;
}
