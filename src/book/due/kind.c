/* The table of the kinds of events: the word for each, and what it does. */
#include "book/due/kind.h"

#include "book/distribution/distribution.h"
#include "book/distribution/rail.h"
#include "book/event.h"
#include "book/order/payer_account.h"
#include "book/order/rail.h"
#include "book/receiver/rail.h"
#include "book/refund/rail.h"
#include "book/settlement/settlement.h"

/* A refund reaches the payer, unless his account takes no money: then somebody has to look after it. */
static enum fz_result end_refund(struct fz_tx *tx, int64_t refund)
{
    enum fz_payer_account account;
    enum fz_result result = fz_payer_account_of_refund(tx, refund, &account);
    if (result != FZ_OK)
        return result;
    struct fz_refund_outcome outcome = {.state = account == FZ_PAYER_ACCOUNT_OPEN ? FZ_REFUND_SUCCESS
                                                                                  : FZ_REFUND_ABNORMAL};
    return fz_rail_refunded(tx, refund, &outcome);
}

/* An audit that nobody decided is passed. */
static enum fz_result pass_audit(struct fz_tx *tx, int64_t receiver)
{
    static const struct fz_receiver_verdict passed = {.state = FZ_RECEIVER_EFFECTIVE};
    return fz_rail_receiver_audited(tx, receiver, &passed);
}

/* The row that is locked first, taken only if nobody has it; and whether it is there at all. */
#define OF_PAYMENT      "SELECT id FROM payment WHERE id = $1"
#define OF_REFUND       "SELECT id FROM payment WHERE id = (SELECT payment FROM refund WHERE id = $1)"
#define OF_DISTRIBUTION "SELECT id FROM payment WHERE id = (SELECT payment FROM distribution WHERE id = $1)"
#define OF_RECEIVER     "SELECT id FROM receiver WHERE id = $1"
#define UNLESS_LOCKED   " FOR UPDATE SKIP LOCKED"
FZ_STATEMENT(due_lock_payment, OF_PAYMENT UNLESS_LOCKED, "i", "i");
FZ_STATEMENT(due_lock_refund, OF_REFUND UNLESS_LOCKED, "i", "i");
FZ_STATEMENT(due_lock_distribution, OF_DISTRIBUTION UNLESS_LOCKED, "i", "i");
FZ_STATEMENT(due_lock_receiver, OF_RECEIVER UNLESS_LOCKED, "i", "i");
FZ_STATEMENT(due_look_payment, OF_PAYMENT, "i", "i");
FZ_STATEMENT(due_look_refund, OF_REFUND, "i", "i");
FZ_STATEMENT(due_look_distribution, OF_DISTRIBUTION, "i", "i");
FZ_STATEMENT(due_look_receiver, OF_RECEIVER, "i", "i");

#define PAYMENT      .lock = &due_lock_payment, .look = &due_look_payment
#define REFUND       .lock = &due_lock_refund, .look = &due_look_refund
#define DISTRIBUTION .lock = &due_lock_distribution, .look = &due_look_distribution
#define RECEIVER     .lock = &due_lock_receiver, .look = &due_look_receiver

static const struct fz_due_kind kinds[] = {
    [FZ_EVENT_FROZEN] = {"frozen", .happen = fz_rail_frozen, PAYMENT},
    [FZ_EVENT_RELEASE] = {"release", .happen = fz_distribution_release, PAYMENT},
    [FZ_EVENT_DISTRIBUTED] = {"distributed", .happen = fz_rail_distributed, DISTRIBUTION},
    [FZ_EVENT_REFUNDED] = {"refunded", .happen = end_refund, REFUND},
    [FZ_EVENT_RECEIVER_AUDITED] = {"receiver audited", .happen = pass_audit, RECEIVER},
    [FZ_EVENT_CONVERT] = {"convert", .work = fz_settlement_convert, .closes_day = true},
    [FZ_EVENT_PASSWORD] = {"password", .happen = fz_rail_password_entered, PAYMENT},
    [FZ_EVENT_DETAIL] = {"detail", .work = fz_settlement_detail},
    [FZ_EVENT_PAYOUT] = {"payout", .work = fz_settlement_pay_out},
};

const struct fz_due_kind *fz_due_kind(int64_t kind)
{
    int64_t count = sizeof kinds / sizeof kinds[0];
    return kind > 0 && kind < count ? &kinds[kind] : NULL;
}

enum fz_result fz_due_close_day(struct fz_tx *tx, int64_t kind, int64_t subject)
{
    const struct fz_due_kind *known = fz_due_kind(kind);
    return known != NULL && known->closes_day ? fz_close_day(tx, (int)subject) : FZ_OK;
}
