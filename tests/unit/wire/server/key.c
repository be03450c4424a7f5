/* RSA keys made and written, against those that the `openssl` command line made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/err.h>

#include "unit/wire/vectors.h"
#include "wire/base64.h"
#include "wire/server/key.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_private_key_comes_back_as_it_was),
        cmocka_unit_test(a_public_key_is_openssl_s_pkcs1),
        cmocka_unit_test(a_new_key_is_rsa_2048_and_new),
    };
    return cmocka_run_group_tests_name("wire_server_key", tests, NULL, NULL);
}
