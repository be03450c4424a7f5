/* The journal against the rows: that the same entries are in both; and where they are not, which differ. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "book/audit/parts.h"
#include "book/distribution/row.h"
#include "book/refund/row.h"

FZ_LARGE_STATEMENT(audit_entries_of_kind, "SELECT id, subject, time_ms FROM entry WHERE id > $1 AND id <= $2 AND kind = $3 ORDER BY id", "iii",
             "iii");
FZ_STATEMENT(
    audit_postings_of_entry,
    "SELECT account, owner, payment, currency, amount FROM posting WHERE id >= $1 AND id < $2 ORDER BY id",
    "ii", "ititi");
FZ_LARGE_STATEMENT(audit_doubled,
             "SELECT subject, COUNT(*) FROM entry WHERE kind = $1 GROUP BY subject HAVING COUNT(*) > 1"
             " ORDER BY subject",
             "i", "ii");
#define WITHOUT_ENTRY(noun)                                                                                  \
    "SELECT n.id FROM " noun " n LEFT JOIN entry e ON e.kind = $3 AND e.subject = n.id"                      \
    " AND e.subject > $1 AND e.subject <= $2 WHERE n.id > $1 AND n.id <= $2 AND e.id IS NULL ORDER BY n.id"
FZ_LARGE_STATEMENT(audit_payments_missing, WITHOUT_ENTRY("payment"), "iii", "i");
FZ_LARGE_STATEMENT(audit_distributions_missing, WITHOUT_ENTRY("distribution"), "iii", "i");
FZ_LARGE_STATEMENT(audit_refunds_missing, WITHOUT_ENTRY("refund"), "iii", "i");
FZ_LARGE_STATEMENT(audit_recharges_missing, WITHOUT_ENTRY("recharge"), "iii", "i");
FZ_LARGE_STATEMENT(audit_payouts_missing, WITHOUT_ENTRY("payout"), "iii", "i");


static const char *const account_names[FZ_ACCOUNT_COUNT] = {
    [FZ_ACCOUNT_PAYER] = "payer",           [FZ_ACCOUNT_PROMOTION] = "promotion",
    [FZ_ACCOUNT_DISCOUNT] = "discount",     [FZ_ACCOUNT_WAIVED] = "waived",
    [FZ_ACCOUNT_ORDER] = "order",           [FZ_ACCOUNT_FEE] = "fee",
    [FZ_ACCOUNT_SHARING] = "sharing",       [FZ_ACCOUNT_RECEIVER] = "receiver",
    [FZ_ACCOUNT_OUTBOUND] = "outbound",     [FZ_ACCOUNT_SALES] = "sales",
    [FZ_ACCOUNT_REFUNDING] = "refunding",   [FZ_ACCOUNT_CONVERSION] = "conversion",
    [FZ_ACCOUNT_SETTLEMENT] = "settlement", [FZ_ACCOUNT_BANK] = "bank",
    [FZ_ACCOUNT_RECHARGED] = "recharged",
};

/* The kinds of entry that a row calls for, and what they tell. */
static const struct {
    const char *noun, *what;
} kinds[FZ_ENTRY_KINDS] = {
    [FZ_ENTRY_PAID] = {"payment", "payment"},
    [FZ_ENTRY_DISTRIBUTION_ACCEPTED] = {"distribution", "acceptance"},
    [FZ_ENTRY_DISTRIBUTION_FINISHED] = {"distribution", "end"},
    [FZ_ENTRY_REFUND_ACCEPTED] = {"refund", "acceptance"},
    [FZ_ENTRY_REFUND_ARRIVED] = {"refund", "arrival"},
    [FZ_ENTRY_REFUND_CLOSED] = {"refund", "closing"},
    [FZ_ENTRY_RECHARGED] = {"recharge", "booking"},
    [FZ_ENTRY_PAID_OUT] = {"payout", "booking"},
};

/* A row and the entry of one kind that it calls for. */
struct due {
    enum fz_entry_kind kind;
    bool expected;
    struct fz_entry entry;
    int64_t time_ms;
    char number[FZ_REFUND_ID_SIZE + 64]; /* of the row, in words */
    union {
        struct fz_payment payment;
        struct fz_distribution distribution;
        struct fz_refund refund;
        struct fz_audit_recharge recharge;
        struct fz_audit_payout payout;
    };
};

