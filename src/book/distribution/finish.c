/* Distributions: working one off, and the release that nobody asks for. */
#include "base/text.h"
#include "book/distribution/rail.h"
#include "book/distribution/row.h"
#include "book/entry.h"
#include "book/event.h"
#include "book/order/row.h"
#include "book/settlement/pool.h"

FZ_STATEMENT(distribution_payment, "SELECT payment FROM distribution WHERE id = $1", "i", "i");
FZ_STATEMENT(distribution_finish, "UPDATE distribution SET state = $2, finished_ms = $3 WHERE id = $1", "iii",
             "");
FZ_STATEMENT(slice_finish,
             "UPDATE slice SET result = $2, fail_reason = $3, finished_ms = $4, bill_day = $5 WHERE id = $1",
             "iitii", "");

const struct fz_states fz_distribution_states = {1, {{FZ_DISTRIBUTION_PROCESSING, FZ_DISTRIBUTION_FINISHED}}};

const struct fz_states fz_slice_states = {
    2, {{FZ_SLICE_PENDING, FZ_SLICE_SUCCESS}, {FZ_SLICE_PENDING, FZ_SLICE_CLOSED}}};

static enum fz_result finish_slice(struct fz_tx *tx, struct fz_slice *slice)
{
    bool failed = slice->fail_reason[0] != '\0';
    enum fz_slice_result becomes = failed ? FZ_SLICE_CLOSED : FZ_SLICE_SUCCESS;
    enum fz_result result = fz_state_check(&fz_slice_states, slice->result, becomes);
    if (result != FZ_OK)
        return result;
    slice->result = becomes;
    slice->finished_ms = tx->now_ms;
    return fz_run(tx, &slice_finish,
                  FZ_VALUES(FZ_I(slice->id), FZ_I(becomes), FZ_T(failed ? slice->fail_reason : NULL),
                            FZ_I(tx->now_ms), failed ? FZ_NIL : FZ_I(fz_day_of(tx->now_ms))),
                  NULL);
}

/* docs/book.md: "distribution finished"; nothing of it is left in `sharing` (invariant 6). */
static enum fz_result book_finished(struct fz_tx *tx, const struct fz_distribution *distribution)
{
    const char *owner = distribution->caller;
    int64_t payment = distribution->payment, sum = 0;
    struct fz_entry entry;
    fz_entry_begin(&entry, FZ_ENTRY_DISTRIBUTION_FINISHED, distribution->id);
    for (size_t i = 0; i < distribution->count; i++) {
        const struct fz_slice *slice = &distribution->slices[i];
        sum += slice->amount;
        if (slice->result == FZ_SLICE_CLOSED)
            fz_entry_post(&entry, FZ_ACCOUNT_ORDER, owner, payment, FZ_NO_DAY, "CNY", slice->amount);
        else if (slice->to_sponsor)
            fz_entry_post(&entry, FZ_ACCOUNT_OUTBOUND, owner, payment, fz_day_of(tx->now_ms), "CNY",
                          slice->amount);
        else
            fz_entry_post(&entry, FZ_ACCOUNT_RECEIVER, owner, payment, FZ_NO_DAY, "CNY", slice->amount);
    }
    fz_entry_post(&entry, FZ_ACCOUNT_SHARING, owner, payment, FZ_NO_DAY, "CNY", -sum);
    return fz_entry_book(tx, &entry);
}

/* Gives the order back what its failed slices held. If it has ended, that goes outbound at once. */
static enum fz_result take_back(struct fz_tx *tx, const struct fz_distribution *distribution,
                                struct fz_payment *payment)
{
    int64_t back = 0;
    for (size_t i = 0; i < distribution->count; i++)
        if (distribution->slices[i].result == FZ_SLICE_CLOSED)
            back += distribution->slices[i].amount;
    if (back == 0)
        return FZ_OK;
    payment->distributable += back;
    payment->to_receivers -= back; /* the sponsor's slices do not fail */
    enum fz_result result = fz_payment_store_funds(tx, payment);
    if (result == FZ_OK && payment->funds_state == FZ_FUNDS_ENDED)
        result = fz_event_plan(tx, FZ_EVENT_RELEASE, payment->id, tx->now_ms);
    return result;
}

