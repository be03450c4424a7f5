/* X.509 certificates, made. */
#include "wire/server/certificate.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "wire/openssl.h"

#define SERIAL_BYTES 20 /* the most that RFC 5280, 4.1.2.2 allows */

static void free_hash(EVP_MD_CTX **hash)
{
    EVP_MD_CTX_free(*hash);
}

/* SHA-256 over the name, a NUL and the public key, cut to 20 bytes. The first byte gets the top bits 01: so
 * the number is positive, and 40 hex digits long without a zero in front. */
static bool derive_serial(const char *name, EVP_PKEY *key, unsigned char out[SERIAL_BYTES])
{
    unsigned char *der = NULL;
    int der_size = i2d_PublicKey(key, &der);
    FZ_CLEANUP(free_hash) EVP_MD_CTX *hash = EVP_MD_CTX_new();
    unsigned char digest[EVP_MAX_MD_SIZE];
    bool done = der_size > 0 && hash != NULL && EVP_DigestInit_ex2(hash, EVP_sha256(), NULL) == 1 &&
                EVP_DigestUpdate(hash, name, strlen(name) + 1) == 1 &&
                EVP_DigestUpdate(hash, der, (size_t)der_size) == 1 &&
                EVP_DigestFinal_ex(hash, digest, NULL) == 1;
    OPENSSL_free(der);
    if (!done)
        return false;
    memcpy(out, digest, SERIAL_BYTES);
    out[0] = (unsigned char)((out[0] & 0x3F) | 0x40);
    return true;
}

static bool set_serial(X509 *x509, const char *serial)
{
    BIGNUM *made = NULL;
    bool read = BN_hex2bn(&made, serial) > 0;
    FZ_CLEANUP(fz_bignum_done) BIGNUM *number = made;
    return read && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509)) != NULL;
}

static bool set_name(X509_NAME *name, const char *common_name)
{
    return X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8, (const unsigned char *)common_name,
                                      -1, -1, 0) == 1;
}

static bool add_extension(X509 *x509, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
    bool done = extension != NULL && X509_add_ext(x509, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return done;
}

/* What a certificate says beside its key. */
struct terms {
    const char *name, *issuer_name;
    EVP_PKEY *issuer_key;
    struct fz_validity validity;
};

/* From 2020-01-01 until the end of 2049 in Beijing, and of 2021. */
static const struct fz_validity usual = {INT64_C(1577836800000), INT64_C(2524579199000)};
static const struct fz_validity over = {INT64_C(1577836800000), INT64_C(1640966399000)};

static bool set_validity(X509 *x509, const struct fz_validity *validity)
{
    return ASN1_TIME_set(X509_getm_notBefore(x509), (time_t)(validity->not_before_ms / 1000)) != NULL &&
           ASN1_TIME_set(X509_getm_notAfter(x509), (time_t)(validity->not_after_ms / 1000)) != NULL;
}

static bool fill_and_sign(X509 *x509, EVP_PKEY *key, const struct terms *terms, const char *serial)
{
    return X509_set_version(x509, X509_VERSION_3) == 1 && set_serial(x509, serial) &&
           set_name(X509_get_subject_name(x509), terms->name) &&
           set_name(X509_get_issuer_name(x509), terms->issuer_name) &&
           set_validity(x509, &terms->validity) &&
           X509_set_pubkey(x509, key) == 1 &&
           add_extension(x509, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(x509, NID_key_usage, "critical,digitalSignature,keyEncipherment,dataEncipherment") &&
           X509_sign(x509, terms->issuer_key, EVP_sha256()) > 0;
}

static enum fz_result make_as(EVP_PKEY *key, const struct terms *terms, const char *serial, struct fz_text *pem)
{
    FZ_KEEP_ERROR_QUEUE;
    FZ_CLEANUP(fz_x509_done) X509 *x509 = X509_new();
    FZ_CLEANUP(fz_bio_done) BIO *bio = BIO_new(BIO_s_mem());
    if (x509 == NULL || bio == NULL || !fill_and_sign(x509, key, terms, serial) || PEM_write_bio_X509(bio, x509) != 1)
        return FZ_FAILED;
    char *text = NULL;
    long size = BIO_get_mem_data(bio, &text);
    fz_text_add(pem, text, (size_t)size);
    return pem->failed ? FZ_FULL : FZ_OK;
}

static enum fz_result make(EVP_PKEY *key, const struct terms *terms, char serial[FZ_SERIAL_SIZE],
                           struct fz_text *pem)
{
    FZ_KEEP_ERROR_QUEUE;
    unsigned char drawn[SERIAL_BYTES];
    char digits[FZ_SERIAL_SIZE];
    if (!derive_serial(terms->name, key, drawn))
        return FZ_FAILED;
    for (size_t i = 0; i < SERIAL_BYTES; i++)
        snprintf(digits + 2 * i, 3, "%02X", drawn[i]);
    enum fz_result result = make_as(key, terms, digits, pem);
    if (result == FZ_OK)
        memcpy(serial, digits, sizeof digits);
    return result;
}

enum fz_result fz_certificate_make(EVP_PKEY *key, const char *name, EVP_PKEY *issuer_key,
                                   const char *issuer_name, const struct fz_validity *validity,
                                   char serial[FZ_SERIAL_SIZE], struct fz_text *pem)
{
    const struct terms terms = {name, issuer_name, issuer_key, validity == NULL ? usual : *validity};
    return make(key, &terms, serial, pem);
}

enum fz_result fz_certificate_make_as(EVP_PKEY *key, const char *name, EVP_PKEY *issuer_key, const char *issuer_name,
                                      const char *serial, struct fz_text *pem)
{
    const struct terms terms = {name, issuer_name, issuer_key, usual};
    return make_as(key, &terms, serial, pem);
}

enum fz_result fz_certificate_make_expired(EVP_PKEY *key, const char *name, char serial[FZ_SERIAL_SIZE],
                                           struct fz_text *pem)
{
    const struct terms terms = {name, name, key, over};
    return make(key, &terms, serial, pem);
}
