/* What the audit finds in distributions: their slices, their states and times, and what persons were paid. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "unit/book/audit/audited.h"

#define SLICE(id, what) "UPDATE slice SET " what " WHERE id = " #id
#define SET(name, what) "UPDATE distribution SET " what " WHERE order_id = '" name "'"
#define SUM(account, kept, due)                                                                              \
    "account " #account ": its sum is " #kept " but orders, distributions and refunds call for " #due

/* ---- slices: 1 and 2 are SHARE's, 3 and 4 FAIL's, 7 is FREE's, 11 and 12 are WAY's ---- */

#define MERCHANT      "distribution SHARE: a slice has another merchant"
#define DECIDED(name) "distribution " name ": a slice is decided and it is not, or the other way round"
#define BILL(name)    "distribution " name ": the state and bill_day of a slice do not fit"

static void states_of_slices(void **state)
{
    (void)state;
    static const struct plant plants[] = {
        {SLICE(1, "caller = '1900000200'"), MERCHANT},
        {SLICE(1, "sub_mchid = '1900000110'"), MERCHANT},
        {SLICE(2, "result = 1, bill_day = NULL"), DECIDED("SHARE") "\n" SUM(sharing, 1000, 4000)},
        {SLICE(12, "result = 2"), DECIDED("WAY") "\n" BILL("WAY") "\n" SUM(sharing, 1000, 800)},
        {SLICE(2, "finished_ms = finished_ms + 1"), DECIDED("SHARE")},
        {SLICE(2, "finished_ms = finished_ms - 1"), DECIDED("SHARE")},
        {SLICE(12, "finished_ms = 1"), DECIDED("WAY")},
        {SLICE(2, "bill_day = NULL"), BILL("SHARE")},
        {SLICE(2, "bill_day = 20457"), BILL("SHARE")},
        {SLICE(2, "bill_day = 20459"), BILL("SHARE")},
        {SLICE(3, "bill_day = 20458"), BILL("FAIL")},
        {SLICE(12, "bill_day = 20460"), BILL("WAY")},
        /* To the millisecond: 2026-01-06T00:00+08:00. */
        {SLICE(7, "finished_ms = 1767628799999") ";" SET(
             "FREE",
             "finished_ms = 1767628799999") "; UPDATE entry SET time_ms = 1767628799999 WHERE id = 20",
         ""},
        {SLICE(7, "finished_ms = 1767628800000") ";" SET(
             "FREE",
             "finished_ms = 1767628800000") "; UPDATE entry SET time_ms = 1767628800000 WHERE id = 20",
         "posting 5120: its day is not its entry's\n" BILL("FREE")},
        {SLICE(2, "result = 3, bill_day = NULL"),
         "distribution SHARE: a slice to the sponsor failed\n"
         "payment SHARED: distributable is 0 but what is left is 3000\n"
         "distribution SHARE: its end calls for nothing on account outbound but the journal says 3000\n"
         "distribution SHARE: its end calls for 3000 on account order and the journal lacks it"},
        {SLICE(1, "to_sponsor = 1"),
         "payment SHARED: to_receivers is 2000 but its slices come to 0\n"
         "distribution SHARE: its end calls for nothing on account receiver but the journal says 2000\n"
         "distribution SHARE: its end calls for 2000 on account outbound and the journal lacks it\n" SUM(
             receiver, 2000, 0)},
    };
    ASSERT_PLANTS(plants);
}

