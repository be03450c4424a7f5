/* A receiver as requests name it, and as it is answered. */
#include "api/distribution/receiver.h"

#include <string.h>

enum fz_result fz_receiver_check_appid(struct fz_error *error, const char *type, const char *appid,
                                       const char *sub_appid)
{
    bool lacks = (strcmp(type, FZ_TYPE_OPENID) == 0 && appid == NULL) ||
                 (strcmp(type, FZ_TYPE_SUB_OPENID) == 0 && sub_appid == NULL);
    return lacks ? fz_refuse(error, FZ_DISTRIBUTION_APPID) : FZ_OK;
}

void fz_receiver_answer(struct fz_receiver_out *out)
{
    const struct fz_receiver *receiver = &out->receiver;
    out->answer = (struct fz_receiver_answer){
        .sub_mchid = fz_given(receiver->sub_mchid),
        .type = receiver->type,
        .account = receiver->account,
        .relation_type = receiver->relation_type,
        .custom_relation = fz_given(receiver->custom_relation),
        .scene = fz_given(receiver->scene),
        .major_service = fz_given(receiver->major_service),
        .has_expected_ratio = receiver->expected_ratio >= 0,
        .expected_ratio = receiver->expected_ratio,
        .application_file_id = fz_given(receiver->application_file_id),
        .partnership_file_id = fz_given(receiver->partnership_file_id),
        .state = fz_receiver_state_words[receiver->state - FZ_RECEIVER_INIT],
        .fail_reason = fz_given(receiver->fail_reason),
        .fail_description = fz_given(receiver->fail_description),
    };
}
