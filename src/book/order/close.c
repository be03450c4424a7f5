/* Closing an order that is not paid. */
#include "book/order/payment.h"
#include "book/order/row.h"

FZ_STATEMENT(payment_close, "UPDATE payment SET state = $2 WHERE id = $1", "ii", "");

enum fz_result fz_payment_close(struct fz_tx *tx, const struct fz_party *party, const char *transaction_id,
                                const char *out_trade_no)
{
    struct fz_payment payment;
    enum fz_result result = fz_payment_of_party(tx, party, transaction_id, out_trade_no, &payment);
    if (result == FZ_OK)
        result = fz_payment_lock(tx, payment.id, &payment);
    if (result != FZ_OK)
        return result;
    if (fz_payment_is_by_code(&payment))
        return fz_refuse(tx->error, FZ_ORDER_BY_CODE);
    if (payment.state == FZ_PAYMENT_SUCCESS)
        return fz_refuse(tx->error, FZ_ORDER_PAID);
    if (payment.state == FZ_PAYMENT_CLOSED) /* also: it was not paid in time */
        return FZ_OK;
    result = fz_state_check(&fz_payment_states, payment.state, FZ_PAYMENT_CLOSED);
    if (result != FZ_OK)
        return result;
    return fz_run(tx, &payment_close, FZ_VALUES(FZ_I(payment.id), FZ_I(FZ_PAYMENT_CLOSED)), NULL);
}
