/* AES-256-GCM and RSAES-OAEP, by OpenSSL. */
#include "wire/sealed.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/rsa.h>
#include <string.h>

#include "wire/base64.h"
#include "wire/openssl.h"

#define RSA_SIZE 512 /* of 4096 bits, the largest key taken */

static void free_cipher(EVP_CIPHER_CTX **context)
{
    EVP_CIPHER_CTX_free(*context);
}

static void free_key_context(EVP_PKEY_CTX **context)
{
    EVP_PKEY_CTX_free(*context);
}

enum fz_result fz_gcm_seal(const unsigned char key[32], const unsigned char nonce[FZ_GCM_NONCE_SIZE],
                           const void *associated, size_t associated_size, const void *plain,
                           size_t plain_size, unsigned char *out)
{
    FZ_KEEP_ERROR_QUEUE;
    FZ_CLEANUP(free_cipher) EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (context == NULL || plain_size > INT_MAX || associated_size > INT_MAX)
        return FZ_FAILED;
    int size = 0;
    if (EVP_EncryptInit_ex2(context, EVP_aes_256_gcm(), key, nonce, NULL) != 1 ||
        EVP_EncryptUpdate(context, NULL, &size, associated, (int)associated_size) != 1 ||
        EVP_EncryptUpdate(context, out, &size, plain, (int)plain_size) != 1 ||
        EVP_EncryptFinal_ex(context, out + plain_size, &size) != 1 ||
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, FZ_GCM_TAG_SIZE, out + plain_size) != 1)
        return FZ_FAILED;
    return FZ_OK;
}

/* FZ_MALFORMED when the tag does not fit. */
static enum fz_result decrypt(EVP_CIPHER_CTX *context, const unsigned char key[32],
                              const unsigned char nonce[FZ_GCM_NONCE_SIZE], const void *associated,
                              int associated_size, const unsigned char *sealed, int plain_size,
                              unsigned char *out)
{
    unsigned char tag[FZ_GCM_TAG_SIZE];
    memcpy(tag, sealed + plain_size, sizeof tag);
    int size = 0;
    if (EVP_DecryptInit_ex2(context, EVP_aes_256_gcm(), key, nonce, NULL) != 1 ||
        EVP_DecryptUpdate(context, NULL, &size, associated, associated_size) != 1 ||
        EVP_DecryptUpdate(context, out, &size, sealed, plain_size) != 1 ||
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, sizeof tag, tag) != 1)
        return FZ_FAILED;
    return EVP_DecryptFinal_ex(context, out + plain_size, &size) == 1 ? FZ_OK : FZ_MALFORMED;
}

enum fz_result fz_gcm_open(const unsigned char key[32], const unsigned char nonce[FZ_GCM_NONCE_SIZE],
                           const void *associated, size_t associated_size, const void *sealed,
                           size_t sealed_size, unsigned char *out)
{
    FZ_KEEP_ERROR_QUEUE;
    if (sealed_size < FZ_GCM_TAG_SIZE)
        return FZ_MALFORMED;
    if (sealed_size > INT_MAX || associated_size > INT_MAX)
        return FZ_FAILED;
    /* Into memory of our own: nothing may leave it before the tag is checked. */
    FZ_CLEANUP(free_cipher) EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    unsigned char *plain = OPENSSL_malloc(sealed_size);
    size_t plain_size = sealed_size - FZ_GCM_TAG_SIZE;
    enum fz_result result = FZ_FAILED;
    if (context != NULL && plain != NULL)
        result =
            decrypt(context, key, nonce, associated, (int)associated_size, sealed, (int)plain_size, plain);
    if (result == FZ_OK)
        memcpy(out, plain, plain_size);
    OPENSSL_clear_free(plain, sealed_size);
    return result;
}

/* The vendor's rules: OAEP with SHA-1 both as digest and in MGF1. `begin` is EVP_PKEY_encrypt_init or
 * EVP_PKEY_decrypt_init. NULL on failure. */
static EVP_PKEY_CTX *oaep_context(EVP_PKEY *key, int (*begin)(EVP_PKEY_CTX *))
{
    EVP_PKEY_CTX *context = EVP_PKEY_get_size(key) <= RSA_SIZE ? EVP_PKEY_CTX_new(key, NULL) : NULL;
    if (context != NULL && begin(context) == 1 &&
        EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1 &&
        EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha1()) == 1 &&
        EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha1()) == 1)
        return context;
    EVP_PKEY_CTX_free(context);
    return NULL;
}

enum fz_result fz_oaep_open(EVP_PKEY *key, const char *base64, char *out, size_t out_size)
{
    FZ_KEEP_ERROR_QUEUE;
    unsigned char sealed[RSA_SIZE];
    size_t sealed_size = 0;
    if (fz_base64_read(base64, strlen(base64), sealed, sizeof sealed, &sealed_size) != FZ_OK)
        return FZ_MALFORMED;
    FZ_CLEANUP(free_key_context) EVP_PKEY_CTX *context = oaep_context(key, EVP_PKEY_decrypt_init);
    if (context == NULL)
        return FZ_FAILED;
    unsigned char plain[RSA_SIZE];
    size_t plain_size = sizeof plain;
    enum fz_result result = FZ_OK;
    if (EVP_PKEY_decrypt(context, plain, &plain_size, sealed, sealed_size) != 1)
        return FZ_MALFORMED;
    if (memchr(plain, '\0', plain_size) != NULL)
        result = FZ_MALFORMED;
    else if (plain_size >= out_size)
        result = FZ_FULL;
    if (result == FZ_OK) {
        memcpy(out, plain, plain_size);
        out[plain_size] = '\0';
    }
    OPENSSL_cleanse(plain, sizeof plain);
    return result;
}

enum fz_result fz_oaep_seal(EVP_PKEY *key, const char *plain, char *out_base64, size_t out_size)
{
    FZ_KEEP_ERROR_QUEUE;
    FZ_CLEANUP(free_key_context) EVP_PKEY_CTX *context = oaep_context(key, EVP_PKEY_encrypt_init);
    if (context == NULL)
        return FZ_FAILED;
    size_t sealed_size = (size_t)EVP_PKEY_get_size(key);
    size_t plain_size = strlen(plain);
    if (plain_size + 42 > sealed_size ||
        out_size < 4 * ((sealed_size + 2) / 3) + 1) /* OAEP with SHA-1 takes 42 bytes */
        return FZ_FULL;
    unsigned char sealed[RSA_SIZE];
    if (EVP_PKEY_encrypt(context, sealed, &sealed_size, (const unsigned char *)plain, plain_size) != 1)
        return FZ_FAILED;
    fz_base64_write(out_base64, sealed, sealed_size);
    return FZ_OK;
}
