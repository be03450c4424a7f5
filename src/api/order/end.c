/* Ending an order, by either of its numbers. */
#include "api/order/end.h"

const struct fz_member fz_order_end_by_id[] = {
    FZ_TRANSACTION_ID_PARAMETER(FZ_IN_PATH, FZ_BOTH, offsetof(struct fz_order_end_params, transaction_id)),
    FZ_IDENTITY_PARAMETERS(FZ_IN_BODY, offsetof(struct fz_order_end_params, identity)),
    {0},
};

const struct fz_member fz_order_end_by_number[] = {
    FZ_OUT_TRADE_NO_PARAMETER(FZ_IN_PATH, FZ_BOTH, 1, offsetof(struct fz_order_end_params, out_trade_no)),
    FZ_IDENTITY_PARAMETERS(FZ_IN_BODY, offsetof(struct fz_order_end_params, identity)),
    {0},
};

enum fz_result fz_order_end(struct fz_tx *tx, const struct fz_call *call, const void *params,
                            enum fz_result (*end)(struct fz_tx *, const struct fz_party *, const char *,
                                                  const char *))
{
    const struct fz_order_end_params *in = params;
    struct fz_party party;
    enum fz_result result = fz_party_of_trade(tx, call, &in->identity, &party);
    if (result == FZ_OK)
        result = end(tx, &party, in->transaction_id, in->out_trade_no);
    return result == FZ_ABSENT ? fz_refuse(tx->error, FZ_ORDER_UNKNOWN) : result;
}