static enum fz_result credit_outbound(struct fz_tx *tx, const struct fz_distribution *distribution)
{
    int64_t sum = 0;
    for (size_t i = 0; i < distribution->count; i++)
        if (distribution->slices[i].to_sponsor && distribution->slices[i].result == FZ_SLICE_SUCCESS)
            sum += distribution->slices[i].amount;
    return fz_pool_credit(tx, distribution->caller, FZ_POOL_OUTBOUND, distribution->payment, sum);
}

/* Ends a distribution whose slices are decided. `payment` is locked; the pool comes after it, as
 * everywhere. */
static enum fz_result finish_distribution(struct fz_tx *tx, struct fz_payment *payment,
                                          struct fz_distribution *distribution)
{
    enum fz_result result =
        fz_state_check(&fz_distribution_states, distribution->state, FZ_DISTRIBUTION_FINISHED);
    for (size_t i = 0; result == FZ_OK && i < distribution->count; i++)
        result = finish_slice(tx, &distribution->slices[i]);
    if (result == FZ_OK)
        result =
            fz_run(tx, &distribution_finish,
                   FZ_VALUES(FZ_I(distribution->id), FZ_I(FZ_DISTRIBUTION_FINISHED), FZ_I(tx->now_ms)), NULL);
    if (result == FZ_OK)
        result = book_finished(tx, distribution);
    if (result == FZ_OK)
        result = take_back(tx, distribution, payment);
    if (result == FZ_OK)
        result = credit_outbound(tx, distribution);
    return result;
}

/* Locks the order of a distribution. */
static enum fz_result lock_order(struct fz_tx *tx, int64_t distribution, struct fz_payment *out)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &distribution_payment, FZ_VALUES(FZ_I(distribution)), &row);
    return result == FZ_OK ? fz_payment_lock(tx, fz_int(&row, 0), out) : result;
}

enum fz_result fz_rail_distributed(struct fz_tx *tx, int64_t distribution)
{
    struct fz_payment payment;
    struct fz_distribution known;
    enum fz_result result = lock_order(tx, distribution, &payment);
    if (result == FZ_OK)
        result = fz_distribution_by_row(tx, distribution, &known);
    if (result != FZ_OK)
        return result;
    if (known.state == FZ_DISTRIBUTION_FINISHED)
        return FZ_CONFLICT;
    result = fz_distribution_decide(tx, &known);
    return result == FZ_OK ? finish_distribution(tx, &payment, &known) : result;
}

enum fz_result fz_distribution_release(struct fz_tx *tx, int64_t payment)
{
    static const unsigned char no_digest[FZ_DIGEST_SIZE];
    struct fz_payment ended;
    enum fz_result result = fz_payment_lock(tx, payment, &ended);
    if (result != FZ_OK)
        return result;
    if (ended.funds_state != FZ_FUNDS_ENDED) {
        if (fz_state_check(&fz_funds_states, ended.funds_state, FZ_FUNDS_ENDED) != FZ_OK)
            return FZ_CONFLICT;
        ended.funds_state = FZ_FUNDS_ENDED;
    }
    if (ended.distributable == 0)
        return fz_payment_store_funds(tx, &ended);
    struct fz_distribution distribution;
    fz_distribution_begin(&distribution, &ended, FZ_DISTRIBUTION_RELEASE, NULL);
    fz_distribution_add_rest(&distribution, &ended, NULL);
    result = fz_distribution_accept(tx, no_digest, &ended, &distribution);
    return result == FZ_OK ? finish_distribution(tx, &ended, &distribution) : result;
}
