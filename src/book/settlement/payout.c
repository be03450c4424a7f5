/* Payouts: a settlement pool is paid out whole, on a working day, once it holds enough (GSKILL). */
#include <stdio.h>

#include "base/calendar.h"
#include "book/entry.h"
#include "book/settlement/settlement.h"

FZ_STATEMENT(payout_pool,
             "SELECT id, mchid, currency, balance, paid_until FROM settlement_pool"
             " WHERE id > $1 ORDER BY id LIMIT 1",
             "i", "ittii");
FZ_STATEMENT(payout_days,
             "SELECT MIN(day), MAX(day) FROM settlement_day"
             " WHERE mchid = $1 AND sub_mchid = '' AND currency = $2 AND day > $3",
             "tti", "ii");
FZ_STATEMENT(payout_count, "SELECT COUNT(*) FROM payout WHERE mchid = $1 AND day = $2", "ti", "i");
FZ_STATEMENT(
    payout_insert,
    "INSERT INTO payout (id, batch_id, mchid, currency, day, first_day, last_day, amount, created_ms)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    "ittt"
    "iiiii",
    "");
FZ_STATEMENT(payout_taken, "UPDATE settlement_pool SET balance = 0, paid_until = $2 WHERE id = $1", "ii", "");

#define POOLS_MAX    500   /* a transaction: each that is paid out is an entry and two rows */
#define ENOUGH_CENTS 80000 /* GSKILL: paid out is what holds the worth of 800 USD */

bool fz_settlement_is_enough(int64_t balance, const char *currency)
{
    const struct fz_currency *usd = fz_currency_find("USD"), *other = fz_currency_find(currency);
    return balance > 0 && fz_to_cny(balance, other, fz_sandbox_rate(other)) >=
                              fz_to_cny(ENOUGH_CENTS, usd, fz_sandbox_rate(usd));
}

struct pool {
    int64_t id;
    char mchid[FZ_MCHID_SIZE], currency[FZ_CURRENCY_SIZE];
    int64_t balance;
    int paid_until;
};

static enum fz_result read_days(struct fz_tx *tx, const struct pool *pool, int *first, int *last)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(
        tx, &payout_days, FZ_VALUES(FZ_T(pool->mchid), FZ_T(pool->currency), FZ_I(pool->paid_until)), &row);
    if (result != FZ_OK)
        return result;
    *first = (int)fz_int(&row, 0);
    *last = (int)fz_int(&row, 1);
    return fz_is_null(&row, 0) ? FZ_FAILED : FZ_OK; /* what it holds came from some day */
}

/* The day, and which of the sponsor's on it: one for each currency. */
static enum fz_result write_batch_id(struct fz_tx *tx, const char *mchid, int day, char out[FZ_BATCH_ID_SIZE])
{
    FZ_CURSOR row = {0};
    char date[FZ_DAY_SIZE];
    enum fz_result result = fz_query_one(tx, &payout_count, FZ_VALUES(FZ_T(mchid), FZ_I(day)), &row);
    if (result != FZ_OK)
        return result;
    fz_format_compact_day(date, day);
    snprintf(out, FZ_BATCH_ID_SIZE, "%.8s%03d", date, (int)(fz_int(&row, 0) % 1000) + 1);
    return FZ_OK;
}

/* docs/book.md, "paid out": once, and all that the pool holds (invariant 10). */
static enum fz_result book_payout(struct fz_tx *tx, int64_t id, const struct pool *pool)
{
    struct fz_entry entry;
    fz_entry_begin(&entry, FZ_ENTRY_PAID_OUT, id);
    fz_entry_post(&entry, FZ_ACCOUNT_SETTLEMENT, pool->mchid, 0, FZ_NO_DAY, pool->currency, -pool->balance);
    fz_entry_post(&entry, FZ_ACCOUNT_BANK, pool->mchid, 0, FZ_NO_DAY, pool->currency, pool->balance);
    return fz_entry_book(tx, &entry);
}

static enum fz_result pay_out(struct fz_tx *tx, const struct pool *pool, int day)
{
    int first = 0, last = 0;
    int64_t id;
    char batch_id[FZ_BATCH_ID_SIZE];
    enum fz_result result = read_days(tx, pool, &first, &last);
    if (result == FZ_OK)
        result = write_batch_id(tx, pool->mchid, day, batch_id);
    if (result == FZ_OK)
        result = fz_next_id(tx, "payout", &id);
    if (result == FZ_OK)
        result = fz_run(tx, &payout_insert,
                        FZ_VALUES(FZ_I(id), FZ_T(batch_id), FZ_T(pool->mchid), FZ_T(pool->currency),
                                  FZ_I(day), FZ_I(first), FZ_I(last), FZ_I(pool->balance), FZ_I(tx->now_ms)),
                        NULL);
    if (result == FZ_OK)
        result = fz_run(tx, &payout_taken, FZ_VALUES(FZ_I(pool->id), FZ_I(last)), NULL);
    return result == FZ_OK ? book_payout(tx, id, pool) : result;
}

static enum fz_result next_pool(struct fz_tx *tx, int64_t after, struct pool *out)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &payout_pool, FZ_VALUES(FZ_I(after)), &row);
    if (result != FZ_OK)
        return result;
    out->id = fz_int(&row, 0);
    FZ_COPY_COLUMN(out->mchid, &row, 1);
    FZ_COPY_COLUMN(out->currency, &row, 2);
    out->balance = fz_int(&row, 3);
    out->paid_until = (int)fz_int(&row, 4);
    return FZ_OK;
}

enum fz_result fz_settlement_pay_out(struct fz_tx *tx, int day, int64_t position, int64_t *next)
{
    struct pool pool = {.id = position};
    enum fz_result result = FZ_OK;
    for (int seen = 0; seen < POOLS_MAX; seen++) {
        result = next_pool(tx, pool.id, &pool);
        if (result == FZ_OK && fz_settlement_is_enough(pool.balance, pool.currency))
            result = pay_out(tx, &pool, day);
        if (result != FZ_OK)
            break;
    }
    if (result != FZ_OK && result != FZ_ABSENT)
        return result;
    *next = result == FZ_ABSENT ? -1 : pool.id;
    return FZ_OK;
}
