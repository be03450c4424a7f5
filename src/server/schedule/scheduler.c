/* The scheduler's thread: waits for what is due, and moves the clock when it is asked to. */
#include <stdio.h>

#include "base/calendar.h"
#include "base/server/log.h"
#include "book/event.h"
#include "server/courier/courier.h"
#include "server/schedule/state.h"

#define POLL_MS      100 /* how soon an event that a request planned is seen */
#define RETRY_MS     200 /* after a batch that could not be written */
#define FULL_MS      10  /* after one that found the queue full */
#define JUMP_RETRIES 10
#define EVENT_TRIES  5 /* of an event that fails alone, before it is set aside */
#define PROGRESS_MS  1000
#define LARGE_MOVE   1000 /* events */
#define SHARED_POLL_MS   200  /* how soon what another process planned, or did to the clock, is seen */
#define OTHERS_MS        5    /* between two looks while others run what is due */
#define ANCHOR_MS        2000 /* so often somebody says that the book is being run */

/* ---- what is due ---- */

static enum fz_result read_next(struct fz_tx *tx, void *argument)
{
    struct fz_scheduler *scheduler = argument;
    enum fz_result result = fz_event_next_due(tx, &scheduler->next_due_ms);
    if (result == FZ_ABSENT)
        scheduler->next_due_ms = INT64_MAX;
    return result == FZ_ABSENT ? FZ_OK : result;
}

/* Looks into the book only when something was written since. */
static void look_for_due(struct fz_scheduler *scheduler)
{
    struct fz_store_health health;
    fz_store_health(scheduler->store, &health);
    if (scheduler->next_known && health.writes == scheduler->seen_writes)
        return;
    scheduler->seen_writes = health.writes;
    scheduler->next_known = fz_store_read(scheduler->reader, read_next, scheduler, NULL) == FZ_OK;
}

/* ---- progress ---- */

struct ahead {
    int64_t until_ms, events;
};

static enum fz_result count_ahead(struct fz_tx *tx, void *argument)
{
    struct ahead *ahead = argument;
    return fz_event_count_due(tx, ahead->until_ms, INT64_MAX, &ahead->events);
}

static void begin_progress(struct fz_scheduler *scheduler, const struct fz_batch *batch)
{
    struct ahead ahead = {.until_ms = batch->kind == FZ_BATCH_JUMP ? batch->target_ms
                                                                   : fz_steady_ms() + batch->offset_ms};
    bool counted = fz_store_read(scheduler->reader, count_ahead, &ahead, NULL) == FZ_OK;
    scheduler->events_ahead = counted ? ahead.events : 0;
    scheduler->events_run = 0;
    scheduler->last_line_ms = fz_ticks_ms();
}

/* 43 000 */
static const char *spaced(char out[32], int64_t number)
{
    char digits[24];
    int size = snprintf(digits, sizeof digits, "%lld", (long long)number), used = 0;
    for (int i = 0; i < size; i++) {
        if (i > 0 && (size - i) % 3 == 0)
            out[used++] = ' ';
        out[used++] = digits[i];
    }
    out[used] = '\0';
    return out;
}

/* A line a second, and one at the end of a move that ran many events; a small one says nothing. */
static void tell_progress(struct fz_scheduler *scheduler, const struct fz_batch *batch)
{
    scheduler->events_run += batch->ran;
    if (scheduler->events_ahead < scheduler->events_run) /* the move itself brings forth events */
        scheduler->events_ahead = scheduler->events_run;
    bool ends_large = batch->ended && scheduler->events_run >= LARGE_MOVE;
    if (!ends_large && fz_ticks_ms() - scheduler->last_line_ms < PROGRESS_MS)
        return;
    char time[FZ_TIME_SIZE], run[32], ahead[32];
    fz_format_time(time, batch->at_ms);
    fz_log_info("jump: %s of %s events, now at %s", spaced(run, scheduler->events_run),
                spaced(ahead, scheduler->events_ahead), time);
    scheduler->last_line_ms = fz_ticks_ms();
}

