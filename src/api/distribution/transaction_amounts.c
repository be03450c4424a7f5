/* Query the remaining funds amount to be distributed (S-AMT). */
#include "api/merchant/identity.h"
#include "spec/distribution/distribution.h"

struct out {
    struct fz_transaction_amounts_answer answer;
    struct fz_payment payment;
};

/* S-AMT describes these refusals in other words than the documents beside it. */
static enum fz_row in_its_words(enum fz_row row)
{
    switch (row) {
    case FZ_NO_AUTH_CONTRACT:
        return FZ_AMOUNTS_NO_CONTRACT;
    case FZ_NO_AUTH_WAITING:
        return FZ_AMOUNTS_WAITING;
    case FZ_NO_AUTH_CHILD:
        return FZ_AMOUNTS_CHILD;
    default:
        return row;
    }
}

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    const struct fz_transaction_amounts_request *in = params;
    struct out *found = out;
    struct fz_payment *payment = &found->payment;
    struct fz_party party;
    enum fz_result result = fz_party_of_sharing(tx, call, in->sub_mchid, &party);
    if (result == FZ_REFUSED)
        return fz_refuse(tx->error, in_its_words(tx->error->row));
    if (result == FZ_OK)
        result = fz_payment_for_distribution(tx, &party, in->transaction_id, payment);
    if (result == FZ_OK)
        found->answer = (struct fz_transaction_amounts_answer){
            .transaction_id = payment->transaction_id,
            .unsplit_amount = payment->distributable,
            .currency = payment->currency,
        };
    return result;
}

const struct fz_endpoint fz_endpoint_transaction_amounts = {
    .spec = &fz_spec_transaction_amounts,
    .out_size = sizeof(struct out),
    .work = work,
};
