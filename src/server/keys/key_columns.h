/* A key pair as the columns of a row: how keys of merchants and of the platform stand in the book. */
#ifndef FZ_SERVER_KEYS_KEY_COLUMNS_H
#define FZ_SERVER_KEYS_KEY_COLUMNS_H

#include "server/keys/secrets.h"
#include "wire/certificate.h"

#define FZ_PEM_MAX       8192 /* more than a key or a certificate of 4096 bits takes */
#define FZ_PLATFORM_NAME "Fenzhang sandbox platform"

struct fz_key_columns {
    char serial_no[FZ_SERIAL_SIZE];
    struct fz_text certificate; /* PEM */
    struct fz_text public_key;  /* DER, as fz_public_key_write */
    struct fz_text sealed;      /* the private key's PEM, sealed for the row `serial_no` */
};
void fz_key_columns_done(struct fz_key_columns *columns);

/* Empty ones that are done with at the end of the block. */
#define FZ_KEY_COLUMNS(name)                                                                                 \
    FZ_CLEANUP(fz_key_columns_done)                                                                          \
    struct fz_key_columns name = {                                                                           \
        .certificate.max = FZ_PEM_MAX, .public_key.max = FZ_PEM_MAX, .sealed.max = FZ_PEM_MAX}

/* Fills them for `key` with a certificate for `name` that `issuer_key` signs (NULL: `key` itself), valid for
 * `validity` (NULL: the usual, certificate.h). `kind` is the sealed column's (secrets.h). */
FZ_MUST_CHECK enum fz_result fz_key_columns_fill(struct fz_key_columns *out, const struct fz_secrets *secrets,
                                                 const char *kind, EVP_PKEY *key, const char *name,
                                                 EVP_PKEY *issuer_key, const struct fz_validity *validity);
/* Fills public_key and sealed alone, for a row whose serial_no is set already. */
FZ_MUST_CHECK enum fz_result fz_key_columns_seal(struct fz_key_columns *out, const struct fz_secrets *secrets,
                                                 const char *kind, EVP_PKEY *key);

/* For FZ_CLEANUP. A secret text is wiped before its memory goes. */
void fz_key_drop(EVP_PKEY **key);
void fz_text_wipe(struct fz_text *text);

#endif
