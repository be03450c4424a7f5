/* Close an order by the merchant order number: nobody can pay it any more. */
#include "api/identity.h"

struct params {
    struct fz_identity identity;
    const char *out_trade_no;
};

static const struct fz_parameter parameters[] = {
    FZ_OUT_TRADE_NO_PARAMETER(FZ_IN_PATH, FZ_BOTH, 1, offsetof(struct params, out_trade_no)),
    FZ_IDENTITY_PARAMETERS(FZ_IN_BODY, offsetof(struct params, identity)),
    {0},
};

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    (void)out;
    const struct params *in = params;
    struct fz_party party;
    enum fz_result result = fz_party_of_trade(tx, call, &in->identity, &party);
    if (result == FZ_OK)
        result = fz_payment_close(tx, &party, NULL, in->out_trade_no);
    return result == FZ_ABSENT ? fz_refuse(tx->error, FZ_ORDER_UNKNOWN) : result;
}

const struct fz_endpoint fz_endpoint_order_close_by_number = {
    .name = "order-close-by-number",
    .method = "POST",
    .paths = {"/v3/global/transactions/out-trade-no/{out_trade_no}/close",
              "/hk/v3/transactions/out-trade-no/{out_trade_no}/close"},
    .parameters = parameters,
    .params_size = sizeof(struct params),
    .status = 204,
    .writes = true,
    .title = "Close an order by the merchant order number",
    .document = "https://pay.weixin.qq.com/doc/global/v3/en/4012356484",
    .work = work,
};
