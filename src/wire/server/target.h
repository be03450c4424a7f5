/* The target of a request. */
#ifndef FZ_WIRE_SERVER_TARGET_H
#define FZ_WIRE_SERVER_TARGET_H

#include <stddef.h>

/* Where HOST or HOST:PORT stands in a target that is a whole URL, as it comes through a proxy of HTTP
 * (RFC 9112, 3.2.2); behind it are path and query, which are what the client signed. NULL: the target has
 * none. */
const char *fz_target_authority(const char *target, size_t *size);

#endif
