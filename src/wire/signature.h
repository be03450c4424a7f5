/* RSA-2048 SHA-256 (PKCS #1 v1.5) signatures over the lines of a request or an answer (the vendor's API
 * rules). */
#ifndef FZ_WIRE_SIGNATURE_H
#define FZ_WIRE_SIGNATURE_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/result.h"

#define FZ_SIGNATURE_BASE64_SIZE 700 /* room for base64 of up to 4096 bits and a NUL */

/* A private key made ready for one thread (its own copy and context): sign costs little beside RSA itself. */
struct fz_signer;
/* New: free with fz_signer_free. `key` is only read. NULL when memory is short, or if it is no RSA key of up
 * to 4096 bits. */
struct fz_signer *fz_signer_new(EVP_PKEY *key);
void fz_signer_free(struct fz_signer *signer);

/* A public key made ready for one thread. As above. */
struct fz_verifier;
struct fz_verifier *fz_verifier_new(EVP_PKEY *key);
void fz_verifier_free(struct fz_verifier *verifier);

/* Pieces of a message, hashed one after another without being copied together. */
struct fz_piece {
    const void *data;
    size_t size;
};

/* The message of a request: METHOD \n target \n timestamp \n nonce \n body \n, as 10 pieces. `target` is path
 * and query exactly as sent. Pieces are borrowed. */
void fz_request_message(struct fz_piece out[10], const char *method, const char *target,
                        const char *timestamp, const char *nonce, const void *body, size_t body_size);
/* The message of an answer or callback: timestamp \n nonce \n body \n, as 6 pieces. */
void fz_answer_message(struct fz_piece out[6], const char *timestamp, const char *nonce, const void *body,
                       size_t body_size);

/* Signs; `out` gets base64. FZ_FAILED when the library fails. */
FZ_MUST_CHECK enum fz_result fz_sign(struct fz_signer *signer, const struct fz_piece *pieces, size_t count,
                                     char out[FZ_SIGNATURE_BASE64_SIZE]);
/* The same for a message whose SHA-256 was taken elsewhere, as of a file that is read block by block. */
FZ_MUST_CHECK enum fz_result fz_sign_digest(struct fz_signer *signer, const unsigned char digest[32],
                                            char out[FZ_SIGNATURE_BASE64_SIZE]);
bool fz_verify(struct fz_verifier *verifier, const struct fz_piece *pieces, size_t count,
               const unsigned char *signature, size_t signature_size);

#endif
