/* Payments: marking, placing, paying, freezing, finding. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "book/order/rail.h"
#include "book/settlement/pool.h"
#include "unit/book/sandbox.h"

#define TODAY       20458 /* 2026-01-05 */
#define MIDNIGHT_MS (MONDAY_10_MS + 14 * FZ_HOUR_MS)

FZ_STATEMENT(entries, "SELECT COUNT(*) FROM entry", "", "i");

static struct fz_order_request order(const char *out_trade_no, int64_t amount)
{
    return (struct fz_order_request){.out_trade_no = out_trade_no, .amount = amount};
}

static struct fz_payment placed(const struct fz_party *party, const struct fz_order_request *request)
{
    struct fz_payment payment;
    assert_booked(fz_payment_place(tx, party, request, &payment));
    return payment;
}

static struct fz_payment paid_order(const struct fz_party *party, const struct fz_order_request *request)
{
    struct fz_payment payment = placed(party, request);
    assert_booked(fz_rail_paid(tx, &payment, 0));
    return payment;
}

static void a_marked_order_keeps_its_money(void **state)
{
    (void)state;
    struct fz_party party = institution();
    struct fz_payment payment = paid(&party, "A1", 10000, true);
    assert_true(payment.marked);
    assert_int_equal(payment.state, FZ_PAYMENT_SUCCESS);
    assert_int_equal(payment.funds_state, FZ_FUNDS_FREEZING);
    assert_int_equal(payment.settled, 10000);
    assert_int_equal(payment.fee, 60);
    assert_int_equal(payment.distributable, 9940);
    assert_int_equal(payment.payer_total, 10000);
    assert_int_equal(payment.settlement_rate, 650000000);
    assert_string_equal(payment.settlement_currency, "USD");
    assert_int_equal(payment.success_ms, MONDAY_10_MS);
    assert_int_equal(balance(FZ_ACCOUNT_PAYER, payment.id), -10000);
    assert_int_equal(balance(FZ_ACCOUNT_FEE, payment.id), 60);
    assert_int_equal(balance(FZ_ACCOUNT_ORDER, payment.id), 9940);
    assert_int_equal(pool(INSTITUTION, FZ_POOL_SALES), 0);
    struct fz_payment kept = payment_now(payment.id);
    assert_string_equal(kept.transaction_id, payment.transaction_id);
    assert_int_equal(kept.distributable, 9940);
    assert_int_equal(kept.funds_state, FZ_FUNDS_FREEZING);
}

static void an_unmarked_order_joins_the_days_sales(void **state)
{
    (void)state;
    struct fz_party party = direct();
    struct fz_payment payment = paid(&party, "A1", 10000, false);
    assert_false(payment.marked);
    assert_int_equal(payment.funds_state, FZ_FUNDS_NONE);
    assert_int_equal(payment.fee, 100); /* 1 % */
    assert_int_equal(payment.distributable, 0);
    assert_int_equal(pool(DIRECT, FZ_POOL_SALES), 9900);
    assert_int_equal(balance(FZ_ACCOUNT_SALES, payment.id), 9900);
    assert_int_equal(balance(FZ_ACCOUNT_ORDER, payment.id), 0);
    assert_int_equal(due(FZ_EVENT_FROZEN, payment.id), -1);
    assert_int_equal(due(FZ_EVENT_RELEASE, payment.id), -1);
    assert_int_equal(due(FZ_EVENT_CONVERT, TODAY), MIDNIGHT_MS);
}

static void freezing_takes_3_to_5_minutes(void **state)
{
    (void)state;
    struct fz_party party = institution();
    int64_t shortest_s = INT64_MAX, longest_s = 0;
    for (int i = 0; i < 60; i++) {
        char number_text[16];
        snprintf(number_text, sizeof number_text, "A%d", i);
        struct fz_payment payment = paid(&party, number_text, 100, true);
        int64_t freezing_ms = due(FZ_EVENT_FROZEN, payment.id) - payment.success_ms;
        assert_int_equal(freezing_ms % 1000, 0);
        int64_t freezing_s = freezing_ms / 1000;
        assert_in_range(freezing_s, 180, 299);
        shortest_s = freezing_s < shortest_s ? freezing_s : shortest_s;
        longest_s = freezing_s > longest_s ? freezing_s : longest_s;
    }
    assert_true(shortest_s < 200 && longest_s > 280); /* drawn, over the whole span */
}

