/* What the audit finds in orders: their numbers against what was ordered, what their refunds and
 * distributions come to, their states, codes and merchants, and what has to go on by itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/book/audit/audited.h"

#define SET(name, what) "UPDATE payment SET " what " WHERE out_trade_no = '" name "'"
#define SUM(account, kept, due)                                                                              \
    "account " #account ": its sum is " #kept " but orders, distributions and refunds call for " #due

#define COMES(what, to, all) "payment MIXED: " what " comes to " to ", where a full refund gives back " all

/* ---- what no order can have: shown with OPEN, which is not paid and of which nothing follows ---- */

#define NONE "order OPEN: a currency, a rate or an amount is none that an order can have"

static void what_no_order_can_have(void **state)
{
    (void)state;
    static const struct plant plants[] = {
        {SET("OPEN", "amount = 1"), ""},
        {SET("OPEN", "amount = 0"), NONE},
        {SET("OPEN", "amount = 100000000000"), ""},
        {SET("OPEN", "amount = 100000000001"), NONE},
        {SET("OPEN", "fee_rate = 0"), ""},
        {SET("OPEN", "fee_rate = -1"), NONE},
        {SET("OPEN", "fee_rate = 10000"), ""},
        {SET("OPEN", "fee_rate = 10001"), NONE},
        {SET("OPEN", "coupon_amount = -1"), NONE},
        {SET("OPEN", "coupon_amount = 100000000000"), ""},
        {SET("OPEN", "coupon_amount = 100000000001"), NONE},
        /* 0.00001 to 1 000 CNY for a unit. */
        {SET("OPEN", "payment_rate = 1000"), ""},
        {SET("OPEN", "payment_rate = 999"), NONE},
        {SET("OPEN", "payment_rate = 100000000000"), ""},
        {SET("OPEN", "payment_rate = 100000000001"), NONE},
        {SET("OPEN", "settlement_rate = 1000"), ""},
        {SET("OPEN", "settlement_rate = 999"), NONE},
        {SET("OPEN", "settlement_rate = 100000000000"), ""},
        {SET("OPEN", "settlement_rate = 100000000001"), NONE},
        {SET("OPEN", "currency = 'XXX'"), NONE},
        {SET("OPEN", "payer_currency = 'XXX'"), NONE},
        {SET("OPEN", "settlement_currency = 'XXX'"), NONE},
        /* Of two currencies one is CNY, or they are the same. */
        {SET("OPEN", "currency = 'USD'"), ""},
        {SET("OPEN", "payer_currency = 'USD'"), ""},
        {SET("OPEN", "currency = 'USD', payer_currency = 'USD'"), ""},
        {SET("OPEN", "currency = 'USD', payer_currency = 'HKD'"), NONE},
    };
    ASSERT_PLANTS(plants);
}

#define UNPAID          "order OPEN: it is not paid, and has money"
#define RANGE(what, is) "order OPEN: " what " is " is ", which no amount can be"

static void amounts_out_of_range(void **state)
{
    (void)state;
    static const struct plant plants[] = {
        {SET("OPEN", "settled = -1"), RANGE("settled", "-1")},
        {SET("OPEN", "settled = 10000000000000"), UNPAID},
        {SET("OPEN", "settled = 10000000000001"), RANGE("settled", "10000000000001")},
        {SET("OPEN", "fee = -1"), RANGE("fee", "-1")},
        {SET("OPEN", "fee = 10000000000001"), RANGE("fee", "10000000000001")},
        {SET("OPEN", "payer_total = -1"), RANGE("payer_total", "-1")},
        {SET("OPEN", "payer_total = 10000000000001"), RANGE("payer_total", "10000000000001")},
        {SET("OPEN", "distributable = -1"), RANGE("distributable", "-1")},
        {SET("OPEN", "distributable = 10000000000001"), RANGE("distributable", "10000000000001")},
        {SET("OPEN", "refunded_fee = -1"), RANGE("refunded_fee", "-1")},
        {SET("OPEN", "refunded_fee = 10000000000001"), RANGE("refunded_fee", "10000000000001")},
        /* Each is told, also beside another. */
        {SET("OPEN", "settled = -1, refunded_fee = -1"),
         RANGE("settled", "-1") "\n" RANGE("refunded_fee", "-1")},
    };
    ASSERT_PLANTS(plants);
}

