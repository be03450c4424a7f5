/* In what two JSON values differ. */
#ifndef FZ_CLI_REPLAY_DIFFERENCE_H
#define FZ_CLI_REPLAY_DIFFERENCE_H

#include <jansson.h>

/* Adds {"member": its JSON Pointer, "then", "now"}; without one of the two where that is NULL. Values are borrowed. */
void fz_difference_add(json_t *differences, const char *member, json_t *then, json_t *now);
/* All of `then` and `now`, which are found at `pointer`, in the order of `then`. */
void fz_differences_find(json_t *differences, const char *pointer, json_t *then, json_t *now);

#endif
