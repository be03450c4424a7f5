/* Query the remaining refundable amount of an order: from its own funds, and with the advance balance. */
#include "api/merchant/identity.h"
#include "book/order/share.h"
#include "spec/refund/refund.h"

struct out {
    struct fz_refundable_amounts_answer answer;
    struct fz_payment payment;
};

static void describe(struct out *out)
{
    const struct fz_payment *payment = &out->payment;
    out->answer = (struct fz_refundable_amounts_answer){
        .transaction_id = payment->transaction_id,
        .refundable_amount = fz_share_refundable(payment),
        .has_funds_refundable_amount = true,
        .funds_refundable_amount = fz_share_funds_refundable(payment),
        .currency = payment->currency,
    };
}

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    const struct fz_refundable_amounts_request *in = params;
    struct out *found = out;
    struct fz_party party;
    enum fz_result result = fz_party_of_sharing(tx, call, in->sub_mchid, &party);
    if (result == FZ_OK)
        result = fz_payment_for_distribution(tx, &party, in->transaction_id, &found->payment);
    if (result == FZ_OK)
        describe(found);
    return result;
}

const struct fz_endpoint fz_endpoint_refundable_amounts = {
    .spec = &fz_spec_refundable_amounts,
    .out_size = sizeof(struct out),
    .work = work,
};
