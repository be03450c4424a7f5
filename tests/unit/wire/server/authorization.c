/* What is wrong with an Authorization header has one answer each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wire/server/authorization.h"

static void each_fault_has_its_row(void **state)
{
    (void)state;
    assert_int_equal(fz_authorization_row(FZ_AUTHORIZATION_READ), FZ_ROW_NONE);
    assert_int_equal(fz_authorization_row(FZ_AUTHORIZATION_SCHEME), FZ_SIGN_SCHEME);
    assert_int_equal(fz_authorization_row(FZ_AUTHORIZATION_MALFORMED), FZ_SIGN_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault_has_its_row),
    };
    return cmocka_run_group_tests_name("wire_server_authorization", tests, NULL, NULL);
}
