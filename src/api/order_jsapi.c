/* Place an order of an official account or a mini program: it knows its payer, and the answer is the number
 * with which the page opens the payment. */
#include "api/order_place.h"

struct out {
    struct fz_payment payment;
    char prepay_id[FZ_PREPAY_ID_SIZE];
};

static const struct fz_parameter parameters[] = {
    FZ_ORDER_PARAMETERS("JSAPI", FZ_BOTH, FZ_NEVER, fz_order_scene_members),
    {0},
};

static const struct fz_field fields[] = {
    {"prepay_id", FZ_STRING, 64, true, NULL,
     "With what the payer's client opens the payment; the same for a repeat"},
    {0},
};

/* An openid means something only beside the appid that it was given for. */
static enum fz_result check_payer(const struct fz_call *call, const struct fz_order_params *in)
{
    const struct fz_order_payer *payer = &in->payer;
    if (in->identity.mchid != NULL && payer->openid == NULL)
        return fz_refuse_at(call->error, FZ_PARAM_ERROR, "body", "/payer/openid", NULL,
                            "is required in Common mode");
    if (in->identity.mchid == NULL && payer->sp_openid == NULL && payer->sub_openid == NULL)
        return fz_refuse_at(call->error, FZ_PARAM_ERROR, "body", "/payer/sp_openid", NULL,
                            "is required in Institutional mode, or sub_openid is");
    if (payer->sub_openid != NULL && in->sub_appid == NULL)
        return fz_refuse_at(call->error, FZ_PARAM_ERROR, "body", "/sub_appid", NULL,
                            "is required with payer.sub_openid");
    return FZ_OK;
}

static enum fz_result check(struct fz_call *call, void *params)
{
    enum fz_result result = fz_order_check(call, params);
    return result == FZ_OK ? check_payer(call, params) : result;
}

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

const struct fz_endpoint fz_endpoint_order_jsapi = {
    .name = "order-jsapi",
    .method = "POST",
    .paths = {"/v3/global/transactions/jsapi", "/hk/v3/transactions/jsapi"},
    .parameters = parameters,
    .fields = fields,
    .params_size = sizeof(struct fz_order_params),
    .out_size = sizeof(struct out),
    .status = 200,
    .writes = true,
    .title = "Place an order of an official account or mini program",
    .document =
        "https://pay.weixin.qq.com/wiki/doc/api/wxpay/ch/fusion_wallet_ch/MiniProgramPay/chapter7_3.shtml",
    .check = check,
    .work = work,
    .answer = answer,
};
