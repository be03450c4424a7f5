/* Masking: what a log of requests must not keep is replaced by *** before it is stored. */
#ifndef FZ_SERVER_LOG_MASK_H
#define FZ_SERVER_LOG_MASK_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define FZ_MASK "***"

/* Where a part of a record is written; it stops when it is full. */
struct fz_masked {
    char *text;
    size_t size, max; /* max: the room in `text` */
    bool cut;         /* there was more */
};

/* Whether what stands behind this name is a secret: names of persons, payment codes, ciphertexts, tokens,
 * signatures, keys. One word of it is enough, however the words are joined and written. */
bool fz_is_secret_name(const char *name, size_t size);
extern const char *const fz_secret_words[]; /* NULL-ended */

static inline void fz_masked_add(struct fz_masked *out, const char *text, size_t size)
{
    size_t room = out->max - out->size, part = size < room ? size : room;
    if (part > 0)
        memcpy(out->text + out->size, text, part);
    out->size += part;
    if (part < size)
        out->cut = true;
}

static inline void fz_masked_string(struct fz_masked *out, const char *text)
{
    fz_masked_add(out, text, strlen(text));
}

/* Whether no name, tag or escape ends in it: then there is nothing to be masked. */
bool fz_is_nothing_to_mask(const char *text, size_t size);

/* Adds a target, a body or any other text. It is no parser: wherever a secret name stands before a colon or an equals
 * sign, or is an element of XML, what is behind it is replaced, whether the text is JSON, JSON within a JSON string, a
 * query, a form or something broken, and whatever of it is escaped. Where it cannot be told where a secret ends, more
 * is replaced. `also` (may be NULL) is one more such name. */
void fz_mask_text(struct fz_masked *out, const char *text, size_t size, const char *also);

/* The same of JSON that the server wrote itself: each of its strings is a text of its own. `also` is a name of its members. */
void fz_mask_json(struct fz_masked *out, const char *text, size_t size, const char *also);

/* Adds the value of a header. Of Authorization the scheme and the members of a request's signature stay, but
 * not the signature, nor anything so long that it might be one. */
void fz_mask_header(struct fz_masked *out, const char *name, const char *value);

#endif
