/* Certificates that the `openssl` command line made, read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/err.h>

#include "unit/wire/vectors.h"
#include "wire/certificate.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificates_of_others_are_read),
        cmocka_unit_test(what_is_no_rsa_certificate_is_not_read),
    };
    return cmocka_run_group_tests_name("wire_certificate", tests, NULL, NULL);
}
