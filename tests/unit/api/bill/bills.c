/* The texts of both bills, letter by letter, and the rules of their links. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/calendar.h"
#include "book/order/rail.h"
#include "book/refund/refund.h"
#include "unit/api/service.h"

#define SHARING "/v3/global/profit-sharing"
#define MARK    "\xEF\xBB\xBF"

/* S-RBILL: "The headers are as follows". */
#define REFUND_HEADER                                                                                        \
    "Refund apply time,Refund success time,Wechat refund number(refund_id),Vendor refund "                   \
    "number(out_refund_no),"                                                                                 \
    "Wechat order number(transaction_id),Vendor order number(out_transaction_id),Refund "                    \
    "amount(refund_fee),Currency type,"                                                                      \
    "Coupon refund amount,Payer's refund amount,Payer's refund currency type,Rate,Refund source,Refund "     \
    "source type,"                                                                                           \
    "Refund source amount,Refund source fee in CNY,Refund settlement currency type,Refund exchange rate,"    \
    "Refund source settlement amount,Refund source fee in settlement currency type\r\n"
#define REFUND_SUMMARY                                                                                       \
    "Settlement currency type,Total refund count,Total refund amount,Total coupon refund amount,"            \
    "Total refund source amount,Total refund source fee in CNY,Total refund source settlement amount,"       \
    "Total refund source fee in settlement currency\r\n"
#define DISTRIBUTION_HEADER                                                                                  \
    "create_time,initiator,sponsor,sub_mchid,transaction_id,order_id,out_order_no,detail_id,receiver_"       \
    "account,amount,currency,"                                                                               \
    "settlement_amount,settlement_currency,exchange_rate,business_type,status,description\r\n"

#define DISTRIBUTION_SUMMARY                                                                                 \
    "settlement_currency,Total count,Total amount,Total settlement amount\r\n`USD,`1,`50.00,`7.69\r\n"

static int monday(void)
{
    return fz_day_of(MONDAY_10_MS);
}

static void send_outbound(const char *order, const char *number, int64_t amount, const char *description)
{
    assert_answered(request(
        INSTITUTION, "POST", SHARING "/orders",
        text("{\"sub_mchid\":\"" CHILD
             "\",\"transaction_id\":\"%s\",\"out_order_no\":\"%s\",\"unfreeze_unsplit\":false,"
             "\"receivers\":[{\"currency\":\"CNY\",\"type\":\"MERCHANT_ID\",\"account\":\"" INSTITUTION
             "\",\"amount\":%lld,\"description\":\"%s\"}]}",
             order, number, (long long)amount, description)));
    pass(FZ_MINUTE_MS);
}

/* `sources` is the text of amount.from, with its name; empty: none. The refund's number. */
static const char *refund(const char *order, const char *number, int64_t amount, int64_t total,
                          const char *sources)
{
    assert_answered(request(
        INSTITUTION, "POST", "/v3/global/refunds",
        text("{\"sp_mchid\":\"" INSTITUTION "\",\"sub_mchid\":\"" CHILD
             "\",\"sp_appid\":\"wx8\",\"transaction_id\":\"%s\","
             "\"out_refund_no\":\"%s\",\"amount\":{\"refund\":%lld,\"total\":%lld,\"currency\":\"CNY\"%s}}",
             order, number, (long long)amount, (long long)total, sources)));
    return member("id");
}

/* docs/book.md: 60.00 of 100.00 at 0.6 %, 49.70 (fee 0.30) from the order and 10.30 (fee 0.06) by advance.
 * At 6.5 these are 7.646, 0.046, 1.584 and 0.009 USD. Then 0.01 of another order: no fee comes back, and
 * 0.0015 USD are none. */
