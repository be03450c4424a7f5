/* What the audit finds in the journal: entries, postings, and where they are not what the rows call for.
 * The entries are those of the story in audited.c: 1 is SALE paid, 26 DISCOUNT paid, 36 and 37 the recharges,
 * 41 TOPPED-CLOSED closed, 54 TOPPED-BACK arrived, 55 Monday converted, 65 the second payout, 70 FREE-3
 * ended, 71 FREEZING paid, 72 WAY accepted, 73 WAY-BACK accepted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "book/entry.h"
#include "unit/book/audit/audited.h"

/* ---- entries ---- */

static void entries(void **state)
{
    (void)state;
    static const struct plant plants[] = {
        {"UPDATE entry SET kind = 0 WHERE id = 71",
         "entry 71: no entry has kind 0\n"
         "payment FREEZING: the journal lacks its payment\n"
         "account order: its sum is 44820 but orders, distributions and refunds call for 54760\n"
         "account fee: its sum is 21027 but orders, distributions and refunds call for 21087"},
        {"UPDATE entry SET kind = 10 WHERE id = 65", "entry 65: no entry has kind 10\n"
                                                     "payout 2: the journal lacks its booking"},
        {"INSERT INTO entry VALUES (9999, 7, 20458, 0)", "entry 9999: it has no postings"},
        {"UPDATE posting SET amount = amount + 1 WHERE id = 256",
         "entry 1: its postings in CNY sum to 1, not to 0\n"
         "payment SALE: its payment calls for -10000 on account payer but the journal says -9999"},
        {"UPDATE posting SET amount = amount - 1 WHERE id = 256",
         "entry 1: its postings in CNY sum to -1, not to 0\n"
         "payment SALE: its payment calls for -10000 on account payer but the journal says -10001"},
        /* In each currency by itself. */
        {"UPDATE posting SET amount = amount + 1 WHERE id = 9217",
         "entry 36: its postings in USD sum to 1, not to 0\n"
         "recharge 1: its booking calls for 5000 on account recharged but the journal says 5001"},
        {"UPDATE posting SET currency = 'HKD' WHERE id = 9217",
         "entry 36: its postings in USD sum to -5000, not to 0\n"
         "entry 36: its postings in HKD sum to 5000, not to 0\n"
         "recharge 1: its booking calls for 5000 on account recharged but the journal says 5000"},
        {"UPDATE posting SET currency = 'XXX' WHERE id = 256",
         "entry 1: no currency is called XXX\n"
         "entry 1: its postings in CNY sum to 10000, not to 0\n"
         "payment SALE: its payment calls for -10000 on account payer but the journal says -10000"},
    };
    ASSERT_PLANTS(plants);
}

/* ---- postings ---- */

static void numbers_of_postings(void **state)
{
    (void)state;
    static const struct plant plants[] = {
        {"UPDATE posting SET id = id + 1 WHERE id = 258", "posting 259: the one before it is not there"},
        {"UPDATE posting SET id = 259 WHERE id = 256", "posting 257: the one before it is not there\n"
                                                       "posting 258: the one before it is not there\n"
                                                       "posting 259: the one before it is not there"},
        /* Before, between and behind the entries that are there. */
        {"INSERT INTO posting VALUES (255, 0, 12, '1900000100', NULL, NULL, 'CNY', 5)",
         "posting 255: entry 0 is not there"},
        {"UPDATE entry SET id = 75 WHERE id = 65",
         "posting 16640: entry 65 is not there\n"
         "posting 16641: entry 65 is not there\n"
         "entry 75: it has no postings\n"
         "payout 2: its booking calls for -999900 on account settlement and the journal lacks it\n"
         "payout 2: its booking calls for 999900 on account bank and the journal lacks it"},
        {"INSERT INTO posting VALUES (75 * 256, 75, 12, '1900000100', NULL, NULL, 'CNY', 5)",
         "posting 19200: entry 75 is not there"},
    };
    ASSERT_PLANTS(plants);
}

/* A conversion sums up to 1 000 amounts of up to 100 times 100 000 000 000 fen: 10^16 are its most. */
#define BRIDGE(one, other)                                                                                   \
    "INSERT INTO posting VALUES (14096, 55, 12, '1900000100', NULL, 20458, 'CNY', " #one                     \
    "), (14097, 55, 12, '1900000100', NULL, 20458, 'CNY', " #other ")"

