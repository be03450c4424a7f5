/* Reverse a payment-code order by its WeChat Pay transaction ID: it was paid, and the payer gets it back. */
#include "api/identity.h"
#include "book/payment_code.h"

struct params {
    struct fz_identity identity;
    const char *transaction_id;
};

static const struct fz_parameter parameters[] = {
    FZ_TRANSACTION_ID_PARAMETER(FZ_IN_PATH, FZ_BOTH, offsetof(struct params, transaction_id)),
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
        result = fz_payment_reverse(tx, &party, in->transaction_id, NULL);
    return result == FZ_ABSENT ? fz_refuse(tx->error, FZ_ORDER_UNKNOWN) : result;
}

const struct fz_endpoint fz_endpoint_order_reverse_by_id = {
    .name = "order-reverse-by-id",
    .method = "POST",
    .paths = {"/v3/global/micropay/transactions/id/{transaction_id}/reverse",
              "/hk/v3/transactions/id/{transaction_id}/reverse"},
    .parameters = parameters,
    .params_size = sizeof(struct params),
    .status = 204,
    .writes = true,
    .title = "Reverse a payment-code order by its WeChat Pay transaction ID",
    .document = "https://pay.weixin.qq.com/wiki/doc/api_external/en/apis/chapter3_1_7.shtml",
    .work = work,
};
