/* Pools: the kept balances of the accounts `outbound` and `sales`, by sponsor and Beijing day. */
#include "book/settlement/pool.h"

#include "base/calendar.h"
#include "book/event.h"

/* Rows a pool. With more than one, each payment moves the row of its number, so that writers do not wait
 * for one another. This engine has one writer, and a single row answers every draw exactly. */
#define SLOTS 1

/* A pool that is set to be empty gives nothing; what is in it stays there. */
#define NOT_EMPTY(sponsor)                                                                                   \
    " AND NOT EXISTS (SELECT 1 FROM hindrance WHERE mchid = " sponsor " AND cny_pool_empty = 1)"

FZ_STATEMENT(pool_add,
             "UPDATE pool SET balance = balance + $1 WHERE sponsor = $2 AND kind = $3 AND day = $4"
             " AND slot = $5",
             "itiii", "");
FZ_STATEMENT(pool_open, "INSERT INTO pool (sponsor, kind, day, slot, balance) VALUES ($1, $2, $3, $4, 0) ON CONFLICT (sponsor, kind, day, slot) DO NOTHING",
             "tiii", "");
FZ_STATEMENT(pool_take,
             "UPDATE pool SET balance = balance - $1 WHERE sponsor = $2 AND kind = $3 AND day = $4"
             " AND slot = $5 AND balance >= $1" NOT_EMPTY("$2"),
             "itiii", "");
FZ_STATEMENT(pool_read,
             "SELECT CAST(COALESCE(SUM(balance), 0) AS FZ_INT) FROM pool"
             " WHERE sponsor = $1 AND kind = $2 AND day = $3" NOT_EMPTY("$1"),
             "tii", "i");

/* Runs pool_add or pool_take on today's row. */
static enum fz_result change_balance(struct fz_tx *tx, const struct fz_statement *statement,
                                     const char *sponsor, enum fz_pool_kind kind, int64_t payment,
                                     int64_t amount, int64_t *changed)
{
    return fz_run(tx, statement,
                  FZ_VALUES(FZ_I(amount), FZ_T(sponsor), FZ_I(kind), FZ_I(fz_day_of(tx->now_ms)),
                            FZ_I(payment % SLOTS)),
                  changed);
}

/* Makes today's row. It is the only place where one begins, so here its day's conversion is planned. */
static enum fz_result open_row(struct fz_tx *tx, const char *sponsor, enum fz_pool_kind kind, int64_t payment)
{
    int day = fz_day_of(tx->now_ms);
    enum fz_result result =
        fz_insert(tx, &pool_open, FZ_VALUES(FZ_T(sponsor), FZ_I(kind), FZ_I(day), FZ_I(payment % SLOTS)));
    if (result == FZ_CONFLICT) /* another writer was first */
        return FZ_OK;
    if (result != FZ_OK)
        return result;
    return fz_event_plan(tx, FZ_EVENT_CONVERT, day, fz_day_start_ms(day + 1));
}

enum fz_result fz_pool_credit(struct fz_tx *tx, const char *sponsor, enum fz_pool_kind kind, int64_t payment,
                              int64_t amount)
{
    if (amount == 0)
        return FZ_OK;
    int64_t changed;
    enum fz_result result = change_balance(tx, &pool_add, sponsor, kind, payment, amount, &changed);
    if (result != FZ_OK || changed == 1)
        return result;
    result = open_row(tx, sponsor, kind, payment);
    if (result != FZ_OK)
        return result;
    return change_balance(tx, &pool_add, sponsor, kind, payment, amount, NULL);
}

enum fz_result fz_pool_debit(struct fz_tx *tx, const char *sponsor, enum fz_pool_kind kind, int64_t payment,
                             int64_t amount)
{
    if (amount == 0)
        return FZ_OK;
    int64_t changed;
    enum fz_result result = change_balance(tx, &pool_take, sponsor, kind, payment, amount, &changed);
    if (result != FZ_OK)
        return result;
    return changed == 1 ? FZ_OK : fz_refuse(tx->error, FZ_REFUND_SHORT);
}

enum fz_result fz_pool_balance(struct fz_tx *tx, const char *sponsor, enum fz_pool_kind kind, int64_t *out)
{
    FZ_CURSOR cursor = {0};
    enum fz_result result = fz_query_one(
        tx, &pool_read, FZ_VALUES(FZ_T(sponsor), FZ_I(kind), FZ_I(fz_day_of(tx->now_ms))), &cursor);
    if (result == FZ_OK)
        *out = fz_int(&cursor, 0);
    return result;
}
