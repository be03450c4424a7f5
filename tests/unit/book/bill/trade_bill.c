/* Which trades are on a day's statement, in ranges, and what a line says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/calendar.h"
#include "book/bill/trade_bill.h"
#include "unit/book/refunds.h"

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

/* What a statement had, in words, as its texts live for the call only. */
struct seen {
    char text[4096];
};

static enum fz_result see(void *argument, const struct fz_trade_line *line)
{
    static const char *const states[] = {"", "processing", "success", "closed", "abnormal"};
    struct seen *seen = argument;
    size_t used = strlen(seen->text);
    if (line->refund_id == NULL)
        snprintf(seen->text + used, sizeof seen->text - used, "%s;", line->out_trade_no);
    else
        snprintf(seen->text + used, sizeof seen->text - used, "%s %s;", line->out_refund_no,
                 states[line->state]);
    return FZ_OK;
}

static void assert_statement(const char *caller, const char *sub_mchid, int day, const char *payments,
                             const char *refunds)
{
    for (int64_t limit = 1; limit <= 4; limit++) {
        struct seen paid = {0}, given_back = {0};
        int64_t after = 0, count;
        do {
            assert_booked(
                fz_trade_bill_payments(tx, caller, sub_mchid, day, after, limit, see, &paid, &after, &count));
            assert_true(count <= limit);
        } while (count > 0);
        after = 0;
        do {
            assert_booked(fz_trade_bill_refunds(tx, caller, sub_mchid, day, after, limit, see, &given_back,
                                                &after, &count));
            assert_true(count <= limit);
        } while (count > 0);
        assert_string_equal(paid.text, payments);
        assert_string_equal(given_back.text, refunds);
    }
    bool exists;
    assert_booked(fz_trade_bill_exists(tx, caller, sub_mchid, day, &exists));
    assert_int_equal(exists, payments[0] != '\0' || refunds[0] != '\0');
}

/* Marked or not; of one child or of all; what is not paid is no trade. */
static void test_which(void **state)
{
    (void)state;
    char payments[200], refunds[200];
    int today = fz_day_of(now_ms);
    assert_statement(INSTITUTION, "", today, "", "");
    struct fz_payment marked = bought(&child, true, NULL), sale = bought(&sibling, false, NULL);
    struct fz_payment alone = bought(&merchant, false, NULL);
    (void)unpaid(&child);
    struct fz_refund first = refunded(&child, &marked, 1, 0), second = refunded(&sibling, &sale, 2, 0);
    snprintf(payments, sizeof payments, "%s;%s;", marked.out_trade_no, sale.out_trade_no);
    snprintf(refunds, sizeof refunds, "%s processing;%s processing;", first.out_refund_no,
             second.out_refund_no);
    assert_statement(INSTITUTION, "", today, payments, refunds);
    snprintf(payments, sizeof payments, "%s;", sale.out_trade_no);
    snprintf(refunds, sizeof refunds, "%s processing;", second.out_refund_no);
    assert_statement(INSTITUTION, OTHER_CHILD, today, payments, refunds);
    snprintf(payments, sizeof payments, "%s;", alone.out_trade_no);
    assert_statement(DIRECT, "", today, payments, "");
    assert_statement(INSTITUTION, "", today + 1, "", "");
    assert_statement(INSTITUTION, "", today - 1, "", "");
}

/* A millisecond before midnight and midnight: Beijing's, which is 16:00 elsewhere. A refund that is accepted
 * the day after is on that day's statement alone. */
static void test_midnight(void **state)
{
    (void)state;
    char text[120];
    int today = fz_day_of(now_ms);
    wait_ms(fz_day_start_ms(today + 1) - 1 - now_ms);
    struct fz_payment last = bought(&merchant, false, NULL);
    wait_ms(1);
    struct fz_payment first = bought(&merchant, false, NULL);
    struct fz_refund refund = refunded(&merchant, &last, 10, 0);
    snprintf(text, sizeof text, "%s;", last.out_trade_no);
    assert_statement(DIRECT, "", today, text, "");
    char given_back[120];
    snprintf(text, sizeof text, "%s;", first.out_trade_no);
    snprintf(given_back, sizeof given_back, "%s processing;", refund.out_refund_no);
    assert_statement(DIRECT, "", today + 1, text, given_back);
}