static void the_refund_bill(void **state)
{
    (void)state;
    const char *order = paid("T00001", 10000, true), *small = paid("T00002", 10000, true);
    send_outbound(order, "D1", 5000, "d");
    const char *first = refund(order, "R|1", 6000, 10000,
                               ",\"from\":[{\"fund_source\":\"FUNDS_REFUNDABLE_BALANCE\",\"amount\":1030},"
                               "{\"fund_source\":\"ORDER_REFUNDABLE_BALANCE\",\"amount\":4970}]");
    const char *second = refund(small, "R2", 1, 10000, "");
    pass(FZ_DAY_MS);
    const char *details = text(
        "`2026-01-05 10:11:00,`2026-01-05 "
        "10:31:00,`%s,`R|1,`%s,`T00001,`60.00,`CNY,`0.00,`60.00,`CNY,`0.60%%,"
        "`ORDER_REFUNDABLE_BALANCE,`PACKAGE,`49.70,`-0.30,`USD,`650000000,`7.65,`-0.05\r\n"
        "`2026-01-05 10:11:00,`2026-01-05 "
        "10:31:00,`%s,`R|1,`%s,`T00001,`60.00,`CNY,`0.00,`60.00,`CNY,`0.60%%,"
        "`FUNDS_REFUNDABLE_BALANCE,`PACKAGE,`10.30,`-0.06,`USD,`650000000,`1.58,`-0.01\r\n"
        "`2026-01-05 10:11:00,`2026-01-05 10:31:00,`%s,`R2,`%s,`T00002,`0.01,`CNY,`0.00,`0.01,`CNY,`0.60%%,"
        "`ORDER_REFUNDABLE_BALANCE,`PACKAGE,`0.01,`-0.00,`USD,`650000000,`0.00,`-0.00\r\n",
        first, order, first, order, second, small);
    const char *summary = "`USD,`2,`60.01,`0.00,`60.01,`-0.36,`9.23,`-0.06\r\n";
    const struct fz_bill_link all = {.caller = INSTITUTION, .kind = FZ_SORT_REFUNDS, .day = monday()};
    struct fz_bill_link one = {
        .caller = INSTITUTION, .sub_mchid = CHILD, .kind = FZ_SORT_REFUNDS, .day = monday()};
    const char *expected = text(MARK REFUND_HEADER "%s" REFUND_SUMMARY "%s", details, summary);
    assert_string_equal(bill_text(&all, false), expected);
    assert_string_equal(bill_text(&one, false), expected);
    assert_string_equal(bill_text(&all, true),
                        text(MARK REFUND_SUMMARY "%s" REFUND_HEADER "%s", summary, details));
    strcpy(one.sub_mchid, OTHER_CHILD);
    assert_string_equal(bill_text(&one, false),
                        MARK REFUND_HEADER REFUND_SUMMARY);
}

/* Copies the one refund that there is, so that there are $1. */
FZ_STATEMENT(
    multiply_refund,
    "WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < $1)"
    " INSERT INTO refund (id, refund_id, caller, sub_mchid, out_refund_no, digest, payment, transaction_id, "
    "out_trade_no, fund_source,"
    " marked, amount, currency, payer_refund, payer_currency, rate_type, rate, coupon_type, coupon_scope, "
    "coupon_amount, coupon_refund,"
    " coupon_settled, settled, own_gross, own_fee, own_net, funds_gross, funds_fee, funds_net, fee_rate, "
    "settlement_currency,"
    " settlement_rate, state, channel, recv_account, order_success_ms, created_ms, success_ms, bill_day)"
    " SELECT r.id - 1 + i, 'X' || i, caller, sub_mchid, 'R' || i, digest, payment, transaction_id, "
    "out_trade_no, fund_source, marked,"
    " amount, currency, payer_refund, payer_currency, rate_type, rate, coupon_type, coupon_scope, "
    "coupon_amount, coupon_refund,"
    " coupon_settled, settled, own_gross, own_fee, own_net, funds_gross, funds_fee, funds_net, fee_rate, "
    "settlement_currency,"
    " settlement_rate, state, channel, recv_account, order_success_ms, created_ms, success_ms, bill_day FROM "
    "refund r, n",
    "i", "");

static enum fz_result multiply(struct fz_tx *tx, void *argument)
{
    return fz_run(tx, &multiply_refund, FZ_VALUES(FZ_I(*(const int64_t *)argument)), NULL);
}

/* Rows are read by ranges of 10 000: none is lost or doubled at a border, also where the last range is full.
 */
