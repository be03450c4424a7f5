/* Conversion: a day's movements, each at its order's rate, summed by sponsor, account and currency. */
#include "book/settlement/settlement.h"

#include <string.h>

#include "base/calendar.h"
#include "base/text.h"
#include "book/entry.h"
#include "book/event.h"
#include "book/merchant/merchant.h"
#include "book/money.h"

FZ_STATEMENT(settlement_movements,
             "SELECT p.id, p.owner, p.account, p.amount, m.settlement_currency, m.settlement_rate"
             " FROM posting p JOIN payment m ON m.id = p.payment"
             " WHERE p.day = $1 AND p.payment IS NOT NULL AND p.id > $2 ORDER BY p.id LIMIT $3",
             "iii", "itiiti");
FZ_STATEMENT(settlement_day_done, "UPDATE pool SET converted_ms = $2 WHERE day = $1", "ii", "");

#define MOVEMENTS_MAX 1000 /* a transaction, for whose end requests wait */

/* A sum takes four postings, and those of a stretch are one entry. */
#define SUMS_MAX (FZ_POSTINGS_MAX / 4)

/* What is converted of one account of one sponsor into one currency. */
struct sum {
    char owner[FZ_MCHID_SIZE];
    enum fz_account account;
    char currency[FZ_CURRENCY_SIZE];
    int64_t cny, converted;
};

struct sums {
    int day;
    size_t count;
    struct sum list[SUMS_MAX];
};

/* docs/book.md, "day converted": each movement was rounded by itself before it was added. With the last of
 * them the day is empty (invariant 5). Empties `sums`. */
static enum fz_result book_sums(struct fz_tx *tx, struct sums *sums)
{
    struct fz_entry entry;
    fz_entry_begin(&entry, FZ_ENTRY_DAY_CONVERTED, sums->day);
    for (const struct sum *sum = sums->list; sum < sums->list + sums->count; sum++) {
        fz_entry_post(&entry, sum->account, sum->owner, 0, sums->day, "CNY", -sum->cny);
        fz_entry_post(&entry, FZ_ACCOUNT_CONVERSION, sum->owner, 0, sums->day, "CNY", sum->cny);
        fz_entry_post(&entry, FZ_ACCOUNT_CONVERSION, sum->owner, 0, sums->day, sum->currency,
                      -sum->converted);
        fz_entry_post(&entry, FZ_ACCOUNT_SETTLEMENT, sum->owner, 0, sums->day, sum->currency, sum->converted);
    }
    sums->count = 0;
    /* Without postings: all that came in went out again. */
    return entry.count == 0 ? FZ_OK : fz_entry_book(tx, &entry);
}

static struct sum *find_sum(struct sums *sums, const char *owner, enum fz_account account,
                            const char *currency)
{
    for (struct sum *sum = sums->list; sum < sums->list + sums->count; sum++)
        if (sum->account == account && strcmp(sum->owner, owner) == 0 && strcmp(sum->currency, currency) == 0)
            return sum;
    return NULL;
}

/* Adds the movement at hand to its sum. Without room for a new one, the sums so far are booked first. */
static enum fz_result add_movement(struct fz_tx *tx, const struct fz_cursor *movement, struct sums *sums)
{
    const char *owner = fz_string(movement, 1), *currency = fz_string(movement, 4);
    enum fz_account account = (enum fz_account)fz_int(movement, 2);
    int64_t cny = fz_int(movement, 3);
    const struct fz_currency *known = fz_currency_find(currency);
    if (known == NULL)
        return FZ_FAILED;
    struct sum *sum = find_sum(sums, owner, account, currency);
    if (sum == NULL) {
        enum fz_result result = sums->count == SUMS_MAX ? book_sums(tx, sums) : FZ_OK;
        if (result != FZ_OK)
            return result;
        sum = &sums->list[sums->count++];
        *sum = (struct sum){.account = account};
        fz_copy(sum->owner, sizeof sum->owner, owner);
        fz_copy(sum->currency, sizeof sum->currency, currency);
    }
    enum fz_result result = fz_sum(sum->cny, cny, &sum->cny);
    if (result != FZ_OK)
        return result;
    return fz_sum(sum->converted, fz_from_cny(cny, known, fz_int(movement, 5)), &sum->converted);
}

enum fz_result fz_settlement_convert(struct fz_tx *tx, int day, int64_t position, int64_t *next)
{
    FZ_CURSOR movement = {0};
    enum fz_result result = fz_query(tx, &settlement_movements,
                                     FZ_VALUES(FZ_I(day), FZ_I(position), FZ_I(MOVEMENTS_MAX)), &movement);
    struct sums sums = {.day = day};
    int64_t count = 0, last = position;
    while (result == FZ_OK && (result = fz_next(&movement)) == FZ_OK) {
        last = fz_int(&movement, 0);
        count++;
        result = add_movement(tx, &movement, &sums);
    }
    if (result != FZ_ABSENT)
        return result;
    result = book_sums(tx, &sums);
    /* Fewer than asked for: these were the last. The day is over, so no more come. */
    bool done = count < MOVEMENTS_MAX;
    if (result == FZ_OK && done)
        result = fz_run(tx, &settlement_day_done, FZ_VALUES(FZ_I(day), FZ_I(tx->now_ms)), NULL);
    if (result == FZ_OK && done)
        result = fz_event_plan(tx, FZ_EVENT_DETAIL, day, fz_day_start_ms(day + 1));
    if (result == FZ_OK)
        *next = done ? -1 : last;
    return result;
}
