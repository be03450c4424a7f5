/* Query the result of adding a receiver. */
#include "api/distribution/receiver_json.h"
#include "api/merchant/identity.h"

struct params {
    const char *account, *sub_mchid, *appid, *sub_appid, *type, *transaction_id;
};

#define APPID(parameter_name, in_modes, said)                                                                \
    {                                                                                                        \
        .name = #parameter_name, .place = FZ_IN_QUERY, .kind = FZ_STRING, .only = in_modes, .min = 1,       \
        .max = 32, .letters = FZ_NUMBER_LETTERS, .offset = offsetof(struct params, parameter_name),          \
        .meaning = said                                                                                      \
    }

static const struct fz_member parameters[] = {
    FZ_RECEIVER_ACCOUNT_PARAMETER(FZ_IN_PATH, offsetof(struct params, account)),
    FZ_SUB_MCHID_PARAMETER(FZ_IN_QUERY, FZ_INSTITUTIONAL, offsetof(struct params, sub_mchid)),
    APPID(appid, FZ_BOTH, "As added; the account alone finds the receiver"),
    APPID(sub_appid, FZ_INSTITUTIONAL, "As added; the account alone finds the receiver"),
    FZ_RECEIVER_TYPE_PARAMETER(FZ_IN_QUERY, FZ_NEVER, offsetof(struct params, type)),
    /* No page has it, but clients that are made from the vendor's OpenAPI description send it. */
    {.name = "transaction_id",
     .place = FZ_IN_QUERY,
     .kind = FZ_STRING,
     .min = 1,
     .max = 32,
     .offset = offsetof(struct params, transaction_id),
     .meaning = "Of no effect"},
    {0},
};

/* Without a type, the first kind that has the account. */
static enum fz_result find(struct fz_tx *tx, const struct fz_party *party, const struct params *in,
                           struct fz_receiver *out)
{
    if (in->type != NULL)
        return fz_receiver_find(tx, party->caller, party->sub_mchid, in->type, in->account, out);
    enum fz_result result = FZ_ABSENT;
    for (const char *const *type = fz_receiver_type_words; *type != NULL && result == FZ_ABSENT; type++)
        result = fz_receiver_find(tx, party->caller, party->sub_mchid, *type, in->account, out);
    return result;
}

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    const struct params *in = params;
    struct fz_party party;
    enum fz_result result = fz_party_of_sharing(tx, call, in->sub_mchid, &party);
    if (result != FZ_OK)
        return result;
    result = find(tx, &party, in, out);
    return result == FZ_ABSENT ? fz_refuse(tx->error, FZ_RECEIVER_UNKNOWN) : result;
}

const struct fz_spec fz_spec_receiver_query = {
    .name = "receiver-query",
    .method = "GET",
    .paths = {"/v3/global/profit-sharing/receivers/{account}"},
    .request = parameters,
    .fields = fz_receiver_fields,
    .request_size = sizeof(struct params),
    .status = 200,
    .example = {
        .parameters = FZ_JSON({"account": "1900000130", "sub_mchid": "1900000109", "type": "MERCHANT_ID"}),
        .answer = FZ_JSON({"sub_mchid": "1900000109", "type": "MERCHANT_ID", "account": "1900000130",
                          "relation_type": "SUPPLIER", "state": "EFFECTIVE"}),
    },
    .title = "Query the result of adding a receiver",
    .document = "https://pay.weixin.qq.com/wiki/doc/api_external/ch/apis/chapter4_1_7.shtml",
};

const struct fz_endpoint fz_endpoint_receiver_query = {
    .spec = &fz_spec_receiver_query,
    .out_size = sizeof(struct fz_receiver),
    .work = work,
    .answer = fz_receiver_answer,
};
