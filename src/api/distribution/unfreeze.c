/* Unfreeze an order's remaining funds: all that is left goes to the sponsor, and no further distribution is
 * possible. */
#include "api/distribution/answer.h"
#include "api/merchant/identity.h"

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    const struct fz_unfreeze_request *in = params;
    struct fz_distribution_out *accepted = out;
    struct fz_party party;
    enum fz_result result = fz_party_of_sharing(tx, call, in->sub_mchid, &party);
    if (result == FZ_OK)
        result = fz_distribution_unfreeze(tx, &party, in->transaction_id, in->out_order_no, in->description,
                                          call->digest, &accepted->distribution);
    if (result == FZ_OK)
        fz_distribution_answer(accepted);
    return result;
}

const struct fz_endpoint fz_endpoint_unfreeze = {
    .spec = &fz_spec_unfreeze,
    .out_size = sizeof(struct fz_distribution_out),
    .work = work,
};
