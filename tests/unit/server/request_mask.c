/* What the request log replaces before it stores anything: secrets wherever a peer may put them, and nothing
 * that somebody who looks for a fault needs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "api/endpoint.h"
#include "server/request_mask.h"

static char written[4096];

static const char *masked_as(const char *text, const char *also)
{
    struct fz_masked out = {.text = written, .max = sizeof written - 1};
    fz_mask_text(&out, text, strlen(text), also);
    written[out.size] = '\0';
    assert_false(out.cut);
    return written;
}

static const char *header(const char *name, const char *value)
{
    struct fz_masked out = {.text = written, .max = sizeof written - 1};
    fz_mask_header(&out, name, value);
    written[out.size] = '\0';
    return written;
}

struct pair {
    const char *text, *masked;
};

static void assert_masked(const struct pair *pairs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_string_equal(masked_as(pairs[i].text, NULL), pairs[i].masked);
}
#define ASSERT_MASKED(pairs) assert_masked(pairs, sizeof pairs / sizeof pairs[0])

/* ---- bodies ---- */

static void names_codes_and_ciphertexts(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"{\"type\":\"PERSONAL_OPENID\",\"name\":\"Zhang San\",\"amount\":5}",
         "{\"type\":\"PERSONAL_OPENID\",\"name\":\"***\",\"amount\":5}"},
        {"{ \"name\" : \"\xE5\xBC\xA0\xE4\xB8\x89\" }", "{ \"name\" : \"***\" }"},
        {"{\"payer\":{\"auth_code\":\"120061098828009406\"}}", "{\"payer\":{\"auth_code\":\"***\"}}"},
        {"{\"nonce\":\"n\",\"ciphertext\":\"aGVsbG8=\"}", "{\"nonce\":\"n\",\"ciphertext\":\"***\"}"},
        {"{\"name\":\"a \\\"b\\\" c\\\\\",\"x\":\"y\"}", "{\"name\":\"***\",\"x\":\"y\"}"},
        {"{\"name\":\"\",\"x\":1}", "{\"name\":\"\",\"x\":1}"},
        {"{\"NAME\":\"A\",\"Name\":\"B\"}", "{\"NAME\":\"***\",\"Name\":\"***\"}"},
    };
    ASSERT_MASKED(pairs);
}

static void everything_else_stays_as_it_was_sent(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "{}",
        "{\"out_refund_no\":\"1217752501201407033233368018\",\"amount\":{\"refund\":888}}\r\n",
        "{\"success_time\":\"2018-06-08T10:34:56+08:00\",\"appname\":\"x\",\"names\":\"y\",\"nam\":\"z\"}",
        "/v3/global/refunds/out-refund-no/1217?sp_mchid=1900000100&sub_mchid=1900000109",
        "no colon, no equals sign",
        ":::===",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_string_equal(masked_as(texts[i], NULL), texts[i]);
}

/* A body that is refused as broken must not give away more than a sound one. */
static void broken_bodies(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"{\"name\":\"Zhang", "{\"name\":\"***"},
        {"{\"name\":\"Zhang\\\"", "{\"name\":\"***"},
        {"{name: Zhang San, x: 1}", "{name: ***, x: 1}"},
        {"{'name':'Zhang','x':1}", "{'name':'***','x':1}"},
        {"{\"name\":[\"Zhang\",\"San\"],\"x\":1}", "{\"name\":***"},
        {"{\"name\":{\"first\":\"Zhang\"}}", "{\"name\":***"},
        {"{\"name\":5,\"x\":1}", "{\"name\":***,\"x\":1}"},
        {"{\"n\\u0061me\":\"Zhang\"}", "{\"n\\u0061me\":\"***\"}"},
        {"name=Zhang+San&x=1", "name=***&x=1"},
        {"n%61me=Zhang&x=1", "n%61me=***&x=1"},
        {"{\"name", "{\"name"},
        {"{\"name\":", "{\"name\":"},
    };
    ASSERT_MASKED(pairs);
}

