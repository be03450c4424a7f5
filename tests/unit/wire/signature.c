/* Signatures against those of the `openssl` command line, which are deterministic (PKCS #1 v1.5): equal byte
 * for byte. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "unit/wire/vectors.h"
#include "wire/base64.h"
#include "wire/certificate.h"
#include "wire/signature.h"

static const char target[] = "/v3/global/refunds/out-refund-no/1217752501201407033233368018?mchid=1900000109";
static const char nonce[] = "593BEC0C930BF1AFEB40B4A08C8FB242";
static const char body[] = "{\"amount\":{\"refund\":888}}";

struct tools {
    EVP_PKEY *key, *public_key;
    struct fz_signer *signer;
    struct fz_verifier *verifier;
};

static int set_up(void **state)
{
    static struct tools tools;
    struct fz_certificate certificate;
    tools.key = fz_key_read(vector_key_pem);
    assert_int_equal(fz_certificate_read(vector_certificate_pem, &certificate, &tools.public_key), FZ_OK);
    assert_non_null(tools.key);
    assert_non_null(tools.public_key);
    tools.signer = fz_signer_new(tools.key);
    tools.verifier = fz_verifier_new(tools.public_key);
    assert_non_null(tools.signer);
    assert_non_null(tools.verifier);
    *state = &tools;
    return 0;
}

static int tear_down(void **state)
{
    struct tools *tools = *state;
    fz_signer_free(tools->signer);
    fz_verifier_free(tools->verifier);
    EVP_PKEY_free(tools->key);
    EVP_PKEY_free(tools->public_key);
    return 0;
}

static void assert_message(const struct fz_piece *pieces, size_t count, const char *expected)
{
    char text[512];
    size_t size = 0;
    for (size_t i = 0; i < count; i++) {
        if (pieces[i].size > 0)
            memcpy(text + size, pieces[i].data, pieces[i].size);
        size += pieces[i].size;
    }
    assert_int_equal(size, strlen(expected));
    assert_memory_equal(text, expected, size);
}

static void messages_have_a_line_end_behind_each_part(void **state)
{
    (void)state;
    struct fz_piece pieces[10];
    fz_request_message(pieces, "GET", target, "1554208460", nonce, NULL, 0);
    assert_message(
        pieces, 10,
        "GET\n/v3/global/refunds/out-refund-no/1217752501201407033233368018?mchid=1900000109\n1554208460\n"
        "593BEC0C930BF1AFEB40B4A08C8FB242\n\n");
    fz_request_message(pieces, "POST", "/v3/global/refunds", "1554208460", "abc", body, strlen(body));
    assert_message(pieces, 10, "POST\n/v3/global/refunds\n1554208460\nabc\n{\"amount\":{\"refund\":888}}\n");
    fz_answer_message(pieces, "1554208460", "abc", "{\"code\":\"OK\"}", 13);
    assert_message(pieces, 6, "1554208460\nabc\n{\"code\":\"OK\"}\n");
}

static void signatures_are_those_of_openssl(void **state)
{
    struct tools *tools = *state;
    struct fz_piece pieces[10];
    char signature[FZ_SIGNATURE_BASE64_SIZE];
    for (int round = 0; round < 3; round++) { /* the prepared context serves again and again */
        fz_request_message(pieces, "GET", target, "1554208460", nonce, "", 0);
        assert_int_equal(fz_sign(tools->signer, pieces, 10, signature), FZ_OK);
        assert_string_equal(signature, vector_get_signature);
        fz_request_message(pieces, "POST", "/v3/global/refunds", "1554208460", "abc", body, strlen(body));
        assert_int_equal(fz_sign(tools->signer, pieces, 10, signature), FZ_OK);
        assert_string_equal(signature, vector_post_signature);
        fz_answer_message(pieces, "1554208460", "abc", "{\"code\":\"OK\"}", 13);
        assert_int_equal(fz_sign(tools->signer, pieces, 6, signature), FZ_OK);
        assert_string_equal(signature, vector_answer_signature);
    }
}

static bool verifies(struct tools *tools, const char *method, const char *path, const char *time,
                     const char *once, const char *content, const unsigned char *signature, size_t size)
{
    struct fz_piece pieces[10];
    fz_request_message(pieces, method, path, time, once, content, strlen(content));
    return fz_verify(tools->verifier, pieces, 10, signature, size);
}

