/* Place a native order: the answer is the link of a QR code. */
#include "spec/order/place.h"

static const struct fz_member native_members[] = {
    FZ_ORDER_PLACE_ROWS("NATIVE", FZ_NEVER, FZ_NEVER, fz_order_scene_info_members),
    {0},
};

static const struct fz_member fz_order_native_answer_members[] = {
    FZ_TEXT(fz_order_native_answer, code_url, 512, .required = FZ_BOTH,
            .meaning = "What the QR code says; the same for a repeat"),
    {0},
};

const struct fz_spec fz_spec_order_native = {
    .name = "order-native",
    .method = "POST",
    .paths = {"/v3/global/transactions/native", "/hk/v3/transactions/native"},
    FZ_REQUEST_BY(fz_order_place_request, native_members),
    FZ_ANSWER(fz_order_native_answer),
    .status = 200,
    .writes = true,
    .found_by = &fz_spec_order_query_by_number,
    .example = {
        .body = FZ_JSON({"sp_mchid": "1900000100", "sub_mchid": "1900000109",
                        "sp_appid": "wx8888888888888888", "description": "Camera",
                        "notify_url": "http://127.0.0.1:9/notify", "out_trade_no": "N20260105100000",
                        "trade_type": "NATIVE", "merchant_category_code": "5812", "amount": {"total": 100,
                        "currency": "CNY"}}),
        .answer = FZ_JSON({"code_url": "weixin://wxpay/bizpayurl?pr=ReU7m6sf7"}),
    },
    .title = "Place a native order",
    .document = "https://pay.weixin.qq.com/wiki/doc/api_external/ch/apis/chapter3_2_1.shtml",
};
