/* Reverse a payment-code order by the merchant order number: nobody pays it any more, and what was paid goes
 * back. */
#include "api/order/end.h"
#include "book/refund/reverse.h"

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    (void)out;
    return fz_order_end(tx, call, params, fz_payment_reverse);
}

const struct fz_spec fz_spec_order_reverse_by_number = {
    .name = "order-reverse-by-number",
    .method = "POST",
    .paths = {"/v3/global/micropay/transactions/out-trade-no/{out_trade_no}/reverse",
              "/hk/v3/transactions/out-trade-no/{out_trade_no}/reverse"},
    .request = fz_order_end_by_number,
    .request_size = sizeof(struct fz_order_end_params),
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

const struct fz_endpoint fz_endpoint_order_reverse_by_number = {
    .spec = &fz_spec_order_reverse_by_number,
    .work = work,
};
