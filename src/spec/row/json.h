/* Structs as JSON, by their rows. */
#ifndef FZ_SPEC_ROW_JSON_H
#define FZ_SPEC_ROW_JSON_H

#include "spec/row/member.h"
#include "wire/json_text.h"

/* Writes `values`, a struct that `members` describe, as an object called `name` (NULL: at the top or in an
 * array): those of its members that stand in the body, in the order of the rows. What is not given is left
 * out. */
void fz_members_write(struct fz_json *json, const char *name, const struct fz_member *members,
                      const void *values);

#endif
