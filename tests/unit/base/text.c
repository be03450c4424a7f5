/* Bounded text: cuts at characters, cleaning of what peers send, the growing buffer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

#define YUAN  "\xE5\x85\x83"     /* 元, three bytes */
#define EURO  "\xE2\x82\xAC"     /* € */
#define UML   "\xC3\xA4"         /* ä, two bytes */
#define EMOJI "\xF0\x9F\x98\x80" /* four bytes */

static void copies_cut_before_a_character(void **state)
{
    (void)state;
    char target[8];
    memset(target, 'x', sizeof target);
    assert_true(fz_copy(target, sizeof target, "1234567"));
    assert_string_equal(target, "1234567");
    assert_false(fz_copy(target, sizeof target, "12345678"));
    assert_string_equal(target, "1234567");
    assert_true(fz_copy(target, sizeof target, YUAN YUAN));
    assert_string_equal(target, YUAN YUAN);
    assert_false(fz_copy(target, sizeof target, YUAN YUAN YUAN)); /* 9 bytes, 7 fit: two characters */
    assert_string_equal(target, YUAN YUAN);
    assert_false(fz_copy(target, sizeof target, "12345" YUAN)); /* 7 would split it */
    assert_string_equal(target, "12345");
    assert_false(fz_copy(target, sizeof target, "123456" EMOJI));
    assert_string_equal(target, "123456");
    assert_false(fz_copy(target, 1, "a"));
    assert_string_equal(target, "");
    assert_true(fz_copy(target, 1, ""));
    assert_true(fz_copy(target, sizeof target, NULL));
    assert_string_equal(target, "");
}

static void copies_of_what_is_no_utf8_are_cut_all_the_same(void **state)
{
    (void)state;
    char target[8];
    char source[100];
    memset(source, 0x80, sizeof source);
    assert_false(fz_copy_part(target, sizeof target, source, sizeof source));
    assert_int_equal(strlen(target), 7);
    source[0] = 'a';
    assert_false(fz_copy_part(target, sizeof target, source, sizeof source));
    assert_int_equal(strlen(target), 7);
}

static void parts_need_no_terminator(void **state)
{
    (void)state;
    char *source = malloc(3); /* on the heap, so that a sanitizer sees a byte read too far */
    memcpy(source, "abc", 3);
    char target[8];
    assert_true(fz_copy_part(target, sizeof target, source, 3));
    assert_string_equal(target, "abc");
    assert_false(fz_copy_part(target, 3, source, 3));
    assert_string_equal(target, "ab");
    assert_true(fz_copy_part(target, sizeof target, NULL, 0));
    assert_string_equal(target, "");
    free(source);
}

static long length(const char *text)
{
    return fz_utf8_length(text, strlen(text));
}

static void characters_are_counted(void **state)
{
    (void)state;
    assert_int_equal(length(""), 0);
    assert_int_equal(length("abc"), 3);
    assert_int_equal(length("a" UML YUAN EURO), 4);
    assert_int_equal(length("\xC2\x80"), 1);
    assert_int_equal(length("\xDF\xBF"), 1);
    assert_int_equal(length("\xE0\xA0\x80"), 1);
    assert_int_equal(length("\xED\x9F\xBF"), 1); /* U+D7FF, the last before the surrogates */
    assert_int_equal(length("\xEE\x80\x80"), 1); /* U+E000 */
    assert_int_equal(length("\xEF\xBF\xBF"), 1); /* U+FFFF */
    assert_int_equal(fz_utf8_length("a\0b", 3), 3);
    static const char *const broken[] = {
        "\x80",
        "\xBF",
        "\xC0\x80",
        "\xC1\xBF",
        "\xE0\x80\x80",
        "\xE0\x9F\xBF",
        "\xED\xA0\x80",
        "\xED\xBF\xBF",
        "\xF0\x80\x80\x80",
        EMOJI,
        "\xF4\x90\x80\x80",
        "\xF8\x88\x80\x80\x80",
        "\xFF",
        "\xFE",
        "\xC3",
        "\xC3(",
        "\xE5\x85",
        "\xE5(\x83",
        "\xE5\x85(",
        "abc\xE5",
        YUAN "\x83",
    };
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
        if (length(broken[i]) != -1)
            fail_msg("row %zu counted", i);
    char *cut = malloc(2); /* a character that the end cuts off */
    memcpy(cut, YUAN, 2);
    assert_int_equal(fz_utf8_length(cut, 2), -1);
    free(cut);
}

static void assert_clean(const char *source, size_t size, size_t characters, const char *expected)
{
    char target[64];
    memset(target, 'x', sizeof target);
    fz_copy_clean(target, sizeof target, source, size, characters);
    assert_string_equal(target, expected);
    assert_true(length(target) >= 0);
}

static void cleaning_leaves_text_and_turns_the_rest_into_question_marks(void **state)
{
    (void)state;
    assert_clean("a\"b\\c/", 6, 64, "a\"b\\c/");
    assert_clean("a" UML YUAN "z", 7, 64, "a" UML YUAN "z");
    assert_clean("a\0b\x01\x1F\n\r\t\x7F.", 10, 64, "a?b??????.");
    assert_clean("\xC2\x9B[31m", 6, 64, "?[31m"); /* CSI of the C1 set: a terminal would obey */
    assert_clean("\xC2\xA0.", 3, 64, "\xC2\xA0.");
    assert_clean(EMOJI, 4, 64, "????");
    assert_clean("\xC0\x80", 2, 64, "??");
    assert_clean("\xED\xA0\x80", 3, 64, "???");
    assert_clean("\xE5\x85", 2, 64, "??");
    assert_clean("\xFF\xFE", 2, 64, "??");
    assert_clean("", 0, 64, "");
    assert_clean("abc", 3, 0, "");
    assert_clean(YUAN YUAN YUAN, 9, 2, YUAN YUAN);
    assert_clean("\x80\x80\x80", 3, 2, "??");
}

