/* What became of a refund: it arrived, it was closed and its money comes back, or it needs the merchant's
 * hand. */
#include <string.h>

#include "base/calendar.h"
#include "base/text.h"
#include "book/event.h"
#include "book/order/row.h"
#include "book/refund/notify.h"
#include "book/refund/rail.h"
#include "book/refund/recharged.h"
#include "book/refund/row.h"
#include "book/settlement/pool.h"

FZ_STATEMENT(refund_outcome,
             "UPDATE refund SET state = $2, channel = $3, recv_account = $4, success_ms = $5, bill_day = $6,"
             " closed_ms = $8, abnormal_ms = COALESCE(abnormal_ms, $9) WHERE id = $1 AND state = $7",
             "iiitiiiii", "");

/* The refund's order. */
FZ_STATEMENT(refund_lock_order, "SELECT id FROM payment WHERE id = (SELECT payment FROM refund WHERE id = $1) FOR UPDATE", "i", "i");

static const struct fz_states refund_states = {5,
                                               {{FZ_REFUND_PROCESSING, FZ_REFUND_SUCCESS},
                                                {FZ_REFUND_PROCESSING, FZ_REFUND_CLOSED},
                                                {FZ_REFUND_PROCESSING, FZ_REFUND_ABNORMAL},
                                                {FZ_REFUND_ABNORMAL, FZ_REFUND_SUCCESS},
                                                {FZ_REFUND_ABNORMAL, FZ_REFUND_CLOSED}}};

/* Where the money of a refund goes by its channel. */
static const char *account_of(enum fz_refund_channel channel, enum fz_payer_kind payer)
{
    switch (channel) {
    case FZ_CHANNEL_ORIGINAL:
        return fz_recv_account_word(payer);
    case FZ_CHANNEL_OTHER_BANKCARD:
        return "Bank of China Debit Card 1234";
    case FZ_CHANNEL_BALANCE:
    case FZ_CHANNEL_OTHER_BALANCE:
        break;
    }
    return fz_recv_account_word(FZ_PAYER_BALANCE);
}

static enum fz_refund_channel channel_of(const char *account, enum fz_payer_kind payer)
{
    static const enum fz_refund_channel known[] = {FZ_CHANNEL_ORIGINAL, FZ_CHANNEL_BALANCE};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(account, account_of(known[i], payer)) == 0)
            return known[i];
    return FZ_CHANNEL_OTHER_BANKCARD;
}

/* Makes `channel` and `recv_account` agree: who tells only one of them has told the other (S-RQ explains the
 * one by the other). */
static enum fz_result complete_outcome(struct fz_tx *tx, const struct fz_refund *refund,
                                       struct fz_refund_outcome *outcome)
{
    if ((outcome->channel == 0) == (outcome->recv_account == NULL))
        return FZ_OK;
    struct fz_payment payment;
    enum fz_result result = fz_payment_by_row(tx, refund->payment, &payment);
    if (result != FZ_OK)
        return result;
    if (outcome->channel == 0)
        outcome->channel = channel_of(outcome->recv_account, payment.payer_kind);
    else
        outcome->recv_account = account_of(outcome->channel, payment.payer_kind);
    return FZ_OK;
}

/* Writes the new state. FZ_CONFLICT if another writer was first: the row is no longer what `refund` says. */
static enum fz_result store_outcome(struct fz_tx *tx, const struct fz_refund *refund,
                                    const struct fz_refund_outcome *outcome)
{
    bool arrived = outcome->state == FZ_REFUND_SUCCESS;
    enum fz_refund_channel channel = outcome->channel == 0 ? refund->channel : outcome->channel;
    const char *account = outcome->recv_account == NULL ? refund->recv_account : outcome->recv_account;
    /* S-RBILL: the bill is of funds-distribution refunds, and of the day they succeeded; its sources are the
     * order's own funds and the advance balance. */
    bool billed = arrived && refund->marked && refund->fund_source == FZ_SOURCE_UNSETTLED;
    int64_t changed;
    enum fz_result result =
        fz_run(tx, &refund_outcome,
               FZ_VALUES(FZ_I(refund->id), FZ_I(outcome->state), FZ_I(channel), FZ_T(account),
                         arrived ? FZ_I(tx->now_ms) : FZ_NIL, billed ? FZ_I(fz_day_of(tx->now_ms)) : FZ_NIL,
                         FZ_I(refund->state),
                         outcome->state == FZ_REFUND_CLOSED ? FZ_I(tx->now_ms) : FZ_NIL,
                         outcome->state == FZ_REFUND_ABNORMAL ? FZ_I(tx->now_ms) : FZ_NIL),
               &changed);
    if (result == FZ_OK && changed == 0)
        return FZ_CONFLICT;
    return result;
}

