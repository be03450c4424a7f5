/* Bodies of refusals as the documents show them, as they really come, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/error_body.h"

/* Reads a copy of its exact size, so that a sanitizer sees a byte read too far. */
static enum fz_result read_copy(const char *body, size_t size, struct fz_error_body *out)
{
    char *copy = malloc(size + 1);
    memcpy(copy, body, size);
    enum fz_result result = fz_error_body_read(copy, size, out);
    free(copy);
    return result;
}

static struct fz_error_body read_good(const char *body)
{
    struct fz_error_body out;
    memset(&out, 'x', sizeof out);
    if (read_copy(body, strlen(body), &out) != FZ_OK)
        fail_msg("not read: %s", body);
    return out;
}

/* The sample of the vendor's API rules (R2.0). */
static void a_parameter_error_tells_the_place(void **state)
{
    (void)state;
    struct fz_error_body body = read_good(
        "{\"code\":\"PARAM_ERROR\",\"message\":\"参数错误\",\"detail\":{\"field\":\"/amount/currency\",\"value\":\"XYZ\","
        "\"issue\":\"Currency code is invalid\",\"location\":\"body\"}}");
    assert_string_equal(body.code, "PARAM_ERROR");
    assert_string_equal(body.message, "参数错误");
    assert_string_equal(body.field, "/amount/currency");
    assert_string_equal(body.value, "XYZ");
    assert_string_equal(body.issue, "Currency code is invalid");
    assert_string_equal(body.location, "body");
    assert_string_equal(body.mistake, "");
}

static void detail_may_be_missing_or_an_array_or_nested(void **state)
{
    (void)state;
    struct fz_error_body body = read_good("{\"code\":\"SYSTEMERROR\",\"message\":\"Errors returned from the API\"}");
    assert_string_equal(body.code, "SYSTEMERROR");
    assert_string_equal(body.field, "");
    body = read_good("{\"code\":\"PARAM_ERROR\",\"detail\":[{\"field\":\"#/properties/payer\"},{\"field\":\"other\"}]}");
    assert_string_equal(body.message, "");
    assert_string_equal(body.field, "#/properties/payer");
    /* as the service answers a signature that does not fit (forum 00020406800750ac57a10136b66800) */
    body = read_good("{\"code\":\"SIGN_ERROR\",\"message\":\"m\",\"detail\":{\"detail\":{\"issue\":\"sign not match\"},"
                     "\"field\":\"signature\",\"location\":\"authorization\",\"sign_information\":{\"method\":\"POST\"}}}");
    assert_string_equal(body.field, "signature");
    assert_string_equal(body.issue, "sign not match");
    assert_string_equal(body.location, "authorization");
    body = read_good("{\"code\":\"A\",\"message\":7,\"detail\":\"text\",\"more\":null}");
    assert_string_equal(body.message, "");
    body = read_good("{\"code\":\"A\",\"detail\":null}");
    assert_string_equal(body.field, "");
    body = read_good("{\"code\":\"A\",\"detail\":[]}");
    assert_string_equal(body.field, "");
}

static void values_that_are_no_text_are_as_json_writes_them(void **state)
{
    (void)state;
    assert_string_equal(read_good("{\"code\":\"A\",\"detail\":{\"value\":-12}}").value, "-12");
    assert_string_equal(read_good("{\"code\":\"A\",\"detail\":{\"value\":9223372036854775807}}").value, "9223372036854775807");
    assert_string_equal(read_good("{\"code\":\"A\",\"detail\":{\"value\":0.5}}").value, "0.5");
    assert_string_equal(read_good("{\"code\":\"A\",\"detail\":{\"value\":true}}").value, "true");
    assert_string_equal(read_good("{\"code\":\"A\",\"detail\":{\"value\":false}}").value, "false");
    assert_string_equal(read_good("{\"code\":\"A\",\"detail\":{\"value\":{\"a\":1}}}").value, "");
}

