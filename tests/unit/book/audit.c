/* The audit: a sound book passes, and whatever is changed by a fen, taken out or doubled behind its back is
 * found. */
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/calendar.h"
#include "book/audit.h"
#include "book/payment_code.h"
#include "refunds.h"

static sqlite3 *book; /* the book's file, from outside */

static void run(const char *format, ...) FZ_PRINTF(1, 2);
static void run(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *sql = sqlite3_vmprintf(format, arguments);
    va_end(arguments);
    if (sqlite3_exec(book, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(book));
    sqlite3_free(sql);
}

static struct fz_audit audited(void)
{
    struct fz_audit audit;
    assert_booked(fz_audit(tx, &audit));
    return audit;
}

/* ---- a book with one of everything ---- */

static struct fz_party child, sibling, merchant;

static void tell_sales(void)
{
    struct fz_order_request by_card = {.payer_kind = FZ_PAYER_CREDIT};
    struct fz_order_request dollars = {.currency = "USD", .amount = 3000};
    struct fz_order_request paid_in_cny = {.currency = "USD",
                                           .amount = 2000,
                                           .payer_currency = "CNY",
                                           .payment_rate = 640000000,
                                           .coupon = {FZ_COUPON_COUPON, FZ_SCOPE_SINGLE, "3", 700}};
    struct fz_payment plain = bought(&child, false, NULL), card = bought(&sibling, false, &by_card);
    struct fz_payment foreign = bought(&child, false, &dollars), mixed = bought(&child, false, &paid_in_cny);
    (void)refunded(&child, &plain, 5000, 0);
    (void)refunded(&sibling, &card, 300, 0);
    struct fz_refund closed = refunded(&child, &foreign, 333, 0);
    assert_int_equal(outcome(&closed, FZ_REFUND_CLOSED), FZ_OK);
    (void)refunded(&child, &foreign, 334, 0);
    (void)refunded(&child, &mixed, 2000, 0);
    (void)bought(&merchant, false, NULL);
    struct fz_order_request large = {.amount = 1000000}; /* so that a pool is paid out */
    (void)bought(&merchant, false, &large);
}

static void tell_distributions(void)
{
    struct fz_payment shared = bought(&child, true, NULL), failing = bought(&child, true, NULL);
    struct fz_payment alone = bought(&merchant, true, NULL);
    wait_ms(5 * FZ_MINUTE_MS);
    distribute(&child, &shared, 2000, 3000, false);
    distribute(&child, &failing, 1500, 500, false);
    distribute(&merchant, &alone, 0, 0, true);
    assert_booked(fz_receiver_penalise(tx, RECEIVER, NULL, NULL, true));
    wait_ms(FZ_MINUTE_MS);
    assert_booked(fz_receiver_penalise(tx, RECEIVER, NULL, NULL, false));
    distribute(&child, &shared, 1000, 0, false);
    wait_ms(FZ_MINUTE_MS);
    (void)refunded(&child, &shared, 5000, 100);
}

static void tell_refunds(void)
{
    struct fz_order_request discount = {.coupon = {FZ_COUPON_DISCOUNT, FZ_SCOPE_GLOBAL, "1", 500}};
    struct fz_order_request coupon = {.coupon = {FZ_COUPON_COUPON, FZ_SCOPE_GLOBAL, "2", 400}};
    struct fz_order_request abroad = {.payer_currency = "HKD",
                                      .coupon = {FZ_COUPON_COUPON, FZ_SCOPE_SINGLE, "3", 1000}};
    struct fz_payment first = bought(&child, true, &discount), second = bought(&sibling, true, &coupon);
    struct fz_payment third = bought(&child, true, &abroad);
    struct fz_refund closed = refunded(&child, &first, 3333, 0);
    (void)refunded(&child, &first, 1234, 0);
    assert_int_equal(outcome(&closed, FZ_REFUND_CLOSED), FZ_OK);
    struct fz_refund abnormal = refunded(&sibling, &second, 2500, 0);
    assert_int_equal(outcome(&abnormal, FZ_REFUND_ABNORMAL), FZ_OK);
    (void)refunded(&sibling, &second, 7500, 0);
    (void)refunded(&child, &third, 3333, 0);
}

/* In USD and at par; from marked and unmarked orders, under way, arrived and closed. */
static void tell_recharged(void)
{
    recharge(INSTITUTION, 5000);
    recharge(DIRECT, 20000);
    struct fz_payment marked = bought(&child, true, NULL), unmarked = bought(&merchant, false, NULL);
    struct fz_refund closed = refunded_recharged(&child, &marked, 3333);
    (void)refunded_recharged(&child, &marked, 1234);
    assert_int_equal(outcome(&closed, FZ_REFUND_CLOSED), FZ_OK);
    (void)refunded_recharged(&merchant, &unmarked, 10000);
}

/* Paid by code, and waiting for the password; each of them goes on, and is reversed. */
static void tell_codes(void)
{
    static int shown = 0;
    const int64_t amounts[] = {10000, 10000, 400000, 400000};
    for (int i = 0; i < 4; i++) {
        char number_text[20], auth_code[FZ_AUTH_CODE_SIZE];
        snprintf(number_text, sizeof number_text, "CODE%d", ++shown);
        snprintf(auth_code, sizeof auth_code, "1345678901234%05d", shown);
        struct fz_order_request order = {
            .out_trade_no = number_text, .trade_type = "MICROPAY", .amount = amounts[i]};
        struct fz_payment payment;
        if (i < 2)
            assert_booked(fz_payment_mark(tx, &child, number_text, "CNY"));
        assert_booked(fz_payment_pay_by_code(tx, &child, &order, auth_code, &payment));
        if (i % 2 == 0)
            assert_booked(fz_payment_reverse(tx, &child, NULL, number_text));
    }
}

/* Two days of it: one is converted, on the other refunds and a distribution are under way. */
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
    for (int day = 0; day < 2; day++) {
        tell_sales();
        tell_refunds();
        tell_distributions();
        tell_recharged();
        tell_codes();
        if (day == 0)
            wait_ms(FZ_DAY_MS);
    }
    struct fz_payment under_way = bought(&child, true, NULL);
    wait_ms(5 * FZ_MINUTE_MS);
    distribute(&child, &under_way, 800, 200, false);
    (void)refunded(&child, &under_way, 1000, 0);
    (void)unpaid(&child);
    if (sqlite3_open(sandbox_path(), &book) != SQLITE_OK)
        return -1;
    sqlite3_busy_timeout(book, 10000);
    /* What the engine guards is taken off its hands: the audit has to see it by itself. */
    run("PRAGMA ignore_check_constraints = ON; PRAGMA synchronous = OFF");
    return 0;
}