static void amounts_of_postings(void **state)
{
    (void)state;
    static const struct plant plants[] = {
        {BRIDGE(1, -1), ""},
        {BRIDGE(10000000000000000, -10000000000000000), ""},
        {BRIDGE(10000000000000001, -10000000000000001),
         "posting 14096: its amount is 10000000000000001, which no posting can have\n"
         "posting 14097: its amount is -10000000000000001, which no posting can have"},
        {BRIDGE(0, 0), "posting 14096: its amount is 0, which no posting can have\n"
                       "posting 14097: its amount is 0, which no posting can have"},
    };
    ASSERT_PLANTS(plants);
}

/* What the pools say of it besides is shown in audit/pools.c. */
static void days_of_postings(void **state)
{
    (void)state;
    static const struct {
        int posting;
        const char *day;
    } wrong[] = {
        {18176, "20460"},                                     /* an account that has none: payer */
        {514, "NULL"},    {514, "20457"},   {514, "20459"},   /* the sale of CARD */
        {4097, "NULL"},   {4097, "20457"},  {4097, "20459"},  /* what SHARE gave outbound */
        {14080, "NULL"},  {14080, "20457"}, {14080, "20459"}, /* the conversion, of sales */
        {14082, "NULL"},  {14082, "20457"}, {14082, "20459"}, /* and over the bridge */
        {14336, "20458"}, {9216, "20458"},                    /* a payout, a recharge */
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char line[100];
        (void)snprintf(line, sizeof line, "posting %d: its day is not its entry's", wrong[i].posting);
        spoil("UPDATE posting SET day = %s WHERE id = %d", wrong[i].day, wrong[i].posting);
        if (!is_found(line))
            fail_msg("day %s of posting %d", wrong[i].day, wrong[i].posting);
        mend();
    }
    /* 2026-01-06T00:00+08:00, and a millisecond before. */
    static const struct plant midnight[] = {
        {"UPDATE entry SET time_ms = 1767628799999 WHERE id = 2",
         "payment CARD: its payment is not of the time that the journal says"},
        {"UPDATE entry SET time_ms = 1767628800000 WHERE id = 2",
         "posting 514: its day is not its entry's\n"
         "payment CARD: its payment is not of the time that the journal says"},
    };
    ASSERT_PLANTS(midnight);
}

/* ---- accounts ---- */

#define ORDERS  0x0ffe /* all but conversion, settlement, bank and recharged */
#define DRAWN   0x9ffe /* the same, the bridge and the recharged balance */
#define BIT(to) (1 << FZ_ACCOUNT_##to)

/* The first posting of an entry of each kind, and the accounts that have a part in such an entry. */
static const struct {
    int posting;
    unsigned accounts;
} parts[] = {
    [FZ_ENTRY_PAID] = {18176, ORDERS},
    [FZ_ENTRY_DISTRIBUTION_ACCEPTED] = {18432, ORDERS},
    [FZ_ENTRY_DISTRIBUTION_FINISHED] = {17920, ORDERS},
    [FZ_ENTRY_REFUND_ACCEPTED] = {18688, DRAWN},
    [FZ_ENTRY_REFUND_ARRIVED] = {13824, ORDERS},
    [FZ_ENTRY_REFUND_CLOSED] = {10496, DRAWN},
    [FZ_ENTRY_DAY_CONVERTED] = {14080, BIT(OUTBOUND) | BIT(SALES) | BIT(CONVERSION) | BIT(SETTLEMENT)},
    [FZ_ENTRY_RECHARGED] = {9472, BIT(BANK) | BIT(RECHARGED)},
    [FZ_ENTRY_PAID_OUT] = {16640, BIT(SETTLEMENT) | BIT(BANK)},
};

static void parts_of_accounts(void **state)
{
    (void)state;
    for (int kind = FZ_ENTRY_PAID; kind <= FZ_ENTRY_PAID_OUT; kind++)
        for (int account = 0; account <= 16; account++) {
            char line[100];
            (void)snprintf(line, sizeof line, "posting %d: account %d has no part in an entry of this kind",
                           parts[kind].posting, account);
            spoil("UPDATE posting SET account = %d WHERE id = %d", account, parts[kind].posting);
            if (is_found(line) == ((parts[kind].accounts >> account & 1) != 0))
                fail_msg("kind %d, account %d", kind, account);
            mend();
        }
    assert_sound();
}

