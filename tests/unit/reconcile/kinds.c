/* Each kind of difference, by a pair of files made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "unit/reconcile/pair.h"

#define DAY                  "refunds-2026-01-05.csv"
#define OF_MONDAY            "2026-01-05T10:00:00+08:00,2026-01-05T09:00:00+08:00"
#define GOOD(number, amount) number ",,4200000001,1900000109," amount ",CNY,SUCCESS," OF_MONDAY ",-12,300,USD\n"

static void one_line(struct pair *pair, struct line line)
{
    pair_bill(pair, DAY, &line, 1);
}

static void what_agrees_has_no_difference(void **state)
{
    struct pair *pair = *state;
    one_line(pair, (struct line){0});
    pair_records(pair, HEADER GOOD("R1", "1952"));
    pair_agrees(pair);
    assert_int_equal(pair->found.matched, 1);
    assert_int_equal(pair->found.totals.count, 1);
    assert_string_equal(pair->found.totals.list[0].sub_mchid, "1900000109");
    assert_int_equal(pair->found.totals.list[0].here, 1952);
    assert_int_equal(pair->found.totals.list[0].there, 1952);
}

static void missing_here(void **state)
{
    struct pair *pair = *state;
    pair_bill(pair, DAY, LINES({0}, {.out_refund_no = "R2", .amount = "5.00", .settlement = "0.77"}));
    pair_records(pair, HEADER GOOD("R1", "1952"));
    pair_has_only(pair, "missing_here", "R2", "the bill says 5.00 CNY", "line 3 of refunds-2026-01-05.csv");
}

static void missing_there(void **state)
{
    struct pair *pair = *state;
    one_line(pair, (struct line){0});
    pair_records(pair, HEADER GOOD("R1", "1952") GOOD("R2", "700"));
    pair_has_only(pair, "missing_there", "R2", "7.00 CNY", "line 3 of records.csv");
}

static void amount(void **state)
{
    struct pair *pair = *state;
    one_line(pair, (struct line){0});
    pair_records(pair, HEADER GOOD("R1", "1925"));
    pair_has_only(pair, "amount", "R1", "the bill says 19.52 CNY (line 2 of refunds-2026-01-05.csv)",
                  "your record 19.25 CNY (line 2 of records.csv): 0.27 CNY too little");
}

static void amounts_of_a_currency_without_decimals(void **state)
{
    struct pair *pair = *state;
    one_line(pair, (struct line){.amount = "1952",
                                 .currency = "JPY",
                                 .source_amount = "100.00",
                                 .settlement_currency = "JPY",
                                 .rate = "5000000",
                                 .settlement = "2000"});
    pair_records(pair, HEADER "R1,,4200000001,1900000109,1950,JPY,SUCCESS," OF_MONDAY ",-12,2000,JPY\n");
    pair_has_only(pair, "amount", "R1", "1952 JPY", "1950 JPY");
}

static void currency_and_then_no_amount(void **state)
{
    struct pair *pair = *state;
    one_line(pair, (struct line){0});
    pair_records(pair, HEADER "R1,,4200000001,1900000109,300,USD,SUCCESS," OF_MONDAY ",-12,300,USD\n");
    pair_has_only(pair, "currency", "R1", "CNY", "USD");
}

static void status(void **state)
{
    struct pair *pair = *state;
    one_line(pair, (struct line){0});
    pair_records(pair, HEADER "R1,,4200000001,1900000109,1952,CNY,ABNORMAL,,2026-01-05T09:00:00+08:00,-12,300,USD\n");
    pair_has_only(pair, "status", "R1", "2026-01-05T10:00:00+08:00", "ABNORMAL");
}

static void under_way_for_more_than_three_business_days(void **state)
{
    struct pair *pair = *state;
    /* Wednesday's end is more than three business days after Friday 2026-01-02, 08:00. */
    pair_bill(pair, "refunds-2026-01-07.csv", LINES({.arrived = "2026-01-07 10:00:00"}));
    pair_records(pair, HEADER "R1,,,,1952,CNY,SUCCESS,2026-01-07T10:00:00+08:00,,,,\n"
                              "R2,,,,900,CNY,PROCESSING,,2026-01-02T08:00:00+08:00,,,\n");
    pair_has_only(pair, "status", "R2", "PROCESSING since 2026-01-02T08:00:00+08:00", "9.00 CNY");
}

static void closed_after_the_bill(void **state)
{
    struct pair *pair = *state;
    one_line(pair, (struct line){0});
    pair_records(pair, HEADER "R1,,4200000001,1900000109,1952,CNY,REFUNDCLOSE," OF_MONDAY ",-12,300,USD\n");
    pair_has_only(pair, "closed_after_the_bill", "R1", "arrived at 2026-01-05T10:00:00+08:00", "REFUNDCLOSE");
}