static void frozen_money_can_be_distributed(void **state)
{
    (void)state;
    struct fz_party party = institution();
    struct fz_payment payment = paid(&party, "A1", 10000, true), out;
    int64_t frozen_ms = due(FZ_EVENT_FROZEN, payment.id);
    pass(frozen_ms - 1);
    assert_refused(fz_payment_for_distribution(tx, &party, payment.transaction_id, &out), ORDER_FREEZING);
    pass(frozen_ms);
    assert_booked(fz_payment_for_distribution(tx, &party, payment.transaction_id, &out));
    assert_int_equal(out.distributable, 9940);
    assert_int_equal(out.funds_state, FZ_FUNDS_FROZEN);
    assert_int_equal(BOOK(fz_rail_frozen(tx, payment.id)), FZ_CONFLICT);
    assert_int_equal(BOOK(fz_rail_frozen(tx, 99)), FZ_ABSENT);
}

static void who_may_ask_for_an_orders_money(void **state)
{
    (void)state;
    struct fz_party party = institution(), other = institution(), stranger = direct();
    strcpy(other.sub_mchid, OTHER_CHILD);
    struct fz_payment marked = frozen(&party, "A1", 10000), plain = paid(&party, "A2", 10000, false), out;
    struct fz_order_request later = order("A3", 100);
    later.transaction_id = "4200000000000000000000000003";
    placed(&party, &later);
    assert_refused(fz_payment_for_distribution(tx, &party, "4200", &out), ORDER_NOT_DISTRIBUTABLE);
    assert_refused(fz_payment_for_distribution(tx, &party, later.transaction_id, &out),
                   ORDER_NOT_DISTRIBUTABLE);
    assert_refused(fz_payment_for_distribution(tx, &party, plain.transaction_id, &out),
                   ORDER_NOT_DISTRIBUTABLE);
    assert_refused(fz_payment_for_distribution(tx, &stranger, marked.transaction_id, &out),
                   ORDER_NOT_DISTRIBUTABLE);
    assert_refused(fz_payment_for_distribution(tx, &other, marked.transaction_id, &out), ORDER_INCONSISTENT);
    party.penalised = true;
    assert_refused(fz_payment_for_distribution(tx, &party, marked.transaction_id, &out), NO_AUTH_RECEIVER);
    struct fz_payment fresh = paid(&party, "A4", 100, true); /* S-AMT's rows: penalty before freezing */
    assert_refused(fz_payment_for_distribution(tx, &party, fresh.transaction_id, &out), NO_AUTH_RECEIVER);
}

static void a_mark_precedes_its_order(void **state)
{
    (void)state;
    struct fz_party party = institution();
    assert_refused(fz_payment_mark(tx, &party, "A1", "USD"), MARK_CURRENCY);
    struct fz_order_request plain = order("A1", 100), marked = order("A2", 100), priced = order("A3", 100);
    assert_false(placed(&party, &plain).marked);
    assert_refused(fz_payment_mark(tx, &party, "A1", "CNY"), MARK_TOO_LATE);
    assert_booked(fz_payment_mark(tx, &party, "A2", "CNY"));
    assert_booked(fz_payment_mark(tx, &party, "A2", "CNY"));
    assert_true(placed(&party, &marked).marked);
    assert_booked(fz_payment_mark(tx, &party, "A2", "CNY"));
    assert_booked(fz_payment_mark(tx, &party, "A3", "CNY")); /* a mark in another currency has no effect */
    priced.currency = "USD";
    assert_false(placed(&party, &priced).marked);
    struct fz_party other = institution();
    strcpy(other.sub_mchid, OTHER_CHILD);
    assert_false(placed(&other, &marked).marked); /* nor has another child's */
}

