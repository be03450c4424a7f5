/* Query a single refund by the merchant's own number (S-RQ): also when the order is older than a year. */
#include "api/merchant/identity.h"
#include "api/refund/answer.h"

static void ahead(struct fz_tx *tx, const struct fz_call *call, const void *params)
{
    const struct fz_refund_by_out_refund_no_request *in = params;
    fz_party_ask(tx, call->caller, in->sub_mchid);
    fz_refund_ask_number(tx, call->caller, in->sub_mchid == NULL ? "" : in->sub_mchid, in->out_refund_no);
}

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    const struct fz_refund_by_out_refund_no_request *in = params;
    struct fz_refund_out *found = out;
    struct fz_party party;
    enum fz_result result = fz_party_of_refund_query(tx, call, FZ_IDENTITY_OF(in), &party);
    if (result == FZ_OK)
        result = fz_refund_by_out_refund_no(tx, &party, in->out_refund_no, &found->refund);
    if (result == FZ_OK)
        fz_refund_answer(found, call->old_spelling);
    return result == FZ_ABSENT ? fz_refuse(tx->error, FZ_REFUND_UNKNOWN) : result;
}

const struct fz_endpoint fz_endpoint_refund_by_out_refund_no = {
    .spec = &fz_spec_refund_by_out_refund_no,
    .out_size = sizeof(struct fz_refund_out),
    .rate_class = FZ_RATE_REFUND_QUERY,
    .ahead = ahead,
    .work = work,
};