/* ---- batches ---- */

void fz_scheduler_end_move(struct fz_scheduler *scheduler, enum fz_result outcome, int64_t at_ms)
{
    if (scheduler->kind == FZ_BATCH_CATCH_UP)
        at_ms = fz_steady_ms() + scheduler->offset_ms;
    if (scheduler->crew == NULL) /* else the world follows the book */
        fz_clock_set(scheduler->world, at_ms, scheduler->frozen);
    scheduler->kind = FZ_BATCH_DUE;
    scheduler->outcome = outcome;
    scheduler->ended = scheduler->moves;
    pthread_cond_broadcast(&scheduler->changed);
}

/* Has the other processes go on. */
static enum fz_result end_shared(struct fz_scheduler *scheduler, enum fz_result outcome, int64_t at_ms)
{
    if (scheduler->kind == FZ_BATCH_CATCH_UP)
        at_ms = fz_steady_ms() + scheduler->offset_ms;
    if (outcome == FZ_OK && fz_shared_end(scheduler, at_ms) != FZ_OK)
        outcome = FZ_FAILED;
    if (outcome != FZ_OK)
        fz_shared_give_up(scheduler, scheduler->owner);
    fz_shared_follow(scheduler);
    return outcome;
}

/* The courier is let go once the clock stands where the move ends, and before whoever asked for it goes on: released
 * earlier, it would send what waits as of the last halt, and again as soon as the clock has caught up with the ladder. */
static void end_move(struct fz_scheduler *scheduler, enum fz_result outcome, int64_t at_ms)
{
    if (scheduler->crew != NULL)
        outcome = end_shared(scheduler, outcome, at_ms);
    pthread_mutex_lock(&scheduler->lock);
    bool holds = scheduler->kind == FZ_BATCH_JUMP && scheduler->courier != NULL;
    fz_scheduler_end_move(scheduler, outcome, at_ms);
    if (holds)
        fz_courier_release(scheduler->courier);
    pthread_mutex_unlock(&scheduler->lock);
}

/* What to do about a batch that was not written. Returns how long to rest. */
static int64_t take_failure(struct fz_scheduler *scheduler, const struct fz_batch *batch,
                            enum fz_result result, const char *issue)
{
    if (result == FZ_FULL) /* many writes wait: let them go first */
        return FULL_MS;
    if (result == FZ_CONFLICT) { /* it stood still so long that another process has given the move up */
        end_move(scheduler, FZ_FAILED, batch->at_ms);
        return 0;
    }
    if (scheduler->retries++ == 0)
        fz_log_error("events cannot be run (%s); trying again",
                     issue[0] == '\0' ? "the book cannot be written" : issue);
    if (batch->kind == FZ_BATCH_JUMP && scheduler->retries >= JUMP_RETRIES)
        end_move(scheduler, FZ_FAILED, fz_book_now_ms(scheduler->world));
    return RETRY_MS;
}

static void say_on_the_way(void *scheduler)
{
    fz_shared_renew(scheduler);
}

/* What is due by now is sent, and answered, before the clock goes on. Returns how long to rest; 0: all is well. */
static int64_t call_back(struct fz_scheduler *scheduler, const struct fz_batch *batch)
{
    void (*each_second)(void *) = scheduler->crew == NULL ? NULL : say_on_the_way;
    enum fz_result result = fz_courier_send_span(scheduler->courier, &batch->span, each_second, scheduler);
    if (result == FZ_OK)
        return 0;
    if (result == FZ_FAILED)
        end_move(scheduler, FZ_FAILED, batch->at_ms);
    return FULL_MS;
}

static void count(struct fz_scheduler *scheduler, const struct fz_batch *batch)
{
    atomic_fetch_add_explicit(&scheduler->ran, (uint64_t)batch->ran, memory_order_relaxed);
    if (batch->aside)
        atomic_fetch_add_explicit(&scheduler->set_aside, 1, memory_order_relaxed);
}

