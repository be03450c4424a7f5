/* Place an H5 order: the answer is a link, on which a browser outside WeChat opens the payment. */
#include <inttypes.h>
#include <stdio.h>

#include "api/order/place.h"

#define LINK_MS   (5 * FZ_MINUTE_MS)
#define LINKS_MAX (1 << 20) /* ten years of them: more than an order lives */

struct out {
    struct fz_payment payment;
    char prepay_id[FZ_PREPAY_ID_SIZE];
    uint64_t package;
};

static const struct fz_member parameters[] = {
    FZ_ORDER_PARAMETERS("MWEB", FZ_NEVER, FZ_BOTH, fz_order_h5_scene_members),
    {0},
};

static const struct fz_field fields[] = {
    {"mweb_url", FZ_STRING, 512, true, NULL, "Where the payer's browser is sent; lives 5 minutes"},
    {0},
};

/* The link lives 5 minutes: who places the order again after that gets a fresh one. */
static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    struct out *placed = out;
    const struct fz_payment *payment = &placed->payment;
    enum fz_result result = fz_order_place(tx, call, params, &placed->payment);
    if (result != FZ_OK)
        return result;
    fz_order_prepay_id(tx, payment, placed->prepay_id);
    int64_t link = (tx->now_ms - payment->created_ms) / LINK_MS;
    placed->package = fz_draw(tx->world, "mweb_url", payment->id * LINKS_MAX + link % LINKS_MAX, UINT32_MAX);
    return FZ_OK;
}

static void answer(const struct fz_call *call, const void *params, const void *out, struct fz_json *json)
{
    const struct out *placed = out;
    char url[256];
    (void)call;
    (void)params;
    snprintf(url, sizeof url, "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=%s&package=%" PRIu64,
             placed->prepay_id, placed->package);
    fz_json_object(json, NULL);
    fz_json_string(json, "mweb_url", url);
    fz_json_end_object(json);
}

const struct fz_spec fz_spec_order_mweb = {
    .name = "order-mweb",
    .method = "POST",
    .paths = {"/v3/global/transactions/mweb", "/hk/v3/transactions/mweb"},
    .request = parameters,
    .fields = fields,
    .request_size = sizeof(struct fz_order_params),
    .status = 200,
    .writes = true,
    .example = {
        .body = FZ_JSON({"sp_mchid": "1900000100", "sub_mchid": "1900000109", "sp_appid": "wx8888888888888888",
                        "description": "Camera", "notify_url": "http://127.0.0.1:9/notify",
                        "out_trade_no": "N20260105100000", "trade_type": "MWEB", "merchant_category_code": "5812",
                        "amount": {"total": 100, "currency": "CNY"},
                        "scene_info": {"payer_client_ip": "14.23.150.211", "store_info": {"id": "0001",
                        "name": "The shop", "address": "No. 1, Kejizhong 1st Road"}}}),
        .answer = FZ_JSON({"mweb_url": "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx20260105&package=2294309555"}),
    },
    .title = "Place an H5 order",
    .document = "https://pay.weixin.qq.com/wiki/doc/api/wxpay/ch/fusion_wallet_ch/H5Payment/chapter3_3.shtml",
};

const struct fz_endpoint fz_endpoint_order_mweb = {
    .spec = &fz_spec_order_mweb,
    .out_size = sizeof(struct out),
    .check = fz_order_check,
    .work = work,
    .answer = answer,
};
