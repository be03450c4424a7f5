/* Paying by code: what a code is, the password above 3 000 CNY, what the sandbox's payers do; and reversing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/calendar.h"
#include "book/order/code.h"
#include "book/order/rail.h"
#include "book/refund/reverse.h"
#include "book/settlement/pool.h"
#include "unit/book/refunds.h"

#define CODE        "134567890123456789"
#define MIDNIGHT_MS (MONDAY_10_MS + 14 * FZ_HOUR_MS)
#define PASSWORD_MS (5 * FZ_MINUTE_MS)

FZ_STATEMENT(payments, "SELECT COUNT(*) FROM payment", "", "i");
FZ_STATEMENT(entries, "SELECT COUNT(*) FROM entry", "", "i");

/* An order whose digest stands for its number and amount. */
static struct fz_order_request order(const char *out_trade_no, int64_t amount)
{
    struct fz_order_request out = {.out_trade_no = out_trade_no, .trade_type = "MICROPAY", .amount = amount};
    snprintf((char *)out.digest, sizeof out.digest, "%s %lld", out_trade_no, (long long)amount);
    return out;
}

/* Pays a new order by a code of its own, which ends in `ending`. */
static struct fz_payment by_code(const struct fz_party *party, int64_t amount, bool marked,
                                 const char *ending)
{
    static int shown = 0;
    char out_trade_no[20], auth_code[FZ_AUTH_CODE_SIZE];
    snprintf(out_trade_no, sizeof out_trade_no, "C%d", ++shown);
    snprintf(auth_code, sizeof auth_code, "10%012d%s", shown, ending);
    struct fz_order_request request = order(out_trade_no, amount);
    struct fz_payment payment;
    if (marked)
        assert_booked(fz_payment_mark(tx, party, out_trade_no, "CNY"));
    assert_booked(fz_payment_pay_by_code(tx, party, &request, auth_code, &payment));
    return payment;
}

static enum fz_result reverse(struct fz_tx *tx, const struct fz_party *party,
                              const struct fz_payment *payment)
{
    return fz_payment_reverse(tx, party, NULL, payment->out_trade_no);
}

/* ---- the code ---- */

static void a_code_pays_at_once(void **state)
{
    (void)state;
    struct fz_party party = institution();
    struct fz_payment payment = by_code(&party, 10000, false, "0000");
    assert_int_equal(payment.state, FZ_PAYMENT_SUCCESS);
    assert_int_equal(payment.success_ms, MONDAY_10_MS);
    assert_int_equal(payment.fee, 60);
    assert_int_equal(balance(FZ_ACCOUNT_PAYER, payment.id), -10000);
    assert_int_equal(pool(INSTITUTION, FZ_POOL_SALES), 9940);
    assert_int_equal(payment_now(payment.id).state, FZ_PAYMENT_SUCCESS);
    struct fz_payment marked = by_code(&party, 10000, true, "0000");
    assert_int_equal(marked.funds_state, FZ_FUNDS_FREEZING);
    assert_int_equal(marked.distributable, 9940);
}

static void a_code_has_18_digits_and_begins_with_10_to_15(void **state)
{
    (void)state;
    static const char *const codes[] = {"100000000000000000", "110000000000000001", "120061098828009406",
                                        "130061098828009406", "140000000000000000", "159999999999999999"},
                             *const others[] = {"099999999999999999",
                                                "160000000000000000",
                                                "290000000000000000",
                                                "13456789012345678",
                                                "1345678901234567890",
                                                "13456789012345678x",
                                                "1345678901234567 8",
                                                "1",
                                                "weixin://wxpay/bizpayurl?pr=abc",
                                                ""};
    struct fz_party party = institution();
    struct fz_payment payment;
    char out_trade_no[8];
    for (int i = 0; i < 6; i++) {
        snprintf(out_trade_no, sizeof out_trade_no, "A%d", i);
        struct fz_order_request request = order(out_trade_no, 100);
        assert_booked(fz_payment_pay_by_code(tx, &party, &request, codes[i], &payment));
    }
    struct fz_order_request request = order("A9", 100);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_refused(fz_payment_pay_by_code(tx, &party, &request, others[i], &payment), CODE_INVALID);
    assert_int_equal(number(&payments), 6);
}

