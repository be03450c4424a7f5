/* What was paid out: each batch against the details of its days, and the settlement pools against what is
 * left.
 */
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/text.h"
#include "book/audit/parts.h"
#include "book/event.h"
#include "book/settlement/settlement.h"

FZ_LARGE_STATEMENT(audit_payouts,
             "SELECT o.id, o.batch_id, o.mchid, o.currency, o.day, o.first_day, o.last_day, o.amount,"
             " o.created_ms, MIN(d.day), MAX(d.day), CAST(SUM(d.pay - d.refund - d.fee + d.split_pay -"
             " d.split_refund) AS FZ_INT) FROM payout o LEFT JOIN settlement_day d ON d.mchid = o.mchid"
             " AND d.sub_mchid = '' AND d.currency = o.currency AND d.day >= o.first_day AND"
             " d.day <= o.last_day GROUP BY o.id, o.batch_id, o.mchid, o.currency, o.day, o.first_day,"
             " o.last_day, o.amount, o.created_ms ORDER BY o.mchid, o.currency, o.first_day, o.id",
             "", "itttiiiiiiii");
FZ_STATEMENT(audit_payout_by_row, "SELECT mchid, currency, amount, created_ms FROM payout WHERE id = $1", "i",
             "ttii");
/* All days less all batches, not the days behind the last batch: a day between two batches is in the pool. */
FZ_LARGE_STATEMENT(audit_settlement_pools,
             "SELECT s.mchid, s.currency, s.balance, s.paid_until,"
             " (SELECT CAST(COALESCE(SUM(d.pay - d.refund - d.fee + d.split_pay - d.split_refund), 0)"
             " AS FZ_INT) FROM settlement_day d WHERE d.mchid = s.mchid AND d.sub_mchid = '' AND"
             " d.currency = s.currency), (SELECT CAST(COALESCE(SUM(o.amount), 0) AS FZ_INT) FROM payout o"
             " WHERE o.mchid = s.mchid AND o.currency = s.currency),"
             " (SELECT COALESCE(MAX(o.last_day), -1) FROM payout o WHERE o.mchid = s.mchid AND"
             " o.currency = s.currency) FROM settlement_pool s ORDER BY s.mchid, s.currency",
             "", "ttiiiii");
FZ_LARGE_STATEMENT(audit_details_poolless,
             "SELECT DISTINCT d.mchid, d.currency FROM settlement_day d LEFT JOIN settlement_pool s"
             " ON s.mchid = d.mchid AND s.currency = d.currency WHERE s.id IS NULL"
             " ORDER BY d.mchid, d.currency",
             "", "tt");
/* Or the details of a day, at whose end it is. */
FZ_STATEMENT(audit_payout_planned, "SELECT COUNT(*) FROM event WHERE kind = $1 OR kind = $2", "ii", "i");

/* ---- batches ---- */

bool fz_audit_expect_payout(const struct fz_audit_payout *payout, struct fz_entry *out, int64_t *time_ms)
{
    fz_entry_begin(out, FZ_ENTRY_PAID_OUT, payout->id);
    fz_entry_post(out, FZ_ACCOUNT_SETTLEMENT, payout->mchid, 0, FZ_NO_DAY, payout->currency, -payout->amount);
    fz_entry_post(out, FZ_ACCOUNT_BANK, payout->mchid, 0, FZ_NO_DAY, payout->currency, payout->amount);
    *time_ms = payout->created_ms;
    return payout->amount > 0 && payout->amount <= FZ_AUDIT_POSTING_MAX;
}

enum fz_result fz_audit_find_payout(struct fz_tx *tx, int64_t id, struct fz_audit_payout *out)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &audit_payout_by_row, FZ_VALUES(FZ_I(id)), &row);
    if (result != FZ_OK)
        return result;
    out->id = id;
    FZ_COPY_COLUMN(out->mchid, &row, 0);
    FZ_COPY_COLUMN(out->currency, &row, 1);
    out->amount = fz_int(&row, 2);
    out->created_ms = fz_int(&row, 3);
    return FZ_OK;
}

/* The batch before, of the same sponsor and currency or not. */
struct before {
    char mchid[FZ_MCHID_SIZE], currency[FZ_CURRENCY_SIZE];
    int64_t last_day;
};

