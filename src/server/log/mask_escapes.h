/* Undoing the escapes of a text, one layer of them at a time. For the mask's own files alone. */
#ifndef FZ_SERVER_LOG_MASK_ESCAPES_H
#define FZ_SERVER_LOG_MASK_ESCAPES_H

#include <stddef.h>
#include <stdint.h>

/* Where the first is that could be undone; `size` if there is none. */
size_t fz_first_escape(const char *text, size_t size);

/* Undoes, in place, each %XX, %uXXXX, backslash escape, character reference of XML and NUL (of UTF-16) once. `at` has
 * each character's place in the text that it came from, and one more for the end; it moves along. Gives the new size:
 * the same if there was nothing to undo. What is not ASCII becomes 0xFF. */
size_t fz_undo_escapes(char *text, uint32_t *at, size_t size);

#endif