/* 3 000 at 6.5 are 461.54. */
static void amounts_of_slices(void **state)
{
    (void)state;
#define SETTLED(is) "distribution SHARE: settlement_amount of a slice is " #is " but at its rate it is 462"
    static const struct plant plants[] = {
        {SLICE(2, "settlement_amount = 461"), SETTLED(461)},
        {SLICE(2, "settlement_amount = 463"), SETTLED(463)},
        {SLICE(2, "settlement_rate = 650000001"),
         "distribution SHARE: settlement_rate of a slice is 650000001 but its order says 650000000"},
        {SLICE(2, "settlement_currency = 'HKD'"),
         "distribution SHARE: a slice is settled in another currency than its order"},
        {SLICE(12, "amount = 201"),
         "payment HALFWAY: distributable is 7946 but what is left is 7945\n"
         "distribution WAY: its acceptance calls for -1001 on account order but the journal says -1000\n"
         "distribution WAY: its acceptance calls for 1001 on account sharing but the journal says 1000\n" SUM(
             sharing, 1000, 1001)},
        {SLICE(11, "amount = 799"),
         "payment HALFWAY: distributable is 7946 but what is left is 7947\n"
         "payment HALFWAY: to_receivers is 800 but its slices come to 799\n"
         "distribution WAY: its acceptance calls for -999 on account order but the journal says -1000\n"
         "distribution WAY: its acceptance calls for 999 on account sharing but the journal says 1000\n" SUM(
             sharing, 1000, 999)},
    };
    ASSERT_PLANTS(plants);
    static const struct {
        const char *amount;
        bool can_be;
    } amounts[] = {{"-1", false}, {"0", true}, {"10000000000000", true}, {"10000000000001", false}};
    for (size_t i = 0; i < sizeof amounts / sizeof amounts[0]; i++) {
        char line[120];
        (void)snprintf(line, sizeof line, "distribution WAY: amount of a slice is %s, which no amount can be",
                       amounts[i].amount);
        spoil("UPDATE slice SET amount = %s WHERE id = 12", amounts[i].amount);
        if (is_found(line) == amounts[i].can_be)
            fail_msg("%s", line);
        mend();
    }
}

/* 50 receivers and the rest to the sponsor: 51. What is too many is not calculated with. */
#define MORE(count)                                                                                          \
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " #count ")"                  \
    " INSERT INTO slice SELECT 100 + i, distribution, 'MORE' || i, caller, sub_mchid, to_sponsor, type,"     \
    " account, 0, description, result, fail_reason, settlement_currency, settlement_rate, 0, created_ms,"    \
    " finished_ms, bill_day FROM slice, n WHERE id = 12"

static void numbers_of_slices(void **state)
{
    (void)state;
    static const struct plant plants[] = {
        {MORE(49), ""},
        {MORE(50),
         "distribution WAY: it has more slices than it can have\n"
         "table slice: the number of its rows is 62 but those of the distributions that are there are 61"},
        {"UPDATE slice SET distribution = 99 WHERE id = 12",
         "payment HALFWAY: distributable is 7946 but what is left is 8146\n"
         "table slice: the number of its rows is 12 but those of the distributions that are there are 11\n"
         "distribution WAY: its acceptance calls for -800 on account order but the journal says -1000\n"
         "distribution WAY: its acceptance calls for 800 on account sharing but the journal says 1000\n" SUM(
             sharing, 1000, 800)},
    };
    ASSERT_PLANTS(plants);
}

/* ---- distributions ---- */

#define EMPTY(payment)                                                                                       \
    "INSERT INTO distribution SELECT 99, 'EMPTY', " #payment                                                 \
    ", caller, sub_mchid, 'EMPTY', digest, 2, state,"                                                        \
    " created_ms, finished_ms FROM distribution WHERE id = 1"
#define NO_SLICES      "distribution EMPTY: it has no slices"
#define NOT_MARKED     "distribution EMPTY: its order is not marked and paid"
#define FINISHED(name) "distribution " name ": its state and finished_ms do not fit"

static void distributions(void **state)
{
    (void)state;
    static const struct plant plants[] = {
        {EMPTY(26), NO_SLICES},
        {EMPTY(21), NOT_MARKED "\n" NO_SLICES},
        {"UPDATE payment SET marked = 1 WHERE id = 24;" EMPTY(24), NOT_MARKED "\n" NO_SLICES},
        {SET("SHARE", "sub_mchid = '1900000110'"),
         "distribution SHARE: its merchant is not its order's\n" MERCHANT "\n" MERCHANT},
        {SET("FREE-3",
             "caller = '1900000300'") "; UPDATE slice SET caller = '1900000300' WHERE distribution = 7;"
                                      "UPDATE posting SET owner = '1900000300' WHERE entry IN (69, 70)",
         "distribution FREE-3: its merchant is not its order's\n"
         "pools of 1900000200 of 2026-01-07: balance of outbound is 9900 but its movements come to 0\n"
         "pools of 1900000300 of 2026-01-07: balance of outbound is 0 but its movements come to 9900\n"
         "pools of 1900000300: merchant 1900000300 is not there"},
        {SET("WAY", "finished_ms = 1"), FINISHED("WAY") "\n" DECIDED("WAY") "\n" DECIDED("WAY")},
        {SET("WAY", "state = 0"), FINISHED("WAY")},
        {SET("WAY", "state = 3"), FINISHED("WAY")},
        {SET("FREE-3", "finished_ms = NULL"), FINISHED("FREE-3") "\n" DECIDED("FREE-3")},
        /* Only what was asked for with receivers counts against the limit. */
        {SET("SHARE", "kind = 2"), "payment SHARED: distribution_count is 1 but its distributions are 0"},
        {SET("SHARE", "kind = 3"), "payment SHARED: distribution_count is 1 but its distributions are 0"},
        {SET("RELEASE", "kind = 1"), "payment ENDED: distribution_count is 1 but its distributions are 2"},
        {SET("RELEASE", "kind = 2"), ""},
    };
    ASSERT_PLANTS(plants);
}