static void a_changed_character_anywhere_is_noticed(void **state)
{
    struct tools *tools = *state;
    unsigned char signature[512];
    size_t size = 0;
    assert_int_equal(fz_base64_read(vector_post_signature, strlen(vector_post_signature), signature,
                                    sizeof signature, &size),
                     FZ_OK);
    assert_int_equal(size, 256);
    for (int round = 0; round < 2; round++) { /* a refusal leaves the context as good as before */
        assert_true(
            verifies(tools, "POST", "/v3/global/refunds", "1554208460", "abc", body, signature, size));
        assert_false(
            verifies(tools, "PUT", "/v3/global/refunds", "1554208460", "abc", body, signature, size));
        assert_false(
            verifies(tools, "POST", "/v3/global/refund", "1554208460", "abc", body, signature, size));
        assert_false(
            verifies(tools, "POST", "/v3/global/refunds", "1554208461", "abc", body, signature, size));
        assert_false(
            verifies(tools, "POST", "/v3/global/refunds", "1554208460", "abd", body, signature, size));
        assert_false(verifies(tools, "POST", "/v3/global/refunds", "1554208460", "abc",
                              "{\"amount\":{\"refund\":889}}", signature, size));
        assert_false(verifies(tools, "POST", "/v3/global/refunds", "1554208460", "abc", "", signature, size));
        /* the same bytes in all, with the line ends elsewhere */
        assert_false(
            verifies(tools, "POST", "/v3/global/refunds\n1554208460", "abc", "", body, signature, size));
    }
    for (size_t at = 0; at < size; at += 5) {
        signature[at] ^= 1;
        assert_false(
            verifies(tools, "POST", "/v3/global/refunds", "1554208460", "abc", body, signature, size));
        signature[at] ^= 1;
    }
    assert_false(verifies(tools, "POST", "/v3/global/refunds", "1554208460", "abc", body, signature, 255));
    assert_false(verifies(tools, "POST", "/v3/global/refunds", "1554208460", "abc", body, signature, 0));
    signature[256] = 0;
    assert_false(verifies(tools, "POST", "/v3/global/refunds", "1554208460", "abc", body, signature, 257));
    assert_false(verifies(tools, "POST", "/v3/global/refunds", "1554208460", "abc", body, signature, 512));
    memset(signature, 0, sizeof signature);
    assert_false(verifies(tools, "POST", "/v3/global/refunds", "1554208460", "abc", body, signature, 256));
    memset(signature, 0xFF, sizeof signature);
    assert_false(verifies(tools, "POST", "/v3/global/refunds", "1554208460", "abc", body, signature, 256));
    assert_int_equal(ERR_peek_error(), 0); /* refusals leave nothing behind in the thread's list of errors */
}

static void another_key_does_not_verify(void **state)
{
    struct tools *tools = *state;
    EVP_PKEY *other = EVP_RSA_gen(2048);
    assert_non_null(other);
    struct fz_verifier *verifier = fz_verifier_new(other);
    assert_non_null(verifier);
    unsigned char signature[512];
    size_t size = 0;
    assert_int_equal(fz_base64_read(vector_answer_signature, strlen(vector_answer_signature), signature,
                                    sizeof signature, &size),
                     FZ_OK);
    struct fz_piece pieces[6];
    fz_answer_message(pieces, "1554208460", "abc", "{\"code\":\"OK\"}", 13);
    assert_true(fz_verify(tools->verifier, pieces, 6, signature, size));
    assert_false(fz_verify(verifier, pieces, 6, signature, size));
    fz_verifier_free(verifier);
    EVP_PKEY_free(other);
}

static void only_rsa_keys_are_made_ready(void **state)
{
    (void)state;
    EVP_PKEY *curve = EVP_EC_gen("P-256");
    assert_non_null(curve);
    assert_null(fz_signer_new(curve));
    assert_null(fz_verifier_new(curve));
    EVP_PKEY_free(curve);
    fz_signer_free(NULL);
    fz_verifier_free(NULL);
}

static void a_signer_outlives_the_key_it_was_made_of(void **state)
{
    (void)state;
    EVP_PKEY *key = fz_key_read(vector_key_pem);
    struct fz_signer *signer = fz_signer_new(key);
    EVP_PKEY_free(key);
    assert_non_null(signer);
    struct fz_piece pieces[6];
    char signature[FZ_SIGNATURE_BASE64_SIZE];
    fz_answer_message(pieces, "1554208460", "abc", "{\"code\":\"OK\"}", 13);
    assert_int_equal(fz_sign(signer, pieces, 6, signature), FZ_OK);
    assert_string_equal(signature, vector_answer_signature);
    fz_signer_free(signer);
}

/* Each thread makes its own tools of the same keys. NULL if all went well. */
static void *sign_and_verify(void *argument)
{
    struct tools *tools = argument;
    struct fz_piece pieces[6];
    char text[FZ_SIGNATURE_BASE64_SIZE];
    unsigned char signature[512];
    size_t size = 0;
    void *failure = NULL;
    fz_answer_message(pieces, "1554208460", "abc", "{\"code\":\"OK\"}", 13);
    for (int i = 0; i < 20 && failure == NULL; i++) {
        struct fz_signer *signer = fz_signer_new(tools->key);
        struct fz_verifier *verifier = fz_verifier_new(tools->public_key);
        if (signer == NULL || verifier == NULL || fz_sign(signer, pieces, 6, text) != FZ_OK ||
            strcmp(text, vector_answer_signature) != 0 ||
            fz_base64_read(text, strlen(text), signature, sizeof signature, &size) != FZ_OK ||
            !fz_verify(verifier, pieces, 6, signature, size))
            failure = tools;
        fz_signer_free(signer);
        fz_verifier_free(verifier);
    }
    return failure;
}

static void threads_share_keys_but_not_tools(void **state)
{
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, sign_and_verify, *state), 0);
    for (int i = 0; i < 3; i++) {
        void *failure = NULL;
        assert_int_equal(pthread_join(threads[i], &failure), 0);
        assert_null(failure);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_have_a_line_end_behind_each_part),
        cmocka_unit_test(signatures_are_those_of_openssl),
        cmocka_unit_test(a_changed_character_anywhere_is_noticed),
        cmocka_unit_test(another_key_does_not_verify),
        cmocka_unit_test(only_rsa_keys_are_made_ready),
        cmocka_unit_test(a_signer_outlives_the_key_it_was_made_of),
        cmocka_unit_test(threads_share_keys_but_not_tools),
    };
    return cmocka_run_group_tests_name("wire_signature", tests, set_up, tear_down);
}
