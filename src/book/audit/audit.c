/* The audit: its parts in turn, and what they find. */
#include "book/audit/audit.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "book/audit/parts.h"

FZ_STATEMENT(audit_merchant, "SELECT 1 FROM merchant WHERE mchid = $1", "t", "i");

int fz_audit_small(const struct fz_cursor *row, int column)
{
    int64_t number = fz_int(row, column);
    return number < INT32_MIN || number > INT32_MAX ? -1 : (int)number;
}

void fz_audit_find(struct fz_audit_run *run, const char *format, ...)
{
    int64_t place = run->out->findings++;
    if (place >= FZ_AUDIT_FINDINGS_MAX)
        return;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(run->out->list[place].what, sizeof run->out->list[place].what, format, arguments);
    va_end(arguments);
}

void fz_audit_same(struct fz_audit_run *run, struct fz_audit_subject subject, const char *what, int64_t kept,
                   const char *other, int64_t due)
{
    if (kept != due)
        fz_audit_find(run, "%s %s: %s is %lld but %s %lld", subject.noun, subject.number, what,
                      (long long)kept, other, (long long)due);
}

void fz_audit_true(struct fz_audit_run *run, struct fz_audit_subject subject, const char *what, bool kept)
{
    if (!kept)
        fz_audit_find(run, "%s %s: %s", subject.noun, subject.number, what);
}

bool fz_audit_range(struct fz_audit_run *run, struct fz_audit_subject subject, const char *what,
                    int64_t amount)
{
    if (amount >= 0 && amount <= FZ_AUDIT_AMOUNT_MAX)
        return true;
    fz_audit_find(run, "%s %s: %s is %lld, which no amount can be", subject.noun, subject.number, what,
                  (long long)amount);
    return false;
}

enum fz_result fz_audit_merchant(struct fz_audit_run *run, struct fz_audit_subject subject, const char *mchid)
{
    size_t room = sizeof run->merchants / sizeof run->merchants[0];
    for (size_t i = 0; i < room; i++)
        if (strcmp(run->merchants[i], mchid) == 0)
            return FZ_OK;
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(run->tx, &audit_merchant, FZ_VALUES(FZ_T(mchid)), &row);
    if (result == FZ_OK) {
        fz_copy(run->merchants[run->merchant], sizeof run->merchants[0], mchid);
        run->merchant = (run->merchant + 1) % room;
    }
    if (result == FZ_ABSENT)
        fz_audit_find(run, "%s %s: merchant %.40s is not there", subject.noun, subject.number, mchid);
    return result == FZ_ABSENT ? FZ_OK : result;
}

/* The finalizer of splitmix64: every bit of `value` reaches every bit of the hash. */
uint64_t fz_audit_mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) + UINT64_C(0x9e3779b97f4a7c15);
    hash = (hash ^ hash >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    hash = (hash ^ hash >> 27) * UINT64_C(0x94d049bb133111eb);
    return hash ^ hash >> 31;
}

/* Eight bytes at a time, and the length with the last of them. */
uint64_t fz_audit_mix_text(uint64_t hash, const char *text)
{
    size_t left = strlen(text);
    uint64_t piece;
    for (; left >= sizeof piece; left -= sizeof piece, text += sizeof piece) {
        memcpy(&piece, text, sizeof piece);
        hash = fz_audit_mix(hash, piece);
    }
    piece = (uint64_t)left << 56;
    memcpy(&piece, text, left);
    return fz_audit_mix(hash, piece);
}

uint64_t fz_audit_entry_hash(enum fz_entry_kind kind, int64_t subject, int64_t time_ms)
{
    return fz_audit_mix(fz_audit_mix(fz_audit_mix(0, (uint64_t)kind), (uint64_t)subject), (uint64_t)time_ms);
}

uint64_t fz_audit_posting_hash(enum fz_entry_kind kind, int64_t subject, const struct fz_posting *posting)
{
    uint64_t hash = fz_audit_mix(fz_audit_mix(1, (uint64_t)kind), (uint64_t)subject);
    hash = fz_audit_mix(fz_audit_mix(hash, (uint64_t)posting->account), (uint64_t)posting->payment);
    hash = fz_audit_mix_text(fz_audit_mix_text(hash, posting->owner), posting->currency);
    return fz_audit_mix(hash, (uint64_t)posting->amount);
}

