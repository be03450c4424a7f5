/* Place an app order: the answer is the number with which the merchant's app opens WeChat. */
#include "api/order_place.h"

struct out {
    struct fz_payment payment;
    char prepay_id[FZ_PREPAY_ID_SIZE];
};

static const struct fz_parameter parameters[] = {
    FZ_ORDER_PARAMETERS("APP", FZ_NEVER, FZ_NEVER, fz_order_scene_members),
    {0},
};

static const struct fz_field fields[] = {
    {"prepay_id", FZ_STRING, 64, true, NULL,
     "With what the payer's client opens the payment; the same for a repeat"},
    {0},
};

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    struct out *placed = out;
    enum fz_result result = fz_order_place(tx, call, params, &placed->payment);
    if (result == FZ_OK)
        fz_order_prepay_id(tx, &placed->payment, placed->prepay_id);
    return result;
}

static json_t *answer(const struct fz_call *call, const void *params, const void *out)
{
    (void)call;
    (void)params;
    return json_pack("{s:s}", "prepay_id", ((const struct out *)out)->prepay_id);
}

const struct fz_endpoint fz_endpoint_order_app = {
    .name = "order-app",
    .method = "POST",
    .paths = {"/v3/global/transactions/app", "/hk/v3/transactions/app"},
    .parameters = parameters,
    .fields = fields,
    .params_size = sizeof(struct fz_order_params),
    .out_size = sizeof(struct out),
    .status = 200,
    .writes = true,
    .title = "Place an app order",
    .document = "https://pay.weixin.qq.com/wiki/doc/api/wxpay/ch/fusion_wallet_ch/In-AppPay/chapter6_3.shtml",
    .check = fz_order_check,
    .work = work,
    .answer = answer,
};
