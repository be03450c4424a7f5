/* Pools: the kept balances of the accounts `outbound` and `sales`, by sponsor and Beijing day.
 *
 * A pool lies in slots: rows, each of which moves for the orders whose number falls on it, so that writers do not wait for one another
 * (fz_slots). A draw tries the slot of its order; what that cannot give alone is gathered from all. Whoever gathers holds all slots, locked
 * one behind the other: two of them cannot wait for each other. */
#include "book/settlement/pool.h"

#include "base/calendar.h"
#include "book/event.h"

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
/* Makes the slots that are missing, so that gathering finds something to lock in each. */
FZ_STATEMENT(pool_open_all,
             "INSERT INTO pool (sponsor, kind, day, slot, balance) WITH RECURSIVE slots (slot) AS (SELECT 0 UNION ALL SELECT slot + 1"
             " FROM slots WHERE slot + 1 < $4) SELECT $1, $2, $3, slot, 0 FROM slots WHERE slot >= 0"
             " ON CONFLICT (sponsor, kind, day, slot) DO NOTHING",
             "tiii", "");
FZ_STATEMENT(pool_slots,
             "SELECT slot, balance FROM pool WHERE sponsor = $1 AND kind = $2 AND day = $3 ORDER BY slot FOR UPDATE", "tii", "ii");

#define SLOTS_MAX 64 /* more than any engine asks for */

/* What is moved. */
struct movement {
    const char *sponsor;
    enum fz_pool_kind kind;
    int day;
    int64_t slot, amount;
};

static struct movement movement_of(const struct fz_tx *tx, const char *sponsor, enum fz_pool_kind kind, int64_t payment, int64_t amount)
{
    return (struct movement){
        .sponsor = sponsor, .kind = kind, .day = fz_day_of(tx->now_ms), .slot = payment % fz_slots(tx), .amount = amount};
}

/* Runs pool_add or pool_take on one slot. */
static enum fz_result change_slot(struct fz_tx *tx, const struct fz_statement *statement, const struct movement *movement, int64_t slot,
                                  int64_t amount, int64_t *changed)
{
    return fz_run(tx, statement,
                  FZ_VALUES(FZ_I(amount), FZ_T(movement->sponsor), FZ_I(movement->kind), FZ_I(movement->day), FZ_I(slot)), changed);
}

/* Makes the slot. Credits alone begin a pool, so here its day's conversion is planned: before the row, behind which nobody else's is waited for. */
static enum fz_result open_slot(struct fz_tx *tx, const struct movement *movement)
{
    enum fz_result result = fz_event_expect(tx, FZ_EVENT_CONVERT, movement->day, fz_day_start_ms(movement->day + 1));
    if (result != FZ_OK)
        return result;
    return fz_run(tx, &pool_open, FZ_VALUES(FZ_T(movement->sponsor), FZ_I(movement->kind), FZ_I(movement->day), FZ_I(movement->slot)),
                  NULL); /* another writer may have been first */
}

enum fz_result fz_pool_credit(struct fz_tx *tx, const char *sponsor, enum fz_pool_kind kind, int64_t payment,
                              int64_t amount)
{
    if (amount == 0)
        return FZ_OK;
    struct movement movement = movement_of(tx, sponsor, kind, payment, amount);
    int64_t changed;
    enum fz_result result = change_slot(tx, &pool_add, &movement, movement.slot, amount, &changed);
    if (result != FZ_OK || changed == 1)
        return result;
    result = open_slot(tx, &movement);
    return result == FZ_OK ? change_slot(tx, &pool_add, &movement, movement.slot, amount, NULL) : result;
}

/* Takes all from the order's slot; FZ_ABSENT if it has not enough. */
static enum fz_result take_from_slot(struct fz_tx *tx, void *argument)
{
    const struct movement *movement = argument;
    int64_t changed;
    enum fz_result result = change_slot(tx, &pool_take, movement, movement->slot, movement->amount, &changed);
    return result == FZ_OK && changed == 0 ? FZ_ABSENT : result;
}

/* One that was short after another writer had been waited for would stay locked, out of order: it is let go of. */
static enum fz_result try_slot(struct fz_tx *tx, struct movement *movement)
{
    return fz_slots(tx) == 1 ? take_from_slot(tx, movement) : fz_attempt(tx, take_from_slot, movement);
}

/* Locks all slots, in their order, and reads them. `count` gets how many. */
static enum fz_result lock_slots(struct fz_tx *tx, const struct movement *movement, int64_t slots[SLOTS_MAX], int64_t balances[SLOTS_MAX],
                                 size_t *count)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query(tx, &pool_slots, FZ_VALUES(FZ_T(movement->sponsor), FZ_I(movement->kind), FZ_I(movement->day)), &row);
    *count = 0;
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK) {
        if (*count == SLOTS_MAX)
            return FZ_FAILED;
        slots[*count] = fz_int(&row, 0);
        balances[(*count)++] = fz_int(&row, 1);
    }
    return result == FZ_ABSENT ? FZ_OK : result;
}

/* Takes what is wanted from the slots that are locked, those behind the order's first: so draws do not all empty the same. */
static enum fz_result take_from_slots(struct fz_tx *tx, const struct movement *movement, const int64_t slots[], const int64_t balances[],
                                      size_t count)
{
    int64_t left = movement->amount;
    enum fz_result result = FZ_OK;
    for (size_t i = 0; result == FZ_OK && left > 0 && i < count; i++) {
        size_t at = (i + (size_t)movement->slot) % count;
        int64_t part = balances[at] < left ? balances[at] : left;
        left -= part;
        if (part > 0)
            result = change_slot(tx, &pool_add, movement, slots[at], -part, NULL);
    }
    return result == FZ_OK && left > 0 ? fz_refuse(tx->error, FZ_REFUND_SHORT) : result;
}

/* From several slots, or refuses. What nobody would get, as all of it is not enough at this moment, is not locked for. */
static enum fz_result gather(struct fz_tx *tx, const struct movement *movement)
{
    int64_t slots[SLOTS_MAX], balances[SLOTS_MAX], sum = 0;
    size_t count = 0;
    enum fz_result result = fz_pool_balance(tx, movement->sponsor, movement->kind, &sum);
    if (result == FZ_OK && sum < movement->amount)
        return fz_refuse(tx->error, FZ_REFUND_SHORT);
    if (result == FZ_OK)
        result = fz_run(tx, &pool_open_all,
                        FZ_VALUES(FZ_T(movement->sponsor), FZ_I(movement->kind), FZ_I(movement->day), FZ_I(fz_slots(tx))), NULL);
    if (result == FZ_OK)
        result = lock_slots(tx, movement, slots, balances, &count);
    return result == FZ_OK ? take_from_slots(tx, movement, slots, balances, count) : result;
}

enum fz_result fz_pool_debit(struct fz_tx *tx, const char *sponsor, enum fz_pool_kind kind, int64_t payment,
                             int64_t amount)
{
    if (amount == 0)
        return FZ_OK;
    struct movement movement = movement_of(tx, sponsor, kind, payment, amount);
    enum fz_result result = try_slot(tx, &movement);
    return result == FZ_ABSENT ? gather(tx, &movement) : result;
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
