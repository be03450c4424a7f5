/* Running events that are due, each in a savepoint of its own, and setting aside one that fails. */
#include "base/text.h"
#include "book/due/due.h"
#include "book/due/kind.h"

FZ_STATEMENT(event_due,
             "SELECT id, due_ms, kind, subject, position FROM event WHERE due_ms <= $1"
             " ORDER BY due_ms, id LIMIT 1 FOR UPDATE",
             "i", "iiiii");
FZ_STATEMENT(event_take, "DELETE FROM event WHERE id = $1", "i", "");
FZ_STATEMENT(event_move_on, "UPDATE event SET position = $2 WHERE id = $1", "ii", "");
FZ_STATEMENT(event_set_aside,
             "UPDATE event SET set_aside_due_ms = due_ms, set_aside_why = $2, due_ms = $3 WHERE id = $1",
             "iti", "");

#define NEVER_MS INT64_MAX /* no clock comes there: the book's ends with the year 9999 */

struct event {
    int64_t id, due_ms, kind, subject;
    int64_t position; /* of a day's work: how far it is */
    bool goes_on;     /* out: it is not at its end */
};

/* A run has an error of its own: what its events are refused concerns nobody, so the transaction's error
 * stays as it is, and so does its time. */
struct run {
    struct fz_tx *tx;
    int64_t until_ms, floor_ms;
    struct fz_error error;       /* of the event at hand */
    struct fz_error *outer;      /* the transaction's */
    int64_t outer_ms;
};

static void begin(struct run *run, struct fz_tx *tx, int64_t until_ms, int64_t floor_ms)
{
    *run = (struct run){
        .tx = tx, .until_ms = until_ms, .floor_ms = floor_ms, .outer = tx->error, .outer_ms = tx->now_ms};
    tx->error = &run->error;
}

static void end(struct run *run)
{
    run->tx->error = run->outer;
    run->tx->now_ms = run->outer_ms;
}

/* FZ_ABSENT if none is due. */
static enum fz_result find_first(struct run *run, struct event *out)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(run->tx, &event_due, FZ_VALUES(FZ_I(run->until_ms)), &row);
    if (result == FZ_OK)
        *out = (struct event){.id = fz_int(&row, 0),
                              .due_ms = fz_int(&row, 1),
                              .kind = fz_int(&row, 2),
                              .subject = fz_int(&row, 3),
                              .position = fz_int(&row, 4)};
    return result;
}

static enum fz_result remove_row(struct fz_tx *tx, const struct event *event)
{
    return fz_run(tx, &event_take, FZ_VALUES(FZ_I(event->id)), NULL);
}

/* The row goes first: what happens may plan the same anew. */
static enum fz_result happen(struct fz_tx *tx, const struct event *event, const struct fz_due_kind *kind)
{
    enum fz_result result = remove_row(tx, event);
    return result == FZ_OK ? kind->happen(tx, event->subject) : result;
}

/* With more to do the row stays, with its new position, and so does its place in the order: what is due
 * later must find the day's work done. */
static enum fz_result work(struct fz_tx *tx, struct event *event, const struct fz_due_kind *kind)
{
    int64_t next;
    enum fz_result result = kind->work(tx, (int)event->subject, event->position, &next);
    if (result != FZ_OK)
        return result;
    event->goes_on = next >= 0;
    return event->goes_on ? fz_run(tx, &event_move_on, FZ_VALUES(FZ_I(event->id), FZ_I(next)), NULL)
                          : remove_row(tx, event);
}

static enum fz_result do_event(struct fz_tx *tx, void *argument)
{
    struct event *event = argument;
    const struct fz_due_kind *kind = fz_due_kind(event->kind);
    if (kind == NULL)
        return FZ_FAILED;
    return kind->work != NULL ? work(tx, event, kind) : happen(tx, event, kind);
}

/* Whether it is over with an event that came to `result`, also if it did nothing. */
static bool is_over(enum fz_result result)
{
    return result == FZ_OK || result == FZ_REFUSED || result == FZ_ABSENT || result == FZ_CONFLICT;
}

/* The first event due, in a savepoint. FZ_ABSENT: none is due; FZ_FAILED: nothing of it is kept, and it is
 * due as before. */
static enum fz_result run_first(struct run *run, struct event *event)
{
    enum fz_result result = find_first(run, event);
    if (result != FZ_OK)
        return result;
    run->tx->now_ms = event->due_ms > run->floor_ms ? event->due_ms : run->floor_ms;
    run->error.issue[0] = '\0'; /* what an earlier event was refused for is no reason of this one's */
    result = fz_attempt(run->tx, do_event, event);
    if (result == FZ_OK)
        return FZ_OK;
    event->goes_on = false;
    return is_over(result) ? remove_row(run->tx, event) : FZ_FAILED;
}

/* Behind the first that fails nothing is run: what is due later may build on it. */
static enum fz_result run_due(struct run *run, int64_t limit, int64_t *ran, int64_t *book_ms)
{
    struct event event = {0};
    enum fz_result result = FZ_OK;
    for (*ran = 0; result == FZ_OK && *ran < limit && !event.goes_on;) {
        result = run_first(run, &event);
        if (result == FZ_OK) {
            *book_ms = run->tx->now_ms;
            ++*ran;
        }
    }
    return result == FZ_ABSENT || *ran > 0 ? FZ_OK : result;
}

enum fz_result fz_event_run(struct fz_tx *tx, int64_t until_ms, int64_t floor_ms, int64_t limit, int64_t *ran,
                            int64_t *book_ms)
{
    struct run run;
    begin(&run, tx, until_ms, floor_ms);
    enum fz_result result = run_due(&run, limit, ran, book_ms);
    end(&run);
    if (result == FZ_FAILED)
        fz_copy(tx->error->issue, sizeof tx->error->issue, run.error.issue);
    return result;
}

enum fz_result fz_event_set_aside(struct fz_tx *tx, int64_t until_ms, int64_t floor_ms, bool *out)
{
    static const char silent[] = "what it found in the book does not fit it";
    struct run run;
    struct event event;
    begin(&run, tx, until_ms, floor_ms);
    enum fz_result result = run_first(&run, &event);
    end(&run);
    *out = result == FZ_FAILED;
    if (!*out)
        return result == FZ_ABSENT ? FZ_OK : result;
    const char *why = run.error.issue[0] == '\0' ? silent : run.error.issue;
    return fz_run(tx, &event_set_aside, FZ_VALUES(FZ_I(event.id), FZ_T(why), FZ_I(NEVER_MS)), NULL);
}
