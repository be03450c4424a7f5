/* Settlement details: the batches that were paid out, and what waits for it. */
#include <assert.h>

#include "book/settlement/settlement.h"

#define SUMS                                                                                                 \
    "CAST(SUM(d.pay) AS FZ_INT), CAST(SUM(d.refund) AS FZ_INT), CAST(SUM(d.fee) AS FZ_INT),"                 \
    " CAST(SUM(d.split_pay) AS FZ_INT), CAST(SUM(d.split_refund) AS FZ_INT)"
/* The days of a batch, of one sub-merchant ($2) or of all. */
#define OF_BATCH                                                                                             \
    "settlement_day d WHERE d.mchid = o.mchid AND d.sub_mchid = $2 AND d.currency = o.currency"              \
    " AND d.day >= o.first_day AND d.day <= o.last_day"
#define OF_POOL                                                                                              \
    "settlement_day d WHERE d.mchid = s.mchid AND d.sub_mchid = $2 AND d.currency = s.currency"              \
    " AND d.day > s.paid_until"

FZ_STATEMENT(settlement_batches,
             "SELECT o.batch_id, o.day, o.first_day, o.last_day, o.currency, " SUMS
             " FROM payout o, " OF_BATCH " AND o.mchid = $1 AND o.day >= $3 AND o.day <= $4"
             " GROUP BY o.id, o.batch_id, o.day, o.first_day, o.last_day, o.currency"
             " ORDER BY o.day, o.batch_id LIMIT $5 OFFSET $6",
             "ttiiii", "tiiitiiiii");
FZ_STATEMENT(settlement_batch_count,
             "SELECT COUNT(*) FROM payout o WHERE o.mchid = $1 AND o.day >= $3 AND o.day <= $4"
             " AND EXISTS (SELECT 1 FROM " OF_BATCH ")",
             "ttii", "i");
FZ_STATEMENT(settlement_pools,
             "SELECT '', 0, MIN(d.day), MAX(d.day), s.currency, " SUMS " FROM settlement_pool s, " OF_POOL
             " AND s.mchid = $1 GROUP BY s.currency ORDER BY s.currency LIMIT $3 OFFSET $4",
             "ttii", "tiiitiiiii");
FZ_STATEMENT(settlement_pool_count,
             "SELECT COUNT(*) FROM settlement_pool s WHERE s.mchid = $1 AND EXISTS (SELECT 1 FROM " OF_POOL
             ")",
             "tt", "i");

static void read_batch(const struct fz_cursor *row, struct fz_settlement_batch *out)
{
    FZ_COPY_COLUMN(out->batch_id, row, 0);
    out->day = out->batch_id[0] == '\0' ? FZ_NO_DAY : (int)fz_int(row, 1);
    out->first_day = (int)fz_int(row, 2);
    out->last_day = (int)fz_int(row, 3);
    FZ_COPY_COLUMN(out->currency, row, 4);
    out->sums = (struct fz_settlement_sums){.pay = fz_int(row, 5),
                                            .refund = fz_int(row, 6),
                                            .fee = fz_int(row, 7),
                                            .split_pay = fz_int(row, 8),
                                            .split_refund = fz_int(row, 9)};
}

/* `values` are those of `list`, the last two its limit and offset, which `total` does without. */
static enum fz_result read_page(struct fz_tx *tx, const struct fz_statement *total,
                                const struct fz_statement *list, const struct fz_value *values, size_t count,
                                struct fz_settlement_page *out)
{
    FZ_CURSOR number = {0}, row = {0};
    assert(values[count - 2].integer >= 1 && values[count - 2].integer <= FZ_SETTLEMENT_PAGE_MAX);
    enum fz_result result = fz_query_one(tx, total, values, count - 2, &number);
    if (result == FZ_OK)
        result = fz_query(tx, list, values, count, &row);
    size_t filled = 0;
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK)
        read_batch(&row, &out->list[filled++]);
    if (result != FZ_ABSENT)
        return result;
    out->total = fz_int(&number, 0);
    out->count = filled;
    return FZ_OK;
}

enum fz_result fz_settlement_paid_out(struct fz_tx *tx, const char *caller, const char *sub_mchid,
                                      int from_day, int to_day, int64_t offset, int64_t limit,
                                      struct fz_settlement_page *out)
{
    return read_page(
        tx, &settlement_batch_count, &settlement_batches,
        FZ_VALUES(FZ_T(caller), FZ_T(sub_mchid), FZ_I(from_day), FZ_I(to_day), FZ_I(limit), FZ_I(offset)),
        out);
}

enum fz_result fz_settlement_waiting(struct fz_tx *tx, const char *caller, const char *sub_mchid,
                                     int64_t offset, int64_t limit, struct fz_settlement_page *out)
{
    return read_page(tx, &settlement_pool_count, &settlement_pools,
                     FZ_VALUES(FZ_T(caller), FZ_T(sub_mchid), FZ_I(limit), FZ_I(offset)), out);
}
