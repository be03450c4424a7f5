/* Reverse a payment-code order by its WeChat Pay transaction ID: it was paid, and the payer gets it back. */
#include "api/order/end.h"
#include "book/refund/reverse.h"

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    (void)out;
    return fz_order_end(tx, call, params, fz_payment_reverse);
}

const struct fz_spec fz_spec_order_reverse_by_id = {
    .name = "order-reverse-by-id",
    .method = "POST",
    .paths = {"/v3/global/micropay/transactions/id/{transaction_id}/reverse",
              "/hk/v3/transactions/id/{transaction_id}/reverse"},
    .request = fz_order_end_by_id,
    .request_size = sizeof(struct fz_order_end_params),
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

const struct fz_endpoint fz_endpoint_order_reverse_by_id = {
    .spec = &fz_spec_order_reverse_by_id,
    .work = work,
};
