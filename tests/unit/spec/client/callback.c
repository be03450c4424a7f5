/* Callbacks' bodies, sealed by Python's cryptography (48.0.0):
 * base64.b64encode(AESGCM(key).encrypt(nonce, plain, associated_data)). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "unit/wire/queued_error.h"
#include "spec/client/callback.h"

#define SEALED                                                                                               \
    "bz1kVndYkCFlgKSe7VZeuBxDb6Dr2XsRRwohfgeWatAj9z9C3jLm2pU37uLEX7eNmBtSVzrRC/3dYYxIMb4y8ZrWMbP4qdcUKd5y"    \
    "NEholDOz5lMzBm7M3ScQeH1W+P1LiSVMJPi85eHOnEY="
#define PLAIN "{\"mchid\":\"1900000109\",\"refund_status\":\"SUCCESS\",\"recv_account\":\"招商银行信用卡0403\"}"

#define ENVELOPE(resource)                                                                                   \
    "{\"id\":\"EV-2018022511223320873\",\"create_time\":\"2018-06-08T10:34:56+08:00\","                      \
    "\"event_type\":\"REFUND.SUCCESS\",\"resource_type\":\"encrypt-resource\",\"summary\":\"退款成功\","     \
    "\"resource\":" resource "}"
#define RESOURCE(algorithm, nonce, associated_data, ciphertext)                                              \
    "{\"algorithm\":\"" algorithm "\",\"original_type\":\"refund\",\"ciphertext\":\"" ciphertext             \
    "\",\"nonce\":\"" nonce "\",\"associated_data\":\"" associated_data "\"}"
#define GCM  "AEAD_AES_256_GCM"
#define GOOD ENVELOPE(RESOURCE(GCM, "fdasflkja484", "refund", SEALED))

static const unsigned char key[] = "0123456789abcdef0123456789ABCDEF";

static enum fz_callback_fault read_copy(const char *body, size_t size, struct fz_callback *out)
{
    char *copy = malloc(size + 1);
    memcpy(copy, body, size);
    enum fz_callback_fault fault = fz_callback_read(copy, size, key, out);
    free(copy);
    return fault;
}

static void a_callback_tells_what_happened(void **state)
{
    (void)state;
    struct fz_callback callback;
    memset(&callback, 'x', sizeof callback);
    assert_int_equal(read_copy(GOOD, strlen(GOOD), &callback), FZ_CALLBACK_READ);
    assert_string_equal(callback.id, "EV-2018022511223320873");
    assert_string_equal(callback.create_time, "2018-06-08T10:34:56+08:00");
    assert_string_equal(callback.event_type, "REFUND.SUCCESS");
    assert_string_equal(callback.resource_type, "encrypt-resource");
    assert_string_equal(callback.original_type, "refund");
    assert_string_equal(callback.summary, "退款成功");
    assert_string_equal(callback.resource, PLAIN);
    assert_int_equal(callback.resource_size, strlen(PLAIN));
    fz_callback_done(&callback);
    assert_null(callback.resource);
    fz_callback_done(&callback);
}

/* Without associated data, and of a resource that is empty. */
static void associated_data_may_be_empty_or_missing(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        ENVELOPE(RESOURCE(GCM, "593BEC0C930B", "", "TpNysmB4PzZenjW3tMY3lA==")),
        ENVELOPE("{\"algorithm\":\"AEAD_AES_256_GCM\",\"ciphertext\":\"TpNysmB4PzZenjW3tMY3lA==\",\"nonce\":\"593BEC0C930B\"}"),
    };
    for (size_t i = 0; i < 2; i++) {
        struct fz_callback callback;
        assert_int_equal(read_copy(bodies[i], strlen(bodies[i]), &callback), FZ_CALLBACK_READ);
        assert_string_equal(callback.resource, "");
        assert_int_equal(callback.resource_size, 0);
        fz_callback_done(&callback);
    }
}

static void assert_fault(const char *body, enum fz_callback_fault expected)
{
    struct fz_callback callback = {.id = "untouched"};
    leave_an_error();
    enum fz_callback_fault fault = read_copy(body, strlen(body), &callback);
    if (fault != expected)
        fail_msg("fault %d instead of %d: %s", (int)fault, (int)expected, body);
    ASSERT_LEFT_ALONE();
    assert_string_equal(callback.id, "untouched");
    assert_null(callback.resource);
}

