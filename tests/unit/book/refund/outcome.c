/* What becomes of refunds: when they arrive, which state may follow which, and where the money of a closed
 * one goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/calendar.h"
#include "book/order/rail.h"
#include "book/refund/rail.h"
#include "book/settlement/pool.h"
#include "unit/book/refunds.h"

static struct fz_party child;

static int begin(void **state)
{
    if (sandbox_new(state) != 0)
        return -1;
    set_terms(INSTITUTION, "USD");
    child = institution();
    effective(&child, RECEIVER);
    return 0;
}

/* ---- arriving ---- */

static void assert_arrives_after(enum fz_payer_kind payer, int64_t ms, const char *account)
{
    struct fz_order_request order = {.payer_kind = payer};
    struct fz_payment payment = bought(&child, true, &order);
    struct fz_refund refund = refunded(&child, &payment, 1000, 0);
    assert_string_equal(refund.recv_account, account);
    int64_t accepted_ms = now_ms;
    wait_ms(ms - 1);
    assert_int_equal(refund_now(&refund).state, FZ_REFUND_PROCESSING);
    assert_int_equal(refund_now(&refund).success_ms, 0);
    assert_int_equal(balance(FZ_ACCOUNT_REFUNDING, payment.id), 1000);
    wait_ms(1);
    assert_int_equal(refund_now(&refund).state, FZ_REFUND_SUCCESS);
    assert_int_equal(refund_now(&refund).success_ms, accepted_ms + ms);
    assert_int_equal(balance(FZ_ACCOUNT_REFUNDING, payment.id), 0);
    assert_int_equal(balance(FZ_ACCOUNT_PAYER, payment.id), -9000);
}

/* S-RQ: within 20 minutes to the balance, 3 business days to cards. Every sandbox begins on a Monday. */
static void test_arrival(void **state)
{
    (void)state;
    assert_arrives_after(FZ_PAYER_BALANCE, 20 * FZ_MINUTE_MS, "The balance of the paying user");
    assert_arrives_after(FZ_PAYER_MINI_FUND, 20 * FZ_MINUTE_MS, "The Mini Fund of the paying user");
    assert_arrives_after(FZ_PAYER_DEBIT, 3 * FZ_DAY_MS, "China Merchants Bank Debit Card 0403");
    wait_ms(FZ_DAY_MS); /* Thursday + 1 = Friday: three business days later is Wednesday */
    assert_arrives_after(FZ_PAYER_CREDIT, 5 * FZ_DAY_MS, "China Merchants Bank Credit Card 0403");
}

/* ---- states ---- */

/* A refund of 1 000 brought into a state. */
static struct fz_refund refund_in(enum fz_refund_state state)
{
    struct fz_payment payment = bought(&child, true, NULL);
    struct fz_refund refund = refunded(&child, &payment, 1000, 0);
    if (state != FZ_REFUND_PROCESSING)
        assert_int_equal(outcome(&refund, state), FZ_OK);
    assert_int_equal(refund_now(&refund).state, state);
    return refund;
}

static void test_states(void **state)
{
    (void)state;
    static const struct {
        enum fz_refund_state from, to;
    } allowed[] = {{FZ_REFUND_PROCESSING, FZ_REFUND_SUCCESS},
                   {FZ_REFUND_PROCESSING, FZ_REFUND_CLOSED},
                   {FZ_REFUND_PROCESSING, FZ_REFUND_ABNORMAL},
                   {FZ_REFUND_ABNORMAL, FZ_REFUND_SUCCESS},
                   {FZ_REFUND_ABNORMAL, FZ_REFUND_CLOSED}};
    for (enum fz_refund_state from = FZ_REFUND_PROCESSING; from <= FZ_REFUND_ABNORMAL; from++)
        for (enum fz_refund_state to = FZ_REFUND_PROCESSING; to <= FZ_REFUND_ABNORMAL; to++) {
            bool may = false;
            for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++)
                may |= allowed[i].from == from && allowed[i].to == to;
            struct fz_refund refund = refund_in(from);
            assert_int_equal(outcome(&refund, to), may ? FZ_OK : FZ_CONFLICT);
            assert_int_equal(refund_now(&refund).state, may ? to : from);
        }
    struct fz_refund_outcome arrived = {.state = FZ_REFUND_SUCCESS};
    assert_int_equal(BOOK(fz_rail_refunded(tx, 9999, &arrived)), FZ_ABSENT);
}

/* An abnormal refund holds its money, does not arrive by itself, and can still do either. */
static void test_abnormal(void **state)
{
    (void)state;
    struct fz_refund refund = refund_in(FZ_REFUND_ABNORMAL);
    assert_int_equal(due(FZ_EVENT_REFUNDED, refund.id), -1);
    wait_ms(30 * FZ_DAY_MS);
    assert_int_equal(refund_now(&refund).state, FZ_REFUND_ABNORMAL);
    assert_int_equal(balance(FZ_ACCOUNT_REFUNDING, refund.payment), 1000);
    assert_int_equal(outcome(&refund, FZ_REFUND_SUCCESS), FZ_OK);
    assert_int_equal(refund_now(&refund).success_ms, now_ms);
    assert_int_equal(balance(FZ_ACCOUNT_REFUNDING, refund.payment), 0);
}

