/* The merchant relation and the contract: what is checked after the parameters and before any state. */
#include "api/merchant/identity.h"

#include <string.h>

/* `named` is mchid or sp_mchid as sent. Only a number that the book knows can be somebody else's. */
static enum fz_result check_signer(struct fz_tx *tx, const struct fz_call *call, const char *named)
{
    if (strcmp(named, call->caller) == 0)
        return FZ_OK;
    struct fz_merchant merchant;
    enum fz_result result = fz_merchant_find(tx, named, &merchant);
    if (result == FZ_ABSENT)
        return fz_refuse(tx->error, FZ_MERCHANT_UNKNOWN);
    return result == FZ_OK ? fz_refuse(tx->error, FZ_SIGN_MCHID) : result;
}

enum fz_result fz_party_of_trade(struct fz_tx *tx, const struct fz_call *call,
                                 const struct fz_identity *identity, struct fz_party *out)
{
    enum fz_result result =
        check_signer(tx, call, identity->mchid != NULL ? identity->mchid : identity->sp_mchid);
    return result == FZ_OK ? fz_party_find(tx, call->caller, identity->sub_mchid, out) : result;
}

enum fz_result fz_party_of_refund_query(struct fz_tx *tx, const struct fz_call *call,
                                        const struct fz_identity *identity, struct fz_party *out)
{
    enum fz_result result = fz_party_of_trade(tx, call, identity, out);
    bool no_child = result == FZ_REFUSED && tx->error->row == FZ_NO_AUTH_CHILD;
    return no_child && call->old_spelling ? fz_refuse(tx->error, FZ_MERCHANT_UNKNOWN) : result;
}

enum fz_result fz_party_related(struct fz_tx *tx, const struct fz_call *call, const char *sub_mchid,
                                struct fz_party *out)
{
    enum fz_result result = fz_party_find(tx, call->caller, sub_mchid, out);
    bool unknown = result == FZ_REFUSED && tx->error->row == FZ_MERCHANT_UNKNOWN;
    return unknown ? fz_refuse(tx->error, FZ_NO_AUTH_CHILD) : result;
}

enum fz_result fz_party_of_sharing(struct fz_tx *tx, const struct fz_call *call, const char *sub_mchid,
                                   struct fz_party *out)
{
    struct fz_party party;
    enum fz_result result = fz_party_related(tx, call, sub_mchid, &party);
    if (result == FZ_OK)
        result = fz_party_check_contract(tx, &party);
    if (result == FZ_OK)
        *out = party;
    return result;
}
