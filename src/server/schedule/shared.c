/* The clock where several processes have the book: its row says how it stands, to all of them, and whose move is under way. */
#include "base/server/log.h"
#include "book/clock.h"
#include "book/event.h"
#include "server/schedule/state.h"

#define ALIVE_MS 6000 /* whoever runs the book says so more often */

/* ---- looking ----
 *
 * While somebody holds an old snapshot, what has run stays in the index, and whoever looks from its beginning passes all of it. So a look begins
 * when the first event was due that was there at the look before it, whoever had that in hand, and a claim with the first that was there at this one.
 * What is written meanwhile is due no earlier than its transaction began, or than the event that plans it: so it is not missed, unless the
 * transaction took LATE_MS. What is due before that after all (an event that another process takes up again) is found by the next look through all. */

#define LATE_MS         10000
#define LOOK_THROUGH_MS 5000

struct look {
    struct fz_shared_standing *out;
    bool also_due;
    int64_t from_ms, next_from_ms; /* where it begins; out: and where the next one does */
};

static int64_t earlier(int64_t one_ms, int64_t other_ms)
{
    return one_ms < other_ms ? one_ms : other_ms;
}

static enum fz_result read_due(struct fz_tx *tx, struct look *look)
{
    int64_t late_ms = tx->now_ms - LATE_MS;
    enum fz_result result = fz_event_look(tx, earlier(look->from_ms, late_ms) /* a reset may have put the clock back */, FZ_LANES, &look->out->next);
    look->next_from_ms = earlier(look->out->next.first.due_ms, late_ms);
    return result;
}

/* That the transaction has read the clock is what makes the world follow. */
static enum fz_result read_standing(struct fz_tx *tx, void *argument)
{
    struct look *look = argument;
    struct fz_shared_standing *out = look->out;
    struct fz_move move;
    int64_t floor_ms;
    enum fz_result result = fz_clock_load(tx, &out->clock, &floor_ms);
    if (result == FZ_OK)
        result = fz_move_find(tx, &move);
    if (result != FZ_OK && result != FZ_ABSENT)
        return result;
    out->wire_ms = tx->wire_ms - tx->ahead_ms;
    out->moving = result == FZ_OK;
    out->dead = out->moving && move.until_ms < tx->wire_ms;
    out->frozen = out->moving ? move.frozen : out->clock.frozen;
    return look->also_due ? read_due(tx, look) : FZ_OK;
}

/* Nobody else's idea of how the clock stands apart from a move counts while this process changes it. */
static void follow(struct fz_scheduler *scheduler, const struct fz_shared_standing *standing)
{
    pthread_mutex_lock(&scheduler->lock);
    if (!scheduler->storing && scheduler->kind == FZ_BATCH_DUE)
        scheduler->frozen = standing->frozen;
    pthread_mutex_unlock(&scheduler->lock);
}

enum fz_result fz_shared_look(struct fz_scheduler *scheduler, struct fz_reader *reader, struct fz_shared_standing *out)
{
    int64_t now_ms = fz_ticks_ms();
    bool through = now_ms - scheduler->looked_through_ms >= LOOK_THROUGH_MS;
    struct look look = {.out = out, .also_due = true, .from_ms = through ? INT64_MIN : scheduler->look_from_ms};
    enum fz_result result = fz_store_read(reader, read_standing, &look, NULL);
    if (result != FZ_OK)
        return result;
    scheduler->look_from_ms = look.next_from_ms;
    if (through)
        scheduler->looked_through_ms = now_ms;
    follow(scheduler, out);
    return FZ_OK;
}

void fz_shared_follow(struct fz_scheduler *scheduler)
{
    struct fz_shared_standing standing;
    struct look look = {.out = &standing};
    pthread_mutex_lock(&scheduler->asking);
    if (fz_store_read(scheduler->asked_reader, read_standing, &look, NULL) == FZ_OK)
        follow(scheduler, &standing);
    pthread_mutex_unlock(&scheduler->asking);
}

/* ---- moves ---- */

struct change {
    const char *owner;
    int64_t ms;
    bool frozen;
};

static enum fz_result begin(struct fz_tx *tx, void *argument)
{
    const struct change *change = argument;
    bool leads_on = change->ms != INT64_MIN;
    enum fz_result result = fz_move_give_up(tx, "");
    if (result == FZ_OK && leads_on && change->ms < tx->now_ms)
        return FZ_MALFORMED;
    return result == FZ_OK ? fz_move_begin(tx, change->owner, leads_on) : result;
}

enum fz_result fz_shared_begin(struct fz_scheduler *scheduler, int64_t target_ms)
{
    struct change change = {.owner = scheduler->owner, .ms = target_ms};
    return fz_store_write_alone(scheduler->store, begin, &change, NULL);
}

static enum fz_result end(struct fz_tx *tx, void *argument)
{
    const struct change *change = argument;
    return fz_move_end(tx, change->owner, change->ms);
}

enum fz_result fz_shared_end(struct fz_scheduler *scheduler, int64_t at_ms)
{
    struct change change = {.owner = scheduler->owner, .ms = at_ms};
    return fz_store_write_alone(scheduler->store, end, &change, NULL);
}

