/* Key pairs as columns. */
#include "server/keys/key_columns.h"
#include "wire/server/certificate.h"
#include "wire/server/key.h"

#include <openssl/crypto.h>

void fz_key_drop(EVP_PKEY **key)
{
    EVP_PKEY_free(*key);
}

void fz_text_wipe(struct fz_text *text)
{
    if (text->data != NULL)
        OPENSSL_cleanse(text->data, text->size);
    fz_text_done(text);
}

void fz_key_columns_done(struct fz_key_columns *columns)
{
    fz_text_done(&columns->certificate);
    fz_text_done(&columns->public_key);
    fz_text_done(&columns->sealed);
}

enum fz_result fz_key_columns_seal(struct fz_key_columns *out, const struct fz_secrets *secrets,
                                   const char *kind, EVP_PKEY *key)
{
    FZ_CLEANUP(fz_text_wipe) struct fz_text pem = {.max = FZ_PEM_MAX};
    enum fz_result result = fz_public_key_write(key, &out->public_key);
    if (result == FZ_OK)
        result = fz_key_write(key, &pem);
    return result == FZ_OK ? fz_secret_seal(secrets, kind, out->serial_no, pem.data, pem.size, &out->sealed)
                           : result;
}

enum fz_result fz_key_columns_fill(struct fz_key_columns *out, const struct fz_secrets *secrets,
                                   const char *kind, EVP_PKEY *key, const char *name, EVP_PKEY *issuer_key,
                                   const struct fz_validity *validity)
{
    enum fz_result result = fz_certificate_make(key, name, issuer_key == NULL ? key : issuer_key,
                                                FZ_PLATFORM_NAME, validity, out->serial_no, &out->certificate);
    return result == FZ_OK ? fz_key_columns_seal(out, secrets, kind, key) : result;
}
