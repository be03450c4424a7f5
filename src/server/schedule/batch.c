/* A batch of events. */
#include "server/schedule/batch.h"

#include "base/calendar.h"
#include "book/clock.h"
#include "book/due/due.h"
#include "book/move.h"

/* A batch is a write among others: so many events, or so long, and requests that wait come before the
 * next. */
#define EVENTS_MAX  1000
#define PATIENCE_US 30000
#define STEP        50 /* events between two looks at the watch */

static int64_t target_of(const struct fz_batch *batch, int64_t now_ms)
{
    int64_t target_ms = now_ms;
    if (batch->kind == FZ_BATCH_JUMP)
        target_ms = batch->target_ms;
    else if (batch->kind == FZ_BATCH_CATCH_UP)
        target_ms = fz_steady_ms() + batch->offset_ms;
    return target_ms > now_ms ? target_ms : now_ms; /* book time never runs back */
}

/* A clock that is caught up with goes on running from where it is, not from where the events are: after a
 * crash the rest is caught up with too. A jump is not taken up again: the book then lives on from the instant
 * that it came to. Others who have the book find the clock standing, until the move has ended. */
static enum fz_result store_clock(struct fz_tx *tx, const struct fz_batch *batch)
{
    int64_t behind_ms = batch->kind == FZ_BATCH_CATCH_UP ? fz_steady_ms() + batch->offset_ms - batch->at_ms : 0;
    struct fz_clock_state state = {
        .book_ms = batch->at_ms, .wire_ms = tx->wire_ms - tx->ahead_ms - behind_ms, .frozen = batch->frozen};
    return batch->owner != NULL ? fz_move_come_to(tx, batch->at_ms, behind_ms) : fz_clock_store(tx, &state);
}

/* When a jump has to halt for a callback; INT64_MAX: it has not. Only what is due later than the last halt
 * counts. What requests bring forth during a halt, or between two, is due at a time that has been called
 * already, and waits for the end of the jump. So a jump ends, whatever comes in meanwhile. */
static enum fz_result find_due(struct fz_tx *tx, const struct fz_batch *batch, int64_t *out)
{
    int64_t due_ms = INT64_MAX;
    enum fz_result result =
        batch->calls_back ? fz_notification_next_due(tx, batch->called_ms, &due_ms) : FZ_ABSENT;
    *out = due_ms > batch->at_ms ? due_ms : batch->at_ms;
    return result == FZ_ABSENT ? FZ_OK : result;
}

/* Those due within one second go together; of a whole second the receiver finds just that on the clock. */
static int64_t end_of_second(int64_t time_ms)
{
    return time_ms == INT64_MAX ? time_ms : (time_ms + FZ_SECOND_MS - 1) / FZ_SECOND_MS * FZ_SECOND_MS;
}

/* A few events: one, where any of them may bring forth a callback. */
static enum fz_result step(struct fz_tx *tx, struct fz_batch *batch, int64_t until_ms)
{
    int64_t ran = 0, due_ms;
    enum fz_result result = find_due(tx, batch, &due_ms);
    if (result != FZ_OK)
        return result;
    int64_t end_ms = end_of_second(due_ms) < until_ms ? end_of_second(due_ms) : until_ms;
    result = fz_event_run(tx, end_ms, batch->at_ms, batch->calls_back ? 1 : STEP, &ran, &batch->at_ms);
    batch->ran += ran;
    if (result != FZ_OK || ran > 0)
        return result;
    batch->at_ms = end_ms;
    batch->halted = due_ms <= end_ms;
    batch->ended = end_ms == until_ms;
    return FZ_OK;
}

/* The callbacks of a halt are those that are there when it begins. Where other processes write meanwhile, what is left of the block of numbers that each
 * of them had by then counts as well: so there are a few more, and a jump ends all the same. */
static enum fz_result begin_span(struct fz_tx *tx, struct fz_batch *batch)
{
    batch->span = (struct fz_notification_span){.after_ms = batch->called_ms, .until_ms = batch->at_ms};
    return fz_notification_newest(tx, &batch->span.newest);
}

/* Steps until it is time to let requests in between. What ran before an event that fails is kept: the next
 * batch begins with that one, and fails for it alone. */
static enum fz_result take_steps(struct fz_tx *tx, struct fz_batch *batch, int64_t until_ms)
{
    int64_t started_us = fz_ticks_us();
    enum fz_result result = FZ_OK;
    while (result == FZ_OK && !batch->halted && !batch->ended && batch->ran < EVENTS_MAX &&
           fz_ticks_us() - started_us < PATIENCE_US)
        result = step(tx, batch, until_ms);
    return result == FZ_FAILED && batch->ran > 0 ? FZ_OK : result;
}

enum fz_result fz_batch_run(struct fz_tx *tx, void *argument)
{
    struct fz_batch *batch = argument;
    int64_t until_ms = target_of(batch, tx->now_ms);
    batch->ran = 0;
    batch->at_ms = tx->now_ms;
    batch->halted = batch->ended = batch->aside = false;
    enum fz_result result = batch->owner == NULL ? FZ_OK : fz_move_renew(tx, batch->owner);
    if (result == FZ_OK && batch->sets_aside)
        result = fz_event_set_aside(tx, until_ms, batch->at_ms, &batch->aside);
    if (result == FZ_OK)
        result = take_steps(tx, batch, until_ms);
    if (result == FZ_OK && batch->halted)
        result = begin_span(tx, batch);
    if (result != FZ_OK)
        return result;
    /* The world's clock is moved after the commit. A write that comes between must not be dated before these
     * events. */
    tx->now_ms = batch->at_ms;
    return batch->kind == FZ_BATCH_DUE ? FZ_OK : store_clock(tx, batch);
}
