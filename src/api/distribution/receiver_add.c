/* Add a receiver: a relation of this merchant (or sub-merchant) to it, usable after its audit. */
#include <string.h>

#include "api/distribution/receiver_json.h"

struct params {
    const char *sub_mchid, *appid, *sub_appid, *type, *account, *name;
    bool authorized;
    const char *relation_type, *custom_relation, *scene, *major_service;
    int64_t expected_ratio;
    const char *application_file_id, *partnership_file_id;
};

#define TEXT(parameter_name, longest, which_letters, said)                                                   \
    {                                                                                                        \
        .name = #parameter_name, .place = FZ_IN_BODY, .kind = FZ_STRING, .min = 1,         \
        .max = longest, .letters = which_letters, .offset = offsetof(struct params, parameter_name),         \
        .meaning = said                                                                                      \
    }

static const struct fz_member parameters[] = {
    FZ_SUB_MCHID_PARAMETER(FZ_IN_BODY, FZ_INSTITUTIONAL, offsetof(struct params, sub_mchid)),
    FZ_RECEIVER_APPID_PARAMETERS(struct params),
    FZ_RECEIVER_TYPE_PARAMETER(FZ_IN_BODY, FZ_BOTH, offsetof(struct params, type)),
    FZ_RECEIVER_ACCOUNT_PARAMETER(FZ_IN_BODY, offsetof(struct params, account)),
    FZ_RECEIVER_NAME_PARAMETERS(struct params, "Full name of merchant or person"),
    {.name = "relation_type",
     .place = FZ_IN_BODY,
     .kind = FZ_STRING,
     .required = FZ_BOTH,
     .min = 1,
     .max = 32,
     .words = fz_relation_type_words,
     .offset = offsetof(struct params, relation_type),
     .meaning = "Relation to the merchant"},
    TEXT(custom_relation, 10, FZ_ANY_TEXT, "The relation in words; required with CUSTOM"),
    TEXT(scene, 128, FZ_ANY_TEXT, "How the distribution is used"),
    TEXT(major_service, 128, FZ_ANY_TEXT, "Receiver's main business"),
    {.name = "expected_ratio",
     .place = FZ_IN_BODY,
     .kind = FZ_INTEGER,
     .min = 1,
     .max = 10000,
     .offset = offsetof(struct params, expected_ratio),
     .meaning = "Expected share, in 1/10 000"},
    TEXT(application_file_id, 128, FZ_NUMBER_LETTERS, "Application letter"),
    TEXT(partnership_file_id, 128, FZ_NUMBER_LETTERS, "Proof of the cooperation"),
    {0},
};

static enum fz_result check(struct fz_call *call, void *params)
{
    const struct params *in = params;
    if (strcmp(in->relation_type, "CUSTOM") == 0 && in->custom_relation == NULL)
        return fz_refuse_at(call->error, FZ_PARAM_ERROR, "body", "/custom_relation", NULL,
                            FZ_ISSUE_REQUIRED_WITH_CUSTOM);
    return FZ_OK;
}

static void fill(const struct fz_party *party, const struct params *in, struct fz_receiver *receiver)
{
#define COPY(field, text) fz_copy(receiver->field, sizeof receiver->field, text)
    COPY(caller, party->caller);
    COPY(sub_mchid, party->sub_mchid);
    COPY(type, in->type);
    COPY(account, in->account);
    COPY(appid, in->appid);
    COPY(sub_appid, in->sub_appid);
    COPY(name, in->name);
    COPY(relation_type, in->relation_type);
    COPY(custom_relation, in->custom_relation);
    COPY(scene, in->scene);
    COPY(major_service, in->major_service);
    COPY(application_file_id, in->application_file_id);
    COPY(partnership_file_id, in->partnership_file_id);
#undef COPY
    receiver->expected_ratio = in->expected_ratio == 0 ? -1 : in->expected_ratio;
}

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    const struct params *in = params;
    struct fz_party party;
    enum fz_result result = fz_party_of_sharing(tx, call, in->sub_mchid, &party);
    if (result == FZ_OK && party.penalised)
        result = fz_refuse(tx->error, FZ_NO_AUTH_RECEIVER);
    if (result == FZ_OK)
        result = fz_receiver_check_appid(tx->error, in->type, in->appid, in->sub_appid);
    if (result != FZ_OK)
        return result;
    fill(&party, in, out);
    return fz_receiver_add(tx, out);
}

const struct fz_spec fz_spec_receiver_add = {
    .name = "receiver-add",
    .method = "POST",
    .paths = {"/v3/global/profit-sharing/receivers"},
    .request = parameters,
    .fields = fz_receiver_fields,
    .request_size = sizeof(struct params),
    .status = 200,
    .writes = true,
    .example = {
        .body = FZ_JSON({"sub_mchid": "1900000109", "type": "MERCHANT_ID", "account": "1900000334",
                        "relation_type": "SUPPLIER"}),
        .answer = FZ_JSON({"sub_mchid": "1900000109", "type": "MERCHANT_ID", "account": "1900000334",
                          "relation_type": "SUPPLIER", "state": "INIT"}),
    },
    .title = "Add a receiver",
    .document = "https://pay.weixin.qq.com/wiki/doc/api_external/ch/apis/chapter4_1_6.shtml",
};

const struct fz_endpoint fz_endpoint_receiver_add = {
    .spec = &fz_spec_receiver_add,
    .out_size = sizeof(struct fz_receiver),
    .check = check,
    .work = work,
    .answer = fz_receiver_answer,
};
