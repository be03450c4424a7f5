/* Events: planned as rows, run in the order of their due time. */
#include "book/event.h"

#include "base/calendar.h"
#include "book/distribution.h"
#include "book/payer_account.h"
#include "book/rail.h"
#include "book/settlement.h"

FZ_STATEMENT(event_plan,
             "INSERT INTO event (id, due_ms, kind, subject, position) VALUES ($1, $2, $3, $4, 0)"
             " ON CONFLICT (kind, subject) DO UPDATE SET due_ms = excluded.due_ms"
             " WHERE excluded.due_ms < event.due_ms",
             "iiii", "");
FZ_STATEMENT(event_cancel, "DELETE FROM event WHERE kind = $1 AND subject = $2", "ii", "");
FZ_STATEMENT(event_first, "SELECT due_ms FROM event ORDER BY due_ms, id LIMIT 1", "", "i");
FZ_STATEMENT(event_count,
             "SELECT COUNT(*) FROM (SELECT 1 FROM event WHERE due_ms <= $1 LIMIT $2) e", "ii", "i");
FZ_STATEMENT(event_due,
             "SELECT id, due_ms, kind, subject, position FROM event WHERE due_ms <= $1"
             " ORDER BY due_ms, id LIMIT 1 FOR UPDATE",
             "i", "iiiii");
FZ_STATEMENT(event_take, "DELETE FROM event WHERE id = $1", "i", "");
FZ_STATEMENT(event_put_back,
             "INSERT INTO event (id, due_ms, kind, subject, position) VALUES ($1, $2, $3, $4, $5)", "iiiii",
             "");

struct event {
    int64_t id, due_ms;
    enum fz_event_kind kind;
    int64_t subject;
    int64_t position; /* of a day's work: how far it is */
};

enum fz_result fz_event_plan(struct fz_tx *tx, enum fz_event_kind kind, int64_t subject, int64_t due_ms)
{
    int64_t id;
    enum fz_result result = fz_next_id(tx, "event", &id);
    if (result != FZ_OK)
        return result;
    return fz_run(tx, &event_plan, FZ_VALUES(FZ_I(id), FZ_I(due_ms), FZ_I(kind), FZ_I(subject)), NULL);
}

enum fz_result fz_event_cancel(struct fz_tx *tx, enum fz_event_kind kind, int64_t subject)
{
    return fz_run(tx, &event_cancel, FZ_VALUES(FZ_I(kind), FZ_I(subject)), NULL);
}

enum fz_result fz_event_next_due(struct fz_tx *tx, int64_t *due_ms)
{
    FZ_CURSOR cursor = {0};
    enum fz_result result = fz_query_one(tx, &event_first, NULL, 0, &cursor);
    if (result == FZ_OK)
        *due_ms = fz_int(&cursor, 0);
    return result;
}

enum fz_result fz_event_count_due(struct fz_tx *tx, int64_t until_ms, int64_t most, int64_t *out)
{
    FZ_CURSOR cursor = {0};
    enum fz_result result = fz_query_one(tx, &event_count, FZ_VALUES(FZ_I(until_ms), FZ_I(most)), &cursor);
    if (result == FZ_OK)
        *out = fz_int(&cursor, 0);
    return result;
}

/* Reads the first event due and takes its row away: what the event does may plan the same anew. */
static enum fz_result take_due(struct fz_tx *tx, int64_t until_ms, struct event *out)
{
    FZ_CURSOR cursor = {0};
    enum fz_result result = fz_query_one(tx, &event_due, FZ_VALUES(FZ_I(until_ms)), &cursor);
    if (result != FZ_OK)
        return result;
    *out = (struct event){.id = fz_int(&cursor, 0),
                          .due_ms = fz_int(&cursor, 1),
                          .kind = (enum fz_event_kind)fz_int(&cursor, 2),
                          .subject = fz_int(&cursor, 3),
                          .position = fz_int(&cursor, 4)};
    fz_cursor_done(&cursor);
    return fz_run(tx, &event_take, FZ_VALUES(FZ_I(out->id)), NULL);
}

