/* The JSON of a receiver. The name is not in it: it came sealed, and nobody asks for it back. */
#include "api/receiver_json.h"

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

static const char *text_or_null(const char *text)
{
    return text[0] == '\0' ? NULL : text;
}

json_t *fz_receiver_answer(const struct fz_call *call, const void *params, const void *out)
{
    const struct fz_receiver *receiver = out;
    (void)call;
    (void)params;
    json_t *json = json_pack(
        "{s:s*, s:s, s:s, s:s, s:s*, s:s*, s:s*, s:s*, s:s*, s:s, s:s*, s:s*}", "sub_mchid",
        text_or_null(receiver->sub_mchid), "type", receiver->type, "account", receiver->account,
        "relation_type", receiver->relation_type, "custom_relation", text_or_null(receiver->custom_relation),
        "scene", text_or_null(receiver->scene), "major_service", text_or_null(receiver->major_service),
        "application_file_id", text_or_null(receiver->application_file_id), "partnership_file_id",
        text_or_null(receiver->partnership_file_id), "state", state_words[receiver->state - FZ_RECEIVER_INIT],
        "fail_reason", text_or_null(receiver->fail_reason), "fail_description",
        text_or_null(receiver->fail_description));
    if (json == NULL || receiver->expected_ratio < 0 ||
        json_object_set_new(json, "expected_ratio", json_integer(receiver->expected_ratio)) == 0)
        return json;
    json_decref(json);
    return NULL;
}
