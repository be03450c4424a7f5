/* Query an order by its WeChat Pay transaction ID: paid orders alone have one. */
#include "api/merchant/identity.h"
#include "api/order/answer.h"

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    const struct fz_order_by_id_request *in = params;
    struct fz_order_out *found = out;
    struct fz_party party;
    enum fz_result result = fz_party_of_trade(tx, call, FZ_IDENTITY_OF(in), &party);
    if (result == FZ_OK)
        result = fz_payment_of_party(tx, &party, in->transaction_id, NULL, &found->payment);
    if (result == FZ_OK)
        fz_order_answer(found);
    return result == FZ_ABSENT ? fz_refuse(tx->error, FZ_ORDER_UNKNOWN) : result;
}

const struct fz_endpoint fz_endpoint_order_query_by_id = {
    .spec = &fz_spec_order_query_by_id,
    .out_size = sizeof(struct fz_order_out),
    .work = work,
};