/* FZ_ABSENT if the row is not there. */
static enum fz_result find_due(struct fz_tx *tx, enum fz_entry_kind kind, int64_t subject, struct due *out)
{
    enum fz_result result = FZ_ABSENT;
    out->kind = kind;
    out->expected = false;
    if (kind == FZ_ENTRY_PAID) {
        result = fz_audit_find_payment(tx, subject, &out->payment);
        if (result == FZ_OK) {
            out->expected = fz_audit_expect_payment(&out->payment, &out->entry, &out->time_ms);
            fz_copy(out->number, sizeof out->number, fz_audit_payment_number(&out->payment));
        }
    } else if (kind == FZ_ENTRY_DISTRIBUTION_ACCEPTED || kind == FZ_ENTRY_DISTRIBUTION_FINISHED) {
        result = fz_distribution_by_row(tx, subject, &out->distribution);
        if (result == FZ_OK) {
            out->expected =
                fz_audit_expect_distribution(&out->distribution, kind, &out->entry, &out->time_ms);
            fz_copy(out->number, sizeof out->number, out->distribution.order_id);
        }
    } else if (kind == FZ_ENTRY_RECHARGED) {
        result = fz_audit_find_recharge(tx, subject, &out->recharge);
        if (result == FZ_OK) {
            out->expected = fz_audit_expect_recharge(&out->recharge, &out->entry, &out->time_ms);
            (void)snprintf(out->number, sizeof out->number, "%lld", (long long)subject);
        }
    } else if (kind == FZ_ENTRY_PAID_OUT) {
        result = fz_audit_find_payout(tx, subject, &out->payout);
        if (result == FZ_OK) {
            out->expected = fz_audit_expect_payout(&out->payout, &out->entry, &out->time_ms);
            (void)snprintf(out->number, sizeof out->number, "%lld", (long long)subject);
        }
    } else {
        result = fz_refund_by_row(tx, subject, &out->refund);
        if (result == FZ_OK) {
            out->expected = fz_audit_expect_refund(&out->refund, kind, &out->entry, &out->time_ms);
            fz_copy(out->number, sizeof out->number, out->refund.refund_id);
        }
    }
    return result;
}

static bool is_same(const struct fz_posting *one, const struct fz_posting *other)
{
    return one->account == other->account && one->payment == other->payment && one->amount == other->amount &&
           strcmp(one->owner, other->owner) == 0 && strcmp(one->currency, other->currency) == 0;
}

/* Takes the posting that is `posting` off the expected ones; else the first of its account, which it should
 * be: then `instead` gets that one's amount. False if there is none. */
static bool take_off(struct fz_entry *expected, const struct fz_posting *posting, bool *same,
                     int64_t *instead)
{
    size_t at = 0;
    while (at < expected->count && !is_same(&expected->postings[at], posting))
        at++;
    *same = at < expected->count;
    if (!*same)
        for (at = 0; at < expected->count && expected->postings[at].account != posting->account;)
            at++;
    if (at == expected->count)
        return false;
    *instead = expected->postings[at].amount;
    /* The others keep their order, which is the journal's, so that each is compared with its own. */
    memmove(&expected->postings[at], &expected->postings[at + 1],
            (--expected->count - at) * sizeof expected->postings[0]);
    return true;
}

static const char *account_name(enum fz_account account)
{
    bool known = (int)account >= FZ_ACCOUNT_PAYER && account <= FZ_ACCOUNT_RECHARGED;
    return known ? account_names[account] : "unknown";
}

static void compare_posting(struct fz_audit_run *run, struct due *due, const struct fz_posting *posting)
{
    bool same;
    int64_t instead = 0;
    bool found = take_off(&due->entry, posting, &same, &instead);
    if (found && same)
        return;
    const char *noun = kinds[due->kind].noun, *what = kinds[due->kind].what,
               *account = account_name(posting->account);
    if (found)
        fz_audit_find(run, "%s %s: its %s calls for %lld on account %s but the journal says %lld", noun,
                      due->number, what, (long long)instead, account, (long long)posting->amount);
    else
        fz_audit_find(run, "%s %s: its %s calls for nothing on account %s but the journal says %lld", noun,
                      due->number, what, account, (long long)posting->amount);
}

static enum fz_result compare_postings(struct fz_audit_run *run, int64_t entry, struct due *due)
{
    FZ_CURSOR row = {0};
    enum fz_result result =
        fz_query(run->tx, &audit_postings_of_entry,
                 FZ_VALUES(FZ_I(entry * FZ_LINES_PER_ENTRY), FZ_I((entry + 1) * FZ_LINES_PER_ENTRY)), &row);
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK) {
        struct fz_posting posting = {.account = (enum fz_account)fz_audit_small(&row, 0),
                                     .owner = fz_string(&row, 1),
                                     .payment = fz_int(&row, 2),
                                     .currency = fz_string(&row, 3),
                                     .amount = fz_int(&row, 4)};
        compare_posting(run, due, &posting);
    }
    for (size_t i = 0; i < due->entry.count; i++)
        fz_audit_find(run, "%s %s: its %s calls for %lld on account %s and the journal lacks it",
                      kinds[due->kind].noun, due->number, kinds[due->kind].what,
                      (long long)due->entry.postings[i].amount, account_name(due->entry.postings[i].account));
    return result == FZ_ABSENT ? FZ_OK : result;
}

static enum fz_result compare_entry(struct fz_audit_run *run, enum fz_entry_kind kind,
                                    const struct fz_cursor *row, struct due *due)
{
    int64_t entry = fz_int(row, 0), subject = fz_int(row, 1);
    enum fz_result result = find_due(run->tx, kind, subject, due);
    if (result == FZ_ABSENT)
        fz_audit_find(run, "entry %lld: %s %lld is not there", (long long)entry, kinds[kind].noun,
                      (long long)subject);
    else if (result == FZ_OK && !due->expected)
        fz_audit_find(run, "entry %lld: the state of %s %s calls for no %s", (long long)entry,
                      kinds[kind].noun, due->number, kinds[kind].what);
    if (result != FZ_OK || !due->expected)
        return result == FZ_ABSENT ? FZ_OK : result;
    if (due->time_ms != 0 && due->time_ms != fz_int(row, 2))
        fz_audit_find(run, "%s %s: its %s is not of the time that the journal says", kinds[kind].noun,
                      due->number, kinds[kind].what);
    return compare_postings(run, entry, due);
}

