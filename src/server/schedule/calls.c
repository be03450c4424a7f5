/* What others ask of the scheduler: start and stop, jumps, freezing, holding still. */
#include <stdlib.h>

#include "base/server/log.h"
#include "base/text.h"
#include "book/clock.h"
#include "book/due/due.h"
#include "book/event.h"
#include "server/schedule/state.h"

/* ---- start and stop ---- */

struct standing {
    struct fz_clock_state clock;
    int64_t floor_ms;    /* the last entry's time */
    int64_t next_due_ms; /* INT64_MAX: nothing is planned */
};

static enum fz_result read_standing(struct fz_tx *tx, void *argument)
{
    struct standing *standing = argument;
    enum fz_result result = fz_clock_load(tx, &standing->clock, &standing->floor_ms);
    if (result != FZ_OK)
        return FZ_FAILED; /* the clock's row is made with the book */
    result = fz_event_next_due(tx, &standing->next_due_ms);
    if (result == FZ_ABSENT)
        standing->next_due_ms = INT64_MAX;
    return result == FZ_ABSENT ? FZ_OK : result;
}

/* Where the book was left, and whether something fell due since. */
static enum fz_result restore_clock(struct fz_scheduler *scheduler)
{
    struct standing standing;
    enum fz_result result = fz_store_read(scheduler->reader, read_standing, &standing, NULL);
    if (result != FZ_OK)
        return result;
    int64_t left_ms = standing.clock.book_ms > standing.floor_ms ? standing.clock.book_ms : standing.floor_ms;
    fz_clock_restore(scheduler->world, &standing.clock, standing.floor_ms);
    int64_t now_ms = fz_book_now_ms(scheduler->world);
    scheduler->frozen = standing.clock.frozen;
    if (standing.clock.frozen || standing.next_due_ms > now_ms || left_ms >= now_ms)
        return FZ_OK;
    scheduler->kind = FZ_BATCH_CATCH_UP;
    scheduler->offset_ms = now_ms - fz_steady_ms();
    scheduler->moves = 1;
    fz_clock_reset(scheduler->world, left_ms, true);
    return FZ_OK;
}

static enum fz_result take_up(struct fz_tx *tx, void *unused)
{
    (void)unused;
    return fz_event_take_up(tx);
}

/* What failed under an older program, or over a fault of the disk, may go well now. */
static void take_up_events(struct fz_scheduler *scheduler)
{
    if (fz_store_write(scheduler->store, take_up, NULL, NULL) != FZ_OK)
        fz_log_error("events that were set aside are not tried again: the book cannot be written");
}

/* What it takes where other processes have the book too. */
static enum fz_result share(struct fz_scheduler *scheduler, const char *process)
{
    fz_copy(scheduler->owner, sizeof scheduler->owner, process);
    scheduler->crew = fz_crew_new(scheduler->store);
    if (scheduler->crew == NULL)
        return FZ_FAILED;
    enum fz_result result = fz_reader_open(scheduler->store, &scheduler->asked_reader);
    return result == FZ_OK ? fz_shared_catch_up(scheduler) : result;
}

enum fz_result fz_scheduler_start(struct fz_world *world, struct fz_store *store, const char *process, struct fz_scheduler **out)
{
    struct fz_scheduler *scheduler = calloc(1, sizeof *scheduler);
    if (scheduler == NULL)
        return FZ_FAILED;
    scheduler->store = store;
    scheduler->world = world;
    scheduler->kind = FZ_BATCH_DUE;
    pthread_mutex_init(&scheduler->lock, NULL);
    pthread_mutex_init(&scheduler->asking, NULL);
    fz_ticks_condition_init(&scheduler->asked);
    fz_ticks_condition_init(&scheduler->changed);
    enum fz_result result = fz_reader_open(scheduler->store, &scheduler->reader);
    take_up_events(scheduler);
    if (result == FZ_OK)
        result = fz_store_has_others(store) ? share(scheduler, process) : restore_clock(scheduler);
    if (result == FZ_OK && pthread_create(&scheduler->thread, NULL, fz_scheduler_main, scheduler) != 0)
        result = FZ_FAILED;
    if (result == FZ_OK)
        *out = scheduler;
    else
        fz_scheduler_free(scheduler);
    return result;
}

void fz_scheduler_call_back(struct fz_scheduler *scheduler, struct fz_courier *courier)
{
    pthread_mutex_lock(&scheduler->lock); /* the thread sees it with the jump that needs it */
    scheduler->courier = courier;
    pthread_mutex_unlock(&scheduler->lock);
}