/* An order is named by all entries but conversions, recharges and payouts. */
static void orders_of_postings(void **state)
{
    (void)state;
    static const int accounts[] = {0, 1, 5, 9, 11, 11, 11, 10, 14, 13};
    for (int kind = FZ_ENTRY_PAID; kind <= FZ_ENTRY_PAID_OUT; kind++) {
        int posting = parts[kind].posting;
        spoil("UPDATE posting SET payment = CASE WHEN payment IS NULL THEN 1 END WHERE id = %d", posting);
        char line[100];
        (void)snprintf(line, sizeof line, "posting %d: account %d has no part in an entry of this kind",
                       posting, accounts[kind]);
        assert_true(is_found(line));
        mend();
    }
    assert_sound();
}

/* ---- what the rows call for ---- */

/* A millisecond, where the row says when. */
static void times(void **state)
{
    (void)state;
    static const struct plant plants[] = {
        {"UPDATE entry SET time_ms = time_ms + 1 WHERE id = 71",
         "payment FREEZING: its payment is not of the time that the journal says"},
        {"UPDATE entry SET time_ms = time_ms - 1 WHERE id = 72",
         "distribution WAY: its acceptance is not of the time that the journal says"},
        {"UPDATE entry SET time_ms = time_ms + 1 WHERE id = 70",
         "distribution FREE-3: its end is not of the time that the journal says"},
        {"UPDATE entry SET time_ms = time_ms - 1 WHERE id = 73",
         "refund WAY-BACK: its acceptance is not of the time that the journal says"},
        {"UPDATE entry SET time_ms = time_ms + 1 WHERE id = 54",
         "refund TOPPED-BACK: its arrival is not of the time that the journal says"},
        {"UPDATE entry SET time_ms = time_ms - 1 WHERE id = 41",
         "refund TOPPED-CLOSED: its closing is not of the time that the journal says"},
        {"UPDATE entry SET time_ms = time_ms + 1 WHERE id = 37",
         "recharge 2: its booking is not of the time that the journal says"},
        {"UPDATE entry SET time_ms = time_ms - 1 WHERE id = 65",
         "payout 2: its booking is not of the time that the journal says"},
    };
    ASSERT_PLANTS(plants);
}

/* An entry of another row: this one's is missing, and that one's is too many. */
static void subjects(void **state)
{
    (void)state;
    static const struct plant plants[] = {
        {"UPDATE entry SET subject = 99 WHERE id = 71", "entry 71: payment 99 is not there\n"
                                                        "payment FREEZING: the journal lacks its payment"},
        {"UPDATE entry SET subject = 99 WHERE id = 72", "entry 72: distribution 99 is not there\n"
                                                        "distribution WAY: the journal lacks its acceptance"},
        {"UPDATE entry SET subject = 99 WHERE id = 70", "entry 70: distribution 99 is not there\n"
                                                        "distribution FREE-3: the journal lacks its end"},
        {"UPDATE entry SET subject = 99 WHERE id = 73", "entry 73: refund 99 is not there\n"
                                                        "refund WAY-BACK: the journal lacks its acceptance"},
        {"UPDATE entry SET subject = 99 WHERE id = 54", "entry 54: refund 99 is not there\n"
                                                        "refund TOPPED-BACK: the journal lacks its arrival"},
        {"UPDATE entry SET subject = 99 WHERE id = 41",
         "entry 41: refund 99 is not there\n"
         "refund TOPPED-CLOSED: the journal lacks its closing"},
        {"UPDATE entry SET subject = 99 WHERE id = 37", "entry 37: recharge 99 is not there\n"
                                                        "recharge 2: the journal lacks its booking"},
        {"UPDATE entry SET subject = 99 WHERE id = 65", "entry 65: payout 99 is not there\n"
                                                        "payout 2: the journal lacks its booking"},
        /* A row whose number no row of another noun has. */
        {"UPDATE distribution SET id = 50 WHERE id = 8; UPDATE slice SET distribution = 50 WHERE "
         "distribution = 8;"
         "UPDATE event SET subject = 50 WHERE kind = 3",
         "entry 72: distribution 8 is not there\n"
         "distribution WAY: the journal lacks its acceptance"},
        {"UPDATE distribution SET id = 50 WHERE id = 7; UPDATE slice SET distribution = 50 WHERE "
         "distribution = 7;"
         "UPDATE entry SET subject = 50 WHERE id = 69",
         "entry 70: distribution 7 is not there\n"
         "distribution FREE-3: the journal lacks its end"},
        {"UPDATE recharge SET id = 50 WHERE id = 2", "entry 37: recharge 2 is not there\n"
                                                     "recharge 50: the journal lacks its booking"},
        {"UPDATE payout SET id = 50 WHERE id = 2", "entry 65: payout 2 is not there\n"
                                                   "payout 50: the journal lacks its booking"},
        {"UPDATE refund SET id = 50 WHERE id = 16; UPDATE event SET subject = 50 WHERE kind = 4 AND subject "
         "= 16",
         "entry 73: refund 16 is not there\n"
         "refund WAY-BACK: the journal lacks its acceptance"},
        /* A row that is there, but calls for none: not paid, not finished, not arrived, not closed. */
        {"UPDATE entry SET subject = 24 WHERE id = 71",
         "entry 71: the state of payment OPEN calls for no payment\n"
         "payment FREEZING: the journal lacks its payment"},
        {"UPDATE entry SET subject = 8 WHERE id = 70",
         "entry 70: the state of distribution WAY calls for no end\n"
         "distribution FREE-3: the journal lacks its end"},
        {"UPDATE entry SET subject = 16 WHERE id = 54",
         "entry 54: the state of refund WAY-BACK calls for no arrival\n"
         "refund TOPPED-BACK: the journal lacks its arrival"},
        {"UPDATE entry SET subject = 16 WHERE id = 41",
         "entry 41: the state of refund WAY-BACK calls for no closing\n"
         "refund TOPPED-CLOSED: the journal lacks its closing"},
    };
    ASSERT_PLANTS(plants);
}

