/* Query a single refund by the merchant's own number (S-RQ): also when the order is older than a year. */
#include "api/merchant/identity.h"
#include "api/refund/json.h"

struct params {
    struct fz_identity identity;
    const char *out_refund_no;
};

static const struct fz_member parameters[] = {
    {.name = "out_refund_no",
     .place = FZ_IN_PATH,
     .kind = FZ_STRING,
     .required = FZ_BOTH,
     .min = 1,
     .max = 64,
     .letters = FZ_REFUND_LETTERS,
     .offset = offsetof(struct params, out_refund_no),
     .meaning = "Merchant refund number"},
    FZ_IDENTITY_PARAMETERS(FZ_IN_QUERY, offsetof(struct params, identity)),
    {0},
};

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    const struct params *in = params;
    struct fz_party party;
    enum fz_result result = fz_party_of_refund_query(tx, call, &in->identity, &party);
    if (result == FZ_OK)
        result = fz_refund_by_out_refund_no(tx, &party, in->out_refund_no, out);
    return result == FZ_ABSENT ? fz_refuse(tx->error, FZ_REFUND_UNKNOWN) : result;
}

static void answer(const struct fz_call *call, const void *params, const void *out, struct fz_json *json)
{
    (void)params;
    fz_refund_json(json, out, call->old_spelling, "detail");
}

const struct fz_spec fz_spec_refund_by_out_refund_no = {
    .name = "refund-by-out-refund-no",
    .method = "GET",
    .paths = {"/v3/global/refunds/out-refund-no/{out_refund_no}",
              "/hk/v3/refunds/out-refund-no/{out_refund_no}"},
    .request = parameters,
    .fields = fz_refund_fields,
    .request_size = sizeof(struct params),
    .status = 200,
    .example = {
        .parameters = FZ_JSON({"out_refund_no": "1217752501201407033233368018", "sp_mchid": "1900000100",
                              "sub_mchid": "1900000109"}),
        .answer = FZ_JSON({"id": "1217752501201407033233368018", "out_refund_no": "1217752501201407033233368018",
                          "transaction_id": "4208450740201411110007820472", "out_trade_no": "20150806125346",
                          "amount": {"refund": 2000, "currency": "CNY", "payer_refund": 2000, "payer_currency": "CNY",
                          "exchange_rate": {"type": "SETTLEMENT_RATE", "rate": 650000000}}, "channel": "ORIGINAL",
                          "recv_account": "The balance of the paying user",
                          "fund_source": "REFUND_SOURCE_UNSETTLED_FUNDS", "success_time": "2026-01-04T11:20:00+08:00",
                          "create_time": "2026-01-04T11:00:00+08:00", "status": "SUCCESS"}),
    },
    .title = "Query a single refund by the merchant refund number",
    .document = "https://pay.weixin.qq.com/wiki/doc/api_external/en/apis/chapter3_3_4.shtml",
};

const struct fz_endpoint fz_endpoint_refund_by_out_refund_no = {
    .spec = &fz_spec_refund_by_out_refund_no,
    .out_size = sizeof(struct fz_refund),
    .rate_class = FZ_RATE_REFUND_QUERY,
    .work = work,
    .answer = answer,
};
