/* The JSON of a receiver. The name is not in it: it came sealed, and nobody asks for it back. */
#include "api/distribution/receiver_json.h"

#include <string.h>

static const char *const state_words[] = {"INIT", "EFFECTIVE", "FAILED", NULL};
const char *const fz_receiver_type_words[] = {"MERCHANT_ID", "PERSONAL_OPENID", "PERSONAL_SUB_OPENID", NULL};
const char *const fz_relation_type_words[] = {
    "SUPPLIER", "DISTRIBUTOR", "TAX_SERVICE_PROVIDER", "IT_SERVICE_PROVIDER", "SERVICE_PROVIDER",
    "CUSTOM",   NULL};

const struct fz_field fz_receiver_fields[] = {
    {"sub_mchid", FZ_STRING, 32, false, NULL, "Sub-merchant ID; in Institutional mode"},
    {"type", FZ_STRING, 32, true, fz_receiver_type_words, "Receiver's type"},
    {"account", FZ_STRING, 64, true, NULL, "Receiver's account"},
    {"relation_type", FZ_STRING, 32, true, fz_relation_type_words, "Relation to the merchant"},
    {"custom_relation", FZ_STRING, 10, false, NULL, "The relation in words; with CUSTOM"},
    {"scene", FZ_STRING, 128, false, NULL, "How the distribution is used"},
    {"major_service", FZ_STRING, 128, false, NULL, "Receiver's main business"},
    {"expected_ratio", FZ_INTEGER, 0, false, NULL, "Expected share, in 1/10 000"},
    {"application_file_id", FZ_STRING, 128, false, NULL, "Application letter"},
    {"partnership_file_id", FZ_STRING, 128, false, NULL, "Proof of the cooperation"},
    {"state", FZ_STRING, 16, true, state_words, "EFFECTIVE after the audit"},
    {"fail_reason", FZ_STRING, 64, false, NULL, "Why the audit failed; with FAILED"},
    {"fail_description", FZ_STRING, 256, false, NULL, "The same in more words; with FAILED"},
    {0},
};

enum fz_result fz_receiver_check_appid(struct fz_error *error, const char *type, const char *appid,
                                       const char *sub_appid)
{
    bool lacks = (strcmp(type, "PERSONAL_OPENID") == 0 && appid == NULL) ||
                 (strcmp(type, "PERSONAL_SUB_OPENID") == 0 && sub_appid == NULL);
    return lacks ? fz_refuse(error, FZ_DISTRIBUTION_APPID) : FZ_OK;
}

void fz_receiver_answer(const struct fz_call *call, const void *params, const void *out, struct fz_json *json)
{
    const struct fz_receiver *receiver = out;
    (void)call;
    (void)params;
    fz_json_object(json, NULL);
    fz_json_given(json, "sub_mchid", receiver->sub_mchid);
    fz_json_string(json, "type", receiver->type);
    fz_json_string(json, "account", receiver->account);
    fz_json_string(json, "relation_type", receiver->relation_type);
    fz_json_given(json, "custom_relation", receiver->custom_relation);
    fz_json_given(json, "scene", receiver->scene);
    fz_json_given(json, "major_service", receiver->major_service);
    fz_json_given(json, "application_file_id", receiver->application_file_id);
    fz_json_given(json, "partnership_file_id", receiver->partnership_file_id);
    fz_json_string(json, "state", state_words[receiver->state - FZ_RECEIVER_INIT]);
    fz_json_given(json, "fail_reason", receiver->fail_reason);
    fz_json_given(json, "fail_description", receiver->fail_description);
    if (receiver->expected_ratio >= 0)
        fz_json_integer(json, "expected_ratio", receiver->expected_ratio);
    fz_json_end_object(json);
}