static void cleaning_stops_where_the_target_is_full(void **state)
{
    (void)state;
    char target[8];
    fz_copy_clean(target, sizeof target, "12345678901234567890", 20, 100);
    assert_string_equal(target, "1234567");
    fz_copy_clean(target, sizeof target, "12345" YUAN, 8, 100);
    assert_string_equal(target, "12345");
    fz_copy_clean(target, 1, "1", 1, 100);
    assert_string_equal(target, "");
}

/* Whatever the bytes are: UTF-8 comes out, as long as asked for at most. */
static void cleaning_any_two_bytes_gives_utf8(void **state)
{
    (void)state;
    for (int first = 0; first < 256; first++)
        for (int second = 0; second < 256; second++) {
            char source[3] = {(char)first, (char)second, '\x80'}, target[16];
            fz_copy_clean(target, sizeof target, source, sizeof source, 8);
            long count = length(target);
            assert_in_range(count, 1, 3);
            for (size_t i = 0; target[i] != '\0'; i++)
                assert_true((unsigned char)target[i] >= 0x20 && target[i] != 0x7F);
        }
}

static void whole_numbers_are_digits_only(void **state)
{
    (void)state;
    int64_t out = 0;
    assert_int_equal(fz_parse_int("0", &out), FZ_OK);
    assert_int_equal(out, 0);
    assert_int_equal(fz_parse_int("-1", &out), FZ_OK);
    assert_int_equal(out, -1);
    assert_int_equal(fz_parse_int("999999999999999999", &out), FZ_OK);
    assert_int_equal(out, INT64_C(999999999999999999));
    assert_int_equal(fz_parse_int("-999999999999999999", &out), FZ_OK);
    assert_int_equal(out, INT64_C(-999999999999999999));
    assert_int_equal(fz_parse_int("007", &out), FZ_OK);
    assert_int_equal(out, 7);
    static const char *const broken[] = {"",
                                         "-",
                                         "--1",
                                         "+1",
                                         " 1",
                                         "1 ",
                                         "1.0",
                                         "1e3",
                                         "0x10",
                                         "a",
                                         "1a",
                                         "-a",
                                         "1-",
                                         "1,000",
                                         "9999999999999999999",
                                         "1000000000000000000",
                                         "\xEF\xBC\x91"};
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        out = 4711;
        if (fz_parse_int(broken[i], &out) != FZ_MALFORMED || out != 4711)
            fail_msg("taken: '%s'", broken[i]);
    }
}

static void a_text_grows_and_stays_terminated(void **state)
{
    (void)state;
    struct fz_text text = {.max = 100000};
    char expected[4001] = "";
    for (int i = 0; i < 1000; i++) {
        fz_text_format(&text, "%04d", i);
        snprintf(expected + (size_t)i * 4, 5, "%04d", i);
    }
    assert_false(text.failed);
    assert_int_equal(text.size, 4000);
    assert_string_equal(text.data, expected);
    fz_text_add(&text, "a\0b", 3);
    assert_int_equal(text.size, 4003);
    assert_memory_equal(text.data + 4000, "a\0b", 4);
    fz_text_add(&text, NULL, 0);
    assert_int_equal(text.size, 4003);
    fz_text_done(&text);
    assert_null(text.data);
    assert_int_equal(text.max, 100000);
    fz_text_string(&text, "again");
    assert_string_equal(text.data, "again");
    fz_text_done(&text);
}

static void a_full_text_fails_and_stays_as_it_was(void **state)
{
    (void)state;
    struct fz_text text = {.max = 10};
    fz_text_string(&text, "0123456789"); /* exactly the cap */
    assert_false(text.failed);
    fz_text_string(&text, "x");
    assert_true(text.failed);
    assert_string_equal(text.data, "0123456789");
    fz_text_add(&text, NULL, 0);
    fz_text_format(&text, "%s", "");
    assert_true(text.failed);
    assert_string_equal(text.data, "0123456789");
    fz_text_done(&text);

    struct fz_text other = {.max = 10};
    fz_text_string(&other, "01234");
    fz_text_format(&other, "%s", "567890");
    assert_true(other.failed);
    fz_text_string(&other, "5"); /* would fit, but a chain with a gap would be worse than none */
    assert_string_equal(other.data, "01234");
    fz_text_done(&other);
    assert_false(other.failed);

    struct fz_text none = {0};
    fz_text_string(&none, "x");
    assert_true(none.failed);
    assert_null(none.data);
    fz_text_add(&none, "x", SIZE_MAX);
    assert_true(none.failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_cut_before_a_character),
        cmocka_unit_test(copies_of_what_is_no_utf8_are_cut_all_the_same),
        cmocka_unit_test(parts_need_no_terminator),
        cmocka_unit_test(characters_are_counted),
        cmocka_unit_test(cleaning_leaves_text_and_turns_the_rest_into_question_marks),
        cmocka_unit_test(cleaning_stops_where_the_target_is_full),
        cmocka_unit_test(cleaning_any_two_bytes_gives_utf8),
        cmocka_unit_test(whole_numbers_are_digits_only),
        cmocka_unit_test(a_text_grows_and_stays_terminated),
        cmocka_unit_test(a_full_text_fails_and_stays_as_it_was),
    };
    return cmocka_run_group_tests_name("base_text", tests, NULL, NULL);
}
