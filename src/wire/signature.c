/* RSA signatures on contexts that are prepared once: against making them anew for each message this saves a
 * fifth of a verification (measured). */
#include "wire/signature.h"

#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#include "wire/base64.h"
#include "wire/openssl.h"

#define HASH_SIZE      32
#define SIGNATURE_SIZE 512 /* of 4096 bits, the largest key taken */

struct prepared {
    EVP_PKEY *key;
    EVP_PKEY_CTX *rsa;
    EVP_MD_CTX *hash; /* has its SHA-256; started anew for each message */
};

struct fz_signer {
    struct prepared prepared;
};

struct fz_verifier {
    struct prepared prepared;
};

static void release(struct prepared *prepared)
{
    EVP_MD_CTX_free(prepared->hash);
    EVP_PKEY_CTX_free(prepared->rsa);
    EVP_PKEY_free(prepared->key);
}

/* `begin` is EVP_PKEY_sign_init or EVP_PKEY_verify_init. The key is copied, so that threads share nothing. */
static bool prepare(struct prepared *out, EVP_PKEY *key, int (*begin)(EVP_PKEY_CTX *))
{
    FZ_KEEP_ERROR_QUEUE;
    *out = (struct prepared){0};
    EVP_MD *sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    bool ready = sha256 != NULL && EVP_PKEY_get_size(key) <= SIGNATURE_SIZE &&
                 (out->key = EVP_PKEY_dup(key)) != NULL &&
                 (out->rsa = EVP_PKEY_CTX_new(out->key, NULL)) != NULL &&
                 (out->hash = EVP_MD_CTX_new()) != NULL && EVP_DigestInit_ex2(out->hash, sha256, NULL) == 1 &&
                 begin(out->rsa) == 1 && EVP_PKEY_CTX_set_rsa_padding(out->rsa, RSA_PKCS1_PADDING) == 1 &&
                 EVP_PKEY_CTX_set_signature_md(out->rsa, sha256) == 1;
    EVP_MD_free(sha256); /* the contexts hold on to it */
    if (!ready)
        release(out);
    return ready;
}

static bool hash(struct prepared *prepared, const struct fz_piece *pieces, size_t count,
                 unsigned char out[HASH_SIZE])
{
    if (EVP_DigestInit_ex2(prepared->hash, NULL, NULL) != 1)
        return false;
    for (size_t i = 0; i < count; i++)
        if (EVP_DigestUpdate(prepared->hash, pieces[i].data, pieces[i].size) != 1)
            return false;
    return EVP_DigestFinal_ex(prepared->hash, out, NULL) == 1;
}

struct fz_signer *fz_signer_new(EVP_PKEY *key)
{
    struct fz_signer *signer = calloc(1, sizeof *signer);
    if (signer != NULL && !prepare(&signer->prepared, key, EVP_PKEY_sign_init)) {
        free(signer);
        return NULL;
    }
    return signer;
}

void fz_signer_free(struct fz_signer *signer)
{
    if (signer == NULL)
        return;
    release(&signer->prepared);
    free(signer);
}

struct fz_verifier *fz_verifier_new(EVP_PKEY *key)
{
    struct fz_verifier *verifier = calloc(1, sizeof *verifier);
    if (verifier != NULL && !prepare(&verifier->prepared, key, EVP_PKEY_verify_init)) {
        free(verifier);
        return NULL;
    }
    return verifier;
}

void fz_verifier_free(struct fz_verifier *verifier)
{
    if (verifier == NULL)
        return;
    release(&verifier->prepared);
    free(verifier);
}

/* A text and the line end behind it. */
static struct fz_piece *put_line(struct fz_piece *out, const void *data, size_t size)
{
    *out++ = (struct fz_piece){.data = data, .size = size};
    *out++ = (struct fz_piece){.data = "\n", .size = 1};
    return out;
}

void fz_request_message(struct fz_piece out[10], const char *method, const char *target,
                        const char *timestamp, const char *nonce, const void *body, size_t body_size)
{
    out = put_line(out, method, strlen(method));
    out = put_line(out, target, strlen(target));
    fz_answer_message(out, timestamp, nonce, body, body_size);
}

void fz_answer_message(struct fz_piece out[6], const char *timestamp, const char *nonce, const void *body,
                       size_t body_size)
{
    out = put_line(out, timestamp, strlen(timestamp));
    out = put_line(out, nonce, strlen(nonce));
    put_line(out, body, body_size);
}

enum fz_result fz_sign_digest(struct fz_signer *signer, const unsigned char digest[HASH_SIZE],
                              char out[FZ_SIGNATURE_BASE64_SIZE])
{
    FZ_KEEP_ERROR_QUEUE;
    unsigned char signature[SIGNATURE_SIZE];
    size_t size = sizeof signature;
    if (EVP_PKEY_sign(signer->prepared.rsa, signature, &size, digest, HASH_SIZE) != 1)
        return FZ_FAILED;
    fz_base64_write(out, signature, size);
    return FZ_OK;
}

enum fz_result fz_sign(struct fz_signer *signer, const struct fz_piece *pieces, size_t count,
                       char out[FZ_SIGNATURE_BASE64_SIZE])
{
    FZ_KEEP_ERROR_QUEUE;
    unsigned char digest[HASH_SIZE];
    return hash(&signer->prepared, pieces, count, digest) ? fz_sign_digest(signer, digest, out) : FZ_FAILED;
}

bool fz_verify(struct fz_verifier *verifier, const struct fz_piece *pieces, size_t count,
               const unsigned char *signature, size_t signature_size)
{
    FZ_KEEP_ERROR_QUEUE;
    struct prepared *prepared = &verifier->prepared;
    unsigned char digest[HASH_SIZE];
    if (signature_size != (size_t)EVP_PKEY_get_size(prepared->key) || !hash(prepared, pieces, count, digest))
        return false;
    return EVP_PKEY_verify(prepared->rsa, signature, signature_size, digest, sizeof digest) == 1;
}
