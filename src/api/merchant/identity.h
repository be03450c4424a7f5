/* Who a request is for: the party that the merchants it names make. */
#ifndef FZ_API_MERCHANT_IDENTITY_H
#define FZ_API_MERCHANT_IDENTITY_H

#include "api/call/endpoint.h"

/* Orders and refunds name mchid (Common mode) or sp_mchid and sub_mchid (Institutional mode), S-RQ. */
struct fz_identity {
    const char *mchid, *sp_mchid, *sub_mchid;
};
/* As a request names them. */
#define FZ_IDENTITY_OF(in) (&(const struct fz_identity){(in)->mchid, (in)->sp_mchid, (in)->sub_mchid})

/* The party of an order or refund. Refuses FZ_MERCHANT_UNKNOWN for a number that the book does not know,
 * FZ_SIGN_MCHID for a known mchid or sp_mchid that is not the signer's, FZ_NO_AUTH_CHILD. */
FZ_MUST_CHECK enum fz_result fz_party_of_trade(struct fz_tx *tx, const struct fz_call *call,
                                               const struct fz_identity *identity, struct fz_party *out);
/* The same for a query of refunds: S-RQ, under /hk/v3, has FZ_MERCHANT_UNKNOWN alone and no
 * FZ_NO_AUTH_CHILD. */
FZ_MUST_CHECK enum fz_result fz_party_of_refund_query(struct fz_tx *tx, const struct fz_call *call,
                                                      const struct fz_identity *identity,
                                                      struct fz_party *out);

/* The party of a funds-distribution request, whatever its contract. The documents have one row for any wrong
 * sub_mchid: "check if the Sub-Merchant ID is correct" (FZ_NO_AUTH_CHILD). */
FZ_MUST_CHECK enum fz_result fz_party_related(struct fz_tx *tx, const struct fz_call *call,
                                              const char *sub_mchid, struct fz_party *out);
/* The same, with the contract in effect. Refuses also FZ_NO_AUTH_CONTRACT, FZ_NO_AUTH_WAITING. */
FZ_MUST_CHECK enum fz_result fz_party_of_sharing(struct fz_tx *tx, const struct fz_call *call,
                                                 const char *sub_mchid, struct fz_party *out);

#endif
