/* What persons were paid: a running total for each of them and each calendar month. A person is an openid
 * of its kind, whoever pays. The total is kept where the slice is finished, so that a decision reads one
 * row however many slices there were; the audit adds the slices up again (docs/book.md, invariant 9). */
#include "book/distribution/receipts.h"

#include <string.h>

#include "base/calendar.h"

FZ_STATEMENT(receipts_find, "SELECT amount FROM receipts WHERE account = $1 AND type = $2 AND month = $3",
             "tti", "i");
FZ_STATEMENT(receipts_add,
             "INSERT INTO receipts (account, type, month, amount) VALUES ($1, $2, $3, $4)"
             " ON CONFLICT (account, type, month) DO UPDATE SET amount = receipts.amount + excluded.amount",
             "ttii", "");

/* A month goes by the name of its first day. */
static int month_of(const struct fz_tx *tx)
{
    return fz_month_start(fz_day_of(tx->now_ms));
}

bool fz_receipts_count(const struct fz_slice *slice)
{
    return strcmp(slice->type, "MERCHANT_ID") != 0;
}

enum fz_result fz_receipts_find(struct fz_tx *tx, const struct fz_slice *slice, int64_t *out)
{
    *out = 0;
    if (!fz_receipts_count(slice))
        return FZ_OK;
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(
        tx, &receipts_find, FZ_VALUES(FZ_T(slice->account), FZ_T(slice->type), FZ_I(month_of(tx))), &row);
    if (result == FZ_OK)
        *out = fz_int(&row, 0);
    return result == FZ_ABSENT ? FZ_OK : result;
}

enum fz_result fz_receipts_add(struct fz_tx *tx, const struct fz_slice *slice)
{
    if (!fz_receipts_count(slice))
        return FZ_OK;
    return fz_run(tx, &receipts_add,
                  FZ_VALUES(FZ_T(slice->account), FZ_T(slice->type), FZ_I(month_of(tx)), FZ_I(slice->amount)),
                  NULL);
}
