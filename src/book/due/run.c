/* Running events that are due, one after another, each in a savepoint of its own, and setting aside one that fails. */
#include "base/text.h"
#include "book/due/due.h"
#include "book/due/happen.h"
#include "book/due/kind.h"

FZ_STATEMENT(event_due,
             "SELECT id, due_ms, kind, subject, position FROM event WHERE due_ms <= $1"
             " ORDER BY due_ms, id LIMIT 1 FOR UPDATE",
             "i", "iiiii");

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

/* Nothing of the run is left in the transaction that it was begun in. */
static void end(const struct run *run, struct fz_tx *tx)
{
    tx->error = run->outer;
    tx->now_ms = run->outer_ms;
}

/* FZ_ABSENT if none is due. */
static enum fz_result find_first(struct run *run, struct fz_due_event *out)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(run->tx, &event_due, FZ_VALUES(FZ_I(run->until_ms)), &row);
    if (result == FZ_OK)
        fz_due_event_read(&row, out);
    return result;
}

/* The first event due, in a savepoint. FZ_ABSENT: none is due; FZ_FAILED: nothing of it is kept, and it is
 * due as before. */
static enum fz_result run_first(struct run *run, struct fz_due_event *event)
{
    enum fz_result result = find_first(run, event);
    if (result != FZ_OK)
        return result;
    run->tx->now_ms = event->due_ms > run->floor_ms ? event->due_ms : run->floor_ms;
    run->error.issue[0] = '\0'; /* what an earlier event was refused for is no reason of this one's */
    result = fz_due_close_day(run->tx, event->kind, event->subject);
    if (result != FZ_OK)
        return result;
    result = fz_attempt(run->tx, fz_due_happen, event);
    if (result == FZ_OK)
        return FZ_OK;
    event->goes_on = false;
    return fz_due_is_over(result) ? fz_due_remove(run->tx, event) : FZ_FAILED;
}

/* Behind the first that fails nothing is run: what is due later may build on it. */
static enum fz_result run_due(struct run *run, int64_t limit, int64_t *ran, int64_t *book_ms)
{
    struct fz_due_event event = {0};
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
    end(&run, tx);
    if (result == FZ_FAILED)
        fz_copy(tx->error->issue, sizeof tx->error->issue, run.error.issue);
    return result;
}

enum fz_result fz_event_set_aside(struct fz_tx *tx, int64_t until_ms, int64_t floor_ms, bool *out)
{
    struct run run;
    struct fz_due_event event;
    begin(&run, tx, until_ms, floor_ms);
    enum fz_result result = run_first(&run, &event);
    end(&run, tx);
    *out = result == FZ_FAILED;
    if (!*out)
        return result == FZ_ABSENT ? FZ_OK : result;
    return fz_due_set_aside(tx, &event, run.error.issue);
}
