/* Submitting refunds: what is booked, every rule at both of its edges, and that a refusal leaves nothing
 * behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/calendar.h"
#include "book/refund/rail.h"
#include "book/refund/recharged.h"
#include "book/settlement/pool.h"
#include "unit/book/refunds.h"

#define YEAR_MS (365 * FZ_DAY_MS)

static struct fz_party child, sibling, merchant;

static int begin(void **state)
{
    if (sandbox_new(state) != 0)
        return -1;
    set_terms(INSTITUTION, "USD");
    set_terms(DIRECT, "CNY");
    child = institution();
    sibling = other_institution();
    merchant = direct();
    effective(&child, RECEIVER);
    return 0;
}

/* ---- what is booked ---- */

static void assert_same(const struct fz_refund *one, const struct fz_refund *other)
{
#define SAME_TEXT(field) assert_string_equal(one->field, other->field)
#define SAME_INT(field)  assert_int_equal(one->field, other->field)
    SAME_TEXT(refund_id);
    SAME_TEXT(caller);
    SAME_TEXT(sub_mchid);
    SAME_TEXT(out_refund_no);
    SAME_TEXT(transaction_id);
    SAME_TEXT(out_trade_no);
    SAME_TEXT(currency);
    SAME_TEXT(payer_currency);
    SAME_TEXT(coupon.promotion_id);
    SAME_TEXT(settlement_currency);
    SAME_TEXT(recv_account);
    SAME_INT(id);
    SAME_INT(payment);
    SAME_INT(fund_source);
    SAME_INT(marked);
    SAME_INT(recharged);
    SAME_INT(amount);
    SAME_INT(payer_refund);
    SAME_INT(rate_type);
    SAME_INT(rate);
    SAME_INT(coupon.type);
    SAME_INT(coupon.scope);
    SAME_INT(coupon.amount);
    SAME_INT(coupon_refund);
    SAME_INT(settled);
    SAME_INT(coupon_settled);
    SAME_INT(own.gross);
    SAME_INT(own.fee);
    SAME_INT(own.net);
    SAME_INT(funds.gross);
    SAME_INT(funds.fee);
    SAME_INT(funds.net);
    SAME_INT(fee_rate);
    SAME_INT(settlement_rate);
    SAME_INT(state);
    SAME_INT(channel);
    SAME_INT(order_success_ms);
    SAME_INT(created_ms);
    SAME_INT(success_ms);
    assert_memory_equal(one->digest, other->digest, sizeof one->digest);
}

/* docs/book.md, worked example (0.6 %): 2 000 to a receiver, 3 000 outbound, 6 000 back from both sources. */
static void test_two_sources(void **state)
{
    (void)state;
    struct fz_payment payment = bought(&child, true, NULL);
    wait_ms(5 * FZ_MINUTE_MS);
    distribute(&child, &payment, 2000, 3000, false);
    wait_ms(FZ_MINUTE_MS);
    assert_int_equal(payment_now(payment.id).distributable, 4940);
    assert_int_equal(pool(INSTITUTION, FZ_POOL_OUTBOUND), 3000);

    struct fz_refund refund = refunded(&child, &payment, 6000, 1030);
    assert_int_equal(refund.own.gross, 4970);
    assert_int_equal(refund.own.fee, 30);
    assert_int_equal(refund.own.net, 4940);
    assert_int_equal(refund.funds.gross, 1030);
    assert_int_equal(refund.funds.fee, 6);
    assert_int_equal(refund.funds.net, 1024);
    assert_int_equal(refund.settled, 6000);
    assert_int_equal(refund.payer_refund, 6000);
    payment = payment_now(payment.id);
    assert_int_equal(payment.distributable, 0);
    assert_int_equal(payment.refunded, 6000);
    assert_int_equal(payment.refunded_settled, 6000);
    assert_int_equal(payment.refunded_fee, 36);
    assert_int_equal(payment.refunded_payer, 6000);
    assert_int_equal(payment.refund_count, 1);
    assert_int_equal(pool(INSTITUTION, FZ_POOL_OUTBOUND), 1976);

    assert_int_equal(balance(FZ_ACCOUNT_ORDER, payment.id), 0);
    assert_int_equal(balance(FZ_ACCOUNT_OUTBOUND, 0), 1976);
    assert_int_equal(balance(FZ_ACCOUNT_FEE, payment.id), 24);
    assert_int_equal(balance(FZ_ACCOUNT_RECEIVER, payment.id), 2000);
    assert_int_equal(balance(FZ_ACCOUNT_REFUNDING, payment.id), 6000);
    assert_int_equal(balance(FZ_ACCOUNT_PAYER, payment.id), -10000);
    wait_ms(20 * FZ_MINUTE_MS);
    assert_int_equal(balance(FZ_ACCOUNT_REFUNDING, payment.id), 0);
    assert_int_equal(balance(FZ_ACCOUNT_PAYER, payment.id), -4000);
}

