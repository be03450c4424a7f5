/* The journal by itself: every entry has postings, they balance, and they are such as can be. */
#include <string.h>

#include "base/calendar.h"
#include "book/audit/parts.h"

/* Two scans side by side: a posting's number begins with its entry's. */
FZ_LARGE_STATEMENT(audit_entries, "SELECT id, kind, subject, time_ms FROM entry WHERE id > $1 AND id <= $2 ORDER BY id", "ii", "iiii");
FZ_LARGE_STATEMENT(audit_postings,
             "SELECT id, account, owner, payment, day, currency, amount FROM posting"
             " WHERE id >= $1 AND id <= $2 ORDER BY id",
             "ii",
             "iitiiti");

#define CURRENCIES_MAX  48 /* more than there are in the table */

struct entry {
    int64_t id, subject, time_ms;
    enum fz_entry_kind kind;
    bool known; /* its kind */
    int64_t lines;
    size_t currencies;
    struct {
        const struct fz_currency *currency;
        int64_t sum;
    } sums[CURRENCIES_MAX];
};

struct journal {
    struct fz_audit_run *run;
    struct fz_cursor entries, postings;
    enum fz_result posting; /* FZ_OK: there is one at hand */
    int64_t number;         /* its number */
};

static enum fz_result next_posting(struct journal *journal)
{
    journal->posting = fz_next(&journal->postings);
    if (journal->posting == FZ_OK) {
        journal->number = fz_int(&journal->postings, 0);
        journal->run->out->postings++;
    }
    return journal->posting == FZ_ABSENT ? FZ_OK : journal->posting;
}

static void add_to_sum(struct fz_audit_run *run, struct entry *entry, const char *code, int64_t amount)
{
    size_t at = 0;
    while (at < entry->currencies && strcmp(entry->sums[at].currency->code, code) != 0)
        at++;
    if (at == entry->currencies) {
        const struct fz_currency *currency = fz_currency_find(code);
        if (currency == NULL) {
            fz_audit_find(run, "entry %lld: no currency is called %.20s", (long long)entry->id, code);
            return;
        }
        entry->sums[at].currency = currency;
        entry->sums[at].sum = 0;
        entry->currencies++;
    }
    entry->sums[at].sum += amount; /* 256 amounts within FZ_AUDIT_POSTING_MAX stay in 64 bits */
}

/* Pools move on the day of their entry, a conversion is of its day, nothing else has a day. */
static bool is_day_right(const struct entry *entry, enum fz_account account, bool has_day, int64_t day)
{
    if (entry->kind == FZ_ENTRY_DAY_CONVERTED)
        return has_day && day == entry->subject;
    if (account == FZ_ACCOUNT_OUTBOUND || account == FZ_ACCOUNT_SALES)
        return has_day && day == fz_day_of(entry->time_ms);
    return !has_day;
}

static bool is_conversion_account(enum fz_account account)
{
    return account == FZ_ACCOUNT_OUTBOUND || account == FZ_ACCOUNT_SALES ||
           account == FZ_ACCOUNT_CONVERSION || account == FZ_ACCOUNT_SETTLEMENT;
}

/* A refund from the recharged balance goes over the bridge; nothing but conversions and payouts reaches the
 * settlement. */
static bool is_refund_drawn(const struct entry *entry)
{
    return entry->kind == FZ_ENTRY_REFUND_ACCEPTED || entry->kind == FZ_ENTRY_REFUND_CLOSED;
}

static bool is_order_account(const struct entry *entry, enum fz_account account)
{
    if (account == FZ_ACCOUNT_CONVERSION || account == FZ_ACCOUNT_RECHARGED)
        return is_refund_drawn(entry);
    return account != FZ_ACCOUNT_SETTLEMENT && account != FZ_ACCOUNT_BANK;
}

/* Whether it names an order: all do but conversions, which are of a whole day, recharges and payouts; these
 * are of few accounts. */
static bool is_subject_right(const struct entry *entry, const struct fz_posting *posting)
{
    bool conversion = entry->kind == FZ_ENTRY_DAY_CONVERTED, recharge = entry->kind == FZ_ENTRY_RECHARGED;
    bool payout = entry->kind == FZ_ENTRY_PAID_OUT;
    if ((posting->payment == 0) != (conversion || recharge || payout))
        return false;
    if (conversion)
        return is_conversion_account(posting->account);
    if (recharge)
        return posting->account == FZ_ACCOUNT_BANK || posting->account == FZ_ACCOUNT_RECHARGED;
    if (payout)
        return posting->account == FZ_ACCOUNT_SETTLEMENT || posting->account == FZ_ACCOUNT_BANK;
    return is_order_account(entry, posting->account);
}

