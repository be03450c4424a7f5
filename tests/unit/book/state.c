/* States: only what a noun declares may follow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "book/distribution/distribution.h"
#include "book/receiver/receiver.h"

static void only_declared_transitions_happen(void **state)
{
    (void)state;
    const struct fz_states *tables[] = {&fz_payment_states, &fz_funds_states, &fz_distribution_states,
                                        &fz_slice_states, &fz_receiver_states};
    /* Which may follow which, as the headers say it: from * 10 + to. */
    static const unsigned declared[][7] = {
        {12, 13, 42, 45, 46, 25, 65}, {1, 12, 23, 13}, {12}, {12, 13}, {12, 13, 31}};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        for (unsigned from = 0; from < 8; from++)
            for (unsigned to = 0; to < 8; to++) {
                bool allowed = false;
                for (size_t k = 0; k < 7; k++)
                    allowed = allowed || (declared[i][k] != 0 && declared[i][k] == from * 10 + to);
                assert_int_equal(fz_state_check(tables[i], from, to), allowed ? FZ_OK : FZ_FAILED);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(only_declared_transitions_happen)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
