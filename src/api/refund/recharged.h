/* The recharged refund balance, for its two queries. */
#ifndef FZ_API_REFUND_RECHARGED_H
#define FZ_API_REFUND_RECHARGED_H

#include "api/call/endpoint.h"
#include "spec/refund/refund.h"

struct fz_recharged_out {
    struct fz_recharge_balance_answer answer;
    char currency[FZ_CURRENCY_SIZE];
};

/* The balance of `party`'s caller, in its settlement currency. */
FZ_MUST_CHECK enum fz_result fz_recharged_read(struct fz_tx *tx, const struct fz_party *party,
                                               struct fz_recharged_out *out);

#endif
