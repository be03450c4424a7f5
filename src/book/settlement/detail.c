/* What a converted day came to, by sponsor, sub-merchant and currency: kept, so that a question about a month
 * does not read its movements. */
#include <string.h>

#include "base/calendar.h"
#include "base/text.h"
#include "book/entry.h"
#include "book/event.h"
#include "book/settlement/settlement.h"

/* 4 and 6 are refunds accepted and closed. */
FZ_STATEMENT(settlement_trades,
             "SELECT p.id, p.owner, p.account, p.amount, e.kind, m.sub_mchid, m.settlement_currency,"
             " m.settlement_rate, m.fee, r.own_fee FROM posting p JOIN entry e ON e.id = p.entry"
             " JOIN payment m ON m.id = p.payment LEFT JOIN refund r ON r.id = e.subject AND e.kind IN (4, 6)"
             " WHERE p.day = $1 AND p.payment IS NOT NULL AND p.id > $2 ORDER BY p.id LIMIT $3",
             "iii", "itiiittiii");
FZ_STATEMENT(settlement_day_add,
             "INSERT INTO settlement_day (mchid, sub_mchid, currency, day, pay, refund, fee, split_pay,"
             " split_refund) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
             " ON CONFLICT (mchid, sub_mchid, currency, day) DO UPDATE SET pay = settlement_day.pay +"
             " excluded.pay, refund = settlement_day.refund + excluded.refund, fee = settlement_day.fee +"
             " excluded.fee, split_pay = settlement_day.split_pay + excluded.split_pay,"
             " split_refund = settlement_day.split_refund + excluded.split_refund",
             "tttiiiiii", "");
FZ_STATEMENT(settlement_pool_add,
             "INSERT INTO settlement_pool (id, mchid, currency, balance, paid_until)"
             " VALUES ($1, $2, $3, $4, $5)",
             "ittii", "");
FZ_STATEMENT(settlement_pool_credit, "UPDATE settlement_pool SET balance = balance + $3 WHERE mchid = $1 AND currency = $2", "tti", "");

#define MOVEMENTS_MAX 1000 /* a transaction, as in the conversion */
#define SUMS_MAX      64   /* held at once; more are stored and begun anew, for stored sums add up too */

/* Of one sub-merchant, or of all ("", which is also who has none). */
struct sum {
    char mchid[FZ_MCHID_SIZE], sub_mchid[FZ_MCHID_SIZE], currency[FZ_CURRENCY_SIZE];
    struct fz_settlement_sums sums;
};

struct details {
    int day;
    size_t count;
    struct sum list[SUMS_MAX];
};

/* Days are converted one after another, so nobody else opens the same pool meanwhile. */
static enum fz_result add_to_pool(struct fz_tx *tx, const struct sum *sum)
{
    int64_t changed = 0, id, net = fz_settlement_net(&sum->sums);
    enum fz_result result =
        fz_run(tx, &settlement_pool_credit, FZ_VALUES(FZ_T(sum->mchid), FZ_T(sum->currency), FZ_I(net)), &changed);
    if (result != FZ_OK || changed == 1)
        return result;
    result = fz_next_id(tx, "settlement_pool", &id);
    if (result != FZ_OK)
        return result;
    return fz_run(tx, &settlement_pool_add,
                  FZ_VALUES(FZ_I(id), FZ_T(sum->mchid), FZ_T(sum->currency), FZ_I(net), FZ_I(FZ_NO_DAY)), NULL);
}

static enum fz_result store_sum(struct fz_tx *tx, int day, const struct sum *sum)
{
    const struct fz_settlement_sums *sums = &sum->sums;
    enum fz_result result = fz_run(tx, &settlement_day_add,
                                   FZ_VALUES(FZ_T(sum->mchid), FZ_T(sum->sub_mchid), FZ_T(sum->currency),
                                             FZ_I(day), FZ_I(sums->pay), FZ_I(sums->refund), FZ_I(sums->fee),
                                             FZ_I(sums->split_pay), FZ_I(sums->split_refund)),
                                   NULL);
    if (result != FZ_OK || sum->sub_mchid[0] != '\0')
        return result;
    return add_to_pool(tx, sum);
}

/* Empties `details`. */
static enum fz_result store_sums(struct fz_tx *tx, struct details *details)
{
    enum fz_result result = FZ_OK;
    for (size_t i = 0; result == FZ_OK && i < details->count; i++)
        result = store_sum(tx, details->day, &details->list[i]);
    details->count = 0;
    return result;
}

/* The sum that belongs to these, made if need be; without room for a new one, those so far are stored first.
 */
