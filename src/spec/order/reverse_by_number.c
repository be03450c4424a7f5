/* Reverse a payment-code order by the merchant order number: nobody pays it any more, and what was paid goes
 * back. */
#include "spec/order/order.h"

const struct fz_spec fz_spec_order_reverse_by_number = {
    .name = "order-reverse-by-number",
    .method = "POST",
    .paths = {"/v3/global/micropay/transactions/out-trade-no/{out_trade_no}/reverse",
              "/hk/v3/transactions/out-trade-no/{out_trade_no}/reverse"},
    FZ_REQUEST_BY(fz_order_by_number_request, fz_order_end_by_number_members),
    .status = 204,
    .writes = true,
    .example = {
        .parameters = FZ_JSON({"out_trade_no": "N20260105100000"}),
        .body = FZ_JSON({"sp_mchid": "1900000100", "sub_mchid": "1900000109"}),
        .after = "order-micropay",
    },
    .title = "Reverse a payment-code order by the merchant order number",
    .document = "https://pay.weixin.qq.com/wiki/doc/api_external/en/apis/chapter3_1_7.shtml",
};
