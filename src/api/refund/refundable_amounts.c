/* Query the remaining refundable amount of an order: from its own funds, and with the advance balance. */
#include "api/merchant/identity.h"
#include "book/order/share.h"

struct params {
    const char *transaction_id, *sub_mchid;
};

static const struct fz_member parameters[] = {
    FZ_TRANSACTION_ID_PARAMETER(FZ_IN_PATH, FZ_BOTH, offsetof(struct params, transaction_id)),
    FZ_SUB_MCHID_PARAMETER(FZ_IN_QUERY, FZ_INSTITUTIONAL, offsetof(struct params, sub_mchid)),
    {0},
};

static const struct fz_field fields[] = {
    {"transaction_id", FZ_STRING, 32, true, NULL, "WeChat Pay transaction ID"},
    {"refundable_amount", FZ_INTEGER, 0, true, NULL,
     "What can be refunded out of the order's own funds, in fen, fee included"},
    {"funds_refundable_amount", FZ_INTEGER, 0, false, NULL,
     "What can further be refunded with the advance balance alone, in fen"},
    {"currency", FZ_STRING, 10, true, (const char *const[]){"CNY", NULL}, "Currency of the amounts"},
    {0},
};

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    const struct params *in = params;
    struct fz_party party;
    enum fz_result result = fz_party_of_sharing(tx, call, in->sub_mchid, &party);
    return result == FZ_OK ? fz_payment_for_distribution(tx, &party, in->transaction_id, out) : result;
}

static void answer(const struct fz_call *call, const void *params, const void *out, struct fz_json *json)
{
    const struct fz_payment *payment = out;
    (void)call;
    (void)params;
    fz_json_object(json, NULL);
    fz_json_string(json, "transaction_id", payment->transaction_id);
    fz_json_integer(json, "refundable_amount", fz_share_refundable(payment));
    fz_json_string(json, "currency", payment->currency);
    fz_json_integer(json, "funds_refundable_amount", fz_share_funds_refundable(payment));
    fz_json_end_object(json);
}

const struct fz_spec fz_spec_refundable_amounts = {
    .name = "refundable-amounts",
    .method = "GET",
    .paths = {"/v3/global/profit-sharing/transactions/{transaction_id}/refundable-amounts"},
    .request = parameters,
    .fields = fields,
    .request_size = sizeof(struct params),
    .status = 200,
    .example = {
        .parameters = FZ_JSON({"transaction_id": "4208450740201411110007820472", "sub_mchid": "1900000109"}),
        .answer = FZ_JSON({"transaction_id": "4208450740201411110007820472", "refundable_amount": 1006,
                          "currency": "CNY", "funds_refundable_amount": 1994}),
    },
    .title = "Query the remaining refundable amount",
    .document = "https://pay.weixin.qq.com/doc/global/v3/en/4012356915",
};

const struct fz_endpoint fz_endpoint_refundable_amounts = {
    .spec = &fz_spec_refundable_amounts,
    .out_size = sizeof(struct fz_payment),
    .work = work,
    .answer = answer,
};
