/* Whatever row of the book is taken out or doubled, whatever is shifted so that it goes on adding up, and
 * whatever is beyond all sense: the audit finds it. */
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "unit/book/audit/audited.h"

/* ---- rows out and rows in ---- */

static void take_out(const char *table, const char *column, int64_t row)
{
    (void)column;
    spoil("DELETE FROM %s WHERE rowid = %lld", table, (long long)row);
    if (audited().findings == 0)
        fail_msg("%s %lld taken out is not found", table, (long long)row);
    mend();
}

static void rows_out(void **state)
{
    (void)state;
    static const struct {
        const char *table, *where;
    } rows[] = {
        /* The sub-merchants' institution, and who never traded, are nobody's owner. */
        {"merchant", "mchid IN (SELECT caller FROM payment UNION SELECT sub_mchid FROM payment)"},
        {"payment", "state = 2"},
        {"payment_code", "1"},
        {"distribution", "1"},
        {"slice", "1"},
        {"refund", "1"},
        {"entry", "1"},
        {"posting", "1"},
        {"settlement_day", "1"},
        {"settlement_pool", "1"},
        {"payout", "1"},
        {"recharge", "1"},
        {"recharged", "1"},
        {"notification", "1"},
        {"notification_attempt", "1"},
        {"pool", "balance > 0"},
        /* Without the release of an order that has ended, and holds nothing, nothing is missed. */
        {"event", "kind IN (1, 3, 4, 6) OR (kind = 2 AND subject IN"
                  " (SELECT id FROM payment WHERE funds_state < 3 OR distributable > 0))"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        each_row(rows[i].table, rows[i].where, "", take_out);
    assert_sound();
}

/* With its postings. */
static void take_out_entry(const char *table, const char *column, int64_t row)
{
    (void)table;
    (void)column;
    spoil("DELETE FROM posting WHERE entry = %lld; DELETE FROM entry WHERE id = %lld", (long long)row,
          (long long)row);
    if (audited().findings == 0)
        fail_msg("entry %lld taken out with its postings is not found", (long long)row);
    mend();
}

static void entries_out(void **state)
{
    (void)state;
    each_row("entry", "1", "", take_out_entry);
    assert_sound();
}

/* `changed`: what has to be another in the second row, so that the table takes it. */
static void double_row(const char *table, const char *changed, int64_t row)
{
    spoil("CREATE TABLE doubled AS SELECT * FROM %s WHERE rowid = %lld; UPDATE doubled SET %s;"
          "INSERT INTO %s SELECT * FROM doubled; DROP TABLE doubled",
          table, (long long)row, changed, table);
    if (audited().findings == 0)
        fail_msg("%s %lld doubled is not found", table, (long long)row);
    mend();
}

/* With its postings: it balances. */
static void double_entry(const char *table, const char *column, int64_t row)
{
    (void)table;
    (void)column;
    spoil("INSERT INTO entry SELECT 9999, kind, subject, time_ms FROM entry WHERE id = %lld;"
          "INSERT INTO posting SELECT 9999 * 256 + id %% 256, 9999, account, owner, payment, day, currency,"
          " amount FROM posting WHERE entry = %lld",
          (long long)row, (long long)row);
    if (audited().findings == 0)
        fail_msg("entry %lld doubled is not found", (long long)row);
    mend();
}

static void rows_doubled(void **state)
{
    (void)state;
    each_row("refund", "1", "id = 9999, refund_id = refund_id || 'x', out_refund_no = out_refund_no || 'x'",
             double_row);
    each_row("slice", "1", "id = 9999, detail_id = detail_id || 'x'", double_row);
    each_row("pool", "balance > 0", "slot = 7", double_row);
    each_row("payout", "1", "id = 9999, batch_id = batch_id || 'x'", double_row);
    each_row("recharge", "1", "id = 9999", double_row);
    each_row("notification_attempt", "1", "number = 99", double_row);
    each_row("entry", "1", "", double_entry);
    assert_sound();
}

/* ---- lies that add up ---- */

/* Amounts moved between two accounts of an entry, which goes on balancing. */
static void shift(const char *table, const char *column, int64_t row)
{
    (void)table;
    (void)column;
    spoil("UPDATE posting SET amount = amount + 1 WHERE id = %lld * 256;"
          "UPDATE posting SET amount = amount - 1 WHERE id = %lld * 256 + 1",
          (long long)row, (long long)row);
    if (audited().findings == 0)
        fail_msg("a fen shifted within entry %lld is not found", (long long)row);
    mend();
}

static void shifted(void **state)
{
    (void)state;
    each_row("entry", "1", "", shift);
    assert_sound();
}

/* Two refunds that swap a fen between them: the payment's sums stay right. */
static void swapped(void **state)
{
    (void)state;
    spoil("UPDATE refund SET own_fee = own_fee + 1, own_net = own_net - 1 WHERE refund_id = 'COUPON-STUCK';"
          "UPDATE refund SET own_fee = own_fee - 1, own_net = own_net + 1 WHERE refund_id = 'COUPON-LATE'");
    assert_true(audited().findings > 0);
    mend();
}

/* Numbers beyond all sense are found, and nothing is calculated with them. */
static void senseless(void **state)
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
        spoil("%s", changes[i]);
        assert_true(audited().findings > 0);
        mend();
    }
    assert_sound();
}

int main(void)
{
#define TEST(name) cmocka_unit_test(name)
    const struct CMUnitTest tests[] = {TEST(rows_out), TEST(entries_out), TEST(rows_doubled),
                                       TEST(shifted),  TEST(swapped),     TEST(senseless)};
    return cmocka_run_group_tests_name("book/audit_rows", tests, audited_begin, audited_end);
}
