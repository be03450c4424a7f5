/* OpenSSL's queue of errors, as error_queue.c beside this folder: what the server's alone calls leave in
 * it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "unit/wire/queued_error.h"
#include "unit/wire/vectors.h"
#include "wire/doctor/doctor.h"
#include "wire/server/authority.h"
#include "wire/server/certificate.h"
#include "wire/server/key.h"

#define NOW_MS INT64_C(1767628800000)

static void keys_and_certificates(void **state)
{
    (void)state;
    EVP_PKEY *key = fz_key_read(vector_key_pem);
    char serial[FZ_SERIAL_SIZE];
    struct fz_text pem = {.max = 8192};
    ASSERT_QUEUE_KEPT(fz_public_key_read((const unsigned char *)"0\x82", 2) == NULL);
    ASSERT_QUEUE_KEPT(fz_certificate_make(key, "", key, "issuer", NULL, serial, &pem) == FZ_FAILED);
    ASSERT_QUEUE_KEPT(fz_certificate_make(key, "1900000109", key, "", NULL, serial, &pem) == FZ_FAILED);
    fz_text_done(&pem);
    EVP_PKEY_free(key);
}

static void the_tls_authority(void **state)
{
    (void)state;
    EVP_PKEY *key = fz_tls_key_read(vector_ec_key_pem), *other = fz_tls_key_new();
    struct fz_text pem = {.max = 8192};
    ASSERT_QUEUE_KEPT(fz_tls_key_read("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n") == NULL);
    ASSERT_QUEUE_KEPT(fz_authority_issue(key, "none", key, NULL, NOW_MS, &pem) == FZ_MALFORMED);
    ASSERT_QUEUE_KEPT(fz_pair_check("none", key, NOW_MS) == FZ_PAIR_UNREADABLE);
    ASSERT_QUEUE_KEPT(fz_pair_check(vector_ec_certificate_pem, other, NOW_MS) == FZ_PAIR_DIFFERENT);
    ASSERT_QUEUE_KEPT(!fz_certificate_names("none", "localhost"));
    ASSERT_QUEUE_KEPT(!fz_certificate_names(vector_ec_certificate_pem, "not a host"));
    fz_text_done(&pem);
    EVP_PKEY_free(other);
    EVP_PKEY_free(key);
}

static void the_doctor(void **state)
{
    (void)state;
    EVP_PKEY *key = fz_key_read(vector_key_pem);
    struct fz_candidate candidate = {.key = key, .role = FZ_CANDIDATE_NAMED};
    char serial[64], *signature = malloc(345);
    memset(signature, 'A', 344); /* 258 zero bytes, and as 342 letters and padding 256 */
    signature[344] = '\0';
    struct fz_diagnosis diagnosis = {0};
    ASSERT_QUEUE_KEPT(fz_doctor_serial("no number", serial, sizeof serial) == FZ_MALFORMED);
    for (int last = 'A'; last <= 'z'; last += 7) {
        memset(signature, last, 342);
        memcpy(signature + 341, "A==", 3);
        struct fz_arrival arrival = {.method = "GET",
                                     .target = "/v3/global/certificates",
                                     .timestamp = "1554208460",
                                     .nonce = "n",
                                     .body = "",
                                     .signature = signature,
                                     .signature_size = 344};
        leave_an_error();
        fz_doctor(&arrival, &candidate, 1, &diagnosis);
        assert_non_null(diagnosis.mistake);
        ASSERT_LEFT_ALONE();
    }
    free(signature);
    EVP_PKEY_free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_and_certificates),
        cmocka_unit_test(the_tls_authority),
        cmocka_unit_test(the_doctor),
    };
    return cmocka_run_group_tests_name("wire_server_error_queue", tests, NULL, NULL);
}