static void tell_of_aside(void)
{
    fz_log_error("an event that failed %d times was set aside: GET /health names it and says why; the next "
                 "start of the server tries it again",
                 EVENT_TRIES + 1);
}

/* Runs one batch of whatever kind. Returns how long to rest before the next; 0 unless it failed. */
static int64_t run_batch(struct fz_scheduler *scheduler, struct fz_batch *batch)
{
    struct fz_error error = {0};
    bool moves = batch->kind != FZ_BATCH_DUE;
    batch->owner = moves && scheduler->crew != NULL ? scheduler->owner : NULL;
    enum fz_result result = moves ? fz_store_write_alone(scheduler->store, fz_batch_run, batch, &error)
                                  : fz_store_write(scheduler->store, fz_batch_run, batch, &error);
    if (result != FZ_OK)
        return take_failure(scheduler, batch, result, error.issue);
    scheduler->retries = 0;
    count(scheduler, batch);
    if (batch->aside)
        tell_of_aside();
    if (batch->kind == FZ_BATCH_DUE)
        return 0;
    tell_progress(scheduler, batch);
    if (batch->owner != NULL)
        fz_shared_follow(scheduler);
    else if (batch->halted || !batch->ended)
        fz_clock_set(scheduler->world, batch->at_ms, true);
    int64_t rest_ms = batch->halted ? call_back(scheduler, batch) : 0;
    if (rest_ms == 0) /* one that only was long enough is not over with its last instant: what its events brought forth there is called by the next */
        scheduler->called_ms = batch->halted || batch->ended ? batch->at_ms : batch->at_ms - 1;
    if (rest_ms == 0 && batch->ended)
        end_move(scheduler, FZ_OK, batch->at_ms);
    return rest_ms;
}

/* ---- the thread ---- */

struct assignment {
    struct fz_batch batch;
    uint64_t due_asked, move;
};

static bool has_nothing_to_do(const struct fz_scheduler *scheduler, bool resting)
{
    return scheduler->paused || resting ||
           (scheduler->kind == FZ_BATCH_DUE && scheduler->due_asked == scheduler->due_ran);
}

/* Waits at most `wait_ms`, less if it is asked for something; with `resting` all of it. False when it is time
 * to end. */
static bool wait_for_work(struct fz_scheduler *scheduler, int64_t wait_ms, bool resting,
                          struct assignment *out)
{
    struct timespec until = fz_ticks_after(wait_ms);
    bool waited = wait_ms <= 0;
    pthread_mutex_lock(&scheduler->lock);
    scheduler->busy = false;
    pthread_cond_broadcast(&scheduler->changed);
    while (!scheduler->stopping && (scheduler->paused || !waited) && has_nothing_to_do(scheduler, resting))
        if (scheduler->paused)
            pthread_cond_wait(&scheduler->asked, &scheduler->lock);
        else
            waited = pthread_cond_timedwait(&scheduler->asked, &scheduler->lock, &until) != 0;
    bool on = !scheduler->stopping;
    scheduler->busy = on;
    *out = (struct assignment){.batch = {.kind = scheduler->kind,
                                         .target_ms = scheduler->target_ms,
                                         .offset_ms = scheduler->offset_ms,
                                         .frozen = scheduler->frozen,
                                         .calls_back = scheduler->calls_back,
                                         .called_ms = scheduler->called_ms,
                                         .sets_aside = scheduler->retries >= EVENT_TRIES},
                               .due_asked = scheduler->due_asked,
                               .move = scheduler->moves};
    pthread_mutex_unlock(&scheduler->lock);
    return on;
}

static void note_all_ran(struct fz_scheduler *scheduler, uint64_t asked)
{
    pthread_mutex_lock(&scheduler->lock);
    scheduler->due_ran = asked;
    pthread_cond_broadcast(&scheduler->changed);
    pthread_mutex_unlock(&scheduler->lock);
}