#define WITHOUT(entry) "DELETE FROM posting WHERE entry = " #entry "; DELETE FROM entry WHERE id = " #entry
#define TWICE(row)                                                                                           \
    "INSERT INTO entry SELECT 99, kind, subject, time_ms FROM entry WHERE id = " #row ";"                    \
    "INSERT INTO posting SELECT 99 * 256 + id % 256, 99, account, owner, payment, day, currency, amount"     \
    " FROM posting WHERE entry = " #row
#define SUM(account, kept, due)                                                                              \
    "account " #account ": its sum is " #kept " but orders, distributions and refunds call for " #due

/* Whole entries, too few and too many: and that the sum of each account is told. */
static void whole_entries(void **state)
{
    (void)state;
    static const struct plant plants[] = {
        {WITHOUT(71), "payment FREEZING: the journal lacks its payment\n" SUM(order, 44820, 54760) "\n" SUM(
                          fee, 21027, 21087)},
        {TWICE(71), "payment 26: the journal has its payment 2 times\n" SUM(order, 64700, 54760) "\n" SUM(
                        fee, 21147, 21087)},
        {WITHOUT(72), "distribution WAY: the journal lacks its acceptance\n" SUM(
                          order, 55760, 54760) "\n" SUM(sharing, 0, 1000)},
        {TWICE(72), "distribution 8: the journal has its acceptance 2 times\n" SUM(
                        order, 53760, 54760) "\n" SUM(sharing, 2000, 1000)},
        {WITHOUT(73), "refund WAY-BACK: the journal lacks its acceptance\n" SUM(order, 55754, 54760) "\n" SUM(
                          fee, 21093, 21087) "\n" SUM(refunding, 3500, 4500)},
        {TWICE(73), "refund 16: the journal has its acceptance 2 times\n" SUM(order, 53766, 54760) "\n" SUM(
                        fee, 21081, 21087) "\n" SUM(refunding, 5500, 4500)},
        {WITHOUT(54), "refund TOPPED-BACK: the journal lacks its arrival\n" SUM(refunding, 5500, 4500)},
        {TWICE(54), "refund 12: the journal has its arrival 2 times\n" SUM(refunding, 3500, 4500)},
        {WITHOUT(41), "refund TOPPED-CLOSED: the journal lacks its closing\n" SUM(fee, 21069, 21087) "\n" SUM(
                          refunding, 7500, 4500)},
        {TWICE(41), "refund 11: the journal has its closing 2 times\n" SUM(fee, 21105, 21087) "\n" SUM(
                        refunding, 1500, 4500)},
        {WITHOUT(37), "recharge 2: the journal lacks its booking"},
        {TWICE(37), "recharge 2: the journal has its booking 2 times"},
        {WITHOUT(65), "payout 2: the journal lacks its booking"},
        {TWICE(65), "payout 2: the journal has its booking 2 times"},
    };
    ASSERT_PLANTS(plants);
}

