/* JSON objects of the other end, read by jansson. */
#ifndef FZ_WIRE_JSON_READ_H
#define FZ_WIRE_JSON_READ_H

#include <jansson.h>
#include <stddef.h>

#include "base/result.h"

/* Parses `size` bytes (NULL with 0 allowed). `out` is new: json_decref, or FZ_CLEANUP(fz_json_done).
 * FZ_MALFORMED if they are no JSON object alone, in UTF-8 and without a NUL in a text; FZ_FAILED when
 * memory is short. */
FZ_MUST_CHECK enum fz_result fz_json_read(const void *text, size_t size, json_t **out);
void fz_json_done(json_t **json); /* NULL is allowed */

/* The member's text, borrowed; "" if it is not there or no text, or `object` (NULL allowed) no object. */
const char *fz_json_member_text(const json_t *object, const char *name);

#endif