static void placing_twice_is_placing_once(void **state)
{
    (void)state;
    struct fz_party party = institution(), other = institution();
    strcpy(other.sub_mchid, OTHER_CHILD);
    struct fz_order_request first = order("A1", 100), changed = order("A1", 101);
    first.digest[0] = 1;
    first.description = "goods";
    changed.digest[0] = 2;
    struct fz_payment payment = placed(&party, &first);
    now_ms += 60000;
    struct fz_payment again = placed(&party, &first);
    assert_int_equal(again.id, payment.id);
    assert_int_equal(again.created_ms, MONDAY_10_MS);
    assert_int_equal(again.expires_ms, MONDAY_10_MS + 2 * FZ_HOUR_MS);
    assert_string_equal(again.description, "goods");
    assert_refused(fz_payment_place(tx, &party, &changed, &again), ORDER_NUMBER_USED);
    assert_int_not_equal(placed(&other, &changed).id, payment.id); /* a number is one child's */
    assert_booked(fz_rail_paid(tx, &payment, 0));
    assert_refused(fz_payment_place(tx, &party, &first, &again), ORDER_PAID);
    assert_refused(fz_rail_paid(tx, &payment, 0), ORDER_PAID);
    assert_int_equal(number(&entries), 1);
}

static void what_is_not_paid_in_time_is_closed(void **state)
{
    (void)state;
    struct fz_party party = institution();
    struct fz_order_request request = order("A1", 100), in_time = order("A2", 100);
    struct fz_payment payment = placed(&party, &request), second = placed(&party, &in_time), again;
    now_ms = MONDAY_10_MS + 2 * FZ_HOUR_MS - 1;
    assert_int_equal(payment_now(payment.id).state, FZ_PAYMENT_NOTPAY);
    assert_booked(fz_rail_paid(tx, &second, 0));
    now_ms += 1;
    payment = payment_now(payment.id);
    assert_int_equal(payment.state, FZ_PAYMENT_CLOSED);
    assert_booked(fz_payment_by_out_trade_no(tx, INSTITUTION, CHILD, "A1", &again));
    assert_int_equal(again.state, FZ_PAYMENT_CLOSED);
    assert_refused(fz_rail_paid(tx, &payment, 0), ORDER_CLOSED);
    assert_refused(fz_payment_place(tx, &party, &request, &again), ORDER_CLOSED);
    assert_int_equal(payment_now(second.id).state, FZ_PAYMENT_SUCCESS);
}

static void a_closed_order_cannot_be_paid(void **state)
{
    (void)state;
    struct fz_party party = institution(), other = direct();
    struct fz_order_request request = order("A1", 100), late = order("A2", 100);
    struct fz_payment payment = placed(&party, &request), again;
    (void)placed(&party, &late);
    assert_int_equal(BOOK(fz_payment_close(tx, &other, NULL, "A1")), FZ_ABSENT);
    assert_int_equal(BOOK(fz_payment_close(tx, &party, "4200", NULL)), FZ_ABSENT);
    assert_booked(fz_payment_close(tx, &party, NULL, "A1"));
    assert_booked(fz_payment_close(tx, &party, NULL, "A1"));
    assert_int_equal(payment_now(payment.id).state, FZ_PAYMENT_CLOSED);
    assert_refused(fz_rail_paid(tx, &payment, 0), ORDER_CLOSED);
    assert_refused(fz_payment_place(tx, &party, &request, &again), ORDER_CLOSED);
    now_ms += 2 * FZ_HOUR_MS; /* nobody paid the other one in time */
    assert_booked(fz_payment_close(tx, &party, NULL, "A2"));

    payment = paid(&party, "A3", 100, true);
    assert_refused(fz_payment_close(tx, &party, NULL, "A3"), ORDER_PAID);
    assert_refused(fz_payment_close(tx, &party, payment.transaction_id, NULL), ORDER_PAID);
    assert_int_equal(BOOK(fz_payment_close(tx, &other, payment.transaction_id, NULL)), FZ_ABSENT);
    assert_int_equal(payment_now(payment.id).state, FZ_PAYMENT_SUCCESS);
}