static void take_outcome(struct fz_scheduler *scheduler, const struct fz_crew_outcome *outcome)
{
    atomic_fetch_add_explicit(&scheduler->ran, outcome->ran, memory_order_relaxed);
    atomic_fetch_add_explicit(&scheduler->set_aside, outcome->aside, memory_order_relaxed);
    if (outcome->aside > 0)
        tell_of_aside();
    if (outcome->issue[0] != '\0')
        fz_log_error("events cannot be run (%s); trying again", outcome->issue);
}

/* Runs what is due by the clock. Returns how long to wait; `failed` when that is a rest. */
static int64_t run_due(struct fz_scheduler *scheduler, struct assignment *now, bool *failed)
{
    look_for_due(scheduler);
    int64_t ahead_ms =
        scheduler->next_known ? scheduler->next_due_ms - fz_book_now_ms(scheduler->world) : POLL_MS;
    if (ahead_ms <= 0) {
        int64_t rest_ms = run_batch(scheduler, &now->batch);
        *failed = rest_ms > 0;
        if (!*failed)
            return 0; /* more may be due */
        ahead_ms = rest_ms;
    }
    note_all_ran(scheduler, now->due_asked);
    return ahead_ms < POLL_MS || *failed ? ahead_ms : POLL_MS;
}

/* The same where other processes do so too: it is over when nothing is due any more, and not when nothing is left to take. */
static int64_t run_shared(struct fz_scheduler *scheduler, struct assignment *now, bool *failed)
{
    struct fz_shared_standing standing;
    *failed = fz_shared_look(scheduler, scheduler->reader, &standing) != FZ_OK;
    if (*failed)
        return RETRY_MS;
    if (standing.dead && fz_shared_catch_up(scheduler) != FZ_OK)
        fz_log_warning("what was left by a process that has died cannot be caught up with now: the book cannot be written");
    else if (!standing.frozen && !standing.moving && standing.wire_ms - standing.clock.wire_ms > ANCHOR_MS)
        fz_shared_anchor(scheduler, ANCHOR_MS);
    if (standing.moving || standing.next.due == 0) {
        note_all_ran(scheduler, now->due_asked);
        int64_t ahead_ms = standing.moving ? SHARED_POLL_MS : standing.next.first.due_ms - fz_book_now_ms(scheduler->world);
        return ahead_ms < 1 ? 1 : ahead_ms < SHARED_POLL_MS ? ahead_ms : SHARED_POLL_MS;
    }
    struct fz_crew_outcome outcome;
    fz_crew_run(scheduler->crew, &standing.next, &outcome);
    take_outcome(scheduler, &outcome);
    if (outcome.troubled)
        note_all_ran(scheduler, now->due_asked);
    *failed = outcome.result != FZ_OK || outcome.ran == 0;
    return outcome.result == FZ_FAILED ? RETRY_MS : outcome.result == FZ_FULL ? FULL_MS : *failed ? OTHERS_MS : 0;
}

static int64_t move_clock(struct fz_scheduler *scheduler, struct assignment *now, bool *failed)
{
    if (scheduler->begun != now->move) {
        scheduler->begun = now->move;
        scheduler->retries = 0;
        scheduler->called_ms = now->batch.called_ms = INT64_MIN;
        now->batch.sets_aside = false;
        begin_progress(scheduler, &now->batch);
        if (now->batch.kind == FZ_BATCH_JUMP && scheduler->courier != NULL)
            fz_courier_hold(scheduler->courier);
    }
    int64_t rest_ms = run_batch(scheduler, &now->batch);
    *failed = rest_ms > 0;
    return rest_ms;
}

void *fz_scheduler_main(void *argument)
{
    struct fz_scheduler *scheduler = argument;
    struct assignment now;
    int64_t wait_ms = 0;
    bool failed = false;
    while (wait_for_work(scheduler, wait_ms, failed, &now)) {
        failed = false;
        if (now.batch.kind != FZ_BATCH_DUE)
            wait_ms = move_clock(scheduler, &now, &failed);
        else
            wait_ms = scheduler->crew == NULL ? run_due(scheduler, &now, &failed) : run_shared(scheduler, &now, &failed);
    }
    return NULL;
}