/* After 1 000 of a marked order with a COUPON of 400, 3 000 and 3 000: both parts go on from what was taken
 * before, 4 000 are 160 of the voucher and 24 of the fee, 7 000 are 280 and 42. */
static void test_two_sources_behind_another(void **state)
{
    (void)state;
    struct fz_order_request coupon = {.coupon = {FZ_COUPON_COUPON, FZ_SCOPE_GLOBAL, "2", 400}};
    struct fz_payment payment = bought(&child, true, &coupon);
    wait_ms(5 * FZ_MINUTE_MS);
    distribute(&child, &payment, 0, 5000, false);
    wait_ms(FZ_MINUTE_MS);
    struct fz_refund first = refunded(&child, &payment, 1000, 0);
    assert_int_equal(first.coupon_refund, 40);
    struct fz_refund refund = refunded(&child, &payment, 6000, 3000);
    assert_int_equal(refund.own.fee, 18);
    assert_int_equal(refund.own.net, 2982);
    assert_int_equal(refund.funds.fee, 18);
    assert_int_equal(refund.funds.net, 2982);
    assert_int_equal(refund.coupon_refund, 240);
    assert_int_equal(refund.coupon_settled, 240);
    assert_int_equal(refund.payer_refund, 5760);
}

/* An unmarked order draws the day's sales, with its fee back: 5 000 of 10 000 at 0.6 % is 4 970 net. */
static void test_unmarked(void **state)
{
    (void)state;
    struct fz_payment payment = bought(&child, false, NULL);
    assert_int_equal(pool(INSTITUTION, FZ_POOL_SALES), 9940);
    struct fz_refund refund = refunded(&child, &payment, 5000, 0);
    assert_false(refund.marked);
    assert_int_equal(refund.own.net, 4970);
    assert_int_equal(pool(INSTITUTION, FZ_POOL_SALES), 4970);
    assert_int_equal(balance(FZ_ACCOUNT_SALES, 0), 4970);
    assert_int_equal(balance(FZ_ACCOUNT_FEE, payment.id), 30);
    assert_int_equal(payment_now(payment.id).distributable, 0);
}

/* Everything the row tells, for the plainest refund. */
static void test_row(void **state)
{
    (void)state;
    struct fz_payment payment = bought(&child, true, NULL);
    struct fz_refund_request request = refund_request(&payment, 888);
    request.reason = "sold out";
    request.notify_url = "https://example.com/notify";
    struct fz_refund refund;
    assert_string_equal(submit(&child, &request, &refund), "NONE");
    struct fz_refund read = refund_now(&refund);
    assert_same(&read, &refund);

    assert_int_equal(strlen(refund.refund_id), 28);
    assert_int_equal(strspn(refund.refund_id, "0123456789"), 28);
    assert_memory_equal(refund.refund_id, "503020260105000000001", 21);
    assert_string_equal(refund.caller, INSTITUTION);
    assert_string_equal(refund.sub_mchid, CHILD);
    assert_string_equal(refund.out_refund_no, request.out_refund_no);
    assert_string_equal(refund.transaction_id, payment.transaction_id);
    assert_string_equal(refund.out_trade_no, payment.out_trade_no);
    assert_int_equal(refund.fund_source, FZ_SOURCE_UNSETTLED);
    assert_true(refund.marked);
    assert_int_equal(refund.amount, 888);
    assert_string_equal(refund.currency, "CNY");
    assert_string_equal(refund.payer_currency, "CNY");
    assert_int_equal(refund.rate_type, FZ_RATE_SETTLEMENT);
    assert_int_equal(refund.rate, 650000000);
    assert_string_equal(refund.settlement_currency, "USD");
    assert_int_equal(refund.settlement_rate, 650000000);
    assert_int_equal(refund.fee_rate, 60);
    assert_int_equal(refund.state, FZ_REFUND_PROCESSING);
    assert_int_equal(refund.channel, FZ_CHANNEL_ORIGINAL);
    assert_string_equal(refund.recv_account, "The balance of the paying user");
    assert_int_equal(refund.order_success_ms, payment.success_ms);
    assert_int_equal(refund.created_ms, now_ms);
    assert_int_equal(refund.success_ms, 0);
    assert_int_equal(outside_number("SELECT reason = 'sold out' AND notify_url = 'https://example.com/notify'"
                                    " AND bill_day IS NULL FROM refund"),
                     1);
}

/* S-RQ exchange_rate, by what is priced, paid and settled in. */
static void test_rates(void **state)
{
    (void)state;
    static const struct {
        bool direct; /* settled in CNY, else in USD */
        const char *currency, *payer_currency;
        int64_t payment_rate;
        enum fz_rate_type type;
        int64_t rate;
    } cases[] = {
        {false, "CNY", "CNY", 0, FZ_RATE_SETTLEMENT, 650000000},
        {true, "CNY", "CNY", 0, FZ_RATE_SETTLEMENT, 100000000},
        {false, "USD", "USD", 0, FZ_RATE_SETTLEMENT, 100000000},
        {false, "CNY", "HKD", 84000000, FZ_RATE_USERPAYMENT, 84000000},
        {false, "USD", "CNY", 640000000, FZ_RATE_USERPAYMENT, 640000000},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fz_order_request order = {.currency = cases[i].currency,
                                         .payer_currency = cases[i].payer_currency,
                                         .payment_rate = cases[i].payment_rate};
        const struct fz_party *party = cases[i].direct ? &merchant : &child;
        struct fz_payment payment = bought(party, false, &order);
        struct fz_refund refund = refunded(party, &payment, 100, 0);
        assert_int_equal(refund.rate_type, cases[i].type);
        assert_int_equal(refund.rate, cases[i].rate);
    }
}