static void a_code_belongs_to_one_order(void **state)
{
    (void)state;
    struct fz_party party = institution(), other = direct();
    struct fz_order_request first = order("A1", 100), changed = order("A1", 101), second = order("A2", 100);
    struct fz_payment payment, again;
    assert_booked(fz_payment_pay_by_code(tx, &party, &first, CODE, &payment));
    assert_refused(fz_payment_pay_by_code(tx, &party, &second, CODE, &again), CODE_USED);
    assert_refused(fz_payment_pay_by_code(tx, &other, &first, CODE, &again), CODE_USED);
    /* The same order again is that order, as it is now. */
    assert_booked(fz_payment_pay_by_code(tx, &party, &first, CODE, &again));
    assert_int_equal(again.id, payment.id);
    assert_int_equal(again.state, FZ_PAYMENT_SUCCESS);
    assert_refused(fz_payment_pay_by_code(tx, &party, &changed, "134567890123456780", &again),
                   ORDER_NUMBER_USED);
    assert_booked(reverse(tx, &party, &payment));
    assert_booked(fz_payment_pay_by_code(tx, &party, &first, CODE, &again));
    assert_int_equal(again.state, FZ_PAYMENT_REVOKED);
    assert_refused(fz_payment_pay_by_code(tx, &party, &second, CODE, &again), CODE_USED);
    assert_int_equal(number(&payments), 1);
}

static void a_payer_without_money(void **state)
{
    (void)state;
    struct fz_party party = institution();
    struct fz_order_request request = order("A1", 100);
    struct fz_payment payment;
    assert_refused(fz_payment_pay_by_code(tx, &party, &request, "134567890123459904", &payment), CODE_SHORT);
    assert_int_equal(number(&payments), 0); /* and the number is free */
    assert_booked(fz_payment_pay_by_code(tx, &party, &request, CODE, &payment));
}

/* ---- the password ---- */

static void above_3000_cny_a_password(void **state)
{
    (void)state;
    struct fz_party party = institution(), hongkong = direct();
    assert_int_equal(by_code(&party, 300000, false, "0000").state, FZ_PAYMENT_SUCCESS);
    struct fz_payment payment = by_code(&party, 300001, false, "0000");
    assert_int_equal(payment.state, FZ_PAYMENT_USERPAYING);
    assert_int_equal(payment_now(payment.id).state, FZ_PAYMENT_USERPAYING);
    assert_int_equal(payment.success_ms, 0);
    assert_int_equal(balance(FZ_ACCOUNT_PAYER, payment.id), 0);
    /* 3 592.82 HKD x 0.835 = 3 000.0047 CNY, 3 592.83 are 3 000.01 */
    struct fz_order_request in_hkd = order("H1", 359282), more = order("H2", 359283);
    in_hkd.currency = more.currency = "HKD";
    assert_booked(fz_payment_pay_by_code(tx, &hongkong, &in_hkd, "134567890123456780", &payment));
    assert_int_equal(payment.state, FZ_PAYMENT_SUCCESS);
    assert_booked(fz_payment_pay_by_code(tx, &hongkong, &more, "134567890123456781", &payment));
    assert_int_equal(payment.state, FZ_PAYMENT_USERPAYING);
}

