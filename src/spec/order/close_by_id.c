/* Close an order by its WeChat Pay transaction ID. An order has one from its payment on, so this tells
 * whether it is paid; one that is not is closed by the merchant order number. */
#include "spec/order/order.h"

const struct fz_spec fz_spec_order_close_by_id = {
    .name = "order-close-by-id",
    .method = "POST",
    .paths = {"/v3/global/transactions/id/{transaction_id}/close",
              "/hk/v3/transactions/id/{transaction_id}/close"},
    FZ_REQUEST_BY(fz_order_by_id_request, fz_order_end_by_id_members),
    .status = 204,
    .writes = true,
    .example = {
        .parameters = FZ_JSON({"transaction_id": "4208450740201411110007820472"}),
        .body = FZ_JSON({"sp_mchid": "1900000100", "sub_mchid": "1900000109"}),
    },
    .title = "Close an order by its WeChat Pay transaction ID",
    .document = "https://pay.weixin.qq.com/doc/global/v3/en/4012356484",
};
