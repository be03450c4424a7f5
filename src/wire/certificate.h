/* RSA keys and X.509 certificates of merchants and of the platform. */
#ifndef FZ_WIRE_CERTIFICATE_H
#define FZ_WIRE_CERTIFICATE_H

#include <openssl/evp.h>
#include <stdint.h>

#include "base/result.h"
#include "base/text.h"

#define FZ_SERIAL_SIZE 41 /* 40 upper-case hex digits, first not 0: libraries compare serials as strings */

/* A new RSA-2048 key. New: EVP_PKEY_free. NULL on failure. */
EVP_PKEY *fz_key_new(void);
/* The serial number that somebody wrote: hexadecimal digits in either case, at most 40 and the first not 0. `out` gets them in
 * upper case. FZ_MALFORMED: another spelling (decimal longer than that, blanks, colons, zeros in front), which names nothing. */
FZ_MUST_CHECK enum fz_result fz_serial_read(const char *text, char out[FZ_SERIAL_SIZE]);

/* From and to PKCS #8 PEM. New; NULL if it is none of an RSA key. Never asks for a password. */
EVP_PKEY *fz_key_read(const char *pem);
FZ_MUST_CHECK enum fz_result fz_key_write(EVP_PKEY *key, struct fz_text *out);
/* A public key from and to DER (PKCS #1 RSAPublicKey: the form that loads fastest, measured). */
EVP_PKEY *fz_public_key_read(const unsigned char *der, size_t size);
FZ_MUST_CHECK enum fz_result fz_public_key_write(EVP_PKEY *key, struct fz_text *out);
/* Appends the public key as PEM (SubjectPublicKeyInfo), as clients in public-key mode are given it. */
FZ_MUST_CHECK enum fz_result fz_public_key_write_pem(EVP_PKEY *key, struct fz_text *out);
#define FZ_PUBLIC_KEY_ID_BEGIN "PUB_KEY_ID_"
/* The id of a public key that is used without a certificate: PUB_KEY_ID_01 and 26 digits, drawn from the
 * SHA-256 of the key. */
FZ_MUST_CHECK enum fz_result fz_public_key_id(EVP_PKEY *key, char out[FZ_SERIAL_SIZE]);

/* From when until when a certificate is valid, milliseconds since 1970; it keeps whole seconds. */
struct fz_validity {
    int64_t not_before_ms, not_after_ms;
};

/* A certificate for `key`'s public half, signed by `issuer_key` (the sandbox's own authority). `validity` NULL:
 * 2020-01-01 to 2049-12-31, so it holds under either clock. Its serial is derived from `name` and the public
 * key (SHA-256), so the same key gets the same certificate, byte for byte. Names: 1 to 64 characters. Appends
 * to `pem`. */
FZ_MUST_CHECK enum fz_result fz_certificate_make(EVP_PKEY *key, const char *name, EVP_PKEY *issuer_key,
                                                 const char *issuer_name, const struct fz_validity *validity,
                                                 char serial[FZ_SERIAL_SIZE], struct fz_text *pem);

/* One that ended with 2021, signed by the key itself: what a client is to distrust. */
FZ_MUST_CHECK enum fz_result fz_certificate_make_expired(EVP_PKEY *key, const char *name,
                                                         char serial[FZ_SERIAL_SIZE], struct fz_text *pem);

/* What a PEM certificate of an RSA key says. `public_key` (may be NULL) is new. */
struct fz_certificate {
    char serial[FZ_SERIAL_SIZE]; /* upper-case hex without zeros in front; above 160 bits it is malformed */
    struct fz_validity validity;
};
FZ_MUST_CHECK enum fz_result fz_certificate_read(const char *pem, struct fz_certificate *out,
                                                 EVP_PKEY **public_key);

#endif