static void a_bill_of_many_ranges(void **state)
{
    (void)state;
    int64_t count = 20000;
    (void)refund(paid("T00001", 10000, true), "R1", 2, 10000, "");
    pass(FZ_DAY_MS);
    write_book(multiply, &count);
    const struct fz_bill_link link = {.caller = INSTITUTION, .kind = FZ_SORT_REFUNDS, .day = monday()};
    const char *bill = bill_text(&link, false), *line = strstr(bill, "\r\n") + 2;
    for (int64_t i = 1; i <= count; i++) { /* within the line: a sanitizer's strstr measures all that follows */
        const char *number = text(",`R%lld,`", (long long)i), *end = strchr(line, '\n') + 1;
        assert_non_null(memmem(line, (size_t)(end - line), number, strlen(number)));
        line = end;
    }
    assert_string_equal(line, REFUND_SUMMARY "`USD,`20000,`400.00,`0.00,`400.00,`-0.00,`0.00,`-0.00\r\n");
}

static enum fz_result refund_with_vouchers(struct fz_tx *tx, void *argument)
{
    (void)argument;
    struct fz_party party;
    assert_int_equal(fz_party_find(tx, DIRECT, NULL, &party), FZ_OK);
    static const enum fz_coupon_type types[] = {FZ_COUPON_COUPON, FZ_COUPON_DISCOUNT};
    for (int i = 0; i < 2; i++) {
        const char *number = i == 0 ? "COUPON" : "DISCOUNT";
        struct fz_order_request order = {.out_trade_no = number,
                                         .description = "tea",
                                         .amount = 10000,
                                         .payer_currency = "HKD",
                                         .payment_rate = 80000000,
                                         .coupon = {types[i], FZ_SCOPE_SINGLE, "109519", 500}};
        struct fz_payment payment;
        assert_int_equal(fz_payment_mark(tx, &party, number, "CNY"), FZ_OK);
        assert_int_equal(fz_payment_place(tx, &party, &order, &payment), FZ_OK);
        assert_int_equal(fz_rail_paid(tx, &payment, FZ_PAYER_BALANCE), FZ_OK);
        struct fz_refund_request refund_request = {.transaction_id = payment.transaction_id,
                                                   .out_refund_no = number,
                                                   .source = FZ_SOURCE_UNSETTLED,
                                                   .refund = 5000,
                                                   .total = 10000,
                                                   .currency = "CNY"};
        struct fz_refund accepted;
        assert_int_equal(fz_refund_submit(tx, &party, &refund_request, &accepted), FZ_OK);
    }
    return FZ_OK;
}

static const char *without_numbers(const char *bill)
{
    const char *line = strstr(bill, "\r\n") + 2;
    return strstr(line, ",`COUPON,`") + 1;
}

/* Half of 100.00 at 1 %, paid in HKD at 0.8: the voucher of 5.00 gives back 2.50 HKD, which are 2.00 CNY,
 * or 2.50 CNY; the payer 60.00 or 59.38 HKD. The DISCOUNT is not settled and bears no fee: 0.48 of 47.50. */
static void vouchers_on_the_refund_bill(void **state)
{
    (void)state;
    write_book(refund_with_vouchers, NULL);
    pass(FZ_DAY_MS);
    const struct fz_bill_link link = {.caller = DIRECT, .kind = FZ_SORT_REFUNDS, .day = monday()};
    const char *bill = bill_text(&link, false);
    const char *coupon = without_numbers(bill);
    const char *rest_of_coupon = strstr(coupon, ",`50.00,`CNY") + 1,
               *discount = strstr(rest_of_coupon, ",`DISCOUNT,`") + 1;
    const char *rest_of_discount = strstr(discount, ",`50.00,`CNY") + 1;
    static const char told_of_coupon[] = "`50.00,`CNY,`2.00,`60.00,`HKD,`1.00%,`ORDER_REFUNDABLE_BALANCE,`"
                                         "PACKAGE,`50.00,`-0.50,`CNY,`100000000,`50.00,`-0.50\r\n";
    static const char told_of_discount[] =
        "`50.00,`CNY,`2.50,`59.38,`HKD,`1.00%,`ORDER_REFUNDABLE_BALANCE,`PACKAGE,`50.00,`-0.48,`CNY,`"
        "100000000,`47.50,`-0.48\r\n" REFUND_SUMMARY "`CNY,`2,`100.00,`4.50,`100.00,`-0.98,`97.50,`-0.98\r\n";
    assert_memory_equal(rest_of_coupon, told_of_coupon, sizeof told_of_coupon - 1);
    assert_string_equal(rest_of_discount, told_of_discount);
}