/* A fen more or less, one that is too many, one that is missing, one that is somebody else's. */
static void postings_of_an_entry(void **state)
{
    (void)state;
    static const struct plant plants[] = {
        {"UPDATE posting SET amount = amount - 1 WHERE id = 4096; UPDATE posting SET amount = amount + 1"
         " WHERE id = 4098",
         "distribution SHARE: its end calls for 2000 on account receiver but the journal says 1999\n"
         "distribution SHARE: its end calls for -5000 on account sharing but the journal says -4999\n" SUM(
             sharing, 1001, 1000) "\n" SUM(receiver, 1999, 2000)},
        {"INSERT INTO posting VALUES (18179, 71, 1, '1900000100', 26, NULL, 'CNY', -5),"
         " (18180, 71, 2, '1900000100', 26, NULL, 'CNY', 5)",
         "payment FREEZING: its payment calls for nothing on account payer but the journal says -5\n"
         "payment FREEZING: its payment calls for nothing on account promotion but the journal says 5"},
        {"DELETE FROM posting WHERE id IN (6659, 6660)",
         "payment DISCOUNT: its payment calls for -500 on account discount and the journal lacks it\n"
         "payment DISCOUNT: its payment calls for 500 on account waived and the journal lacks it"},
        /* The same amount of another owner, order or currency. */
        {"UPDATE posting SET owner = '1900000200' WHERE id = 18176",
         "payment FREEZING: its payment calls for -10000 on account payer but the journal says -10000"},
        {"UPDATE posting SET payment = 25 WHERE id = 18176",
         "payment FREEZING: its payment calls for -10000 on account payer but the journal says -10000"},
        {"UPDATE posting SET currency = 'HKD' WHERE entry = 65",
         "payout 2: its booking calls for -999900 on account settlement but the journal says -999900\n"
         "payout 2: its booking calls for 999900 on account bank but the journal says 999900"},
    };
    ASSERT_PLANTS(plants);
}

static void names_of_accounts(void **state)
{
    (void)state;
    static const char *const names[] = {"unknown",   "payer",     "promotion",  "discount",   "waived",
                                        "order",     "fee",       "sharing",    "receiver",   "outbound",
                                        "sales",     "refunding", "conversion", "settlement", "bank",
                                        "recharged", "unknown"};
    for (int account = 0; account <= 16; account++) {
        char line[120];
        (void)snprintf(line, sizeof line,
                       "payment FREEZING: its payment calls for nothing on account %s but the journal says 7",
                       names[account]);
        spoil("INSERT INTO posting VALUES (18179, 71, %d, '1900000100', 26, NULL, 'CNY', 7);"
              "UPDATE entry SET time_ms = 0 WHERE id = 2",
              account);
        if (!is_found(line))
            fail_msg("%s", line);
        mend();
    }
}

/* Rows that cannot be calculated with call for nothing: that the entries are more than those is told. */
static void senseless_rows(void **state)
{
    (void)state;
    static const struct plant plants[] = {
        {"UPDATE payment SET distributable = -1 WHERE id = 26",
         "payment FREEZING: distributable is -1, which no amount can be\n"
         "the journal's entries for the payment of a payment are not those that the rows call for\n" SUM(
             order, 54760, 44820) "\n" SUM(fee, 21087, 21027)},
    };
    ASSERT_PLANTS(plants);
}

int main(void)
{
#define TEST(name) cmocka_unit_test(name)
    const struct CMUnitTest tests[] = {
        TEST(entries),
        TEST(numbers_of_postings),
        TEST(amounts_of_postings),
        TEST(days_of_postings),
        TEST(parts_of_accounts),
        TEST(orders_of_postings),
        TEST(times),
        TEST(subjects),
        TEST(whole_entries),
        TEST(postings_of_an_entry),
        TEST(names_of_accounts),
        TEST(senseless_rows),
    };
    return cmocka_run_group_tests_name("book/audit_journal", tests, audited_begin, audited_end);
}