/* A voucher of 10.00 HKD in 100.00 CNY paid in HKD, back in parts: payer and promotion come out even in CNY
 * as well. */
static void test_voucher(void **state)
{
    (void)state;
    struct fz_order_request order = {
        .payer_currency = "HKD",
        .coupon = {
            .type = FZ_COUPON_COUPON, .scope = FZ_SCOPE_SINGLE, .promotion_id = "109519", .amount = 1000}};
    struct fz_payment payment = bought(&child, true, &order);
    assert_int_equal(payment.payer_total, 10976);
    assert_int_equal(balance(FZ_ACCOUNT_PROMOTION, payment.id), -835);
    struct fz_refund first = refunded(&child, &payment, 3333, 0);
    assert_int_equal(first.coupon_refund, 333);
    assert_int_equal(first.payer_refund, 3659);
    assert_int_equal(first.coupon_settled, 278);
    assert_string_equal(first.coupon.promotion_id, "109519");
    struct fz_refund second = refunded(&child, &payment, 1, 0);
    assert_int_equal(outcome(&first, FZ_REFUND_CLOSED), FZ_OK);
    struct fz_refund rest = refunded(&child, &payment, 9999, 0);
    assert_int_equal(second.coupon_settled + rest.coupon_settled, 835);
    wait_ms(FZ_HOUR_MS);
    assert_int_equal(balance(FZ_ACCOUNT_PROMOTION, payment.id), 0);
    assert_int_equal(balance(FZ_ACCOUNT_PAYER, payment.id), 0);
    assert_int_equal(balance(FZ_ACCOUNT_FEE, payment.id), 0);
    payment = payment_now(payment.id);
    assert_int_equal(payment.refunded_coupon, 1000);
    assert_int_equal(payment.refunded_payer, 10976);
}

static void test_discount(void **state)
{
    (void)state;
    struct fz_order_request order = {
        .coupon = {.type = FZ_COUPON_DISCOUNT, .scope = FZ_SCOPE_GLOBAL, .promotion_id = "1", .amount = 500}};
    struct fz_payment payment = bought(&child, true, &order);
    assert_int_equal(balance(FZ_ACCOUNT_ORDER, payment.id), 9443); /* 9 500 - 57 */
    assert_int_equal(balance(FZ_ACCOUNT_WAIVED, payment.id), 500);
    struct fz_refund refund = refunded(&child, &payment, 3333, 0);
    assert_int_equal(refund.coupon_refund, 166);
    assert_int_equal(refund.settled, 3167);
    assert_int_equal(refund.own.fee, 19);
    assert_int_equal(refund.coupon_settled, 0);
    assert_int_equal(balance(FZ_ACCOUNT_WAIVED, payment.id), 334);
    assert_int_equal(balance(FZ_ACCOUNT_DISCOUNT, payment.id), -334);
    assert_int_equal(balance(FZ_ACCOUNT_ORDER, payment.id), 9443 - 3148);
}

/* A dong is worth 0.028 fen: the refund of one moves no money, has no entry, and still is a refund. */
static void test_less_than_a_fen(void **state)
{
    (void)state;
    set_terms(DIRECT, "VND");
    struct fz_party party = direct();
    struct fz_order_request order = {.currency = "VND", .amount = 1000000};
    struct fz_payment payment = bought(&party, false, &order);
    assert_int_equal(payment.settled, 28000);
    struct fz_refund refund = refunded(&party, &payment, 1, 0);
    assert_int_equal(refund.settled, 0);
    assert_int_equal(refund.payer_refund, 1);
    assert_int_equal(outside_number("SELECT COUNT(*) FROM entry WHERE kind = 4"), 0);
    wait_ms(20 * FZ_MINUTE_MS);
    assert_int_equal(refund_now(&refund).state, FZ_REFUND_SUCCESS);
    refund = refunded(&party, &payment, 999999, 0);
    assert_int_equal(refund.settled, 28000);
}

/* ---- the rules ---- */