static int end(void **state)
{
    sqlite3_close(book);
    return sandbox_remove(state);
}

static void assert_sound(void)
{
    struct fz_audit audit = audited();
    if (audit.findings != 0)
        fail_msg("%s", audit.list[0].what);
}

/* ---- a fen here and there ---- */

/* All columns of whole numbers: those in which any change has to be found in every row, and those that are
 * not money, or which another number does not follow from. A new column has to be put into one of the lists.
 */
static const struct {
    const char *table, *where, *found, *other;
} columns[] = {
    /* Of an order that is not paid, nothing but the row knows the amount. */
    {"payment", "state = 2",
     " amount payer_total coupon_amount settled fee marked distributable to_receivers distribution_count "
     "refunded"
     " refunded_settled refunded_fee refunded_coupon refunded_payer refund_count last_refund_ms success_ms "
     "state revoked_ms ",
     " id payer_kind payment_rate settlement_rate coupon_type coupon_scope fee_rate funds_state created_ms "
     "expires_ms "},
    {"refund", "1",
     " payment marked amount payer_refund rate_type rate coupon_type coupon_amount coupon_refund settled "
     "coupon_settled"
     " own_gross own_fee own_net funds_gross funds_fee funds_net fee_rate settlement_rate state fund_source "
     "order_success_ms created_ms"
     " success_ms bill_day recharged closed_ms ",
     /* When it went wrong moves no money. */
     " id coupon_scope channel abnormal_ms "},
    {"distribution", "1", " payment state created_ms finished_ms ", " id kind "},
    {"slice", "1",
     " distribution to_sponsor amount result settlement_rate settlement_amount finished_ms bill_day ",
     " id created_ms "},
    {"pool", "1", " balance day ", " kind slot converted_ms "},
    {"entry", "1", " kind subject ", " id time_ms "},
    {"recharge", "1", " amount created_ms ", " id "},
    {"recharged", "1", " balance ", " "},
    {"settlement_day", "1", " day pay refund fee split_pay split_refund ", " "},
    {"settlement_pool", "1", " balance paid_until ", " id "},
    {"payout", "1", " day first_day last_day amount created_ms ", " id "},
    {"posting", "1", " account payment day amount ", " id entry "},
};