static void numbers_are_unique_and_rise(void **state)
{
    (void)state;
    struct fz_party party = institution();
    struct fz_payment first = paid(&party, "A1", 100, false), second = paid(&party, "A2", 100, false);
    /* The tails are HMAC-SHA-256(seed 1, "transaction_id" and row), calculated elsewhere. */
    assert_string_equal(first.transaction_id, "4200202601050000000010597213");
    assert_string_equal(second.transaction_id, "4200202601050000000020832409");
    struct fz_payment found;
    assert_booked(fz_payment_by_transaction_id(tx, first.transaction_id, &found));
    assert_int_equal(found.id, first.id);
}

static void a_number_can_be_chosen(void **state)
{
    (void)state;
    struct fz_party party = institution();
    struct fz_order_request request = order("A1", 1000), same = order("A2", 1000);
    request.transaction_id = same.transaction_id = "4208450740201411110007820472";
    struct fz_payment payment = placed(&party, &request), found;
    assert_int_equal(BOOK(fz_payment_by_transaction_id(tx, request.transaction_id, &found)), FZ_ABSENT);
    assert_booked(fz_rail_paid(tx, &payment, FZ_PAYER_CREDIT));
    assert_booked(fz_payment_by_transaction_id(tx, request.transaction_id, &found));
    assert_int_equal(found.id, payment.id);
    assert_int_equal(found.payer_kind, FZ_PAYER_CREDIT);
    assert_int_equal(BOOK(fz_payment_place(tx, &party, &same, &found)), FZ_CONFLICT);
}

static void a_number_alone_may_be_ambiguous(void **state)
{
    (void)state;
    struct fz_party one = institution(), two = direct();
    struct fz_order_request request = order("A1", 100);
    struct fz_payment payment = placed(&one, &request), found;
    assert_int_equal(BOOK(fz_payment_by_number_alone(tx, "A2", &found)), FZ_ABSENT);
    assert_booked(fz_payment_by_number_alone(tx, "A1", &found));
    assert_int_equal(found.id, payment.id);
    placed(&two, &request);
    assert_int_equal(BOOK(fz_payment_by_number_alone(tx, "A1", &found)), FZ_CONFLICT);
}