/* What it was at midnight it stays, whatever becomes of it. */
static void test_states(void **state)
{
    (void)state;
    struct fz_order_request by_card = {.payer_kind = FZ_PAYER_DEBIT};
    int today = fz_day_of(now_ms);
    struct fz_payment payment = bought(&merchant, false, &by_card);
    struct fz_refund refunds[6];
    for (size_t i = 0; i < 6; i++)
        refunds[i] = refunded(&merchant, &payment, 10, 0);
    static const enum fz_refund_state at_once[] = {FZ_REFUND_SUCCESS, FZ_REFUND_CLOSED, FZ_REFUND_ABNORMAL,
                                                   FZ_REFUND_ABNORMAL};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(outcome(&refunds[i], at_once[i]), FZ_OK);
    char expected[600];
    snprintf(expected, sizeof expected,
             "%s success;%s closed;%s abnormal;%s abnormal;%s processing;%s processing;",
             refunds[0].out_refund_no, refunds[1].out_refund_no, refunds[2].out_refund_no,
             refunds[3].out_refund_no, refunds[4].out_refund_no, refunds[5].out_refund_no);
    char bought_then[80];
    snprintf(bought_then, sizeof bought_then, "%s;", payment.out_trade_no);
    wait_ms(fz_day_start_ms(today + 1) - now_ms);
    assert_statement(DIRECT, "", today, bought_then, expected);
    (void)bought(&merchant, false, NULL); /* so that the day's pool bears what is closed */
    assert_int_equal(outcome(&refunds[2], FZ_REFUND_SUCCESS), FZ_OK);
    assert_int_equal(outcome(&refunds[3], FZ_REFUND_CLOSED), FZ_OK);
    assert_int_equal(outcome(&refunds[4], FZ_REFUND_CLOSED), FZ_OK);
    wait_ms(5 * FZ_DAY_MS);
    assert_int_equal(refund_now(&refunds[5]).state, FZ_REFUND_SUCCESS);
    assert_statement(DIRECT, "", today, bought_then, expected);
}

struct compared {
    const char *number;
    struct fz_trade_line line; /* its numbers alone */
    char currency[4], settlement_currency[4];
};

static enum fz_result keep(void *argument, const struct fz_trade_line *line)
{
    struct compared *compared = argument;
    const char *number = line->refund_id == NULL ? line->out_trade_no : line->out_refund_no;
    if (strcmp(number, compared->number) == 0) {
        compared->line = *line;
        snprintf(compared->currency, 4, "%s", line->currency);
        snprintf(compared->settlement_currency, 4, "%s", line->settlement_currency);
    }
    return FZ_OK;
}

static struct compared line_of(const char *number, bool refund)
{
    struct compared compared = {.number = number};
    int64_t last, count;
    int today = fz_day_of(now_ms);
    if (refund)
        assert_booked(
            fz_trade_bill_refunds(tx, INSTITUTION, "", today, 0, 100, keep, &compared, &last, &count));
    else
        assert_booked(
            fz_trade_bill_payments(tx, INSTITUTION, "", today, 0, 100, keep, &compared, &last, &count));
    return compared;
}

/* docs/book.md's refund of 6 000 from two sources: 4 940 and 1 024 net at 6.5 are 760 and 157.54, 158; their
 * gross 4 970 and 1 030 are 764.62, 765, and 158.46, 158. */
