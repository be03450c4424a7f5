/* Base64, standard and url-safe, strict: what it reads back is what was written, or malformed. */
#ifndef FZ_WIRE_BASE64_H
#define FZ_WIRE_BASE64_H

#include <stddef.h>

#include "base/result.h"

/* `out` needs 4 * ((size + 2) / 3) + 1 bytes. */
void fz_base64_write(char *out, const void *data, size_t size);
/* Padded, no white space. FZ_MALFORMED; FZ_FULL when `out` is too small. */
FZ_MUST_CHECK enum fz_result fz_base64_read(const char *text, size_t text_size, unsigned char *out,
                                            size_t out_size, size_t *size);
/* [0-9A-Za-z_-] without padding. */
void fz_base64url_write(char *out, const void *data, size_t size);
FZ_MUST_CHECK enum fz_result fz_base64url_read(const char *text, size_t text_size, unsigned char *out,
                                               size_t out_size, size_t *size);

#endif
