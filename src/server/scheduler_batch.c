/* A batch of events. */
#include "server/scheduler_batch.h"

#include "book/clock.h"
#include "book/event.h"

#define EVENTS_MAX  1000
#define STEP        50 /* events between two looks at the watch */
#define PATIENCE_US 30000

static int64_t target_of(const struct fz_batch *batch, int64_t now_ms)
{
    int64_t target_ms = now_ms;
    if (batch->kind == FZ_BATCH_JUMP)
        target_ms = batch->target_ms;
    else if (batch->kind == FZ_BATCH_CATCH_UP)
        target_ms = fz_wire_now_ms() + batch->offset_ms;
    return target_ms > now_ms ? target_ms : now_ms; /* book time never runs back */
}

/* A clock that is caught up with goes on running from where it is, not from where the events are: after a
 * crash the rest is caught up with too. A jump is not taken up again: the book then lives on from the instant
 * that it came to. */
static enum fz_result store_clock(struct fz_tx *tx, const struct fz_batch *batch)
{
    struct fz_clock_state state = {
        .book_ms = batch->at_ms, .wire_ms = fz_wire_now_ms(), .frozen = batch->frozen};
    if (batch->kind == FZ_BATCH_CATCH_UP)
        state.wire_ms = batch->at_ms - batch->offset_ms;
    return fz_clock_store(tx, &state);
}

enum fz_result fz_batch_run(struct fz_tx *tx, void *argument)
{
    struct fz_batch *batch = argument;
    int64_t started_us = fz_ticks_us();
    int64_t until_ms = target_of(batch, tx->now_ms);
    batch->ran = 0;
    batch->at_ms = tx->now_ms;
    batch->ended = false;
    while (!batch->ended && batch->ran < EVENTS_MAX && fz_ticks_us() - started_us < PATIENCE_US) {
        int64_t ran = 0;
        enum fz_result result = fz_event_run(tx, until_ms, batch->at_ms, STEP, &ran, &batch->at_ms);
        if (result != FZ_OK)
            return result;
        batch->ran += ran;
        batch->ended = ran == 0;
    }
    if (batch->ended)
        batch->at_ms = until_ms;
    /* The world's clock is moved after the commit. A write that comes between must not be dated before these
     * events. */
    tx->now_ms = batch->at_ms;
    return batch->kind == FZ_BATCH_DUE ? FZ_OK : store_clock(tx, batch);
}
