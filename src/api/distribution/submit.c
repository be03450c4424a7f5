/* Request a funds distribution: slices of a marked order's money to receivers, and, if asked for, the rest to
 * the sponsor. */
#include <stdio.h>
#include <string.h>

#include "api/distribution/json.h"
#include "api/distribution/receiver_json.h"

struct receiver {
    const char *currency, *type, *account, *name, *description;
    bool authorized;
    int64_t amount;
};

struct params {
    const char *sub_mchid, *appid, *sub_appid, *transaction_id, *out_order_no;
    struct fz_items receivers;
    bool unfreeze_unsplit;
};

static const char *const currencies[] = {"CNY", NULL};

static const struct fz_member receiver_members[] = {
    {.name = "currency",
     .place = FZ_IN_BODY,
     .kind = FZ_STRING,
     .required = FZ_BOTH,
     .min = 3,
     .max = 3,
     .words = currencies,
     .offset = offsetof(struct receiver, currency),
     .meaning = "Currency of the slice"},
    FZ_RECEIVER_TYPE_PARAMETER(FZ_IN_BODY, FZ_BOTH, offsetof(struct receiver, type)),
    FZ_RECEIVER_ACCOUNT_PARAMETER(FZ_IN_BODY, offsetof(struct receiver, account)),
    FZ_RECEIVER_NAME_PARAMETERS(struct receiver, "Person's name, to be checked"),
    {.name = "amount",
     .place = FZ_IN_BODY,
     .kind = FZ_INTEGER,
     .required = FZ_BOTH,
     .min = 1,
     .max = FZ_AMOUNT_MAX,
     .offset = offsetof(struct receiver, amount),
     .meaning = "Amount of the slice, in fen"},
    FZ_SLICE_DESCRIPTION_PARAMETER(offsetof(struct receiver, description)),
    {0},
};

static const struct fz_member parameters[] = {
    FZ_SUB_MCHID_PARAMETER(FZ_IN_BODY, FZ_INSTITUTIONAL, offsetof(struct params, sub_mchid)),
    FZ_RECEIVER_APPID_PARAMETERS(struct params),
    FZ_TRANSACTION_ID_PARAMETER(FZ_IN_BODY, FZ_BOTH, offsetof(struct params, transaction_id)),
    FZ_OUT_ORDER_NO_PARAMETER(FZ_IN_BODY, offsetof(struct params, out_order_no)),
    {.name = "receivers",
     .place = FZ_IN_BODY,
     .kind = FZ_ARRAY,
     .max = FZ_RECEIVERS_MAX,
     .members = receiver_members,
     .size = sizeof(struct receiver),
     .offset = offsetof(struct params, receivers),
     .count = offsetof(struct params, receivers.count),
     .meaning = "Who gets what; may be left out where only the rest is to be released"},
    {.name = "unfreeze_unsplit",
     .place = FZ_IN_BODY,
     .kind = FZ_BOOLEAN,
     .required = FZ_BOTH,
     .offset = offsetof(struct params, unfreeze_unsplit),
     .meaning = "true: the rest goes to the sponsor, and no further distribution is possible"},
    {0},
};

static enum fz_result refuse_twice(const struct fz_call *call, size_t place, const char *account)
{
    char field[48];
    snprintf(field, sizeof field, "/receivers/%zu/account", place);
    return fz_refuse_at(call->error, FZ_PARAM_ERROR, "body", field, account,
                        FZ_ISSUE_RECEIVER_TWICE);
}

static enum fz_result check(struct fz_call *call, void *params)
{
    const struct params *in = params;
    const struct receiver *receivers = in->receivers.items;
    if (in->receivers.count == 0 && !in->unfreeze_unsplit)
        return fz_refuse_at(call->error, FZ_PARAM_ERROR, "body", "/receivers", NULL,
                            FZ_ISSUE_REQUIRED_UNLESS_UNFREEZE);
    for (size_t i = 1; i < in->receivers.count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(receivers[i].account, receivers[j].account) == 0 &&
                strcmp(receivers[i].type, receivers[j].type) == 0)
                return refuse_twice(call, i, receivers[i].account);
    return FZ_OK;
}

static struct fz_distribution_request request_of(const struct fz_call *call, const struct params *in)
{
    struct fz_distribution_request request = {
        .transaction_id = in->transaction_id,
        .out_order_no = in->out_order_no,
        .appid = in->appid,
        .sub_appid = in->sub_appid,
        .unfreeze_unsplit = in->unfreeze_unsplit,
        .count = in->receivers.count,
    };
    const struct receiver *receivers = in->receivers.items;
    for (size_t i = 0; i < in->receivers.count; i++)
        request.slices[i] = (struct fz_slice_request){.type = receivers[i].type,
                                                      .account = receivers[i].account,
                                                      .description = receivers[i].description,
                                                      .name = receivers[i].name,
                                                      .amount = receivers[i].amount};
    memcpy(request.digest, call->digest, sizeof request.digest);
    return request;
}

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    struct fz_distribution_request request = request_of(call, params);
    struct fz_party party;
    enum fz_result result = fz_party_of_sharing(tx, call, ((const struct params *)params)->sub_mchid, &party);
    return result == FZ_OK ? fz_distribution_submit(tx, &party, &request, out) : result;
}

const struct fz_spec fz_spec_distribution_submit = {
    .name = "distribution-submit",
    .method = "POST",
    .paths = {"/v3/global/profit-sharing/orders"},
    .request = parameters,
    .fields = fz_distribution_fields,
    .request_size = sizeof(struct params),
    .status = 200,
    .writes = true,
    .example = {
        .body = FZ_JSON({"sub_mchid": "1900000109", "transaction_id": "4208450740201411110007820472",
                        "out_order_no": "D20260105100000", "receivers": [{"type": "MERCHANT_ID",
                        "account": "1900000130", "amount": 100, "currency": "CNY",
                        "description": "The supplier's share"}], "unfreeze_unsplit": false}),
        .answer = FZ_JSON({"sub_mchid": "1900000109", "transaction_id": "4208450740201411110007820472",
                          "out_order_no": "D20260105100000", "order_id": "3000202601050000000063144562779",
                          "state": "PROCESSING", "receivers": [{"currency": "CNY", "amount": 100,
                          "description": "The supplier's share", "type": "MERCHANT_ID", "account": "1900000130",
                          "result": "PENDING", "create_time": "2026-01-05T10:00:00.000+08:00",
                          "detail_id": "3600202601050000000081894377344", "settlement_currency": "USD",
                          "settlement_amount": 15, "rate": 650000000}]}),
    },
    .title = "Request a funds distribution",
    .document = "https://pay.weixin.qq.com/wiki/doc/api_external/en/apis/chapter4_1_2.shtml",
};

const struct fz_endpoint fz_endpoint_distribution_submit = {
    .spec = &fz_spec_distribution_submit,
    .out_size = sizeof(struct fz_distribution),
    .check = check,
    .work = work,
    .answer = fz_distribution_answer,
};
