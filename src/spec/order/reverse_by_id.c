/* Reverse a payment-code order by its WeChat Pay transaction ID: it was paid, and the payer gets it back. */
#include "spec/order/order.h"

const struct fz_spec fz_spec_order_reverse_by_id = {
    .name = "order-reverse-by-id",
    .method = "POST",
    .paths = {"/v3/global/micropay/transactions/id/{transaction_id}/reverse",
              "/hk/v3/transactions/id/{transaction_id}/reverse"},
    FZ_REQUEST_BY(fz_order_by_id_request, fz_order_end_by_id_members),
    .status = 204,
    .writes = true,
    .example = {
        .parameters = FZ_JSON({"transaction_id": "4200202601050000000076471115"}),
        .body = FZ_JSON({"sp_mchid": "1900000100", "sub_mchid": "1900000109"}),
        .after = "order-micropay",
    },
    .title = "Reverse a payment-code order by its WeChat Pay transaction ID",
    .document = "https://pay.weixin.qq.com/wiki/doc/api_external/en/apis/chapter3_1_7.shtml",
};