static void every_column_comes_back(void **state)
{
    (void)state;
    struct fz_party party = direct();
    struct fz_order_request request = {.out_trade_no = "A1",
                                       .trade_type = "JSAPI",
                                       .description = "说明",
                                       .attach = "attached",
                                       .notify_url = "https://example.com/n",
                                       .appid = "wx1",
                                       .sub_appid = "wx2",
                                       .amount = 5000,
                                       .payer_currency = "HKD",
                                       .payment_rate = 90000000,
                                       .settlement_rate = 80000000,
                                       .coupon = {FZ_COUPON_COUPON, FZ_SCOPE_SINGLE, "109519", 10},
                                       .payer_kind = FZ_PAYER_DEBIT,
                                       .expires_ms = MONDAY_10_MS + 5};
    memset(request.digest, 7, sizeof request.digest);
    struct fz_payment kept = payment_now(placed(&party, &request).id);
    assert_string_equal(kept.trade_type, "JSAPI");
    assert_string_equal(kept.description, "说明");
    assert_string_equal(kept.attach, "attached");
    assert_string_equal(kept.notify_url, "https://example.com/n");
    assert_string_equal(kept.appid, "wx1");
    assert_string_equal(kept.sub_appid, "wx2");
    assert_string_equal(kept.transaction_id, "");
    assert_string_equal(kept.caller, DIRECT);
    assert_string_equal(kept.sub_mchid, "");
    assert_string_equal(kept.currency, "CNY");
    assert_string_equal(kept.payer_currency, "HKD");
    assert_int_equal(kept.payment_rate, 90000000);
    assert_int_equal(kept.settlement_rate, 80000000);
    assert_int_equal(kept.coupon.type, FZ_COUPON_COUPON);
    assert_int_equal(kept.coupon.scope, FZ_SCOPE_SINGLE);
    assert_string_equal(kept.coupon.promotion_id, "109519");
    assert_int_equal(kept.coupon.amount, 10);
    assert_int_equal(kept.payer_kind, FZ_PAYER_DEBIT);
    assert_int_equal(kept.expires_ms, MONDAY_10_MS + 5);
    assert_int_equal(kept.fee_rate, 100);
    assert_int_equal(kept.settled, 0); /* not before it is paid */
    assert_int_equal(kept.success_ms, 0);
    assert_memory_equal(kept.digest, request.digest, sizeof kept.digest);

    kept.distributable = 11, kept.to_receivers = 12, kept.distribution_count = 13, kept.refunded = 14;
    kept.refunded_settled = 15, kept.refunded_fee = 16, kept.refunded_coupon = 17, kept.refunded_payer = 18;
    kept.refund_count = 19, kept.last_refund_ms = 20, kept.funds_state = FZ_FUNDS_ENDED;
    assert_booked(fz_payment_store_funds(tx, &kept));
    struct fz_payment changed = payment_now(kept.id);
    assert_int_equal(changed.distributable, 11);
    assert_int_equal(changed.to_receivers, 12);
    assert_int_equal(changed.distribution_count, 13);
    assert_int_equal(changed.refunded, 14);
    assert_int_equal(changed.refunded_settled, 15);
    assert_int_equal(changed.refunded_fee, 16);
    assert_int_equal(changed.refunded_coupon, 17);
    assert_int_equal(changed.refunded_payer, 18);
    assert_int_equal(changed.refund_count, 19);
    assert_int_equal(changed.last_refund_ms, 20);
    assert_int_equal(changed.funds_state, FZ_FUNDS_ENDED);
    assert_int_equal(changed.amount, 5000);
}

static void a_coupon_is_paid_for_by_its_giver(void **state)
{
    (void)state;
    struct fz_party party = institution();
    struct fz_order_request request = order("A1", 10000);
    request.coupon = (struct fz_coupon){FZ_COUPON_COUPON, FZ_SCOPE_GLOBAL, "c", 500};
    struct fz_payment payment = paid_order(&party, &request);
    assert_int_equal(payment.payer_total, 9500);
    assert_int_equal(payment.settled, 10000);
    assert_int_equal(balance(FZ_ACCOUNT_PAYER, payment.id), -9500);
    assert_int_equal(balance(FZ_ACCOUNT_PROMOTION, payment.id), -500);
    assert_int_equal(balance(FZ_ACCOUNT_FEE, payment.id), 60);
    assert_int_equal(balance(FZ_ACCOUNT_SALES, payment.id), 9940);
}

static void a_discount_is_paid_for_by_nobody(void **state)
{
    (void)state;
    struct fz_party party = institution();
    assert_booked(fz_payment_mark(tx, &party, "A1", "CNY"));
    struct fz_order_request request = order("A1", 10000);
    request.coupon = (struct fz_coupon){FZ_COUPON_DISCOUNT, FZ_SCOPE_GLOBAL, "d", 1000};
    struct fz_payment payment = paid_order(&party, &request);
    assert_int_equal(payment.payer_total, 9000);
    assert_int_equal(payment.settled, 9000);
    assert_int_equal(payment.distributable, 8946); /* 9 000 less 54 */
    assert_int_equal(balance(FZ_ACCOUNT_PAYER, payment.id), -9000);
    assert_int_equal(balance(FZ_ACCOUNT_ORDER, payment.id), 8946);
    assert_int_equal(balance(FZ_ACCOUNT_DISCOUNT, payment.id), -1000);
    assert_int_equal(balance(FZ_ACCOUNT_WAIVED, payment.id), 1000);
}

