/* Pools and their conversion: day by day, and on a day sponsor by sponsor. */
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/text.h"
#include "book/audit/parts.h"
#include "book/event.h"
#include "book/settlement/pool.h"

FZ_STATEMENT(audit_next_pool_day, "SELECT MIN(day) FROM pool WHERE day > $1", "i", "i");
FZ_STATEMENT(audit_next_posting_day, "SELECT MIN(day) FROM posting WHERE day > $1", "i", "i");
FZ_STATEMENT(audit_day_converted, "SELECT COUNT(*), COUNT(converted_ms) FROM pool WHERE day = $1", "i", "ii");
FZ_STATEMENT(audit_day_position, "SELECT position FROM event WHERE kind = $1 AND subject = $2", "ii", "i");
FZ_LARGE_STATEMENT(audit_day_pools, "SELECT sponsor, kind, balance FROM pool WHERE day = $1 ORDER BY sponsor", "i",
             "tii");
FZ_LARGE_STATEMENT(audit_day_postings,
             "SELECT p.owner, p.id, p.account, p.currency, p.amount, p.payment, m.settlement_currency,"
             " m.settlement_rate FROM posting p LEFT JOIN payment m ON m.id = p.payment WHERE p.day = $1"
             " ORDER BY p.owner",
             "i", "tiitiiti");

#define CURRENCIES_MAX 48 /* more than there are in the table */

/* CNY, by pool kind. */
struct by_kind {
    int64_t of[FZ_POOL_SALES + 1];
};

/* What a sponsor's conversion of the day came to in a currency: in the journal, and by its movements. */
struct converted {
    const struct fz_currency *currency;
    int64_t settled, bridged, due;
};

/* A sponsor's day. */
struct sponsor {
    char mchid[FZ_MCHID_SIZE];
    struct by_kind kept, moved; /* pool rows; movements */
    struct by_kind out, due;    /* converted: in the journal; by the movements that have to be */
    bool known[FZ_POOL_SALES + 1], below[FZ_POOL_SALES + 1]; /* there is such a pool; one of its slots is below 0 */
    size_t count;
    struct converted converted[CURRENCIES_MAX];
    bool over; /* its sums leave 64 bits: nothing is compared */
};

struct day {
    struct fz_audit_run *run;
    int64_t day;
    int64_t position; /* movements up to this number are converted */
    struct fz_cursor pools, postings;
    bool at_pool, at_posting;
    struct sponsor sponsor; /* the one at hand */
};

static enum fz_result advance(struct fz_cursor *cursor, bool *at_row)
{
    enum fz_result result = fz_next(cursor);
    *at_row = result == FZ_OK;
    return result == FZ_ABSENT ? FZ_OK : result;
}

static void add(struct sponsor *sponsor, int64_t amount, int64_t *sum)
{
    if (fz_sum(*sum, amount, sum) != FZ_OK)
        sponsor->over = true;
}

/* The place for a currency; NULL where it is unknown, which other parts take down. */
static struct converted *converted_into(struct sponsor *sponsor, const char *code)
{
    for (size_t i = 0; i < sponsor->count; i++)
        if (strcmp(sponsor->converted[i].currency->code, code) == 0)
            return &sponsor->converted[i];
    const struct fz_currency *currency = fz_currency_find(code);
    if (currency == NULL)
        return NULL;
    struct converted *converted = &sponsor->converted[sponsor->count++];
    *converted = (struct converted){.currency = currency};
    return converted;
}

/* The two kinds of pool and their accounts; 0 for another account. */
static int kind_of(enum fz_account account)
{
    if (account == FZ_ACCOUNT_OUTBOUND)
        return FZ_POOL_OUTBOUND;
    return account == FZ_ACCOUNT_SALES ? FZ_POOL_SALES : 0;
}

/* A movement: a pool's posting that concerns an order. */
static void add_movement(struct day *day, int kind, int64_t amount)
{
    struct sponsor *sponsor = &day->sponsor;
    const struct fz_cursor *row = &day->postings;
    add(sponsor, amount, &sponsor->moved.of[kind]);
    const char *currency = fz_string(row, 6);
    int64_t rate = fz_int(row, 7);
    if (fz_int(row, 1) > day->position || !fz_audit_is_sane_rate(currency, rate))
        return;
    add(sponsor, amount, &sponsor->due.of[kind]);
    struct converted *converted = converted_into(sponsor, currency);
    add(sponsor, fz_from_cny(amount, converted->currency, rate), &converted->due);
}

/* A posting of the conversion itself. */
static void add_conversion(struct day *day, enum fz_account account, int64_t amount)
{
    struct sponsor *sponsor = &day->sponsor;
    int kind = kind_of(account);
    if (kind != 0) {
        add(sponsor, amount, &sponsor->out.of[kind]);
        return;
    }
    struct converted *converted = converted_into(sponsor, fz_string(&day->postings, 3));
    if (converted != NULL && account == FZ_ACCOUNT_SETTLEMENT)
        add(sponsor, amount, &converted->settled);
    if (converted != NULL && account == FZ_ACCOUNT_CONVERSION)
        add(sponsor, amount, &converted->bridged);
}

