/* The text of the statement, letter by letter, and what is answered of settlements. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/calendar.h"
#include "unit/api/service.h"

#define MARK "\xEF\xBB\xBF"
/* The vendor's list; from "User payment amount" on in our words. */
#define HEADER                                                                                               \
    "Transaction time,Official Account ID,Vendor ID,Sub vendor ID,Device No.,WeChat order No.,"              \
    "Vendor order No.,User identifier,Transaction type,Transaction status,Payment bank,"                     \
    "Top-up voucher currency,Top-up voucher amount,Voucher currency,Voucher amount,WeChat refund No.,"       \
    "Merchant refund No.,Refund type,Refund status,Commodity name,Merchant data package,Service fee,Rate,"   \
    "Priced currency,Order amount (priced currency),User payment currency,User payment amount,"              \
    "Settlement currency,Settlement order amount,Payment exchange rate,Refund exchange rate,"                \
    "Requested refund amount,User refund currency,User refund amount,Refund settlement currency,"            \
    "Refund settlement amount,Top-up voucher refund amount,Voucher refund amount\r\n"
#define SUMMARY                                                                                              \
    "Settlement currency,Total payment count,Total refund count,Total settlement order amount,"              \
    "Total refund settlement amount,Total service fee\r\n"

#define SETTLED                                                                                              \
    "/v3/global/settle/settlements?settle_state=SETTLED&settle_start_date=20260106&settle_end_date=20260107" \
    "&limit=30&offset=0"
#define UNSETTLE "/hk/v3/settle/settlements?settle_state=UNSETTLE&limit=30&offset=0"

static int monday(void)
{
    return fz_day_of(MONDAY_10_MS);
}

static void refund(const char *order, const char *number, int64_t amount, int64_t total)
{
    assert_answered(request(INSTITUTION, "POST", "/v3/global/refunds",
                            text("{\"sp_mchid\":\"" INSTITUTION "\",\"sub_mchid\":\"" CHILD
                                 "\",\"sp_appid\":\"wx8\",\"transaction_id\":\"%s\",\"out_refund_no\":\"%s\","
                                 "\"amount\":{\"refund\":%lld,\"total\":%lld,\"currency\":\"CNY\"}}",
                                 order, number, (long long)amount, (long long)total)));
}

/* 100.00 at 0.6 % and 6.5: 15.38, net 15.29; 60.00 of it: 9.23 and, net 59.64, 9.18. */
static void the_statement(void **state)
{
    (void)state;
    const char *order = paid("T00001", 10000, true);
    refund(order, "R|1", 6000, 10000);
    const char *refund_id = member("id");
    pass(FZ_DAY_MS);
    const char *details = text("`2026-01-05 10:00:00,`wx8888888888888888,`" INSTITUTION ",`" CHILD
                               ",`,`%s,`T00001,`,`NATIVE,`SUCCESS,`OTHERS,`,`0.00,`,"
                               "`0.00,`,`,`,`,`tea,`,`0.09,`0.60%%,`CNY,`100.00,`CNY,`100.00,`USD,`15.38,`"
                               "650000000,`,`0.00,`,`0.00,`,"
                               "`0.00,`0.00,`0.00\r\n"
                               "`2026-01-05 10:05:00,`wx8888888888888888,`" INSTITUTION ",`" CHILD
                               ",`,`%s,`T00001,`,`NATIVE,`REFUND,`OTHERS,`,`0.00,`,"
                               "`0.00,`%s,`R|1,`ORIGINAL,`SUCCESS,`tea,`,`-0.05,`0.60%%,`CNY,`0.00,`CNY,`0."
                               "00,`USD,`0.00,`,`650000000,"
                               "`60.00,`CNY,`60.00,`USD,`9.23,`0.00,`0.00\r\n",
                               order, order, refund_id);
    const char *summary = "`USD,`1,`1,`15.38,`9.23,`0.04\r\n";
    const struct fz_bill_link all = {.caller = INSTITUTION, .kind = FZ_SORT_TRADES, .day = monday()};
    struct fz_bill_link one = {
        .caller = INSTITUTION, .sub_mchid = CHILD, .kind = FZ_SORT_TRADES, .day = monday()};
    const char *expected = text(MARK HEADER "%s" SUMMARY "%s", details, summary);
    assert_string_equal(bill_text(&all, false), expected);
    assert_string_equal(bill_text(&one, false), expected);
    assert_string_equal(bill_text(&all, true), text(MARK SUMMARY "%s" HEADER "%s", summary, details));
    strcpy(one.sub_mchid, OTHER_CHILD);
    assert_string_equal(bill_text(&one, false), MARK HEADER SUMMARY);
}

