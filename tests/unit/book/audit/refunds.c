/* What the audit finds in refunds: what they repeat of their order, how their parts and shares add up, their
 * states and times, and the recharged balances that some of them are paid from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "unit/book/audit/audited.h"

#define SET(name, what) "UPDATE refund SET " what " WHERE refund_id = '" name "'"
#define SUM(account, kept, due)                                                                              \
    "account " #account ": its sum is " #kept " but orders, distributions and refunds call for " #due
#define CALLS(name, what, due, account, is)                                                                  \
    "refund " name ": its " what " calls for " #due " on account " #account " but the journal says " #is

/* ---- what a refund repeats of its order ---- */

static void what_it_repeats(void **state)
{
    (void)state;
#define NUMBER   "refund TOPPED-BACK: its merchant or order number is not its order's"
#define CURRENCY "refund WAY-BACK: a currency of it is not its order's"
    static const struct plant plants[] = {
        {SET("TOPPED-BACK", "sub_mchid = '1900000110'"), NUMBER},
        {SET("TOPPED-BACK", "transaction_id = 'CODE'"), NUMBER},
        {SET("TOPPED-BACK", "out_trade_no = 'CODE'"), NUMBER},
        {SET("WAY-BACK", "caller = '1900000200'"),
         "refund WAY-BACK: its merchant or order number is not its order's\n" CALLS(
             "WAY-BACK", "acceptance", 1000, refunding,
             1000) "\n" CALLS("WAY-BACK", "acceptance", -994, order,
                              -994) "\n" CALLS("WAY-BACK", "acceptance", -6, fee, -6)},
        {SET("WAY-BACK", "currency = 'USD'"), CURRENCY},
        {SET("WAY-BACK", "payer_currency = 'USD'"), CURRENCY},
        {SET("WAY-BACK", "settlement_currency = 'HKD'"), CURRENCY},
        {SET("WAY-BACK", "marked = 0"),
         "refund WAY-BACK: it is marked and its order is not, or the other way round\n"
         "refund WAY-BACK: its acceptance calls for nothing on account order but the journal says -994\n"
         "refund WAY-BACK: its acceptance calls for -994 on account sales and the journal lacks it"},
        {SET("WAY-BACK", "coupon_type = 1"), "refund WAY-BACK: coupon_type is 1 but its order says 0"},
        {SET("WAY-BACK", "coupon_amount = 1"), "refund WAY-BACK: coupon_amount is 1 but its order says 0"},
        {SET("WAY-BACK", "fee_rate = 61"), "refund WAY-BACK: fee_rate is 61 but its order says 60"},
        {SET("WAY-BACK", "settlement_rate = 650000001"),
         "refund WAY-BACK: settlement_rate is 650000001 but its order says 650000000"},
        {SET("WAY-BACK", "order_success_ms = order_success_ms - 1"),
         "refund WAY-BACK: order_success_ms is 1767758399999 but its order says 1767758400000"},
    };
    ASSERT_PLANTS(plants);
}

/* S-RQ exchange_rate: price and payer's currency the same, and the settlement's too (ABROAD); or two. */
static void its_rate(void **state)
{
    (void)state;
#define RATE(name, is, due) "refund " name ": rate is " #is " but its order says " #due
#define TYPE(name, is, due) "refund " name ": rate_type is " #is " but its currencies call for " #due
    static const struct plant plants[] = {
        {SET("WAY-BACK", "rate_type = 2"), TYPE("WAY-BACK", 2, 1)},
        {SET("WAY-BACK", "rate = 650000001"), RATE("WAY-BACK", 650000001, 650000000)},
        {SET("WAY-BACK", "rate = 100000000"), RATE("WAY-BACK", 100000000, 650000000)},
        {SET("ABROAD-BACK", "rate_type = 2"), TYPE("ABROAD-BACK", 2, 1)},
        {SET("ABROAD-BACK", "rate = 650000000"), RATE("ABROAD-BACK", 650000000, 100000000)},
        {SET("MIXED-BACK", "rate_type = 1"), TYPE("MIXED-BACK", 1, 2)},
        {SET("MIXED-BACK", "rate = 650000000"), RATE("MIXED-BACK", 650000000, 640000000)},
        {SET("HKD-BACK", "rate = 83500001"), RATE("HKD-BACK", 83500001, 83500000)},
    };
    ASSERT_PLANTS(plants);
}