static void duplicate_here(void **state)
{
    struct pair *pair = *state;
    one_line(pair, (struct line){0});
    pair_records(pair, HEADER GOOD("R1", "1952") GOOD("R1", "1952"));
    pair_has_only(pair, "duplicate_here", "R1", "2 times", "lines 2 and 3 of records.csv");
    assert_int_equal(pair->found.findings.kinds[FZ_KIND_DUPLICATE_HERE].stakes[0].amount, 1952);
}

static void duplicate_there_in_one_file(void **state)
{
    struct pair *pair = *state;
    pair_bill(pair, DAY, LINES({0}, {0}));
    pair_records(pair, HEADER GOOD("R1", "1952"));
    pair_has_only(pair, "duplicate_there", "R1", "ORDER_REFUNDABLE_BALANCE", "19.52 CNY too much");
}

static void duplicate_there_on_two_days(void **state)
{
    struct pair *pair = *state;
    one_line(pair, (struct line){0});
    pair_bill(pair, "refunds-2026-01-06.csv", LINES({0}));
    pair_records(pair, HEADER GOOD("R1", "1952"));
    pair_has_only(pair, "duplicate_there", "R1", "refunds-2026-01-05.csv", "refunds-2026-01-06.csv");
}

/* 19.52 of the order and 80.48 of the advance balance are one refund of 100.00. */
#define TWO_SOURCES                                                                                                         \
    LINES({.amount = "100.00", .source_amount = "19.52", .fee = "-0.06", .settlement = "3.00"},                             \
          {.amount = "100.00",                                                                                              \
           .source = "FUNDS_REFUNDABLE_BALANCE",                                                                            \
           .source_amount = "80.48",                                                                                        \
           .fee = "-0.24",                                                                                                  \
           .settlement = "12.38"})

static void a_refund_of_two_lines_is_one(void **state)
{
    struct pair *pair = *state;
    pair_bill(pair, DAY, TWO_SOURCES);
    pair_records(pair, HEADER "R1,,4200000001,1900000109,10000,CNY,SUCCESS," OF_MONDAY ",-30,1538,USD\n");
    pair_agrees(pair);
    assert_int_equal(pair->found.totals.list[0].there, 10000);
}

static void records_may_have_a_row_for_each_source(void **state)
{
    struct pair *pair = *state;
    pair_bill(pair, DAY, TWO_SOURCES);
    pair_records(pair, HEADER "R1,,4200000001,1900000109,1952,CNY,SUCCESS," OF_MONDAY ",-6,300,USD\n"
                              "R1,,4200000001,1900000109,8048,CNY,SUCCESS," OF_MONDAY ",-24,1238,USD\n");
    pair_agrees(pair);
}

static void part_of_a_refund(void **state)
{
    struct pair *pair = *state;
    pair_bill(pair, DAY, TWO_SOURCES);
    pair_records(pair, HEADER "R1,,4200000001,1900000109,8048,CNY,SUCCESS," OF_MONDAY ",-24,1238,USD\n");
    pair_has_only(pair, "part_of_a_refund", "R1", "100.00 CNY from 2 sources", "80.48 CNY");
}

static void partial_refunds_of_an_order_are_no_duplicates(void **state)
{
    struct pair *pair = *state;
    pair_bill(pair, DAY, LINES({0}, {.out_refund_no = "R2"}, {.out_refund_no = "R3"}));
    pair_records(pair, HEADER GOOD("R1", "1952") GOOD("R2", "1952") GOOD("R3", "1952"));
    pair_agrees(pair);
}

static void day_boundary_of_a_matched_refund(void **state)
{
    struct pair *pair = *state;
    pair_bill(pair, DAY, LINES({.arrived = "2026-01-05 03:00:00"}, {.out_refund_no = "R2"}));
    pair_records(pair, HEADER
                 "R1,,4200000001,1900000109,1952,CNY,SUCCESS,2026-01-04T20:00:00+01:00,,-12,300,USD\n" GOOD("R2", "1952"));
    pair_has_only(pair, "day_boundary", "R1", "on 2026-01-05 (arrived 2026-01-05T03:00:00+08:00",
                  "your record on 2026-01-04");
}

static int in_beijing(int64_t time_ms)
{
    return (int)((time_ms + INT64_C(8) * 3600000) / INT64_C(86400000));
}

static void days_counted_in_beijing_have_no_boundary(void **state)
{
    struct pair *pair = *state;
    one_line(pair, (struct line){.arrived = "2026-01-05 03:00:00"});
    pair_records(pair, HEADER "R1,,4200000001,1900000109,1952,CNY,SUCCESS,2026-01-04T20:00:00+01:00,,-12,300,USD\n");
    pair->request.day_of = in_beijing;
    pair_agrees(pair);
}

