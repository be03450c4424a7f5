/* A world written down as YAML. */
#ifndef FZ_WORLD_WRITE_H
#define FZ_WORLD_WRITE_H

#include <jansson.h>

#include "base/text.h"

/* Appends `json`, an object: members and items that are short on a line of their own, PEM as blocks, all else below each
 * other. What the reader of worlds makes of it is equal to `json`. */
void fz_world_write(const json_t *json, struct fz_text *out);

#endif
