/* Place an H5 order: the answer is a link, on which a browser outside WeChat opens the payment. */
#include "spec/order/place.h"

static const struct fz_member mweb_members[] = {
    FZ_ORDER_PLACE_ROWS("MWEB", FZ_NEVER, FZ_BOTH, fz_order_h5_scene_members),
    {0},
};

static const struct fz_member fz_order_mweb_answer_members[] = {
    FZ_TEXT(fz_order_mweb_answer, mweb_url, 512, .required = FZ_BOTH,
            .meaning = "Where the payer's browser is sent; lives 5 minutes"),
    {0},
};

const struct fz_spec fz_spec_order_mweb = {
    .name = "order-mweb",
    .method = "POST",
    .paths = {"/v3/global/transactions/mweb", "/hk/v3/transactions/mweb"},
    FZ_REQUEST_BY(fz_order_place_request, mweb_members),
    FZ_ANSWER(fz_order_mweb_answer),
    .status = 200,
    .writes = true,
    .found_by = &fz_spec_order_query_by_number,
    .example = {
        .body = FZ_JSON({"sp_mchid": "1900000100", "sub_mchid": "1900000109",
                        "sp_appid": "wx8888888888888888", "description": "Camera",
                        "notify_url": "http://127.0.0.1:9/notify", "out_trade_no": "N20260105100000",
                        "trade_type": "MWEB", "merchant_category_code": "5812", "amount": {"total": 100,
                        "currency": "CNY"}, "scene_info": {"payer_client_ip": "14.23.150.211",
                        "store_info": {"id": "0001", "name": "The shop",
                        "address": "No. 1, Kejizhong 1st Road"}}}),
        .answer = FZ_JSON({"mweb_url":
            "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx20260105&package=2294309555"}),
    },
    .title = "Place an H5 order",
    .document = "https://pay.weixin.qq.com/wiki/doc/api/wxpay/ch/fusion_wallet_ch/H5Payment/chapter3_3.shtml",
};
