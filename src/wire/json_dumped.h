/* A JSON value as text. */
#ifndef FZ_WIRE_JSON_DUMPED_H
#define FZ_WIRE_JSON_DUMPED_H

#include <jansson.h>

/* As json_dumps, but whoever gives jansson another allocator need not be asked how to free it: free does. NULL when memory is
 * short, or with `json` NULL. New. */
char *fz_json_dumped(const json_t *json, size_t flags);

#endif