static void day_boundary_of_one_whose_bill_lies_outside(void **state)
{
    struct pair *pair = *state;
    one_line(pair, (struct line){0});
    pair_records(pair, HEADER GOOD("R1", "1952") "R2,,,,900,CNY,SUCCESS,2026-01-05T20:00:00+01:00,,,,\n");
    pair_has_only(pair, "day_boundary", "R2", "on 2026-01-05", "in Beijing that is 2026-01-06");
}

static void not_yet_due_after_the_last_day(void **state)
{
    struct pair *pair = *state;
    one_line(pair, (struct line){0});
    pair_records(pair, HEADER GOOD("R1", "1952") "R2,,,,900,CNY,SUCCESS,2026-01-06T08:00:00+08:00,,,,\n");
    pair_has_only(pair, "not_yet_due", "R2", "9.00 CNY arrived on 2026-01-06", "out on 2026-01-07 at 10:00");
}

static void not_yet_due_within_three_business_days(void **state)
{
    struct pair *pair = *state;
    one_line(pair, (struct line){0});
    pair_records(pair, HEADER GOOD("R1", "1952") "R2,,,,900,CNY,PROCESSING,,2025-12-31T08:00:00+08:00,,,\n");
    pair_has_only(pair, "status", "R2", "PROCESSING", "3 business days");
    pair_forget_records(pair);
    pair_records(pair, HEADER GOOD("R1", "1952") "R2,,,,900,CNY,PROCESSING,,2026-01-01T08:00:00+08:00,,,\n");
    pair_has_only(pair, "not_yet_due", "R2", "PROCESSING", "3 business days");
}

static void records_from_before_the_bills_are_not_compared(void **state)
{
    struct pair *pair = *state;
    one_line(pair, (struct line){0});
    pair_records(pair, HEADER GOOD("R1", "1952") "R2,,,,900,CNY,SUCCESS,2026-01-03T08:00:00+08:00,,,,\n");
    pair_agrees(pair);
    assert_int_equal(pair->found.before, 1);
}

static void fee(void **state)
{
    struct pair *pair = *state;
    one_line(pair, (struct line){0});
    pair_records(pair, HEADER "R1,,4200000001,1900000109,1952,CNY,SUCCESS," OF_MONDAY ",-11,300,USD\n");
    pair_has_only(pair, "fee", "R1", "-0.12 CNY", "-0.11 CNY");
}

static void a_fee_above_zero_is_the_same(void **state)
{
    struct pair *pair = *state;
    one_line(pair, (struct line){0});
    pair_records(pair, HEADER "R1,,4200000001,1900000109,1952,CNY,SUCCESS," OF_MONDAY ",12,300,USD\n");
    pair_agrees(pair);
}

static void rounding_is_a_unit_a_line(void **state)
{
    struct pair *pair = *state;
    one_line(pair, (struct line){0});
    pair_records(pair, HEADER "R1,,4200000001,1900000109,1952,CNY,SUCCESS," OF_MONDAY ",-12,301,USD\n");
    pair_has_only(pair, "rounding", "R1", "3.00 USD", "3.01 USD");
}

static void rate_is_more_than_a_unit_a_line(void **state)
{
    struct pair *pair = *state;
    one_line(pair, (struct line){0});
    pair_records(pair, HEADER "R1,,4200000001,1900000109,1952,CNY,SUCCESS," OF_MONDAY ",-12,302,USD\n");
    pair_has_only(pair, "rate", "R1", "3.00 USD at 6.5 CNY", "a rate of about 6.4569");
}

static void two_lines_may_be_two_units_off(void **state)
{
    struct pair *pair = *state;
    pair_bill(pair, DAY, TWO_SOURCES);
    pair_records(pair, HEADER "R1,,4200000001,1900000109,10000,CNY,SUCCESS," OF_MONDAY ",-30,1540,USD\n");
    pair_has_only(pair, "rounding", "R1", "15.38 USD", "15.40 USD");
    pair_forget_records(pair);
    pair_records(pair, HEADER "R1,,4200000001,1900000109,10000,CNY,SUCCESS," OF_MONDAY ",-30,1541,USD\n");
    pair_has_only(pair, "rate", "R1", "15.38 USD", "15.41 USD");
}

static void a_line_of_the_bill_that_does_not_fit_itself(void **state)
{
    struct pair *pair = *state;
    one_line(pair, (struct line){.settlement = "3.05"});
    pair_records(pair, HEADER "R1,,4200000001,1900000109,1952,CNY,SUCCESS," OF_MONDAY ",-12,305,USD\n");
    pair_has_only(pair, "rate", "R1", "19.52 CNY at 6.5 CNY is 3.00 USD", "3.05 USD");
}

