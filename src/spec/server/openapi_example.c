/* Examples in the OpenAPI documents. */
#include "spec/server/openapi.h"

json_t *fz_openapi_example(struct fz_openapi_making *making, const char *text)
{
    json_t *example = text == NULL ? NULL : json_loads(text, JSON_DECODE_ANY, NULL);
    if (text != NULL && example == NULL)
        making->failed = true;
    return example;
}

/* Into the one kind of content that `owner` (a requestBody or a response; NULL: none) has. */
static void show(struct fz_openapi_making *making, json_t *owner, const char *text)
{
    json_t *content = json_object_get(owner, "content");
    void *kind = json_object_iter(content);
    if (kind != NULL && text != NULL)
        fz_openapi_set(making, json_object_iter_value(kind), "example", fz_openapi_example(making, text));
}

void fz_openapi_show_example(struct fz_openapi_making *making, const struct fz_example *example, json_t *body,
                             json_t *answer)
{
    show(making, body, example->body);
    show(making, answer, example->answer);
}