static void prices_and_payers_have_currencies(void **state)
{
    (void)state;
    struct fz_party party = direct();
    struct fz_order_request foreign_payer = order("A1", 10000), foreign_price = order("A2", 10000),
                            both = order("A3", 10000);
    foreign_payer.payer_currency = "HKD";
    struct fz_payment payment = paid_order(&party, &foreign_payer);
    assert_int_equal(payment.payment_rate, 83500000);
    assert_int_equal(payment.payer_total, 11976); /* 100 / 0.835 = 119.760 */
    assert_int_equal(payment.settled, 10000);

    foreign_price.currency = "HKD";
    foreign_price.payer_currency = "CNY";
    payment = paid_order(&party, &foreign_price);
    assert_int_equal(payment.settled, 8350); /* 100 x 0.835 */
    assert_int_equal(payment.fee, 84);       /* 83.5 */
    assert_int_equal(payment.payer_total, 8350);
    assert_int_equal(balance(FZ_ACCOUNT_SALES, payment.id), 8266);

    both.currency = "HKD";
    payment = paid_order(&party, &both);
    assert_string_equal(payment.payer_currency, "HKD");
    assert_int_equal(payment.payment_rate, 100000000);
    assert_int_equal(payment.payer_total, 10000);
    assert_int_equal(payment.settled, 8350);
}

static void assert_parameter(const struct fz_party *party, const struct fz_order_request *request,
                             const char *field)
{
    struct fz_payment payment;
    assert_refused(fz_payment_place(tx, party, request, &payment), PARAM_ERROR);
    assert_string_equal(error.field, field);
    assert_string_equal(error.location, "body");
}

/* 1 cent at 0.00001 CNY for one HKD is 0.00001 fen: nothing to book, and paid all the same. */
static void an_order_may_be_worth_less_than_a_fen(void **state)
{
    (void)state;
    struct fz_party party = direct();
    struct fz_order_request request = order("A1", 1);
    request.currency = "HKD";
    request.settlement_rate = 1000;
    struct fz_payment payment = paid_order(&party, &request);
    assert_int_equal(payment.state, FZ_PAYMENT_SUCCESS);
    assert_int_equal(payment.payer_total, 1);
    assert_int_equal(payment.settled, 0);
    assert_int_equal(payment_now(payment.id).state, FZ_PAYMENT_SUCCESS);
    assert_int_equal(number(&entries), 0);
}

static void orders_that_cannot_be_are_refused(void **state)
{
    (void)state;
    struct fz_party party = direct();
    struct fz_payment payment;
    struct fz_order_request request = order("A1", 10000);
    request.currency = "USD"; /* neither CNY nor the settlement currency, HKD */
    assert_refused(fz_payment_place(tx, &party, &request, &payment), ORDER_CURRENCY);
    request.currency = "HKD";
    request.payer_currency = "USD";
    assert_parameter(&party, &request, "/payer_currency");
    request = order("A1", 10000);
    request.payer_currency = "XXX";
    assert_parameter(&party, &request, "/payer_currency");
    request.payer_currency = "HKD";
    request.payment_rate = -1;
    assert_parameter(&party, &request, "/payment_rate");
    request = order("A1", 10000);
    request.settlement_rate = 1;
    assert_parameter(&party, &request, "/settlement_rate");
    request = order("A1", 0);
    assert_parameter(&party, &request, "/amount/total");
    request = order("A1", FZ_AMOUNT_MAX + 1);
    assert_parameter(&party, &request, "/amount/total");
    request = order("A1", FZ_AMOUNT_MAX);
    request.settlement_rate = 1000; /* 10^14 HKD */
    assert_parameter(&party, &request, "/amount/total");
    assert_int_equal(number(&entries), 0);
}