/* Of a DISCOUNT's share nothing is settled: 9.76 of 19.52 are 1.50 USD. */
static void a_voucher_is_no_other_rate(void **state)
{
    struct pair *pair = *state;
    one_line(pair, (struct line){.coupon = "9.76", .settlement = "1.50"});
    pair_records(pair, HEADER "R1,,4200000001,1900000109,1952,CNY,SUCCESS," OF_MONDAY ",-12,150,USD\n");
    pair_agrees(pair);
}

#define OF(number, merchant) number ",,4200000001," merchant ",1952,CNY,SUCCESS," OF_MONDAY ",-12,300,USD\n"

static void other_merchant_by_the_order_s_other_records(void **state)
{
    struct pair *pair = *state;
    pair_bill(pair, DAY, LINES({0}, {.out_refund_no = "R2"}, {.out_refund_no = "R3"}));
    pair_records(pair, HEADER OF("R1", "1900000109") OF("R2", "1900000110") OF("R3", "1900000109"));
    pair_has_only(pair, "other_merchant", "R2", "1900000110", "1900000109");
}

static void other_merchant_by_the_statement(void **state)
{
    struct pair *pair = *state;
    const char *lines[] = {"2026-01-05 09:00:00,1900000109,4200000001,50001,R1,SUCCESS,19.52,3.00"};
    one_line(pair, (struct line){.refund_id = "50001"});
    pair_statement(pair, "statement-2026-01-05.csv", lines, 1);
    pair_records(pair, HEADER OF("R1", "1900000110"));
    pair_has_only(pair, "other_merchant", "R1", "1900000109's by the statement", "1900000110's by your record");
}

static void two_records_that_disagree_about_the_merchant_tell_nothing(void **state)
{
    struct pair *pair = *state;
    pair_bill(pair, DAY, LINES({0}, {.out_refund_no = "R2"}));
    pair_records(pair, HEADER OF("R1", "1900000109") OF("R2", "1900000110"));
    pair_agrees(pair);
}

static void one_refund_may_have_several_differences(void **state)
{
    struct pair *pair = *state;
    one_line(pair, (struct line){0});
    pair_records(pair, HEADER "R1,,4200000001,1900000109,1925,CNY,PROCESSING,,,-11,310,USD\n");
    pair_look(pair);
    assert_int_equal(json_array_size(pair->differences), 4);
    assert_true(pair_has(pair, "amount", "R1") && pair_has(pair, "status", "R1") && pair_has(pair, "fee", "R1") &&
                pair_has(pair, "rate", "R1"));
}

static void equal_totals_do_not_hide_two_errors(void **state)
{
    struct pair *pair = *state;
    pair_bill(pair, DAY, LINES({0}, {.out_refund_no = "R2"}));
    pair_records(pair, HEADER GOOD("R1", "1951") GOOD("R2", "1953"));
    pair_look(pair);
    assert_int_equal(json_array_size(pair->differences), 2);
    assert_int_equal(pair->found.totals.list[0].here, pair->found.totals.list[0].there);
    assert_int_equal(pair->found.totals.list[0].unequal, 2);
    assert_int_equal(pair->found.hidden, 1);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, pair_setup, pair_teardown)
    const struct CMUnitTest tests[] = {
        T(what_agrees_has_no_difference),
        T(missing_here),
        T(missing_there),
        T(amount),
        T(amounts_of_a_currency_without_decimals),
        T(currency_and_then_no_amount),
        T(status),
        T(under_way_for_more_than_three_business_days),
        T(closed_after_the_bill),
        T(duplicate_here),
        T(duplicate_there_in_one_file),
        T(duplicate_there_on_two_days),
        T(a_refund_of_two_lines_is_one),
        T(records_may_have_a_row_for_each_source),
        T(part_of_a_refund),
        T(partial_refunds_of_an_order_are_no_duplicates),
        T(day_boundary_of_a_matched_refund),
        T(days_counted_in_beijing_have_no_boundary),
        T(day_boundary_of_one_whose_bill_lies_outside),
        T(not_yet_due_after_the_last_day),
        T(not_yet_due_within_three_business_days),
        T(records_from_before_the_bills_are_not_compared),
        T(fee),
        T(a_fee_above_zero_is_the_same),
        T(rounding_is_a_unit_a_line),
        T(rate_is_more_than_a_unit_a_line),
        T(two_lines_may_be_two_units_off),
        T(a_line_of_the_bill_that_does_not_fit_itself),
        T(a_voucher_is_no_other_rate),
        T(other_merchant_by_the_order_s_other_records),
        T(other_merchant_by_the_statement),
        T(two_records_that_disagree_about_the_merchant_tell_nothing),
        T(one_refund_may_have_several_differences),
        T(equal_totals_do_not_hide_two_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