static enum fz_result find_sum(struct fz_tx *tx, struct details *details, const char *mchid,
                               const char *sub_mchid, const char *currency, struct sum **out)
{
    for (size_t i = 0; i < details->count; i++) {
        *out = &details->list[i];
        if (strcmp((*out)->mchid, mchid) == 0 && strcmp((*out)->sub_mchid, sub_mchid) == 0 &&
            strcmp((*out)->currency, currency) == 0)
            return FZ_OK;
    }
    enum fz_result result = details->count == SUMS_MAX ? store_sums(tx, details) : FZ_OK;
    if (result != FZ_OK)
        return result;
    *out = &details->list[details->count++];
    **out = (struct sum){0};
    fz_copy((*out)->mchid, sizeof(*out)->mchid, mchid);
    fz_copy((*out)->sub_mchid, sizeof(*out)->sub_mchid, sub_mchid);
    fz_copy((*out)->currency, sizeof(*out)->currency, currency);
    return FZ_OK;
}

/* What the movement at hand adds. Sales go in as a payment's net and out as a refund's, whose fees the rows
 * have; what is outbound bore its fee when it was paid. */
static enum fz_result read_movement(const struct fz_cursor *row, struct fz_settlement_sums *out)
{
    const struct fz_currency *currency = fz_currency_find(fz_string(row, 6));
    int64_t amount = fz_int(row, 3), rate = fz_int(row, 7);
    if (currency == NULL)
        return FZ_FAILED;
    *out = (struct fz_settlement_sums){0};
    enum fz_entry_kind kind = (enum fz_entry_kind)fz_int(row, 4);
    bool refund = kind == FZ_ENTRY_REFUND_ACCEPTED || kind == FZ_ENTRY_REFUND_CLOSED;
    if ((enum fz_account)fz_int(row, 2) == FZ_ACCOUNT_OUTBOUND) {
        int64_t moved = fz_from_cny(amount, currency, rate);
        *(refund ? &out->split_refund : &out->split_pay) = refund ? -moved : moved;
        return FZ_OK;
    }
    int64_t sign = amount < 0 ? -1 : 1;
    struct fz_gross parts = fz_gross_from_cny(sign * amount, fz_int(row, refund ? 9 : 8), currency, rate);
    *(refund ? &out->refund : &out->pay) = refund ? -sign * parts.gross : sign * parts.gross;
    out->fee = sign * parts.fee;
    return FZ_OK;
}

static enum fz_result add_sums(struct fz_settlement_sums *to, const struct fz_settlement_sums *sums)
{
    enum fz_result result = fz_sum(to->pay, sums->pay, &to->pay);
    if (result == FZ_OK)
        result = fz_sum(to->refund, sums->refund, &to->refund);
    if (result == FZ_OK)
        result = fz_sum(to->fee, sums->fee, &to->fee);
    if (result == FZ_OK)
        result = fz_sum(to->split_pay, sums->split_pay, &to->split_pay);
    return result == FZ_OK ? fz_sum(to->split_refund, sums->split_refund, &to->split_refund) : result;
}

/* To its sub-merchant's sum, and to that of all. */
static enum fz_result add_movement(struct fz_tx *tx, const struct fz_cursor *row, struct details *details)
{
    const char *mchid = fz_string(row, 1), *sub_mchid = fz_string(row, 5), *currency = fz_string(row, 6);
    struct fz_settlement_sums sums;
    struct sum *sum;
    enum fz_result result = read_movement(row, &sums);
    if (result == FZ_OK)
        result = find_sum(tx, details, mchid, "", currency, &sum);
    if (result == FZ_OK)
        result = add_sums(&sum->sums, &sums);
    if (result != FZ_OK || sub_mchid[0] == '\0')
        return result;
    result = find_sum(tx, details, mchid, sub_mchid, currency, &sum);
    return result == FZ_OK ? add_sums(&sum->sums, &sums) : result;
}

/* The next working day from the day after `day` on. */
static enum fz_result plan_payout(struct fz_tx *tx, int day)
{
    int payout_day = day + 1;
    while (fz_weekday(payout_day) > 5)
        payout_day++;
    return fz_event_plan(tx, FZ_EVENT_PAYOUT, payout_day, fz_day_start_ms(payout_day) + 10 * FZ_HOUR_MS);
}

enum fz_result fz_settlement_detail(struct fz_tx *tx, int day, int64_t position, int64_t *next)
{
    FZ_CURSOR row = {0};
    enum fz_result result =
        fz_query(tx, &settlement_trades, FZ_VALUES(FZ_I(day), FZ_I(position), FZ_I(MOVEMENTS_MAX)), &row);
    struct details details = {.day = day};
    int64_t count = 0, last = position;
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK) {
        last = fz_int(&row, 0);
        count++;
        result = add_movement(tx, &row, &details);
    }
    if (result != FZ_ABSENT)
        return result;
    result = store_sums(tx, &details);
    bool done = count < MOVEMENTS_MAX;
    if (result == FZ_OK && done)
        result = plan_payout(tx, day);
    if (result == FZ_OK)
        *next = done ? -1 : last;
    return result;
}
