/* RSA keys, read. */
#include "wire/key.h"

#include <openssl/pem.h>
#include <string.h>

#include "wire/openssl.h"

/* `key` (may be NULL, taken over) if it is an RSA key, else NULL. */
static EVP_PKEY *rsa_only(EVP_PKEY *key)
{
    if (key != NULL && EVP_PKEY_is_a(key, "RSA"))
        return key;
    EVP_PKEY_free(key);
    return NULL;
}

EVP_PKEY *fz_key_read(const char *pem)
{
    FZ_KEEP_ERROR_QUEUE;
    FZ_CLEANUP(fz_bio_done) BIO *bio = BIO_new_mem_buf(pem, -1);
    return rsa_only(bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL, NULL, FZ_NO_PASSWORD));
}

EVP_PKEY *fz_public_key_read_pem(const char *pem)
{
    FZ_KEEP_ERROR_QUEUE;
    FZ_CLEANUP(fz_bio_done) BIO *bio = BIO_new_mem_buf(pem, -1);
    return rsa_only(bio == NULL ? NULL : PEM_read_bio_PUBKEY(bio, NULL, NULL, FZ_NO_PASSWORD));
}

enum fz_result fz_serial_read(const char *text, char out[FZ_SERIAL_SIZE])
{
    size_t size = strspn(text, "0123456789ABCDEFabcdef");
    if (size == 0 || size >= FZ_SERIAL_SIZE || text[size] != '\0' || text[0] == '0')
        return FZ_MALFORMED;
    for (size_t i = 0; i <= size; i++)
        out[i] = (char)(text[i] >= 'a' ? text[i] - 'a' + 'A' : text[i]);
    return FZ_OK;
}
