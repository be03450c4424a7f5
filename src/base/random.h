/* Unpredictable bytes, for keys, nonces and Request-ID. Nothing else asks the machine for luck. */
#ifndef FZ_BASE_RANDOM_H
#define FZ_BASE_RANDOM_H

#include <stddef.h>

#include "base/result.h"

/* Fills `out`. FZ_FAILED if the machine gives none (a sandbox may forbid the system call); `out` is then
 * zeroed, so that nobody takes half of it for a key. Thread-safe, and sound after fork(). */
FZ_MUST_CHECK enum fz_result fz_random_try(void *out, size_t size);
/* `size` - 1 characters of [0-9A-Za-z] and a NUL. FZ_FULL if `size` is 0, FZ_FAILED as above. */
FZ_MUST_CHECK enum fz_result fz_random_text_try(char *out, size_t size);

#endif
