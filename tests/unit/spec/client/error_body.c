/* Bodies of refusals as the documents show them, as they really come, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "spec/client/error_body.h"

static struct fz_arena arena;

static int begin(void **state)
{
    (void)state;
    arena = (struct fz_arena){.max = 1 << 20};
    return 0;
}

static int end(void **state)
{
    (void)state;
    fz_arena_done(&arena);
    return 0;
}

/* Reads a copy of its exact size, so that a sanitizer sees a byte read too far. */
static enum fz_result read_copy(const char *body, size_t size, struct fz_error_answer *out)
{
    char *copy = malloc(size + 1);
    memcpy(copy, body, size);
    enum fz_result result = fz_error_body_read(copy, size, &arena, out);
    free(copy);
    return result;
}

static struct fz_error_answer read_good(const char *body)
{
    struct fz_error_answer out;
    memset(&out, 'x', sizeof out);
    if (read_copy(body, strlen(body), &out) != FZ_OK)
        fail_msg("not read: %s", body);
    return out;
}

/* The sample of the vendor's API rules (R2.0). */
static void a_parameter_error_tells_the_place(void **state)
{
    (void)state;
    struct fz_error_answer body = read_good(
        "{\"code\":\"PARAM_ERROR\",\"message\":\"参数错误\",\"detail\":{\"field\":\"/amount/currency\",\"value\":\"XYZ\","
        "\"issue\":\"Currency code is invalid\",\"location\":\"body\"}}");
    assert_string_equal(body.code, "PARAM_ERROR");
    assert_string_equal(body.message, "参数错误");
    assert_string_equal(body.detail.field, "/amount/currency");
    assert_string_equal(body.detail.value, "XYZ");
    assert_string_equal(body.detail.issue, "Currency code is invalid");
    assert_string_equal(body.detail.location, "body");
    assert_false(body.has_diagnosis || body.detail.has_detail || body.detail.has_sign_information);
}

static void detail_may_be_missing_or_an_array_or_nested(void **state)
{
    (void)state;
    struct fz_error_answer body = read_good("{\"code\":\"SYSTEMERROR\",\"message\":\"Errors returned from the API\"}");
    assert_string_equal(body.code, "SYSTEMERROR");
    assert_null(body.detail.field);
    body = read_good("{\"code\":\"PARAM_ERROR\",\"detail\":[{\"field\":\"#/properties/payer\"},{\"field\":\"other\"}]}");
    assert_null(body.message);
    assert_string_equal(body.detail.field, "#/properties/payer");
    /* as the service answers a signature that does not fit (forum 00020406800750ac57a10136b66800) */
    body = read_good("{\"code\":\"SIGN_ERROR\",\"message\":\"m\",\"detail\":{\"detail\":{\"issue\":\"sign not match\"},"
                     "\"field\":\"signature\",\"location\":\"authorization\",\"sign_information\":{\"method\":\"POST\"}}}");
    assert_string_equal(body.detail.field, "signature");
    assert_string_equal(body.detail.issue, "sign not match");
    assert_string_equal(body.detail.location, "authorization");
    body = read_good("{\"code\":\"A\",\"message\":7,\"detail\":\"text\",\"more\":null}");
    assert_null(body.message);
    body = read_good("{\"code\":\"A\",\"detail\":null}");
    assert_null(body.detail.field);
    body = read_good("{\"code\":\"A\",\"detail\":[]}");
    assert_null(body.detail.field);
}

static void values_that_are_no_text_are_as_json_writes_them(void **state)
{
    (void)state;
    assert_string_equal(read_good("{\"code\":\"A\",\"detail\":{\"value\":-12}}").detail.value, "-12");
    assert_string_equal(read_good("{\"code\":\"A\",\"detail\":{\"value\":9223372036854775807}}").detail.value, "9223372036854775807");
    assert_string_equal(read_good("{\"code\":\"A\",\"detail\":{\"value\":0.5}}").detail.value, "0.5");
    assert_string_equal(read_good("{\"code\":\"A\",\"detail\":{\"value\":true}}").detail.value, "true");
    assert_string_equal(read_good("{\"code\":\"A\",\"detail\":{\"value\":false}}").detail.value, "false");
    assert_null(read_good("{\"code\":\"A\",\"detail\":{\"value\":{\"a\":1}}}").detail.value);
}

static void the_sandbox_s_diagnosis_is_read(void **state)
{
    (void)state;
    struct fz_error_answer body = read_good(
        "{\"code\":\"SIGN_ERROR\",\"message\":\"m\",\"diagnosis\":{\"mistake\":\"LAST_NEWLINE_MISSING\",\"message\":\"sign it too\"}}");
    assert_true(body.has_diagnosis);
    assert_string_equal(body.diagnosis.mistake, "LAST_NEWLINE_MISSING");
    assert_string_equal(body.diagnosis.message, "sign it too");
    assert_null(body.diagnosis.also);
    assert_false(body.diagnosis.has_offset || body.diagnosis.has_line);
}