/* Copies the one payment and the one refund that there are, so that there are $1 of each. */
FZ_STATEMENT(
    multiply_payment,
    "WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < $1)"
    " INSERT INTO payment (id, transaction_id, caller, sub_mchid, out_trade_no, digest, trade_type, state,"
    " description, amount, currency, payer_kind, payer_total, payer_currency, payment_rate,"
    " settlement_currency, settlement_rate, coupon_type, coupon_scope, coupon_amount, fee_rate, settled,"
    " fee, marked, funds_state, distributable, to_receivers, distribution_count, refunded,"
    " refunded_settled, refunded_fee, refunded_coupon, refunded_payer, refund_count, last_refund_ms,"
    " created_ms, expires_ms, success_ms) SELECT p.id - 1 + i, 'X' || i, caller, sub_mchid, 'TRADE' || i, "
    "digest,"
    " trade_type, state, description, amount, currency, payer_kind, payer_total, payer_currency,"
    " payment_rate, settlement_currency, settlement_rate, coupon_type, coupon_scope, coupon_amount,"
    " fee_rate, settled, fee, marked, funds_state, distributable, to_receivers, distribution_count,"
    " refunded, refunded_settled, refunded_fee, refunded_coupon, refunded_payer, refund_count,"
    " last_refund_ms, created_ms, expires_ms, success_ms FROM payment p, n",
    "i", "");
FZ_STATEMENT(
    multiply_refund,
    "WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < $1)"
    " INSERT INTO refund (id, refund_id, caller, sub_mchid, out_refund_no, digest, payment, transaction_id,"
    " out_trade_no, fund_source, marked, amount, currency, payer_refund, payer_currency, rate_type, rate,"
    " coupon_type, coupon_scope, coupon_amount, coupon_refund, coupon_settled, settled, own_gross, own_fee,"
    " own_net, funds_gross, funds_fee, funds_net, fee_rate, settlement_currency, settlement_rate, state,"
    " channel, recv_account, order_success_ms, created_ms) SELECT r.id - 1 + i, 'X' || i, caller, sub_mchid,"
    " 'R' || i, digest, payment, transaction_id, out_trade_no, fund_source, marked, amount, currency,"
    " payer_refund, payer_currency, rate_type, rate, coupon_type, coupon_scope, coupon_amount,"
    " coupon_refund, coupon_settled, settled, own_gross, own_fee, own_net, funds_gross, funds_fee,"
    " funds_net, fee_rate, settlement_currency, settlement_rate, state, channel, recv_account,"
    " order_success_ms, created_ms FROM refund r, n",
    "i", "");

static enum fz_result multiply(struct fz_tx *tx, void *argument)
{
    int64_t count = *(const int64_t *)argument;
    enum fz_result result = fz_run(tx, &multiply_payment, FZ_VALUES(FZ_I(count)), NULL);
    return result == FZ_OK ? fz_run(tx, &multiply_refund, FZ_VALUES(FZ_I(count)), NULL) : result;
}

/* The line behind the one at hand, which has to have `cell`. */
static const char *behind(const char *line, const char *end, const char *cell)
{
    const char *next = memchr(line, '\n', (size_t)(end - line));
    assert_non_null(next);
    if (memmem(line, (size_t)(next - line), cell, strlen(cell)) == NULL)
        fail_msg("no %s in %.*s", cell, (int)(next - line), line);
    return next + 1;
}

/* Each scan by ranges of 10 000: none is lost or doubled at a border, nor between payments and refunds. */
static void a_statement_of_many_ranges(void **state)
{
    (void)state;
    int64_t count = 20000;
    refund(paid("TRADE1", 10000, true), "R1", 2, 10000);
    write_book(multiply, &count);
    pass(FZ_DAY_MS);
    const struct fz_bill_link link = {.caller = INSTITUTION, .kind = FZ_SORT_TRADES, .day = monday()};
    const char *bill = bill_text(&link, false), *end = bill + strlen(bill);
    const char *line = behind(bill, end, "Transaction time");
    for (int64_t i = 1; i <= count; i++)
        line = behind(line, end, text(",`TRADE%lld,`,`NATIVE,`SUCCESS", (long long)i));
    for (int64_t i = 1; i <= count; i++)
        line = behind(line, end, text(",`R%lld,`", (long long)i));
    assert_string_equal(line, SUMMARY "`USD,`20000,`20000,`307600.00,`0.00,`1800.00\r\n");
}