static void unpaid_orders(void **state)
{
    (void)state;
    static const struct plant plants[] = {
        {SET("OPEN", "marked = 1"), ""},
        {SET("OPEN", "settled = 1"), UNPAID},
        {SET("OPEN", "fee = 1"), UNPAID},
        {SET("OPEN", "payer_total = 1"), UNPAID},
        {SET("OPEN", "success_ms = 1"), UNPAID},
        {SET("OPEN", "funds_state = 3"), UNPAID},
        {SET("SHUT", "settled = 1"), "order SHUT: it is not paid, and has money"},
        {SET("ASKED", "settled = 1"), "payment ASKED: it is not paid, and has money"},
        {SET("OPEN", "distributable = 1"), "order OPEN: distributable is 1 but what is left is 0"},
    };
    ASSERT_PLANTS(plants);
}

/* ---- what follows from what was ordered ---- */

static void what_was_settled(void **state)
{
    (void)state;
    static const struct plant plants[] = {
        {SET("SALE-2", "settled = 9999"),
         "payment SALE-2: settled is 9999 but from the order follows 10000\n"
         "payment SALE-2: its payment calls for -9999 on account payer but the journal says -10000\n"
         "payment SALE-2: its payment calls for 9939 on account sales but the journal says 9940"},
        {SET("SALE-2", "fee = 61"),
         "payment SALE-2: fee is 61 but from the order follows 60\n"
         "payment SALE-2: its payment calls for 61 on account fee but the journal says 60\n"
         "payment SALE-2: its payment calls for 9939 on account sales but the journal says 9940\n" SUM(
             fee, 21087, 21088)},
        {SET("SALE-2", "payer_total = 9999"),
         "payment SALE-2: payer_total is 9999 but from the order follows 10000"},
        {SET("SALE-2", "payer_total = 10001"),
         "payment SALE-2: payer_total is 10001 but from the order follows 10000"},
        {SET("DISCOUNT", "payer_total = 10000"),
         "payment DISCOUNT: payer_total is 10000 but from the order follows 9500"},
        {SET("COUPON", "payer_total = 10000"),
         "payment COUPON: payer_total is 10000 but from the order follows 9600"},
        {SET("HKD", "payer_total = 10977"),
         "payment HKD: payer_total is 10977 but from the order follows 10976"},
        {SET("MIXED", "payer_total = 12101"),
         "payment MIXED: payer_total is 12101 but from the order follows 12100\n" COMES("refunded_payer",
                                                                                        "12100", "12101")},
        {SET("ABROAD", "payer_total = 3001"),
         "payment ABROAD: payer_total is 3001 but from the order follows 3000"},
    };
    ASSERT_PLANTS(plants);
}

static void states_of_paid_orders(void **state)
{
    (void)state;
    static const struct plant plants[] = {
        {SET("FREEZING", "success_ms = 0"),
         "payment FREEZING: it is paid without a time\n"
         "the journal's entries for the payment of a payment are not those that the rows call for"},
        {SET("FREEZING", "success_ms = success_ms + 1"),
         "payment FREEZING: its payment is not of the time that the journal says"},
        {SET("FREEZING", "funds_state = 0"),
         "payment FREEZING: it is marked and its funds have no state, or the other way round"},
        {SET("SALE-2", "funds_state = 3"),
         "payment SALE-2: it is marked and its funds have no state, or the other way round"},
        {SET("FREEZING", "coupon_type = 1"),
         "payment FREEZING: it has a voucher without an amount, or the other way round"},
        {SET("FREEZING", "coupon_amount = 1"),
         "payment FREEZING: it has a voucher without an amount, or the other way round"},
        /* At par the foreign amount is worth what was settled. */
        {SET("FREEZING", "currency = 'USD', payer_currency = 'USD', settlement_rate = 100000000"),
         "payment FREEZING: it is marked and not priced in CNY"},
        {SET("SALE-3", "state = 1"),
         "refund SALE-3-BACK: its order is not paid\n"
         "payment SALE-3: it is not paid, and has money\n"
         "entry 66: the state of payment SALE-3 calls for no payment\n" SUM(fee, 21087, 21033)},
    };
    ASSERT_PLANTS(plants);
}

/* ---- what refunds and distributions come to ---- */