/* 50.00 at 6.5 are 7.692 USD; the line end of the description becomes a blank, its comma stays. The release
 * after 180 days is the system's. */
static void the_distribution_bill(void **state)
{
    (void)state;
    const char *order = paid("T00001", 10000, true);
    send_outbound(order, "D1", 5000, "a,b\\nc");
    assert_answered(
        get(INSTITUTION, text(SHARING "/orders/D1?sub_mchid=" CHILD "&transaction_id=%s", order)));
    const char *order_id = member("order_id");
    const char *detail_id = json_string_value(
        json_object_get(json_array_get(json_object_get(answer, "receivers"), 0), "detail_id"));
    const char *expected =
        text(MARK DISTRIBUTION_HEADER
             "`2026-01-05 10:05:00,`" INSTITUTION ",`" INSTITUTION ",`" CHILD ",`%s,`%s,`D1,`%s,`" INSTITUTION
             ",`50.00,`CNY,`7.69,`USD,`650000000,`PROFITSHARING,`SUCCESS,`a,b c\r\n"
             DISTRIBUTION_SUMMARY,
             order, order_id, detail_id);
    struct fz_bill_link link = {
        .caller = INSTITUTION, .sub_mchid = CHILD, .kind = FZ_SORT_DISTRIBUTIONS, .day = monday()};
    assert_string_equal(bill_text(&link, false), expected);
    const char *details = expected + strlen(MARK);
    int details_size = (int)(strstr(details, DISTRIBUTION_SUMMARY) - details);
    assert_string_equal(bill_text(&link, true),
                        text(MARK DISTRIBUTION_SUMMARY "%.*s", details_size, details));

    assert_answered(
        request(INSTITUTION, "POST", SHARING "/orders/unfreeze",
                text("{\"sub_mchid\":\"" CHILD
                     "\",\"transaction_id\":\"%s\",\"out_order_no\":\"U1\",\"description\":\"u\"}",
                     paid("T00002", 1000, true))));
    (void)paid("T00003", 100, true);
    pass(180 * FZ_DAY_MS);
    static const struct {
        int days;
        const char *initiator, *number, *type;
    } lines[] = {{0, "`" INSTITUTION ",", ",`U1,", ",`UNFREEZE,`SUCCESS,`u\r\n"},
                 {180, "`system,", ",`,", ",`AUTO_UNFREEZE,`SUCCESS,"}};
    for (size_t i = 0; i < 2; i++) {
        link.day = monday() + lines[i].days;
        const char *bill = bill_text(&link, false);
        assert_non_null(strstr(bill, lines[i].initiator));
        assert_non_null(strstr(bill, lines[i].number));
        assert_non_null(strstr(bill, lines[i].type));
    }
}

/* ---- links ---- */

#define REFUND_BILL(day) SHARING "/refunds/bill-download-url?bill_date=" day

