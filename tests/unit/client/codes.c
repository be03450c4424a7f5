/* The service's codes as a client knows them: every one that the server has, in both spellings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "client/error.h"

static const struct {
    const char *code, *old_code;
} rows[] = {
#define FZ_HK_ENGLISH(identifier, english)
#define FZ_ROW(identifier, status, code, old_code, number, english, chinese, when) {code, old_code},
#include "base/server/errors.def"
#undef FZ_ROW
#undef FZ_HK_ENGLISH
};

static void every_code_of_the_server_is_known(void **state)
{
    (void)state;
    assert_true(sizeof rows / sizeof rows[0] > 60);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (fz_code_of(rows[i].code) == FZ_CODE_UNKNOWN || fz_code_of(rows[i].old_code) == FZ_CODE_UNKNOWN)
            fail_msg("%s or %s", rows[i].code, rows[i].old_code);
}

/* Two spellings of one thing, by the vendor's lists. */
static void spellings_of_one_code(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"SYSTEM_ERROR", "SYSTEMERROR"},     {"SIGN_ERROR", "SIGNERROR"},
                                           {"ORDER_PAID", "ORDERPAID"},         {"NOT_ENOUGH", "NOTENOUGH"},
                                           {"ORDER_NOT_EXIST", "ORDERNOTEXIST"}, {"MCH_NOT_EXISTS", "MCHID_NOT_EXIST"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        assert_int_equal(fz_code_of(pairs[i][0]), fz_code_of(pairs[i][1]));
    assert_int_equal(fz_code_of("A_CODE_OF_TOMORROW"), FZ_CODE_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_of_the_server_is_known),
        cmocka_unit_test(spellings_of_one_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
