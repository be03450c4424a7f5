/* Delete a receiver: the relation ends. What it was already given stays given. */
#include "spec/distribution/rows.h"

static const struct fz_member fz_receiver_delete_request_members[] = {
    FZ_SUB_MCHID_ROW(fz_receiver_delete_request, FZ_IN_BODY, FZ_INSTITUTIONAL),
    FZ_RECEIVER_APPID_ROWS(fz_receiver_delete_request),
    FZ_RECEIVER_TYPE_ROW(fz_receiver_delete_request, FZ_IN_BODY, FZ_BOTH),
    FZ_RECEIVER_ACCOUNT_ROW(fz_receiver_delete_request, FZ_IN_BODY),
    {0},
};

const struct fz_spec fz_spec_receiver_delete = {
    .name = "receiver-delete",
    .method = "DELETE",
    .paths = {"/v3/global/profit-sharing/receivers"},
    FZ_REQUEST(fz_receiver_delete_request),
    .status = 204,
    .writes = true,
    .found_by = &fz_spec_receiver_query,
    .found_gone = true,
    .example = {
        .body = FZ_JSON({"sub_mchid": "1900000109", "type": "MERCHANT_ID", "account": "1900000130"}),
    },
    .title = "Delete a receiver",
    .document = "https://pay.weixin.qq.com/wiki/doc/api_external/ch/apis/chapter4_1_8.shtml",
};