static void add_posting(struct day *day)
{
    enum fz_account account = (enum fz_account)fz_audit_small(&day->postings, 2);
    int64_t amount = fz_int(&day->postings, 4);
    bool movement = !fz_is_null(&day->postings, 5);
    /* A movement is of one order. What cannot be calculated with is missing in the sums, and found by that.
     */
    int64_t most = movement ? FZ_AUDIT_AMOUNT_MAX : FZ_AUDIT_POSTING_MAX;
    if (amount > most || amount < -most)
        return;
    if (!movement)
        add_conversion(day, account, amount);
    else if (kind_of(account) != 0)
        add_movement(day, kind_of(account), amount);
}

static void compare_pools(struct fz_audit_run *run, struct fz_audit_subject subject,
                          const struct sponsor *sponsor)
{
    static const char *const names[] = {
        [FZ_POOL_OUTBOUND] = "balance of outbound", [FZ_POOL_SALES] = "balance of sales"};
    static const char *const outs[] = {[FZ_POOL_OUTBOUND] = "what was converted of outbound",
                                       [FZ_POOL_SALES] = "what was converted of sales"};
    for (int kind = FZ_POOL_OUTBOUND; kind <= FZ_POOL_SALES; kind++) {
        fz_audit_same(run, subject, names[kind], sponsor->kept.of[kind], "its movements come to",
                      sponsor->moved.of[kind]);
        fz_audit_true(run, subject, "a pool is below 0", !sponsor->below[kind]);
        fz_audit_same(run, subject, outs[kind], -sponsor->out.of[kind], "its movements so far come to",
                      sponsor->due.of[kind]);
    }
}

/* The bridge takes CNY in and gives the other currency out; at par it is one currency. */
static void compare_conversion(struct fz_audit_run *run, struct fz_audit_subject subject,
                               const struct sponsor *sponsor)
{
    int64_t cny = -(sponsor->out.of[FZ_POOL_OUTBOUND] + sponsor->out.of[FZ_POOL_SALES]);
    bool bridge_has_cny = false;
    for (size_t i = 0; i < sponsor->count; i++) {
        const struct converted *converted = &sponsor->converted[i];
        const char *code = converted->currency->code;
        bool is_cny = strcmp(code, "CNY") == 0;
        bridge_has_cny |= is_cny;
        char what[40];
        (void)snprintf(what, sizeof what, "settlement in %s", code);
        fz_audit_same(run, subject, what, converted->settled, "at its orders' rates its movements come to",
                      converted->due);
        (void)snprintf(what, sizeof what, "conversion in %s", code);
        fz_audit_same(run, subject, what, converted->bridged, "it has to be",
                      (is_cny ? cny : 0) - converted->settled);
    }
    fz_audit_true(run, subject, "pools were converted past the bridge", bridge_has_cny || cny == 0);
}

static void compare_sponsor(struct day *day)
{
    struct sponsor *sponsor = &day->sponsor;
    char date[FZ_DAY_SIZE], number[FZ_MCHID_SIZE + FZ_DAY_SIZE + 4];
    fz_format_day(date, (int)day->day);
    (void)snprintf(number, sizeof number, "%s of %s", sponsor->mchid, date);
    struct fz_audit_subject subject = {"pools of", number};
    fz_audit_true(day->run, subject, "their sums are larger than sums can be", !sponsor->over);
    if (sponsor->over)
        return;
    compare_pools(day->run, subject, sponsor);
    compare_conversion(day->run, subject, sponsor);
}

/* The first in order of the sponsors that both scans stand at. */
static void begin_sponsor(struct day *day)
{
    const char *first = day->at_pool ? fz_string(&day->pools, 0) : fz_string(&day->postings, 0);
    if (day->at_pool && day->at_posting && strcmp(fz_string(&day->postings, 0), first) < 0)
        first = fz_string(&day->postings, 0);
    struct sponsor *sponsor = &day->sponsor;
    fz_copy(sponsor->mchid, sizeof sponsor->mchid, first);
    sponsor->kept = sponsor->moved = sponsor->out = sponsor->due = (struct by_kind){0};
    sponsor->count = 0;
    sponsor->over = false;
    for (int kind = FZ_POOL_OUTBOUND; kind <= FZ_POOL_SALES; kind++)
        sponsor->known[kind] = sponsor->below[kind] = false;
}

/* A slot of a pool, whose row is at hand. */
static void add_slot(struct day *day, int64_t kind)
{
    struct sponsor *sponsor = &day->sponsor;
    int64_t balance = fz_int(&day->pools, 2);
    day->run->out->pools += !sponsor->known[kind];
    sponsor->known[kind] = true;
    sponsor->below[kind] = sponsor->below[kind] || balance < 0;
    add(sponsor, balance, &sponsor->kept.of[kind]);
}