/* Whether `list`, words between blanks, has the word. */
static bool is_listed(const char *list, const char *word)
{
    size_t size = strlen(word);
    for (const char *at = strstr(list, word); at != NULL; at = strstr(at + 1, word))
        if (at[-1] == ' ' && at[size] == ' ')
            return true;
    return false;
}

/* Calls `each` for the row numbers of `table` that meet `where`. */
static void each_row(const char *table, const char *where, const char *column,
                     void (*each)(const char *table, const char *column, int64_t row))
{
    char sql[200];
    snprintf(sql, sizeof sql, "SELECT rowid FROM %s WHERE %s", table, where);
    int64_t rows[1000];
    size_t count = 0;
    sqlite3_stmt *query;
    assert_int_equal(sqlite3_prepare_v2(book, sql, -1, &query, NULL), SQLITE_OK);
    while (sqlite3_step(query) == SQLITE_ROW) {
        assert_true(count < sizeof rows / sizeof rows[0]);
        rows[count++] = sqlite3_column_int64(query, 0);
    }
    assert_int_equal(sqlite3_finalize(query), SQLITE_OK);
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++)
        each(table, column, rows[i]);
}

/* Changes a number, has it found, and changes it back. Where it is NULL, or the new one is taken, there is
 * nothing to do. */
static void change(const char *table, const char *column, int64_t row, const char *to, const char *back)
{
    run("UPDATE OR IGNORE %s SET %s = %s WHERE rowid = %lld AND %s IS NOT NULL", table, column, to,
        (long long)row, column);
    if (sqlite3_changes(book) == 0)
        return;
    if (audited().findings == 0)
        fail_msg("%s of %s %lld changed to %s is not found", column, table, (long long)row, to);
    run("UPDATE %s SET %s = %s WHERE rowid = %lld", table, column, back, (long long)row);
}

static void change_by_one(const char *table, const char *column, int64_t row)
{
    char plus[64], minus[64], other[64];
    snprintf(plus, sizeof plus, "%s + 1", column);
    snprintf(minus, sizeof minus, "%s - 1", column);
    snprintf(other, sizeof other, "1 - %s", column);
    if (is_listed(" marked to_sponsor ", column)) {
        change(table, column, row, other, other);
        return;
    }
    change(table, column, row, plus, minus);
    change(table, column, row, minus, plus);
}

/* Above 32 bits: read into a smaller number it would look unchanged. */
static void change_upper_bits(const char *table, const char *column, int64_t row)
{
    char up[64], down[64];
    snprintf(up, sizeof up, "%s + 4294967296", column);
    snprintf(down, sizeof down, "%s - 4294967296", column);
    change(table, column, row, up, down);
}

static void change_first_upper_bits(const char *table, const char *where, const char *column)
{
    char first[200];
    snprintf(first, sizeof first, "rowid = (SELECT MIN(rowid) FROM %.20s WHERE %.20s AND %.20s IS NOT NULL)", table, where,
             column);
    each_row(table, first, column, change_upper_bits);
}

