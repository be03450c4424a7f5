/* JSON as it was read: what is plain and what is left to jansson, which then has the same nodes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/json_tree.h"

static const struct fz_json_node *plain(struct fz_json_tree *tree, const char *text)
{
    fz_json_tree_begin(tree);
    return fz_json_plain(tree, text, strlen(text));
}

static bool is_plain(const char *text)
{
    struct fz_json_tree tree;
    bool read = plain(&tree, text) != NULL;
    fz_json_tree_done(&tree);
    return read;
}

static void what_was_read_is_found(void **state)
{
    (void)state;
    struct fz_json_tree tree;
    const struct fz_json_node *root =
        plain(&tree, " {\"id\":\"5030\" , \"名\":\"退款\",\"amount\":{\"refund\":-100,\"none\":null},\"from\":[{},[],0],"
                     "\"ok\":true,\"no\":false}\n");
    assert_non_null(root);
    assert_int_equal(root->size, 6);
    assert_string_equal(fz_json_find(root, "id")->text, "5030");
    assert_string_equal(fz_json_find(root, "名")->text, "退款");
    assert_int_equal(fz_json_find(root, "名")->size, 6);
    const struct fz_json_node *amount = fz_json_find(root, "amount"), *from = fz_json_find(root, "from");
    assert_int_equal(fz_json_find(amount, "refund")->integer, -100);
    assert_int_equal(fz_json_find(amount, "none")->kind, FZ_JSON_NULL);
    assert_int_equal(from->size, 3);
    assert_int_equal(from->first->kind, FZ_JSON_OBJECT);
    assert_int_equal(from->first->next->kind, FZ_JSON_ARRAY);
    assert_null(from->first->next->next->next);
    assert_int_equal(fz_json_find(root, "ok")->kind, FZ_JSON_TRUE);
    assert_true(fz_json_is_boolean(fz_json_find(root, "no")));
    assert_null(fz_json_find(root, "refund"));
    assert_null(fz_json_find(from, "id"));
    assert_null(fz_json_find(NULL, "id"));
    fz_json_tree_done(&tree);
}

static void what_is_not_plain_is_left(void **state)
{
    (void)state;
    static const char *const others[] = {
        "", "{", "{}x", "{}{}", "[]", "5", "\"a\"", "null", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{\"a\":[1,]}", "{'a':1}", "{a:1}",
        "{\"a\":1.0}", "{\"a\":1e2}", "{\"a\":01}", "{\"a\":-}", "{\"a\":+1}", "{\"a\":9223372036854775808}", "{\"a\":tru}", "{\"a\":truex}",
        "{\"a\":\"\\u0000\"}", "{\"a\\u0000\":1}", "{\"a\":\"\\ud800\"}", "{\"a\":\"\n\"}", "{\"a\":\"b}", "{\"a\":\"\xff\"}", "{\"a\":\"\xed\xa0\x80\"}",
        "{\"a\":1,\"a\":1}", "{\"a\":1 \"b\":2}", "\xEF\xBB\xBF{}", "{\"a\":\f1}"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_false(is_plain(others[i]));
    assert_true(is_plain("{}"));
    assert_true(is_plain("{\"a\":\"\\n\\u9000\\ud83d\\ude00 \xf0\x9f\x98\x80\"}"));
    assert_true(is_plain("{\"a\":9223372036854775807,\"c\":-9223372036854775808,\"b\":-0,\"\":\"\x7f\"}"));
}

/* Up to 16 levels, 64 members of an object. */
static void what_is_large_is_left(void **state)
{
    (void)state;
    assert_true(is_plain("{\"a\":[[[[[[[[[[[[[[1]]]]]]]]]]]]]]}"));
    assert_false(is_plain("{\"a\":[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]}"));
    for (int members = 64; members <= 65; members++) {
        struct fz_text text = {.max = 4096};
        for (int i = 0; i < members; i++)
            fz_text_format(&text, "%s\"%d\":0", i == 0 ? "{" : ",", i);
        fz_text_string(&text, "}");
        assert_int_equal(is_plain(text.data), members == 64);
        fz_text_done(&text);
    }
}

static void assert_text(const char *text, size_t size, size_t flags, const char *expected)
{
    struct fz_json_tree tree;
    json_error_t error;
    struct fz_json json = {.text.max = 4096};
    assert_int_equal(fz_json_tree_read(&tree, text, size, flags, &error), FZ_OK);
    fz_json_write_node(&json, tree.root);
    assert_string_equal(json.text.data, expected);
    fz_text_done(&json.text);
    fz_json_tree_done(&tree);
}

#define TEXT(text) text, sizeof(text) - 1

/* Of a member that comes twice the later counts, unless that is refused. */
static void jansson_reads_the_rest(void **state)
{
    (void)state;
    assert_text(TEXT("{ \"a\" : \"\\u9000\\n\\u0000\" , \"b\\\"c\" : [ 1.0 , 1e2 , -5 , null , true , false ] }"), 0,
                "{\"a\":\"退\\n\\u0000\",\"b\\\"c\":[1.0,100.0,-5,null,true,false]}");
    assert_text(TEXT("{\"a\":1,\"b\":2,\"a\":3}"), 0, "{\"a\":3,\"b\":2}");
    assert_text(TEXT("[{}]"), 0, "[{}]");
    assert_text(TEXT("\"text\""), JSON_DECODE_ANY, "\"text\"");
}

static void what_is_no_json_is_told_by_jansson(void **state)
{
    (void)state;
    struct fz_json_tree tree;
    json_error_t error;
    assert_int_equal(fz_json_tree_read(&tree, TEXT("{\"a\":1,\n\"a\":1}"), JSON_REJECT_DUPLICATES, &error), FZ_MALFORMED);
    assert_int_equal(json_error_code(&error), json_error_duplicate_key);
    assert_int_equal(error.line, 2);
    assert_null(tree.root);
    fz_json_tree_done(&tree);
    assert_int_equal(fz_json_tree_read(&tree, TEXT("5"), 0, &error), FZ_MALFORMED);
    fz_json_tree_done(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_read_is_found),     cmocka_unit_test(what_is_not_plain_is_left),
        cmocka_unit_test(what_is_large_is_left),      cmocka_unit_test(jansson_reads_the_rest),
        cmocka_unit_test(what_is_no_json_is_told_by_jansson),
    };
    return cmocka_run_group_tests_name("wire/json_tree", tests, NULL, NULL);
}
