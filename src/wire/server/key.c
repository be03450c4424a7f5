/* RSA keys, made and written. */
#include "wire/server/key.h"

#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <string.h>

#include "wire/openssl.h"

EVP_PKEY *fz_key_new(void)
{
    FZ_KEEP_ERROR_QUEUE;
    return EVP_RSA_gen(2048);
}

enum fz_result fz_key_write(EVP_PKEY *key, struct fz_text *out)
{
    FZ_KEEP_ERROR_QUEUE;
    FZ_CLEANUP(fz_bio_done) BIO *bio = BIO_new(BIO_s_mem());
    if (bio == NULL || PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) != 1)
        return FZ_FAILED;
    char *pem = NULL;
    long size = BIO_get_mem_data(bio, &pem);
    fz_text_add(out, pem, (size_t)size);
    return out->failed ? FZ_FULL : FZ_OK;
}

EVP_PKEY *fz_public_key_read(const unsigned char *der, size_t size)
{
    FZ_KEEP_ERROR_QUEUE;
    const unsigned char *end = der;
    EVP_PKEY *key = size > 0 && size <= 4096 ? d2i_PublicKey(EVP_PKEY_RSA, NULL, &end, (long)size) : NULL;
    if (key != NULL && end != der + size) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    return key;
}

enum fz_result fz_public_key_write(EVP_PKEY *key, struct fz_text *out)
{
    FZ_KEEP_ERROR_QUEUE;
    unsigned char *der = NULL;
    int size = i2d_PublicKey(key, &der);
    if (size <= 0)
        return FZ_FAILED;
    fz_text_add(out, der, (size_t)size);
    OPENSSL_free(der);
    return out->failed ? FZ_FULL : FZ_OK;
}

enum fz_result fz_public_key_write_pem(EVP_PKEY *key, struct fz_text *out)
{
    FZ_KEEP_ERROR_QUEUE;
    FZ_CLEANUP(fz_bio_done) BIO *bio = BIO_new(BIO_s_mem());
    if (bio == NULL || PEM_write_bio_PUBKEY(bio, key) != 1)
        return FZ_FAILED;
    char *pem = NULL;
    long size = BIO_get_mem_data(bio, &pem);
    fz_text_add(out, pem, (size_t)size);
    return out->failed ? FZ_FULL : FZ_OK;
}

enum fz_result fz_public_key_id(EVP_PKEY *key, char out[FZ_SERIAL_SIZE])
{
    FZ_KEEP_ERROR_QUEUE;
    static const char prefix[] = FZ_PUBLIC_KEY_ID_BEGIN "01";
    enum { DIGITS = 26 };
    unsigned char digest[EVP_MAX_MD_SIZE];
    FZ_CLEANUP(fz_text_done) struct fz_text der = {.max = 4096};
    enum fz_result result = fz_public_key_write(key, &der);
    if (result == FZ_OK && EVP_Digest(der.data, der.size, digest, NULL, EVP_sha256(), NULL) != 1)
        result = FZ_FAILED;
    if (result != FZ_OK)
        return result;
    memcpy(out, prefix, sizeof prefix - 1);
    for (size_t i = 0; i < DIGITS; i++)
        out[sizeof prefix - 1 + i] = (char)('0' + digest[i] % 10);
    out[sizeof prefix - 1 + DIGITS] = '\0';
    return FZ_OK;
}
