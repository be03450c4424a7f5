/* Unpredictable bytes where there is no going on without them. */
#ifndef FZ_BASE_SERVER_RANDOM_H
#define FZ_BASE_SERVER_RANDOM_H

#include <stddef.h>

/* As fz_random_try, but it ends the program if the machine has none: a server whose keys and nonces can be
 * guessed would be worse than none. */
void fz_random(void *out, size_t size);
/* `size` - 1 (`size` at least 1) unpredictable characters of [0-9A-Za-z] and a NUL. */
void fz_random_text(char *out, size_t size);

#endif
