/* What the audit finds in pools and in their conversion, by day, sponsor and kind of pool. Of the
 * institution, settled in USD, Monday (2026-01-05, day 20458) moved 41 301 in sales and 11 422 outbound,
 * which are 63.53 and 17.57 USD, entry 55; Tuesday 10 934 and 994, which are 16.82 and 1.53, entry 64.
 * Wednesday is not converted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "unit/book/audit/audited.h"

#define POOL(sponsor, kind, day, what)                                                                       \
    "UPDATE pool SET " what " WHERE sponsor = '" sponsor "' AND kind = " #kind " AND day = " #day
#define US     "1900000100"
#define DIRECT "1900000200"
#define KEPT(sponsor, date, kind, is, due)                                                                   \
    "pools of " sponsor " of 2026-01-0" #date ": balance of " kind " is " #is                                \
    " but its movements come to " #due
#define BELOW(sponsor, date) "pools of " sponsor " of 2026-01-0" #date ": a pool is below 0"
#define CONVERTED(sponsor, date, kind, is, due)                                                              \
    "pools of " sponsor " of 2026-01-0" #date ": what was converted of " kind " is " #is                     \
    " but its movements so far come to " #due
#define SETTLED(sponsor, date, is, due)                                                                      \
    "pools of " sponsor " of 2026-01-0" #date ": settlement in " is                                          \
    " but at its orders' rates its movements come to " #due
#define BRIDGED(sponsor, date, is, due)                                                                      \
    "pools of " sponsor " of 2026-01-0" #date ": conversion in " is " but it has to be " #due

/* ---- balances ---- */

static void balances(void **state)
{
    (void)state;
    static const struct plant plants[] = {
        /* Converted and not, a fen up and down. */
        {POOL(US, 1, 20458, "balance = 11423"), KEPT(US, 5, "outbound", 11423, 11422)},
        {POOL(US, 1, 20459, "balance = 993"), KEPT(US, 6, "outbound", 993, 994)},
        {POOL(US, 2, 20458, "balance = 41300"), KEPT(US, 5, "sales", 41300, 41301)},
        {POOL(US, 2, 20460, "balance = 8947"), KEPT(US, 7, "sales", 8947, 8946)},
        {POOL(DIRECT, 1, 20460, "balance = 9899"), KEPT(DIRECT, 7, "outbound", 9899, 9900)},
        {POOL(DIRECT, 2, 20459, "balance = 990001"), KEPT(DIRECT, 6, "sales", 990001, 990000)},
        /* Nothing in it, and a fen less. */
        {POOL(DIRECT, 1, 20460, "balance = 0"), KEPT(DIRECT, 7, "outbound", 0, 9900)},
        {POOL(DIRECT, 1, 20460, "balance = -1"), KEPT(DIRECT, 7, "outbound", -1, 9900) "\n" BELOW(DIRECT, 7)},
        {POOL(US, 2, 20460, "balance = 0"), KEPT(US, 7, "sales", 0, 8946)},
        {POOL(US, 2, 20460, "balance = -1"), KEPT(US, 7, "sales", -1, 8946) "\n" BELOW(US, 7)},
        /* What was drawn from a pool that had less: both say so, and it is below 0 all the same. */
        {"UPDATE posting SET amount = -1 WHERE id = 17920;" POOL(DIRECT, 1, 20460, "balance = -1"),
         "entry 70: its postings in CNY sum to -9901, not to 0\n" BELOW(
             DIRECT,
             7) "\n"
                "distribution FREE-3: its end calls for 9900 on account outbound but the journal says -1"},
        /* In two slots, and with a row too few or too many. */
        {POOL(US, 2, 20460, "balance = 8940") "; INSERT INTO pool VALUES ('" US "', 2, 20460, 1, 6, NULL)",
         ""},
        {"INSERT INTO pool VALUES ('" US "', 2, 20460, 1, 6, NULL)", KEPT(US, 7, "sales", 8952, 8946)},
        {"DELETE FROM pool WHERE sponsor = '" US "' AND day = 20460", KEPT(US, 7, "sales", 0, 8946)},
        {"INSERT INTO pool VALUES ('" US "', 3, 20460, 0, 6, NULL)",
         "pools of " US ": one is neither outbound nor sales"},
        {"INSERT INTO pool VALUES ('" US "', 0, 20460, 0, 6, NULL)",
         "pools of " US ": one is neither outbound nor sales"},
        /* A sponsor before the others, and one behind. */
        {"INSERT INTO pool VALUES ('0', 1, 20460, 0, 6, NULL)",
         "pools of 0 of 2026-01-07: balance of outbound is 6 but its movements come to 0\n"
         "pools of 0: merchant 0 is not there"},
        {"INSERT INTO pool VALUES ('2', 1, 20460, 0, 6, NULL)",
         "pools of 2 of 2026-01-07: balance of outbound is 6 but its movements come to 0\n"
         "pools of 2: merchant 2 is not there"},
        /* Larger than sums can be: nothing else is compared. */
        {POOL(US, 2, 20460, "balance = 9223372036854775807"),
         KEPT(US, 7, "sales", 9223372036854775807, 8946)},
        {POOL(US, 2, 20460, "balance = 9223372036854775807") "; INSERT INTO pool VALUES ('" US
                                                             "', 2, 20460, 1, 1, NULL)",
         "pools of " US " of 2026-01-07: their sums are larger than sums can be"},
    };
    ASSERT_PLANTS(plants);
}