static void test_account(void **state)
{
    (void)state;
    struct fz_refund refund = refund_in(FZ_REFUND_ABNORMAL);
    assert_int_equal(refund_now(&refund).channel, FZ_CHANNEL_ORIGINAL); /* 0 and NULL left what was there */
    assert_string_equal(refund_now(&refund).recv_account, "The balance of the paying user");
    struct fz_refund_outcome elsewhere = {.state = FZ_REFUND_SUCCESS,
                                          .channel = FZ_CHANNEL_OTHER_BANKCARD,
                                          .recv_account = "Bank of China Debit Card 1234"};
    assert_booked(fz_rail_refunded(tx, refund.id, &elsewhere));
    assert_int_equal(refund_now(&refund).channel, FZ_CHANNEL_OTHER_BANKCARD);
    assert_string_equal(refund_now(&refund).recv_account, "Bank of China Debit Card 1234");
}

static struct fz_refund paid_back(enum fz_payer_kind payer, enum fz_refund_channel channel,
                                  const char *account)
{
    struct fz_payment payment = unpaid(&child);
    assert_booked(fz_rail_paid(tx, &payment, payer));
    struct fz_refund refund = refunded(&child, &payment, 1000, 0);
    struct fz_refund_outcome arrived = {
        .state = FZ_REFUND_SUCCESS, .channel = channel, .recv_account = account};
    assert_booked(fz_rail_refunded(tx, refund.id, &arrived));
    return refund_now(&refund);
}

