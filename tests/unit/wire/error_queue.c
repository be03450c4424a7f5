/* OpenSSL's queue of errors is the thread's, not ours: what was in it before stays, and nothing is added. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/pem.h>

#include "unit/wire/queued_error.h"
#include "unit/wire/vectors.h"
#include "wire/certificate.h"
#include "wire/sealed.h"
#include "wire/signature.h"

#define BROKEN_PEM "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"

/* The test itself can fail: these calls do leave errors, and clearing does take them all. */
static void openssl_leaves_errors(void **state)
{
    (void)state;
    leave_an_error();
    BIO *bio = BIO_new_mem_buf(BROKEN_PEM, -1);
    assert_null(PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL));
    BIO_free(bio);
    assert_int_equal(ERR_GET_REASON(ERR_get_error()), QUEUED_REASON);
    assert_int_not_equal(ERR_get_error(), 0);
    ERR_clear_error();
}

static void reading_keys_and_certificates(void **state)
{
    (void)state;
    struct fz_certificate certificate;
    ASSERT_QUEUE_KEPT(fz_key_read(BROKEN_PEM) == NULL);
    ASSERT_QUEUE_KEPT(fz_key_read(vector_ec_key_pem) == NULL);
    ASSERT_QUEUE_KEPT(fz_key_read(vector_encrypted_key_pem) == NULL);
    ASSERT_QUEUE_KEPT(fz_certificate_read("", &certificate, NULL) == FZ_MALFORMED);
    ASSERT_QUEUE_KEPT(fz_certificate_read(vector_ec_certificate_pem, &certificate, NULL) == FZ_MALFORMED);
}

static void signing_and_verifying(void **state)
{
    (void)state;
    EVP_PKEY *key = fz_key_read(vector_key_pem), *foreign = EVP_EC_gen("P-256");
    struct fz_verifier *verifier = fz_verifier_new(key);
    struct fz_piece pieces[6];
    static const unsigned char wrong[256] = {1};
    fz_answer_message(pieces, "1", "n", "", 0);
    ASSERT_QUEUE_KEPT(!fz_verify(verifier, pieces, 6, wrong, sizeof wrong));
    ASSERT_QUEUE_KEPT(fz_signer_new(foreign) == NULL);
    ASSERT_QUEUE_KEPT(fz_verifier_new(foreign) == NULL);
    fz_verifier_free(verifier);
    EVP_PKEY_free(foreign);
    EVP_PKEY_free(key);
}

static void sealing_and_opening(void **state)
{
    (void)state;
    EVP_PKEY *key = fz_key_read(vector_key_pem), *foreign = EVP_EC_gen("P-256");
    static const unsigned char apiv3[32] = {1}, nonce[FZ_GCM_NONCE_SIZE] = {2}, sealed[40] = {3};
    unsigned char plain[40];
    char text[1024], long_text[300];
    memset(long_text, 'a', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    ASSERT_QUEUE_KEPT(fz_gcm_open(apiv3, nonce, "", 0, sealed, sizeof sealed, plain) == FZ_MALFORMED);
    ASSERT_QUEUE_KEPT(fz_oaep_open(key, vector_sealed_pkcs1, text, sizeof text) == FZ_MALFORMED);
    ASSERT_QUEUE_KEPT(fz_oaep_open(foreign, vector_sealed_name, text, sizeof text) == FZ_FAILED);
    ASSERT_QUEUE_KEPT(fz_oaep_seal(foreign, "a", text, sizeof text) == FZ_FAILED);
    ASSERT_QUEUE_KEPT(fz_oaep_seal(key, long_text, text, sizeof text) == FZ_FULL);
    EVP_PKEY_free(foreign);
    EVP_PKEY_free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openssl_leaves_errors),
        cmocka_unit_test(reading_keys_and_certificates),
        cmocka_unit_test(signing_and_verifying),
        cmocka_unit_test(sealing_and_opening),
    };
    return cmocka_run_group_tests_name("wire_error_queue", tests, NULL, NULL);
}