static void check_batch(struct fz_audit_run *run, const struct fz_cursor *row,
                        const struct fz_audit_payout *payout, struct before *before)
{
    char number[FZ_MCHID_SIZE + 64], date[FZ_DAY_SIZE];
    const char *batch_id = fz_string(row, 1);
    int day = fz_audit_small(row, 4);
    int64_t first = fz_int(row, 5), last = fz_int(row, 6);
    (void)snprintf(number, sizeof number, "%.20s of %s", batch_id, payout->mchid);
    struct fz_audit_subject subject = {"batch", number};
    fz_format_compact_day(date, day);
    fz_audit_true(run, subject, "its number is not of its day", strncmp(batch_id, date, 8) == 0);
    fz_audit_true(run, subject, "it was not paid out on a working day behind its trades",
                  fz_weekday(day) <= 5 && last < day);
    fz_audit_same(run, subject, "first_day", first, "its first day with a settlement is", fz_int(row, 9));
    fz_audit_same(run, subject, "last_day", last, "its last day with a settlement is", fz_int(row, 10));
    fz_audit_same(run, subject, "amount", payout->amount, "its days come to", fz_int(row, 11));
    bool same = strcmp(before->mchid, payout->mchid) == 0 && strcmp(before->currency, payout->currency) == 0;
    fz_audit_true(run, subject, "it has a day that was paid out before", !same || first > before->last_day);
    fz_copy(before->mchid, sizeof before->mchid, payout->mchid);
    fz_copy(before->currency, sizeof before->currency, payout->currency);
    before->last_day = last;
}

static enum fz_result check_batches(struct fz_audit_run *run)
{
    FZ_CURSOR row = {0};
    struct before before = {0};
    enum fz_result result = fz_query(run->tx, &audit_payouts, NULL, 0, &row);
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK) {
        struct fz_audit_payout payout = {
            .id = fz_int(&row, 0), .amount = fz_int(&row, 7), .created_ms = fz_int(&row, 8)};
        struct fz_entry entry;
        int64_t time_ms;
        FZ_COPY_COLUMN(payout.mchid, &row, 2);
        FZ_COPY_COLUMN(payout.currency, &row, 3);
        check_batch(run, &row, &payout, &before);
        if (fz_audit_expect_payout(&payout, &entry, &time_ms))
            fz_audit_tally(run, &entry, time_ms);
    }
    return result == FZ_ABSENT ? FZ_OK : result;
}

/* ---- pools ---- */

static enum fz_result check_pools(struct fz_audit_run *run)
{
    FZ_CURSOR row = {0}, planned = {0}, poolless = {0};
    enum fz_result result = fz_query_one(run->tx, &audit_payout_planned,
                                         FZ_VALUES(FZ_I(FZ_EVENT_PAYOUT), FZ_I(FZ_EVENT_DETAIL)), &planned);
    if (result == FZ_OK)
        result = fz_query(run->tx, &audit_settlement_pools, NULL, 0, &row);
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK) {
        char number[FZ_MCHID_SIZE + 32];
        const char *mchid = fz_string(&row, 0), *currency = fz_string(&row, 1);
        int64_t balance = fz_int(&row, 2);
        (void)snprintf(number, sizeof number, "%s in %.8s", mchid, currency);
        struct fz_audit_subject subject = {"settlement pool of", number};
        int64_t left = 0;
        bool whole = __builtin_sub_overflow(fz_int(&row, 4), fz_int(&row, 5), &left) == 0;
        fz_audit_true(run, subject, "its sums are larger than sums can be", whole);
        fz_audit_same(run, subject, "balance", balance, "its days that are not paid out come to", left);
        fz_audit_same(run, subject, "paid_until", fz_int(&row, 3), "its last batch goes to", fz_int(&row, 6));
        bool enough = balance <= FZ_AUDIT_POSTING_MAX && fz_currency_find(currency) != NULL &&
                      fz_settlement_is_enough(balance, currency);
        fz_audit_true(run, subject, "it holds enough, and its payout is not planned",
                      !enough || fz_int(&planned, 0) > 0);
        result = fz_audit_merchant(run, subject, mchid);
    }
    if (result == FZ_ABSENT)
        result = fz_query(run->tx, &audit_details_poolless, NULL, 0, &poolless);
    while (result == FZ_OK && (result = fz_next(&poolless)) == FZ_OK)
        fz_audit_find(run, "settlement pool of %s in %s: it is not there", fz_string(&poolless, 0),
                      fz_string(&poolless, 1));
    return result == FZ_ABSENT ? FZ_OK : result;
}

enum fz_result fz_audit_payouts(struct fz_audit_run *run)
{
    enum fz_result result = check_batches(run);
    return result == FZ_OK ? check_pools(run) : result;
}
