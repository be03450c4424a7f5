/* One event is taken and run, while other processes, and other threads of this one, do the same.
 *
 * Taken means locked, in the transaction that runs it and removes it; who finds it locked goes on to the next. Whoever touches an order locks the
 * order's row first and then, if need be, one of its events. An event is taken the other way round, so it must not wait for the order: if
 * somebody has that in hand, the event is let go of again, and comes later. */
#include <string.h>

#include "base/text.h"
#include "book/due/due.h"
#include "book/due/happen.h"
#include "book/due/kind.h"

/* 1, 2 and 7 are of a payment, 6, 8 and 9 of days, which come one after another. No other noun has two events at once. */
#define BEFORE   "(f.due_ms, f.id) < (e.due_ms, e.id)"
#define IN_ORDER                                                                                                             \
    " AND (e.kind NOT IN (1, 2, 7) OR NOT EXISTS"                                                                            \
    " (SELECT 1 FROM event f WHERE f.kind IN (1, 2, 7) AND f.subject = e.subject AND " BEFORE "))"                           \
    " AND (e.kind NOT IN (6, 8, 9) OR NOT EXISTS (SELECT 1 FROM event f WHERE f.kind IN (6, 8, 9) AND " BEFORE "))"
FZ_STATEMENT(event_claim,
             "SELECT e.id, e.due_ms, e.kind, e.subject, e.position FROM event e"
             " WHERE e.due_ms <= $1 AND (e.due_ms, e.id) >= ($2, $3) AND NOT EXISTS (SELECT 1 FROM clock_move)" IN_ORDER
             " ORDER BY e.due_ms, e.id LIMIT 1 FOR UPDATE SKIP LOCKED",
             "iii", "iiiii");

#define LOOKS_MAX 64 /* events that one claim looks at */
#define NO_DAY    INT64_MIN

/* How far a claim is. */
struct looking {
    struct fz_event_claim *claim;
    struct fz_event_place from; /* behind the last that was passed over */
    int64_t closed_day, to_close;
    struct fz_due_event event;
    bool found, passed;
};

static const struct fz_event_trouble *trouble_of(const struct fz_event_claim *claim, int64_t id)
{
    for (size_t i = 0; i < claim->trouble_count; i++)
        if (claim->troubles[i].id == id)
            return &claim->troubles[i];
    return NULL;
}

static bool rests(const struct looking *looking)
{
    const struct fz_event_trouble *trouble = trouble_of(looking->claim, looking->event.id);
    return trouble != NULL && trouble->rests;
}

static enum fz_result find_next(struct fz_tx *tx, struct looking *looking)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(
        tx, &event_claim, FZ_VALUES(FZ_I(tx->now_ms), FZ_I(looking->from.due_ms), FZ_I(looking->from.id)), &row);
    looking->found = result == FZ_OK;
    if (looking->found)
        fz_due_event_read(&row, &looking->event);
    return result;
}

static enum fz_result is_there(struct fz_tx *tx, const struct fz_statement *statement, int64_t subject)
{
    FZ_CURSOR row = {0};
    return fz_query_one(tx, statement, FZ_VALUES(FZ_I(subject)), &row);
}

/* FZ_FULL: somebody has its order in hand. One whose subject is gone has nothing to wait for. */
static enum fz_result lock_subject(struct fz_tx *tx, const struct fz_due_event *event)
{
    const struct fz_due_kind *kind = fz_due_kind(event->kind);
    if (kind == NULL || kind->lock == NULL)
        return FZ_OK;
    enum fz_result result = is_there(tx, kind->lock, event->subject);
    if (result != FZ_ABSENT)
        return result;
    result = is_there(tx, kind->look, event->subject);
    return result == FZ_OK ? FZ_FULL : result == FZ_ABSENT ? FZ_OK : result;
}

/* FZ_FULL: it is let go of. */
static enum fz_result take(struct fz_tx *tx, void *argument)
{
    struct looking *looking = argument;
    looking->passed = false;
    looking->to_close = NO_DAY;
    enum fz_result result = find_next(tx, looking);
    if (result != FZ_OK)
        return result;
    const struct fz_due_kind *kind = fz_due_kind(looking->event.kind);
    looking->passed = rests(looking);
    if (looking->passed)
        return FZ_FULL;
    if (kind != NULL && kind->closes_day && looking->closed_day != looking->event.subject) {
        looking->to_close = looking->event.subject;
        return FZ_FULL;
    }
    result = lock_subject(tx, &looking->event);
    looking->passed = result == FZ_FULL;
    return result == FZ_OK ? fz_due_happen(tx, &looking->event) : result;
}

static enum fz_result take_down_failure(struct fz_tx *tx, struct looking *looking, const struct fz_error *error)
{
    struct fz_event_claim *claim = looking->claim;
    const struct fz_event_trouble *trouble = trouble_of(claim, looking->event.id);
    claim->failed = looking->event.id;
    fz_copy(claim->why, sizeof claim->why, error->issue);
    claim->aside = trouble != NULL && trouble->last;
    return claim->aside ? fz_due_set_aside(tx, &looking->event, error->issue) : FZ_OK;
}

/* Whether to look further; `result` is what taking came to, and becomes what the claim came to. */
static bool looks_on(struct fz_tx *tx, struct looking *looking, const struct fz_error *error, enum fz_result *result)
{
    struct fz_event_claim *claim = looking->claim;
    if (*result == FZ_FULL && looking->to_close != NO_DAY) {
        *result = fz_close_day(tx, (int)looking->to_close);
        looking->closed_day = looking->to_close;
        return *result == FZ_OK;
    }
    if (*result == FZ_FULL && looking->passed) {
        looking->from = (struct fz_event_place){looking->event.due_ms, looking->event.id + 1};
        *result = FZ_OK;
        return true;
    }
    if (!looking->found) {
        *result = *result == FZ_ABSENT ? FZ_OK : *result;
        return false;
    }
    claim->ran = fz_due_is_over(*result);
    claim->well = claim->ran ? looking->event.id : 0;
    if (*result != FZ_OK)
        *result = claim->ran ? fz_due_remove(tx, &looking->event) : take_down_failure(tx, looking, error);
    return false;
}

enum fz_result fz_event_claim(struct fz_tx *tx, struct fz_event_claim *claim)
{
    struct fz_error error = {0}, *outer = tx->error; /* what an event is refused concerns nobody */
    struct looking looking = {.claim = claim, .from = claim->from, .closed_day = NO_DAY};
    enum fz_result result = FZ_OK;
    bool on = true;
    claim->ran = claim->aside = false;
    claim->failed = claim->well = 0;
    claim->why[0] = '\0';
    tx->error = &error;
    for (int looks = 0; on && looks < LOOKS_MAX; looks++) {
        error = (struct fz_error){0};
        result = fz_attempt(tx, take, &looking);
        on = looks_on(tx, &looking, &error, &result);
    }
    tx->error = outer;
    return result;
}
