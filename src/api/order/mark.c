/* Mark a transaction as one whose funds are to be distributed, before its order is placed. */
#include "api/merchant/identity.h"
#include "spec/order/order.h"

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    (void)out;
    const struct fz_mark_request *in = params;
    struct fz_party party;
    enum fz_result result = fz_party_of_sharing(tx, call, in->sub_mchid, &party);
    if (result == FZ_OK && party.penalised)
        result = fz_refuse(tx->error, FZ_NO_AUTH_RECEIVER);
    if (result == FZ_OK)
        result = fz_payment_mark(tx, &party, in->out_trade_no, in->currency);
    return result;
}

const struct fz_endpoint fz_endpoint_mark = {
    .spec = &fz_spec_mark,
    .work = work,
};
