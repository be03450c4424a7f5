/* Delete a receiver: the relation ends. What it was already given stays given. */
#include "api/distribution/receiver_json.h"

struct params {
    const char *sub_mchid, *appid, *sub_appid, *type, *account;
};

static const struct fz_member parameters[] = {
    FZ_SUB_MCHID_PARAMETER(FZ_IN_BODY, FZ_INSTITUTIONAL, offsetof(struct params, sub_mchid)),
    FZ_RECEIVER_APPID_PARAMETERS(struct params),
    FZ_RECEIVER_TYPE_PARAMETER(FZ_IN_BODY, FZ_BOTH, offsetof(struct params, type)),
    FZ_RECEIVER_ACCOUNT_PARAMETER(FZ_IN_BODY, offsetof(struct params, account)),
    {0},
};

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    (void)out;
    const struct params *in = params;
    struct fz_party party;
    enum fz_result result = fz_party_of_sharing(tx, call, in->sub_mchid, &party);
    if (result == FZ_OK)
        result = fz_receiver_check_appid(tx->error, in->type, in->appid, in->sub_appid);
    if (result == FZ_OK)
        result = fz_receiver_delete(tx, party.caller, party.sub_mchid, in->type, in->account);
    return result == FZ_ABSENT ? fz_refuse(tx->error, FZ_RECEIVER_UNKNOWN) : result;
}

const struct fz_spec fz_spec_receiver_delete = {
    .name = "receiver-delete",
    .method = "DELETE",
    .paths = {"/v3/global/profit-sharing/receivers"},
    .request = parameters,
    .request_size = sizeof(struct params),
    .status = 204,
    .writes = true,
    .example = {
        .body = FZ_JSON({"sub_mchid": "1900000109", "type": "MERCHANT_ID", "account": "1900000130"}),
    },
    .title = "Delete a receiver",
    .document = "https://pay.weixin.qq.com/wiki/doc/api_external/ch/apis/chapter4_1_8.shtml",
};

const struct fz_endpoint fz_endpoint_receiver_delete = {
    .spec = &fz_spec_receiver_delete,
    .work = work,
};
