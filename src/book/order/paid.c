/* What the payer's side reports: an order is paid, its money is frozen. */
#include "base/calendar.h"
#include "base/text.h"
#include "book/entry.h"
#include "book/event.h"
#include "book/notification/notification.h"
#include "book/number.h"
#include "book/order/rail.h"
#include "book/order/row.h"
#include "book/order/share.h"
#include "book/settlement/pool.h"

FZ_STATEMENT(
    payment_paid,
    "UPDATE payment SET state = $2, transaction_id = $3, payer_kind = $4, payer_total = $5, settled = $6,"
    " fee = $7, funds_state = $8, distributable = $9, success_ms = $10 WHERE id = $1",
    "iitiiiiiii", "");

/* S-AMT: the freezing takes 3 to 5 minutes; drawn between them, for each order. */
#define FREEZING_MIN_S   180
#define FREEZING_SPREAD  120
#define RELEASE_AFTER_MS (180 * FZ_DAY_MS) /* INTRO, FAQ5: what is left by then is released */

/* Brings the order to what it is once it is paid. */
static enum fz_result become_paid(struct fz_tx *tx, enum fz_payer_kind payer, struct fz_payment *payment)
{
    if (payment->state == FZ_PAYMENT_SUCCESS)
        return fz_refuse(tx->error, FZ_ORDER_PAID);
    if (payment->state == FZ_PAYMENT_CLOSED || payment->state == FZ_PAYMENT_PAYERROR)
        return fz_refuse(tx->error, FZ_ORDER_CLOSED);
    if (payment->state == FZ_PAYMENT_REVOKED)
        return fz_refuse(tx->error, FZ_ORDER_REVERSED);
    enum fz_result result = fz_state_check(&fz_payment_states, payment->state, FZ_PAYMENT_SUCCESS);
    if (result == FZ_OK && payment->marked)
        result = fz_state_check(&fz_funds_states, payment->funds_state, FZ_FUNDS_FREEZING);
    if (result != FZ_OK)
        return result;
    payment->state = FZ_PAYMENT_SUCCESS;
    payment->success_ms = tx->now_ms;
    if (payer != 0)
        payment->payer_kind = payer;
    fz_share_set_totals(payment);
    if (payment->marked) {
        payment->funds_state = FZ_FUNDS_FREEZING;
        payment->distributable = payment->settled - payment->fee;
    }
    /* 28 digits like the vendor's. The day is the placing's, so that the numbers rise with the rows. */
    if (payment->transaction_id[0] == '\0')
        fz_number_write(payment->transaction_id, tx->world, "4200", "transaction_id", payment->created_ms,
                        payment->id, 28);
    return FZ_OK;
}

static enum fz_result store_paid(struct fz_tx *tx, const struct fz_payment *payment)
{
    return fz_run(tx, &payment_paid,
                  FZ_VALUES(FZ_I(payment->id), FZ_I(payment->state), FZ_T(payment->transaction_id),
                            FZ_I(payment->payer_kind), FZ_I(payment->payer_total), FZ_I(payment->settled),
                            FZ_I(payment->fee), FZ_I(payment->funds_state), FZ_I(payment->distributable),
                            FZ_I(payment->success_ms)),
                  NULL);
}

/* docs/book.md: "marked order paid", "unmarked order paid", and the DISCOUNT voucher with either. What
 * comes in less the fee is all that can ever be given away of a marked order (invariant 2). */
