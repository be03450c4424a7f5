/* RSA keys, read and written. */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <string.h>

#include "wire/certificate.h"

/* An empty password: without one OpenSSL would ask for it at the terminal if the PEM says that it is
 * encrypted. */
static char no_password[] = "";

static void free_bio(BIO **bio)
{
    BIO_free(*bio);
}

/* `key` (may be NULL, taken over) if it is an RSA key, else NULL. */
static EVP_PKEY *rsa_only(EVP_PKEY *key)
{
    if (key != NULL && EVP_PKEY_is_a(key, "RSA"))
        return key;
    EVP_PKEY_free(key);
    ERR_clear_error();
    return NULL;
}

EVP_PKEY *fz_key_new(void)
{
    return EVP_RSA_gen(2048);
}

EVP_PKEY *fz_key_read(const char *pem)
{
    FZ_CLEANUP(free_bio) BIO *bio = BIO_new_mem_buf(pem, -1);
    return rsa_only(bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL, NULL, no_password));
}

enum fz_result fz_key_write(EVP_PKEY *key, struct fz_text *out)
{
    FZ_CLEANUP(free_bio) BIO *bio = BIO_new(BIO_s_mem());
    if (bio == NULL || PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) != 1)
        return FZ_FAILED;
    char *pem = NULL;
    long size = BIO_get_mem_data(bio, &pem);
    fz_text_add(out, pem, (size_t)size);
    return out->failed ? FZ_FULL : FZ_OK;
}

EVP_PKEY *fz_public_key_read(const unsigned char *der, size_t size)
{
    const unsigned char *end = der;
    EVP_PKEY *key = size > 0 && size <= 4096 ? d2i_PublicKey(EVP_PKEY_RSA, NULL, &end, (long)size) : NULL;
    if (key != NULL && end != der + size) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    return rsa_only(key);
}

enum fz_result fz_public_key_write(EVP_PKEY *key, struct fz_text *out)
{
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
    FZ_CLEANUP(free_bio) BIO *bio = BIO_new(BIO_s_mem());
    if (bio == NULL || PEM_write_bio_PUBKEY(bio, key) != 1)
        return FZ_FAILED;
    char *pem = NULL;
    long size = BIO_get_mem_data(bio, &pem);
    fz_text_add(out, pem, (size_t)size);
    return out->failed ? FZ_FULL : FZ_OK;
}

enum fz_result fz_public_key_id(EVP_PKEY *key, char out[FZ_SERIAL_SIZE])
{
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
