/* Query an order by the merchant's own number: also one that is not paid yet. */
#include "api/merchant/identity.h"
#include "api/order/answer.h"

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    const struct fz_order_by_number_request *in = params;
    struct fz_order_out *found = out;
    struct fz_party party;
    enum fz_result result = fz_party_of_trade(tx, call, FZ_IDENTITY_OF(in), &party);
    if (result == FZ_OK)
        result = fz_payment_by_out_trade_no(tx, party.caller, party.sub_mchid, in->out_trade_no,
                                            &found->payment);
    if (result == FZ_OK)
        fz_order_answer(found);
    return result == FZ_ABSENT ? fz_refuse(tx->error, FZ_ORDER_UNKNOWN) : result;
}

const struct fz_endpoint fz_endpoint_order_query_by_number = {
    .spec = &fz_spec_order_query_by_number,
    .out_size = sizeof(struct fz_order_out),
    .work = work,
};