static void test_repeated(void **state)
{
    (void)state;
    struct fz_payment payment = bought(&child, true, NULL);
    struct fz_refund_request request = refund_request(&payment, 10000);
    request.limits = true;
    struct fz_refund first, again;
    assert_string_equal(submit(&child, &request, &first), "NONE");
    /* At once, though nothing is left of the order and the minute is not over. */
    assert_string_equal(submit(&child, &request, &again), "NONE");
    assert_same(&first, &again);
    wait_ms(YEAR_MS + FZ_DAY_MS);
    assert_string_equal(submit(&child, &request, &again), "NONE");
    assert_string_equal(again.refund_id, first.refund_id);
    assert_int_equal(again.created_ms, first.created_ms);
    assert_int_equal(again.state, FZ_REFUND_SUCCESS); /* as it is now */
    assert_int_equal(payment_now(payment.id).refunded, 10000);
    assert_int_equal(outside_number("SELECT COUNT(*) FROM refund"), 1);

    request.digest[0] ^= 1;
    assert_string_equal(submit(&child, &request, NULL), "REFUND_NUMBER_USED");
    /* Another merchant has numbers of its own. */
    assert_string_equal(submit(&sibling, &request, NULL), "REFUND_TRANSACTION_UNKNOWN");
}

static void test_order_found(void **state)
{
    (void)state;
    struct fz_payment payment = bought(&child, true, NULL);
    struct fz_payment other = bought(&child, true, NULL);
    struct fz_refund_request request = refund_request(&payment, 100);
    request.out_trade_no = payment.out_trade_no;
    assert_string_equal(submit(&child, &request, NULL), "NONE");

    request = refund_request(&payment, 100);
    request.transaction_id = NULL;
    request.out_trade_no = payment.out_trade_no;
    assert_string_equal(submit(&sibling, &request, NULL), "ORDER_UNKNOWN");
    assert_string_equal(submit(&merchant, &request, NULL), "ORDER_UNKNOWN");
    assert_string_equal(submit(&child, &request, NULL), "NONE");

    request = refund_request(&payment, 100);
    request.out_trade_no = other.out_trade_no;
    assert_string_equal(submit(&child, &request, NULL), "REFUND_TRANSACTION_UNKNOWN");
    request.out_trade_no = NULL;
    assert_string_equal(submit(&merchant, &request, NULL), "REFUND_TRANSACTION_UNKNOWN");
    assert_string_equal(submit(&sibling, &request, NULL), "REFUND_TRANSACTION_UNKNOWN");
    request.transaction_id = "4200000000000000000000000000";
    assert_string_equal(submit(&child, &request, NULL), "REFUND_TRANSACTION_UNKNOWN");
    request.transaction_id = NULL;
    request.out_trade_no = "NOSUCHORDER";
    assert_string_equal(submit(&child, &request, NULL), "ORDER_UNKNOWN");
}

static void test_not_paid(void **state)
{
    (void)state;
    struct fz_payment payment = unpaid(&child);
    struct fz_refund_request request = refund_request(&payment, 100);
    request.transaction_id = NULL;
    request.out_trade_no = payment.out_trade_no;
    assert_string_equal(submit(&child, &request, NULL), "REFUND_NOT_READY");
}

static void test_one_year(void **state)
{
    (void)state;
    struct fz_payment payment = bought(&merchant, false, NULL);
    wait_ms(YEAR_MS);
    (void)bought(&merchant, false, NULL); /* fresh sales */
    (void)refunded(&merchant, &payment, 100, 0);
    wait_ms(1);
    struct fz_refund_request request = refund_request(&payment, 100);
    assert_string_equal(submit(&merchant, &request, NULL), "REFUND_OVERDUE");
    request.total = 1; /* the year is looked at before the amount */
    assert_string_equal(submit(&merchant, &request, NULL), "REFUND_OVERDUE");
}

static void test_total(void **state)
{
    (void)state;
    struct fz_payment payment = bought(&child, true, NULL);
    struct fz_refund_request request = refund_request(&payment, 100);
    request.total = 9999;
    assert_string_equal(submit(&child, &request, NULL), "REFUND_TOTAL");
    request.total = 10000;
    request.currency = "USD";
    assert_string_equal(submit(&child, &request, NULL), "REFUND_TOTAL");
    request.currency = "CNY";
    assert_string_equal(submit(&child, &request, NULL), "NONE");
}

static void test_source(void **state)
{
    (void)state;
    struct fz_payment marked = bought(&child, true, NULL);
    struct fz_payment unmarked = bought(&child, false, NULL);
    struct fz_refund_request request = refund_request(&unmarked, 100);
    request.has_from = true;
    request.from_order = 100;
    assert_string_equal(submit(&child, &request, NULL), "REFUND_SOURCE");
    request = refund_request(&marked, 100);
    request.has_from = true;
    request.from_order = 100;
    request.source = FZ_SOURCE_RECHARGE;
    assert_string_equal(submit(&child, &request, NULL), "REFUND_SOURCE");
    request.source = FZ_SOURCE_UNSETTLED;
    assert_string_equal(submit(&child, &request, NULL), "NONE");
    /* The recharged balance is there, and empty. */
    request = refund_request(&marked, 100);
    request.source = FZ_SOURCE_RECHARGE;
    assert_string_equal(submit(&child, &request, NULL), "REFUND_SHORT");
}

