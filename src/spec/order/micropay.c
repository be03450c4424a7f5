/* Pay by code: the payer shows a code, the cashier scans it, and the answer is the order, paid or waiting for
 * the payer's password. There is no callback. */
#include "spec/order/place.h"

/* Longer than any code, so that a text which is none is told to be none. */
static const struct fz_member fz_order_micropay_payer_members[] = {
    FZ_TEXT(fz_order_micropay_payer, auth_code, 128, .required = FZ_BOTH,
            .meaning = "Payment code: 18 digits beginning with 10 to 15"),
    {0},
};

static const struct fz_member fz_order_micropay_request_members[] = {
    FZ_ORDER_HEAD_ROWS(fz_order_micropay_request),
    FZ_ORDER_NUMBER_ROWS(fz_order_micropay_request, "MICROPAY"),
    FZ_ORDER_AMOUNT_ROWS(fz_order_micropay_request),
    FZ_STRUCT(fz_order_micropay_request, payer, fz_order_micropay_payer, .required = FZ_BOTH,
              .meaning = "Payer"),
    FZ_ORDER_SCENE_ROWS(fz_order_micropay_request, FZ_NEVER, fz_order_scene_info_members),
    {0},
};

const struct fz_spec fz_spec_order_micropay = {
    .name = "order-micropay",
    .method = "POST",
    .paths = {"/v3/global/micropay/transactions/pay", "/hk/v3/transactions/micropay"},
    FZ_REQUEST(fz_order_micropay_request),
    FZ_ANSWER(fz_order_answer),
    .status = 200,
    .writes = true,
    .found_by = &fz_spec_order_query_by_number,
    .example = {
        .body = FZ_JSON({"sp_mchid": "1900000100", "sub_mchid": "1900000109",
                        "sp_appid": "wx8888888888888888", "description": "Camera",
                        "out_trade_no": "N20260105100000", "trade_type": "MICROPAY",
                        "merchant_category_code": "5812", "amount": {"total": 100, "currency": "CNY"},
                        "payer": {"auth_code": "130061098828009406"}}),
        .answer = FZ_JSON({"sp_mchid": "1900000100", "sub_mchid": "1900000109",
                          "sp_appid": "wx8888888888888888", "out_trade_no": "N20260105100000",
                          "trade_type": "MICROPAY", "trade_state": "SUCCESS", "trade_state_desc": "Paid",
                          "amount": {"total": 100, "payer_total": 100, "currency": "CNY",
                          "payer_currency": "CNY", "exchange_rate": {"type": "SETTLEMENT_RATE",
                          "rate": 650000000}}, "id": "4200202601050000000076471115", "bank_type": "OTHERS",
                          "success_time": "2026-01-05T10:00:00+08:00"}),
    },
    .title = "Pay by code",
    .document = "https://pay.weixin.qq.com/wiki/doc/api_external/en/apis/chapter3_1_1.shtml",
};
