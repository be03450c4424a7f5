/* X.509 certificates, read. */
#include "wire/certificate.h"

#include <openssl/pem.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "wire/openssl.h"

#define SERIAL_BITS 160 /* the most that RFC 5280, 4.1.2.2 allows */

/* The serial as libraries print it: upper-case hex without zeros in front. */
static bool read_serial(const X509 *x509, char out[FZ_SERIAL_SIZE])
{
    FZ_CLEANUP(fz_bignum_done) BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x509), NULL);
    if (number == NULL || BN_is_negative(number) || BN_is_zero(number) ||
        BN_num_bits(number) > SERIAL_BITS)
        return false;
    char *hex = BN_bn2hex(number); /* whole bytes */
    if (hex == NULL)
        return false;
    fz_copy(out, FZ_SERIAL_SIZE, hex + (hex[0] == '0'));
    OPENSSL_free(hex);
    return true;
}

static bool read_time(const ASN1_TIME *time, int64_t *out_ms)
{
    struct tm utc;
    if (ASN1_TIME_to_tm(time, &utc) != 1)
        return false;
    *out_ms = (int64_t)timegm(&utc) * 1000;
    return true;
}

enum fz_result fz_certificate_read(const char *pem, struct fz_certificate *out, EVP_PKEY **public_key)
{
    FZ_KEEP_ERROR_QUEUE;
    FZ_CLEANUP(fz_bio_done) BIO *bio = BIO_new_mem_buf(pem, -1);
    if (bio == NULL)
        return FZ_FAILED;
    FZ_CLEANUP(fz_x509_done) X509 *x509 = PEM_read_bio_X509(bio, NULL, NULL, FZ_NO_PASSWORD);
    struct fz_certificate certificate;
    EVP_PKEY *key = x509 == NULL ? NULL : X509_get0_pubkey(x509);
    if (key == NULL || !EVP_PKEY_is_a(key, "RSA") || !read_serial(x509, certificate.serial) ||
        !read_time(X509_get0_notBefore(x509), &certificate.validity.not_before_ms) ||
        !read_time(X509_get0_notAfter(x509), &certificate.validity.not_after_ms))
        return FZ_MALFORMED;
    if (public_key != NULL) {
        if (EVP_PKEY_up_ref(key) != 1)
            return FZ_FAILED;
        *public_key = key;
    }
    *out = certificate;
    return FZ_OK;
}
