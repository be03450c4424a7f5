/* A payment's funds: for whom they can be distributed, and keeping what is left of them. */
#include <string.h>

#include "book/order/payment.h"
#include "book/receiver/receiver.h"

FZ_STATEMENT(payment_funds,
             "UPDATE payment SET funds_state = $2, distributable = $3, to_receivers = $4,"
             " distribution_count = $5, refunded = $6, refunded_settled = $7, refunded_fee = $8,"
             " refunded_coupon = $9, refunded_payer = $10, refund_count = $11, last_refund_ms = $12"
             " WHERE id = $1",
             "iiiiiiiiiiii", "");

/* Whether nobody who gets or got money of the order is penalised (S-AMT: "confirm that the receiver is
 * legally compliant"). */
static enum fz_result check_compliance(struct fz_tx *tx, const struct fz_party *party, int64_t payment)
{
    bool penalised = party->penalised;
    enum fz_result result = penalised ? FZ_OK : fz_receiver_any_penalised(tx, payment, &penalised);
    if (result != FZ_OK)
        return result;
    return penalised ? fz_refuse(tx->error, FZ_NO_AUTH_RECEIVER) : FZ_OK;
}

enum fz_result fz_payment_for_distribution(struct fz_tx *tx, const struct fz_party *party,
                                           const char *transaction_id, struct fz_payment *out)
{
    struct fz_payment payment;
    enum fz_result result = fz_payment_by_transaction_id(tx, transaction_id, &payment);
    if (result == FZ_ABSENT ||
        (result == FZ_OK && (strcmp(payment.caller, party->caller) != 0 || !payment.marked)))
        return fz_refuse(tx->error, FZ_ORDER_NOT_DISTRIBUTABLE);
    if (result != FZ_OK)
        return result;
    if (strcmp(payment.sub_mchid, party->sub_mchid) != 0)
        return fz_refuse(tx->error, FZ_ORDER_INCONSISTENT);
    result = check_compliance(tx, party, payment.id);
    if (result != FZ_OK)
        return result;
    if (payment.funds_state == FZ_FUNDS_FREEZING)
        return fz_refuse(tx->error, FZ_ORDER_FREEZING);
    *out = payment;
    return FZ_OK;
}

enum fz_result fz_payment_store_funds(struct fz_tx *tx, const struct fz_payment *payment)
{
    return fz_run(tx, &payment_funds,
                  FZ_VALUES(FZ_I(payment->id), FZ_I(payment->funds_state), FZ_I(payment->distributable),
                            FZ_I(payment->to_receivers), FZ_I(payment->distribution_count),
                            FZ_I(payment->refunded), FZ_I(payment->refunded_settled),
                            FZ_I(payment->refunded_fee), FZ_I(payment->refunded_coupon),
                            FZ_I(payment->refunded_payer), FZ_I(payment->refund_count),
                            FZ_I(payment->last_refund_ms)),
                  NULL);
}