static void the_payer_enters_it(void **state)
{
    (void)state;
    struct fz_party party = institution();
    struct fz_payment payment = by_code(&party, 400000, true, "0000"), before = payment;
    now_ms += PASSWORD_MS - 1;
    assert_booked(fz_rail_paid(tx, &payment, FZ_PAYER_DEBIT));
    struct fz_payment kept = payment_now(payment.id);
    assert_int_equal(kept.state, FZ_PAYMENT_SUCCESS);
    assert_int_equal(kept.success_ms, MONDAY_10_MS + PASSWORD_MS - 1);
    assert_int_equal(kept.payer_kind, FZ_PAYER_DEBIT);
    assert_int_equal(kept.funds_state, FZ_FUNDS_FREEZING);
    assert_int_equal(kept.distributable, 397600); /* 400 000 less 2 400 */
    assert_refused(fz_rail_paid(tx, &before, 0), ORDER_PAID);
    now_ms += PASSWORD_MS;
    assert_int_equal(payment_now(payment.id).state, FZ_PAYMENT_SUCCESS);
}

static void five_minutes_for_the_password(void **state)
{
    (void)state;
    struct fz_party party = institution();
    struct fz_payment payment = by_code(&party, 400000, false, "0000");
    now_ms = MONDAY_10_MS + PASSWORD_MS - 1;
    assert_int_equal(payment_now(payment.id).state, FZ_PAYMENT_USERPAYING);
    now_ms++;
    assert_int_equal(payment_now(payment.id).state, FZ_PAYMENT_PAYERROR);
    assert_refused(fz_rail_paid(tx, &payment, 0), ORDER_CLOSED);
    assert_int_equal(number(&entries), 0);
}

/* Four last digits say what the payer of a sandbox does. */
static void the_payers_of_a_sandbox(void **state)
{
    (void)state;
    struct fz_party party = institution();
    struct fz_payment enters = by_code(&party, 100, false, "9901"),
                      waits = by_code(&party, 100, false, "9902"),
                      gives_up = by_code(&party, 100, false, "9903"),
                      holds = by_code(&party, 100, false, "9905");
    const struct fz_payment *all[] = {&enters, &waits, &gives_up, &holds};
    static const enum fz_payment_state at_10_s[] = {FZ_PAYMENT_SUCCESS, FZ_PAYMENT_USERPAYING,
                                                    FZ_PAYMENT_PAYERROR, FZ_PAYMENT_USERPAYING},
                                       at_5_min[] = {FZ_PAYMENT_SUCCESS, FZ_PAYMENT_PAYERROR,
                                                     FZ_PAYMENT_PAYERROR, FZ_PAYMENT_PAYERROR};
    pass(MONDAY_10_MS + 10 * FZ_SECOND_MS - 1);
    for (int i = 0; i < 4; i++)
        assert_int_equal(payment_now(all[i]->id).state, FZ_PAYMENT_USERPAYING);
    pass(MONDAY_10_MS + 10 * FZ_SECOND_MS);
    for (int i = 0; i < 4; i++)
        assert_int_equal(payment_now(all[i]->id).state, at_10_s[i]);
    assert_int_equal(payment_now(enters.id).success_ms, MONDAY_10_MS + 10 * FZ_SECOND_MS);
    pass(MONDAY_10_MS + PASSWORD_MS);
    for (int i = 0; i < 4; i++)
        assert_int_equal(payment_now(all[i]->id).state, at_5_min[i]);
    assert_int_equal(number(&entries), 1);
}

static void who_pays_otherwise_enters_no_password_later(void **state)
{
    (void)state;
    struct fz_party party = institution();
    struct fz_payment payment = by_code(&party, 100, false, "9901");
    assert_booked(fz_rail_paid(tx, &payment, 0)); /* the control interface was quicker */
    pass(MONDAY_10_MS + FZ_MINUTE_MS);
    assert_int_equal(number(&entries), 1);
    assert_int_equal(payment_now(payment.id).success_ms, MONDAY_10_MS);
}

/* ---- reversing ---- */