/* A movement is of one order, which a larger amount cannot be: it is left out, and missing. */
static void amounts_of_movements(void **state)
{
    (void)state;
    static const struct {
        const char *amount, *found;
    } amounts[] = {
        {"10000000000000", KEPT(US, 7, "sales", 8946, 9999999999006)},
        {"10000000000001", KEPT(US, 7, "sales", 8946, -994)},
        {"-10000000000000", KEPT(US, 7, "sales", 8946, -10000000000994)},
        {"-10000000000001", KEPT(US, 7, "sales", 8946, -994)},
    };
    for (size_t i = 0; i < sizeof amounts / sizeof amounts[0]; i++) {
        spoil("UPDATE posting SET amount = %s WHERE id = 16898", amounts[i].amount);
        if (!is_found(amounts[i].found))
            fail_msg("%s", amounts[i].found);
        mend();
    }
}

/* ---- days ---- */

#define UNPLANNED(date) "pools of 2026-01-" #date ": they are not converted, and it is not planned"

static void days(void **state)
{
    (void)state;
    static const struct plant plants[] = {
        /* A day that has pools alone; between, before and behind the others. */
        {"INSERT INTO pool VALUES ('" US "', 1, 20461, 0, 0, NULL)", UNPLANNED(08)},
        {"INSERT INTO pool VALUES ('" US "', 1, 20457, 0, 0, NULL)", UNPLANNED(04)},
        {"INSERT INTO pool VALUES ('" US "', 1, 20457, 0, 0, 1)", ""},
        {"INSERT INTO pool VALUES ('" US "', 1, 20461, 0, 0, NULL);"
         "INSERT INTO event (id, due_ms, kind, subject, position) VALUES (999, 1, 6, 20461, 0)",
         ""},
        {"INSERT INTO pool VALUES ('" US "', 1, 20458, 1, 0, NULL)",
         "pools of 2026-01-05: some are converted and some are not\n" UNPLANNED(05) "\n" CONVERTED(
             US, 5, "outbound", 11422,
             0) "\n" CONVERTED(US, 5, "sales", 41301,
                               0) "\n" SETTLED(US, 5, "USD is 8110",
                                               0) "\n" CONVERTED(DIRECT, 5, "outbound", 9900,
                                                                 0) "\n" CONVERTED(DIRECT, 5, "sales", 990000,
                                                                                   0) "\n" SETTLED(DIRECT, 5,
                                                                                                   "CNY is "
                                                                                                   "999900",
                                                                                                   0)},
        /* Not planned: what moved is a settlement that is missing. */
        {"DELETE FROM event WHERE kind = 6",
         UNPLANNED(07) "\n"
                       "settlement of " US
                       " for 1900000109 of 2026-01-07 in USD: pay is 0 but its movements come to 1538\n"
                       "settlement of " US
                       " for 1900000109 of 2026-01-07 in USD: refund is 0 but its movements come to 154\n"
                       "settlement of " US
                       " for 1900000109 of 2026-01-07 in USD: fee is 0 but its movements come to 8\n"
                       "settlement of " US " of 2026-01-07 in USD: pay is 0 but its movements come to 1538\n"
                       "settlement of " US
                       " of 2026-01-07 in USD: refund is 0 but its movements come to 154\n"
                       "settlement of " US " of 2026-01-07 in USD: fee is 0 but its movements come to 8\n"
                       "settlement of " DIRECT
                       " of 2026-01-07 in CNY: split_pay is 0 but its movements come to 9900"},
        {"UPDATE pool SET converted_ms = 1 WHERE day = 20460",
         CONVERTED(US, 7, "sales", 0, 8946) "\n" SETTLED(US, 7, "USD is 0", 1376) "\n" CONVERTED(
             DIRECT, 7, "outbound", 0, 9900) "\n" SETTLED(DIRECT, 7, "CNY is 0", 9900)},
    };
    ASSERT_PLANTS(plants);
}

/* ---- conversion ---- */