static void a_voucher_is_worth_at_most_the_order(void **state)
{
    (void)state;
    struct fz_party party = direct();
    struct fz_order_request request = order("A1", 10000);
    request.coupon = (struct fz_coupon){FZ_COUPON_DISCOUNT, FZ_SCOPE_GLOBAL, "d", 10001};
    assert_parameter(&party, &request, "/coupon/amount");
    request.coupon.type = FZ_COUPON_COUPON;
    assert_parameter(&party, &request, "/coupon/amount");
    request.coupon.amount = -1;
    assert_parameter(&party, &request, "/coupon/amount");
    request.coupon.amount = 0;
    assert_parameter(&party, &request, "/coupon/amount");
    request.coupon = (struct fz_coupon){.amount = 1};
    assert_parameter(&party, &request, "/coupon/amount");
    request.coupon = (struct fz_coupon){FZ_COUPON_COUPON, FZ_SCOPE_GLOBAL, "c", 11977};
    request.payer_currency = "HKD"; /* 11 976 are to pay */
    assert_parameter(&party, &request, "/coupon/amount");
    request.coupon.amount = 11976;
    assert_int_equal(paid_order(&party, &request).payer_total, 0);
    request = order("A2", 10000);
    request.coupon = (struct fz_coupon){FZ_COUPON_DISCOUNT, FZ_SCOPE_GLOBAL, "d", 10000};
    assert_int_equal(paid_order(&party, &request).settled, 0);
}

static void the_table_holds_for_the_largest_order(void **state)
{
    (void)state;
    struct fz_merchant merchant;
    assert_booked(fz_merchant_find(tx, DIRECT, &merchant));
    strcpy(merchant.settlement_currency, "VND"); /* the smallest unit of all */
    assert_booked(fz_merchant_change(tx, &merchant));
    struct fz_party party = direct();
    struct fz_payment payment = paid(&party, "A1", FZ_AMOUNT_MAX, false);
    assert_int_equal(payment.fee, FZ_AMOUNT_MAX / 100);
}

static void words_of_the_api(void **state)
{
    (void)state;
    assert_string_equal(fz_recv_account_word(FZ_PAYER_BALANCE), "The balance of the paying user");
    assert_string_equal(fz_recv_account_word(FZ_PAYER_MINI_FUND), "The Mini Fund of the paying user");
    assert_string_equal(fz_recv_account_word(FZ_PAYER_CREDIT), "China Merchants Bank Credit Card 0403");
    assert_string_equal(fz_recv_account_word(FZ_PAYER_DEBIT), "China Merchants Bank Debit Card 0403");
    assert_string_equal(fz_payer_word(FZ_PAYER_CREDIT), "CMB_CREDIT");
    assert_string_equal(fz_payer_word(FZ_PAYER_DEBIT), "CMB_DEBIT");
    assert_string_equal(fz_payer_word(FZ_PAYER_BALANCE), "OTHERS");
    assert_string_equal(fz_payer_word(FZ_PAYER_MINI_FUND), "OTHERS");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, sandbox_new, sandbox_audit_and_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_marked_order_keeps_its_money),
        TEST(an_unmarked_order_joins_the_days_sales),
        TEST(freezing_takes_3_to_5_minutes),
        TEST(frozen_money_can_be_distributed),
        TEST(who_may_ask_for_an_orders_money),
        TEST(a_mark_precedes_its_order),
        TEST(placing_twice_is_placing_once),
        TEST(what_is_not_paid_in_time_is_closed),
        TEST(a_closed_order_cannot_be_paid),
        TEST(numbers_are_unique_and_rise),
        TEST(a_number_can_be_chosen),
        TEST(a_number_alone_may_be_ambiguous),
        /* It writes sums that no refund made. */
        cmocka_unit_test_setup_teardown(every_column_comes_back, sandbox_new, sandbox_remove),
        TEST(a_coupon_is_paid_for_by_its_giver),
        TEST(a_discount_is_paid_for_by_nobody),
        TEST(prices_and_payers_have_currencies),
        TEST(an_order_may_be_worth_less_than_a_fen),
        TEST(orders_that_cannot_be_are_refused),
        TEST(a_voucher_is_worth_at_most_the_order),
        TEST(the_table_holds_for_the_largest_order),
        TEST(words_of_the_api),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