static void test_every_number(void **state)
{
    (void)state;
    assert_sound();
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        char sql[100];
        snprintf(sql, sizeof sql, "SELECT name FROM pragma_table_info('%s') WHERE type = 'INTEGER'",
                 columns[i].table);
        sqlite3_stmt *names;
        assert_int_equal(sqlite3_prepare_v2(book, sql, -1, &names, NULL), SQLITE_OK);
        char listed[50][40];
        size_t count = 0;
        while (sqlite3_step(names) == SQLITE_ROW)
            snprintf(listed[count++], sizeof listed[0], "%s", (const char *)sqlite3_column_text(names, 0));
        assert_int_equal(sqlite3_finalize(names), SQLITE_OK);
        for (size_t at = 0; at < count; at++) {
            bool found = is_listed(columns[i].found, listed[at]);
            if (found == is_listed(columns[i].other, listed[at]))
                fail_msg("%s of %s has to be in one of the lists", listed[at], columns[i].table);
            if (!found)
                continue;
            each_row(columns[i].table, columns[i].where, listed[at], change_by_one);
            change_first_upper_bits(columns[i].table, columns[i].where, listed[at]);
        }
    }
    assert_sound();
}

/* ---- rows out and rows in ---- */

static void take_out(const char *table, const char *column, int64_t row)
{
    (void)column;
    run("CREATE TABLE kept AS SELECT * FROM %s WHERE rowid = %lld", table, (long long)row);
    run("DELETE FROM %s WHERE rowid = %lld", table, (long long)row);
    bool found = audited().findings > 0;
    run("INSERT INTO %s SELECT * FROM kept; DROP TABLE kept", table);
    if (!found)
        fail_msg("%s %lld taken out is not found", table, (long long)row);
}

static void test_rows_out(void **state)
{
    (void)state;
    static const char *const tables[] = {"merchant",       "payment",         "payment_code", "distribution",
                                         "slice",          "refund",          "entry",        "posting",
                                         "settlement_day", "settlement_pool", "payout"};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        /* The sub-merchants' institution, and who never traded, are nobody's owner. */
        bool merchants = strcmp(tables[i], "merchant") == 0;
        each_row(tables[i],
                 merchants ? "mchid IN (SELECT caller FROM payment UNION SELECT sub_mchid FROM payment)"
                 : strcmp(tables[i], "payment") == 0 ? "state = 2"
                                                     : "1",
                 "", take_out);
    }
    each_row("pool", "balance > 0", "", take_out);
    /* Without the release of an order that has ended, and holds nothing, nothing is missed. */
    each_row("event",
             "kind IN (1, 3, 4, 6) OR (kind = 2 AND subject IN"
             " (SELECT id FROM payment WHERE funds_state < 3 OR distributable > 0))",
             "", take_out);
    assert_sound();
}

/* Whole entries, with their postings. */
static void test_entries_out(void **state)
{
    (void)state;
    int64_t entries = outside_number("SELECT MAX(id) FROM entry");
    for (int64_t entry = 1; entry <= entries; entry++) {
        run("CREATE TABLE kept AS SELECT * FROM entry WHERE id = %lld", (long long)entry);
        run("CREATE TABLE lines AS SELECT * FROM posting WHERE entry = %lld", (long long)entry);
        run("DELETE FROM posting WHERE entry = %lld; DELETE FROM entry WHERE id = %lld", (long long)entry,
            (long long)entry);
        bool found = audited().findings > 0;
        run("INSERT INTO entry SELECT * FROM kept; INSERT INTO posting SELECT * FROM lines;"
            "DROP TABLE kept; DROP TABLE lines");
        if (!found)
            fail_msg("entry %lld taken out with its postings is not found", (long long)entry);
    }
    assert_sound();
}

static void assert_doubled_is_found(const char *noun, int64_t row, const char *take_back)
{
    bool found = audited().findings > 0;
    run("%s", take_back);
    if (!found)
        fail_msg("%s %lld doubled is not found", noun, (long long)row);
}