/* docs/book.md, "refund arrived". */
static enum fz_result book_arrived(struct fz_tx *tx, const struct fz_refund *refund)
{
    const char *owner = refund->caller;
    int64_t id = refund->payment;
    struct fz_entry entry;
    fz_entry_begin(&entry, FZ_ENTRY_REFUND_ARRIVED, refund->id);
    int64_t coupon = refund->coupon_settled, payer = refund->settled - coupon;
    fz_entry_post(&entry, FZ_ACCOUNT_REFUNDING, owner, id, FZ_NO_DAY, "CNY", -payer);
    fz_entry_post(&entry, FZ_ACCOUNT_REFUNDING, owner, id, FZ_NO_DAY, "CNY", -coupon);
    fz_entry_post(&entry, FZ_ACCOUNT_PAYER, owner, id, FZ_NO_DAY, "CNY", payer);
    fz_entry_post(&entry, FZ_ACCOUNT_PROMOTION, owner, id, FZ_NO_DAY, "CNY", coupon);
    return entry.count == 0 ? FZ_OK : fz_entry_book(tx, &entry);
}

/* The payment as if the refund had not been, by the row's own amounts (docs/book.md, invariant 3); but the
 * time of the last one stays: a closed refund does not shorten the minute that has to pass. */
static enum fz_result restore_payment(struct fz_tx *tx, const struct fz_refund *refund,
                                      struct fz_payment *payment)
{
    if (payment->marked)
        payment->distributable += fz_refund_own_net(refund);
    payment->refunded -= refund->amount;
    payment->refunded_settled -= refund->settled;
    payment->refunded_fee -= refund->own.fee + refund->funds.fee;
    payment->refunded_coupon -= refund->coupon_refund;
    payment->refunded_payer -= refund->payer_refund;
    payment->refund_count--;
    return fz_payment_store_funds(tx, payment);
}

/* docs/book.md, "refund closed": all but the pools' part. What comes back to an order that has ended is released again. */
static enum fz_result return_money(struct fz_tx *tx, const struct fz_refund *refund)
{
    struct fz_payment payment;
    enum fz_result result = fz_payment_lock(tx, refund->payment, &payment);
    if (result == FZ_OK)
        result = restore_payment(tx, refund, &payment);
    struct fz_entry entry;
    fz_entry_begin(&entry, FZ_ENTRY_REFUND_CLOSED, refund->id);
    fz_refund_post(&entry, refund, -1, fz_day_of(tx->now_ms));
    if (result == FZ_OK && entry.count > 0)
        result = fz_entry_book(tx, &entry);
    if (result == FZ_OK && payment.funds_state == FZ_FUNDS_ENDED && fz_refund_own_net(refund) > 0)
        result = fz_event_plan(tx, FZ_EVENT_RELEASE, payment.id, tx->now_ms);
    return result;
}

/* The part of the pools, last of all. It goes to today's, for a day that is over is converted. */
static enum fz_result return_to_pools(struct fz_tx *tx, const struct fz_refund *refund)
{
    enum fz_result result = fz_recharged_credit(tx, refund->caller, refund->settlement_currency, refund->recharged);
    if (result == FZ_OK)
        result = fz_pool_credit(tx, refund->caller, FZ_POOL_OUTBOUND, refund->payment, refund->funds.net);
    if (result == FZ_OK && !refund->marked)
        result = fz_pool_credit(tx, refund->caller, FZ_POOL_SALES, refund->payment, fz_refund_own_net(refund));
    return result;
}

enum fz_result fz_rail_refunded(struct fz_tx *tx, int64_t refund, const struct fz_refund_outcome *wanted)
{
    struct fz_refund before;
    struct fz_refund_outcome outcome = *wanted;
    enum fz_result result = fz_lock(tx, &refund_lock_order, FZ_VALUES(FZ_I(refund))); /* its row comes first, as everywhere */
    if (result == FZ_OK)
        result = fz_refund_by_row(tx, refund, &before);
    if (result != FZ_OK)
        return result;
    if (fz_state_check(&refund_states, before.state, outcome.state) != FZ_OK)
        return FZ_CONFLICT;
    result = complete_outcome(tx, &before, &outcome);
    if (result == FZ_OK)
        result = store_outcome(tx, &before, &outcome);
    if (result == FZ_OK && outcome.state == FZ_REFUND_SUCCESS)
        result = book_arrived(tx, &before);
    if (result == FZ_OK && outcome.state == FZ_REFUND_CLOSED)
        result = return_money(tx, &before);
    if (result == FZ_OK)
        result = fz_refund_notify(tx, &before, outcome.state,
                                  outcome.recv_account == NULL ? before.recv_account : outcome.recv_account);
    if (result == FZ_OK) /* decided: it no longer arrives by itself */
        result = fz_event_cancel(tx, FZ_EVENT_REFUNDED, refund);
    return result == FZ_OK && outcome.state == FZ_REFUND_CLOSED ? return_to_pools(tx, &before) : result;
}