/* ---- persons: 200 000.00 in a month and not a fen more; a merchant may have it ---- */

#define PAID(amounts, others)                                                                                \
    "UPDATE slice SET type = 'PERSONAL_OPENID', account = 'oABC', " amounts " WHERE id IN (1, 2); " others

static void receipts(void **state)
{
    (void)state;
    static const char *found =
        "person oABC: was paid 20000001 in the month of 2026-01-01 but nobody may be paid"
        " more than 20000000";
    static const struct {
        const char *others;
        bool too_much;
    } persons[] = {
        {"", false},
        {SLICE(2, "amount = 10000001"), true},
        {SLICE(1, "amount = 10000001"), true},
        {SLICE(2, "amount = 10000001, bill_day = 20484"), true},  /* 2026-01-31 */
        {SLICE(2, "amount = 10000001, bill_day = 20485"), false}, /* 2026-02-01 */
        {SLICE(2, "amount = 10000001, bill_day = 20454"), true},  /* 2026-01-01 */
        {SLICE(2, "amount = 10000001, bill_day = 20453"), false}, /* 2025-12-31 */
        {SLICE(2, "amount = 10000001, bill_day = NULL"), false},  /* it did not succeed */
        {SLICE(2, "amount = 10000001, account = 'oXYZ'"), false}, /* somebody else */
        {SLICE(2, "amount = 10000001, type = 'PERSONAL_SUB_OPENID'"), false},
        {SLICE(2, "amount = 10000001") "; UPDATE slice SET type = 'PERSONAL_SUB_OPENID' WHERE id IN (1, 2)",
         true},
        {SLICE(2, "amount = 10000001") "; UPDATE slice SET type = 'MERCHANT_ID' WHERE id IN (1, 2)", false},
        /* Somebody before and somebody behind. */
        {SLICE(2,
               "amount = 10000001") "; UPDATE slice SET type = 'PERSONAL_OPENID', account = 'a' WHERE id = 4;"
                                    "UPDATE slice SET type = 'PERSONAL_OPENID', account = 'z' WHERE id = 6",
         true},
        /* No day is told of a number that is none; it is found where slices are looked at one by one. */
        {SLICE(2, "amount = 10000001, bill_day = -1"), false},
        {SLICE(2, "amount = 10000001, bill_day = 9223372036854775807"), false},
        {SLICE(2, "amount = 10000001, bill_day = 20458 + 4294967296"), false},
    };
    for (size_t i = 0; i < sizeof persons / sizeof persons[0]; i++) {
        spoil("%s", PAID("amount = 10000000", ""));
        spoil("%s", persons[i].others);
        if (is_found(found) != persons[i].too_much)
            fail_msg("%s", persons[i].others);
        mend();
    }
    /* The first day that there is, the last, and those beside them. */
    static const struct {
        const char *day, *month;
    } edges[] = {{"0", "1970-01-01"}, {"2932896", "9999-12-01"}};
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++) {
        char line[120];
        (void)snprintf(line, sizeof line,
                       "person oABC: was paid 20000001 in the month of %s but nobody may be paid more than"
                       " 20000000",
                       edges[i].month);
        spoil("UPDATE slice SET type = 'PERSONAL_OPENID', account = 'oABC', amount = 9999999 + id,"
              " bill_day = %s WHERE id IN (1, 2)",
              edges[i].day);
        assert_true(is_found(line));
        spoil(
            "UPDATE slice SET bill_day = bill_day + CASE WHEN bill_day = 0 THEN -1 ELSE 1 END WHERE id = 2");
        assert_false(is_found(line));
        mend();
    }
}

/* ---- persons: the totals that are kept ---- */

#define PERSON_PAID(kept)                                                                                     \
    "UPDATE slice SET type = 'PERSONAL_OPENID', account = 'oABC' WHERE id IN (1, 2);"                         \
    "INSERT INTO receipts VALUES ('oABC', 'PERSONAL_OPENID', 20454, " #kept ")"