/* ---- its amounts ---- */

/* 100 times what an amount may be. What is out of range is not calculated with. */
static void amounts_out_of_range(void **state)
{
    (void)state;
    static const char *const names[] = {"amount",         "payer_refund", "coupon_refund", "settled",
                                        "coupon_settled", "own_gross",    "own_fee",       "own_net",
                                        "funds_gross",    "funds_fee",    "funds_net",     "recharged"};
    static const struct {
        const char *amount;
        bool can_be;
    } amounts[] = {{"-1", false}, {"0", true}, {"10000000000000", true}, {"10000000000001", false}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        for (size_t at = 0; at < sizeof amounts / sizeof amounts[0]; at++) {
            char line[120];
            (void)snprintf(line, sizeof line, "refund DISCOUNT-CLOSED: %s is %s, which no amount can be",
                           names[i], amounts[at].amount);
            spoil("UPDATE refund SET %s = %s WHERE id = 6", names[i], amounts[at].amount);
            if (is_found(line) == amounts[at].can_be)
                fail_msg("%s", line);
            mend();
        }
    assert_sound();
}

/* Then it counts for nothing in its order, and calls for nothing in the journal. */
static void senseless_refunds(void **state)
{
    (void)state;
    static const struct plant plants[] = {
        {SET("WAY-BACK", "settled = -1"),
         "refund WAY-BACK: settled is -1, which no amount can be\n"
         "payment HALFWAY: refunded is 1000 but its refunds come to 0\n"
         "payment HALFWAY: refunded_settled is 1000 but its refunds come to 0\n"
         "payment HALFWAY: refunded_fee is 6 but its refunds come to 0\n"
         "payment HALFWAY: refunded_payer is 1000 but its refunds come to 0\n"
         "payment HALFWAY: refund_count is 1 but its refunds come to 0\n"
         "payment HALFWAY: last_refund_ms is 1767758760000 but its last one is of 0\n"
         "payment HALFWAY: distributable is 7946 but what is left is 8940\n"
         "entry 73: the state of refund WAY-BACK calls for no acceptance\n" SUM(refunding, 4500, 3500)},
    };
    ASSERT_PLANTS(plants);
}

static void its_parts(void **state)
{
    (void)state;
#define OF_NOTHING "refund SHARED-BACK: a part of nothing has a fee or a net"
    static const struct plant plants[] = {
        {SET("WAY-BACK", "amount = 1001, payer_refund = 1001") "; UPDATE payment SET refunded = 1001, "
                                                               "refunded_payer = 1001 WHERE id = 22",
         "refund WAY-BACK: amount is 1001 but its parts come to 1000"},
        {SET("SHARED-BACK", "funds_gross = 1029"),
         "refund SHARED-BACK: amount is 6000 but its parts come to 5999"},
        {SET("SHARED-BACK", "own_gross = 4971"),
         "refund SHARED-BACK: amount is 6000 but its parts come to 6001"},
        /* A fen from the order, the rest from the advance balance; and none. */
        {SET("SHARED-BACK", "own_gross = 1, funds_gross = 5999"), ""},
        {SET("SHARED-BACK", "own_gross = 0, funds_gross = 6000"), OF_NOTHING},
        {SET("SHARED-BACK", "own_gross = 5999, funds_gross = 1"), ""},
        {SET("SHARED-BACK", "own_gross = 6000, funds_gross = 0"), OF_NOTHING},
        {SET("WAY-BACK", "funds_fee = 1, own_fee = 5"),
         "refund WAY-BACK: a part of nothing has a fee or a net"},
        {SET("SALE-3-BACK", "own_gross = 999, funds_gross = 1"),
         "refund SALE-3-BACK: an unmarked order's refund has a part from the advance balance"},
        {SET("WAY-BACK", "settled = 1001"),
         "refund WAY-BACK: settled is 1001 but its parts come to 1000\n"
         "payment HALFWAY: refunded_settled is 1000 but its refunds come to 1001\n" CALLS(
             "WAY-BACK", "acceptance", 1001, refunding, 1000) "\n" SUM(refunding, 4500, 4501)},
        {SET("WAY-BACK", "own_net = 993"),
         "refund WAY-BACK: settled is 1000 but its parts come to 999\n"
         "payment HALFWAY: distributable is 7946 but what is left is 7947\n" CALLS("WAY-BACK", "acceptance",
                                                                                   -993, order, -994)},
        {SET("SHARED-BACK", "funds_fee = 7"),
         "refund SHARED-BACK: settled is 6000 but its parts come to 6001\n"
         "payment SHARED: refunded_fee is 36 but its refunds come to 37\n" CALLS("SHARED-BACK", "acceptance",
                                                                                 -37, fee, -36)},
        {SET("SHARED-BACK", "funds_net = 1023"),
         "refund SHARED-BACK: settled is 6000 but its parts come to 5999\n" CALLS("SHARED-BACK", "acceptance",
                                                                                  -1023, outbound, -1024)},
    };
    ASSERT_PLANTS(plants);
}

/* The payer's share and the voucher's of what was settled. */
static void its_shares(void **state)
{
    (void)state;
#define WHOLE(name, is, what, due) "refund " name ": payer_refund and voucher is " #is " but " what " " #due
#define OF_AMOUNT                  "what was settled of the amount is"
#define PAYER(name, is, due)       "payment " name ": refunded_payer is " #is " but its refunds come to " #due
#define COUPON(name, is, due)      "payment " name ": refunded_coupon is " #is " but its refunds come to " #due
    static const struct plant plants[] = {
        {SET("WAY-BACK", "payer_refund = 999"),
         WHOLE("WAY-BACK", 999, OF_AMOUNT, 1000) "\n" PAYER("HALFWAY", 1000, 999)},
        {SET("COUPON-STUCK", "payer_refund = 2401"),
         WHOLE("COUPON-STUCK", 2501, OF_AMOUNT, 2500) "\n" PAYER("COUPON", 4800, 4801)},
        /* A DISCOUNT was never paid: 2 000 less 100 are 1 900. */
        {SET("DISCOUNT-BACK", "payer_refund = 2000"),
         WHOLE("DISCOUNT-BACK", 2000, OF_AMOUNT, 1900) "\n" PAYER("DISCOUNT", 1900, 2000)},
        {SET("ABROAD-BACK", "payer_refund = 301"),
         WHOLE("ABROAD-BACK", 301, OF_AMOUNT, 300) "\n" PAYER("ABROAD", 300, 301)},
        {SET("MIXED-BACK", "payer_refund = 12099"),
         WHOLE("MIXED-BACK", 12799, "settled is", 12800) "\n" PAYER(
             "MIXED", 12100,
             12099) "\n"
                    "payment MIXED: refunded_payer comes to 12099, where a full refund gives back 12100"},
        /* 5 000 at 0.835 are 5 988: of up to 50 refunds before, each may have rounded by a unit. */
        {SET("HKD-BACK", "payer_refund = 5539") "; UPDATE payment SET refunded_payer = 5539 WHERE id = 12",
         ""},
        {SET("HKD-BACK", "payer_refund = 5540") "; UPDATE payment SET refunded_payer = 5540 WHERE id = 12",
         "refund HKD-BACK: payer_refund and voucher are not what was settled"},
        {SET("HKD-BACK", "payer_refund = 5437") "; UPDATE payment SET refunded_payer = 5437 WHERE id = 12",
         ""},
        {SET("HKD-BACK", "payer_refund = 5436") "; UPDATE payment SET refunded_payer = 5436 WHERE id = 12",
         "refund HKD-BACK: payer_refund and voucher are not what was settled"},
        {SET("COUPON-STUCK", "coupon_refund = 99, payer_refund = 2401"),
         "refund COUPON-STUCK: coupon_settled is 100 but coupon_refund is 99\n" COUPON(
             "COUPON", 200, 199) "\n" PAYER("COUPON", 4800, 4801)},
        {SET("WAY-BACK", "coupon_settled = 1"),
         "refund WAY-BACK: coupon_settled is more than settled or without a COUPON\n"
         "payment HALFWAY: coupon_settled comes to 1, where a full refund gives back 0\n" CALLS(
             "WAY-BACK", "acceptance", 999, refunding, 1000) "\n"
                                                             "refund WAY-BACK: its acceptance calls for 1 on "
                                                             "account refunding and the journal lacks it"},
        /* All of what was settled, and a fen more; 835 is what the voucher is worth. */
        {SET("HKD-BACK",
             "coupon_settled = 5000") "; UPDATE posting SET amount = 5000 WHERE id = 8961; DELETE FROM "
                                      "posting WHERE id = 8960;"
                                      "UPDATE posting SET id = id - 1 WHERE id BETWEEN 8961 AND 8963;"
                                      "UPDATE posting SET amount = -5000 WHERE id = 13569; UPDATE posting "
                                      "SET amount = 5000 WHERE id = 13571;"
                                      "DELETE FROM posting WHERE id IN (13568, 13570); UPDATE posting SET id "
                                      "= 13568 WHERE id = 13569;"
                                      "UPDATE posting SET id = 13569 WHERE id = 13571",
         "payment HKD: coupon_settled comes to 5000, where a full refund gives back 835"},
        {SET("HKD-BACK", "coupon_settled = 5001") "; UPDATE posting SET amount = -1 WHERE id = 8960; UPDATE "
                                                  "posting SET amount = 5001 WHERE id = 8961;"
                                                  "UPDATE posting SET amount = 1 WHERE id = 13568; UPDATE "
                                                  "posting SET amount = -5001 WHERE id = 13569;"
                                                  "UPDATE posting SET amount = -1 WHERE id = 13570; UPDATE "
                                                  "posting SET amount = 5001 WHERE id = 13571",
         "refund HKD-BACK: coupon_settled is more than settled or without a COUPON\n"
         "payment HKD: coupon_settled comes to 5001, where a full refund gives back 835"},
        {SET("HKD-BACK",
             "coupon_refund = 1000, payer_refund = 4988") "; UPDATE payment SET refunded_coupon = 1000, "
                                                          "refunded_payer = 4988 WHERE id = 12",
         ""},
        {SET("HKD-BACK",
             "coupon_refund = 1001, payer_refund = 4987") "; UPDATE payment SET refunded_coupon = 1001, "
                                                          "refunded_payer = 4987 WHERE id = 12",
         "refund HKD-BACK: coupon_refund is more than the voucher\n"
         "payment HKD: refunded_coupon comes to 1001, where a full refund gives back 1000"},
    };
    ASSERT_PLANTS(plants);
}

/* ---- its state ---- */

static void its_state(void **state)
{
    (void)state;
#define SUCCESS(name) "refund " name ": its state and success_ms do not fit"
#define CLOSED(name)  "refund " name ": its state and closed_ms do not fit"
#define BILL(name)    "refund " name ": its state and bill_day do not fit"
    static const struct plant plants[] = {
        {SET("WAY-BACK", "success_ms = 1"), SUCCESS("WAY-BACK")},
        {SET("COUPON-STUCK", "success_ms = 1"), SUCCESS("COUPON-STUCK")},
        {SET("TOPPED-CLOSED", "success_ms = 1"), SUCCESS("TOPPED-CLOSED")},
        {SET("WAY-BACK", "closed_ms = 1"), CLOSED("WAY-BACK")},
        {SET("COUPON-STUCK", "closed_ms = 1"), CLOSED("COUPON-STUCK")},
        {SET("TOPPED-BACK", "closed_ms = 1"), CLOSED("TOPPED-BACK")},
        {SET("TOPPED-BACK", "success_ms = NULL"),
         SUCCESS("TOPPED-BACK") "\n"
                                "the journal's entries for the arrival of a refund are not those that the "
                                "rows call for"},
        {SET("TOPPED-CLOSED", "closed_ms = NULL"),
         CLOSED("TOPPED-CLOSED") "\n"
                                 "the journal's entries for the closing of a refund are not those that the "
                                 "rows call for"},
        /* One step before the first, and one behind the last: neither is decided. */
        {SET("WAY-BACK", "state = 0"), SUCCESS("WAY-BACK")},
        {SET("WAY-BACK", "state = 5"), SUCCESS("WAY-BACK")},
        {SET("WAY-BACK", "state = 4"), ""},
        /* On the bill of its day is what succeeded of a marked order, from the order or the advance balance.
         */
        {SET("WAY-BACK", "bill_day = 20460"), BILL("WAY-BACK")},
        {SET("DISCOUNT-CLOSED", "bill_day = 20458"), BILL("DISCOUNT-CLOSED")},
        {SET("ABROAD-BACK", "bill_day = 20458"), BILL("ABROAD-BACK")},
        {SET("TOPPED-BACK", "bill_day = 20458"), BILL("TOPPED-BACK")},
        {SET("HKD-BACK", "bill_day = NULL"), BILL("HKD-BACK")},
        {SET("HKD-BACK", "bill_day = 20457"), BILL("HKD-BACK")},
        {SET("HKD-BACK", "bill_day = 20459"), BILL("HKD-BACK")},
        /* To the millisecond: 2026-01-06T00:00+08:00. */
        {SET("HKD-BACK",
             "success_ms = 1767628799999") "; UPDATE entry SET time_ms = 1767628799999 WHERE id = 53",
         ""},
        {SET("HKD-BACK",
             "success_ms = 1767628800000") "; UPDATE entry SET time_ms = 1767628800000 WHERE id = 53",
         BILL("HKD-BACK")},
    };
    ASSERT_PLANTS(plants);
}

/* ---- the recharged balance ---- */

#define BALANCE "recharged balance of 1900000100 in USD: it is "
#define COMES   " but recharges less refunds come to "

/* 994 net of TOPPED-BACK at 6.5 are 153; with the 459 of TOPPED-CLOSED, which came back, 5 000 - 153 = 4 847.
 */
static void paid_from_the_recharged_balance(void **state)
{
    (void)state;
    static const struct plant plants[] = {
        {SET("WAY-BACK", "fund_source = 0"), "refund WAY-BACK: its fund_source is none"},
        {SET("WAY-BACK", "fund_source = 3"), "refund WAY-BACK: its fund_source is none"},
        {SET("TOPPED-BACK", "own_gross = 999, funds_gross = 1"),
         "refund TOPPED-BACK: it has two sources, and one of them is the recharged balance"},
        {SET("WAY-BACK", "recharged = 1"), "refund WAY-BACK: recharged is 1 but its source calls for 0"},
        {SET("TOPPED-BACK", "recharged = 154"),
         "refund TOPPED-BACK: recharged is 154 but its source calls for 153\n" BALANCE "4847" COMES
         "4846\n" CALLS("TOPPED-BACK", "acceptance", -154, recharged,
                        -153) "\n" CALLS("TOPPED-BACK", "acceptance", 154, conversion, 153)},
        {SET("TOPPED-CLOSED", "recharged = 458"),
         "refund TOPPED-CLOSED: recharged is 458 but its source calls for 459\n" CALLS(
             "TOPPED-CLOSED", "acceptance", -458, recharged,
             -459) "\n" CALLS("TOPPED-CLOSED", "acceptance", 458, conversion,
                              459) "\n" CALLS("TOPPED-CLOSED", "closing", 458, recharged,
                                              459) "\n" CALLS("TOPPED-CLOSED", "closing", -458, conversion,
                                                              -459)},
        /* At a rate that cannot be nothing is calculated; but of another source it is 0 at any rate. */
        {SET("TOPPED-BACK", "settlement_rate = 0"),
         "refund TOPPED-BACK: settlement_rate is 0 but its order says 650000000"},
        {SET("WAY-BACK", "settlement_rate = 0, recharged = 1"),
         "refund WAY-BACK: settlement_rate is 0 but its order says 650000000\n"
         "refund WAY-BACK: recharged is 1 but its source calls for 0"},
        /* Out of the order's own money instead. */
        {SET("TOPPED-BACK", "fund_source = 1, recharged = 0, bill_day = 20458"),
         "payment TOPPED: distributable is 9940 but what is left is 8946\n" BALANCE "4847" COMES "5000\n"
         "refund TOPPED-BACK: its acceptance calls for nothing on account recharged but the journal says "
         "-153\n"
         "refund TOPPED-BACK: its acceptance calls for nothing on account conversion but the journal says "
         "153\n"
         "refund TOPPED-BACK: its acceptance calls for nothing on account conversion but the journal says "
         "-994\n"
         "refund TOPPED-BACK: its acceptance calls for -994 on account order and the journal lacks it"},
    };
    ASSERT_PLANTS(plants);
}

static void recharged_balances(void **state)
{
    (void)state;
    /* A balance that is not there gave nothing, and not a cent. */
    for (int cents = 0; cents <= 1; cents++) {
        spoil("DELETE FROM recharged WHERE currency = 'USD'; UPDATE refund SET recharged = %d WHERE"
              " refund_id = 'TOPPED-BACK'",
              cents);
        assert_int_equal(is_found("refund TOPPED-BACK: the recharged balance that it took from is not there"),
                         cents);
        mend();
    }
    static const struct plant plants[] = {
        {"UPDATE recharged SET balance = 4848 WHERE currency = 'USD'", BALANCE "4848" COMES "4847"},
        {"UPDATE recharged SET balance = 4846 WHERE currency = 'USD'", BALANCE "4846" COMES "4847"},
        /* Below 0: 5 000 less 153 less 4 847 would be nothing yet. */
        {"UPDATE recharge SET amount = 153 WHERE id = 1; UPDATE posting SET amount = amount / 5000 * 153"
         " WHERE entry = 36; UPDATE recharged SET balance = 0 WHERE currency = 'USD'",
         ""},
        {"UPDATE recharge SET amount = 152 WHERE id = 1; UPDATE posting SET amount = amount / 5000 * 152"
         " WHERE entry = 36; UPDATE recharged SET balance = -1 WHERE currency = 'USD'",
         "recharged balance of 1900000100 in USD: it is below 0"},
        {"UPDATE recharge SET amount = 5001 WHERE id = 1",
         BALANCE "4847" COMES "4848\n"
                 "recharge 1: its booking calls for -5001 on account bank but the journal says -5000\n"
                 "recharge 1: its booking calls for 5001 on account recharged but the journal says 5000"},
        {"UPDATE recharge SET amount = -1 WHERE id = 1",
         "recharge 1: amount is -1, which no amount can be\n" BALANCE "4847" COMES "-154\n"
         "entry 36: the state of recharge 1 calls for no booking"},
        /* One of nothing calls for nothing. */
        {"INSERT INTO recharge VALUES (50, '1900000200', 'CNY', 0, 5)", ""},
        {"UPDATE recharge SET created_ms = created_ms + 1 WHERE id = 1",
         "recharge 1: its booking is not of the time that the journal says"},
        {"DELETE FROM recharged WHERE currency = 'CNY'", "recharge 2: its balance is not there"},
        {"DELETE FROM recharged WHERE currency = 'USD'",
         "recharge 1: its balance is not there\n"
         "refund TOPPED-CLOSED: the recharged balance that it took from is not there\n"
         "refund TOPPED-BACK: the recharged balance that it took from is not there"},
        {"UPDATE recharge SET mchid = '1900000999' WHERE id = 2",
         "recharge 2: its balance is not there\n"
         "recharge 2: merchant 1900000999 is not there\n"
         "recharged balance of 1900000200 in CNY: it is 20000" COMES "0\n"
         "recharge 2: its booking calls for -20000 on account bank but the journal says -20000\n"
         "recharge 2: its booking calls for 20000 on account recharged but the journal says 20000"},
        /* By sponsor and by currency: another one's is none of it. */
        {"UPDATE recharged SET currency = 'HKD' WHERE currency = 'CNY'",
         "recharge 2: its balance is not there\n"
         "recharged balance of 1900000200 in HKD: it is 20000" COMES "0"},
    };
    ASSERT_PLANTS(plants);
}

int main(void)
{
#define TEST(name) cmocka_unit_test(name)
    const struct CMUnitTest tests[] = {
        TEST(what_it_repeats),
        TEST(its_rate),
        TEST(amounts_out_of_range),
        TEST(senseless_refunds),
        TEST(its_parts),
        TEST(its_shares),
        TEST(its_state),
        TEST(paid_from_the_recharged_balance),
        TEST(recharged_balances),
    };
    return cmocka_run_group_tests_name("book/audit_refunds", tests, audited_begin, audited_end);
}