static enum fz_result give_up(struct fz_tx *tx, void *owner)
{
    return fz_move_give_up(tx, owner);
}

/* If it cannot be written now, whoever looks next does it. */
void fz_shared_give_up(struct fz_scheduler *scheduler, const char *owner)
{
    if (fz_store_write_alone(scheduler->store, give_up, (void *)(uintptr_t)owner, NULL) != FZ_OK)
        fz_log_warning("a move of the clock cannot be given up now: the book cannot be written");
}

static enum fz_result renew(struct fz_tx *tx, void *owner)
{
    return fz_move_renew(tx, owner);
}

/* Whoever lost it learns of that by its next batch. */
void fz_shared_renew(struct fz_scheduler *scheduler)
{
    if (fz_store_write(scheduler->store, renew, scheduler->owner, NULL) != FZ_OK)
        fz_log_warning("the move of the clock that is under way cannot say that it is: the book cannot be written");
}

static enum fz_result freeze(struct fz_tx *tx, void *argument)
{
    const struct change *change = argument;
    struct fz_move move;
    struct fz_clock_state state = {.book_ms = tx->now_ms, .wire_ms = tx->wire_ms - tx->ahead_ms, .frozen = change->frozen};
    enum fz_result result = fz_move_give_up(tx, "");
    if (result == FZ_OK)
        result = fz_move_find(tx, &move);
    return result == FZ_OK ? FZ_CONFLICT : result == FZ_ABSENT ? fz_clock_store(tx, &state) : result;
}

enum fz_result fz_shared_freeze(struct fz_scheduler *scheduler, bool frozen)
{
    struct change change = {.frozen = frozen};
    return fz_store_write_alone(scheduler->store, freeze, &change, NULL);
}

/* ---- that somebody runs the book ---- */

static enum fz_result anchor(struct fz_tx *tx, void *older_ms)
{
    return fz_clock_anchor(tx, *(const int64_t *)older_ms);
}

void fz_shared_anchor(struct fz_scheduler *scheduler, int64_t older_ms)
{
    if (fz_store_write(scheduler->store, anchor, &older_ms, NULL) != FZ_OK)
        fz_log_warning("that this process runs the book cannot be said now: the book cannot be written");
}

struct catching_up {
    const char *owner;
    bool begun; /* out */
    int64_t now_ms;
};

/* The clock as it is once a move whose process has died is given up: tx->now_ms is where that stood. */
static enum fz_result load_running(struct fz_tx *tx, struct fz_clock_state *clock, int64_t *floor_ms, int64_t *now_ms)
{
    enum fz_result result = fz_move_give_up(tx, "");
    if (result == FZ_OK)
        result = fz_clock_load(tx, clock, floor_ms);
    int64_t passed_ms = tx->wire_ms - tx->ahead_ms - clock->wire_ms;
    *now_ms = clock->frozen || passed_ms < 0 ? clock->book_ms : clock->book_ms + passed_ms;
    return result;
}

/* Where it was left, unless somebody runs it. */
static enum fz_result begin_catching_up(struct fz_tx *tx, void *argument)
{
    struct catching_up *catching_up = argument;
    struct fz_clock_state clock = {0};
    struct fz_move move;
    int64_t floor_ms = 0, due_ms = INT64_MAX;
    catching_up->begun = false;
    enum fz_result result = load_running(tx, &clock, &floor_ms, &catching_up->now_ms);
    if (result == FZ_OK && fz_event_next_due(tx, &due_ms) == FZ_FAILED)
        result = FZ_FAILED;
    if (result != FZ_OK || clock.frozen || tx->wire_ms - tx->ahead_ms - clock.wire_ms < ALIVE_MS || due_ms > catching_up->now_ms)
        return result;
    int64_t left_ms = clock.book_ms > floor_ms ? clock.book_ms : floor_ms;
    result = fz_move_find(tx, &move);
    if (result != FZ_ABSENT || left_ms >= catching_up->now_ms)
        return result == FZ_ABSENT ? FZ_OK : result;
    result = fz_move_begin(tx, catching_up->owner, false);
    if (result == FZ_OK)
        result = fz_move_come_to(tx, left_ms, catching_up->now_ms - left_ms);
    catching_up->begun = result == FZ_OK;
    return result;
}

static void take_over(struct fz_scheduler *scheduler, int64_t now_ms)
{
    pthread_mutex_lock(&scheduler->lock);
    scheduler->kind = FZ_BATCH_CATCH_UP;
    scheduler->offset_ms = now_ms - fz_steady_ms();
    scheduler->moves++;
    pthread_mutex_unlock(&scheduler->lock);
}

enum fz_result fz_shared_catch_up(struct fz_scheduler *scheduler)
{
    struct catching_up catching_up = {.owner = scheduler->owner};
    enum fz_result result = fz_store_write_alone(scheduler->store, begin_catching_up, &catching_up, NULL);
    if (result == FZ_OK && catching_up.begun)
        take_over(scheduler, catching_up.now_ms);
    fz_shared_follow(scheduler);
    return result;
}