static void test_one_minute(void **state)
{
    (void)state;
    struct fz_payment payment = bought(&child, true, NULL);
    struct fz_payment other = bought(&child, true, NULL);
    (void)refunded(&child, &payment, 100, 0);
    wait_ms(FZ_MINUTE_MS - 1);
    struct fz_refund_request request = refund_request(&payment, 100);
    request.limits = true;
    assert_string_equal(submit(&child, &request, NULL), "LIMIT_REFUND_MINUTE");
    struct fz_refund_request elsewhere = refund_request(&other, 100);
    elsewhere.limits = true;
    assert_string_equal(submit(&child, &elsewhere, NULL), "NONE");
    wait_ms(1);
    assert_string_equal(submit(&child, &request, NULL), "NONE");
    request = refund_request(&payment, 100);
    assert_string_equal(submit(&child, &request, NULL), "NONE"); /* limits off */
}

static const char *late(const struct fz_party *party, const struct fz_payment *payment)
{
    struct fz_refund_request request = refund_request(payment, 100);
    request.limits = true;
    return submit(party, &request, NULL);
}

/* 5 000 refunds a minute of one caller's orders that are older than 30 days; 4 998 of them are written past
 * the book. */
static void test_old_orders(void **state)
{
    (void)state;
    struct fz_payment old[5], other = bought(&merchant, true, NULL);
    for (size_t i = 0; i < 5; i++)
        old[i] = bought(&child, true, NULL);
    wait_ms(30 * FZ_DAY_MS);
    assert_string_equal(late(&child, &old[0]), "NONE"); /* not yet older, so it does not count */
    wait_ms(1);
    assert_string_equal(late(&child, &old[1]), "NONE");
    outside("CREATE TABLE copy AS SELECT * FROM refund WHERE id = (SELECT MAX(id) FROM refund);"
            "CREATE TABLE tick (i INTEGER);"
            "CREATE TRIGGER fill AFTER INSERT ON tick BEGIN"
            " UPDATE copy SET id = id + 1, refund_id = 'x' || new.i, out_refund_no = 'x' || new.i;"
            " INSERT INTO refund SELECT * FROM copy; END;"
            "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 4998)"
            " INSERT INTO tick SELECT i FROM n;");
    struct fz_payment fresh = bought(&child, true, NULL);
    assert_string_equal(late(&child, &old[2]), "NONE"); /* the 5 000th */
    assert_string_equal(late(&child, &old[3]), "LIMIT_LATE_REFUNDS");
    assert_string_equal(late(&child, &fresh), "NONE");
    assert_string_equal(late(&merchant, &other), "NONE");
    (void)refunded(&child, &old[4], 100, 0); /* limits off */
    wait_ms(FZ_MINUTE_MS - 1);
    assert_string_equal(late(&child, &old[3]), "LIMIT_LATE_REFUNDS");
    wait_ms(1);
    assert_string_equal(late(&child, &old[3]), "NONE");
    outside("DROP TABLE copy; DROP TABLE tick; DELETE FROM refund WHERE refund_id LIKE 'x%'");
}

static void test_fifty(void **state)
{
    (void)state;
    struct fz_payment payment = bought(&child, true, NULL);
    struct fz_refund refunds[50];
    for (int i = 0; i < 50; i++)
        refunds[i] = refunded(&child, &payment, 1, 0);
    struct fz_refund_request request = refund_request(&payment, 1);
    assert_string_equal(submit(&child, &request, NULL), "REFUND_COUNT");
    request.refund = 10000; /* counted before the amount is looked at */
    assert_string_equal(submit(&child, &request, NULL), "REFUND_COUNT");
    request.refund = 1;
    assert_int_equal(outcome(&refunds[17], FZ_REFUND_CLOSED), FZ_OK);
    assert_string_equal(submit(&child, &request, NULL), "NONE");
    request = refund_request(&payment, 1);
    assert_string_equal(submit(&child, &request, NULL), "REFUND_COUNT");
}

static void test_too_much(void **state)
{
    (void)state;
    struct fz_payment payment = bought(&child, true, NULL);
    struct fz_refund_request request = refund_request(&payment, 10001);
    assert_string_equal(submit(&child, &request, NULL), "REFUND_TOO_MUCH");
    (void)refunded(&child, &payment, 1, 0);
    request.refund = 10000;
    assert_string_equal(submit(&child, &request, NULL), "REFUND_TOO_MUCH");
    request.refund = 9999;
    assert_string_equal(submit(&child, &request, NULL), "NONE");
}

/* The order's own funds reach for what refundable_amount says and no fen more; without `from` nothing else is
 * touched. */
static void test_own_short(void **state)
{
    (void)state;
    struct fz_payment payment = bought(&child, true, NULL);
    wait_ms(5 * FZ_MINUTE_MS);
    distribute(&child, &payment, 2000, 3000, false);
    wait_ms(FZ_MINUTE_MS);
    struct fz_refund_request request = refund_request(&payment, 4971);
    assert_string_equal(submit(&child, &request, NULL), "REFUND_SHORT");
    request.has_from = true;
    request.from_order = 4971;
    assert_string_equal(submit(&child, &request, NULL), "REFUND_SHORT");
    request.has_from = false;
    request.refund = 4970;
    assert_string_equal(submit(&child, &request, NULL), "NONE");
}

