/* Place an order of an official account or a mini program: it knows its payer, and the answer is the number
 * with which the page opens the payment. */
#include "api/order/prepaid.h"

static const struct fz_member parameters[] = {
    FZ_ORDER_PARAMETERS("JSAPI", FZ_BOTH, FZ_NEVER, fz_order_scene_members),
    {0},
};

/* An openid means something only beside the appid that it was given for. */
static enum fz_result check_payer(const struct fz_call *call, const struct fz_order_params *in)
{
    const struct fz_order_payer *payer = &in->payer;
    if (in->identity.mchid != NULL && payer->openid == NULL)
        return fz_refuse_at(call->error, FZ_PARAM_ERROR, "body", "/payer/openid", NULL,
                            FZ_ISSUE_REQUIRED_IN_COMMON);
    if (in->identity.mchid == NULL && payer->sp_openid == NULL && payer->sub_openid == NULL)
        return fz_refuse_at(call->error, FZ_PARAM_ERROR, "body", "/payer/sp_openid", NULL,
                            FZ_ISSUE_REQUIRED_OR_SUB_OPENID);
    if (payer->sub_openid != NULL && in->sub_appid == NULL)
        return fz_refuse_at(call->error, FZ_PARAM_ERROR, "body", "/sub_appid", NULL,
                            FZ_ISSUE_REQUIRED_WITH_SUB_OPENID);
    return FZ_OK;
}

static enum fz_result check(struct fz_call *call, void *params)
{
    enum fz_result result = fz_order_check(call, params);
    return result == FZ_OK ? check_payer(call, params) : result;
}

const struct fz_spec fz_spec_order_jsapi = {
    .name = "order-jsapi",
    .method = "POST",
    .paths = {"/v3/global/transactions/jsapi", "/hk/v3/transactions/jsapi"},
    .request = parameters,
    .fields = fz_order_prepaid_fields,
    .request_size = sizeof(struct fz_order_params),
    .status = 200,
    .writes = true,
    .example = {
        .body = FZ_JSON({"sp_mchid": "1900000100", "sub_mchid": "1900000109", "sp_appid": "wx8888888888888888",
                        "description": "Camera", "notify_url": "http://127.0.0.1:9/notify",
                        "out_trade_no": "N20260105100000", "trade_type": "JSAPI", "merchant_category_code": "5812",
                        "amount": {"total": 100, "currency": "CNY"},
                        "payer": {"sp_openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}}),
        .answer = FZ_JSON({"prepay_id": "wx2026010510000008183861145079277495"}),
    },
    .title = "Place an order of an official account or mini program",
    .document =
        "https://pay.weixin.qq.com/wiki/doc/api/wxpay/ch/fusion_wallet_ch/MiniProgramPay/chapter7_3.shtml",
};

const struct fz_endpoint fz_endpoint_order_jsapi = {
    .spec = &fz_spec_order_jsapi,
    .out_size = sizeof(struct fz_order_prepaid),
    .check = check,
    .work = fz_order_prepaid_work,
    .answer = fz_order_prepaid_answer,
};