static enum fz_result book_paid(struct fz_tx *tx, const struct fz_payment *payment)
{
    const char *owner = payment->caller;
    int64_t id = payment->id, net = payment->settled - payment->fee;
    int64_t coupon = fz_share_coupon_cny(payment, payment->coupon.amount);
    int64_t discount = payment->coupon.type == FZ_COUPON_DISCOUNT ? payment->coupon.amount : 0;
    struct fz_entry entry;
    fz_entry_begin(&entry, FZ_ENTRY_PAID, id);
    fz_entry_post(&entry, FZ_ACCOUNT_PAYER, owner, id, FZ_NO_DAY, "CNY", coupon - payment->settled);
    fz_entry_post(&entry, FZ_ACCOUNT_PROMOTION, owner, id, FZ_NO_DAY, "CNY", -coupon);
    fz_entry_post(&entry, FZ_ACCOUNT_FEE, owner, id, FZ_NO_DAY, "CNY", payment->fee);
    if (payment->marked)
        fz_entry_post(&entry, FZ_ACCOUNT_ORDER, owner, id, FZ_NO_DAY, "CNY", net);
    else
        fz_entry_post(&entry, FZ_ACCOUNT_SALES, owner, id, fz_day_of(tx->now_ms), "CNY", net);
    fz_entry_post(&entry, FZ_ACCOUNT_DISCOUNT, owner, id, FZ_NO_DAY, payment->currency, -discount);
    fz_entry_post(&entry, FZ_ACCOUNT_WAIVED, owner, id, FZ_NO_DAY, payment->currency, discount);
    /* Without postings: less than a fen, which a currency of small units can be. */
    return entry.count == 0 ? FZ_OK : fz_entry_book(tx, &entry);
}

/* A marked order is frozen 180 to 299 s later and released 180 days later; any other money joins the day's
 * sales. */
static enum fz_result plan_funds(struct fz_tx *tx, const struct fz_payment *payment)
{
    if (!payment->marked)
        return fz_pool_credit(tx, payment->caller, FZ_POOL_SALES, payment->id,
                              payment->settled - payment->fee);
    int64_t freezing_s = FREEZING_MIN_S + (int64_t)fz_draw(tx->world, "frozen", payment->id, FREEZING_SPREAD);
    enum fz_result result =
        fz_event_plan(tx, FZ_EVENT_FROZEN, payment->id, tx->now_ms + freezing_s * FZ_SECOND_MS);
    if (result != FZ_OK)
        return result;
    return fz_event_plan(tx, FZ_EVENT_RELEASE, payment->id, tx->now_ms + RELEASE_AFTER_MS);
}

/* Has the merchant told of it, unless the order does not say where. */
static enum fz_result notify(struct fz_tx *tx, const struct fz_payment *payment)
{
    if (payment->notify_url[0] == '\0')
        return FZ_OK;
    struct fz_notification notification = {.kind = FZ_NOTIFY_PAID, .subject = payment->id};
    fz_copy(notification.caller, sizeof notification.caller, payment->caller);
    fz_copy(notification.sub_mchid, sizeof notification.sub_mchid, payment->sub_mchid);
    fz_copy(notification.out_trade_no, sizeof notification.out_trade_no, payment->out_trade_no);
    return fz_notification_add(tx, &notification, payment->notify_url);
}

enum fz_result fz_rail_paid(struct fz_tx *tx, struct fz_payment *payment, enum fz_payer_kind payer)
{
    struct fz_payment paid;
    enum fz_result result = fz_payment_lock(tx, payment->id, &paid);
    if (result == FZ_OK)
        result = become_paid(tx, payer, &paid);
    if (result == FZ_OK)
        result = store_paid(tx, &paid);
    if (result == FZ_OK)
        result = book_paid(tx, &paid);
    if (result == FZ_OK)
        result = notify(tx, &paid);
    if (result == FZ_OK) /* last, as it may move a pool */
        result = plan_funds(tx, &paid);
    if (result == FZ_OK)
        *payment = paid;
    return result;
}

enum fz_result fz_rail_frozen(struct fz_tx *tx, int64_t payment)
{
    struct fz_payment frozen;
    enum fz_result result = fz_payment_lock(tx, payment, &frozen);
    if (result != FZ_OK)
        return result;
    if (fz_state_check(&fz_funds_states, frozen.funds_state, FZ_FUNDS_FROZEN) != FZ_OK)
        return FZ_CONFLICT;
    frozen.funds_state = FZ_FUNDS_FROZEN;
    return fz_payment_store_funds(tx, &frozen);
}
