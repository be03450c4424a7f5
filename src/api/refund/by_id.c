/* Query a single refund by its WeChat Pay number (S-RQ). */
#include "api/merchant/identity.h"
#include "api/refund/answer.h"

static void ahead(struct fz_tx *tx, const struct fz_call *call, const void *params)
{
    const struct fz_refund_by_id_request *in = params;
    fz_party_ask(tx, call->caller, in->sub_mchid);
    fz_refund_ask_told(tx, call->caller, in->sub_mchid == NULL ? "" : in->sub_mchid, in->id);
}

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    const struct fz_refund_by_id_request *in = params;
    struct fz_refund_out *found = out;
    struct fz_party party;
    enum fz_result result = fz_party_of_refund_query(tx, call, FZ_IDENTITY_OF(in), &party);
    if (result == FZ_OK)
        result = fz_refund_told(tx, &party, in->id, &found->refund);
    if (result == FZ_ABSENT)
        return fz_refuse(tx->error, FZ_REFUND_UNKNOWN);
    if (result == FZ_OK && tx->now_ms > found->refund.order_success_ms + FZ_REFUND_BY_ID_MS)
        return fz_refuse(tx->error, FZ_REFUND_BY_NUMBER_ONLY);
    if (result == FZ_OK)
        fz_refund_answer(found, call->old_spelling);
    return result;
}

const struct fz_endpoint fz_endpoint_refund_by_id = {
    .spec = &fz_spec_refund_by_id,
    .out_size = sizeof(struct fz_refund_out),
    .rate_class = FZ_RATE_REFUND_QUERY,
    .ahead = ahead,
    .work = work,
};
