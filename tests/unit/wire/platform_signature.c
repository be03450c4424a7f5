/* Whether an answer is the platform's: signatures of the `openssl` command line, and each way to be none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "unit/wire/queued_error.h"
#include "unit/wire/vectors.h"
#include "wire/platform_signature.h"

#define SERIAL "4C0FFEE00123456789ABCDEF0123456789ABCDEF"
#define ID     "PUB_KEY_ID_0114232134912410000000000000"
#define NONCE  "593BEC0C930BF1AFEB40B4A08C8FB242"
#define AT     INT64_C(1767628800)
#define BODY   "{\"code\":\"OK\"}"

static struct fz_trusted_keys *keys;

static const struct fz_platform_headers good = {
    .timestamp = "1767628800", .nonce = NONCE, .serial = SERIAL, .signature = vector_platform_signature};

static int make_keys(void **state)
{
    (void)state;
    keys = fz_trusted_keys_new();
    return keys != NULL && fz_trusted_keys_add_certificate(keys, vector_certificate_pem) == FZ_OK &&
                   fz_trusted_keys_add_public_key(keys, ID, vector_other_public_key_pem) == FZ_OK
               ? 0
               : -1;
}

static int free_keys(void **state)
{
    (void)state;
    fz_trusted_keys_free(keys);
    return 0;
}

/* The verdict on `size` bytes of `body`, five minutes from AT at most. */
static enum fz_platform_verdict verdict_of(const struct fz_platform_headers *headers, const char *body,
                                           size_t size)
{
    return fz_platform_verify(keys, headers, body, size, AT, FZ_PLATFORM_TOLERANCE_S);
}

static enum fz_platform_verdict verdict_on(struct fz_platform_headers headers)
{
    return verdict_of(&headers, BODY, strlen(BODY));
}

/* The verdict when it arrives at once, on the sender's clock. */
static enum fz_platform_verdict verdict_then(struct fz_platform_headers headers, int64_t now_s)
{
    return fz_platform_verify(keys, &headers, BODY, strlen(BODY), now_s, FZ_PLATFORM_TOLERANCE_S);
}

static void what_the_platform_signed_is_genuine(void **state)
{
    (void)state;
    struct fz_platform_headers headers = good;
    assert_int_equal(verdict_on(headers), FZ_PLATFORM_GENUINE);
    headers.serial = "4c0ffee00123456789abcdef0123456789abcdef";
    assert_int_equal(verdict_on(headers), FZ_PLATFORM_GENUINE);
    headers.signature_type = "WECHATPAY2-SHA256-RSA2048";
    assert_int_equal(verdict_on(headers), FZ_PLATFORM_GENUINE);
    headers.signature_type = "";
    assert_int_equal(verdict_on(headers), FZ_PLATFORM_GENUINE);
    headers = good;
    headers.serial = ID;
    headers.signature = vector_other_signature;
    assert_int_equal(verdict_on(headers), FZ_PLATFORM_GENUINE);
    headers = good;
    headers.signature = vector_platform_empty_signature; /* of a 204 */
    assert_int_equal(verdict_of(&headers, NULL, 0), FZ_PLATFORM_GENUINE);
    assert_int_equal(verdict_of(&headers, "", 0), FZ_PLATFORM_GENUINE);
}

static void a_changed_byte_is_not(void **state)
{
    (void)state;
    struct fz_platform_headers headers = good;
    char body[] = BODY;
    for (size_t i = 0; i < strlen(BODY); i++) {
        body[i] ^= 1;
        assert_int_equal(verdict_of(&headers, body, strlen(BODY)), FZ_PLATFORM_SIGNATURE);
        body[i] ^= 1;
    }
    assert_int_equal(verdict_of(&headers, BODY "\n", strlen(BODY) + 1), FZ_PLATFORM_SIGNATURE);
    assert_int_equal(verdict_of(&headers, BODY, strlen(BODY) - 1), FZ_PLATFORM_SIGNATURE);
    assert_int_equal(verdict_of(&headers, NULL, 0), FZ_PLATFORM_SIGNATURE);
    headers.nonce = "593BEC0C930BF1AFEB40B4A08C8FB243";
    assert_int_equal(verdict_on(headers), FZ_PLATFORM_SIGNATURE);
    headers = good;
    headers.timestamp = "1767628801";
    assert_int_equal(verdict_on(headers), FZ_PLATFORM_SIGNATURE);
    headers.timestamp = "01767628800"; /* the same number in other characters */
    assert_int_equal(verdict_on(headers), FZ_PLATFORM_SIGNATURE);
    headers = good;
    headers.serial = ID; /* each signature is tried with the key that it names alone */
    assert_int_equal(verdict_on(headers), FZ_PLATFORM_SIGNATURE);
}

/* The platform's probes begin so, and are as any wrong signature. */
static void what_is_no_signature_is_a_wrong_one(void **state)
{
    (void)state;
    static const char *const signatures[] = {"WECHATPAY/SIGNTEST/abcdefg", "AAAA", "=", "not base64", " "};
    struct fz_platform_headers headers = good;
    for (size_t i = 0; i < sizeof signatures / sizeof signatures[0]; i++) {
        headers.signature = signatures[i];
        ASSERT_QUEUE_KEPT(verdict_on(headers) == FZ_PLATFORM_SIGNATURE);
    }
    char *large = malloc(4001);
    memset(large, 'A', 4000);
    large[4000] = '\0';
    headers.signature = large;
    assert_int_equal(verdict_on(headers), FZ_PLATFORM_SIGNATURE);
    free(large);
}