/* What is of another type than the documents say is not given; what stands beside it is read all the same. */
static void members_of_another_type_are_passed_over(void **state)
{
    (void)state;
    struct fz_error_answer body = read_good(
        "{\"code\":\"A\",\"message\":{},\"new\":[1],\"detail\":{\"field\":[\"f\"],\"value\":\"a\\u0000b\",\"issue\":true,"
        "\"location\":\"body\",\"sign_information\":{\"method\":1,\"url\":\"/\",\"sign_message_length\":\"7\","
        "\"truncated_sign_message\":null}},"
        "\"diagnosis\":{\"mistake\":\"M\",\"also\":[\"X\",7],\"offset\":1.0,\"line\":3,\"expected\":\"e\"}}");
    assert_null(body.message);
    assert_null(body.detail.field);
    assert_null(body.detail.value);
    assert_null(body.detail.issue);
    assert_string_equal(body.detail.location, "body");
    assert_true(body.detail.has_sign_information);
    assert_null(body.detail.sign_information.method);
    assert_string_equal(body.detail.sign_information.url, "/");
    assert_int_equal(body.detail.sign_information.sign_message_length, 0);
    assert_null(body.detail.sign_information.truncated_sign_message);
    assert_string_equal(body.diagnosis.mistake, "M");
    assert_null(body.diagnosis.also);
    assert_int_equal(body.diagnosis.also_count, 0);
    assert_false(body.diagnosis.has_offset);
    assert_true(body.diagnosis.has_line);
    assert_int_equal(body.diagnosis.line, 3);
    assert_string_equal(body.diagnosis.expected, "e");
    body = read_good("{\"code\":\"A\",\"detail\":{\"sign_information\":[{\"url\":\"/\"}]},\"diagnosis\":[{}]}");
    assert_true(body.has_detail);
    assert_false(body.detail.has_sign_information || body.has_diagnosis);
}

/* The documents have string(256); what is longer is not cut. */
static void long_texts_are_read_whole(void **state)
{
    (void)state;
    struct fz_text text = {.max = 65536};
    fz_text_string(&text, "{\"code\":\"A\",\"message\":\"");
    size_t before = text.size;
    for (size_t i = 0; i < 20000; i++)
        fz_text_string(&text, "字");
    fz_text_string(&text, "\"}");
    struct fz_error_answer out = read_good(text.data);
    assert_int_equal(strlen(out.message), 60000);
    assert_memory_equal(out.message, text.data + before, 60000);
    fz_text_done(&text);
}

/* However much a stranger puts into it, it takes no more memory than the arena may. */
static void a_body_meets_the_arena(void **state)
{
    (void)state;
    struct fz_text text = {.max = 65536};
    fz_text_string(&text, "{\"code\":\"A\",\"diagnosis\":{\"also\":[\"\"");
    for (size_t i = 0; i < 20000; i++)
        fz_text_string(&text, ",\"\"");
    fz_text_string(&text, "]}}");
    arena.max = 1 << 18;
    struct fz_error_answer out = {.code = "untouched"};
    assert_int_equal(read_copy(text.data, text.size, &out), FZ_FAILED);
    assert_string_equal(out.code, "untouched");
    fz_text_done(&text);
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
        struct fz_error_answer out = {.code = "untouched"};
        if (read_copy(broken[i], strlen(broken[i]), &out) != FZ_MALFORMED)
            fail_msg("taken: %s", broken[i]);
        assert_string_equal(out.code, "untouched");
    }
    struct fz_error_answer out;
    assert_int_equal(fz_error_body_read(NULL, 0, &arena, &out), FZ_MALFORMED);
}

static void what_is_too_long_is_not_even_parsed(void **state)
{
    (void)state;
    static const char start[] = "{\"code\":\"A\"}";
    char *body = malloc(65537);
    memset(body, ' ', 65537);
    memcpy(body, start, strlen(start));
    struct fz_error_answer out;
    assert_int_equal(fz_error_body_read(body, 65536, &arena, &out), FZ_OK);
    assert_int_equal(fz_error_body_read(body, 65537, &arena, &out), FZ_MALFORMED);
    free(body);
}

static void every_beginning_of_a_body_is_none(void **state)
{
    (void)state;
    static const char body[] = "{\"code\":\"A\",\"message\":\"参\",\"detail\":{\"value\":1.5e3,\"issue\":\"\\u53c2\"}}";
    struct fz_error_answer out;
    for (size_t size = 0; size < strlen(body); size++)
        assert_int_equal(read_copy(body, size, &out), FZ_MALFORMED);
    assert_string_equal(read_good(body).detail.issue, "参");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_parameter_error_tells_the_place, begin, end),
        cmocka_unit_test_setup_teardown(detail_may_be_missing_or_an_array_or_nested, begin, end),
        cmocka_unit_test_setup_teardown(values_that_are_no_text_are_as_json_writes_them, begin, end),
        cmocka_unit_test_setup_teardown(the_sandbox_s_diagnosis_is_read, begin, end),
        cmocka_unit_test_setup_teardown(members_of_another_type_are_passed_over, begin, end),
        cmocka_unit_test_setup_teardown(long_texts_are_read_whole, begin, end),
        cmocka_unit_test_setup_teardown(a_body_meets_the_arena, begin, end),
        cmocka_unit_test_setup_teardown(what_is_no_such_body_is_told, begin, end),
        cmocka_unit_test_setup_teardown(what_is_too_long_is_not_even_parsed, begin, end),
        cmocka_unit_test_setup_teardown(every_beginning_of_a_body_is_none, begin, end),
    };
    return cmocka_run_group_tests_name("spec_client_error_body", tests, NULL, NULL);
}