static void double_refund(const char *table, const char *column, int64_t row)
{
    (void)table;
    (void)column;
    run("CREATE TABLE kept AS SELECT * FROM refund WHERE id = %lld;"
        "UPDATE kept SET id = 9999, refund_id = refund_id || 'x', out_refund_no = out_refund_no || 'x';"
        "INSERT INTO refund SELECT * FROM kept; DROP TABLE kept",
        (long long)row);
    assert_doubled_is_found("refund", row, "DELETE FROM refund WHERE id = 9999");
}

static void double_slice(const char *table, const char *column, int64_t row)
{
    (void)table;
    (void)column;
    run("CREATE TABLE kept AS SELECT * FROM slice WHERE id = %lld;"
        "UPDATE kept SET id = 9999, detail_id = detail_id || 'x'; INSERT INTO slice SELECT * FROM kept; DROP "
        "TABLE kept",
        (long long)row);
    assert_doubled_is_found("slice", row, "DELETE FROM slice WHERE id = 9999");
}

static void double_pool(const char *table, const char *column, int64_t row)
{
    (void)table;
    (void)column;
    run("CREATE TABLE kept AS SELECT * FROM pool WHERE rowid = %lld;"
        "UPDATE kept SET slot = 7; INSERT INTO pool SELECT * FROM kept; DROP TABLE kept",
        (long long)row);
    assert_doubled_is_found("pool", row, "DELETE FROM pool WHERE slot = 7");
}

/* With its postings: it balances. */
static void double_entry(const char *table, const char *column, int64_t row)
{
    (void)table;
    (void)column;
    run("INSERT INTO entry SELECT 9999, kind, subject, time_ms FROM entry WHERE id = %lld;"
        "INSERT INTO posting SELECT 9999 * 256 + id %% 256, 9999, account, owner, payment, day, currency, "
        "amount FROM posting"
        " WHERE entry = %lld",
        (long long)row, (long long)row);
    assert_doubled_is_found("entry", row,
                            "DELETE FROM posting WHERE entry = 9999; DELETE FROM entry WHERE id = 9999");
}

static void test_rows_doubled(void **state)
{
    (void)state;
    each_row("refund", "1", "", double_refund);
    each_row("slice", "1", "", double_slice);
    each_row("pool", "balance > 0", "", double_pool);
    each_row("entry", "1", "", double_entry);
    assert_sound();
}

/* ---- lies that add up ---- */

/* Amounts moved between two accounts of an entry, which goes on balancing. */
static void shift(const char *table, const char *column, int64_t row)
{
    (void)table;
    (void)column;
    run("UPDATE posting SET amount = amount + 1 WHERE id = %lld * 256;"
        "UPDATE posting SET amount = amount - 1 WHERE id = %lld * 256 + 1",
        (long long)row, (long long)row);
    bool found = audited().findings > 0;
    run("UPDATE posting SET amount = amount - 1 WHERE id = %lld * 256;"
        "UPDATE posting SET amount = amount + 1 WHERE id = %lld * 256 + 1",
        (long long)row, (long long)row);
    if (!found)
        fail_msg("a fen shifted within entry %lld is not found", (long long)row);
}

static void test_shifted(void **state)
{
    (void)state;
    each_row("entry", "1", "", shift);
    assert_sound();
}

/* Two refunds that swap a fen between them: the payment's sums stay right. */
static void test_swapped(void **state)
{
    (void)state;
    int64_t payment = outside_number(
        "SELECT payment FROM refund WHERE state = 2 GROUP BY payment HAVING COUNT(*) > 0"
        " AND (SELECT COUNT(*) FROM refund o WHERE o.payment = refund.payment AND state <> 3) > 1");
    assert_true(payment > 0);
    run("UPDATE refund SET own_fee = own_fee + 1, own_net = own_net - 1 WHERE id = (SELECT MIN(id) FROM "
        "refund WHERE payment ="
        " %lld AND state <> 3)",
        (long long)payment);
    run("UPDATE refund SET own_fee = own_fee - 1, own_net = own_net + 1 WHERE id = (SELECT MAX(id) FROM "
        "refund WHERE payment ="
        " %lld AND state <> 3)",
        (long long)payment);
    assert_true(audited().findings > 0);
}