/* The vendor's rules: what lacks the headers is not to be taken for an answer of the platform. */
static void headers_that_are_missing_or_broken(void **state)
{
    (void)state;
    assert_int_equal(verdict_on((struct fz_platform_headers){0}), FZ_PLATFORM_UNSIGNED);
    assert_int_equal(
        verdict_on((struct fz_platform_headers){.timestamp = "", .nonce = "", .serial = "", .signature = ""}),
        FZ_PLATFORM_UNSIGNED);
    for (int i = 0; i < 8; i++) {
        struct fz_platform_headers headers = good;
        const char **const four[] = {&headers.timestamp, &headers.nonce, &headers.serial, &headers.signature};
        *four[i / 2] = i % 2 == 0 ? NULL : "";
        assert_int_equal(verdict_on(headers), FZ_PLATFORM_HEADERS);
    }
    static const char *const timestamps[] = {
        "-1767628800", "+1767628800",      "1767628800 ", " 1767628800", "1767628800.0",
        "now",         "1767628800000000", "0x695BDD40",  "2026-01-06",  "-",
    };
    for (size_t i = 0; i < sizeof timestamps / sizeof timestamps[0]; i++) {
        struct fz_platform_headers headers = good;
        headers.timestamp = timestamps[i];
        if (verdict_on(headers) != FZ_PLATFORM_HEADERS)
            fail_msg("'%s' taken", timestamps[i]);
    }
}

/* Else "n" and a body of "{…}" could be passed off as the nonce "n\n{…}" and no body. */
static void a_line_feed_does_not_move_from_the_body_into_the_nonce(void **state)
{
    (void)state;
    struct fz_platform_headers headers = good;
    headers.nonce = NONCE "\n" BODY;
    assert_int_equal(verdict_of(&headers, NULL, 0), FZ_PLATFORM_HEADERS);
    headers.nonce = "a\x7F";
    assert_int_equal(verdict_on(headers), FZ_PLATFORM_HEADERS);
}

static void other_types_are_refused(void **state)
{
    (void)state;
    struct fz_platform_headers headers = good;
    headers.signature_type = "WECHATPAY2-SM2-WITH-SM3";
    assert_int_equal(verdict_on(headers), FZ_PLATFORM_TYPE);
    headers.signature_type = "wechatpay2-sha256-rsa2048";
    assert_int_equal(verdict_on(headers), FZ_PLATFORM_TYPE);
}

static enum fz_platform_verdict verdict_at(int64_t now_s, int64_t tolerance_s)
{
    return fz_platform_verify(keys, &good, BODY, strlen(BODY), now_s, tolerance_s);
}

static void the_window_is_as_wide_as_told_on_either_side(void **state)
{
    (void)state;
    assert_int_equal(verdict_at(AT + 300, 300), FZ_PLATFORM_GENUINE);
    assert_int_equal(verdict_at(AT - 300, 300), FZ_PLATFORM_GENUINE);
    assert_int_equal(verdict_at(AT + 301, 300), FZ_PLATFORM_TIME);
    assert_int_equal(verdict_at(AT - 301, 300), FZ_PLATFORM_TIME);
    assert_int_equal(verdict_at(AT, 0), FZ_PLATFORM_GENUINE); /* 0 means 0, not "any" */
    assert_int_equal(verdict_at(AT + 1, 0), FZ_PLATFORM_TIME);
    assert_int_equal(verdict_at(AT - 1, 0), FZ_PLATFORM_TIME);
    assert_int_equal(verdict_at(AT, -1), FZ_PLATFORM_TIME);
    assert_int_equal(verdict_at(INT64_MAX, INT64_MAX), FZ_PLATFORM_GENUINE);
    assert_int_equal(verdict_at(INT64_MIN, INT64_MAX), FZ_PLATFORM_TIME);
    assert_int_equal(verdict_at(INT64_MIN + AT, INT64_MAX), FZ_PLATFORM_TIME); /* apart by 2^63 */
    assert_int_equal(verdict_at(0, INT64_MAX), FZ_PLATFORM_GENUINE);
}

static void a_key_has_to_be_known_and_in_force(void **state)
{
    (void)state;
    struct fz_platform_headers headers = good;
    headers.serial = "4C0FFEE00123456789ABCDEF0123456789ABCDEE";
    assert_int_equal(verdict_on(headers), FZ_PLATFORM_KEY_UNKNOWN);
    headers.serial = "PUB_KEY_ID_1";
    assert_int_equal(verdict_on(headers), FZ_PLATFORM_KEY_UNKNOWN);
    /* The certificate begins in 2021; this signature of its key is of 2019. */
    const struct fz_platform_headers early = {
        .timestamp = "1554208460", .nonce = "abc", .serial = SERIAL, .signature = vector_answer_signature};
    assert_int_equal(verdict_then(early, 1554208460), FZ_PLATFORM_KEY_ENDED);
    /* And it ends with 2051-03-04T05:06:07Z. */
    headers = good;
    headers.timestamp = "2561519167";
    assert_int_equal(verdict_then(headers, 2561519167), FZ_PLATFORM_SIGNATURE);
    headers.timestamp = "2561519168";
    assert_int_equal(verdict_then(headers, 2561519167), FZ_PLATFORM_KEY_ENDED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_platform_signed_is_genuine),
        cmocka_unit_test(a_changed_byte_is_not),
        cmocka_unit_test(what_is_no_signature_is_a_wrong_one),
        cmocka_unit_test(headers_that_are_missing_or_broken),
        cmocka_unit_test(a_line_feed_does_not_move_from_the_body_into_the_nonce),
        cmocka_unit_test(other_types_are_refused),
        cmocka_unit_test(the_window_is_as_wide_as_told_on_either_side),
        cmocka_unit_test(a_key_has_to_be_known_and_in_force),
    };
    return cmocka_run_group_tests_name("wire_platform_signature", tests, make_keys, free_keys);
}
