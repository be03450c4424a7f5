/* Reverse a payment-code order by the merchant order number: nobody pays it any more, and what was paid goes
 * back. */
#include "api/identity.h"
#include "book/payment_code.h"

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
        result = fz_payment_reverse(tx, &party, NULL, in->out_trade_no);
    return result == FZ_ABSENT ? fz_refuse(tx->error, FZ_ORDER_UNKNOWN) : result;
}

const struct fz_endpoint fz_endpoint_order_reverse_by_number = {
    .name = "order-reverse-by-number",
    .method = "POST",
    .paths = {"/v3/global/micropay/transactions/out-trade-no/{out_trade_no}/reverse",
              "/hk/v3/transactions/out-trade-no/{out_trade_no}/reverse"},
    .parameters = parameters,
    .params_size = sizeof(struct params),
    .status = 204,
    .writes = true,
    .title = "Reverse a payment-code order by the merchant order number",
    .document = "https://pay.weixin.qq.com/wiki/doc/api_external/en/apis/chapter3_1_7.shtml",
    .work = work,
};
