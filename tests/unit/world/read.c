/* What a world says is the same after it was written down: as the book keeps it, and as a file. */
#include "world/read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "world/write.h"

static struct fz_arena arena;
static struct fz_world_fault fault;

static int done(void **state)
{
    (void)state;
    fz_arena_done(&arena);
    memset(&arena, 0, sizeof arena);
    memset(&fault, 0, sizeof fault);
    return 0;
}

static const struct fz_node *read_tree(const char *text)
{
    const struct fz_node *root = NULL;
    enum fz_result result = fz_tree_read(text, strlen(text), &arena, &root, &fault);
    assert_string_equal(fault.why, "");
    assert_int_equal(result, FZ_OK);
    return root;
}

static void refused(const char *text, const char *why)
{
    const struct fz_node *root = NULL;
    assert_int_equal(fz_tree_read(text, strlen(text), &arena, &root, &fault), FZ_MALFORMED);
    assert_string_equal(fault.why, why);
    done(NULL);
}

static const char *text_of(const struct fz_node *map, const char *name)
{
    const char *text = fz_world_text(map, name);
    assert_non_null(text);
    return text;
}

/* What YAML 1.1 takes for the end of a line, for a mark of the file, or for nothing that may be there. */
static const char marks[] = "{a: \"\\L\\P\\uFEFF\\uFFFE\\uFFFF\", \"\\u2028\": 1, b: x\\y, c: \"\\t \\n \\r \\\\ \\\"\", d: \"~\", e: ~, f: \"7\", g: 7}";

static void check_marks(const struct fz_node *root)
{
    assert_string_equal(text_of(root, "a"), "\xE2\x80\xA8\xE2\x80\xA9\xEF\xBB\xBF\xEF\xBF\xBE\xEF\xBF\xBF");
    assert_true(fz_world_has(root, "\xE2\x80\xA8"));
    assert_string_equal(text_of(root, "b"), "x\\y");
    assert_string_equal(text_of(root, "c"), "\t \n \r \\ \"");
    assert_string_equal(text_of(root, "d"), "~");
    assert_true(fz_world_has(root, "e") && fz_world_text(root, "e") == NULL);
    assert_string_equal(text_of(root, "f"), "7");
    assert_int_equal(fz_world_integer(root, "f", -1), -1);
    assert_int_equal(fz_world_integer(root, "g", -1), 7);
}

static void marks_come_back_from_the_book(void **state)
{
    (void)state;
    char *text = fz_world_json_text(read_tree(marks));
    assert_non_null(strstr(text, "{\"a\":\"\\u2028\\u2029\\ufeff\\ufffe\\uffff\",\"\\u2028\":1,"));
    check_marks(read_tree(text));
    free(text);
}

static void marks_come_back_from_a_file(void **state)
{
    (void)state;
    struct fz_text text = {.max = 4096};
    json_t *json = fz_world_json(read_tree(marks));
    fz_world_write(json, &text);
    json_decref(json);
    check_marks(read_tree(text.data));
    fz_text_done(&text);
}

/* A book may have texts in it that no file may: their file says so, and is not taken for another. */
static void what_a_book_has_more_is_written_as_an_escape(void **state)
{
    (void)state;
    struct fz_text text = {.max = 4096};
    json_t *json = json_pack("{s:s}", "a", "\x01\r\x7F\xC2\x80\xC2\x85\xC2\x9F\xC2\xA0");
    fz_world_write(json, &text);
    assert_string_equal(text.data, "a: \"\\u0001\\u000d\\u007f\\u0080\\u0085\\u009f\xC2\xA0\"\n");
    json_decref(json);
    fz_text_done(&text);
}

static void a_block_is_what_needs_no_escapes(void **state)
{
    (void)state;
    struct fz_text text = {.max = 4096};
    json_t *json = json_pack("{s:s, s:s, s:s}", "a", "-----BEGIN X\nY\n", "b", "-----BEGIN X\r\n", "c", "-----BEGIN \xE2\x80\xA8\n");
    fz_world_write(json, &text);
    assert_string_equal(text.data, "a: |\n  -----BEGIN X\n  Y\nb: \"-----BEGIN X\\u000d\\n\"\nc: \"-----BEGIN \\u2028\\n\"\n");
    json_decref(json);
    fz_text_done(&text);
}

static void controls_are_refused_however_they_are_written(void **state)
{
    (void)state;
    static const char why[] = "This text has a control character in it. Take it out.";
    refused("a: \"\\0\"", why);
    refused("a: \"\\x7f\"", why);
    refused("a: \"\\N\"", why);
    refused("a: \"\\x80\"", why);
    refused("a: \"x\\u009f\"", why);
    refused("\"\\N\": 1", "This name of a member is too long, or has a control character in it.");
}

/* 4 MiB are 64 times 65536 bytes. */
static void text_behind_an_alias_counts_each_time(void **state)
{
    (void)state;
    struct fz_text text = {.max = 1 << 20};
    fz_text_string(&text, "[&a ");
    for (int i = 0; i < 65536; i++)
        fz_text_string(&text, "x");
    for (int i = 1; i < 64; i++)
        fz_text_string(&text, ", *a");
    fz_text_string(&text, "]");
    const struct fz_node *list = read_tree(text.data);
    assert_int_equal(list->bytes, 4194304);
    assert_int_equal(list->weight, 65);
    text.data[text.size - 1] = ',';
    fz_text_string(&text, "y]");
    refused(text.data, "There is more text up to here than a world may have, 4 MiB, where what an alias stands for counts each time. "
                       "Make the story shorter.");
    fz_text_done(&text);
}

static void what_is_taken_over_counts_as_what_it_is(void **state)
{
    (void)state;
    const struct fz_node *root = read_tree("{a: &a {bc: def, g: [h]}, i: {<<: *a, bc: j}}");
    const struct fz_node *i = fz_tree_member(root, "i");
    assert_int_equal(i->count, 2);
    assert_int_equal(i->weight, 4); /* itself, j, the list, h */
    assert_int_equal(i->bytes, 5);  /* bc j g h */
}

/* Of three bytes each; a NUL and what is left of the room for a fault are not enough for another. */
static void a_long_fault_is_cut_at_a_character(void **state)
{
    (void)state;
    char long_text[2 * sizeof fault.why + 2];
    for (size_t i = 0; i + 3 < sizeof long_text; i += 3)
        memcpy(long_text + i, "\xE4\xB8\xAD", 4);
    for (int i = 0; i < 3; i++) {
        done(NULL);
        assert_int_equal(fz_world_fault(&fault, 1, 1, "%.*s%s", i, "xx", long_text), FZ_MALFORMED);
        assert_true(strlen(fault.why) >= sizeof fault.why - 3);
        assert_true(fz_utf8_length(fault.why, strlen(fault.why)) > 0);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, done)
    const struct CMUnitTest tests[] = {
        TEST(marks_come_back_from_the_book),
        TEST(marks_come_back_from_a_file),
        TEST(what_a_book_has_more_is_written_as_an_escape),
        TEST(a_block_is_what_needs_no_escapes),
        TEST(controls_are_refused_however_they_are_written),
        TEST(text_behind_an_alias_counts_each_time),
        TEST(what_is_taken_over_counts_as_what_it_is),
        TEST(a_long_fault_is_cut_at_a_character),
    };
    return cmocka_run_group_tests_name("world/read", tests, NULL, NULL);
}