/* A refusal shows a value, and a diagnosis the message that was signed: JSON within a JSON string. */
static void texts_within_texts(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"{\"value\":\"[{\\\"name\\\":\\\"Zhang\\\",\\\"x\\\":1}]\",\"issue\":\"i\"}",
         "{\"value\":\"[{\\\"name\\\":\\\"***\\\",\\\"x\\\":1}]\",\"issue\":\"i\"}"},
        {"{\"value\":\"{\\\"name\\\":\\\"Zhang \\\\\\\"the\\\\\\\" San\\\"}\",\"issue\":\"i\"}",
         "{\"value\":\"{\\\"name\\\":\\\"***\\\"}\",\"issue\":\"i\"}"},
        {"{\"value\":\"{\\\"name\\\":\\\"Zhan\",\"issue\":\"i\"}",
         "{\"value\":\"{\\\"name\\\":\\\"***\",\"issue\":\"i\"}"},
        {"{\"m\":\"GET\\n/v3/billdownload/file?token=abc.def_\\n1554208460\\n\"}",
         "{\"m\":\"GET\\n/v3/billdownload/file?token=***\\n1554208460\\n\"}"},
    };
    ASSERT_MASKED(pairs);
}

static void tokens_of_bill_links(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"/v3/billdownload/file?token=AbC-_123", "/v3/billdownload/file?token=***"},
        {"/v3/billdownload/file?x=1&token=AbC-_123&y=2", "/v3/billdownload/file?x=1&token=***&y=2"},
        {"/v3/billdownload/file?Token=AbC", "/v3/billdownload/file?Token=***"},
        {"/v3/billdownload/file?%74oken=AbC", "/v3/billdownload/file?%74oken=***"},
        {"/v3/billdownload/file?token=", "/v3/billdownload/file?token="},
        {"{\"download_url\":\"http://h:1/v3/billdownload/file?token=AbC\"}",
         "{\"download_url\":\"http://h:1/v3/billdownload/file?token=***\"}"},
    };
    ASSERT_MASKED(pairs);
}

static void the_value_that_a_refusal_repeats(void **state)
{
    (void)state;
    static const char body[] = "{\"detail\":{\"field\":\"/receivers/0/name\",\"value\":\"Zhang\"}}";
    assert_string_equal(masked_as(body, NULL), body);
    assert_string_equal(masked_as(body, "value"),
                        "{\"detail\":{\"field\":\"/receivers/0/name\",\"value\":\"***\"}}");
}

/* ---- headers ---- */

#define SIGNATURE_64 "qVScW1DlbbLmlV0pFZtJwQ6Rv1cAOPQ0OZk1sT0tN2c9hYwLwXtTdYbCcd3Hq6Jm"
#define SIGNATURE    SIGNATURE_64 SIGNATURE_64 SIGNATURE_64 "=="

static void of_authorization_all_but_the_signature(void **state)
{
    (void)state;
    assert_string_equal(
        header("Authorization",
               "WECHATPAY2-SHA256-RSA2048 mchid=\"1900000100\",nonce_str=\"593BEC0C\",signature=\"" SIGNATURE
               "\",timestamp=\"1554208460\",serial_no=\"1DDE55AD\""),
        "WECHATPAY2-SHA256-RSA2048 mchid=\"1900000100\",nonce_str=\"593BEC0C\",signature=\"***\","
        "timestamp=\"1554208460\",serial_no=\"1DDE55AD\"");
}

static void broken_authorizations(void **state)
{
    (void)state;
    static const char *const values[] = {
        SIGNATURE,
        "Bearer " SIGNATURE,
        "Basic dXNlcjpwYXNzd29yZA==",
        "WECHATPAY2-SHA256-RSA2048 " SIGNATURE,
        "WECHATPAY2-SHA256-RSA2048 signature=" SIGNATURE ",mchid=1",
        "WECHATPAY2-SHA256-RSA2048 Signature='" SIGNATURE "'",
        "WECHATPAY2-SHA256-RSA2048 mchid=\"" SIGNATURE "\",nonce_str=\"x\"",
        "WECHATPAY2-SHA256-RSA2048 sig=\"" SIGNATURE,
        "WECHATPAY2-SHA256-RSA2048\t" SIGNATURE,
    };
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        const char *masked = header("Authorization", values[i]);
        assert_null(strstr(masked, "qVScW1Dl"));
        assert_null(strstr(masked, "dXNlcjpw"));
        assert_non_null(strstr(masked, "***"));
    }
    assert_string_equal(header("authorization", values[1]), "Bearer ***");
    assert_string_equal(header("Authorization", values[6]),
                        "WECHATPAY2-SHA256-RSA2048 mchid=\"***\",nonce_str=\"x\"");
}

