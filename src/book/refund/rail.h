/* The banks' rail: by it, and by nothing else, a refund is decided and a recharge comes in. In a sandbox,
 * events and control calls open it. */
#ifndef FZ_BOOK_REFUND_RAIL_H
#define FZ_BOOK_REFUND_RAIL_H

#include "book/refund/refund.h"

/* What became of a refund. `channel` 0 and `recv_account` NULL leave what is there; one of them alone
 * decides the other. */
struct fz_refund_outcome {
    enum fz_refund_state state;
    enum fz_refund_channel channel;
    const char *recv_account;
};
/* FZ_ABSENT: no such refund; FZ_CONFLICT: its state does not allow it. */
FZ_MUST_CHECK enum fz_result fz_rail_refunded(struct fz_tx *tx, int64_t refund,
                                              const struct fz_refund_outcome *wanted);

/* A sponsor has paid `amount` of its settlement currency into its recharged refund balance; `balance` gets
 * what that holds now. FZ_MALFORMED: a sub-merchant, an amount that cannot be, or more than a balance may
 * hold. */
FZ_MUST_CHECK enum fz_result fz_rail_recharged(struct fz_tx *tx, const struct fz_merchant *merchant,
                                               int64_t amount, int64_t *balance);

#endif