/* Numbers beyond all sense are found, and nothing is calculated with them. */
static void test_senseless(void **state)
{
    (void)state;
    static const char *const changes[] = {
        "UPDATE posting SET amount = 9223372036854775807 WHERE id % 7 = 0",
        "UPDATE posting SET amount = -9223372036854775807 - 1",
        "UPDATE payment SET amount = 9223372036854775807, settled = 9223372036854775807, fee = -5",
        "UPDATE payment SET settlement_rate = 0, payment_rate = -1, fee_rate = 2147483647",
        "UPDATE payment SET currency = 'XXX', payer_currency = '', settlement_currency = 'A currency of many "
        "words'",
        "UPDATE payment SET coupon_type = 99, coupon_amount = 9223372036854775807, state = 77, funds_state = "
        "-3",
        "UPDATE payment SET revoked_ms = 9223372036854775807",
        "UPDATE payment SET revoked_ms = -9223372036854775807 WHERE trade_type = 'MICROPAY'",
        "UPDATE payment SET trade_type = 'MICROPAY' WHERE trade_type <> 'MICROPAY'",
        "UPDATE payment_code SET payment = payment + 1000000",
        "UPDATE refund SET own_fee = 9223372036854775807, funds_fee = 9223372036854775807, settled = -1",
        "UPDATE refund SET state = 99, success_ms = 9223372036854775807, bill_day = -9223372036854775807",
        "UPDATE slice SET amount = 9223372036854775807, settlement_rate = 1, settlement_currency = 'JPY'",
        "UPDATE slice SET distribution = 1",
        "UPDATE pool SET balance = 9223372036854775807",
        "UPDATE pool SET day = -9223372036854775807 WHERE rowid = 1",
        "UPDATE entry SET kind = 99, time_ms = 9223372036854775807",
        "UPDATE entry SET kind = 7",
        "DELETE FROM payment",
        "DELETE FROM entry",
        "DELETE FROM posting",
        "DELETE FROM merchant",
    };
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        run("VACUUM INTO '%s.kept'", sandbox_path());
        run("%s", changes[i]);
        struct fz_audit audit = audited();
        assert_true(audit.findings > 0);
        run("ATTACH '%s.kept' AS kept", sandbox_path());
        static const char *const tables[] = {"merchant", "payment", "payment_code", "distribution", "slice",
                                             "refund",   "pool",    "entry",        "posting"};
        for (size_t at = 0; at < sizeof tables / sizeof tables[0]; at++)
            run("DELETE FROM main.%s; INSERT INTO main.%s SELECT * FROM kept.%s", tables[at], tables[at],
                tables[at]);
        run("DETACH kept");
        char path[200];
        snprintf(path, sizeof path, "%s.kept", sandbox_path());
        assert_int_equal(remove(path), 0);
    }
    assert_sound();
}

/* ---- what it says ---- */

static bool is_said(const char *what)
{
    struct fz_audit audit = audited();
    for (int64_t i = 0; i < audit.findings && i < FZ_AUDIT_FINDINGS_MAX; i++)
        if (strcmp(audit.list[i].what, what) == 0)
            return true;
    return false;
}

/* 200 000.00 in a month is what a person may be paid, and not a fen more; a merchant may. */
static void test_receipts(void **state)
{
    (void)state;
    static const char two[] =
        "(SELECT id FROM slice WHERE to_sponsor = 0 AND bill_day IS NOT NULL ORDER BY id LIMIT 2)";
    const char *found =
        "person oABC: was paid 20000001 in the month of 2026-01-01 but nobody may be paid more than "
        "20000000";
    int64_t last = outside_number("SELECT MAX(id) FROM (SELECT id FROM slice WHERE to_sponsor = 0 AND"
                                  " bill_day IS NOT NULL ORDER BY id LIMIT 2)");
    run("UPDATE slice SET amount = 10000000, type = 'PERSONAL_OPENID', account = 'oABC' WHERE id IN %s", two);
    assert_false(is_said(found));
    run("UPDATE slice SET amount = 10000001 WHERE id = %lld", (long long)last);
    assert_true(is_said(found));
    run("UPDATE slice SET bill_day = 20484 WHERE id = %lld", (long long)last); /* 2026-01-31 */
    assert_true(is_said(found));
    run("UPDATE slice SET bill_day = 20485 WHERE id = %lld", (long long)last); /* 2026-02-01 */
    assert_false(is_said(found));
    run("UPDATE slice SET bill_day = 20484, account = 'oXYZ' WHERE id = %lld", (long long)last);
    assert_false(is_said(found));
    run("UPDATE slice SET account = 'oABC', type = 'PERSONAL_SUB_OPENID' WHERE id = %lld", (long long)last);
    assert_false(is_said(found));
    run("UPDATE slice SET type = 'MERCHANT_ID' WHERE id IN %s", two);
    assert_false(is_said(found));
}