/* The link of Monday's bill, without scheme and host. */
static const char *link_of(const char *target)
{
    assert_answered(get(INSTITUTION, target));
    const char *url = member("download_url");
    static const char start[] = "http://127.0.0.1:8080/v3/billdownload/file?token=";
    assert_memory_equal(url, start, sizeof start - 1);
    assert_true(strlen(url) < 2048);
    assert_int_equal(
        strspn(url + sizeof start - 1, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"),
        strlen(url + sizeof start - 1));
    return url + strlen("http://127.0.0.1:8080");
}

static void a_day_s_bill_from_its_making_to_its_end(void **state)
{
    (void)state;
    (void)refund(paid("T00001", 10000, true), "R1", 100, 10000, "");
    static const char monday_s[] = REFUND_BILL("2026-01-05"), sunday_s[] = REFUND_BILL("2026-01-04");
    assert_refused(get(INSTITUTION, REFUND_BILL("2026-01-06")), PARAM_ERROR);
    assert_refused(get(INSTITUTION, monday_s), BILL_CREATING);
    assert_refused(get(INSTITUTION, sunday_s), BILL_NONE);
    pass(MONDAY_10_MS + FZ_DAY_MS - 1 - now()); /* Tuesday, a millisecond before ten */
    assert_refused(get(INSTITUTION, monday_s), BILL_CREATING);
    assert_refused(get(INSTITUTION, REFUND_BILL("2026-01-06")), BILL_CREATING);
    pass(1);
    assert_answered(get(INSTITUTION, monday_s));
    assert_answered(get(INSTITUTION, REFUND_BILL("2026-01-05&sub_mchid=" CHILD)));
    assert_refused(get(INSTITUTION, REFUND_BILL("2026-01-05&sub_mchid=" OTHER_CHILD)), BILL_NONE);
    assert_refused(get(DIRECT, monday_s), BILL_NONE);
    pass(fz_day_start_ms(monday() + 91) - 1 - now()); /* the end of the 90th day after */
    assert_answered(get(INSTITUTION, monday_s));
    pass(1);
    assert_refused(get(INSTITUTION, monday_s), BILL_TOO_OLD);
    assert_refused(get(INSTITUTION, REFUND_BILL("1970-01-01")), BILL_TOO_OLD);
}

static void a_link_lasts_30_seconds(void **state)
{
    (void)state;
    (void)refund(paid("T00001", 10000, true), "R1", 100, 10000, "");
    pass(FZ_DAY_MS);
    const char *target = link_of(REFUND_BILL("2026-01-05")),
               *of_child = link_of(REFUND_BILL("2026-01-05&sub_mchid=" CHILD));
    assert_answered(get(INSTITUTION, target));
    assert_string_equal(file.caller, INSTITUTION);
    assert_string_equal(file.sub_mchid, "");
    assert_int_equal(file.kind, FZ_SORT_REFUNDS);
    assert_int_equal(file.day, monday());
    assert_answered(get(INSTITUTION, of_child));
    assert_string_equal(file.sub_mchid, CHILD);
    const char *alias = text("/v3/bill/downloadurl%s", strchr(target, '?'));
    pass(30 * FZ_SECOND_MS);
    assert_answered(get(INSTITUTION, target));
    assert_answered(get(INSTITUTION, alias));
    pass(1);
    assert_refused(get(INSTITUTION, target), LINK_EXPIRED);
    assert_refused(get(INSTITUTION, alias), LINK_EXPIRED);
}

static void a_link_is_its_caller_s(void **state)
{
    (void)state;
    (void)refund(paid("T00001", 10000, true), "R1", 100, 10000, "");
    pass(FZ_DAY_MS);
    const char *target = link_of(REFUND_BILL("2026-01-05"));
    assert_refused(get(DIRECT, target), LINK_CALLER);
    for (size_t i = strlen("/v3/billdownload/file?token="); i < strlen(target); i += 7) {
        char *forged = (char *)(uintptr_t)text("%s", target);
        forged[i] = forged[i] == 'A' ? 'B' : 'A';
        assert_refused(get(INSTITUTION, forged), LINK_INVALID);
    }
    static const char *const tokens[] = {"x", "%20", "AAAA", "%E9%80%80"};
    for (size_t i = 0; i < 4; i++)
        assert_refused(get(INSTITUTION, text("/v3/billdownload/file?token=%s", tokens[i])), LINK_INVALID);
    assert_refused(get(INSTITUTION, text("%sA", target)), LINK_INVALID);
}

static void a_link_of_the_distribution_bill(void **state)
{
    (void)state;
    send_outbound(paid("T00001", 10000, true), "D1", 5000, "d");
    pass(FZ_DAY_MS);
    assert_answered(
        get(INSTITUTION, link_of(SHARING "/bill-download-url?bill_date=2026-01-05&sub_mchid=" CHILD)));
    assert_int_equal(file.kind, FZ_SORT_DISTRIBUTIONS);
    assert_refused(get(INSTITUTION, SHARING "/bill-download-url?bill_date=2026-01-05&sub_mchid=" OTHER_CHILD),
                   BILL_NONE);
    assert_refused(get(INSTITUTION, REFUND_BILL("2026-01-05")), BILL_NONE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, service_begin, service_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_refund_bill),
        TEST(a_bill_of_many_ranges),
        TEST(vouchers_on_the_refund_bill),
        TEST(the_distribution_bill),
        TEST(a_day_s_bill_from_its_making_to_its_end),
        TEST(a_link_lasts_30_seconds),
        TEST(a_link_is_its_caller_s),
        TEST(a_link_of_the_distribution_bill),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