/* The advance balance is drawn on for what funds_refundable_amount says, as far as today's pool goes. */
static void test_funds_short(void **state)
{
    (void)state;
    struct fz_payment payment = bought(&child, true, NULL);
    struct fz_payment other = bought(&child, true, NULL);
    wait_ms(5 * FZ_MINUTE_MS);
    distribute(&child, &payment, 0, 3000, false);
    wait_ms(FZ_MINUTE_MS);
    /* 6 940 left, refundable 6 982 (net 6 940), so 3 018 from the advance balance: net 3 000. */
    struct fz_refund_request request = refund_request(&payment, 3019);
    request.has_from = true;
    request.from_funds = 3019;
    assert_string_equal(submit(&child, &request, NULL), "REFUND_SHORT");
    /* The other order has all its money: nothing of it is refundable from elsewhere. */
    struct fz_refund_request foreign = refund_request(&other, 1);
    foreign.has_from = true;
    foreign.from_funds = 1;
    assert_string_equal(submit(&child, &foreign, NULL), "REFUND_SHORT");
    request.refund = request.from_funds = 3018;
    assert_string_equal(submit(&child, &request, NULL), "NONE");
    assert_int_equal(pool(INSTITUTION, FZ_POOL_OUTBOUND), 0);
}

/* What was released yesterday is converted and no longer there today; the direct merchant's pool is not the
 * institution's. */
static void test_pool_of_another_day(void **state)
{
    (void)state;
    struct fz_payment payment = bought(&child, true, NULL);
    struct fz_payment sale = bought(&child, false, NULL);
    wait_ms(5 * FZ_MINUTE_MS);
    distribute(&child, &payment, 0, 3000, false);
    /* 23:59:59.999 of the day, then 00:00. */
    int64_t midnight = fz_day_start_ms(fz_day_of(now_ms) + 1);
    wait_ms(midnight - 1 - now_ms);
    assert_int_equal(pool(INSTITUTION, FZ_POOL_OUTBOUND), 3000);
    struct fz_refund_request from_funds = refund_request(&payment, 100);
    from_funds.has_from = true;
    from_funds.from_funds = 100;
    assert_string_equal(submit(&child, &from_funds, NULL), "NONE");
    struct fz_refund_request of_sale = refund_request(&sale, 100);
    assert_string_equal(submit(&child, &of_sale, NULL), "NONE");
    wait_ms(1);
    assert_int_equal(pool(INSTITUTION, FZ_POOL_OUTBOUND), 0);
    from_funds = refund_request(&payment, 100);
    from_funds.has_from = true;
    from_funds.from_funds = 100;
    assert_string_equal(submit(&child, &from_funds, NULL), "REFUND_SHORT");
    of_sale = refund_request(&sale, 100);
    assert_string_equal(submit(&child, &of_sale, NULL), "REFUND_SHORT");
    /* With the same number once there are fresh sales. */
    (void)bought(&merchant, false, NULL);
    assert_string_equal(submit(&child, &of_sale, NULL), "REFUND_SHORT");
    (void)bought(&sibling, false, NULL);
    assert_string_equal(submit(&child, &of_sale, NULL), "NONE");
}

/* A refused refund has changed nothing, though its first part was already worked out. */
static void test_refusal_leaves_nothing(void **state)
{
    (void)state;
    struct fz_payment payment = bought(&child, true, NULL);
    wait_ms(5 * FZ_MINUTE_MS);
    distribute(&child, &payment, 5000, 0, false);
    wait_ms(FZ_MINUTE_MS);
    struct fz_payment before = payment_now(payment.id);
    int64_t entries = outside_number("SELECT COUNT(*) FROM entry");
    int64_t events = outside_number("SELECT COUNT(*) FROM event");
    struct fz_refund_request request = refund_request(&payment, 6000);
    request.has_from = true;
    request.from_order = 1000;
    request.from_funds = 5000;
    assert_string_equal(submit(&child, &request, NULL), "REFUND_SHORT"); /* the pool is empty */
    struct fz_payment after = payment_now(payment.id);
    assert_int_equal(after.distributable, before.distributable);
    assert_int_equal(after.refunded, 0);
    assert_int_equal(after.refund_count, 0);
    assert_int_equal(after.last_refund_ms, 0);
    assert_int_equal(outside_number("SELECT COUNT(*) FROM entry"), entries);
    assert_int_equal(outside_number("SELECT COUNT(*) FROM event"), events);
    assert_int_equal(outside_number("SELECT COUNT(*) FROM refund"), 0);
}

