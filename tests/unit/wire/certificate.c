/* Keys and certificates, against those that the `openssl` command line made, and read by OpenSSL's own
 * functions. */
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
#include "wire/base64.h"
#include "wire/certificate.h"

static void a_private_key_comes_back_as_it_was(void **state)
{
    (void)state;
    EVP_PKEY *key = fz_key_read(vector_key_pem);
    assert_non_null(key);
    assert_int_equal(EVP_PKEY_get_bits(key), 2048);
    struct fz_text text = {.max = 4096};
    assert_int_equal(fz_key_write(key, &text), FZ_OK);
    assert_string_equal(text.data, vector_key_pem);
    struct fz_text small = {.max = 100};
    assert_int_equal(fz_key_write(key, &small), FZ_FULL);
    fz_text_done(&small);
    fz_text_done(&text);
    EVP_PKEY_free(key);
}

static void a_public_key_is_openssl_s_pkcs1(void **state)
{
    (void)state;
    EVP_PKEY *key = fz_key_read(vector_key_pem);
    struct fz_text text = {.max = 4096};
    assert_int_equal(fz_public_key_write(key, &text), FZ_OK);
    char base64[1024];
    fz_base64_write(base64, text.data, text.size);
    assert_string_equal(base64, vector_public_der_base64);
    EVP_PKEY *public_key = fz_public_key_read((const unsigned char *)text.data, text.size);
    assert_non_null(public_key);
    assert_int_equal(EVP_PKEY_eq(key, public_key), 1);
    struct fz_text again = {.max = 4096};
    assert_int_equal(fz_public_key_write(public_key, &again), FZ_OK);
    assert_memory_equal(again.data, text.data, text.size);
    struct fz_text small = {.max = 100};
    assert_int_equal(fz_public_key_write(key, &small), FZ_FULL);
    EVP_PKEY_free(public_key);
    EVP_PKEY_free(key);
    fz_text_done(&again);

    /* Cut short, or with something behind it, it is none. */
    for (size_t size = 0; size < text.size; size += 7) {
        unsigned char *part = malloc(size + 1);
        memcpy(part, text.data, size);
        assert_null(fz_public_key_read(part, size));
        free(part);
    }
    fz_text_add(&text, "x", 1);
    assert_null(fz_public_key_read((const unsigned char *)text.data, text.size));
    fz_text_done(&text);
    assert_int_equal(ERR_peek_error(), 0);
}

static void what_is_no_rsa_key_is_not_read(void **state)
{
    (void)state;
    assert_null(fz_key_read(""));
    assert_null(fz_key_read("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"));
    assert_null(fz_key_read(vector_certificate_pem));
    assert_null(fz_key_read(vector_ec_key_pem));
    assert_null(fz_key_read(vector_encrypted_key_pem)); /* and nobody is asked for the password */
    char cut[sizeof vector_key_pem];
    strcpy(cut, vector_key_pem);
    cut[800] = '\0';
    assert_null(fz_key_read(cut));
    assert_int_equal(ERR_peek_error(), 0);
}

static void a_new_key_is_rsa_2048_and_new(void **state)
{
    (void)state;
    EVP_PKEY *one = fz_key_new(), *other = fz_key_new();
    assert_non_null(one);
    assert_non_null(other);
    assert_int_equal(EVP_PKEY_get_bits(one), 2048);
    assert_true(EVP_PKEY_is_a(one, "RSA"));
    assert_int_equal(EVP_PKEY_eq(one, other), 0);
    EVP_PKEY_free(one);
    EVP_PKEY_free(other);
}

static void certificates_of_others_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *pem, *serial;
    } readable[] = {
        {vector_certificate_pem, "4C0FFEE00123456789ABCDEF0123456789ABCDEF"},
        {vector_top_bit_certificate_pem, "C00FFEE00123456789ABCDEF0123456789ABCDEF"},
        {vector_short_certificate_pem, "F01"},
    };
    EVP_PKEY *key = fz_key_read(vector_key_pem);
    for (size_t i = 0; i < sizeof readable / sizeof readable[0]; i++) {
        struct fz_certificate certificate;
        EVP_PKEY *public_key = NULL;
        assert_int_equal(fz_certificate_read(readable[i].pem, &certificate, &public_key), FZ_OK);
        assert_string_equal(certificate.serial, readable[i].serial);
        assert_int_equal(certificate.validity.not_before_ms, INT64_C(1614834367000)); /* 2021-03-04T05:06:07Z */
        assert_int_equal(certificate.validity.not_after_ms, INT64_C(2561519167000));  /* 2051-03-04T05:06:07Z */
        assert_int_equal(EVP_PKEY_eq(key, public_key), 1);
        EVP_PKEY_free(public_key);
        assert_int_equal(fz_certificate_read(readable[i].pem, &certificate, NULL), FZ_OK);
    }
    EVP_PKEY_free(key);
}

static void what_is_no_rsa_certificate_is_not_read(void **state)
{
    (void)state;
    char cut[sizeof vector_certificate_pem];
    strcpy(cut, vector_certificate_pem);
    cut[600] = '\0';
    const char *const broken[] = {
        "",
        "certificate",
        vector_key_pem,
        vector_long_certificate_pem,
        vector_ec_certificate_pem,
        cut,
        "-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: "
        "AES-256-CBC,00112233445566778899AABBCCDDEEFF\n\n"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n-----END CERTIFICATE-----\n",
    };
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        struct fz_certificate certificate = {.serial = "untouched"};
        EVP_PKEY *public_key = NULL;
        if (fz_certificate_read(broken[i], &certificate, &public_key) != FZ_MALFORMED)
            fail_msg("row %zu taken", i);
        assert_string_equal(certificate.serial, "untouched");
        assert_null(public_key);
    }
    assert_int_equal(ERR_peek_error(), 0);
}

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

static void a_serial_number_has_one_spelling(void **state)
{
    (void)state;
    char out[FZ_SERIAL_SIZE] = "untouched";
    static const char *const wrong[] = {"", "0", "0F", " F", "F ", "4:08", "4 08", "0x40", "40G", "40-8", "4080\n",
                                        "408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB1", "\xef\xbc\xa1"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(fz_serial_read(wrong[i], out), FZ_MALFORMED);
    assert_string_equal(out, "untouched");
    assert_int_equal(fz_serial_read("f", out), FZ_OK);
    assert_string_equal(out, "F");
    assert_int_equal(fz_serial_read("408b07e79b8269fec3d5d3e6ab8ed163a6A380DB", out), FZ_OK);
    assert_string_equal(out, "408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_serial_number_has_one_spelling),
        cmocka_unit_test(a_validity_may_lie_on_either_side_of_2050),
        cmocka_unit_test(a_private_key_comes_back_as_it_was),
        cmocka_unit_test(a_public_key_is_openssl_s_pkcs1),
        cmocka_unit_test(what_is_no_rsa_key_is_not_read),
        cmocka_unit_test(a_new_key_is_rsa_2048_and_new),
        cmocka_unit_test(certificates_of_others_are_read),
        cmocka_unit_test(what_is_no_rsa_certificate_is_not_read),
        cmocka_unit_test(a_made_certificate_says_what_was_asked),
        cmocka_unit_test(the_same_key_and_name_give_the_same_certificate),
        cmocka_unit_test(any_name_gives_a_serial_of_40_digits),
        cmocka_unit_test(a_certificate_that_cannot_be_made_leaves_nothing),
    };
    return cmocka_run_group_tests_name("wire_certificate", tests, NULL, NULL);
}