static void what_was_not_paid_is_closed(void **state)
{
    (void)state;
    struct fz_party party = institution();
    struct fz_payment waiting = by_code(&party, 100, true, "9901"),
                      failed = by_code(&party, 100, true, "9903");
    pass(MONDAY_10_MS + 10 * FZ_SECOND_MS - 1);
    assert_booked(reverse(tx, &party, &waiting));
    assert_int_equal(due(FZ_EVENT_PASSWORD, waiting.id), -1);
    pass(MONDAY_10_MS + FZ_MINUTE_MS);
    assert_int_equal(payment_now(failed.id).state, FZ_PAYMENT_PAYERROR);
    assert_booked(reverse(tx, &party, &failed));
    const struct fz_payment *both[] = {&waiting, &failed};
    for (int i = 0; i < 2; i++) {
        struct fz_payment kept = payment_now(both[i]->id);
        assert_int_equal(kept.state, FZ_PAYMENT_REVOKED);
        assert_int_equal(kept.success_ms, 0);
        assert_refused(fz_rail_paid(tx, &kept, 0), ORDER_REVERSED);
        struct fz_refund_request refund = refund_request(&kept, 100);
        refund.transaction_id = NULL;
        refund.out_trade_no = kept.out_trade_no;
        assert_refused(fz_refund_submit(tx, &party, &refund, &(struct fz_refund){0}), ORDER_REVERSED);
    }
    assert_int_equal(number(&entries), 0);
}

static void what_was_paid_goes_back_whole(void **state)
{
    (void)state;
    struct fz_party party = institution();
    struct fz_payment other = paid(&party, "A1", 5000, false);
    struct fz_payment payment = by_code(&party, 10000, false, "0000");
    assert_int_equal(pool(INSTITUTION, FZ_POOL_SALES), 4970 + 9940);
    now_ms += FZ_MINUTE_MS;
    assert_booked(reverse(tx, &party, &payment));
    struct fz_payment kept = payment_now(payment.id);
    assert_int_equal(kept.state, FZ_PAYMENT_REVOKED);
    assert_int_equal(kept.success_ms, MONDAY_10_MS);
    assert_int_equal(kept.revoked_ms, MONDAY_10_MS + FZ_MINUTE_MS);
    assert_int_equal(kept.refunded, 10000);
    assert_int_equal(kept.refunded_fee, 60);
    assert_int_equal(pool(INSTITUTION, FZ_POOL_SALES), 4970);
    for (enum fz_account account = FZ_ACCOUNT_PAYER; account <= FZ_ACCOUNT_RECHARGED; account++)
        assert_int_equal(balance(account, payment.id), 0);
    assert_int_equal(balance(FZ_ACCOUNT_PAYER, other.id), -5000);
    assert_int_equal(number(&entries), 4); /* paid twice, refund accepted and arrived */

    struct fz_refund_page page;
    assert_booked(fz_refund_of_payment(tx, payment.id, 0, 10, &page));
    assert_int_equal(page.total, 1);
    assert_int_equal(page.list[0].state, FZ_REFUND_SUCCESS);
    assert_int_equal(page.list[0].amount, 10000);
    assert_int_equal(page.list[0].success_ms, MONDAY_10_MS + FZ_MINUTE_MS);
    char out_refund_no[FZ_OUT_REFUND_NO_SIZE];
    snprintf(out_refund_no, sizeof out_refund_no, "REVERSE%s", payment.transaction_id);
    assert_string_equal(page.list[0].out_refund_no, out_refund_no);

    struct fz_refund_request refund = refund_request(&kept, 1);
    assert_string_equal(submit(&party, &refund, NULL), "ORDER_REVERSED");
    assert_refused(fz_rail_paid(tx, &kept, 0), ORDER_REVERSED);
    assert_booked(reverse(tx, &party, &payment)); /* a repeat is fine, and moves nothing */
    assert_int_equal(number(&entries), 4);
}