static enum fz_result store_clock(struct fz_tx *tx, void *state)
{
    return fz_clock_store(tx, state);
}

/* A clock that was being caught up with stands in the book already, as far as it came; so does one that others have too. */
static void store_last_clock(struct fz_scheduler *scheduler)
{
    if (scheduler->crew != NULL && scheduler->kind == FZ_BATCH_CATCH_UP) /* whoever looks next catches up with the rest */
        return;
    if (scheduler->crew != NULL) {
        fz_shared_give_up(scheduler, scheduler->owner);
        fz_shared_anchor(scheduler, 0);
        return;
    }
    struct fz_clock_state state = fz_clock_state(scheduler->world);
    if (scheduler->kind != FZ_BATCH_CATCH_UP &&
        fz_store_write(scheduler->store, store_clock, &state, NULL) != FZ_OK)
        fz_log_error("the clock could not be stored: the book cannot be written");
}

void fz_scheduler_stop(struct fz_scheduler *scheduler)
{
    pthread_mutex_lock(&scheduler->lock);
    scheduler->stopping = true;
    pthread_cond_broadcast(&scheduler->asked);
    pthread_cond_broadcast(&scheduler->changed);
    pthread_mutex_unlock(&scheduler->lock);
    pthread_join(scheduler->thread, NULL);
    pthread_mutex_lock(&scheduler->lock);
    while (scheduler->storing)
        pthread_cond_wait(&scheduler->changed, &scheduler->lock);
    if (scheduler->kind == FZ_BATCH_JUMP)
        fz_scheduler_end_move(scheduler, FZ_FULL, fz_book_now_ms(scheduler->world));
    pthread_mutex_unlock(&scheduler->lock);
    store_last_clock(scheduler);
}

void fz_scheduler_free(struct fz_scheduler *scheduler)
{
    if (scheduler == NULL)
        return;
    fz_reader_close(scheduler->reader);
    fz_reader_close(scheduler->asked_reader);
    fz_crew_free(scheduler->crew);
    pthread_mutex_destroy(&scheduler->asking);
    pthread_cond_destroy(&scheduler->asked);
    pthread_cond_destroy(&scheduler->changed);
    pthread_mutex_destroy(&scheduler->lock);
    free(scheduler);
}

/* ---- the clock ---- */

/* Waits out what the start has to catch up with: nobody asked for that, so nobody is refused for it; and a
 * freeze that is being written, so that the book's clock is written in the order in which it was set. Under the
 * lock. */
static enum fz_result be_admitted(struct fz_scheduler *scheduler)
{
    while (!scheduler->stopping && (scheduler->kind == FZ_BATCH_CATCH_UP || scheduler->storing))
        pthread_cond_wait(&scheduler->changed, &scheduler->lock);
    if (scheduler->stopping)
        return FZ_FULL;
    return scheduler->paused || scheduler->kind != FZ_BATCH_DUE ? FZ_CONFLICT : FZ_OK;
}

/* Has the other processes know first. Under the lock, which is not held while the book is written. */
static enum fz_result begin_shared(struct fz_scheduler *scheduler, int64_t target_ms)
{
    scheduler->storing = true;
    pthread_mutex_unlock(&scheduler->lock);
    enum fz_result result = fz_shared_begin(scheduler, target_ms);
    if (result == FZ_OK)
        fz_shared_follow(scheduler);
    pthread_mutex_lock(&scheduler->lock);
    scheduler->storing = false;
    pthread_cond_broadcast(&scheduler->changed);
    return result;
}

/* From here on the clock goes by the events. Under the lock. */
static enum fz_result begin_here(struct fz_scheduler *scheduler, int64_t target_ms)
{
    int64_t now_ms = fz_book_now_ms(scheduler->world);
    if (target_ms < now_ms)
        return FZ_MALFORMED;
    fz_clock_set(scheduler->world, now_ms, true);
    return FZ_OK;
}

/* Under the lock. */
static enum fz_result jump(struct fz_scheduler *scheduler, int64_t target_ms, bool callbacks)
{
    enum fz_result result = scheduler->crew == NULL ? begin_here(scheduler, target_ms) : begin_shared(scheduler, target_ms);
    if (result != FZ_OK)
        return result;
    scheduler->kind = FZ_BATCH_JUMP;
    scheduler->target_ms = target_ms;
    scheduler->calls_back = callbacks && scheduler->courier != NULL;
    uint64_t mine = ++scheduler->moves;
    pthread_cond_signal(&scheduler->asked);
    while (!scheduler->stopping && scheduler->ended < mine)
        pthread_cond_wait(&scheduler->changed, &scheduler->lock);
    return scheduler->ended < mine ? FZ_FULL : scheduler->outcome;
}

