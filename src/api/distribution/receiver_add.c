/* Add a receiver: a relation of this merchant (or sub-merchant) to it, usable after its audit. */
#include <string.h>

#include "api/distribution/receiver.h"
#include "api/merchant/identity.h"

static enum fz_result check(struct fz_call *call, void *params)
{
    const struct fz_receiver_add_request *in = params;
    if (strcmp(in->relation_type, FZ_RELATION_CUSTOM) == 0 && in->custom_relation == NULL)
        return fz_refuse_at(call->error, FZ_PARAM_ERROR, "body", "/custom_relation", NULL,
                            FZ_ISSUE_REQUIRED_WITH_CUSTOM);
    return FZ_OK;
}

static void fill(const struct fz_party *party, const struct fz_receiver_add_request *in,
                 struct fz_receiver *receiver)
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
    receiver->expected_ratio = in->has_expected_ratio ? in->expected_ratio : -1;
}

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    const struct fz_receiver_add_request *in = params;
    struct fz_receiver_out *added = out;
    struct fz_party party;
    enum fz_result result = fz_party_of_sharing(tx, call, in->sub_mchid, &party);
    if (result == FZ_OK && party.penalised)
        result = fz_refuse(tx->error, FZ_NO_AUTH_RECEIVER);
    if (result == FZ_OK)
        result = fz_receiver_check_appid(tx->error, in->type, in->appid, in->sub_appid);
    if (result != FZ_OK)
        return result;
    fill(&party, in, &added->receiver);
    result = fz_receiver_add(tx, &added->receiver);
    if (result == FZ_OK)
        fz_receiver_answer(added);
    return result;
}

const struct fz_endpoint fz_endpoint_receiver_add = {
    .spec = &fz_spec_receiver_add,
    .out_size = sizeof(struct fz_receiver_out),
    .check = check,
    .work = work,
};