#define KEPT(account, month, what) "person " account ": receipts of the month of " month " are " what

/* SHARE's slices of 2 000 and 3 000 were paid on 2026-01-05; the month's first day is 20454. */
static void kept_receipts(void **state)
{
    (void)state;
    static const struct plant plants[] = {
        {PERSON_PAID(5000), ""},
        {PERSON_PAID(4999), KEPT("oABC", "2026-01-01", "4999 but its slices come to 5000")},
        {PERSON_PAID(5001), KEPT("oABC", "2026-01-01", "5001 but its slices come to 5000")},
        {PERSON_PAID(0), KEPT("oABC", "2026-01-01", "0 but its slices come to 5000")},
        {PERSON_PAID(5000) "; DELETE FROM receipts",
         KEPT("oABC", "2026-01-01", "not kept but its slices come to 5000")},
        /* A total too many: of nobody, of a merchant, of another month, of another kind; before, between and behind. */
        {"INSERT INTO receipts VALUES ('oABC', 'PERSONAL_OPENID', 20454, 0)",
         KEPT("oABC", "2026-01-01", "0 but no slice of it succeeded")},
        {"INSERT INTO receipts VALUES ('1900003001', 'MERCHANT_ID', 20454, 2000)",
         KEPT("1900003001", "2026-01-01", "2000 but no slice of it succeeded")},
        {PERSON_PAID(5000) "; INSERT INTO receipts VALUES ('oABC', 'PERSONAL_OPENID', 20485, 1)",
         KEPT("oABC", "2026-02-01", "1 but no slice of it succeeded")},
        {PERSON_PAID(5000) "; INSERT INTO receipts VALUES ('oABC', 'PERSONAL_OPENID', 20423, 1)",
         KEPT("oABC", "2025-12-01", "1 but no slice of it succeeded")},
        {PERSON_PAID(5000) "; INSERT INTO receipts VALUES ('oABC', 'PERSONAL_SUB_OPENID', 20454, 5000)",
         KEPT("oABC", "2026-01-01", "5000 but no slice of it succeeded")},
        {PERSON_PAID(5000) "; INSERT INTO receipts VALUES ('oAB', 'PERSONAL_OPENID', 20454, 5000),"
                           " ('oABD', 'PERSONAL_OPENID', 20454, 7)",
         KEPT("oAB", "2026-01-01", "5000 but no slice of it succeeded") "\n" KEPT(
             "oABD", "2026-01-01", "7 but no slice of it succeeded")},
        {"INSERT INTO receipts VALUES ('oABC', 'PERSONAL_OPENID', -1, 1), ('oABC', 'PERSONAL_OPENID', 2932897, 1)",
         KEPT("oABC", "-1", "1 but no slice of it succeeded") "\n" KEPT("oABC", "2932897",
                                                                        "1 but no slice of it succeeded")},
        /* Under the month's second day it is neither here nor there. */
        {PERSON_PAID(5000) "; UPDATE receipts SET month = 20455",
         KEPT("oABC", "2026-01-01", "not kept but its slices come to 5000") "\n" KEPT(
             "oABC", "2026-01-02", "5000 but no slice of it succeeded")},
        /* Two persons: each has a total of its own. */
        {PERSON_PAID(2000) "; UPDATE slice SET account = 'oXYZ' WHERE id = 2;"
                           "INSERT INTO receipts VALUES ('oXYZ', 'PERSONAL_OPENID', 20454, 3000)",
         ""},
        {PERSON_PAID(2000) "; UPDATE slice SET account = 'oXYZ' WHERE id = 2;"
                           "INSERT INTO receipts VALUES ('oXYZ', 'PERSONAL_OPENID', 20454, 2999)",
         KEPT("oXYZ", "2026-01-01", "2999 but its slices come to 3000")},
        {PERSON_PAID(2000) "; UPDATE slice SET account = 'oAA' WHERE id = 2",
         KEPT("oAA", "2026-01-01", "not kept but its slices come to 3000")},
    };
    ASSERT_PLANTS(plants);
}

int main(void)
{
#define TEST(name) cmocka_unit_test(name)
    const struct CMUnitTest tests[] = {
        TEST(states_of_slices), TEST(amounts_of_slices), TEST(numbers_of_slices),
        TEST(distributions),    TEST(receipts),          TEST(kept_receipts),
    };
    return cmocka_run_group_tests_name("book/audit_distributions", tests, audited_begin, audited_end);
}
