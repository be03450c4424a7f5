/* Request a funds distribution: slices of a marked order's money to receivers, and, if asked for, the rest to
 * the sponsor. */
#include <stdio.h>
#include <string.h>

#include "api/distribution/answer.h"
#include "api/merchant/identity.h"

_Static_assert(FZ_SLICES_A_REQUEST == FZ_RECEIVERS_MAX, "the book takes as many slices as may be asked for");

static enum fz_result refuse_twice(const struct fz_call *call, size_t place, const char *account)
{
    char field[48];
    snprintf(field, sizeof field, "/receivers/%zu/account", place);
    return fz_refuse_at(call->error, FZ_PARAM_ERROR, "body", field, account, FZ_ISSUE_RECEIVER_TWICE);
}

static enum fz_result check(struct fz_call *call, void *params)
{
    const struct fz_distribution_submit_request *in = params;
    const struct fz_distribution_submit_receiver *receivers = in->receivers;
    if (in->receivers_count == 0 && !in->unfreeze_unsplit)
        return fz_refuse_at(call->error, FZ_PARAM_ERROR, "body", "/receivers", NULL,
                            FZ_ISSUE_REQUIRED_UNLESS_UNFREEZE);
    for (size_t i = 1; i < in->receivers_count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(receivers[i].account, receivers[j].account) == 0 &&
                strcmp(receivers[i].type, receivers[j].type) == 0)
                return refuse_twice(call, i, receivers[i].account);
    return FZ_OK;
}

static struct fz_distribution_request request_of(const struct fz_call *call,
                                                 const struct fz_distribution_submit_request *in)
{
    struct fz_distribution_request request = {
        .transaction_id = in->transaction_id,
        .out_order_no = in->out_order_no,
        .appid = in->appid,
        .sub_appid = in->sub_appid,
        .unfreeze_unsplit = in->unfreeze_unsplit,
        .count = in->receivers_count,
    };
    const struct fz_distribution_submit_receiver *receivers = in->receivers;
    for (size_t i = 0; i < in->receivers_count; i++)
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
    const struct fz_distribution_submit_request *in = params;
    struct fz_distribution_out *accepted = out;
    struct fz_distribution_request request = request_of(call, in);
    struct fz_party party;
    enum fz_result result = fz_party_of_sharing(tx, call, in->sub_mchid, &party);
    if (result == FZ_OK)
        result = fz_distribution_submit(tx, &party, &request, &accepted->distribution);
    if (result == FZ_OK)
        fz_distribution_answer(accepted);
    return result;
}

const struct fz_endpoint fz_endpoint_distribution_submit = {
    .spec = &fz_spec_distribution_submit,
    .out_size = sizeof(struct fz_distribution_out),
    .check = check,
    .work = work,
};