static void frozen_money_goes_back_whole(void **state)
{
    (void)state;
    struct fz_party party = institution();
    struct fz_payment freezing = by_code(&party, 10000, true, "0000"),
                      kept = by_code(&party, 7777, true, "0000");
    assert_booked(reverse(tx, &party, &freezing));
    pass(now_ms + 5 * FZ_MINUTE_MS);
    assert_booked(fz_payment_reverse(tx, &party, kept.transaction_id, NULL));
    const struct fz_payment *both[] = {&freezing, &kept};
    for (int i = 0; i < 2; i++) {
        struct fz_payment now = payment_now(both[i]->id);
        assert_int_equal(now.state, FZ_PAYMENT_REVOKED);
        assert_int_equal(now.distributable, 0);
        assert_int_equal(balance(FZ_ACCOUNT_ORDER, now.id), 0);
        assert_int_equal(balance(FZ_ACCOUNT_FEE, now.id), 0);
        assert_int_equal(balance(FZ_ACCOUNT_PAYER, now.id), 0);
    }
    assert_int_equal(pool(INSTITUTION, FZ_POOL_OUTBOUND), 0);
    pass(now_ms + 181 * FZ_DAY_MS); /* nothing is left to release */
    assert_int_equal(balance(FZ_ACCOUNT_OUTBOUND, 0), 0);
}

static void only_on_the_day_of_payment(void **state)
{
    (void)state;
    struct fz_party party = institution();
    now_ms = MIDNIGHT_MS - FZ_MINUTE_MS;
    struct fz_payment in_time = by_code(&party, 100, false, "0000"),
                      late = by_code(&party, 100, false, "0000"),
                      waiting = by_code(&party, 100, false, "9902");
    now_ms = MIDNIGHT_MS - 1;
    assert_booked(reverse(tx, &party, &in_time));
    pass(MIDNIGHT_MS);
    assert_refused(reverse(tx, &party, &late), REVERSE_LATE);
    assert_booked(reverse(tx, &party, &in_time));
    assert_booked(reverse(tx, &party, &waiting)); /* it was never paid */
    assert_int_equal(payment_now(late.id).state, FZ_PAYMENT_SUCCESS);
    /* The day is that of the payment, not of the order. */
    now_ms = MIDNIGHT_MS + FZ_DAY_MS - 5 * FZ_SECOND_MS;
    struct fz_payment over_midnight = by_code(&party, 100, false, "9901");
    pass(MIDNIGHT_MS + FZ_DAY_MS + FZ_HOUR_MS);
    assert_booked(reverse(tx, &party, &over_midnight));
}

static void not_after_a_refund_or_a_distribution(void **state)
{
    (void)state;
    struct fz_party party = institution();
    effective(&party, RECEIVER);
    struct fz_payment in_part = by_code(&party, 10000, true, "0000"),
                      shared = by_code(&party, 10000, true, "0000"),
                      released = by_code(&party, 10000, true, "0000"),
                      again = by_code(&party, 10000, true, "0000");
    pass(now_ms + 5 * FZ_MINUTE_MS);
    (void)refunded(&party, &in_part, 1, 0);
    assert_refused(reverse(tx, &party, &in_part), REVERSE_PARTLY);
    distribute(&party, &shared, 1, 0, false);
    assert_refused(reverse(tx, &party, &shared), REVERSE_PARTLY);
    distribute(&party, &released, 0, 0, true);
    assert_refused(reverse(tx, &party, &released), REVERSE_PARTLY);
    struct fz_refund closed = refunded(&party, &again, 5000, 0);
    assert_refused(reverse(tx, &party, &again), REVERSE_PARTLY);
    assert_int_equal(outcome(&closed, FZ_REFUND_CLOSED), FZ_OK);
    assert_booked(reverse(tx, &party, &again)); /* all of it is there again */
    struct fz_payment failing = by_code(&party, 10000, true, "0000");
    pass(now_ms + 5 * FZ_MINUTE_MS);
    distribute(&party, &failing, 1000, 0, false);
    assert_refused(reverse(tx, &party, &failing), REVERSE_PARTLY);
    assert_booked(fz_receiver_penalise(tx, RECEIVER, NULL, NULL, true));
    pass(now_ms + FZ_MINUTE_MS);
    assert_booked(reverse(tx, &party, &failing));
}