static void sums_of_refunds(void **state)
{
    (void)state;
    static const struct plant plants[] = {
        {SET("SALE", "refunded = 5001"), "payment SALE: refunded is 5001 but its refunds come to 5000"},
        {SET("SALE", "refunded_settled = 4999"),
         "payment SALE: refunded_settled is 4999 but its refunds come to 5000"},
        {SET("SALE", "refunded_fee = 31"),
         "payment SALE: refunded_fee is 31 but its refunds come to 30\n" SUM(fee, 21087, 21086)},
        {SET("SALE", "refunded_coupon = 1"), "payment SALE: refunded_coupon is 1 but its refunds come to 0"},
        {SET("SALE", "refunded_payer = 5001"),
         "payment SALE: refunded_payer is 5001 but its refunds come to 5000"},
        {SET("SALE", "refund_count = 0"), "payment SALE: refund_count is 0 but its refunds come to 1"},
        {SET("SALE", "last_refund_ms = 1767578400001"),
         "payment SALE: last_refund_ms is 1767578400001 but its last one is of 1767578400000"},
        /* A closed one does not stand, and was the last all the same. */
        {SET("CARD", "refund_count = 1"), "payment CARD: refund_count is 1 but its refunds come to 0"},
        {SET("CARD", "last_refund_ms = 0"),
         "payment CARD: last_refund_ms is 0 but its last one is of 1767578820000"},
        {SET("COUPON", "refund_count = 1"), "payment COUPON: refund_count is 1 but its refunds come to 2"},
        /* What is not paid has none. */
        {SET("OPEN", "refunded = 1"), "order OPEN: refunded is 1 but its refunds come to 0"},
        {SET("OPEN", "last_refund_ms = 1"), "order OPEN: last_refund_ms is 1 but its last one is of 0"},
    };
    ASSERT_PLANTS(plants);
}

static void what_is_left(void **state)
{
    (void)state;
    static const struct plant plants[] = {
        {SET("FREEZING", "distributable = 9941"),
         "payment FREEZING: distributable is 9941 but what is left is 9940\n" SUM(order, 54760, 54761)},
        {SET("SHARED", "distributable = 1"),
         "payment SHARED: distributable is 1 but what is left is 0\n" SUM(order, 54760, 54761)},
        /* A slice that failed is back, the recharged balance takes nothing of it. */
        {SET("FAILED", "distributable = 7940"),
         "payment FAILED: distributable is 7940 but what is left is 9440\n" SUM(order, 54760, 53260)},
        {SET("TOPPED", "distributable = 8946"),
         "payment TOPPED: distributable is 8946 but what is left is 9940\n" SUM(order, 54760, 53766)},
        {SET("SALE-2", "distributable = 1"),
         "payment SALE-2: distributable is 1 but what is left is 0\n" SUM(order, 54760, 54761)},
        {SET("SHARED", "to_receivers = 1999"),
         "payment SHARED: to_receivers is 1999 but its slices come to 2000"},
        {SET("FAILED", "to_receivers = 1500"),
         "payment FAILED: to_receivers is 1500 but its slices come to 0"},
        {SET("HALFWAY", "to_receivers = 801"),
         "payment HALFWAY: to_receivers is 801 but its slices come to 800"},
        {SET("SHARED", "distribution_count = 0"),
         "payment SHARED: distribution_count is 0 but its distributions are 1"},
        /* The release by itself was not asked for. */
        {SET("ENDED", "distribution_count = 2"),
         "payment ENDED: distribution_count is 2 but its distributions are 1"},
        {SET("OPEN", "to_receivers = 1"), "order OPEN: to_receivers is 1 but its slices come to 0"},
        {SET("OPEN", "distribution_count = 1"),
         "order OPEN: distribution_count is 1 but its distributions are 0"},
    };
    ASSERT_PLANTS(plants);
}

/* More back than there was, and less in a full refund: row, postings and sums agree with each other. */
#define REFUND(name, what)  "; UPDATE refund SET " what " WHERE refund_id = '" name "'"
#define POSTING(id, amount) "; UPDATE posting SET amount = " #amount " WHERE id = " #id

