/* Words of a shell: what is quoted, and that what was written is read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/shell_word.h"

static void only_what_needs_it_is_quoted(void **state)
{
    (void)state;
    static const char *const words[][2] = {
        {"", "''"},
        {"1900000100", "1900000100"},
        {"http://127.0.0.1:8080", "http://127.0.0.1:8080"},
        {"http://[::1]:8080", "http://[::1]:8080"},
        {"a,b", "a,b"},
        {"my book", "'my book'"},
        {"it's", "'it'\\''s'"},
        {"$HOME`x`", "'$HOME`x`'"},
        {"~", "'~'"},
        {"a\nb", "'a\nb'"},
        {"\xE8\xB4\xA6", "'\xE8\xB4\xA6'"},
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        FZ_CLEANUP(fz_text_done) struct fz_text written = {.max = 100}, read = {.max = 100};
        fz_shell_word_add(&written, words[i][0]);
        assert_string_equal(written.data, words[i][1]);
        const char *at = written.data;
        assert_int_equal(fz_shell_word_read(&at, &read), FZ_OK);
        assert_string_equal(read.data == NULL ? "" : read.data, words[i][0]);
        assert_int_equal(*at, '\0');
    }
}

static void reading_ends_behind_the_word(void **state)
{
    (void)state;
    FZ_CLEANUP(fz_text_done) struct fz_text read = {.max = 100};
    const char *at = "a'b c'\\'d\ne";
    assert_int_equal(fz_shell_word_read(&at, &read), FZ_OK);
    assert_string_equal(read.data, "ab c'd");
    assert_string_equal(at, "\ne");
}

static void what_a_shell_would_expand_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"'a", "a'", "$HOME", "`ls`", "\"a\"", "a;b", "a&b", "a|b", "a*", "a?", "a>b", "(a)", "~", "a\\"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        FZ_CLEANUP(fz_text_done) struct fz_text read = {.max = 100};
        const char *at = wrong[i];
        assert_int_equal(fz_shell_word_read(&at, &read), FZ_MALFORMED);
    }
}

static void a_word_that_is_too_long(void **state)
{
    (void)state;
    FZ_CLEANUP(fz_text_done) struct fz_text read = {.max = 3};
    const char *at = "abcd";
    assert_int_equal(fz_shell_word_read(&at, &read), FZ_FULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_needs_it_is_quoted),
        cmocka_unit_test(reading_ends_behind_the_word),
        cmocka_unit_test(what_a_shell_would_expand_is_refused),
        cmocka_unit_test(a_word_that_is_too_long),
    };
    return cmocka_run_group_tests_name("base/shell_word", tests, NULL, NULL);
}
