/* Pay by code: the payer shows a code, the cashier scans it, and the answer is the order, paid or waiting for
 * the payer's password. There is no callback. */
#include <string.h>

#include "api/order/answer.h"
#include "api/order/place.h"
#include "book/order/code.h"

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    const struct fz_order_micropay_request *in = params;
    struct fz_order_out *placed = out;
    struct fz_order_request request = FZ_ORDER_REQUEST_OF(in);
    memcpy(request.digest, call->digest, sizeof request.digest);
    struct fz_party party;
    enum fz_result result = fz_party_of_trade(tx, call, FZ_IDENTITY_OF(in), &party);
    if (result == FZ_OK)
        result = fz_payment_pay_by_code(tx, &party, &request, in->payer.auth_code, &placed->payment);
    if (result == FZ_OK)
        fz_order_answer(placed);
    return result;
}

const struct fz_endpoint fz_endpoint_order_micropay = {
    .spec = &fz_spec_order_micropay,
    .out_size = sizeof(struct fz_order_out),
    .work = work,
};