static enum fz_result compare_entries(struct fz_audit_run *run, enum fz_entry_kind kind, struct due *due)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query(run->tx, &audit_entries_of_kind, FZ_VALUES(FZ_AUDIT_RANGE(run), FZ_I(kind)), &row);
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK)
        result = compare_entry(run, kind, &row, due);
    return result == FZ_ABSENT ? FZ_OK : result;
}

static enum fz_result find_doubled(struct fz_audit_run *run, enum fz_entry_kind kind)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query(run->tx, &audit_doubled, FZ_VALUES(FZ_I(kind)), &row);
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK)
        fz_audit_find(run, "%s %lld: the journal has its %s %lld times", kinds[kind].noun,
                      (long long)fz_int(&row, 0), kinds[kind].what, (long long)fz_int(&row, 1));
    return result == FZ_ABSENT ? FZ_OK : result;
}

static const struct fz_statement *missing_statement(enum fz_entry_kind kind)
{
    if (kind == FZ_ENTRY_PAID)
        return &audit_payments_missing;
    if (kind == FZ_ENTRY_DISTRIBUTION_ACCEPTED || kind == FZ_ENTRY_DISTRIBUTION_FINISHED)
        return &audit_distributions_missing;
    if (kind == FZ_ENTRY_PAID_OUT)
        return &audit_payouts_missing;
    return kind == FZ_ENTRY_RECHARGED ? &audit_recharges_missing : &audit_refunds_missing;
}

static enum fz_result find_missing(struct fz_audit_run *run, enum fz_entry_kind kind, struct due *due)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query(run->tx, missing_statement(kind), FZ_VALUES(FZ_AUDIT_RANGE(run), FZ_I(kind)), &row);
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK) {
        result = find_due(run->tx, kind, fz_int(&row, 0), due);
        if (result == FZ_OK && due->expected)
            fz_audit_find(run, "%s %s: the journal lacks its %s", kinds[kind].noun, due->number,
                          kinds[kind].what);
    }
    return result == FZ_ABSENT ? FZ_OK : result;
}

/* By what the rows that call for a kind of entry are gone through. */
static enum fz_audit_span span_of(enum fz_entry_kind kind)
{
    if (kind == FZ_ENTRY_PAID)
        return FZ_AUDIT_ORDERS;
    if (kind == FZ_ENTRY_DISTRIBUTION_ACCEPTED || kind == FZ_ENTRY_DISTRIBUTION_FINISHED)
        return FZ_AUDIT_DISTRIBUTIONS;
    if (kind == FZ_ENTRY_PAID_OUT)
        return FZ_AUDIT_PAYOUTS;
    return kind == FZ_ENTRY_RECHARGED ? FZ_AUDIT_RECHARGES : FZ_AUDIT_REFUNDS;
}

/* Looks for what makes the tallies of a kind differ, row by row. */
static enum fz_result locate(struct fz_audit_run *run, enum fz_entry_kind kind)
{
    struct due due = {0};
    int64_t before = run->out->findings;
    enum fz_result result = FZ_OK;
    if ((run->span & FZ_AUDIT_ENTRIES) != 0)
        result = compare_entries(run, kind, &due);
    if (result == FZ_OK && (run->span & FZ_AUDIT_BALANCES) != 0)
        result = find_doubled(run, kind);
    if (result == FZ_OK && (run->span & span_of(kind)) != 0)
        result = find_missing(run, kind, &due);
    if (result == FZ_OK && run->span == FZ_AUDIT_ALL && run->out->findings == before)
        fz_audit_find(run, "the journal's entries for the %s of a %s are not those that the rows call for",
                      kinds[kind].what, kinds[kind].noun);
    return result;
}

/* Conversions are called for by no row: pools.c. */
static bool is_matched(const struct fz_audit_run *run, int kind)
{
    const struct fz_audit_tally *journal = &run->journal[kind], *rows = &run->rows[kind];
    return kind == FZ_ENTRY_DAY_CONVERTED || (journal->count == rows->count && journal->hash == rows->hash);
}

bool fz_audit_matches(const struct fz_audit_run *run)
{
    bool all = true;
    for (int kind = FZ_ENTRY_PAID; kind < FZ_ENTRY_KINDS; kind++)
        all = all && is_matched(run, kind);
    return all;
}

enum fz_result fz_audit_match(struct fz_audit_run *run)
{
    enum fz_result result = FZ_OK;
    for (int kind = FZ_ENTRY_PAID; result == FZ_OK && kind < FZ_ENTRY_KINDS; kind++)
        if (!is_matched(run, kind))
            result = locate(run, (enum fz_entry_kind)kind);
    return result;
}