static enum fz_result check_sponsor(struct day *day)
{
    struct sponsor *sponsor = &day->sponsor;
    enum fz_result result = FZ_OK;
    begin_sponsor(day);
    while (result == FZ_OK && day->at_pool && strcmp(fz_string(&day->pools, 0), sponsor->mchid) == 0) {
        int64_t kind = fz_int(&day->pools, 1);
        bool known = kind == FZ_POOL_OUTBOUND || kind == FZ_POOL_SALES;
        fz_audit_true(day->run, (struct fz_audit_subject){"pools of", sponsor->mchid},
                      "one is neither outbound nor sales", known);
        if (known)
            add_slot(day, kind);
        result = advance(&day->pools, &day->at_pool);
    }
    while (result == FZ_OK && day->at_posting && strcmp(fz_string(&day->postings, 0), sponsor->mchid) == 0) {
        add_posting(day);
        result = advance(&day->postings, &day->at_posting);
    }
    compare_sponsor(day);
    if (result != FZ_OK)
        return result;
    return fz_audit_merchant(day->run, (struct fz_audit_subject){"pools of", sponsor->mchid}, sponsor->mchid);
}

/* All of it, or up to where its event stands. */
enum fz_result fz_audit_converted_to(struct fz_audit_run *run, int64_t day, int64_t *out)
{
    char date[FZ_DAY_SIZE];
    fz_format_day(date, (int)day);
    struct fz_audit_subject subject = {"pools of", date};
    FZ_CURSOR pools = {0}, event = {0};
    enum fz_result result =
        fz_query_one(run->tx, &audit_day_converted, FZ_VALUES(FZ_I(day)), &pools);
    if (result != FZ_OK)
        return result;
    int64_t rows = fz_int(&pools, 0), converted = fz_int(&pools, 1);
    fz_audit_true(run, subject, "some are converted and some are not",
                  converted == 0 || converted == rows);
    *out = INT64_MAX;
    if (rows > 0 && converted == rows)
        return FZ_OK;
    result = fz_query_one(run->tx, &audit_day_position, FZ_VALUES(FZ_I(FZ_EVENT_CONVERT), FZ_I(day)), &event);
    fz_audit_true(run, subject, "they are not converted, and it is not planned", result != FZ_ABSENT);
    *out = result == FZ_OK ? fz_int(&event, 0) : 0;
    return result == FZ_ABSENT ? FZ_OK : result;
}

static enum fz_result check_day(struct day *day)
{
    const struct fz_value value = FZ_I(day->day);
    enum fz_result result = fz_audit_converted_to(day->run, day->day, &day->position);
    if (result == FZ_OK)
        result = fz_query(day->run->tx, &audit_day_pools, &value, 1, &day->pools);
    if (result == FZ_OK)
        result = fz_query(day->run->tx, &audit_day_postings, &value, 1, &day->postings);
    if (result == FZ_OK)
        result = advance(&day->pools, &day->at_pool);
    if (result == FZ_OK)
        result = advance(&day->postings, &day->at_posting);
    while (result == FZ_OK && (day->at_pool || day->at_posting))
        result = check_sponsor(day);
    fz_cursor_done(&day->pools);
    fz_cursor_done(&day->postings);
    return result;
}

enum fz_result fz_audit_pools_of(struct fz_audit_run *run, int64_t number)
{
    struct day day = {.run = run, .day = number};
    return check_day(&day);
}

/* The next day behind `after` in pools or postings; FZ_ABSENT: none. */
static enum fz_result next_day(struct fz_tx *tx, int64_t after, int64_t *out)
{
    FZ_CURSOR pool = {0}, posting = {0};
    enum fz_result result = fz_query_one(tx, &audit_next_pool_day, FZ_VALUES(FZ_I(after)), &pool);
    if (result == FZ_OK)
        result = fz_query_one(tx, &audit_next_posting_day, FZ_VALUES(FZ_I(after)), &posting);
    if (result != FZ_OK)
        return result;
    bool in_pools = !fz_is_null(&pool, 0), in_postings = !fz_is_null(&posting, 0);
    int64_t of_pools = fz_int(&pool, 0), of_postings = fz_int(&posting, 0);
    if (!in_pools && !in_postings)
        return FZ_ABSENT;
    *out = !in_postings || (in_pools && of_pools < of_postings) ? of_pools : of_postings;
    return FZ_OK;
}

enum fz_result fz_audit_pools(struct fz_audit_run *run)
{
    int64_t at = INT64_MIN;
    enum fz_result result;
    while ((result = next_day(run->tx, at, &at)) == FZ_OK && (result = fz_audit_pools_of(run, at)) == FZ_OK)
        ;
    return result == FZ_ABSENT ? FZ_OK : result;
}