/* Does a stretch of a day's work. With more to do the row comes back as it was, with its position: `more`. */
static enum fz_result run_stretch(struct fz_tx *tx, const struct event *event,
                                  enum fz_result (*stretch)(struct fz_tx *tx, int day, int64_t position,
                                                            int64_t *next),
                                  bool *more)
{
    int64_t next;
    enum fz_result result = stretch(tx, (int)event->subject, event->position, &next);
    if (result != FZ_OK || next < 0)
        return result;
    *more = true;
    return fz_run(
        tx, &event_put_back,
        FZ_VALUES(FZ_I(event->id), FZ_I(event->due_ms), FZ_I(event->kind), FZ_I(event->subject), FZ_I(next)),
        NULL);
}

/* A refund reaches the payer, unless his account takes no money: then somebody has to look after it. */
static enum fz_result end_refund(struct fz_tx *tx, int64_t refund)
{
    enum fz_payer_account account;
    enum fz_result result = fz_payer_account_of_refund(tx, refund, &account);
    if (result != FZ_OK)
        return result;
    struct fz_refund_outcome outcome = {.state = account == FZ_PAYER_ACCOUNT_OPEN ? FZ_REFUND_SUCCESS
                                                                                  : FZ_REFUND_ABNORMAL};
    return fz_rail_refunded(tx, refund, &outcome);
}

static enum fz_result run(struct fz_tx *tx, const struct event *event, bool *more)
{
    static const struct fz_receiver_verdict passed = {.state = FZ_RECEIVER_EFFECTIVE};
    switch (event->kind) {
    case FZ_EVENT_FROZEN:
        return fz_rail_frozen(tx, event->subject);
    case FZ_EVENT_RELEASE:
        return fz_distribution_release(tx, event->subject);
    case FZ_EVENT_DISTRIBUTED:
        return fz_rail_distributed(tx, event->subject);
    case FZ_EVENT_REFUNDED:
        return end_refund(tx, event->subject);
    case FZ_EVENT_RECEIVER_AUDITED:
        return fz_rail_receiver_audited(tx, event->subject, &passed);
    case FZ_EVENT_CONVERT:
        return run_stretch(tx, event, fz_settlement_convert, more);
    case FZ_EVENT_DETAIL:
        return run_stretch(tx, event, fz_settlement_detail, more);
    case FZ_EVENT_PAYOUT:
        return run_stretch(tx, event, fz_settlement_pay_out, more);
    case FZ_EVENT_PASSWORD:
        return fz_rail_password_entered(tx, event->subject);
    }
    return FZ_FAILED;
}

/* An event that a rule refuses, or that finds its subject gone or further on, is done like any other. */
static bool is_done(enum fz_result result)
{
    return result == FZ_OK || result == FZ_REFUSED || result == FZ_ABSENT || result == FZ_CONFLICT;
}

/* fz_event_run, with tx->now_ms and tx->error free to be changed. */
static enum fz_result run_due(struct fz_tx *tx, int64_t until_ms, int64_t floor_ms, int64_t limit,
                              int64_t *ran, int64_t *book_ms)
{
    int64_t count = 0, time_ms = 0;
    bool more = false;
    while (count < limit && !more) {
        struct event event;
        enum fz_result result = take_due(tx, until_ms, &event);
        if (result == FZ_ABSENT)
            break;
        if (result != FZ_OK)
            return result;
        time_ms = tx->now_ms = event.due_ms > floor_ms ? event.due_ms : floor_ms;
        result = run(tx, &event, &more);
        if (!is_done(result))
            return result;
        count++;
    }
    if (count > 0)
        *book_ms = time_ms;
    *ran = count;
    return FZ_OK;
}

enum fz_result fz_event_run(struct fz_tx *tx, int64_t until_ms, int64_t floor_ms, int64_t limit, int64_t *ran,
                            int64_t *book_ms)
{
    /* What an event is refused concerns nobody: the transaction's own error stays as it is. */
    struct fz_error ignored = {0}, *error = tx->error;
    int64_t now_ms = tx->now_ms;
    tx->error = &ignored;
    enum fz_result result = run_due(tx, until_ms, floor_ms, limit, ran, book_ms);
    tx->error = error;
    tx->now_ms = now_ms;
    return result;
}
