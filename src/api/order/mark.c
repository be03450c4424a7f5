/* Mark a transaction as one whose funds are to be distributed, before its order is placed. */
#include "api/merchant/identity.h"

struct params {
    const char *sub_mchid, *out_trade_no, *currency;
};

static const struct fz_member parameters[] = {
    FZ_SUB_MCHID_PARAMETER(FZ_IN_BODY, FZ_INSTITUTIONAL, offsetof(struct params, sub_mchid)),
    FZ_OUT_TRADE_NO_PARAMETER(FZ_IN_BODY, FZ_BOTH, 6, offsetof(struct params, out_trade_no)),
    {.name = "currency",
     .place = FZ_IN_BODY,
     .kind = FZ_STRING,
     .required = FZ_BOTH,
     .min = 1,
     .max = 10,
     .offset = offsetof(struct params, currency),
     .meaning = "Currency of the order: CNY"},
    {0},
};

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    (void)out;
    const struct params *in = params;
    struct fz_party party;
    enum fz_result result = fz_party_of_sharing(tx, call, in->sub_mchid, &party);
    if (result == FZ_OK && party.penalised)
        result = fz_refuse(tx->error, FZ_NO_AUTH_RECEIVER);
    if (result == FZ_OK)
        result = fz_payment_mark(tx, &party, in->out_trade_no, in->currency);
    return result;
}

const struct fz_spec fz_spec_mark = {
    .name = "mark",
    .method = "POST",
    .paths = {"/v3/global/profit-sharing/transactions/mark"},
    .request = parameters,
    .request_size = sizeof(struct params),
    .status = 204,
    .writes = true,
    .example = {
        .body = FZ_JSON({"sub_mchid": "1900000109", "out_trade_no": "N20260105100000", "currency": "CNY"}),
    },
    .title = "Mark a transaction for funds distribution",
    .document = "https://pay.weixin.qq.com/wiki/doc/api_external/en/apis/chapter4_1_1.shtml",
};

const struct fz_endpoint fz_endpoint_mark = {
    .spec = &fz_spec_mark,
    .work = work,
};