static void more_or_less_than_all(void **state)
{
    (void)state;
    static const struct plant plants[] = {
        {SET("MIXED", "refunded = 2001") REFUND("MIXED-BACK", "amount = 2001, own_gross = 2001"),
         COMES("refunded", "2001", "2000")},
        /* A fen less is no full refund: then less of anything is right. */
        {SET("MIXED", "refunded = 1999") REFUND("MIXED-BACK", "amount = 1999, own_gross = 1999"), ""},
        {SET("REVERSED", "refunded_fee = 61, distributable = 1") REFUND(
             "REVERSED-BACK", "own_fee = 61, own_net = 9939") POSTING(11265, -9939) POSTING(11266, -61),
         "payment REVERSED: refunded_fee comes to 61, where a full refund gives back 60"},
        {SET("REVERSED", "refunded_fee = 59, refunded_settled = 9999")
             REFUND("REVERSED-BACK", "own_fee = 59, settled = 9999") POSTING(11264, 9999) POSTING(11266, -59)
                 POSTING(11520, -9999) POSTING(11521, 9999),
         "payment REVERSED: refunded_settled comes to 9999, where a full refund gives back 10000\n"
         "payment REVERSED: refunded_fee comes to 59, where a full refund gives back 60"},
        {SET("REVERSED", "refunded_fee = 61, refunded_settled = 10001")
             REFUND("REVERSED-BACK", "own_fee = 61, settled = 10001") POSTING(11264, 10001)
                 POSTING(11266, -61) POSTING(11520, -10001) POSTING(11521, 10001),
         "payment REVERSED: refunded_settled comes to 10001, where a full refund gives back 10000\n"
         "payment REVERSED: refunded_fee comes to 61, where a full refund gives back 60"},
        {SET("MIXED", "refunded_coupon = 699, refunded_payer = 12101")
             REFUND("MIXED-BACK", "coupon_refund = 699, coupon_settled = 699, payer_refund = 12101")
                 POSTING(2304, 12101) POSTING(2305, 699) POSTING(12800, -12101) POSTING(12801, -699)
                     POSTING(12802, 12101) POSTING(12803, 699),
         COMES("refunded_coupon", "699", "700") "\n" COMES("refunded_payer", "12101", "12100") "\n" COMES(
             "coupon_settled", "699", "700")},
        {SET("MIXED", "refunded_coupon = 701, refunded_payer = 12099")
             REFUND("MIXED-BACK", "coupon_refund = 701, coupon_settled = 701, payer_refund = 12099")
                 POSTING(2304, 12099) POSTING(2305, 701) POSTING(12800, -12099) POSTING(12801, -701)
                     POSTING(12802, 12099) POSTING(12803, 701),
         "refund MIXED-BACK: coupon_refund is more than the voucher\n" COMES(
             "refunded_coupon", "701", "700") "\n" COMES("refunded_payer", "12099",
                                                         "12100") "\n" COMES("coupon_settled", "701", "700")},
    };
    ASSERT_PLANTS(plants);
}

/* ---- reversing ---- */

