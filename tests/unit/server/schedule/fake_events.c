/* Events that do nothing but say when they ran. */
#include "book/due/due.h"
#include "unit/server/schedule/fake_events.h"

#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

sem_t gate_reached, gate_open;
_Atomic int fake_fails;

FZ_STATEMENT(fake_insert,
             "INSERT INTO event (id, due_ms, kind, subject, position) VALUES ($1, $2, $3, $1, 0)", "iii", "");
FZ_STATEMENT(fake_first, "SELECT due_ms FROM event ORDER BY due_ms, id LIMIT 1", "", "i");
FZ_STATEMENT(fake_count, "SELECT COUNT(*) FROM event WHERE due_ms <= $1", "i", "i");
FZ_STATEMENT(fake_next, "SELECT id, due_ms, kind FROM event WHERE due_ms <= $1 ORDER BY due_ms, id LIMIT 1",
             "i", "iii");
FZ_STATEMENT(fake_remove, "DELETE FROM event WHERE id = $1", "i", "");
/* The table of marks is as good a diary as any: the events leave it alone. */
FZ_STATEMENT(
    fake_note,
    "INSERT INTO mark (caller, sub_mchid, out_trade_no, currency, created_ms) VALUES ('', '', $1, '', $2)",
    "ti", "");
FZ_STATEMENT(fake_past, "SELECT created_ms FROM mark ORDER BY out_trade_no", "", "i");

FZ_STATEMENT(fake_merchant,
             "INSERT INTO merchant (mchid, kind, settlement_currency, penalised) VALUES ('1', 1, 'USD', 0) ON CONFLICT (mchid) DO NOTHING", "", "");
FZ_STATEMENT(fake_callback,
             "INSERT INTO notification (id, event_id, kind, subject, caller, sub_mchid, out_trade_no, url, host, created_ms, state, due_ms,"
             " step, attempts, resends) VALUES ($1, $2, 1, $1, '1', '', '', '', '', $3, 1, $3, 0, 0, 0)",
             "iti", "");

/* Somebody is to be told of it at once, and the batch's time is over. */
static enum fz_result call_back_slowly(struct fz_tx *tx, const char *name, int64_t now_ms)
{
    int64_t id;
    enum fz_result result = fz_next_id(tx, "notification", &id);
    if (result == FZ_OK)
        result = fz_run(tx, &fake_merchant, NULL, 0, NULL);
    if (result == FZ_OK)
        result = fz_run(tx, &fake_callback, FZ_VALUES(FZ_I(id), FZ_T(name), FZ_I(now_ms)), NULL);
    usleep(40000);
    return result;
}

enum fz_result fake_plan(struct fz_tx *tx, void *argument)
{
    const struct fake_plan *plan = argument;
    int64_t id;
    enum fz_result result = fz_next_id(tx, "event", &id);
    return result == FZ_OK
               ? fz_run(tx, &fake_insert, FZ_VALUES(FZ_I(id), FZ_I(plan->due_ms), FZ_I(plan->kind)), NULL)
               : result;
}

enum fz_result fake_read_past(struct fz_tx *tx, void *argument)
{
    struct fake_past *past = argument;
    FZ_CURSOR row = {0};
    past->count = 0;
    enum fz_result result = fz_query(tx, &fake_past, NULL, 0, &row);
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK)
        if (past->count < 2000)
            past->times_ms[past->count++] = fz_int(&row, 0);
    return result == FZ_ABSENT ? FZ_OK : result;
}

enum fz_result fz_event_next_due(struct fz_tx *tx, int64_t *due_ms)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &fake_first, NULL, 0, &row);
    if (result == FZ_OK)
        *due_ms = fz_int(&row, 0);
    return result;
}

enum fz_result fz_event_count_due(struct fz_tx *tx, int64_t until_ms, int64_t most, int64_t *out)
{
    (void)most;
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &fake_count, FZ_VALUES(FZ_I(until_ms)), &row);
    if (result == FZ_OK)
        *out = fz_int(&row, 0);
    return result;
}

static enum fz_result run_one(struct fz_tx *tx, enum fake_kind kind, int64_t due_ms, int64_t now_ms)
{
    static _Atomic int64_t number;
    char name[24];
    struct fake_plan next = {FAKE_NOTE, due_ms + 1000};
    if (kind == FAKE_FAILURE && fake_fails > 0 && fake_fails-- > 0)
        return FZ_FAILED;
    if (kind == FAKE_GATE) {
        sem_post(&gate_reached);
        sem_wait(&gate_open);
    }
    snprintf(name, sizeof name, "%012lld", (long long)++number);
    enum fz_result result = fz_run(tx, &fake_note, FZ_VALUES(FZ_T(name), FZ_I(now_ms)), NULL);
    if (result == FZ_OK && kind == FAKE_SLOW_CALLBACK)
        return call_back_slowly(tx, name, now_ms);
    return result == FZ_OK && kind == FAKE_CHAIN ? fake_plan(tx, &next) : result;
}

enum fz_result fz_event_run(struct fz_tx *tx, int64_t until_ms, int64_t floor_ms, int64_t limit, int64_t *ran,
                            int64_t *book_ms)
{
    for (*ran = 0; *ran < limit; ++*ran) {
        FZ_CURSOR row = {0};
        enum fz_result result = fz_query_one(tx, &fake_next, FZ_VALUES(FZ_I(until_ms)), &row);
        if (result != FZ_OK)
            return result == FZ_ABSENT ? FZ_OK : result;
        int64_t id = fz_int(&row, 0), due_ms = fz_int(&row, 1),
                now_ms = due_ms > floor_ms ? due_ms : floor_ms;
        enum fake_kind kind = (enum fake_kind)fz_int(&row, 2);
        fz_cursor_done(&row);
        result = fz_run(tx, &fake_remove, FZ_VALUES(FZ_I(id)), NULL);
        if (result == FZ_OK)
            result = run_one(tx, kind, due_ms, now_ms);
        if (result != FZ_OK)
            return result;
        *book_ms = now_ms;
    }
    return FZ_OK;
}

enum fz_result fz_event_look(struct fz_tx *tx, int64_t from_ms, int64_t most, struct fz_event_next *out)
{
    (void)tx, (void)from_ms, (void)most, (void)out; /* so is this */
    return FZ_FAILED;
}

enum fz_result fz_event_claim(struct fz_tx *tx, struct fz_event_claim *claim)
{
    (void)tx, (void)claim; /* of a book that several processes have */
    return FZ_FAILED;
}

enum fz_result fz_event_set_aside(struct fz_tx *tx, int64_t until_ms, int64_t floor_ms, bool *out)
{
    int64_t ran, book_ms;
    *out = false;
    return fz_event_run(tx, until_ms, floor_ms, 1, &ran, &book_ms);
}

enum fz_result fz_event_take_up(struct fz_tx *tx)
{
    (void)tx;
    return FZ_OK;
}

/* For the endpoints, which are linked too and never called. */
enum fz_result fz_event_plan(struct fz_tx *tx, enum fz_event_kind kind, int64_t subject, int64_t due_ms)
{
    (void)tx, (void)kind, (void)subject, (void)due_ms;
    return FZ_FAILED;
}

enum fz_result fz_event_cancel(struct fz_tx *tx, enum fz_event_kind kind, int64_t subject)
{
    (void)tx, (void)kind, (void)subject;
    return FZ_FAILED;
}
