/* What a peer says it takes: languages and codings, and texts that are neither. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wire/server/accept.h"

static void the_language_wanted_most_decides(void **state)
{
    (void)state;
    static const char *const wanted[] = {
        "zh",
        "zh-CN",
        "zh-TW",
        "ZH-cn",
        "zh-Hans-CN",
        "zh-CN,zh;q=0.9,en;q=0.8",
        "zh;q=0.9,en;q=0.8",
        "en;q=0.8,zh;q=0.9",
        "en;q=0.5, zh",
        " zh ",
        "zh,en",
        "zh;q=1,en;q=1",
        "zh;q=1.000",
        "fr;q=0.1,zh;q=0.2",
        "zh ; q=0.5",
        "zh; q=0.001",
        "en;q=0,zh;q=0.1",
        ",,zh",
        "zh;Q=0.5",
        "en;q=x,zh;q=0.1",
    };
    static const char *const not_wanted[] = {
        "",
        "en",
        "en-US,en;q=0.9,zh;q=0.8",
        "en,zh",
        "zh;q=0",
        "zh;q=0.000",
        "zh;q=0.5,en",
        "*",
        "zhx",
        "zha-CN",
        "x-zh",
        "z",
        "zh_CN",
        "zh;q=0.8,en;q=0.9",
        "zh;q=2",
        "zh;q=1.5",
        "zh;q=",
        "zh;q",
        "zh;",
        "zh;q=-1",
        "zh;q=0.1234",
        "zh;x=1",
        ",",
        ";q=1",
        "zh q=1",
        "zh;q=1;q=1",
        "\xFFzh",
        "en;q=1,zh;q=1",
        "zh;q=0.999,en",
        " ",
        "\"zh\"",
    };
    assert_false(fz_wants_chinese(NULL));
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        if (!fz_wants_chinese(wanted[i]))
            fail_msg("not seen: '%s'", wanted[i]);
    for (size_t i = 0; i < sizeof not_wanted / sizeof not_wanted[0]; i++)
        if (fz_wants_chinese(not_wanted[i]))
            fail_msg("taken for Chinese: '%s'", not_wanted[i]);
}

static void gzip_has_to_be_named(void **state)
{
    (void)state;
    static const char *const wanted[] = {
        "gzip",          "GZip",         "x-gzip",
        "gzip, deflate", "deflate,gzip", "br;q=1.0, gzip;q=0.001",
        "gzip ; q=0.5",  ",, gzip",      "gzip;q=0,x-gzip",
    };
    static const char *const not_wanted[] = {
        "",         "identity",     "*",     "br",    "gzip;q=0", "gzip;q=0.000",
        "gzip;q=2", "gzip;level=1", "gzipp", "agzip", "gz ip",    "gzi",
        "gzip q=1", ";gzip",        ",",     " ",     "\"gzip\"", "\xFFgzip",
    };
    assert_false(fz_wants_gzip(NULL));
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        if (!fz_wants_gzip(wanted[i]))
            fail_msg("not seen: '%s'", wanted[i]);
    for (size_t i = 0; i < sizeof not_wanted / sizeof not_wanted[0]; i++)
        if (fz_wants_gzip(not_wanted[i]))
            fail_msg("taken for gzip: '%s'", not_wanted[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_language_wanted_most_decides),
        cmocka_unit_test(gzip_has_to_be_named),
    };
    return cmocka_run_group_tests_name("wire_server_accept", tests, NULL, NULL);
}