static void what_is_asked_for(void **state)
{
    (void)state;
    (void)paid("T00001", 10000, false);
    assert_refused(get(INSTITUTION, "/v3/global/statements?date=20260105&sp_mchid=" INSTITUTION),
                   BILL_CREATING);
    pass(FZ_DAY_MS);
    assert_answered(
        get(INSTITUTION, "/hk/v3/statements?date=20260105&sp_mchid=" INSTITUTION "&sub_mchid=" CHILD));
    assert_int_equal(file.kind, FZ_SORT_TRADES);
    assert_int_equal(file.day, monday());
    assert_string_equal(file.caller, INSTITUTION);
    assert_string_equal(file.sub_mchid, CHILD);
    assert_refused(get(DIRECT, "/v3/global/statements?date=20260105&mchid=" DIRECT), STATEMENT_NONE);
    assert_refused(get(DIRECT, "/v3/global/statements?date=20260107&mchid=" DIRECT), PARAM_ERROR);
    assert_string_equal(error.field, "date");
    pass(180 * FZ_DAY_MS);
    assert_refused(get(INSTITUTION, "/v3/global/statements?date=20260105&sp_mchid=" INSTITUTION),
                   STATEMENT_TOO_OLD);
}

/* 10 000.00 marked and released: net 9 940.00 are 1 529.23 USD. Then an unmarked order has not been, so there
 * is no fee. */
static void settlements(void **state)
{
    (void)state;
    const char *order = paid("T00001", 1000000, true);
    assert_answered(
        request(INSTITUTION, "POST", "/v3/global/profit-sharing/orders/unfreeze",
                text("{\"sub_mchid\":\"" CHILD "\",\"transaction_id\":\"%s\",\"out_order_no\":\"U1\","
                     "\"description\":\"all\"}",
                     order)));
    assert_answer(get(INSTITUTION, UNSETTLE), "{\"data\":[],\"total_count\":0,\"offset\":0,\"limit\":0}");
    pass(15 * FZ_HOUR_MS);
    assert_answer(
        get(INSTITUTION, UNSETTLE),
        "{\"data\":[{\"batch_id\":\"\",\"settlement_date\":\"\",\"trade_start_date\":\"20260105\","
        "\"trade_end_date\":\"20260105\",\"amount\":{\"settled\":0,\"unsettle\":152923,\"currency\":\"USD\","
        "\"pay\":152923,\"refund\":0,\"net\":152923,\"fee\":0},\"wallet_region\":\"CHINA_MAINLAND\","
        "\"split_amount\":{\"settled\":0,\"unsettle\":152923,\"currency\":\"USD\",\"pay\":152923,"
        "\"refund\":0}}],\"total_count\":1,\"offset\":0,\"limit\":1}");
    pass(12 * FZ_HOUR_MS);
    assert_answer(
        get(INSTITUTION, SETTLED),
        "{\"data\":[{\"batch_id\":\"20260106001\",\"settlement_date\":\"20260106\",\"trade_start_date\":"
        "\"20260105\",\"trade_end_date\":\"20260105\",\"amount\":{\"settled\":152923,\"unsettle\":0,"
        "\"currency\":\"USD\",\"pay\":152923,\"refund\":0,\"net\":152923,\"fee\":0},\"wallet_region\":"
        "\"CHINA_MAINLAND\",\"split_amount\":{\"settled\":152923,\"unsettle\":0,\"currency\":\"USD\","
        "\"pay\":152923,\"refund\":0}}],\"total_count\":1,\"offset\":0,\"limit\":1}");
    assert_answer(get(INSTITUTION, SETTLED "&sub_mchid=" OTHER_CHILD),
                  "{\"data\":[],\"total_count\":0,\"offset\":0,\"limit\":0}");
    assert_refused(get(INSTITUTION, SETTLED "&sub_mchid=" NOT_OURS), NO_AUTH_CHILD);
    assert_refused(get(DIRECT, SETTLED "&sub_mchid=" CHILD), NO_AUTH_CHILD);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, service_begin, service_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_statement),
        TEST(a_statement_of_many_ranges),
        TEST(what_is_asked_for),
        TEST(settlements),
    };
    return cmocka_run_group_tests_name("api/statement", tests, NULL, NULL);
}