#define POSTING(id, what) "UPDATE posting SET " what " WHERE id = " #id ";"
/* Half way: SALE-3's posting 16898 is converted, SALE-3-BACK's and FREE-3's are not. */
#define UP_TO(position)                                                                                      \
    "UPDATE event SET position = " #position " WHERE kind = 6;"                                              \
    "INSERT INTO entry VALUES (99, 7, 20460, 1);"                                                            \
    "INSERT INTO posting VALUES (25344, 99, 10, '" US "', NULL, 20460, 'CNY', -9940),"                       \
    " (25345, 99, 12, '" US "', NULL, 20460, 'CNY', 9940), (25346, 99, 12, '" US                             \
    "', NULL, 20460, 'USD', -1529),"                                                                         \
    " (25347, 99, 13, '" US "', NULL, 20460, 'USD', 1529)"

static void conversions(void **state)
{
    (void)state;
    static const struct plant plants[] = {
        {POSTING(14080, "amount = -41302") POSTING(14081, "amount = 41302"),
         CONVERTED(US, 5, "sales", 41302, 41301)},
        {POSTING(14088, "amount = -11421") POSTING(14089, "amount = 11421"),
         CONVERTED(US, 5, "outbound", 11421, 11422)},
        {POSTING(16384, "amount = -990001") POSTING(16385, "amount = 990001"),
         CONVERTED(DIRECT, 6, "sales", 990001, 990000)},
        {POSTING(16392, "amount = -9899") POSTING(16393, "amount = 9899"),
         CONVERTED(DIRECT, 6, "outbound", 9899, 9900)},
        /* A cent more than the orders' rates give. */
        {POSTING(14082, "amount = -6354") POSTING(14083, "amount = 6354"),
         SETTLED(US, 5, "USD is 8111", 8110)},
        {POSTING(16398, "amount = -152") POSTING(16399, "amount = 152"), SETTLED(US, 6, "USD is 1834", 1835)},
        {POSTING(14086, "amount = -990001") POSTING(14087, "amount = 990001"),
         SETTLED(DIRECT, 5, "CNY is 999901", 999900)},
        /* Over the bridge goes what it takes in, and comes what it gives out. */
        {POSTING(14081, "amount = 41302"),
         "entry 55: its postings in CNY sum to 1, not to 0\n" BRIDGED(US, 5, "CNY is 52724", 52723)},
        {POSTING(14082, "amount = -6352"),
         "entry 55: its postings in USD sum to 1, not to 0\n" BRIDGED(US, 5, "USD is -8109", -8110)},
        {POSTING(14085, "amount = 990001"),
         "entry 55: its postings in CNY sum to 1, not to 0\n" BRIDGED(DIRECT, 5, "CNY is 1", 0)},
        {POSTING(16389, "owner = '" DIRECT "'") POSTING(16397, "owner = '" DIRECT "'"),
         "pools of " US
         " of 2026-01-06: pools were converted past the bridge\n" BRIDGED(DIRECT, 6, "CNY is 11928", 0)},
        {UP_TO(16898), ""},
        {UP_TO(16897), CONVERTED(US, 7, "sales", 9940, 0) "\n" SETTLED(US, 7, "USD is 1529", 0)},
        {UP_TO(17920), CONVERTED(DIRECT, 7, "outbound", 0, 9900) "\n" SETTLED(DIRECT, 7, "CNY is 0", 9900)},
        /* Twice. */
        {"INSERT INTO entry SELECT 99, 7, 20459, 1; INSERT INTO posting SELECT 25344 + id % 256, 99, "
         "account, owner,"
         " payment, day, currency, amount FROM posting WHERE entry = 64",
         CONVERTED(US, 6, "outbound", 1988, 994) "\n" CONVERTED(US, 6, "sales", 21868, 10934) "\n" SETTLED(
             US, 6, "USD is 3670",
             1835) "\n" CONVERTED(DIRECT, 6, "outbound", 19800,
                                  9900) "\n" CONVERTED(DIRECT, 6, "sales", 1980000,
                                                       990000) "\n" SETTLED(DIRECT, 6, "CNY is 1999800",
                                                                            999900)},
    };
    ASSERT_PLANTS(plants);
}

/* An order that cannot be calculated with is left out of what is due. */
static void rates_of_movements(void **state)
{
    (void)state;
    static const char *const orders[] = {"settlement_currency = 'XXX'", "settlement_rate = 999",
                                         "settlement_rate = 100000000001"};
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        spoil("UPDATE payment SET %s WHERE out_trade_no = 'SALE-2'", orders[i]);
        assert_true(is_found(CONVERTED(US, 6, "sales", 10934, 994)));
        assert_true(is_found(SETTLED(US, 6, "USD is 1835", 306)));
        mend();
    }
    spoil("UPDATE payment SET settlement_rate = 1000 WHERE out_trade_no = 'SALE-2'");
    assert_false(is_found(CONVERTED(US, 6, "sales", 10934, 994)));
    mend();
}

int main(void)
{
#define TEST(name) cmocka_unit_test(name)
    const struct CMUnitTest tests[] = {
        TEST(balances), TEST(amounts_of_movements), TEST(days), TEST(conversions), TEST(rates_of_movements),
    };
    return cmocka_run_group_tests_name("book/audit_pools", tests, audited_begin, audited_end);
}
