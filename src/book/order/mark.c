/* Marking: an order is to be distributed if its number was marked before it was placed. */
#include <string.h>

#include "book/order/payment.h"

FZ_STATEMENT(mark_insert,
             "INSERT INTO mark (caller, sub_mchid, out_trade_no, currency, created_ms)"
             " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (caller, sub_mchid, out_trade_no) DO NOTHING",
             "tttti", "");

enum fz_result fz_payment_mark(struct fz_tx *tx, const struct fz_party *party, const char *out_trade_no,
                               const char *currency)
{
    if (!fz_is_cny(currency))
        return fz_refuse(tx->error, FZ_MARK_CURRENCY);
    struct fz_payment placed;
    enum fz_result result =
        fz_payment_by_out_trade_no(tx, party->caller, party->sub_mchid, out_trade_no, &placed);
    if (result == FZ_OK)
        return placed.marked ? FZ_OK : fz_refuse(tx->error, FZ_MARK_TOO_LATE);
    if (result != FZ_ABSENT)
        return result;
    return fz_run(tx, &mark_insert,
                  FZ_VALUES(FZ_T(party->caller), FZ_T(party->sub_mchid), FZ_T(out_trade_no), FZ_T(currency),
                            FZ_I(tx->now_ms)),
                  NULL);
}
