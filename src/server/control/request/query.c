/* The query string of a control call, parameter by parameter. */
#include <string.h>

#include "base/text.h"
#include "server/control/request/call.h"

/* For messages: a name as somebody sent it. */
static void show(char out[60], const char *name)
{
    fz_copy_clean(out, 60, name, strlen(name), 40);
}

static void note(struct fz_control_call *call, const char *name, size_t name_size, const char *value, size_t value_size)
{
    char shown[60];
    show(shown, name);
    json_t *text = json_stringn(value, value_size);
    if (text == NULL || strlen(json_string_value(text)) != value_size || strlen(name) != name_size) {
        json_decref(text);
        fz_body_fault(call, "\"%s\" has characters that are no text", shown);
    } else if (json_object_get(call->query, name) != NULL) {
        json_decref(text);
        fz_body_fault(call, "\"%s\" is given twice", shown);
    } else if (json_object_set_new(call->query, name, text) != 0) {
        fz_body_fault(call, "\"%s\" is no text", shown);
    }
}

/* Decodes in place; the size that is left. */
static size_t decode(char *text)
{
    for (char *at = text; *at != '\0'; at++)
        if (*at == '+')
            *at = ' ';
    return MHD_http_unescape(text);
}

/* The text is taken apart in place. */
static void split(struct fz_control_call *call)
{
    char *rest = call->query_text, *name;
    while ((name = strsep(&rest, "&")) != NULL) {
        char *value = strchr(name, '=');
        if (name[0] == '\0')
            continue;
        if (value != NULL)
            *value++ = '\0';
        else
            value = name + strlen(name);
        size_t value_size = decode(value); /* first: without "=" it is the end of the name */
        note(call, name, decode(name), value, value_size);
    }
}

void fz_control_query_read(struct fz_control_call *call)
{
    const char *name;
    json_t *value;
    call->query = json_object();
    if (call->query_text == NULL)
        fz_body_fault(call, "memory is short");
    split(call);
    json_object_foreach(call->query, name, value)
    {
        if (fz_control_member_named(call->members, name) != NULL)
            continue;
        char shown[60];
        show(shown, name);
        fz_body_fault(call, "\"%s\" is no parameter of this call", shown);
    }
}

const char *fz_control_query_text(struct fz_control_call *call, const char *name, size_t max)
{
    const char *text = json_string_value(json_object_get(call->query, name));
    if (text == NULL)
        return "";
    if (text[0] != '\0' && strlen(text) <= max)
        return text;
    fz_body_fault(call, "\"%s\" is not a text of 1 to %zu bytes", name, max);
    return "";
}

int64_t fz_control_query_integer(struct fz_control_call *call, const char *name, int64_t min, int64_t max,
                                 int64_t fallback)
{
    const char *text = json_string_value(json_object_get(call->query, name));
    int64_t number;
    if (text == NULL)
        return fallback;
    if (fz_parse_int(text, &number) == FZ_OK && number >= min && number <= max)
        return number;
    fz_body_fault(call, "\"%s\" is not a whole number from %lld to %lld", name, (long long)min,
                  (long long)max);
    return fallback;
}

bool fz_control_query_is_sound(struct fz_control_call *call)
{
    if (call->fault[0] == '\0')
        return true;
    fz_control_refuse(call, MHD_HTTP_BAD_REQUEST, "The query of the call has a fault: %s.", call->fault);
    return false;
}