/* The posting at hand, which is of `entry`. */
static void check_posting(struct journal *journal, struct entry *entry)
{
    struct fz_audit_run *run = journal->run;
    const struct fz_cursor *row = &journal->postings;
    long long number = (long long)journal->number;
    struct fz_posting posting = {.account = (enum fz_account)fz_audit_small(row, 1),
                                 .owner = fz_string(row, 2),
                                 .payment = fz_int(row, 3),
                                 .currency = fz_string(row, 5),
                                 .amount = fz_int(row, 6)};
    if (journal->number % FZ_LINES_PER_ENTRY != entry->lines++)
        fz_audit_find(run, "posting %lld: the one before it is not there", number);
    if (posting.amount == 0 || posting.amount > FZ_AUDIT_POSTING_MAX ||
        posting.amount < -FZ_AUDIT_POSTING_MAX) {
        fz_audit_find(run, "posting %lld: its amount is %lld, which no posting can have", number,
                      (long long)posting.amount);
        return;
    }
    add_to_sum(run, entry, posting.currency, posting.amount);
    if (!entry->known)
        return;
    if ((int)posting.account < FZ_ACCOUNT_PAYER || posting.account > FZ_ACCOUNT_RECHARGED ||
        !is_subject_right(entry, &posting)) {
        fz_audit_find(run, "posting %lld: account %d has no part in an entry of this kind", number,
                      (int)posting.account);
        return;
    }
    if (!is_day_right(entry, posting.account, !fz_is_null(row, 4), fz_int(row, 4)))
        fz_audit_find(run, "posting %lld: its day is not its entry's", number);
    if (entry->time_ms >= run->before_ms)
        return;
    if (strcmp(posting.currency, "CNY") == 0)
        run->journal_cny[posting.account] += posting.amount;
    run->journal[entry->kind].hash += fz_audit_posting_hash(entry->kind, entry->subject, &posting);
}

static void begin_entry(struct journal *journal, struct entry *out)
{
    const struct fz_cursor *row = &journal->entries;
    out->id = fz_int(row, 0);
    int64_t kind = fz_int(row, 1);
    out->kind = (enum fz_entry_kind)kind;
    out->known = kind >= FZ_ENTRY_PAID && kind <= FZ_ENTRY_PAID_OUT;
    out->subject = fz_int(row, 2);
    out->time_ms = fz_int(row, 3);
    out->lines = 0;
    out->currencies = 0;
}

static void end_entry(struct journal *journal, const struct entry *entry)
{
    struct fz_audit_run *run = journal->run;
    run->out->entries++;
    if (entry->lines == 0)
        fz_audit_find(run, "entry %lld: it has no postings", (long long)entry->id);
    for (size_t i = 0; i < entry->currencies; i++)
        if (entry->sums[i].sum != 0)
            fz_audit_find(run, "entry %lld: its postings in %s sum to %lld, not to 0", (long long)entry->id,
                          entry->sums[i].currency->code, (long long)entry->sums[i].sum);
    if (!entry->known) {
        fz_audit_find(run, "entry %lld: no entry has kind %d", (long long)entry->id, (int)entry->kind);
        return;
    }
    if (entry->time_ms >= run->before_ms)
        return;
    run->journal[entry->kind].count++;
    run->journal[entry->kind].hash += fz_audit_entry_hash(entry->kind, entry->subject, entry->time_ms);
}

/* Passes over postings up to those of entry `until`: nobody calls for them. */
static enum fz_result skip_strays(struct journal *journal, int64_t until)
{
    enum fz_result result = FZ_OK;
    while (result == FZ_OK && journal->posting == FZ_OK && journal->number / FZ_LINES_PER_ENTRY < until) {
        fz_audit_find(journal->run, "posting %lld: entry %lld is not there", (long long)journal->number,
                      (long long)(journal->number / FZ_LINES_PER_ENTRY));
        result = next_posting(journal);
    }
    return result;
}

static enum fz_result check_entry(struct journal *journal)
{
    struct entry entry;
    begin_entry(journal, &entry);
    enum fz_result result = skip_strays(journal, entry.id);
    while (result == FZ_OK && journal->posting == FZ_OK && journal->number / FZ_LINES_PER_ENTRY == entry.id) {
        check_posting(journal, &entry);
        result = next_posting(journal);
    }
    end_entry(journal, &entry);
    return result;
}

static enum fz_result check_journal(struct journal *journal)
{
    enum fz_result result = next_posting(journal);
    while (result == FZ_OK && (result = fz_next(&journal->entries)) == FZ_OK)
        result = check_entry(journal);
    return result == FZ_ABSENT ? skip_strays(journal, INT64_MAX) : result;
}

/* The number of a line of an entry, which may be the last of the range or none at all. */
static int64_t posting_of(int64_t entry, int64_t line)
{
    int64_t number;
    if (__builtin_mul_overflow(entry, (int64_t)FZ_LINES_PER_ENTRY, &number) || __builtin_add_overflow(number, line, &number))
        return entry < 0 ? INT64_MIN : INT64_MAX;
    return number;
}

enum fz_result fz_audit_journal(struct fz_audit_run *run)
{
    struct journal journal = {.run = run};
    const struct fz_value first = FZ_I(posting_of(run->after, FZ_LINES_PER_ENTRY)),
                          last = FZ_I(posting_of(run->upto, FZ_LINES_PER_ENTRY - 1));
    enum fz_result result = fz_query(run->tx, &audit_entries, FZ_VALUES(FZ_AUDIT_RANGE(run)), &journal.entries);
    if (result == FZ_OK)
        result = fz_query(run->tx, &audit_postings, FZ_VALUES(first, last), &journal.postings);
    if (result == FZ_OK)
        result = check_journal(&journal);
    fz_cursor_done(&journal.entries);
    fz_cursor_done(&journal.postings);
    return result;
}
