/* Delete a receiver: the relation ends. What it was already given stays given. */
#include "api/distribution/receiver.h"
#include "api/merchant/identity.h"

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    (void)out;
    const struct fz_receiver_delete_request *in = params;
    struct fz_party party;
    enum fz_result result = fz_party_of_sharing(tx, call, in->sub_mchid, &party);
    if (result == FZ_OK)
        result = fz_receiver_check_appid(tx->error, in->type, in->appid, in->sub_appid);
    if (result == FZ_OK)
        result = fz_receiver_delete(tx, party.caller, party.sub_mchid, in->type, in->account);
    return result == FZ_ABSENT ? fz_refuse(tx->error, FZ_RECEIVER_UNKNOWN) : result;
}

const struct fz_endpoint fz_endpoint_receiver_delete = {
    .spec = &fz_spec_receiver_delete,
    .work = work,
};
