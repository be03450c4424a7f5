/* Query the remaining funds amount to be distributed (S-AMT). */
#include "api/merchant/identity.h"

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
    {"unsplit_amount", FZ_INTEGER, 0, true, NULL, "Remaining funds amount to be distributed, in fen"},
    {"currency", FZ_STRING, 10, true, (const char *const[]){"CNY", NULL}, "Currency of the amount"},
    {0},
};

/* S-AMT describes these refusals in other words than the documents beside it. */
static enum fz_row in_its_words(enum fz_row row)
{
    switch (row) {
    case FZ_NO_AUTH_CONTRACT:
        return FZ_AMOUNTS_NO_CONTRACT;
    case FZ_NO_AUTH_WAITING:
        return FZ_AMOUNTS_WAITING;
    case FZ_NO_AUTH_CHILD:
        return FZ_AMOUNTS_CHILD;
    default:
        return row;
    }
}

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    const struct params *in = params;
    struct fz_party party;
    enum fz_result result = fz_party_of_sharing(tx, call, in->sub_mchid, &party);
    if (result == FZ_REFUSED)
        return fz_refuse(tx->error, in_its_words(tx->error->row));
    return result == FZ_OK ? fz_payment_for_distribution(tx, &party, in->transaction_id, out) : result;
}

static void answer(const struct fz_call *call, const void *params, const void *out, struct fz_json *json)
{
    const struct fz_payment *payment = out;
    (void)call;
    (void)params;
    fz_json_object(json, NULL);
    fz_json_string(json, "currency", payment->currency);
    fz_json_string(json, "transaction_id", payment->transaction_id);
    fz_json_integer(json, "unsplit_amount", payment->distributable);
    fz_json_end_object(json);
}

const struct fz_spec fz_spec_transaction_amounts = {
    .name = "transaction-amounts",
    .method = "GET",
    .paths = {"/v3/global/profit-sharing/transactions/{transaction_id}/amounts"},
    .request = parameters,
    .fields = fields,
    .request_size = sizeof(struct params),
    .status = 200,
    .example = {
        .parameters = FZ_JSON({"transaction_id": "4208450740201411110007820472", "sub_mchid": "1900000109"}),
        .answer = FZ_JSON({"currency": "CNY", "transaction_id": "4208450740201411110007820472",
                          "unsplit_amount": 1000}),
    },
    .title = "Query the remaining funds amount to be distributed",
    .document = "https://pay.weixin.qq.com/wiki/doc/api_external/en/apis/chapter4_1_5.shtml",
};

const struct fz_endpoint fz_endpoint_transaction_amounts = {
    .spec = &fz_spec_transaction_amounts,
    .out_size = sizeof(struct fz_payment),
    .work = work,
    .answer = answer,
};
