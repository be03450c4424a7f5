/* RSA keys read, and serial numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/err.h>

#include "unit/wire/vectors.h"
#include "wire/key.h"

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
        cmocka_unit_test(what_is_no_rsa_key_is_not_read),
        cmocka_unit_test(a_serial_number_has_one_spelling),
    };
    return cmocka_run_group_tests_name("wire_key", tests, NULL, NULL);
}
