/* Where a text goes in a table. */
#ifndef FZ_BASE_SERVER_HASH_H
#define FZ_BASE_SERVER_HASH_H

#include <stdint.h>

/* FNV-1a: fast for short texts, the same in every process. Who can choose the texts can make them collide, so a
 * table of what peers choose needs a bound of its own. */
uint64_t fz_hash(const char *text);

#endif
