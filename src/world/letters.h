/* Characters of a world's texts: which may be there, and which YAML takes only as escapes. */
#ifndef FZ_WORLD_LETTERS_H
#define FZ_WORLD_LETTERS_H

#include <stdbool.h>
#include <stddef.h>

/* Whether of control characters (C0, DEL and C1) only line ends and tabs are in it. */
bool fz_world_is_clean(const char *text, size_t size);

/* What between double quotes would not come back as it is: YAML refuses it, or takes it for a mark of the file or the end of a
 * line. Puts the escape of such a character at `at` into `out` and returns how many bytes it takes the place of; 0: it is none. */
size_t fz_world_escape(const char *at, const char *end, char out[8]);

#endif
