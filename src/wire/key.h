/* RSA keys, and how they are named. */
#ifndef FZ_WIRE_KEY_H
#define FZ_WIRE_KEY_H

#include <openssl/evp.h>

#include "base/result.h"

#define FZ_KEY_BITS_MAX 4096 /* of the largest RSA key that signs, verifies or seals */
#define FZ_SERIAL_SIZE  41 /* 40 upper-case hex digits, first not 0: libraries compare serials as strings */
/* How the id of a public key that is used without a certificate begins; it stands where a serial number
 * does. */
#define FZ_PUBLIC_KEY_ID_BEGIN "PUB_KEY_ID_"

/* A private key from PKCS #8 PEM. New: EVP_PKEY_free. NULL if it is none of an RSA key. Never asks for a
 * password. */
EVP_PKEY *fz_key_read(const char *pem);

/* A public key from PEM (SubjectPublicKeyInfo), as the console gives the platform's. As above. */
EVP_PKEY *fz_public_key_read_pem(const char *pem);

/* The serial number that somebody wrote: hexadecimal digits in either case, at most 40 and the first not
 * 0. `out` gets them in upper case. FZ_MALFORMED: another spelling (decimal longer than that, blanks,
 * colons, zeros in front), which names nothing. */
FZ_MUST_CHECK enum fz_result fz_serial_read(const char *text, char out[FZ_SERIAL_SIZE]);

#endif
