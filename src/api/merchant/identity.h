/* Who a request is for: the parameters that name merchants, and the party they make. */
#ifndef FZ_API_MERCHANT_IDENTITY_H
#define FZ_API_MERCHANT_IDENTITY_H

#include "api/call/endpoint.h"

/* Orders and refunds name mchid (Common mode) or sp_mchid and sub_mchid (Institutional mode), S-RQ. */
struct fz_identity {
    const char *mchid, *sp_mchid, *sub_mchid;
};
/* As a request names them. */
#define FZ_IDENTITY_OF(in) (&(const struct fz_identity){(in)->mchid, (in)->sp_mchid, (in)->sub_mchid})

#define FZ_MERCHANT_NUMBER(parameter_name, its_role, where, in_modes, required_in, at, said)                           \
    {                                                                                                        \
        .name = parameter_name, .place = where, .kind = FZ_STRING, .role = its_role, .only = in_modes, \
        .required = required_in, .min = 1, .max = 32, .letters = FZ_DIGITS, .offset = at, .meaning = said    \
    }

/* Funds distribution names the sub-merchant alone; `required_in` is FZ_INSTITUTIONAL or FZ_NEVER. */
#define FZ_SUB_MCHID_PARAMETER(where, required_in, at)                                                       \
    FZ_MERCHANT_NUMBER("sub_mchid", FZ_SUB_MCHID, where, FZ_INSTITUTIONAL, required_in, at, "Sub-merchant ID")

#define FZ_TRANSACTION_ID_PARAMETER(where, required_in, at)                                                  \
    {                                                                                                        \
        .name = "transaction_id", .place = where, .kind = FZ_STRING,                       \
        .required = required_in, .min = 1, .max = 32, .offset = at, .meaning = "WeChat Pay transaction ID"   \
    }

#define FZ_OUT_ORDER_NO_PARAMETER(where, at)                                                                 \
    {                                                                                                        \
        .name = "out_order_no", .place = where, .kind = FZ_STRING, .required = FZ_BOTH,    \
        .min = 1, .max = 64, .letters = FZ_NUMBER_LETTERS, .offset = at,                                     \
        .meaning = "Merchant distribution number"                                                            \
    }

#define FZ_APPID_PARAMETER(parameter_name, in_modes, required_in, at, said)                                  \
    {                                                                                                        \
        .name = parameter_name, .place = FZ_IN_BODY, .kind = FZ_STRING, .only = in_modes,                   \
        .required = required_in, .min = 1, .max = 32, .letters = FZ_NUMBER_LETTERS, .offset = at,            \
        .meaning = said                                                                                      \
    }

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
