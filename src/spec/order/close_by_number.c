/* Close an order by the merchant order number: nobody can pay it any more. */
#include "spec/order/order.h"

const struct fz_spec fz_spec_order_close_by_number = {
    .name = "order-close-by-number",
    .method = "POST",
    .paths = {"/v3/global/transactions/out-trade-no/{out_trade_no}/close",
              "/hk/v3/transactions/out-trade-no/{out_trade_no}/close"},
    FZ_REQUEST_BY(fz_order_by_number_request, fz_order_end_by_number_members),
    .status = 204,
    .writes = true,
    .example = {
        .parameters = FZ_JSON({"out_trade_no": "N20260105100000"}),
        .body = FZ_JSON({"sp_mchid": "1900000100", "sub_mchid": "1900000109"}),
        .after = "order-native",
    },
    .title = "Close an order by the merchant order number",
    .document = "https://pay.weixin.qq.com/doc/global/v3/en/4012356484",
};
