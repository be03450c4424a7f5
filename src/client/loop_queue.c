/* Which calls of a loop are to be looked at, and when: a queue of those that are due, and a heap of those that wait. */
#include "base/memory.h"
#include "client/loop_internal.h"

/* ---- the heap: no call wakes later than the two below it ---- */

static int64_t wakes(const fz_loop_call *call)
{
    return call->operation.wake_ticks_ms;
}

static void put_at(struct fz_loop *loop, size_t index, fz_loop_call *call)
{
    loop->waiting[index] = call;
    call->index = index;
}

static void move_up(struct fz_loop *loop, fz_loop_call *call)
{
    size_t index = call->index;
    for (; index > 0 && wakes(loop->waiting[(index - 1) / 2]) > wakes(call); index = (index - 1) / 2)
        put_at(loop, index, loop->waiting[(index - 1) / 2]);
    put_at(loop, index, call);
}

static void move_down(struct fz_loop *loop, fz_loop_call *call)
{
    size_t index = call->index;
    for (size_t below; (below = 2 * index + 1) < loop->waiting_count; index = below) {
        if (below + 1 < loop->waiting_count && wakes(loop->waiting[below + 1]) < wakes(loop->waiting[below]))
            below++;
        if (wakes(loop->waiting[below]) >= wakes(call))
            break;
        put_at(loop, index, loop->waiting[below]);
    }
    put_at(loop, index, call);
}

static void take_out(fz_loop_call *call)
{
    struct fz_loop *loop = call->loop;
    fz_loop_call *last = loop->waiting[--loop->waiting_count];
    if (last == call)
        return;
    put_at(loop, call->index, last);
    move_up(loop, last);
    move_down(loop, last);
}

/* ---- places ---- */

bool fz_loop_has_room(struct fz_loop *loop, size_t count)
{
    fz_loop_call **waiting = fz_reallocate(loop->waiting, count * sizeof(fz_loop_call *));
    if (waiting != NULL)
        loop->waiting = waiting;
    return waiting != NULL;
}

void fz_loop_make_due(struct fz_loop_call *call)
{
    if (call->place == FZ_LOOP_DUE || call->place == FZ_LOOP_ENDED)
        return;
    if (call->place == FZ_LOOP_WAITS)
        take_out(call);
    call->place = FZ_LOOP_DUE;
    TAILQ_INSERT_TAIL(&call->loop->due, call, turn);
}

void fz_loop_make_ended(struct fz_loop_call *call)
{
    if (call->place == FZ_LOOP_DUE)
        TAILQ_REMOVE(&call->loop->due, call, turn);
    call->place = FZ_LOOP_ENDED;
    TAILQ_INSERT_TAIL(&call->loop->ended, call, turn);
}

void fz_loop_make_wait(struct fz_loop_call *call)
{
    struct fz_loop *loop = call->loop;
    if (call->place == FZ_LOOP_DUE)
        TAILQ_REMOVE(&loop->due, call, turn);
    call->place = FZ_LOOP_WAITS;
    put_at(loop, loop->waiting_count++, call);
    move_up(loop, call);
}

void fz_loop_end_waits(struct fz_loop *loop, int64_t now_ticks_ms)
{
    while (loop->waiting_count > 0 && wakes(loop->waiting[0]) <= now_ticks_ms)
        fz_loop_make_due(loop->waiting[0]);
}

int64_t fz_loop_next_ticks_ms(const struct fz_loop *loop)
{
    return loop->waiting_count == 0 ? INT64_MAX : wakes(loop->waiting[0]);
}
