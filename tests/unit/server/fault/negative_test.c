/* Wechatpay-Negative-Test: which refusal a value names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "server/fault/negative_test.h"

static void a_value_names_a_row(void **state)
{
    (void)state;
    static const struct {
        const char *wanted, *endpoint;
        enum fz_row row;
        bool old_spelling;
    } cases[] = {
        {"REFUND_TOO_MUCH", "mark", FZ_REFUND_TOO_MUCH}, /* an identifier, wherever */
        {"SYSTEM_ERROR", "transaction-amounts", FZ_SYSTEM_ERROR},
        {"SYSTEMERROR", "order-native", FZ_SYSTEM_ERROR}, /* the spelling under /hk/v3 */
        {"PARAM_ERROR", "mark", FZ_PARAM_ERROR},
        {"SIGNERROR", "refund-by-id", FZ_SIGN_MISMATCH, true}, /* S-RQ: "Signature error" */
        {"SIGN_ERROR", "mark", FZ_SIGN_MISMATCH},
        {"SIGN_ERROR", "certificates", FZ_SIGN_MISMATCH},
        {"NO_STATEMENT_EXIST", "refund-bill-url", FZ_BILL_NONE},
        {"NO_STATEMENT_EXIST", "statement", FZ_STATEMENT_NONE},
        {"INVALID_REQUEST", "refund-submit", FZ_REFUND_TRANSACTION_UNKNOWN}, /* the first of refunds */
        {"INVALID_REQUEST", "refund-submit", FZ_REFUND_TOTAL,
         true}, /* the other is INVALID_TRANSACTIONID there */
        {"INVALID_REQUEST", "distribution-submit", FZ_DISTRIBUTION_ENDED},
        {"INVALID_REQUEST", "refundable-balance", FZ_BALANCE_NOT_DISTRIBUTABLE},
        {"INVALID_REQUEST", "unfreeze", FZ_ORDER_NOT_DISTRIBUTABLE}, /* none is called so: of orders */
        {"NOT_ENOUGH", "refund-submit", FZ_REFUND_SHORT},
        {"NOTENOUGH", "refund-submit", FZ_REFUND_SHORT},
        {"NOT_ENOUGH", "refund-submit", FZ_REFUND_SHORT, true},
        {"NOT_ENOUGH", "distribution-submit", FZ_DISTRIBUTION_SHORT},
        {"RESOURCE_NOT_EXISTS", "receiver-query", FZ_RECEIVER_UNKNOWN},
        {"NO_AUTH", "certificates", FZ_NO_AUTH_CHILD},             /* called like the code */
        {"MICROPAY_SYSTEMERROR", "order-native", FZ_SYSTEM_ERROR}, /* as the vendor spells its cases */
        {"REFUND_NOTENOUGH", "refund-submit", FZ_REFUND_SHORT},
        {"REFUND_SYSTEMERROR", "refund-submit", FZ_SYSTEM_ERROR},
        {"", "mark", FZ_ROW_NONE},
        {"_", "mark", FZ_ROW_NONE},
        {"system_error", "mark", FZ_ROW_NONE},
        {"SUCCESS", "mark", FZ_ROW_NONE},
        {"NONE", "mark", FZ_ROW_NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        enum fz_row row = fz_negative_test_row(cases[i].wanted, cases[i].endpoint, cases[i].old_spelling);
        if (row != cases[i].row)
            fail_msg("%s at %s gives %s", cases[i].wanted, cases[i].endpoint, fz_row_text(row)->name);
    }
}

static void an_unknown_value_is_a_fault_of_the_caller(void **state)
{
    (void)state;
    struct fz_error error = {0};
    assert_int_equal(fz_negative_test(&error, "OUT_OF_TEA", "mark", false), FZ_REFUSED);
    assert_int_equal(error.row, FZ_PARAM_ERROR);
    assert_string_equal(error.field, "Wechatpay-Negative-Test");
    assert_string_equal(error.value, "OUT_OF_TEA");
    assert_non_null(strstr(error.issue, " INVALID_REQUEST, NOT_FOUND,"));
    assert_non_null(strstr(error.issue, "fenzhang errors"));
    assert_in_range(fz_utf8_length(error.issue, strlen(error.issue)), 100, 256);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_value_names_a_row),
                                       cmocka_unit_test(an_unknown_value_is_a_fault_of_the_caller)};
    return cmocka_run_group_tests_name("server/negative_test", tests, NULL, NULL);
}
