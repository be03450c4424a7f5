/* Reversing an order that is paid by code: nobody pays it any more, and what was paid is refunded whole. */
#include "book/refund/reverse.h"

#include <stdio.h>

#include "base/calendar.h"
#include "book/event.h"
#include "book/order/code.h"
#include "book/order/row.h"
#include "book/refund/rail.h"

FZ_STATEMENT(code_of_payment, "SELECT auth_code FROM payment_code WHERE payment = $1", "i", "t");
FZ_STATEMENT(payment_reverse, "UPDATE payment SET state = $2, revoked_ms = $3 WHERE id = $1", "iii", "");

/* Whether the payer is just about to pay. */
static enum fz_result check_paying(struct fz_tx *tx, const struct fz_payment *payment)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &code_of_payment, FZ_VALUES(FZ_I(payment->id)), &row);
    if (result != FZ_OK)
        return result == FZ_ABSENT ? FZ_FAILED : result; /* no such order is placed without a code */
    int64_t holds_ms = fz_code_payer_of(fz_string(&row, 0)).holds_ms;
    return tx->now_ms - payment->created_ms < holds_ms ? fz_refuse(tx->error, FZ_ORDER_PAYING) : FZ_OK;
}

/* Whether what was paid is still there, whole, and the day not over. */
static enum fz_result check_paid(struct fz_tx *tx, const struct fz_payment *payment)
{
    if (fz_day_of(tx->now_ms) != fz_day_of(payment->success_ms))
        return fz_refuse(tx->error, FZ_REVERSE_LATE);
    bool shared = payment->marked && payment->distributable < payment->settled - payment->fee;
    if (payment->refund_count > 0 || shared)
        return fz_refuse(tx->error, FZ_REVERSE_PARTLY);
    return FZ_OK;
}

/* One refund of everything, that has arrived with the reversal. The merchant has no number for it. */
static enum fz_result give_back(struct fz_tx *tx, const struct fz_party *party,
                                const struct fz_payment *payment)
{
    static const struct fz_refund_outcome arrived = {.state = FZ_REFUND_SUCCESS};
    char out_refund_no[FZ_OUT_REFUND_NO_SIZE];
    (void)snprintf(out_refund_no, sizeof out_refund_no, "REVERSE%s", payment->transaction_id);
    const struct fz_refund_request request = {.transaction_id = payment->transaction_id,
                                              .out_refund_no = out_refund_no,
                                              .source = FZ_SOURCE_UNSETTLED,
                                              .refund = payment->amount,
                                              .total = payment->amount,
                                              .currency = payment->currency};
    struct fz_refund refund;
    enum fz_result result = fz_refund_submit(tx, party, &request, &refund);
    return result == FZ_OK ? fz_rail_refunded(tx, refund.id, &arrived) : result;
}

/* Lets go of the money, or of the payer. `payment` is locked. */
static enum fz_result reverse_order(struct fz_tx *tx, const struct fz_party *party,
                                    const struct fz_payment *payment)
{
    bool paid = payment->state == FZ_PAYMENT_SUCCESS;
    enum fz_result result = fz_state_check(&fz_payment_states, payment->state, FZ_PAYMENT_REVOKED);
    if (result != FZ_OK)
        return result;
    if (paid)
        result = check_paid(tx, payment);
    else if (payment->state == FZ_PAYMENT_USERPAYING)
        result = check_paying(tx, payment);
    if (result == FZ_OK)
        result = paid ? give_back(tx, party, payment) : fz_event_cancel(tx, FZ_EVENT_PASSWORD, payment->id);
    if (result != FZ_OK)
        return result;
    return fz_run(
        tx, &payment_reverse,
        FZ_VALUES(FZ_I(payment->id), FZ_I(paid ? FZ_PAYMENT_SUCCESS : FZ_PAYMENT_CLOSED), FZ_I(tx->now_ms)),
        NULL);
}

enum fz_result fz_payment_reverse(struct fz_tx *tx, const struct fz_party *party, const char *transaction_id,
                                  const char *out_trade_no)
{
    struct fz_payment payment;
    enum fz_result result = fz_payment_of_party(tx, party, transaction_id, out_trade_no, &payment);
    if (result == FZ_OK)
        result = fz_payment_lock(tx, payment.id, &payment);
    if (result != FZ_OK)
        return result;
    if (!fz_payment_is_by_code(&payment))
        return fz_refuse(tx->error, FZ_ORDER_NOT_BY_CODE);
    return payment.state == FZ_PAYMENT_REVOKED ? FZ_OK : reverse_order(tx, party, &payment);
}
