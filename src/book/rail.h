/* The rails: the only doors by which the world outside (a payer, a bank, an auditor) changes the book. In a sandbox, events and control
 * calls open them. Each returns FZ_ABSENT if there is no such row, FZ_CONFLICT if its state does not allow it (the row is further on already). */
#ifndef FZ_BOOK_RAIL_H
#define FZ_BOOK_RAIL_H

#include "book/order/payment.h"
#include "book/receiver/receiver.h"
#include "book/refund/refund.h"

/* The payer pays a placed order: books it, freezes a marked order's money, plans what follows. Refuses FZ_ORDER_PAID, FZ_ORDER_CLOSED, FZ_ORDER_REVERSED.
 * `payment` is brought up to date. `payer` 0: as placed. FZ_CONFLICT: its transaction_id is taken. */
FZ_MUST_CHECK enum fz_result fz_rail_paid(struct fz_tx *tx, struct fz_payment *payment, enum fz_payer_kind payer);
/* The payer of a code has entered the password: as fz_rail_paid. */
FZ_MUST_CHECK enum fz_result fz_rail_password_entered(struct fz_tx *tx, int64_t payment);
/* The freezing of a marked order's money is done. */
FZ_MUST_CHECK enum fz_result fz_rail_frozen(struct fz_tx *tx, int64_t payment);
/* The receivers' side has settled a distribution, slice by slice. */
FZ_MUST_CHECK enum fz_result fz_rail_distributed(struct fz_tx *tx, int64_t distribution);
/* How a receiver's audit ended. */
struct fz_receiver_verdict {
    enum fz_receiver_state state;               /* EFFECTIVE or FAILED */
    const char *fail_reason, *fail_description; /* with FAILED; may be NULL */
};
FZ_MUST_CHECK enum fz_result fz_rail_receiver_audited(struct fz_tx *tx, int64_t receiver, const struct fz_receiver_verdict *verdict);
/* The same for all relations of `account` that are INIT (of `caller` and `sub_mchid` where not NULL). FZ_CONFLICT: none is. */
FZ_MUST_CHECK enum fz_result fz_rail_receivers_audited(struct fz_tx *tx, const char *account, const char *caller, const char *sub_mchid,
                                                       const struct fz_receiver_verdict *verdict);

/* A sponsor has paid `amount` of its settlement currency into its recharged refund balance; `balance` gets what that holds now. FZ_MALFORMED: a
 * sub-merchant, an amount that cannot be, or more than a balance may hold. */
FZ_MUST_CHECK enum fz_result fz_rail_recharged(struct fz_tx *tx, const struct fz_merchant *merchant, int64_t amount, int64_t *balance);

/* What became of a refund. `channel` 0 and `recv_account` NULL leave what is there; one of them alone decides the other. FZ_ABSENT: no such refund; FZ_CONFLICT: its state does not
 * allow it. */
struct fz_refund_outcome {
    enum fz_refund_state state;
    enum fz_refund_channel channel;
    const char *recv_account;
};
FZ_MUST_CHECK enum fz_result fz_rail_refunded(struct fz_tx *tx, int64_t refund, const struct fz_refund_outcome *wanted);

#endif
