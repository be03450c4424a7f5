/* Query the real-time balance available for advance refund (S-BAL): today's released money that is not yet
 * converted. */
#include "api/merchant/identity.h"
#include "book/settlement/pool.h"
#include "spec/refund/refund.h"

/* A sub_mchid is checked, and changes nothing else. The contract that counts is the caller's own. */
static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    const struct fz_refundable_balance_request *in = params;
    struct fz_refundable_balance_answer *answer = out;
    struct fz_party party;
    enum fz_result result = FZ_OK;
    if (in->sub_mchid != NULL)
        result = fz_party_related(tx, call, in->sub_mchid, &party);
    if (result == FZ_OK)
        result = fz_party_of_sharing(tx, call, NULL, &party);
    if (result == FZ_OK)
        result = fz_pool_balance(tx, call->caller, FZ_POOL_OUTBOUND, &answer->balance);
    answer->sponsor_mchid = call->caller;
    answer->currency = fz_cny_words[0];
    return result;
}

const struct fz_endpoint fz_endpoint_refundable_balance = {
    .spec = &fz_spec_refundable_balance,
    .out_size = sizeof(struct fz_refundable_balance_answer),
    .work = work,
};