/* The balances that rows keep go on; so their sums are compared with the journal's and what has come since. */
static void add_since(struct fz_audit_run *run, const struct fz_entry *entry)
{
    for (size_t i = 0; i < entry->count; i++)
        if (strcmp(entry->postings[i].currency, "CNY") == 0)
            run->since_cny[entry->postings[i].account] += entry->postings[i].amount;
}

void fz_audit_tally(struct fz_audit_run *run, const struct fz_entry *entry, int64_t time_ms)
{
    struct fz_audit_tally *tally = &run->rows[entry->kind];
    if (time_ms >= run->before_ms) {
        add_since(run, entry);
        return;
    }
    tally->count++;
    tally->hash += fz_audit_entry_hash(entry->kind, entry->subject, time_ms);
    for (size_t i = 0; i < entry->count; i++)
        tally->hash += fz_audit_posting_hash(entry->kind, entry->subject, &entry->postings[i]);
}

/* The accounts as a whole, which rests on nothing but additions. */
static void compare_totals(struct fz_audit_run *run)
{
    static const struct {
        enum fz_account account;
        const char *name;
    } totals[] = {{FZ_ACCOUNT_ORDER, "order"},
                  {FZ_ACCOUNT_FEE, "fee"},
                  {FZ_ACCOUNT_SHARING, "sharing"},
                  {FZ_ACCOUNT_RECEIVER, "receiver"},
                  {FZ_ACCOUNT_REFUNDING, "refunding"}};
    for (size_t i = 0; i < sizeof totals / sizeof totals[0]; i++)
        fz_audit_same(run, (struct fz_audit_subject){"account", totals[i].name}, "its sum",
                      (int64_t)(run->journal_cny[totals[i].account] + run->since_cny[totals[i].account]),
                      "orders, distributions and refunds call for",
                      (int64_t)run->rows_cny[totals[i].account]);
}

static void set_held(const struct fz_audit_run *run)
{
    __int128 held = 0;
    for (int account = 0; account < FZ_ACCOUNT_COUNT; account++)
        if (account != FZ_ACCOUNT_PAYER && account != FZ_ACCOUNT_PROMOTION && account != FZ_ACCOUNT_BANK)
            held += run->journal_cny[account];
    run->out->held = (int64_t)held;
    run->out->paid_in =
        (int64_t) - (run->journal_cny[FZ_ACCOUNT_PAYER] + run->journal_cny[FZ_ACCOUNT_PROMOTION] +
                     run->journal_cny[FZ_ACCOUNT_BANK]);
}

void fz_audit_end(struct fz_audit_run *run)
{
    compare_totals(run);
    set_held(run);
}

/* Those of no span go day by day, and compare what all others have found. */
static const struct {
    enum fz_result (*read)(struct fz_audit_run *run);
    int spans;
} parts[] = {
    {fz_audit_journal, FZ_AUDIT_ENTRIES},
    {fz_audit_orders, FZ_AUDIT_ORDERS},
    {fz_audit_slices, FZ_AUDIT_SLICES},
    {fz_audit_pools, 0},
    {fz_audit_waiting, FZ_AUDIT_ORDERS | FZ_AUDIT_DISTRIBUTIONS | FZ_AUDIT_REFUNDS},
    {fz_audit_notifications, FZ_AUDIT_ORDERS | FZ_AUDIT_REFUNDS | FZ_AUDIT_NOTIFICATIONS},
    {fz_audit_recharges, FZ_AUDIT_RECHARGES},
    {fz_audit_recharged, FZ_AUDIT_BALANCES},
    {fz_audit_receipts, FZ_AUDIT_PERSONS},
    {fz_audit_details, 0},
    {fz_audit_payouts, FZ_AUDIT_PAYOUTS},
    {fz_audit_match, 0},
};

enum fz_result fz_audit_at_hand(struct fz_audit_run *run)
{
    enum fz_result result = FZ_OK;
    for (size_t i = 0; result == FZ_OK && i < sizeof parts / sizeof parts[0]; i++)
        if (run->span == FZ_AUDIT_ALL || (parts[i].spans & (int)run->span) != 0)
            result = parts[i].read(run);
    return result;
}

enum fz_result fz_audit(struct fz_tx *tx, struct fz_audit *out)
{
    struct fz_audit audit = {0};
    struct fz_audit_run run = {
        .tx = tx, .out = &audit, .span = FZ_AUDIT_ALL, .after = INT64_MIN, .upto = INT64_MAX, .before_ms = INT64_MAX};
    enum fz_result result = fz_audit_at_hand(&run);
    if (result != FZ_OK)
        return result;
    fz_audit_end(&run);
    *out = audit;
    return FZ_OK;
}
