/* The table of what can be wrong with a value: whole in both languages, and filled in as it says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/issue.h"
#include "base/text.h"

static const struct fz_issue_values largest = {INT64_MAX, INT64_MIN, ""};

static bool has_chinese(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text >= 0xE4 && (unsigned char)*text <= 0xE9)
            return true;
    return false;
}

static void every_issue_is_told_in_both_languages(void **state)
{
    (void)state;
    for (int issue = FZ_ISSUE_NONE + 1; issue < FZ_ISSUE_COUNT; issue++) {
        const char *english = fz_issue_text((enum fz_issue)issue, false);
        const char *chinese = fz_issue_text((enum fz_issue)issue, true);
        for (const char *c = english; *c != '\0'; c++)
            assert_in_range(*c, 0x20, 0x7E);
        if (english[0] == '\0' || english[strlen(english) - 1] == '.')
            fail_msg("issue %d: '%s'", issue, english);
        if (!has_chinese(chinese))
            fail_msg("no Chinese in '%s', of '%s'", chinese, english);
    }
}

/* S-RQ: issue is a string(256), with the largest numbers in it too. */
static void every_issue_keeps_the_documents_limit(void **state)
{
    (void)state;
    for (int issue = FZ_ISSUE_NONE + 1; issue < FZ_ISSUE_COUNT; issue++)
        for (int chinese = 0; chinese < 2; chinese++) {
            char text[2000];
            fz_issue_write(text, sizeof text, (enum fz_issue)issue, chinese == 1, &largest);
            assert_in_range(fz_utf8_length(text, strlen(text)), 1, 256);
            assert_null(strchr(text, '$'));
        }
}

static void no_place_but_the_three_is_left_open(void **state)
{
    (void)state;
    for (int issue = FZ_ISSUE_NONE + 1; issue < FZ_ISSUE_COUNT; issue++)
        for (int chinese = 0; chinese < 2; chinese++)
            for (const char *at = fz_issue_text((enum fz_issue)issue, chinese == 1); (at = strchr(at, '$')) != NULL; at++)
                if (at[1] == '\0' || strchr("12w", at[1]) == NULL)
                    fail_msg("issue %d: '%s'", issue, at);
}

/* What is no row says nothing, and a place for which nothing was given stays empty. */
static void nothing_given_is_nothing_said(void **state)
{
    (void)state;
    char text[100] = "x";
    fz_issue_write(text, sizeof text, (enum fz_issue)FZ_ISSUE_COUNT, false, NULL);
    assert_string_equal(text, "");
    fz_issue_write(text, sizeof text, FZ_ISSUE_UNLISTED, false, NULL);
    assert_string_equal(text, "is not one of: ");
}

/* What one language tells of the value the other tells too. */
static void both_languages_leave_the_same_open(void **state)
{
    (void)state;
    static const char *const places[] = {"$1", "$2", "$w"};
    for (int issue = FZ_ISSUE_NONE + 1; issue < FZ_ISSUE_COUNT; issue++)
        for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
            const char *english = fz_issue_text((enum fz_issue)issue, false);
            const char *chinese = fz_issue_text((enum fz_issue)issue, true);
            if ((strstr(english, places[i]) == NULL) != (strstr(chinese, places[i]) == NULL))
                fail_msg("%s in one of '%s' and '%s'", places[i], english, chinese);
        }
}

static void no_two_issues_say_the_same(void **state)
{
    (void)state;
    for (int a = FZ_ISSUE_NONE + 1; a < FZ_ISSUE_COUNT; a++)
        for (int b = a + 1; b < FZ_ISSUE_COUNT; b++)
            for (int chinese = 0; chinese < 2; chinese++)
                assert_string_not_equal(fz_issue_text((enum fz_issue)a, chinese == 1),
                                        fz_issue_text((enum fz_issue)b, chinese == 1));
}

static void numbers_and_words_come_into_their_places(void **state)
{
    (void)state;
    char text[100];
    const struct fz_issue_values values = {.first = 33, .second = 32};
    fz_issue_write(text, sizeof text, FZ_ISSUE_TOO_LONG, false, &values);
    assert_string_equal(text, "has 33 characters, at most 32 are allowed");
    fz_issue_write(text, sizeof text, FZ_ISSUE_TOO_LONG, true, &values);
    assert_string_equal(text, "字符数为33，最多为32");
    fz_issue_write(text, sizeof text, FZ_ISSUE_UNLISTED, false, &(struct fz_issue_values){.words = "RSA, $1"});
    assert_string_equal(text, "is not one of: RSA, $1");
    fz_issue_write(text, sizeof text, FZ_ISSUE_UNLISTED, true, &(struct fz_issue_values){0});
    assert_string_equal(text, "取值应为以下之一：");
    fz_issue_write(text, 8, FZ_ISSUE_EMPTY, true, NULL);
    assert_string_equal(text, "为空");
    fz_issue_write(text, 6, FZ_ISSUE_EMPTY, true, NULL); /* cut at a character */
    assert_string_equal(text, "为");
    fz_issue_write(text, sizeof text, FZ_ISSUE_NONE, false, NULL);
    assert_string_equal(text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_issue_is_told_in_both_languages),
        cmocka_unit_test(every_issue_keeps_the_documents_limit),
        cmocka_unit_test(no_place_but_the_three_is_left_open),
        cmocka_unit_test(nothing_given_is_nothing_said),
        cmocka_unit_test(both_languages_leave_the_same_open),
        cmocka_unit_test(no_two_issues_say_the_same),
        cmocka_unit_test(numbers_and_words_come_into_their_places),
    };
    return cmocka_run_group_tests_name("base_issue", tests, NULL, NULL);
}