enum fz_result fz_scheduler_jump(struct fz_scheduler *scheduler, int64_t target_ms, bool callbacks)
{
    pthread_mutex_lock(&scheduler->lock);
    enum fz_result result = be_admitted(scheduler);
    if (result == FZ_OK)
        result = jump(scheduler, target_ms, callbacks);
    pthread_mutex_unlock(&scheduler->lock);
    return result;
}

static void set_frozen(struct fz_scheduler *scheduler, bool frozen)
{
    scheduler->frozen = frozen;
    if (scheduler->crew != NULL) /* the world follows the book */
        return;
    fz_clock_set(scheduler->world, fz_book_now_ms(scheduler->world), frozen);
}

/* The lock is not held while the book is written: GET /clock does not wait for a disk. */
enum fz_result fz_scheduler_freeze(struct fz_scheduler *scheduler, bool frozen)
{
    pthread_mutex_lock(&scheduler->lock);
    enum fz_result result = be_admitted(scheduler);
    bool before = scheduler->frozen;
    if (result == FZ_OK) {
        set_frozen(scheduler, frozen);
        scheduler->storing = true;
    }
    struct fz_clock_state state = fz_clock_state(scheduler->world);
    pthread_mutex_unlock(&scheduler->lock);
    if (result != FZ_OK)
        return result;
    result = scheduler->crew != NULL ? fz_shared_freeze(scheduler, frozen)
                                     : fz_store_write(scheduler->store, store_clock, &state, NULL);
    if (scheduler->crew != NULL)
        fz_shared_follow(scheduler);
    pthread_mutex_lock(&scheduler->lock);
    if (result != FZ_OK)
        set_frozen(scheduler, before);
    scheduler->storing = false;
    pthread_cond_broadcast(&scheduler->changed);
    pthread_mutex_unlock(&scheduler->lock);
    return result;
}

void fz_scheduler_await_due(struct fz_scheduler *scheduler)
{
    pthread_mutex_lock(&scheduler->lock);
    uint64_t mine = ++scheduler->due_asked;
    pthread_cond_signal(&scheduler->asked);
    while (!scheduler->stopping && scheduler->kind == FZ_BATCH_DUE && scheduler->due_ran < mine)
        pthread_cond_wait(&scheduler->changed, &scheduler->lock);
    pthread_mutex_unlock(&scheduler->lock);
}

void fz_scheduler_clock(struct fz_scheduler *scheduler, int64_t *now_ms, bool *frozen)
{
    if (scheduler->crew != NULL)
        fz_shared_follow(scheduler);
    fz_scheduler_known_clock(scheduler, now_ms, frozen);
}

void fz_scheduler_known_clock(struct fz_scheduler *scheduler, int64_t *now_ms, bool *frozen)
{
    pthread_mutex_lock(&scheduler->lock);
    *now_ms = fz_book_now_ms(scheduler->world);
    *frozen = scheduler->frozen;
    pthread_mutex_unlock(&scheduler->lock);
}

void fz_scheduler_figures(const struct fz_scheduler *scheduler, struct fz_scheduler_figures *out)
{
    *out = (struct fz_scheduler_figures){atomic_load(&scheduler->ran), atomic_load(&scheduler->set_aside)};
}

/* ---- holding still ---- */

enum fz_result fz_scheduler_pause(struct fz_scheduler *scheduler)
{
    pthread_mutex_lock(&scheduler->lock);
    enum fz_result result = be_admitted(scheduler);
    if (result == FZ_OK) {
        scheduler->paused = true;
        pthread_cond_signal(&scheduler->asked);
        while (scheduler->busy)
            pthread_cond_wait(&scheduler->changed, &scheduler->lock);
    }
    if (result == FZ_OK && scheduler->crew != NULL) {
        result = begin_shared(scheduler, INT64_MIN);
        scheduler->paused = result == FZ_OK;
    }
    pthread_mutex_unlock(&scheduler->lock);
    return result;
}

void fz_scheduler_resume(struct fz_scheduler *scheduler)
{
    if (scheduler->crew != NULL) {
        fz_shared_give_up(scheduler, scheduler->owner);
        fz_shared_follow(scheduler);
    }
    pthread_mutex_lock(&scheduler->lock);
    scheduler->paused = false;
    scheduler->frozen = fz_clock_state(scheduler->world).frozen;
    scheduler->next_known = false; /* the thread holds still, so this is ours for the moment */
    pthread_cond_signal(&scheduler->asked);
    pthread_mutex_unlock(&scheduler->lock);
}
