/* What persons were paid: a running total for each of them and each calendar month. A person is an openid
 * of its kind, whoever pays. A slice takes its room in the total where it is decided, in one statement, so that
 * of two that would fill it only one can, however many distributions are worked off at once; the audit adds the
 * slices up again (docs/book.md, invariant 9). */
#include "book/distribution/receipts.h"

#include <string.h>

#include "base/calendar.h"

FZ_STATEMENT(receipts_take,
             "INSERT INTO receipts (account, type, month, amount) VALUES ($1, $2, $3, $4)"
             " ON CONFLICT (account, type, month) DO UPDATE SET amount = receipts.amount + excluded.amount"
             " WHERE receipts.amount <= $5 - excluded.amount",
             "ttiii", "");

/* A month goes by the name of its first day. */
static int month_of(const struct fz_tx *tx)
{
    return fz_month_start(fz_day_of(tx->now_ms));
}

bool fz_receipts_count(const struct fz_slice *slice)
{
    return strcmp(slice->type, "MERCHANT_ID") != 0;
}

enum fz_result fz_receipts_take(struct fz_tx *tx, const struct fz_slice *slice, bool *out)
{
    int64_t changed = 0;
    *out = true;
    if (!fz_receipts_count(slice))
        return FZ_OK;
    *out = slice->amount <= FZ_RECEIPTS_A_MONTH;
    if (!*out)
        return FZ_OK;
    enum fz_result result = fz_run(tx, &receipts_take,
                                   FZ_VALUES(FZ_T(slice->account), FZ_T(slice->type), FZ_I(month_of(tx)),
                                             FZ_I(slice->amount), FZ_I(FZ_RECEIPTS_A_MONTH)),
                                   &changed);
    *out = changed == 1;
    return result;
}
