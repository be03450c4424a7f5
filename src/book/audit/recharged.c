/* The recharged balances: each is what was paid in, less what refunds that stand have taken. */
#include <stdio.h>

#include "base/text.h"
#include "book/audit/parts.h"

/* 3 = CLOSED, 2 = from the recharged balance */
FZ_LARGE_STATEMENT(audit_recharged_balances,
             "SELECT a.mchid, a.currency, a.balance,"
             " (SELECT CAST(COALESCE(SUM(p.amount), 0) AS FZ_INT) FROM recharge p"
             " WHERE p.mchid = a.mchid AND p.currency = a.currency),"
             " (SELECT CAST(COALESCE(SUM(r.recharged), 0) AS FZ_INT) FROM refund r WHERE r.caller = a.mchid"
             " AND r.settlement_currency = a.currency AND r.fund_source = 2 AND r.state <> 3)"
             " FROM recharged a ORDER BY a.mchid, a.currency",
             "", "ttiii");
FZ_LARGE_STATEMENT(
    audit_recharged_without,
    "SELECT r.refund_id FROM refund r LEFT JOIN recharged a ON a.mchid = r.caller AND"
    " a.currency = r.settlement_currency WHERE r.fund_source = 2 AND r.recharged <> 0 AND a.mchid IS NULL"
    " ORDER BY r.id",
    "", "t");
FZ_LARGE_STATEMENT(audit_recharges,
             "SELECT p.id, p.mchid, p.currency, p.amount, p.created_ms, a.mchid FROM recharge p"
             " LEFT JOIN recharged a ON a.mchid = p.mchid AND a.currency = p.currency"
             " WHERE p.id > $1 AND p.id <= $2 ORDER BY p.id",
             "ii", "ittiit");
FZ_STATEMENT(audit_recharge_by_row,
             "SELECT id, mchid, currency, amount, created_ms FROM recharge WHERE id = $1", "i", "ittii");

static void read_recharge(const struct fz_cursor *row, struct fz_audit_recharge *out)
{
    out->id = fz_int(row, 0);
    FZ_COPY_COLUMN(out->mchid, row, 1);
    FZ_COPY_COLUMN(out->currency, row, 2);
    out->amount = fz_int(row, 3);
    out->created_ms = fz_int(row, 4);
}

enum fz_result fz_audit_find_recharge(struct fz_tx *tx, int64_t id, struct fz_audit_recharge *out)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &audit_recharge_by_row, FZ_VALUES(FZ_I(id)), &row);
    if (result == FZ_OK)
        read_recharge(&row, out);
    return result;
}

enum fz_result fz_audit_recharges(struct fz_audit_run *run)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query(run->tx, &audit_recharges, FZ_VALUES(FZ_AUDIT_RANGE(run)), &row);
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK) {
        struct fz_audit_recharge recharge;
        struct fz_entry entry;
        int64_t time_ms;
        char number[24];
        read_recharge(&row, &recharge);
        (void)snprintf(number, sizeof number, "%lld", (long long)recharge.id);
        struct fz_audit_subject subject = {"recharge", number};
        fz_audit_true(run, subject, "its balance is not there", !fz_is_null(&row, 5));
        if (fz_audit_range(run, subject, "amount", recharge.amount) &&
            fz_audit_expect_recharge(&recharge, &entry, &time_ms))
            fz_audit_tally(run, &entry, time_ms);
        result = fz_audit_merchant(run, subject, recharge.mchid);
    }
    return result == FZ_ABSENT ? FZ_OK : result;
}

static enum fz_result check_refunds(struct fz_audit_run *run)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query(run->tx, &audit_recharged_without, NULL, 0, &row);
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK)
        fz_audit_find(run, "refund %s: the recharged balance that it took from is not there",
                      fz_string(&row, 0));
    return result == FZ_ABSENT ? FZ_OK : result;
}

static enum fz_result check_balances(struct fz_audit_run *run)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query(run->tx, &audit_recharged_balances, NULL, 0, &row);
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK) {
        char number[FZ_MCHID_SIZE + 32];
        (void)snprintf(number, sizeof number, "%s in %.8s", fz_string(&row, 0), fz_string(&row, 1));
        struct fz_audit_subject subject = {"recharged balance of", number};
        int64_t due = 0;
        bool whole = __builtin_sub_overflow(fz_int(&row, 3), fz_int(&row, 4), &due) == 0;
        fz_audit_true(run, subject, "its sums are larger than sums can be", whole);
        fz_audit_same(run, subject, "it", fz_int(&row, 2), "recharges less refunds come to", due);
        fz_audit_true(run, subject, "it is below 0", fz_int(&row, 2) >= 0);
    }
    return result == FZ_ABSENT ? FZ_OK : result;
}

enum fz_result fz_audit_recharged(struct fz_audit_run *run)
{
    enum fz_result result = check_refunds(run);
    return result == FZ_OK ? check_balances(run) : result;
}
