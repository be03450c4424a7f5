/* Whatever number of the book is one more or one less, the audit finds it. */
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "unit/book/audit/audited.h"

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

/* Where it is NULL, or the new one is taken, there is nothing to do. */
static void change(const char *table, const char *column, int64_t row, const char *to)
{
    if (spoil("UPDATE OR IGNORE %s SET %s = %s WHERE rowid = %lld AND %s IS NOT NULL", table, column, to,
              (long long)row, column) == 0)
        return;
    if (audited().findings == 0)
        fail_msg("%s of %s %lld changed to %s is not found", column, table, (long long)row, to);
    mend();
}

static void change_by_one(const char *table, const char *column, int64_t row)
{
    char plus[64], minus[64], other[64];
    snprintf(plus, sizeof plus, "%s + 1", column);
    snprintf(minus, sizeof minus, "%s - 1", column);
    snprintf(other, sizeof other, "1 - %s", column);
    if (is_listed(" marked to_sponsor ", column)) {
        change(table, column, row, other);
        return;
    }
    change(table, column, row, plus);
    change(table, column, row, minus);
}

/* Above 32 bits: read into a smaller number it would look unchanged. */
static void change_upper_bits(const char *table, const char *column, int64_t row)
{
    char up[64];
    snprintf(up, sizeof up, "%s + 4294967296", column);
    change(table, column, row, up);
}

static void change_first_upper_bits(const char *table, const char *where, const char *column)
{
    char first[200];
    snprintf(first, sizeof first, "rowid = (SELECT MIN(rowid) FROM %.20s WHERE %.20s AND %.20s IS NOT NULL)",
             table, where, column);
    each_row(table, first, column, change_upper_bits);
}

static void every_number(void **state)
{
    (void)state;
    assert_sound();
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        char listed[50][40];
        size_t count = integer_columns(columns[i].table, listed);
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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_number)};
    return cmocka_run_group_tests_name("book/audit_numbers", tests, audited_begin, audited_end);
}
