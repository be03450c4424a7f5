/* X.509 certificates of merchants and of the platform, as the sandbox makes them. */
#ifndef FZ_WIRE_SERVER_CERTIFICATE_H
#define FZ_WIRE_SERVER_CERTIFICATE_H

#include "base/text.h"
#include "wire/certificate.h"

/* A certificate for `key`'s public half, signed by `issuer_key` (the sandbox's own authority). `validity`
 * NULL: 2020-01-01 to 2049-12-31, so it holds under either clock. Its serial is derived from `name` and
 * the public key (SHA-256), so the same key gets the same certificate, byte for byte. Names: 1 to 64
 * characters. Appends to `pem`. */
FZ_MUST_CHECK enum fz_result fz_certificate_make(EVP_PKEY *key, const char *name, EVP_PKEY *issuer_key,
                                                 const char *issuer_name, const struct fz_validity *validity,
                                                 char serial[FZ_SERIAL_SIZE], struct fz_text *pem);

/* The same under a serial number of somebody's own, `serial`: upper-case hex digits, the first not 0. */
FZ_MUST_CHECK enum fz_result fz_certificate_make_as(EVP_PKEY *key, const char *name, EVP_PKEY *issuer_key,
                                                    const char *issuer_name, const char *serial, struct fz_text *pem);

/* One that ended with 2021, signed by the key itself: what a client is to distrust. */
FZ_MUST_CHECK enum fz_result fz_certificate_make_expired(EVP_PKEY *key, const char *name,
                                                         char serial[FZ_SERIAL_SIZE], struct fz_text *pem);

#endif
