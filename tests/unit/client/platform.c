/* The platform, by OpenSSL. */
#include "unit/client/platform.h"

#include <assert.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Frees `bio`. */
static char *text_of(BIO *bio)
{
    char *data = NULL;
    long size = BIO_get_mem_data(bio, &data);
    char *text = strndup(data, (size_t)size);
    BIO_free(bio);
    return text;
}

static void set_serial(X509 *x509, const char *serial)
{
    BIGNUM *number = NULL;
    assert(BN_hex2bn(&number, serial) > 0);
    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509));
    BN_free(number);
}

char *platform_certificate(EVP_PKEY *key, const char *serial, int64_t from_s, int64_t until_s)
{
    X509 *x509 = X509_new();
    X509_set_version(x509, X509_VERSION_3);
    set_serial(x509, serial);
    ASN1_TIME_set(X509_getm_notBefore(x509), from_s);
    ASN1_TIME_set(X509_getm_notAfter(x509), until_s);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC,
                               (const unsigned char *)"Tenpay", -1, -1, 0);
    X509_set_issuer_name(x509, X509_get_subject_name(x509));
    X509_set_pubkey(x509, key);
    int size = X509_sign(x509, key, EVP_sha256());
    assert(size > 0);
    (void)size;
    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(bio, x509);
    X509_free(x509);
    return text_of(bio);
}

char *platform_public_key(EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PUBKEY(bio, key);
    return text_of(bio);
}

void platform_sign(struct platform_answer *out, EVP_PKEY *key, const char *serial, int64_t at_s, char *body)
{
    unsigned char signature[512];
    size_t size = sizeof signature;
    char *message = NULL;
    snprintf(out->timestamp, sizeof out->timestamp, "%lld", (long long)at_s);
    snprintf(out->serial, sizeof out->serial, "%s", serial);
    out->nonce = "593BEC0C930BF1AFEB40B4A08C8FB242";
    out->body = body;
    int message_size = asprintf(&message, "%s\n%s\n%s\n", out->timestamp, out->nonce, body);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key);
    int signed_it = EVP_DigestSign(context, signature, &size, (unsigned char *)message, (size_t)message_size);
    assert(signed_it == 1);
    (void)signed_it;
    EVP_MD_CTX_free(context);
    EVP_EncodeBlock((unsigned char *)out->signature, signature, (int)size);
    free(message);
}

#define NONCE      "ULxg84GAUO5T"
#define ASSOCIATED "certificate"

static void seal(FILE *out, const char *apiv3_key, const char *pem)
{
    unsigned char sealed[8192], base64[12000];
    int size = 0, more = 0;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, (const unsigned char *)apiv3_key,
                       (const unsigned char *)NONCE);
    EVP_EncryptUpdate(context, NULL, &more, (const unsigned char *)ASSOCIATED, (int)strlen(ASSOCIATED));
    EVP_EncryptUpdate(context, sealed, &size, (const unsigned char *)pem, (int)strlen(pem));
    EVP_EncryptFinal_ex(context, sealed + size, &more);
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, 16, sealed + size);
    EVP_CIPHER_CTX_free(context);
    EVP_EncodeBlock(base64, sealed, size + 16);
    fprintf(out,
            "{\"serial_no\":\"5157F09EFDC096DE15EBE81A47057A72AAAAAAAA\","
            "\"effective_time\":\"2018-06-08T10:34:56+08:00\",\"expire_time\":\"2018-12-08T10:34:56+08:00\","
            "\"encrypt_certificate\":{\"algorithm\":\"AEAD_AES_256_GCM\",\"nonce\":\"" NONCE
            "\",\"associated_data\":\"" ASSOCIATED "\",\"ciphertext\":\"%s\"}}",
            base64);
}

char *platform_list(const char *apiv3_key, const char *const *pems)
{
    char *body = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&body, &size);
    fputs("{\"data\":[", out);
    for (size_t i = 0; pems[i] != NULL; i++) {
        fputs(i == 0 ? "" : ",", out);
        seal(out, apiv3_key, pems[i]);
    }
    fputs("]}", out);
    fclose(out);
    return body;
}

char *platform_open(EVP_PKEY *key, const char *base64)
{
    unsigned char sealed[1024], plain[512];
    size_t size = sizeof plain;
    int sealed_size = EVP_DecodeBlock(sealed, (const unsigned char *)base64, (int)strlen(base64));
    for (const char *end = base64 + strlen(base64); end > base64 && end[-1] == '='; end--)
        sealed_size--;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    EVP_PKEY_decrypt_init(context);
    EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING);
    int opened = EVP_PKEY_decrypt(context, plain, &size, sealed, (size_t)sealed_size);
    EVP_PKEY_CTX_free(context);
    return opened == 1 ? strndup((char *)plain, size) : NULL;
}
