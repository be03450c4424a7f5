/* Certificates made, read by OpenSSL's own functions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "unit/wire/vectors.h"
#include "wire/server/certificate.h"
#include "wire/server/key.h"

struct made {
    char serial[FZ_SERIAL_SIZE];
    struct fz_text pem;
};

static struct made make(EVP_PKEY *key, const char *name, EVP_PKEY *issuer)
{
    struct made made = {.pem.max = 8192};
    assert_int_equal(fz_certificate_make(key, name, issuer, "Fenzhang sandbox", NULL, made.serial, &made.pem),
                     FZ_OK);
    return made;
}

static void assert_serial(const char *serial)
{
    assert_int_equal(strlen(serial), 40);
    assert_int_equal(strspn(serial, "0123456789ABCDEF"), 40);
    assert_in_range(serial[0], '1', '7'); /* no leading zero, and positive in 20 octets */
}

static void a_made_certificate_says_what_was_asked(void **state)
{
    (void)state;
    EVP_PKEY *key = fz_key_read(vector_key_pem), *issuer = fz_key_new();
    struct made made = make(key, "1900000109", issuer);
    assert_serial(made.serial);
    struct fz_certificate read;
    EVP_PKEY *public_key = NULL;
    assert_int_equal(fz_certificate_read(made.pem.data, &read, &public_key), FZ_OK);
    assert_string_equal(read.serial, made.serial);
    assert_int_equal(read.validity.not_before_ms, INT64_C(1577836800000)); /* 2020-01-01T00:00:00Z */
    assert_int_equal(read.validity.not_after_ms, INT64_C(2524579199000));  /* 2049-12-31T23:59:59+08:00 */
    assert_int_equal(EVP_PKEY_eq(key, public_key), 1);

    BIO *bio = BIO_new_mem_buf(made.pem.data, -1);
    X509 *x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    assert_non_null(x509);
    assert_int_equal(X509_verify(x509, issuer), 1);
    assert_int_equal(X509_verify(x509, key), 0);
    assert_int_equal(X509_get_version(x509), X509_VERSION_3);
    assert_int_equal(X509_get_signature_nid(x509), NID_sha256WithRSAEncryption);
    char text[128];
    X509_NAME_oneline(X509_get_subject_name(x509), text, sizeof text);
    assert_string_equal(text, "/CN=1900000109");
    X509_NAME_oneline(X509_get_issuer_name(x509), text, sizeof text);
    assert_string_equal(text, "/CN=Fenzhang sandbox");
    assert_int_equal(X509_get_extension_flags(x509) & EXFLAG_CA, 0);
    X509_free(x509);
    BIO_free(bio);
    ERR_clear_error();
    EVP_PKEY_free(public_key);
    EVP_PKEY_free(issuer);
    EVP_PKEY_free(key);
    fz_text_done(&made.pem);
}

static void the_same_key_and_name_give_the_same_certificate(void **state)
{
    (void)state;
    EVP_PKEY *key = fz_key_read(vector_key_pem), *other = fz_key_new();
    struct made first = make(key, "1900000109", key), second = make(key, "1900000109", key);
    assert_string_equal(first.serial, second.serial);
    assert_string_equal(first.pem.data, second.pem.data);
    struct made other_name = make(key, "1900000110", key), other_key = make(other, "1900000109", key);
    assert_string_not_equal(first.serial, other_name.serial);
    assert_string_not_equal(first.serial, other_key.serial);
    /* printf '1900000109\0' | cat - PKCS1.der | sha256sum | cut -c1-40, the top bits of the first digit set
     * to 01 */
    assert_string_equal(first.serial, "74CB34607A18808E30D7E982E8E1D094090BDA4E");
    fz_text_done(&first.pem);
    fz_text_done(&second.pem);
    fz_text_done(&other_name.pem);
    fz_text_done(&other_key.pem);
    EVP_PKEY_free(other);
    EVP_PKEY_free(key);
}

static void any_name_gives_a_serial_of_40_digits(void **state)
{
    (void)state;
    EVP_PKEY *key = fz_key_read(vector_key_pem);
    for (int i = 0; i < 32; i++) {
        char name[16];
        snprintf(name, sizeof name, "19000%05d", i);
        struct made made = make(key, name, key);
        assert_serial(made.serial);
        fz_text_done(&made.pem);
    }
    EVP_PKEY_free(key);
}

static void a_certificate_that_cannot_be_made_leaves_nothing(void **state)
{
    (void)state;
    EVP_PKEY *key = fz_key_read(vector_key_pem);
    char serial[FZ_SERIAL_SIZE] = "untouched";
    struct fz_text pem = {.max = 8192};
    assert_int_equal(fz_certificate_make(key, "", key, "issuer", NULL, serial, &pem), FZ_FAILED);
    char name[66];
    memset(name, '1', sizeof name);
    name[65] = '\0';
    assert_int_equal(fz_certificate_make(key, name, key, "issuer", NULL, serial, &pem), FZ_FAILED);
    assert_null(pem.data);
    pem.max = 100;
    assert_int_equal(fz_certificate_make(key, "1900000109", key, "issuer", NULL, serial, &pem), FZ_FULL);
    assert_string_equal(serial, "untouched");
    fz_text_done(&pem);
    EVP_PKEY_free(key);
    ERR_clear_error();
}

/* 2049-12-31T23:59:59Z and 2050-01-01T00:00:00Z are written differently (RFC 5280, 4.1.2.5). */
static void a_validity_may_lie_on_either_side_of_2050(void **state)
{
    (void)state;
    EVP_PKEY *key = fz_key_read(vector_key_pem);
    static const struct fz_validity validity[] = {{INT64_C(1772000000999), INT64_C(2524607999000)},
                                                  {INT64_C(2524608000000), INT64_C(253402300799000)}};
    for (size_t i = 0; i < 2; i++) {
        struct fz_text pem = {.max = 8192};
        struct fz_certificate read;
        char serial[FZ_SERIAL_SIZE];
        assert_int_equal(fz_certificate_make(key, "platform", key, "platform", &validity[i], serial, &pem), FZ_OK);
        assert_int_equal(fz_certificate_read(pem.data, &read, NULL), FZ_OK);
        assert_int_equal(read.validity.not_before_ms, validity[i].not_before_ms / 1000 * 1000);
        assert_int_equal(read.validity.not_after_ms, validity[i].not_after_ms);
        fz_text_done(&pem);
    }
    EVP_PKEY_free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_validity_may_lie_on_either_side_of_2050),
        cmocka_unit_test(a_made_certificate_says_what_was_asked),
        cmocka_unit_test(the_same_key_and_name_give_the_same_certificate),
        cmocka_unit_test(any_name_gives_a_serial_of_40_digits),
        cmocka_unit_test(a_certificate_that_cannot_be_made_leaves_nothing),
    };
    return cmocka_run_group_tests_name("wire_server_certificate", tests, NULL, NULL);
}
