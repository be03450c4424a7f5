/* Place an app order: the answer is the number with which the merchant's app opens WeChat. */
#include "api/order/prepaid.h"

static const struct fz_member parameters[] = {
    FZ_ORDER_PARAMETERS("APP", FZ_NEVER, FZ_NEVER, fz_order_scene_members),
    {0},
};

const struct fz_spec fz_spec_order_app = {
    .name = "order-app",
    .method = "POST",
    .paths = {"/v3/global/transactions/app", "/hk/v3/transactions/app"},
    .request = parameters,
    .fields = fz_order_prepaid_fields,
    .request_size = sizeof(struct fz_order_params),
    .status = 200,
    .writes = true,
    .example = {
        .body = FZ_JSON({"sp_mchid": "1900000100", "sub_mchid": "1900000109", "sp_appid": "wx8888888888888888",
                        "description": "Camera", "notify_url": "http://127.0.0.1:9/notify",
                        "out_trade_no": "N20260105100000", "trade_type": "APP", "merchant_category_code": "5812",
                        "amount": {"total": 100, "currency": "CNY"}}),
        .answer = FZ_JSON({"prepay_id": "wx2026010510000008183861145079277495"}),
    },
    .title = "Place an app order",
    .document = "https://pay.weixin.qq.com/wiki/doc/api/wxpay/ch/fusion_wallet_ch/In-AppPay/chapter6_3.shtml",
};

const struct fz_endpoint fz_endpoint_order_app = {
    .spec = &fz_spec_order_app,
    .out_size = sizeof(struct fz_order_prepaid),
    .check = fz_order_check,
    .work = fz_order_prepaid_work,
    .answer = fz_order_prepaid_answer,
};