/* REVERSED and its refund were of 1767578820000; 1767628800000 is midnight. */
#define REVERSED_AT(ms, day)                                                                                 \
    SET("REVERSED", "revoked_ms = " #ms ", last_refund_ms = " #ms)                                           \
    "; UPDATE refund SET created_ms = " #ms ", success_ms = " #ms ", bill_day = " #day                       \
    " WHERE refund_id = 'REVERSED-BACK'; UPDATE entry SET time_ms = " #ms " WHERE id IN (44, 45)"
#define NOT_ALL  "it was reversed, and not all of it was given back in one refund"
#define NEXT_DAY "payment REVERSED: it was reversed on another day than it was paid"

static void reversed_orders(void **state)
{
    (void)state;
    static const struct plant plants[] = {
        {SET("SHUT", "revoked_ms = 1"), "order SHUT: it is reversed and was not paid by code"},
        {SET("OPEN", "revoked_ms = 1"), "order OPEN: it is reversed and was not paid by code\n"
                                        "order OPEN: it is reversed and still open"},
        {SET("ASKED", "revoked_ms = 1"), "payment ASKED: it is reversed and still open"},
        {SET("UNDONE", "revoked_ms = 0"),
         "payment UNDONE: it was paid by code and is closed without being reversed"},
        {SET("ASKED", "state = 3"),
         "payment ASKED: it was paid by code and is closed without being reversed"},
        {SET("CODE", "revoked_ms = success_ms"),
         "payment CODE: " NOT_ALL "\npayment CODE: revoked_ms is 1767578820000 but its refund is of 0"},
        {SET("REVERSED", "revoked_ms = 0"), ""}, /* an order paid by code that was refunded */
        {SET("REVERSED", "revoked_ms = 1767578820001"),
         "payment REVERSED: revoked_ms is 1767578820001 but its refund is of 1767578820000"},
        {REVERSED_AT(1767628799999, 20458), ""},
        {REVERSED_AT(1767628800000, 20459), NEXT_DAY},
        {REVERSED_AT(1767578819999, 20458), NEXT_DAY}, /* before it was paid */
        /* Two halves are not one refund. */
        {"UPDATE refund SET amount = 5000, payer_refund = 5000, settled = 5000, own_gross = 5000, own_fee = "
         "30,"
         " own_net = 4970 WHERE id = 13; CREATE TABLE half AS SELECT * FROM refund WHERE id = 13;"
         "UPDATE half SET id = 99, refund_id = 'HALF', out_refund_no = 'HALF'; INSERT INTO refund SELECT * "
         "FROM half;"
         "DROP TABLE half; UPDATE posting SET amount = amount / 2 WHERE entry IN (44, 45);"
         "INSERT INTO entry SELECT id + 100, kind, 99, time_ms FROM entry WHERE id IN (44, 45);"
         "INSERT INTO posting SELECT id + 25600, entry + 100, account, owner, payment, day, currency, amount"
         " FROM posting WHERE entry IN (44, 45); " SET("REVERSED", "refund_count = 2"),
         "payment REVERSED: " NOT_ALL},
        /* One, of all but a fen. */
        {SET("REVERSED", "refunded = 9999, refunded_payer = 9999")
             REFUND("REVERSED-BACK", "amount = 9999, own_gross = 9999, payer_refund = 9999"),
         "payment REVERSED: " NOT_ALL},
    };
    ASSERT_PLANTS(plants);
}

static void payment_codes(void **state)
{
    (void)state;
    static const struct plant plants[] = {
        {"DELETE FROM payment_code WHERE payment = 14",
         "table payment_code: the number of its rows is 3 but the orders paid by code are 4"},
        {"UPDATE payment_code SET payment = 1 WHERE payment = 14",
         "table payment_code: the number of its rows is 4 but those of orders paid by code are 3"},
        {"UPDATE payment_code SET payment = 99 WHERE payment = 14",
         "table payment_code: the number of its rows is 4 but those of orders paid by code are 3"},
        {"INSERT INTO payment_code VALUES (1, '1')",
         "table payment_code: the number of its rows is 5 but those of orders paid by code are 4\n"
         "table payment_code: the number of its rows is 5 but the orders paid by code are 4"},
    };
    ASSERT_PLANTS(plants);
}

/* ---- what hangs on an order, and on a merchant ---- */

#define STRAY_DISTRIBUTION(payment)                                                                          \
    "INSERT INTO distribution SELECT 99, 'STRAY', " #payment ", caller, sub_mchid, 'STRAY', digest, kind,"   \
    " state, created_ms, finished_ms FROM distribution WHERE id = 1"
#define STRAY_REFUND(to)                                                                                     \
    "CREATE TABLE stray AS SELECT * FROM refund WHERE id = 5; UPDATE stray SET id = 99, refund_id = "        \
    "'STRAY',"                                                                                               \
    " out_refund_no = 'STRAY', payment = " #to "; INSERT INTO refund SELECT * FROM stray; DROP TABLE stray"
#define STRAY(noun, payment) noun " STRAY: payment " #payment " is not there"

static void strays(void **state)
{
    (void)state;
    /* Before, between and behind the orders that are there; without SHUT, number 25, nothing is missed. */
    static const struct plant plants[] = {
        {"DELETE FROM payment WHERE id = 25", ""},
        {STRAY_DISTRIBUTION(0), STRAY("distribution", 0)},
        {"DELETE FROM payment WHERE id = 25;" STRAY_DISTRIBUTION(25), STRAY("distribution", 25)},
        {STRAY_DISTRIBUTION(27), STRAY("distribution", 27)},
        {STRAY_REFUND(0), STRAY("refund", 0)},
        {"DELETE FROM payment WHERE id = 25;" STRAY_REFUND(25), STRAY("refund", 25)},
        {STRAY_REFUND(27), STRAY("refund", 27)},
    };
    ASSERT_PLANTS(plants);
}

/* Of each row that names one: the sub-merchant of CARD and COUPON, and DIRECT, a sponsor. */
#define GONE(what) what ": merchant 1900000200 is not there"

static void merchants(void **state)
{
    (void)state;
    static const struct plant
        plants[] =
            {
                {"DELETE FROM merchant WHERE mchid = '1900000110'",
                 "payment CARD: merchant 1900000110 is not there\n"
                 "payment COUPON: merchant 1900000110 is not there"},
                {"DELETE FROM merchant WHERE mchid = '1900000200'",
                 GONE("payment LARGE") "\n" GONE("payment FREED") "\n" GONE("payment LARGE-2") "\n" GONE(
                     "payment"
                     " FREED-"
                     "2") "\n" GONE("payment FREED-3") "\n" GONE("pools of 1900000200") "\n" GONE("pools of "
                                                                                                  "190000020"
                                                                                                  "0") "\n" GONE("pools of 1900000200") "\n" GONE("recharge 2") "\n" GONE("s"
                                                                                                                                                                          "e"
                                                                                                                                                                          "t"
                                                                                                                                                                          "t"
                                                                                                                                                                          "l"
                                                                                                                                                                          "e"
                                                                                                                                                                          "m"
                                                                                                                                                                          "e"
                                                                                                                                                                          "n"
                                                                                                                                                                          "t"
                                                                                                                                                                          " "
                                                                                                                                                                          "p"
                                                                                                                                                                          "o"
                                                                                                                                                                          "o"
                                                                                                                                                                          "l"
                                                                                                                                                                          " "
                                                                                                                                                                          "o"
                                                                                                                                                                          "f"
                                                                                                                                                                          " "
                                                                                                                                                                          "1"
                                                                                                                                                                          "9"
                                                                                                                                                                          "0"
                                                                                                                                                                          "0"
                                                                                                                                                                          "0"
                                                                                                                                                                          "0"
                                                                                                                                                                          "0"
                                                                                                                                                                          "2"
                                                                                                                                                                          "0"
                                                                                                                                                                          "0"
                                                                                                                                                                          " "
                                                                                                                                                                          "i"
                                                                                                                                                                          "n"
                                                                                                                                                                          " "
                                                                                                                                                                          "C"
                                                                                                                                                                          "N"
                                                                                                                                                                          "Y")},
            };
    ASSERT_PLANTS(plants);
}

/* ---- what goes on by itself ---- */

#define UNPLANNED(noun, what) noun ": " what " is not planned"
#define FREEZING              UNPLANNED("payment FREEZING", "its money is being frozen, and the end of that")
#define HOLDS(name)           UNPLANNED("payment " name, "it holds money, and its release")
#define ARRIVAL(name)         UNPLANNED("refund " name, "it is under way, and its arrival")

static void what_goes_on(void **state)
{
    (void)state;
    static const struct plant plants[] = {
        {"DELETE FROM event WHERE kind = 1", FREEZING},
        {"DELETE FROM event WHERE kind = 2 AND subject = 26", HOLDS("FREEZING")},
        {"DELETE FROM event WHERE kind = 2 AND subject = 6", HOLDS("SHARED")},
        {"DELETE FROM event WHERE kind = 3", UNPLANNED("distribution WAY", "it is under way, and its end")},
        {"DELETE FROM event WHERE kind = 4", ARRIVAL("WAY-BACK") "\n" ARRIVAL("SALE-3-BACK")},
        /* An order that has ended needs it as long as it holds something: HALFWAY does, SHARED does not. */
        {"DELETE FROM event WHERE kind = 2 AND subject = 6;" SET("SHARED", "funds_state = 3"), ""},
        {"DELETE FROM event WHERE kind = 2 AND subject = 22;" SET("HALFWAY", "funds_state = 3"),
         HOLDS("HALFWAY")},
        {SET("HALFWAY", "funds_state = 3"), ""},
        /* An event of another kind, or for another row, is none. */
        {"UPDATE event SET kind = 5 WHERE kind = 1", FREEZING},
        {"UPDATE event SET subject = 25 WHERE kind = 1", FREEZING},
    };
    ASSERT_PLANTS(plants);
}

int main(void)
{
#define TEST(name) cmocka_unit_test(name)
    const struct CMUnitTest tests[] = {
        TEST(what_no_order_can_have),
        TEST(amounts_out_of_range),
        TEST(unpaid_orders),
        TEST(what_was_settled),
        TEST(states_of_paid_orders),
        TEST(sums_of_refunds),
        TEST(what_is_left),
        TEST(more_or_less_than_all),
        TEST(reversed_orders),
        TEST(payment_codes),
        TEST(strays),
        TEST(merchants),
        TEST(what_goes_on),
    };
    return cmocka_run_group_tests_name("book/audit_orders", tests, audited_begin, audited_end);
}