/* S-RQ: "The balance of the paying user" and so on. One of the two told alone decides the other. */
static void channel_and_account_agree(void **state)
{
    (void)state;
    static const char balance_word[] = "The balance of the paying user",
                      fund[] = "The Mini Fund of the paying user",
                      own_card[] = "China Merchants Bank Credit Card 0403",
                      other_card[] = "Bank of China Debit Card 1234";
    static const struct {
        enum fz_payer_kind payer;
        enum fz_refund_channel told;
        const char *told_account;
        enum fz_refund_channel channel;
        const char *account;
    } cases[] = {
        {FZ_PAYER_CREDIT, 0, NULL, FZ_CHANNEL_ORIGINAL, own_card},
        {FZ_PAYER_CREDIT, FZ_CHANNEL_ORIGINAL, NULL, FZ_CHANNEL_ORIGINAL, own_card},
        {FZ_PAYER_CREDIT, FZ_CHANNEL_BALANCE, NULL, FZ_CHANNEL_BALANCE, balance_word},
        {FZ_PAYER_CREDIT, FZ_CHANNEL_OTHER_BALANCE, NULL, FZ_CHANNEL_OTHER_BALANCE, balance_word},
        {FZ_PAYER_CREDIT, FZ_CHANNEL_OTHER_BANKCARD, NULL, FZ_CHANNEL_OTHER_BANKCARD, other_card},
        {FZ_PAYER_MINI_FUND, FZ_CHANNEL_ORIGINAL, NULL, FZ_CHANNEL_ORIGINAL, fund},
        {FZ_PAYER_MINI_FUND, FZ_CHANNEL_BALANCE, NULL, FZ_CHANNEL_BALANCE, balance_word},
        {FZ_PAYER_BALANCE, FZ_CHANNEL_OTHER_BANKCARD, NULL, FZ_CHANNEL_OTHER_BANKCARD, other_card},
        {FZ_PAYER_CREDIT, 0, own_card, FZ_CHANNEL_ORIGINAL, own_card},
        {FZ_PAYER_CREDIT, 0, balance_word, FZ_CHANNEL_BALANCE, balance_word},
        {FZ_PAYER_CREDIT, 0, "Bank of Tea Credit Card 7", FZ_CHANNEL_OTHER_BANKCARD,
         "Bank of Tea Credit Card 7"},
        {FZ_PAYER_BALANCE, 0, balance_word, FZ_CHANNEL_ORIGINAL, balance_word},
        {FZ_PAYER_MINI_FUND, 0, fund, FZ_CHANNEL_ORIGINAL, fund},
        {FZ_PAYER_CREDIT, FZ_CHANNEL_OTHER_BALANCE, "a card", FZ_CHANNEL_OTHER_BALANCE, "a card"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fz_refund refund = paid_back(cases[i].payer, cases[i].told, cases[i].told_account);
        assert_int_equal(refund.channel, cases[i].channel);
        assert_string_equal(refund.recv_account, cases[i].account);
    }
}

/* ---- closing ---- */

/* The money is back with the order, the fee with the platform, and all can be refunded again. */
static void test_closed(void **state)
{
    (void)state;
    struct fz_order_request order = {.coupon = {FZ_COUPON_DISCOUNT, FZ_SCOPE_GLOBAL, "1", 500}};
    struct fz_payment payment = bought(&child, true, &order);
    struct fz_refund refund = refunded(&child, &payment, 10000, 0);
    assert_int_equal(payment_now(payment.id).distributable, 0);
    assert_int_equal(outcome(&refund, FZ_REFUND_CLOSED), FZ_OK);
    assert_int_equal(due(FZ_EVENT_REFUNDED, refund.id), -1);
    assert_int_equal(due(FZ_EVENT_RELEASE, payment.id), payment.success_ms + 180 * FZ_DAY_MS); /* not now */
    assert_int_equal(refund_now(&refund).success_ms, 0);
    struct fz_payment after = payment_now(payment.id);
    assert_int_equal(after.distributable, 9443);
    assert_int_equal(after.refunded, 0);
    assert_int_equal(after.refunded_settled, 0);
    assert_int_equal(after.refunded_fee, 0);
    assert_int_equal(after.refunded_coupon, 0);
    assert_int_equal(after.refunded_payer, 0);
    assert_int_equal(after.refund_count, 0);
    assert_int_equal(after.last_refund_ms, now_ms); /* the minute counts all the same */
    assert_int_equal(balance(FZ_ACCOUNT_ORDER, payment.id), 9443);
    assert_int_equal(balance(FZ_ACCOUNT_FEE, payment.id), 57);
    assert_int_equal(balance(FZ_ACCOUNT_REFUNDING, payment.id), 0);
    assert_int_equal(balance(FZ_ACCOUNT_WAIVED, payment.id), 500);
    assert_int_equal(balance(FZ_ACCOUNT_PAYER, payment.id), -9500);
    (void)refunded(&child, &payment, 10000, 0);
}

/* What was drawn from the pools of a day that is over comes back to today's. */
static void test_closed_on_another_day(void **state)
{
    (void)state;
    struct fz_order_request by_card = {.payer_kind = FZ_PAYER_DEBIT};
    struct fz_payment sale = bought(&child, false, &by_card);
    struct fz_payment shared = bought(&child, true, &by_card);
    wait_ms(5 * FZ_MINUTE_MS);
    distribute(&child, &shared, 2000, 3000, false);
    wait_ms(FZ_MINUTE_MS);
    struct fz_refund of_sale = refunded(&child, &sale, 5000, 0);     /* net 4 970 */
    struct fz_refund of_two = refunded(&child, &shared, 6000, 1030); /* net 4 940 and 1 024 */
    assert_int_equal(pool(INSTITUTION, FZ_POOL_SALES), 4970);
    assert_int_equal(pool(INSTITUTION, FZ_POOL_OUTBOUND), 1976);
    wait_ms(FZ_DAY_MS);
    assert_int_equal(pool(INSTITUTION, FZ_POOL_SALES), 0);
    assert_int_equal(outcome(&of_sale, FZ_REFUND_CLOSED), FZ_OK);
    assert_int_equal(outcome(&of_two, FZ_REFUND_CLOSED), FZ_OK);
    assert_int_equal(pool(INSTITUTION, FZ_POOL_SALES), 4970);
    assert_int_equal(pool(INSTITUTION, FZ_POOL_OUTBOUND), 1024);
    assert_int_equal(payment_now(shared.id).distributable, 4940);
    /* Today's money: it is converted with the day. */
    wait_ms(FZ_DAY_MS);
    assert_int_equal(balance(FZ_ACCOUNT_SALES, 0), 0);
    assert_int_equal(balance(FZ_ACCOUNT_OUTBOUND, 0), 0);
}

/* An order that has ended keeps nothing: what a closed refund brings back is released at once. */
static void test_closed_after_the_end(void **state)
{
    (void)state;
    struct fz_payment payment = bought(&child, true, NULL);
    wait_ms(5 * FZ_MINUTE_MS);
    struct fz_refund refund = refunded(&child, &payment, 5000, 0);
    distribute(&child, &payment, 0, 0, true);
    wait_ms(FZ_MINUTE_MS);
    assert_int_equal(payment_now(payment.id).funds_state, FZ_FUNDS_ENDED);
    assert_int_equal(pool(INSTITUTION, FZ_POOL_OUTBOUND), 4970);
    assert_int_equal(outcome(&refund, FZ_REFUND_CLOSED), FZ_OK);
    assert_int_equal(payment_now(payment.id).distributable, 4970);
    assert_int_equal(due(FZ_EVENT_RELEASE, payment.id), now_ms);
    wait_ms(0);
    assert_int_equal(payment_now(payment.id).distributable, 0);
    assert_int_equal(pool(INSTITUTION, FZ_POOL_OUTBOUND), 9940);
    assert_int_equal(balance(FZ_ACCOUNT_ORDER, payment.id), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, sandbox_audit_and_remove)
    const struct CMUnitTest tests[] = {
        TEST(test_arrival),
        TEST(test_states),
        TEST(test_abnormal),
        TEST(test_account),
        TEST(channel_and_account_agree),
        TEST(test_closed),
        TEST(test_closed_on_another_day),
        TEST(test_closed_after_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