static void test_words(void **state)
{
    (void)state;
    char expected[240];
    int64_t refund = outside_number("SELECT MIN(id) FROM refund WHERE own_fee > 0");
    struct fz_refund known;
    run("UPDATE refund SET own_fee = own_fee - 1, own_net = own_net + 1 WHERE id = %lld", (long long)refund);
    sqlite3_stmt *row;
    assert_int_equal(sqlite3_prepare_v2(book, "SELECT refund_id, own_fee, own_net FROM refund WHERE id = ?",
                                        -1, &row, NULL),
                     SQLITE_OK);
    sqlite3_bind_int64(row, 1, refund);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    snprintf(known.refund_id, sizeof known.refund_id, "%s", (const char *)sqlite3_column_text(row, 0));
    int64_t fee = sqlite3_column_int64(row, 1);
    assert_int_equal(sqlite3_finalize(row), SQLITE_OK);
    snprintf(expected, sizeof expected,
             "refund %s: its acceptance calls for %lld on account fee but the journal says %lld",
             known.refund_id, (long long)-fee, (long long)-(fee + 1));
    assert_true(is_said(expected));
}

/* The totals of a small book, by hand: 100.00 paid at 0.6 %, 30.00 of it back. */
static int begin_small(void **state)
{
    if (sandbox_new(state) != 0)
        return -1;
    set_terms(INSTITUTION, "USD");
    child = institution();
    return 0;
}

static void test_totals(void **state)
{
    (void)state;
    struct fz_audit audit = audited();
    assert_int_equal(audit.entries + audit.postings + audit.payments + audit.refunds + audit.pools, 0);
    assert_int_equal(audit.findings, 0);
    struct fz_payment payment = bought(&child, true, NULL), sale = bought(&child, false, NULL);
    (void)refunded(&child, &payment, 3000, 0);
    (void)refunded(&child, &sale, 1000, 0);
    audit = audited();
    assert_int_equal(audit.findings, 0);
    assert_int_equal(audit.payments, 2);
    assert_int_equal(audit.refunds, 2);
    assert_int_equal(audit.distributions, 0);
    assert_int_equal(audit.slices, 0);
    assert_int_equal(audit.pools, 1);
    assert_int_equal(audit.entries, 4);
    assert_int_equal(audit.postings, 12); /* payer, fee, order or sales; refunding, order or sales, fee */
    assert_int_equal(audit.held, 20000);
    assert_int_equal(audit.paid_in, 20000);
    wait_ms(5 * FZ_MINUTE_MS);
    distribute(&child, &payment, 0, 1000, false);
    wait_ms(FZ_HOUR_MS);
    audit = audited();
    assert_int_equal(audit.findings, 0);
    assert_int_equal(audit.distributions, 1);
    assert_int_equal(audit.slices, 1);
    assert_int_equal(audit.pools, 2);
    assert_int_equal(audit.held, 16000);
    assert_int_equal(audit.paid_in, 16000);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_every_number), TEST(test_rows_out),
        TEST(test_entries_out),  TEST(test_rows_doubled),
        TEST(test_shifted),      TEST(test_swapped),
        TEST(test_senseless),    TEST(test_receipts),
        TEST(test_words),        cmocka_unit_test_setup_teardown(test_totals, begin_small, sandbox_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
