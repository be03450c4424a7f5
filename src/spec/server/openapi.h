/* The schemas that the OpenAPI document is put together from. For those who make one: src/spec, and the control interface. */
#ifndef FZ_SPEC_SERVER_OPENAPI_H
#define FZ_SPEC_SERVER_OPENAPI_H

#include <jansson.h>

#include "spec/row/spec.h"

/* A document being made. Once something failed it stays `failed`, so a chain of additions needs one check at
 * its end. */
struct fz_openapi_making {
    bool failed;
};

/* Sets a member; takes `value` over. */
void fz_openapi_set(struct fz_openapi_making *making, json_t *object, const char *name, json_t *value);
/* Appends an item; takes `value` over. */
void fz_openapi_append(struct fz_openapi_making *making, json_t *array, json_t *value);

/* Reads JSON of an example. New; NULL for NULL. */
json_t *fz_openapi_example(struct fz_openapi_making *making, const char *text);
/* Puts the example into `body` (requestBody) and `answer` (a response), which have one kind of content each; either may be
 * NULL. */
void fz_openapi_show_example(struct fz_openapi_making *making, const struct fz_example *example, json_t *body,
                             json_t *answer);

/* What a member is for, with what its modes are. New. */
json_t *fz_openapi_description(const struct fz_member *member);
/* The schema of one member of a request. New. */
json_t *fz_openapi_member_schema(struct fz_openapi_making *making, const struct fz_member *member);
/* The schema of those of `members` that are in the body: an object without others. New. */
json_t *fz_openapi_body_schema(struct fz_openapi_making *making, const struct fz_member *members);
/* The schema of an answer: an object without other members. New. */
json_t *fz_openapi_answer_schema(struct fz_openapi_making *making, const struct fz_member *members);

/* OpenAPI 3.1 of all calls. New; NULL when memory is short. */
json_t *fz_openapi(void);

#endif
