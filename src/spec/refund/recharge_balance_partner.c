/* Query the recharged refund balance of an institution: its own, which serves all its sub-merchants. */
#include "spec/common/merchants.h"
#include "spec/refund/refund.h"

static const struct fz_member fz_recharge_balance_partner_request_members[] = {
    FZ_MERCHANT_ROW(fz_recharge_balance_partner_request, sub_mchid, FZ_IN_PATH, FZ_SUB_MCHID, FZ_BOTH, FZ_BOTH,
                    "Sub-merchant ID"),
    {0},
};

const struct fz_spec fz_spec_recharge_balance_partner = {
    .name = "recharge-balance-partner",
    .method = "GET",
    .paths = {"/v3/global/refund/partner/recharge-balance/sub-mchid/{sub_mchid}"},
    FZ_REQUEST(fz_recharge_balance_partner_request),
    FZ_ANSWER(fz_recharge_balance_answer),
    .status = 200,
    .example = {
        .parameters = FZ_JSON({"sub_mchid": "1900000109"}),
        .answer = FZ_JSON({"remaining_amount": 0, "currency": "USD"}),
    },
    .title = "Query the recharged refund balance of an institution",
    .document = "https://pay.weixin.qq.com/doc/global/v3/zh/4013068934",
};
