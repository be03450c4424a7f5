/* Query a single refund by its WeChat Pay number (S-RQ). */
#include "api/identity.h"
#include "api/refund_json.h"

struct params {
    struct fz_identity identity;
    const char *id;
};

static const struct fz_parameter parameters[] = {
    {.name = "id",
     .place = FZ_IN_PATH,
     .kind = FZ_STRING,
     .modes = FZ_BOTH,
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

const struct fz_endpoint fz_endpoint_refund_by_id = {
    .name = "refund-by-id",
    .method = "GET",
    .paths = {"/v3/global/refunds/id/{id}", "/hk/v3/refunds/id/{id}"},
    .parameters = parameters,
    .fields = fz_refund_fields,
    .params_size = sizeof(struct params),
    .out_size = sizeof(struct fz_refund),
    .status = 200,
    .rate_class = FZ_RATE_REFUND_QUERY,
    .title = "Query a single refund by its WeChat Pay refund number",
    .document = "https://pay.weixin.qq.com/wiki/doc/api_external/en/apis/chapter3_3_4.shtml",
    .work = work,
    .answer = answer,
};
