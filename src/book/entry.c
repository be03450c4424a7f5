/* Entries: put together by the caller, checked for balance, written once and never changed. */
#include "book/entry.h"

#include <assert.h>
#include <string.h>

#include "base/calendar.h"
#include "book/money.h"

FZ_STATEMENT(entry_insert, "INSERT INTO entry (id, kind, subject, time_ms) VALUES ($1, $2, $3, $4)", "iiii",
             "");
FZ_STATEMENT(posting_insert,
             "INSERT INTO posting (id, entry, account, owner, payment, day, currency, amount)"
             " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
             "iiitiiti", "");

_Static_assert(FZ_POSTINGS_MAX <= FZ_LINES_PER_ENTRY, "a posting's number names its entry");

void fz_entry_begin(struct fz_entry *entry, enum fz_entry_kind kind, int64_t subject)
{
    entry->kind = kind;
    entry->subject = subject;
    entry->count = 0;
}

void fz_entry_post(struct fz_entry *entry, enum fz_account account, const char *owner, int64_t payment,
                   int day, const char *currency, int64_t amount)
{
    if (amount == 0)
        return;
    assert(entry->count < FZ_POSTINGS_MAX);
    entry->postings[entry->count++] = (struct fz_posting){.account = account,
                                                          .owner = owner,
                                                          .payment = payment,
                                                          .day = day,
                                                          .currency = currency,
                                                          .amount = amount};
}

/* Whether the postings in the currency of posting `first` sum to zero. */
static bool is_balanced(const struct fz_entry *entry, size_t first)
{
    int64_t sum = 0;
    for (size_t i = 0; i < entry->count; i++)
        if (strcmp(entry->postings[i].currency, entry->postings[first].currency) == 0 &&
            fz_sum(sum, entry->postings[i].amount, &sum) != FZ_OK)
            return false;
    return sum == 0;
}

static enum fz_result book_posting(struct fz_tx *tx, int64_t entry, size_t line,
                                   const struct fz_posting *posting)
{
    struct fz_value payment = posting->payment == 0 ? FZ_NIL : FZ_I(posting->payment);
    struct fz_value day = posting->day == FZ_NO_DAY ? FZ_NIL : FZ_I(posting->day);
    return fz_run(tx, &posting_insert,
                  FZ_VALUES(FZ_I(entry * FZ_LINES_PER_ENTRY + (int64_t)line), FZ_I(entry),
                            FZ_I(posting->account), FZ_T(posting->owner), payment, day,
                            FZ_T(posting->currency), FZ_I(posting->amount)),
                  NULL);
}

enum fz_result fz_entry_book(struct fz_tx *tx, const struct fz_entry *entry)
{
    if (entry->count == 0)
        return FZ_FAILED;
    for (size_t i = 0; i < entry->count; i++)
        if (!is_balanced(entry, i))
            return FZ_FAILED;
    int64_t id;
    enum fz_result result = fz_next_id(tx, "entry", &id);
    if (result == FZ_OK)
        result = fz_run(tx, &entry_insert,
                        FZ_VALUES(FZ_I(id), FZ_I(entry->kind), FZ_I(entry->subject), FZ_I(tx->now_ms)), NULL);
    for (size_t i = 0; result == FZ_OK && i < entry->count; i++)
        result = book_posting(tx, id, i, &entry->postings[i]);
    return result;
}
