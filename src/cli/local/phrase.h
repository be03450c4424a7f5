/* What is typed for a control call: words and options, made into the call. The words are those of its row (routes.h). */
#ifndef FZ_CLI_LOCAL_PHRASE_H
#define FZ_CLI_LOCAL_PHRASE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "server/control/calls/routes.h"

/* The call whose row has these words (`words[0]` is the command itself), the one with the fewest that are values. `given`
 * gets the texts of the values by their names. NULL: there is none. */
const struct fz_control_route *fz_phrase_find(char *const words[], size_t count, json_t *given);

/* Whether the command is one of the words that this pattern begins with. */
bool fz_phrase_is_of(const char *pattern, const char *command);
/* What is typed behind the command's own word: "advance PT5M", with the values and options of the row's example, or where
 * that has none "advance ADVANCE". `plain`: the latter in any case. */
void fz_phrase_write(const char *pattern, const struct fz_control_route *route, bool plain, struct fz_text *out);

/* A member's value of its text. NULL after a message, which begins with `who`. */
json_t *fz_phrase_value(const char *who, const struct fz_control_member *member, const char *text);

/* "/payments/123/pay" of the row's path and of what was given for its argument; behind it the query of calls that have no
 * body. `values` are the members. New; NULL: memory is short. */
char *fz_phrase_target(const struct fz_control_route *route, const char *argument, json_t *values);

#endif