/* Money that is still being frozen can go back. */
static void test_while_freezing(void **state)
{
    (void)state;
    struct fz_payment payment = bought(&child, true, NULL);
    (void)refunded(&child, &payment, 10000, 0);
    payment = payment_now(payment.id);
    assert_int_equal(payment.funds_state, FZ_FUNDS_FREEZING);
    assert_int_equal(payment.distributable, 0);
    assert_int_equal(payment.refunded_fee, 60);
}

static void test_given_refund_id(void **state)
{
    (void)state;
    struct fz_payment payment = bought(&child, true, NULL);
    struct fz_refund_request request = refund_request(&payment, 100);
    request.refund_id = "1217752501201407033233368018";
    struct fz_refund refund;
    assert_string_equal(submit(&child, &request, &refund), "NONE");
    assert_string_equal(refund.refund_id, "1217752501201407033233368018");
    /* It is taken: under another number there is no second one, and nothing was drawn. */
    struct fz_payment before = payment_now(payment.id);
    struct fz_refund_request second = refund_request(&payment, 100);
    second.refund_id = refund.refund_id;
    assert_int_equal(BOOK(fz_refund_submit(tx, &child, &second, &refund)), FZ_CONFLICT);
    assert_int_equal(payment_now(payment.id).refunded, before.refunded);
    assert_int_equal(outside_number("SELECT COUNT(*) FROM refund"), 1);
}

/* ---- looking up ---- */

static void test_lookups(void **state)
{
    (void)state;
    struct fz_payment payment = bought(&child, true, NULL);
    struct fz_refund refund = refunded(&child, &payment, 100, 0), found;
    const struct fz_party *parties[] = {&child, &sibling, &merchant};
    for (size_t i = 0; i < 3; i++) {
        enum fz_result expected = i == 0 ? FZ_OK : FZ_ABSENT;
        assert_int_equal(BOOK(fz_refund_told(tx, parties[i], refund.refund_id, &found)), expected);
        assert_int_equal(BOOK(fz_refund_by_out_refund_no(tx, parties[i], refund.out_refund_no, &found)),
                         expected);
    }
    assert_int_equal(BOOK(fz_refund_find(tx, "1", &found)), FZ_ABSENT);
}

/* 65.00 of 100.00 CNY at 0.6 % give back a fee of 39 (39.5 rounded to B(6 500) = 39) and 6 461 net, which
 * at 6.5 are 9.94 USD; 35.00 more give back 21 and 3 479 net, 535.23 cents. The order's own funds stay whole.
 */
static void test_recharged(void **state)
{
    (void)state;
    struct fz_payment payment = bought(&child, true, NULL), other = bought(&sibling, true, NULL);
    recharge(INSTITUTION, 1500);
    recharge(INSTITUTION, 500);
    assert_int_equal(recharged(INSTITUTION, "USD"), 2000);
    assert_int_equal(balance(FZ_ACCOUNT_BANK, 0), -2000);
    struct fz_refund first = refunded_recharged(&child, &payment, 6500);
    assert_int_equal(first.fund_source, FZ_SOURCE_RECHARGE);
    assert_int_equal(first.own.fee, 39);
    assert_int_equal(first.own.net, 6461);
    assert_int_equal(first.recharged, 994);
    struct fz_refund kept = refund_now(&first);
    assert_int_equal(kept.recharged, 994);
    assert_int_equal(recharged(INSTITUTION, "USD"), 1006);
    assert_int_equal(payment_now(payment.id).distributable, 9940);
    assert_int_equal(balance(FZ_ACCOUNT_ORDER, payment.id), 9940);
    assert_int_equal(balance(FZ_ACCOUNT_FEE, payment.id), 21);
    assert_int_equal(balance(FZ_ACCOUNT_REFUNDING, payment.id), 6500);
    assert_int_equal(balance(FZ_ACCOUNT_RECHARGED, payment.id), -994);
    assert_int_equal(balance(FZ_ACCOUNT_CONVERSION, payment.id), 994 - 6461);

    assert_int_equal(refunded_recharged(&child, &payment, 3500).recharged, 535);
    assert_int_equal(recharged(INSTITUTION, "USD"), 471);
    assert_int_equal(payment_now(payment.id).distributable, 9940);
    struct fz_refund_request request = refund_request(&other, 10000); /* 9 940 net are 15.29 USD */
    request.source = FZ_SOURCE_RECHARGE;
    assert_string_equal(submit(&sibling, &request, NULL), "REFUND_SHORT");
    assert_int_equal(recharged(INSTITUTION, "USD"), 471);
    request =
        refund_request(&other, 3080); /* 18 of fee, 3 062 net, 471.08 cents: all sub-merchants share it */
    request.source = FZ_SOURCE_RECHARGE;
    assert_string_equal(submit(&sibling, &request, NULL), "NONE");
    assert_int_equal(recharged(INSTITUTION, "USD"), 0);

    assert_int_equal(outcome(&first, FZ_REFUND_CLOSED), FZ_OK);
    assert_int_equal(recharged(INSTITUTION, "USD"), 994);
    assert_int_equal(payment_now(payment.id).distributable, 9940);
    assert_int_equal(payment_now(payment.id).refunded, 3500);
    wait_ms(20 * FZ_MINUTE_MS);
    assert_int_equal(balance(FZ_ACCOUNT_PAYER, payment.id), 3500 - 10000);
    assert_int_equal(balance(FZ_ACCOUNT_RECHARGED, payment.id), -535);
}

