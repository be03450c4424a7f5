/* RSA keys as the server makes, keeps and hands them out. */
#ifndef FZ_WIRE_SERVER_KEY_H
#define FZ_WIRE_SERVER_KEY_H

#include "base/text.h"
#include "wire/key.h"

/* A new RSA-2048 key. New: EVP_PKEY_free. NULL on failure. */
EVP_PKEY *fz_key_new(void);
/* Appends a private key of any kind as PKCS #8 PEM. */
FZ_MUST_CHECK enum fz_result fz_key_write(EVP_PKEY *key, struct fz_text *out);
/* A public key from and to DER (PKCS #1 RSAPublicKey: the form that loads fastest, measured). New:
 * EVP_PKEY_free. NULL if it is none. */
EVP_PKEY *fz_public_key_read(const unsigned char *der, size_t size);
FZ_MUST_CHECK enum fz_result fz_public_key_write(EVP_PKEY *key, struct fz_text *out);
/* Appends the public key as PEM (SubjectPublicKeyInfo), as clients in public-key mode are given it. */
FZ_MUST_CHECK enum fz_result fz_public_key_write_pem(EVP_PKEY *key, struct fz_text *out);
/* The id of a public key that is used without a certificate: PUB_KEY_ID_01 and 26 digits, drawn from the
 * SHA-256 of the key. */
FZ_MUST_CHECK enum fz_result fz_public_key_id(EVP_PKEY *key, char out[FZ_SERIAL_SIZE]);

#endif
