/* Query a single refund by its WeChat Pay number (S-RQ). */
#include "api/merchant/identity.h"
#include "api/refund/json.h"

struct params {
    struct fz_identity identity;
    const char *id;
};

static const struct fz_member parameters[] = {
    {.name = "id",
     .place = FZ_IN_PATH,
     .kind = FZ_STRING,
     .required = FZ_BOTH,
     .min = 1,
     .max = 32,
     .offset = offsetof(struct params, id),
     .meaning = "WeChat Pay refund number"},
    FZ_IDENTITY_PARAMETERS(FZ_IN_QUERY, offsetof(struct params, identity)),
    {0},
};

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    const struct params *in = params;
    struct fz_refund *refund = out;
    struct fz_party party;
    enum fz_result result = fz_party_of_refund_query(tx, call, &in->identity, &party);
    if (result == FZ_OK)
        result = fz_refund_by_refund_id(tx, &party, in->id, refund);
    if (result == FZ_ABSENT)
        return fz_refuse(tx->error, FZ_REFUND_UNKNOWN);
    if (result == FZ_OK && tx->now_ms > refund->order_success_ms + FZ_REFUND_BY_ID_MS)
        return fz_refuse(tx->error, FZ_REFUND_BY_NUMBER_ONLY);
    return result;
}

static void answer(const struct fz_call *call, const void *params, const void *out, struct fz_json *json)
{
    (void)params;
    fz_refund_json(json, out, call->old_spelling, "detail");
}

const struct fz_spec fz_spec_refund_by_id = {
    .name = "refund-by-id",
    .method = "GET",
    .paths = {"/v3/global/refunds/id/{id}", "/hk/v3/refunds/id/{id}"},
    .request = parameters,
    .fields = fz_refund_fields,
    .request_size = sizeof(struct params),
    .status = 200,
    .example = {
        .parameters = FZ_JSON({"id": "1217752501201407033233368018", "sp_mchid": "1900000100",
                              "sub_mchid": "1900000109"}),
        .answer = FZ_JSON({"id": "1217752501201407033233368018", "out_refund_no": "1217752501201407033233368018",
                          "transaction_id": "4208450740201411110007820472", "out_trade_no": "20150806125346",
                          "amount": {"refund": 2000, "currency": "CNY", "payer_refund": 2000, "payer_currency": "CNY",
                          "exchange_rate": {"type": "SETTLEMENT_RATE", "rate": 650000000}}, "channel": "ORIGINAL",
                          "recv_account": "The balance of the paying user",
                          "fund_source": "REFUND_SOURCE_UNSETTLED_FUNDS", "success_time": "2026-01-04T11:20:00+08:00",
                          "create_time": "2026-01-04T11:00:00+08:00", "status": "SUCCESS"}),
    },
    .title = "Query a single refund by its WeChat Pay refund number",
    .document = "https://pay.weixin.qq.com/wiki/doc/api_external/en/apis/chapter3_3_4.shtml",
};

const struct fz_endpoint fz_endpoint_refund_by_id = {
    .spec = &fz_spec_refund_by_id,
    .out_size = sizeof(struct fz_refund),
    .rate_class = FZ_RATE_REFUND_QUERY,
    .work = work,
    .answer = answer,
};