static void not_while_the_payer_is_about_it(void **state)
{
    (void)state;
    struct fz_party party = institution();
    struct fz_payment payment = by_code(&party, 100, false, "9905");
    static const int64_t after_s[] = {0, 5, 9};
    for (int i = 0; i < 3; i++) {
        now_ms = MONDAY_10_MS + after_s[i] * FZ_SECOND_MS;
        assert_refused(reverse(tx, &party, &payment), ORDER_PAYING);
        assert_int_equal(payment_now(payment.id).state, FZ_PAYMENT_USERPAYING);
    }
    now_ms = MONDAY_10_MS + 10 * FZ_SECOND_MS;
    assert_booked(reverse(tx, &party, &payment));
    assert_int_equal(payment_now(payment.id).state, FZ_PAYMENT_REVOKED);
}

static void the_days_sales_pay_for_it(void **state)
{
    (void)state;
    struct fz_party party = institution();
    struct fz_payment yesterdays = paid(&party, "A1", 10000, false);
    pass(now_ms + FZ_DAY_MS);
    struct fz_payment payment = by_code(&party, 10000, false, "0000");
    (void)refunded(&party, &yesterdays, 1000, 0); /* out of today's sales */
    assert_refused(reverse(tx, &party, &payment), REFUND_SHORT);
    assert_int_equal(payment_now(payment.id).state, FZ_PAYMENT_SUCCESS);
    assert_int_equal(number(&entries), 4); /* paid twice, yesterday's converted, its refund */
    (void)paid(&party, "A2", 10000, false);
    assert_booked(reverse(tx, &party, &payment));
}

static void other_orders_are_closed_and_these_reversed(void **state)
{
    (void)state;
    struct fz_party party = institution(), stranger = direct();
    struct fz_payment native = paid(&party, "A1", 100, false), open = unpaid(&party);
    assert_refused(reverse(tx, &party, &native), ORDER_NOT_BY_CODE);
    assert_refused(fz_payment_reverse(tx, &party, native.transaction_id, NULL), ORDER_NOT_BY_CODE);
    assert_refused(reverse(tx, &party, &open), ORDER_NOT_BY_CODE);
    static const char *const endings[] = {"0000", "9902", "9903"};
    for (int i = 0; i < 3; i++) {
        struct fz_payment payment = by_code(&party, 100, false, endings[i]);
        now_ms += FZ_MINUTE_MS;
        for (int time = 0; time < 2; time++) {
            assert_refused(fz_payment_close(tx, &party, NULL, payment.out_trade_no), ORDER_BY_CODE);
            assert_int_equal(BOOK(reverse(tx, &stranger, &payment)), FZ_ABSENT);
            assert_booked(reverse(tx, &party, &payment));
        }
    }
    assert_int_equal(BOOK(fz_payment_reverse(tx, &party, NULL, "nothing")), FZ_ABSENT);
    assert_int_equal(BOOK(fz_payment_reverse(tx, &party, "4200", NULL)), FZ_ABSENT);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, sandbox_new, sandbox_audit_and_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_code_pays_at_once),
        TEST(a_code_has_18_digits_and_begins_with_10_to_15),
        TEST(a_code_belongs_to_one_order),
        TEST(a_payer_without_money),
        TEST(above_3000_cny_a_password),
        TEST(the_payer_enters_it),
        TEST(five_minutes_for_the_password),
        TEST(the_payers_of_a_sandbox),
        TEST(who_pays_otherwise_enters_no_password_later),
        TEST(what_was_not_paid_is_closed),
        TEST(what_was_paid_goes_back_whole),
        TEST(frozen_money_goes_back_whole),
        TEST(only_on_the_day_of_payment),
        TEST(not_after_a_refund_or_a_distribution),
        TEST(not_while_the_payer_is_about_it),
        TEST(the_days_sales_pay_for_it),
        TEST(other_orders_are_closed_and_these_reversed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
