/* Pay by code: the payer shows a code, the cashier scans it, and the answer is the order, paid or waiting for
 * the payer's password. There is no callback. */
#include "api/order/json.h"
#include "api/order/place.h"
#include "book/order/code.h"

/* Longer than any code, so that a text which is none is told to be none. */
static const struct fz_member payer_members[] = {
    FZ_ORDER_TEXT(struct fz_order_payer, auth_code, FZ_BOTH, 1, 128, FZ_ANY_TEXT,
                  "Payment code: 18 digits beginning with 10 to 15"),
    {0},
};

static const struct fz_member parameters[] = {
    FZ_ORDER_HEAD,
    FZ_ORDER_NUMBER("MICROPAY"),
    FZ_ORDER_REST(FZ_BOTH, payer_members, FZ_NEVER, fz_order_scene_members),
    {0},
};

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    const struct fz_order_params *in = params;
    struct fz_order_request request = fz_order_request_of(call, in);
    struct fz_party party;
    enum fz_result result = fz_party_of_trade(tx, call, &in->identity, &party);
    return result == FZ_OK ? fz_payment_pay_by_code(tx, &party, &request, in->payer.auth_code, out) : result;
}

const struct fz_spec fz_spec_order_micropay = {
    .name = "order-micropay",
    .method = "POST",
    .paths = {"/v3/global/micropay/transactions/pay", "/hk/v3/transactions/micropay"},
    .request = parameters,
    .fields = fz_order_fields,
    .request_size = sizeof(struct fz_order_params),
    .status = 200,
    .writes = true,
    .example = {
        .body = FZ_JSON({"sp_mchid": "1900000100", "sub_mchid": "1900000109", "sp_appid": "wx8888888888888888",
                        "description": "Camera", "out_trade_no": "N20260105100000", "trade_type": "MICROPAY",
                        "merchant_category_code": "5812", "amount": {"total": 100, "currency": "CNY"},
                        "payer": {"auth_code": "130061098828009406"}}),
        .answer = FZ_JSON({"sp_mchid": "1900000100", "sub_mchid": "1900000109", "sp_appid": "wx8888888888888888",
                          "out_trade_no": "N20260105100000", "trade_type": "MICROPAY", "trade_state": "SUCCESS",
                          "trade_state_desc": "Paid", "amount": {"total": 100, "payer_total": 100, "currency": "CNY",
                          "payer_currency": "CNY", "exchange_rate": {"type": "SETTLEMENT_RATE", "rate": 650000000}},
                          "id": "4200202601050000000076471115", "bank_type": "OTHERS",
                          "success_time": "2026-01-05T10:00:00+08:00"}),
    },
    .title = "Pay by code",
    .document = "https://pay.weixin.qq.com/wiki/doc/api_external/en/apis/chapter3_1_1.shtml",
};

const struct fz_endpoint fz_endpoint_order_micropay = {
    .spec = &fz_spec_order_micropay,
    .out_size = sizeof(struct fz_payment),
    .work = work,
    .answer = fz_order_answer,
};
