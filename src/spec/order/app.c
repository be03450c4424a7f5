/* Place an app order: the answer is the number with which the merchant's app opens WeChat. */
#include "spec/order/place.h"

static const struct fz_member app_members[] = {
    FZ_ORDER_PLACE_ROWS("APP", FZ_NEVER, FZ_NEVER, fz_order_scene_info_members),
    {0},
};

const struct fz_spec fz_spec_order_app = {
    .name = "order-app",
    .method = "POST",
    .paths = {"/v3/global/transactions/app", "/hk/v3/transactions/app"},
    FZ_REQUEST_BY(fz_order_place_request, app_members),
    FZ_ANSWER(fz_order_prepaid_answer),
    .status = 200,
    .writes = true,
    .found_by = &fz_spec_order_query_by_number,
    .example = {
        .body = FZ_JSON({"sp_mchid": "1900000100", "sub_mchid": "1900000109",
                        "sp_appid": "wx8888888888888888", "description": "Camera",
                        "notify_url": "http://127.0.0.1:9/notify", "out_trade_no": "N20260105100000",
                        "trade_type": "APP", "merchant_category_code": "5812", "amount": {"total": 100,
                        "currency": "CNY"}}),
        .answer = FZ_JSON({"prepay_id": "wx2026010510000008183861145079277495"}),
    },
    .title = "Place an app order",
    .document = "https://pay.weixin.qq.com/wiki/doc/api/wxpay/ch/fusion_wallet_ch/In-AppPay/chapter6_3.shtml",
};