static void what_does_not_open_is_told(void **state)
{
    (void)state;
    assert_fault(ENVELOPE(RESOURCE(GCM, "fdasflkja485", "refund", SEALED)), FZ_CALLBACK_SEAL);
    assert_fault(ENVELOPE(RESOURCE(GCM, "fdasflkja484", "transaction", SEALED)), FZ_CALLBACK_SEAL);
    assert_fault(ENVELOPE(RESOURCE(GCM, "fdasflkja484", "", SEALED)), FZ_CALLBACK_SEAL);
    assert_fault(ENVELOPE(RESOURCE(GCM, "fdasflkja484", "refund", "AAAA" SEALED)), FZ_CALLBACK_SEAL);
    static const unsigned char other[33] = "0123456789abcdef0123456789ABCDEG";
    struct fz_callback callback;
    assert_int_equal(fz_callback_read(GOOD, strlen(GOOD), other, &callback), FZ_CALLBACK_SEAL);
}

static void other_algorithms_are_told(void **state)
{
    (void)state;
    assert_fault(ENVELOPE(RESOURCE("AEAD_SM4_GCM", "fdasflkja484", "refund", SEALED)), FZ_CALLBACK_ALGORITHM);
    assert_fault(ENVELOPE(RESOURCE("aead_aes_256_gcm", "fdasflkja484", "refund", SEALED)), FZ_CALLBACK_ALGORITHM);
}

static void what_is_no_envelope_is_told(void **state)
{
    (void)state;
    static const char *const broken[] = {
        "",
        "{}",
        "[]",
        "null",
        "resource",
        GOOD "}",
        ENVELOPE("null"),
        ENVELOPE("{}"),
        ENVELOPE("\"text\""),
        ENVELOPE("[" RESOURCE(GCM, "fdasflkja484", "refund", SEALED) "]"),
        ENVELOPE(RESOURCE("", "fdasflkja484", "refund", SEALED)),
        ENVELOPE(RESOURCE(GCM, "", "refund", SEALED)),
        ENVELOPE(RESOURCE(GCM, "fdasflkja48", "refund", SEALED)),
        ENVELOPE(RESOURCE(GCM, "fdasflkja4845", "refund", SEALED)),
        ENVELOPE(RESOURCE(GCM, "fdasflkja484", "refund", "")),
        ENVELOPE(RESOURCE(GCM, "fdasflkja484", "refund", "AAAA")),                 /* shorter than a tag */
        ENVELOPE(RESOURCE(GCM, "fdasflkja484", "refund", "TpNysmB4PzZenjW3tMY3")), /* 15 bytes */
        ENVELOPE(RESOURCE(GCM, "fdasflkja484", "refund", "!" SEALED)),
        "{\"resource\":" RESOURCE(GCM, "fdasflkja484", "refund", SEALED) "}",
        "{\"event_type\":7,\"resource\":" RESOURCE(GCM, "fdasflkja484", "refund", SEALED) "}",
    };
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
        assert_fault(broken[i], FZ_CALLBACK_ENVELOPE);
    struct fz_callback callback;
    assert_int_equal(fz_callback_read(NULL, 0, key, &callback), FZ_CALLBACK_ENVELOPE);
    for (size_t size = 0; size < strlen(GOOD); size++)
        assert_int_equal(read_copy(GOOD, size, &callback), FZ_CALLBACK_ENVELOPE);
}

static void what_is_too_long_is_not_even_parsed(void **state)
{
    (void)state;
    size_t max = 1024 * 1024;
    char *body = malloc(max + 1);
    memset(body, ' ', max + 1);
    memcpy(body, GOOD, strlen(GOOD));
    struct fz_callback callback;
    assert_int_equal(fz_callback_read(body, max, key, &callback), FZ_CALLBACK_READ);
    fz_callback_done(&callback);
    assert_int_equal(fz_callback_read(body, max + 1, key, &callback), FZ_CALLBACK_ENVELOPE);
    free(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_callback_tells_what_happened),
        cmocka_unit_test(associated_data_may_be_empty_or_missing),
        cmocka_unit_test(what_does_not_open_is_told),
        cmocka_unit_test(other_algorithms_are_told),
        cmocka_unit_test(what_is_no_envelope_is_told),
        cmocka_unit_test(what_is_too_long_is_not_even_parsed),
    };
    return cmocka_run_group_tests_name("wire_callback", tests, NULL, NULL);
}
