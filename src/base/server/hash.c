/* FNV-1a, of 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/. */
#include "base/server/hash.h"

uint64_t fz_hash(const char *text)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    return hash;
}