static void the_sandbox_s_diagnosis_is_read(void **state)
{
    (void)state;
    struct fz_error_body body = read_good(
        "{\"code\":\"SIGN_ERROR\",\"message\":\"m\",\"diagnosis\":{\"mistake\":\"LAST_NEWLINE_MISSING\",\"message\":\"sign it too\"}}");
    assert_string_equal(body.mistake, "LAST_NEWLINE_MISSING");
    assert_string_equal(body.diagnosis, "sign it too");
}

/* 256 characters of three bytes are taken whole (S-RQ: string(256)), longer ones are cut at a character. */
static void long_texts_are_cut_at_a_character(void **state)
{
    (void)state;
    static const char before[] = "{\"code\":\"A\",\"message\":\"", after[] = "\"}";
    for (size_t characters = 256; characters <= 400; characters += 144) {
        char body[2000] = "";
        strcpy(body, before);
        for (size_t i = 0; i < characters; i++)
            strcat(body, "字");
        strcat(body, after);
        struct fz_error_body out = read_good(body);
        size_t expected = characters == 256 ? 768 : 1023; /* 341 whole characters in 1024 bytes */
        assert_int_equal(strlen(out.message), expected);
        assert_memory_equal(out.message, body + strlen(before), expected);
    }
}

static void what_is_no_such_body_is_told(void **state)
{
    (void)state;
    static const char *const broken[] = {
        "",
        "{}",
        "null",
        "[]",
        "[{\"code\":\"A\"}]",
        "\"code\"",
        "{\"code\":\"\"}",
        "{\"code\":null}",
        "{\"code\":404}",
        "{\"message\":\"m\"}",
        "{\"code\":\"A\"",
        "{\"code\":\"A\"}}",
        "{\"code\":\"A\\u0000B\"}",
        "{\"code\":\"\xFF\"}",
        "<html><body>502 Bad Gateway</body></html>",
        "{\"errcode\":40001}",
    };
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        struct fz_error_body out = {.code = "untouched"};
        if (read_copy(broken[i], strlen(broken[i]), &out) != FZ_MALFORMED)
            fail_msg("taken: %s", broken[i]);
        assert_string_equal(out.code, "untouched");
    }
    struct fz_error_body out;
    assert_int_equal(fz_error_body_read(NULL, 0, &out), FZ_MALFORMED);
}

static void what_is_too_long_is_not_even_parsed(void **state)
{
    (void)state;
    static const char start[] = "{\"code\":\"A\"}";
    char *body = malloc(65537);
    memset(body, ' ', 65537);
    memcpy(body, start, strlen(start));
    struct fz_error_body out;
    assert_int_equal(fz_error_body_read(body, 65536, &out), FZ_OK);
    assert_int_equal(fz_error_body_read(body, 65537, &out), FZ_MALFORMED);
    free(body);
}

static void every_beginning_of_a_body_is_none(void **state)
{
    (void)state;
    static const char body[] = "{\"code\":\"A\",\"message\":\"参\",\"detail\":{\"value\":1.5e3,\"issue\":\"\\u53c2\"}}";
    struct fz_error_body out;
    for (size_t size = 0; size < strlen(body); size++)
        assert_int_equal(read_copy(body, size, &out), FZ_MALFORMED);
    assert_string_equal(read_good(body).issue, "参");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_parameter_error_tells_the_place),
        cmocka_unit_test(detail_may_be_missing_or_an_array_or_nested),
        cmocka_unit_test(values_that_are_no_text_are_as_json_writes_them),
        cmocka_unit_test(the_sandbox_s_diagnosis_is_read),
        cmocka_unit_test(long_texts_are_cut_at_a_character),
        cmocka_unit_test(what_is_no_such_body_is_told),
        cmocka_unit_test(what_is_too_long_is_not_even_parsed),
        cmocka_unit_test(every_beginning_of_a_body_is_none),
    };
    return cmocka_run_group_tests_name("wire_error_body", tests, NULL, NULL);
}
