/* The file behind a bill's URL (S-RBILL). The token says which; only who asked for it may fetch it, as often
 * as wanted, until it expires. */
#include <string.h>

#include "api/call/endpoint.h"
#include "spec/bill/bill.h"

static enum fz_result work(struct fz_tx *tx, const struct fz_call *call, const void *params, void *out)
{
    const struct fz_bill_file_request *in = params;
    struct fz_bill_link link;
    enum fz_result result = fz_token_read(in->token, call->token_key, &link);
    if (result == FZ_MALFORMED)
        return fz_refuse(tx->error, FZ_LINK_INVALID);
    if (result != FZ_OK)
        return result;
    if (strcmp(link.caller, call->caller) != 0)
        return fz_refuse(tx->error, FZ_LINK_CALLER);
    if (tx->now_ms > link.expires_ms)
        return fz_refuse(tx->error, FZ_LINK_EXPIRED);
    memcpy(out, &link, sizeof link);
    return FZ_OK;
}

const struct fz_endpoint fz_endpoint_bill_file = {
    .spec = &fz_spec_bill_file,
    .out_size = sizeof(struct fz_bill_link),
    .work = work,
};
