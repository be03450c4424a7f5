/* The words of an order's state. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/order/answer.h"

static void assert_state(enum fz_payment_state state, int64_t refunded, const char *word, const char *text)
{
    struct fz_order_coupon coupon;
    struct fz_order_answer answer;
    struct fz_payment payment = {.state = state, .refunded = refunded};
    fz_order_describe(&payment, &coupon, &answer);
    assert_string_equal(answer.trade_state, word);
    assert_string_equal(answer.trade_state_desc, text);
}

/* The words are the documents', what is said of them is ours. */
static void the_states_of_an_order(void **state)
{
    (void)state;
    assert_state(FZ_PAYMENT_NOTPAY, 0, "NOTPAY", "Not paid yet");
    assert_state(FZ_PAYMENT_SUCCESS, 0, "SUCCESS", "Paid");
    assert_state(FZ_PAYMENT_SUCCESS, 1, "REFUND", "Paid, and refunded in part or in whole");
    assert_state(FZ_PAYMENT_CLOSED, 0, "CLOSED", "Closed");
    assert_state(FZ_PAYMENT_USERPAYING, 0, "USERPAYING", "The payer has to enter the password");
    assert_state(FZ_PAYMENT_REVOKED, 0, "REVOKED", "Reversed");
    assert_state(FZ_PAYMENT_PAYERROR, 0, "PAYERROR", "The payment failed. Place a new order");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_states_of_an_order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
