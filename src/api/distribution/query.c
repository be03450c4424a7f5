/* Query the result of a distribution or an unfreeze: both share one number space. */
#include "api/distribution/answer.h"
#include "api/merchant/identity.h"

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    const struct fz_distribution_query_request *in = params;
    struct fz_distribution_out *found = out;
    struct fz_party party;
    enum fz_result result = fz_party_of_sharing(tx, call, in->sub_mchid, &party);
    if (result == FZ_OK)
        result = fz_distribution_find(tx, &party, in->out_order_no, in->transaction_id, &found->distribution);
    if (result == FZ_OK)
        fz_distribution_answer(found);
    return result;
}

const struct fz_endpoint fz_endpoint_distribution_query = {
    .spec = &fz_spec_distribution_query,
    .out_size = sizeof(struct fz_distribution_out),
    .work = work,
};
