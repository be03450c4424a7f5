/* Query the result of adding a receiver. */
#include "api/distribution/receiver.h"
#include "api/merchant/identity.h"

/* Without a type, the first kind that has the account. */
static enum fz_result find(struct fz_tx *tx, const struct fz_party *party,
                           const struct fz_receiver_query_request *in, struct fz_receiver *out)
{
    if (in->type != NULL)
        return fz_receiver_find(tx, party->caller, party->sub_mchid, in->type, in->account, out);
    enum fz_result result = FZ_ABSENT;
    for (const char *const *type = fz_receiver_type_words; *type != NULL && result == FZ_ABSENT; type++)
        result = fz_receiver_find(tx, party->caller, party->sub_mchid, *type, in->account, out);
    return result;
}

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    const struct fz_receiver_query_request *in = params;
    struct fz_receiver_out *found = out;
    struct fz_party party;
    enum fz_result result = fz_party_of_sharing(tx, call, in->sub_mchid, &party);
    if (result == FZ_OK)
        result = find(tx, &party, in, &found->receiver);
    if (result == FZ_ABSENT)
        return fz_refuse(tx->error, FZ_RECEIVER_UNKNOWN);
    if (result == FZ_OK)
        fz_receiver_answer(found);
    return result;
}

const struct fz_endpoint fz_endpoint_receiver_query = {
    .spec = &fz_spec_receiver_query,
    .out_size = sizeof(struct fz_receiver_out),
    .work = work,
};
