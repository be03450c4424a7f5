/* Secrets: the key that seals the keys in the book (DIR/secret.key, or --secret-file), and what derives from
 * it.
 *
 * The secret lies in a file of its own, not in the book, so that a copy of the book alone opens nobody's
 * keys. Each use has a derived key of its own, so that what one of them gives away (a bill link's HMAC, a
 * drawn number) says nothing about another. */
#ifndef FZ_SERVER_KEYS_SECRETS_H
#define FZ_SERVER_KEYS_SECRETS_H

#include <stdint.h>

#include "base/result.h"
#include "base/text.h"

#define FZ_SECRET_CHECK_SIZE 33

struct fz_secrets {
    unsigned char sealing[32]; /* AES-256-GCM of keys in the book */
    unsigned char token[32];   /* HMAC of bill links */
    unsigned char draws[32];   /* drawn values of a book without --seed */
    char check[FZ_SECRET_CHECK_SIZE]; /* stands in the book: whoever opens it with another secret is told so */
};

/* Reads the file (makes it, 0600, if `create`). Refuses one that others can read. `why` gets what happened,
 * why, what to do. */
FZ_MUST_CHECK enum fz_result fz_secrets_load(const char *path, bool create, struct fz_secrets *out, char *why,
                                             size_t why_size);

/* Seals for a column: nonce, ciphertext, tag. `kind` and `row` are the associated data, so a sealed value
 * opens only in its own row. */
FZ_MUST_CHECK enum fz_result fz_secret_seal(const struct fz_secrets *secrets, const char *kind,
                                            const char *row, const void *plain, size_t size,
                                            struct fz_text *out);
/* FZ_MALFORMED if it was not sealed here for this row. */
FZ_MUST_CHECK enum fz_result fz_secret_open(const struct fz_secrets *secrets, const char *kind,
                                            const char *row, const void *sealed, size_t size,
                                            struct fz_text *out);

#endif