static void test_two_sources(void **state)
{
    (void)state;
    struct fz_payment order = bought(&child, true, NULL);
    wait_ms(5 * FZ_MINUTE_MS);
    distribute(&child, &order, 2000, 3000, false);
    wait_ms(FZ_MINUTE_MS);
    struct fz_refund refund = refunded(&child, &order, 6000, 1030);
    struct fz_trade_line paid = line_of(order.out_trade_no, false).line;
    assert_int_equal(paid.settlement.gross, 1538); /* 10 000: 1 538.46 */
    assert_int_equal(paid.settlement.fee, 9);      /* 9 940: 1 529.23 */
    struct fz_trade_line back = line_of(refund.out_refund_no, true).line;
    assert_int_equal(back.amount, 6000);
    assert_int_equal(back.settlement.gross, 765 + 158);
    assert_int_equal(back.settlement.fee, 5 + 0);
    assert_int_equal(back.rate, 650000000);
}

/* Priced in CNY and paid in HKD: 100.00 at 0.835 are 119.76; USERPAYMENT_RATE. */
static void test_another_currency(void **state)
{
    (void)state;
    struct fz_order_request abroad = {.payer_currency = "HKD"};
    struct fz_payment order = bought(&child, false, &abroad);
    struct compared kept = line_of(order.out_trade_no, false);
    assert_string_equal(kept.currency, "CNY");
    assert_string_equal(kept.settlement_currency, "USD");
    assert_int_equal(kept.line.payer_amount, 11976);
    assert_int_equal(kept.line.rate, 83500000);
    assert_int_equal(kept.line.amount, 10000);
}

/* What the taker returns ends it. */
static enum fz_result refuse(void *argument, const struct fz_trade_line *line)
{
    (void)line;
    ++*(int *)argument;
    return FZ_FULL;
}

static void test_stopped(void **state)
{
    (void)state;
    (void)bought(&child, false, NULL);
    (void)bought(&child, false, NULL);
    int seen = 0;
    int64_t last, count;
    assert_int_equal(BOOK(fz_trade_bill_payments(tx, INSTITUTION, "", fz_day_of(now_ms), 0, 10, refuse, &seen,
                                                 &last, &count)),
                     FZ_FULL);
    assert_int_equal(seen, 1);
}

/* However large the book is: each scan goes along its index, and sorts nothing. */
static void test_by_index(void **state)
{
    (void)state;
    static const char *const names[] = {"trade_payments", "trade_refunds"};
    size_t count, found = 0;
    const struct fz_statement *all = fz_statements(&count);
    sqlite3 *book;
    assert_int_equal(sqlite3_open(sandbox_path(), &book), SQLITE_OK);
    for (size_t i = 0; i < count; i++) {
        bool payments = strcmp(all[i].name, names[0]) == 0;
        if (!payments && strcmp(all[i].name, names[1]) != 0)
            continue;
        char sql[2000], plan[1000] = "";
        snprintf(sql, sizeof sql, "EXPLAIN QUERY PLAN %s", all[i].sql);
        sqlite3_stmt *query;
        assert_int_equal(sqlite3_prepare_v2(book, sql, -1, &query, NULL), SQLITE_OK);
        while (sqlite3_step(query) == SQLITE_ROW)
            snprintf(plan + strlen(plan), sizeof plan - strlen(plan), "%s;", sqlite3_column_text(query, 3));
        sqlite3_finalize(query);
        assert_non_null(strstr(plan, payments
                                         ? "USING INDEX payment_statement (caller=? AND <expr>=? AND id>?)"
                                         : "USING INDEX refund_statement (caller=? AND <expr>=? AND id>?)"));
        assert_null(strstr(plan, "TEMP B-TREE"));
        found++;
    }
    sqlite3_close(book);
    assert_int_equal(found, 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, sandbox_audit_and_remove)
    const struct CMUnitTest tests[] = {
        TEST(test_which),       TEST(test_midnight),         TEST(test_states),
        TEST(test_two_sources), TEST(test_another_currency), TEST(test_stopped),
        TEST(test_by_index)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
