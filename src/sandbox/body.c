/* What is sent to the control interface: paths and bodies. */
#include <string.h>

#include "base/text.h"
#include "sandbox/sandbox.h"

/* RFC 3986, 2.3. */
static bool is_unreserved(char letter)
{
    return strchr("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-._~", letter) != NULL;
}

static void encode(struct fz_text *out, const char *argument)
{
    for (; *argument != '\0'; argument++)
        if (is_unreserved(*argument))
            fz_text_add(out, argument, 1);
        else
            fz_text_format(out, "%%%02X", (unsigned)(unsigned char)*argument);
}

void fz_sandbox_target(char out[FZ_SANDBOX_TARGET_SIZE], const char *before, const char *argument, const char *behind)
{
    struct fz_text text = {.max = FZ_SANDBOX_TARGET_SIZE - 1};
    fz_text_string(&text, before);
    encode(&text, argument == NULL ? "" : argument);
    fz_text_string(&text, behind);
    fz_copy(out, FZ_SANDBOX_TARGET_SIZE, text.failed ? "" : text.data);
    fz_text_done(&text);
}

json_t *fz_sandbox_object(const char *text)
{
    json_t *object = text == NULL ? json_object() : json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(object))
        return object;
    fz_sandbox_trouble("Nothing was done: this is no JSON object: %.200s", text == NULL ? "(memory is short)" : text);
    json_decref(object);
    return NULL;
}

void fz_sandbox_set_text(json_t *object, const char *name, const char *value)
{
    if (value != NULL)
        (void)json_object_set_new(object, name, json_string(value));
}

void fz_sandbox_set_wait(json_t *object, bool wait)
{
    if (wait)
        fz_sandbox_set_text(object, "callbacks", "wait");
}
