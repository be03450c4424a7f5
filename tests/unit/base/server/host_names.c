/* Names and addresses under which clients reach the server: which are taken, and found again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/server/host_names.h"

#define LABEL "a23456789012345678901234567890123456789012345678901234567890123" /* 63 letters */

static struct fz_host_names names;
static char bad[FZ_HOST_NAME_SIZE];

static int begin(void **state)
{
    (void)state;
    names = (struct fz_host_names){0};
    bad[0] = '\0';
    return 0;
}

static void names_and_addresses_are_taken_in_one_form(void **state)
{
    (void)state;
    static const struct {
        const char *given, *kept;
    } good[] = {{"fenzhang", "fenzhang"},
                {"FenZhang", "fenzhang"},
                {"pay.test.example", "pay.test.example"},
                {"3scale", "3scale"},
                {"a-b.c--d", "a-b.c--d"},
                {LABEL, LABEL},
                {"192.168.1.7", "192.168.1.7"},
                {"::1", "::1"},
                {"FD00:0:0::7", "fd00::7"}};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        begin(NULL);
        assert_int_equal(fz_host_names_add(&names, good[i].given, bad), FZ_OK);
        assert_int_equal(names.count, 1);
        assert_string_equal(names.names[0], good[i].kept);
    }
}

/* And the first that is none is told. */
static void what_is_neither_is_refused(void **state)
{
    (void)state;
    static const char *const none[] = {"",          "-fenzhang",  "fenzhang-",        "fen zhang", "fen_zhang",   "fenzhang.",
                                       ".fenzhang", "a..b",       "*.fenzhang",       "fenzhang:8080", "[::1]",   "http://fenzhang",
                                       "1.2.3",     "1.2.3.4.5",  "999.1.1.1",        "0x7f.0x1",  "127.0x1",     "12",
                                       "f\xC3\xA9n", "a\nb",      LABEL "4",          "fe80::1%eth0"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        if (fz_host_names_add(&names, none[i], bad) != FZ_MALFORMED)
            fail_msg("%s", none[i]);
    assert_int_equal(fz_host_names_add(&names, "fenzhang,,pay", bad), FZ_MALFORMED);
    assert_string_equal(bad, "");
    assert_int_equal(fz_host_names_add(&names, "fenzhang, pay", bad), FZ_MALFORMED);
    assert_string_equal(bad, " pay");
    assert_int_equal(fz_host_names_add(&names, "\x1b[2J", bad), FZ_MALFORMED);
    assert_string_equal(bad, "?[2J");
    assert_int_equal(names.count, 0);
}

static void a_name_has_at_most_253_letters(void **state)
{
    (void)state;
    char name[FZ_HOST_NAME_SIZE + 1];
    int size = snprintf(name, sizeof name, "%s.%s.%s.%.61s", LABEL, LABEL, LABEL, LABEL);
    assert_int_equal(size, 253);
    assert_int_equal(fz_host_names_add(&names, name, bad), FZ_OK);
    snprintf(name, sizeof name, "%s.%s.%s.%.62s", LABEL, LABEL, LABEL, LABEL);
    assert_int_equal(fz_host_names_add(&names, name, bad), FZ_MALFORMED);
}

static void lists_grow_to_sixteen_each_name_once(void **state)
{
    (void)state;
    assert_int_equal(fz_host_names_add(&names, "a1,a2,a3,a4,a5,a6,a7,a8,A1,a2", bad), FZ_OK);
    assert_int_equal(names.count, 8);
    assert_int_equal(fz_host_names_add(&names, "b1,b2,b3,b4,b5,b6,b7,b8,b9", bad), FZ_FULL);
    assert_int_equal(names.count, 8);
    assert_int_equal(fz_host_names_add(&names, "b1,b2,b3,b4,b5,b6,b7,b8,a1", bad), FZ_OK);
    assert_int_equal(names.count, FZ_HOST_NAMES_MAX);
    assert_int_equal(fz_host_names_add(&names, "a1", bad), FZ_OK);
    assert_int_equal(fz_host_names_add(&names, "c1", bad), FZ_FULL);
}

static void they_are_found_again(void **state)
{
    (void)state;
    assert_false(fz_host_names_have(NULL, "fenzhang"));
    assert_false(fz_host_names_have(&names, "fenzhang"));
    assert_int_equal(fz_host_names_add(&names, "fenzhang,fd00::7,10.0.0.7", bad), FZ_OK);
    static const char *const there[] = {"fenzhang", "FENZHANG", "[fd00::7]", "[FD00::0007]", "10.0.0.7"};
    static const char *const absent[] = {"", "fenzhan", "fenzhang.", "fd00::7", "[fd00::8]", "[10.0.0.7]", "[fenzhang]", "[]", "["};
    for (size_t i = 0; i < sizeof there / sizeof there[0]; i++)
        assert_true(fz_host_names_have(&names, there[i]));
    for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++)
        assert_false(fz_host_names_have(&names, absent[i]));
    assert_true(fz_host_is_address("10.0.0.7") && fz_host_is_address("fd00::7"));
    assert_false(fz_host_is_address("fenzhang"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, begin)
    const struct CMUnitTest tests[] = {
        TEST(names_and_addresses_are_taken_in_one_form), TEST(what_is_neither_is_refused),
        TEST(a_name_has_at_most_253_letters),            TEST(lists_grow_to_sixteen_each_name_once),
        TEST(they_are_found_again),
    };
    return cmocka_run_group_tests_name("base/server/host_names", tests, NULL, NULL);
}
