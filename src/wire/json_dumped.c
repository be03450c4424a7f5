/* A JSON value as text that free can free, whatever allocator jansson was given by the program that we are in. */
#include "wire/json_dumped.h"

#include "base/text.h"

static int add(const char *part, size_t size, void *argument)
{
    struct fz_text *text = argument;
    fz_text_add(text, part, size);
    return text->failed ? -1 : 0;
}

char *fz_json_dumped(const json_t *json, size_t flags)
{
    struct fz_text text = {.max = SIZE_MAX / 4};
    if (json_dump_callback(json, add, &text, flags) == 0)
        return text.data;
    fz_text_done(&text);
    return NULL;
}
