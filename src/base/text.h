/* Bounded text: copies that cut at a character, and a growing buffer with a cap. */
#ifndef FZ_BASE_TEXT_H
#define FZ_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

/* Copies `source` (NULL counts as "") into `target` of `size` bytes, terminated; cuts at a UTF-8 boundary.
 * Returns false when it had to cut, and when there is no room even for a NUL (size 0: nothing is written). */
bool fz_copy(char *target, size_t size, const char *source);

/* The same for text that is not terminated. */
bool fz_copy_part(char *target, size_t size, const char *source, size_t source_size);

/* The number of UTF-8 characters in `size` bytes, or -1 if it is not UTF-8 of one- to three-byte characters
 * (the vendor's API rules: no supplementary plane). */
long fz_utf8_length(const char *text, size_t size);

/* Writes at most `characters` characters of `source` (any bytes) into `target` (size 0: nothing) as clean
 * UTF-8: a control character, and each byte of what is not UTF-8 in the sense above, becomes '?'. What a peer
 * sent can thus be echoed without breaking anything. */
void fz_copy_clean(char *target, size_t size, const char *source, size_t source_size, size_t characters);

/* In place, and as long as it was: control characters but line feeds become '?', also those of two bytes (C2 80 to C2 9F).
 * So what a peer or a file said cannot move the cursor of who reads it. */
void fz_clean_controls(char *text);

/* Digits only, 1 to 18 of them, optionally behind a minus. */
FZ_MUST_CHECK enum fz_result fz_parse_int(const char *text, int64_t *out);

/* A buffer that grows up to `max` bytes, not counting the NUL behind them. Zero-initialise but for max;
 * `data` is NULL until the first addition. Once an addition fails the buffer is `failed` and stays as it was,
 * so a chain of additions needs one check at its end. */
struct fz_text {
    char *data;
    size_t size;
    size_t capacity;
    size_t max;
    bool failed;
};

void fz_text_add(struct fz_text *text, const void *data, size_t size);
/* Where the next `size` bytes go, which the caller writes; they count as added. NULL when there is no
 * room. */
char *fz_text_room(struct fz_text *text, size_t size);
void fz_text_string(struct fz_text *text, const char *string);
void fz_text_format(struct fz_text *text, const char *format, ...) FZ_PRINTF(2, 3);
void fz_text_done(struct fz_text *text); /* frees; the struct can be used again */

#endif
