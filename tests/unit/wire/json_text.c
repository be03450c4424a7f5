/* JSON as it is written, read again by another library. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "wire/json_text.h"

static void assert_written(struct fz_json *json, const char *expected)
{
    assert_false(json->text.failed);
    assert_string_equal(json->text.data, expected);
    assert_int_equal(json->text.size, strlen(expected));
    json_t *read = json_loads(json->text.data, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(read);
    json_decref(read);
    fz_text_done(&json->text);
    json->follows = false;
}

static void members_stand_in_their_order_without_blanks(void **state)
{
    (void)state;
    struct fz_json json = {.text = {.max = 1000}};
    fz_json_object(&json, NULL);
    fz_json_end_object(&json);
    assert_written(&json, "{}");
    fz_json_object(&json, NULL);
    fz_json_string(&json, "id", "5");
    fz_json_object(&json, "amount");
    fz_json_integer(&json, "refund", 888);
    fz_json_string(&json, "currency", "CNY");
    fz_json_end_object(&json);
    fz_json_array(&json, "none");
    fz_json_end_array(&json);
    fz_json_array(&json, "detail");
    fz_json_object(&json, NULL);
    fz_json_integer(&json, "amount", 1);
    fz_json_end_object(&json);
    fz_json_object(&json, NULL);
    fz_json_end_object(&json);
    fz_json_end_array(&json);
    fz_json_string(&json, "empty", "");
    fz_json_end_object(&json);
    assert_written(&json, "{\"id\":\"5\",\"amount\":{\"refund\":888,\"currency\":\"CNY\"},\"none\":[],\"detail\":[{\"amount\":1},{}],"
                          "\"empty\":\"\"}");
}

static bool is_more_than_words(const char *value)
{
    struct fz_json json = {.text = {.max = 1000}};
    fz_json_string(&json, NULL, value);
    fz_text_done(&json.text);
    return json.has_other;
}

static void strings_with_more_than_words_are_noticed(void **state)
{
    (void)state;
    for (int i = 1; i < 256; i++) {
        const char letter[] = {'a', (char)i, 'b', '\0'};
        bool word = i < 128 && (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 -_.,/+*|@()", i) != NULL);
        assert_int_equal(is_more_than_words(letter), !word);
    }
    assert_false(is_more_than_words(""));
    struct fz_json json = {.text = {.max = 1000}};
    fz_json_array(&json, NULL);
    fz_json_integer(&json, NULL, -1);
    fz_json_own(&json, NULL, "2026-11-28T10:00:00+08:00");
    assert_false(json.has_other);
    fz_json_sized(&json, NULL, "a", 1); /* it may have a NUL */
    assert_true(json.has_other);
    fz_json_string(&json, NULL, "b");
    assert_true(json.has_other);
    fz_json_end_array(&json);
    assert_written(&json, "[-1,\"2026-11-28T10:00:00+08:00\",\"a\",\"b\"]");
}

static void integers_to_both_ends(void **state)
{
    (void)state;
    struct fz_json json = {.text = {.max = 1000}};
    fz_json_array(&json, NULL);
    fz_json_integer(&json, NULL, 0);
    fz_json_integer(&json, NULL, 9);
    fz_json_integer(&json, NULL, 10);
    fz_json_integer(&json, NULL, -1);
    fz_json_integer(&json, NULL, INT64_MAX);
    fz_json_integer(&json, NULL, INT64_MIN);
    fz_json_end_array(&json);
    assert_written(&json, "[0,9,10,-1,9223372036854775807,-9223372036854775808]");
}

/* Every character that RFC 8259 has escaped, beside those that it has not. */
static void strings_come_back_as_they_were(void **state)
{
    (void)state;
    struct fz_json json = {.text = {.max = 10000}};
    fz_json_array(&json, NULL);
    fz_json_string(&json, NULL, "a\"b\\c/\x7f\b\f\n\r\t\x01\x1f\u5206\u8d26");
    fz_json_end_array(&json);
    assert_written(&json, "[\"a\\\"b\\\\c/\x7f\\b\\f\\n\\r\\t\\u0001\\u001F\u5206\u8d26\"]");

    char each[256];
    for (int i = 1; i < 128; i++)
        each[i - 1] = (char)i;
    each[127] = '\0';
    json = (struct fz_json){.text = {.max = 10000}};
    fz_json_object(&json, NULL);
    fz_json_string(&json, "each", each);
    fz_json_end_object(&json);
    json_t *read = json_loads(json.text.data, 0, NULL);
    assert_non_null(read);
    assert_string_equal(json_string_value(json_object_get(read, "each")), each);
    char *theirs = json_dumps(read, JSON_COMPACT);
    assert_string_equal(json.text.data, theirs);
    free(theirs);
    json_decref(read);
    fz_text_done(&json.text);
}

/* RFC 8259, section 7: U+0000 is escaped like any control character. */
static void a_sized_string_may_have_a_nul_in_it(void **state)
{
    (void)state;
    struct fz_json json = {.text = {.max = 1000}};
    fz_json_object(&json, NULL);
    fz_json_sized(&json, "a", "\0x\"\0\0\ny\0", 8);
    fz_json_sized(&json, "none", "", 0);
    fz_json_end_object(&json);
    assert_false(json.text.failed);
    assert_string_equal(json.text.data,
                        "{\"a\":\"\\u0000x\\\"\\u0000\\u0000\\ny\\u0000\",\"none\":\"\"}");
    fz_text_done(&json.text);
}

static void too_little_room_is_told(void **state)
{
    (void)state;
    struct fz_json json = {.text = {.max = 9}}; /* {"a":"x"} */
    fz_json_object(&json, NULL);
    fz_json_string(&json, "a", "x");
    fz_json_end_object(&json);
    assert_written(&json, "{\"a\":\"x\"}");
    fz_json_object(&json, NULL);
    fz_json_string(&json, "a", "xy");
    fz_json_end_object(&json);
    assert_true(json.text.failed);
    fz_text_done(&json.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_stand_in_their_order_without_blanks),
        cmocka_unit_test(strings_with_more_than_words_are_noticed),
        cmocka_unit_test(integers_to_both_ends),
        cmocka_unit_test(strings_come_back_as_they_were),
        cmocka_unit_test(a_sized_string_may_have_a_nul_in_it),
        cmocka_unit_test(too_little_room_is_told),
    };
    return cmocka_run_group_tests_name("wire/json_text", tests, NULL, NULL);
}
