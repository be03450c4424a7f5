/* Platform certificates, opened as client libraries open them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "unit/api/service.h"
#include "wire/base64.h"
#include "wire/sealed.h"
#include "wire/server/certificate.h"
#include "wire/server/key.h"

FZ_STATEMENT(add_platform_key,
             "INSERT INTO platform_key (id, serial_no, certificate, private_key, signs_from_ms) VALUES ($1, "
             "$2, $3, $4, $5)",
             "ittbi", "");

#define FAR_MS INT64_C(4102444800000) /* 2100: the second does not sign yet, and is listed all the same */

struct platform {
    char serial[FZ_SERIAL_SIZE];
    struct fz_text pem;
};

static enum fz_result add_platform(struct fz_tx *tx, void *argument)
{
    const struct platform *platforms = argument;
    for (int64_t i = 0; i < 2; i++)
        assert_int_equal(fz_run(tx, &add_platform_key,
                                FZ_VALUES(FZ_I(i + 1), FZ_T(platforms[i].serial), FZ_T(platforms[i].pem.data),
                                          FZ_B("x", 1), FZ_I(i * FAR_MS)),
                                NULL),
                         FZ_OK);
    return FZ_OK;
}

/* Opened as client libraries do it: base64 of ciphertext and tag, the nonce as text, the associated data as
 * it is told. */
static void assert_opens(json_t *sealed, const char *pem)
{
    static const unsigned char key[32] = {'K', 'E', 'Y'};
    const char *nonce = json_string_value(json_object_get(sealed, "nonce")),
               *base64 = json_string_value(json_object_get(sealed, "ciphertext"));
    const char *associated = json_string_value(json_object_get(sealed, "associated_data"));
    unsigned char bytes[8192], opened[8192] = {0};
    size_t size = 0;
    assert_int_equal(strlen(nonce), 12);
    assert_string_equal(associated, "certificate");
    assert_int_equal(fz_base64_read(base64, strlen(base64), bytes, sizeof bytes, &size), FZ_OK);
    assert_int_equal(
        fz_gcm_open(key, (const unsigned char *)nonce, associated, strlen(associated), bytes, size, opened),
        FZ_OK);
    assert_string_equal((const char *)opened, pem);
}

static void platform_certificates_open_with_the_apiv3_key(void **state)
{
    (void)state;
    struct platform platforms[2] = {{.pem.max = 8192}, {.pem.max = 8192}};
    for (int i = 0; i < 2; i++) {
        EVP_PKEY *key = fz_key_new();
        assert_int_equal(
            fz_certificate_make(key, "platform", key, "authority", NULL, platforms[i].serial, &platforms[i].pem),
            FZ_OK);
        EVP_PKEY_free(key);
    }
    assert_answer(get(DIRECT, "/v3/certificates"), "{\"data\":[]}");
    write_book(add_platform, platforms);
    static const char *const targets[] = {"/v3/certificates?algorithm_type=RSA", "/v3/global/certificates",
                                          "/hk/v3/certificates"};
    for (size_t i = 0; i < 3; i++) {
        assert_answered(get(DIRECT, targets[i]));
        json_t *data = json_object_get(answer, "data");
        assert_int_equal(json_array_size(data), 2);
        for (size_t j = 0; j < 2; j++) {
            json_t *one = json_array_get(data, j);
            assert_string_equal(json_string_value(json_object_get(one, "serial_no")), platforms[j].serial);
            assert_memory_equal(json_string_value(json_object_get(one, "effective_time")), "2020-01-01T", 11);
            assert_memory_equal(json_string_value(json_object_get(one, "expire_time")), "2049-12-31T", 11);
            assert_opens(json_object_get(one, "encrypt_certificate"), platforms[j].pem.data);
        }
    }
    for (int i = 0; i < 2; i++)
        fz_text_done(&platforms[i].pem);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, service_begin, service_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(platform_certificates_open_with_the_apiv3_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
