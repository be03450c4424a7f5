/* Query the real-time balance available for advance refund (S-BAL): today's released money that is not yet
 * converted. */
#include "api/merchant/identity.h"
#include "book/settlement/pool.h"

struct params {
    const char *sub_mchid;
};

struct out {
    int64_t balance; /* fen */
};

static const struct fz_member parameters[] = {
    FZ_SUB_MCHID_PARAMETER(FZ_IN_QUERY, FZ_NEVER, offsetof(struct params, sub_mchid)),
    {0},
};

static const struct fz_field fields[] = {
    {"sponsor_mchid", FZ_STRING, 32, true, NULL, "Who conducts the transactions with WeChat Pay: the caller"},
    {"balance", FZ_INTEGER, 0, true, NULL, "What an advance refund can draw now, in fen"},
    {"currency", FZ_STRING, 3, true, (const char *const[]){"CNY", NULL}, "Currency of the balance"},
    {0},
};

/* The document has no parameters, and a row for a wrong parent-child relation: so a sub_mchid is taken,
 * checked, and changes nothing else. The contract that counts is the caller's own. */
static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    const struct params *in = params;
    struct fz_party party;
    enum fz_result result = FZ_OK;
    if (in->sub_mchid != NULL)
        result = fz_party_related(tx, call, in->sub_mchid, &party);
    if (result == FZ_OK)
        result = fz_party_of_sharing(tx, call, NULL, &party);
    if (result == FZ_OK)
        result = fz_pool_balance(tx, call->caller, FZ_POOL_OUTBOUND, &((struct out *)out)->balance);
    return result;
}

static void answer(const struct fz_call *call, const void *params, const void *out, struct fz_json *json)
{
    (void)params;
    fz_json_object(json, NULL);
    fz_json_string(json, "sponsor_mchid", call->caller);
    fz_json_integer(json, "balance", ((const struct out *)out)->balance);
    fz_json_string(json, "currency", "CNY");
    fz_json_end_object(json);
}

const struct fz_spec fz_spec_refundable_balance = {
    .name = "refundable-balance",
    .method = "GET",
    .paths = {"/v3/global/profit-sharing/refunds/refundable-balance"},
    .request = parameters,
    .fields = fields,
    .request_size = sizeof(struct params),
    .status = 200,
    .example = {
        .parameters = FZ_JSON({"sub_mchid": "1900000109"}),
        .answer = FZ_JSON({"sponsor_mchid": "1900000100", "balance": 1000, "currency": "CNY"}),
    },
    .title = "Query the real-time balance available for advance refund",
    .document = "https://pay.weixin.qq.com/doc/global/v3/en/4012356919",
};

const struct fz_endpoint fz_endpoint_refundable_balance = {
    .spec = &fz_spec_refundable_balance,
    .out_size = sizeof(struct out),
    .work = work,
    .answer = answer,
};
