/* Sealed resources: AES-256-GCM under the merchant's APIv3 key (certificates, callbacks), and sensitive
 * fields: RSAES-OAEP with SHA-1 as digest and in MGF1 under a public key (the vendor's API rules). */
#ifndef FZ_WIRE_SEALED_H
#define FZ_WIRE_SEALED_H

#include <openssl/evp.h>
#include <stddef.h>

#include "base/result.h"
#include "base/text.h"

#define FZ_APIV3_KEY_SIZE 32
#define FZ_GCM_NONCE_SIZE 12
#define FZ_GCM_TAG_SIZE   16

/* `out` gets the ciphertext and behind it the tag: size + 16 bytes. */
FZ_MUST_CHECK enum fz_result fz_gcm_seal(const unsigned char key[32],
                                         const unsigned char nonce[FZ_GCM_NONCE_SIZE], const void *associated,
                                         size_t associated_size, const void *plain, size_t plain_size,
                                         unsigned char *out);
/* `out` gets size - 16 bytes. FZ_MALFORMED when the tag does not fit; nothing of the plain text leaves then.
 */
FZ_MUST_CHECK enum fz_result fz_gcm_open(const unsigned char key[32],
                                         const unsigned char nonce[FZ_GCM_NONCE_SIZE], const void *associated,
                                         size_t associated_size, const void *sealed, size_t sealed_size,
                                         unsigned char *out);

/* Opens a base64 field sealed for `key`. `out` gets terminated text. FZ_MALFORMED if it was not sealed so, or
 * holds a NUL; FZ_FULL if `out` is too small. */
FZ_MUST_CHECK enum fz_result fz_oaep_open(EVP_PKEY *key, const char *base64, char *out, size_t out_size);
/* FZ_FULL if `plain` is longer than the key can seal (214 bytes for 2048 bits), or `out_base64` too small. */
FZ_MUST_CHECK enum fz_result fz_oaep_seal(EVP_PKEY *key, const char *plain, char *out_base64,
                                          size_t out_size);

#endif
