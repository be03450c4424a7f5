/* Masking: what a log of requests must not keep is replaced by *** before it is stored. */
#ifndef FZ_SERVER_REQUEST_MASK_H
#define FZ_SERVER_REQUEST_MASK_H

#include <stdbool.h>
#include <stddef.h>

/* Where a part of a record is written; it stops when it is full. */
struct fz_masked {
    char *text;
    size_t size, max; /* max: the room in `text` */
    bool cut;         /* there was more */
};

/* Whether what stands behind this name is a secret: names of persons, payment codes, ciphertexts, tokens,
 * signatures, keys. Without regard to case. */
bool fz_is_secret_name(const char *name, size_t size);

void fz_masked_add(struct fz_masked *out, const char *text, size_t size);
void fz_masked_string(struct fz_masked *out, const char *text);

/* Adds a target, a body or any other text. It is no parser: wherever a secret name stands before a colon or
 * an equals sign, in JSON, JSON within a JSON string, a query, a form or something broken, the value behind
 * it is replaced. A name with an escape in it could be any, so it counts as secret; so does `also` (may be
 * NULL). */
void fz_mask_text(struct fz_masked *out, const char *text, size_t size, const char *also);

/* Adds the value of a header. Of Authorization the scheme and the members of a request's signature stay, but
 * not the signature, nor anything so long that it might be one. */
void fz_mask_header(struct fz_masked *out, const char *name, const char *value);

#endif
