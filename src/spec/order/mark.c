/* Mark a transaction as one whose funds are to be distributed, before its order is placed. */
#include "spec/common/merchants.h"
#include "spec/order/order.h"

static const struct fz_member fz_mark_request_members[] = {
    FZ_SUB_MCHID_ROW(fz_mark_request, FZ_IN_BODY, FZ_INSTITUTIONAL),
    FZ_OUT_TRADE_NO_ROW(fz_mark_request, FZ_IN_BODY, FZ_BOTH, 6),
    FZ_TEXT(fz_mark_request, currency, 10, .required = FZ_BOTH, .meaning = "Currency of the order: CNY"),
    {0},
};

const struct fz_spec fz_spec_mark = {
    .name = "mark",
    .method = "POST",
    .paths = {"/v3/global/profit-sharing/transactions/mark"},
    FZ_REQUEST(fz_mark_request),
    .status = 204,
    .writes = true,
    .example = {
        .body = FZ_JSON({"sub_mchid": "1900000109", "out_trade_no": "N20260105100000", "currency": "CNY"}),
    },
    .title = "Mark a transaction for funds distribution",
    .document = "https://pay.weixin.qq.com/wiki/doc/api_external/en/apis/chapter4_1_1.shtml",
};