static void headers_by_name(void **state)
{
    (void)state;
    static const char *const secret[] = {
        "Wechatpay-Signature", "Cookie", "Set-Cookie", "X-Auth-Token", "X-Api-Key",
        "Proxy-Authorization", "apikey"};
    static const char *const plain[] = {"Wechatpay-Signature-Type",
                                        "Wechatpay-Serial",
                                        "Wechatpay-Nonce",
                                        "User-Agent",
                                        "X-Monkey",
                                        "Server-Name"};
    for (size_t i = 0; i < sizeof secret / sizeof secret[0]; i++)
        assert_string_equal(header(secret[i], "v4lue"), "***");
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        assert_string_equal(header(plain[i], "v4lue"), "v4lue");
    assert_string_equal(header("Referer", "http://h/v3/billdownload/file?token=AbC"),
                        "http://h/v3/billdownload/file?token=***");
}

/* ---- bounds ---- */

/* At every length of the room: nothing behind it is written, and no piece of the secret gets in. */
static void full_is_full(void **state)
{
    (void)state;
    static const char body[] = "{\"a\":\"b\",\"name\":\"SECRET\",\"c\":\"d\"}";
    static const char wanted[] = "{\"a\":\"b\",\"name\":\"***\",\"c\":\"d\"}";
    for (size_t max = 0; max <= sizeof wanted; max++) {
        char room[sizeof wanted + 8];
        memset(room, '#', sizeof room);
        struct fz_masked out = {.text = room, .max = max};
        fz_mask_text(&out, body, sizeof body - 1, NULL);
        size_t size = max < sizeof wanted - 1 ? max : sizeof wanted - 1;
        assert_int_equal(out.size, size);
        assert_int_equal(out.cut, max < sizeof wanted - 1);
        assert_memory_equal(room, wanted, size);
        assert_int_equal(room[size], '#');
    }
}

/* ---- the declarations ---- */

static void check_sealed(const struct fz_parameter *parameter, size_t *count)
{
    for (; parameter != NULL && parameter->name != NULL; parameter++) {
        if (parameter->sealed) {
            (*count)++;
            if (!fz_is_secret_name(parameter->name, strlen(parameter->name)))
                fail_msg("%s is sealed, and would be logged", parameter->name);
        }
        if (parameter->kind == FZ_OBJECT || parameter->kind == FZ_ARRAY)
            check_sealed(parameter->members, count);
    }
}

static void every_sealed_parameter_is_a_secret(void **state)
{
    (void)state;
    size_t count, sealed = 0;
    const struct fz_endpoint *const *rows = fz_endpoints(&count);
    for (size_t i = 0; i < count; i++)
        check_sealed(rows[i]->parameters, &sealed);
    assert_true(sealed >= 2); /* names of receivers, in two calls */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_codes_and_ciphertexts),
        cmocka_unit_test(everything_else_stays_as_it_was_sent),
        cmocka_unit_test(broken_bodies),
        cmocka_unit_test(texts_within_texts),
        cmocka_unit_test(tokens_of_bill_links),
        cmocka_unit_test(the_value_that_a_refusal_repeats),
        cmocka_unit_test(of_authorization_all_but_the_signature),
        cmocka_unit_test(broken_authorizations),
        cmocka_unit_test(headers_by_name),
        cmocka_unit_test(full_is_full),
        cmocka_unit_test(every_sealed_parameter_is_a_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
