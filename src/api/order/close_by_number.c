/* Close an order by the merchant order number: nobody can pay it any more. */
#include "api/order/end.h"

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    (void)out;
    return fz_order_end(tx, call, params, fz_payment_close);
}

const struct fz_spec fz_spec_order_close_by_number = {
    .name = "order-close-by-number",
    .method = "POST",
    .paths = {"/v3/global/transactions/out-trade-no/{out_trade_no}/close",
              "/hk/v3/transactions/out-trade-no/{out_trade_no}/close"},
    .request = fz_order_end_by_number,
    .request_size = sizeof(struct fz_order_end_params),
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

const struct fz_endpoint fz_endpoint_order_close_by_number = {
    .spec = &fz_spec_order_close_by_number,
    .work = work,
};
