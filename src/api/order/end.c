/* Ending an order, by either of its numbers. */
#include "api/order/end.h"

static enum fz_result end_order(struct fz_tx *tx, const struct fz_call *call,
                                const struct fz_identity *identity, const char *transaction_id,
                                const char *out_trade_no, fz_order_ending end)
{
    struct fz_party party;
    enum fz_result result = fz_party_of_trade(tx, call, identity, &party);
    if (result == FZ_OK)
        result = end(tx, &party, transaction_id, out_trade_no);
    return result == FZ_ABSENT ? fz_refuse(tx->error, FZ_ORDER_UNKNOWN) : result;
}

enum fz_result fz_order_end_by_id(struct fz_tx *tx, const struct fz_call *call,
                                  const struct fz_order_by_id_request *in, fz_order_ending end)
{
    return end_order(tx, call, FZ_IDENTITY_OF(in), in->transaction_id, NULL, end);
}

enum fz_result fz_order_end_by_number(struct fz_tx *tx, const struct fz_call *call,
                                      const struct fz_order_by_number_request *in, fz_order_ending end)
{
    return end_order(tx, call, FZ_IDENTITY_OF(in), NULL, in->out_trade_no, end);
}
