/* Place a native order: the answer is the link of a QR code. */
#include <stdio.h>

#include "api/order/place.h"

struct out {
    struct fz_payment payment;
    char code[10];
};

static const struct fz_member parameters[] = {
    FZ_ORDER_PARAMETERS("NATIVE", FZ_NEVER, FZ_NEVER, fz_order_scene_members),
    {0},
};

static const struct fz_field fields[] = {
    {"code_url", FZ_STRING, 512, true, NULL, "What the QR code says; the same for a repeat"},
    {0},
};

/* A repeat gets the same link, so it is drawn for the order's row and not kept. */
static void draw_code(const struct fz_tx *tx, int64_t payment, char out[10])
{
    static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    uint64_t codes = 1;
    for (int i = 0; i < 9; i++)
        codes *= sizeof letters - 1;
    uint64_t code = fz_draw(tx->world, "code_url", payment, codes);
    for (int i = 0; i < 9; i++, code /= sizeof letters - 1)
        out[i] = letters[code % (sizeof letters - 1)];
    out[9] = '\0';
}

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    struct out *placed = out;
    enum fz_result result = fz_order_place(tx, call, params, &placed->payment);
    if (result == FZ_OK)
        draw_code(tx, placed->payment.id, placed->code);
    return result;
}

static void answer(const struct fz_call *call, const void *params, const void *out, struct fz_json *json)
{
    char url[128];
    (void)call;
    (void)params;
    snprintf(url, sizeof url, "weixin://wxpay/bizpayurl?pr=%s", ((const struct out *)out)->code);
    fz_json_object(json, NULL);
    fz_json_string(json, "code_url", url);
    fz_json_end_object(json);
}

const struct fz_spec fz_spec_order_native = {
    .name = "order-native",
    .method = "POST",
    .paths = {"/v3/global/transactions/native", "/hk/v3/transactions/native"},
    .request = parameters,
    .fields = fields,
    .request_size = sizeof(struct fz_order_params),
    .status = 200,
    .writes = true,
    .example = {
        .body = FZ_JSON({"sp_mchid": "1900000100", "sub_mchid": "1900000109", "sp_appid": "wx8888888888888888",
                        "description": "Camera", "notify_url": "http://127.0.0.1:9/notify",
                        "out_trade_no": "N20260105100000", "trade_type": "NATIVE", "merchant_category_code": "5812",
                        "amount": {"total": 100, "currency": "CNY"}}),
        .answer = FZ_JSON({"code_url": "weixin://wxpay/bizpayurl?pr=ReU7m6sf7"}),
    },
    .title = "Place a native order",
    .document = "https://pay.weixin.qq.com/wiki/doc/api_external/ch/apis/chapter3_2_1.shtml",
};

const struct fz_endpoint fz_endpoint_order_native = {
    .spec = &fz_spec_order_native,
    .out_size = sizeof(struct out),
    .check = fz_order_check,
    .work = work,
    .answer = answer,
};
