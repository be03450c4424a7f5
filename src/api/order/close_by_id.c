/* Close an order by its WeChat Pay transaction ID. An order has one from its payment on, so this tells
 * whether it is paid; one that is not is closed by the merchant order number. */
#include "api/order/end.h"

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    (void)out;
    return fz_order_end(tx, call, params, fz_payment_close);
}

const struct fz_spec fz_spec_order_close_by_id = {
    .name = "order-close-by-id",
    .method = "POST",
    .paths = {"/v3/global/transactions/id/{transaction_id}/close",
              "/hk/v3/transactions/id/{transaction_id}/close"},
    .request = fz_order_end_by_id,
    .request_size = sizeof(struct fz_order_end_params),
    .status = 204,
    .writes = true,
    .example = {
        .parameters = FZ_JSON({"transaction_id": "4208450740201411110007820472"}),
        .body = FZ_JSON({"sp_mchid": "1900000100", "sub_mchid": "1900000109"}),
    },
    .title = "Close an order by its WeChat Pay transaction ID",
    .document = "https://pay.weixin.qq.com/doc/global/v3/en/4012356484",
};

const struct fz_endpoint fz_endpoint_order_close_by_id = {
    .spec = &fz_spec_order_close_by_id,
    .work = work,
};