/* An unmarked order's refund leaves the day's sales alone; at par the balance pays the net itself. */
static void test_recharged_unmarked(void **state)
{
    (void)state;
    struct fz_payment payment = bought(&merchant, false, NULL); /* 1 % */
    recharge(DIRECT, 9900);
    assert_int_equal(refunded_recharged(&merchant, &payment, 10000).recharged, 9900);
    assert_int_equal(recharged(DIRECT, "CNY"), 0);
    assert_int_equal(pool(DIRECT, FZ_POOL_SALES), 9900);
    assert_int_equal(balance(FZ_ACCOUNT_SALES, payment.id), 9900);
    wait_ms(FZ_DAY_MS); /* what is converted is the sale */
    assert_int_equal(balance(FZ_ACCOUNT_SETTLEMENT, 0), 9900);
}

static void test_recharges(void **state)
{
    (void)state;
    struct fz_merchant sponsor, sub;
    int64_t held = -1;
    assert_booked(fz_merchant_find(tx, INSTITUTION, &sponsor));
    assert_booked(fz_merchant_find(tx, CHILD, &sub));
    assert_int_equal(recharged(INSTITUTION, "USD"), 0);
    assert_int_equal(BOOK(fz_rail_recharged(tx, &sub, 100, &held)), FZ_MALFORMED);
    assert_int_equal(BOOK(fz_rail_recharged(tx, &sponsor, 0, &held)), FZ_MALFORMED);
    assert_int_equal(BOOK(fz_rail_recharged(tx, &sponsor, FZ_AMOUNT_MAX + 1, &held)), FZ_MALFORMED);
    for (int i = 1; i <= 100; i++)
        assert_booked(fz_rail_recharged(tx, &sponsor, FZ_AMOUNT_MAX, &held));
    assert_int_equal(held, FZ_RECHARGED_MAX);
    assert_int_equal(BOOK(fz_rail_recharged(tx, &sponsor, 1, &held)), FZ_MALFORMED);
    assert_int_equal(recharged(INSTITUTION, "USD"), FZ_RECHARGED_MAX);
    /* Another settlement currency is another balance. */
    set_terms(INSTITUTION, "JPY");
    recharge(INSTITUTION, 5);
    assert_int_equal(recharged(INSTITUTION, "JPY"), 5);
    assert_int_equal(recharged(INSTITUTION, "USD"), FZ_RECHARGED_MAX);
}

/* Closed ones are refunds of the order too, other orders' are not. */
static void test_of_payment(void **state)
{
    (void)state;
    struct fz_payment payment = bought(&child, false, NULL), other = bought(&child, false, NULL);
    struct fz_refund refunds[3], closed;
    static struct fz_refund_page page;
    assert_booked(fz_refund_of_payment(tx, payment.id, 0, 1, &page));
    assert_int_equal(page.total, 0);
    assert_int_equal(page.count, 0);
    for (int i = 0; i < 3; i++) {
        refunds[i] = refunded(&child, &payment, 100 + i, 0);
        (void)refunded(&child, &other, 10, 0);
    }
    assert_int_equal(outcome(&refunds[1], FZ_REFUND_CLOSED), FZ_OK);
    closed = refund_now(&refunds[1]);
    assert_booked(fz_refund_of_payment(tx, payment.id, 1, FZ_REFUND_PAGE_MAX, &page));
    assert_int_equal(page.total, 3);
    assert_int_equal(page.count, 2);
    assert_same(&page.list[0], &closed);
    assert_same(&page.list[1], &refunds[2]);
    assert_booked(fz_refund_of_payment(tx, payment.id, 0, 1, &page));
    assert_int_equal(page.count, 1);
    assert_same(&page.list[0], &refunds[0]);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, sandbox_audit_and_remove)
    const struct CMUnitTest tests[] = {
        TEST(test_two_sources),
        TEST(test_two_sources_behind_another),
        TEST(test_unmarked),
        TEST(test_row),
        TEST(test_rates),
        TEST(test_voucher),
        TEST(test_discount),
        TEST(test_less_than_a_fen),
        TEST(test_repeated),
        TEST(test_order_found),
        TEST(test_not_paid),
        TEST(test_one_year),
        TEST(test_total),
        TEST(test_source),
        TEST(test_one_minute),
        TEST(test_old_orders),
        TEST(test_fifty),
        TEST(test_too_much),
        TEST(test_own_short),
        TEST(test_funds_short),
        TEST(test_pool_of_another_day),
        TEST(test_refusal_leaves_nothing),
        TEST(test_while_freezing),
        TEST(test_given_refund_id),
        TEST(test_lookups),
        TEST(test_of_payment),
        TEST(test_recharged),
        TEST(test_recharged_unmarked),
        TEST(test_recharges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
