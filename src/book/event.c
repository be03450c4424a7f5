/* Events: planned as rows, run in the order of their due time. */
#include "book/event.h"

#include "base/calendar.h"
#include "base/text.h"
#include "book/distribution/distribution.h"
#include "book/order/payer_account.h"
#include "book/rail.h"
#include "book/settlement/settlement.h"

FZ_STATEMENT(event_plan,
             "INSERT INTO event (id, due_ms, kind, subject, position) VALUES ($1, $2, $3, $4, 0)"
             " ON CONFLICT (kind, subject) DO UPDATE SET due_ms = excluded.due_ms,"
             " set_aside_due_ms = NULL, set_aside_why = NULL"
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
FZ_STATEMENT(event_move_on, "UPDATE event SET position = $2 WHERE id = $1", "ii", "");
FZ_STATEMENT(event_set_aside,
             "UPDATE event SET set_aside_due_ms = due_ms, set_aside_why = $2, due_ms = $3 WHERE id = $1",
             "iti", "");
FZ_STATEMENT(event_take_up,
             "UPDATE event SET due_ms = set_aside_due_ms, set_aside_due_ms = NULL, set_aside_why = NULL"
             " WHERE set_aside_due_ms IS NOT NULL",
             "", "");
FZ_STATEMENT(event_list_aside,
             "SELECT kind, subject, set_aside_due_ms, set_aside_why FROM event"
             " WHERE set_aside_due_ms IS NOT NULL ORDER BY id",
             "", "iiit");

#define NEVER_MS INT64_MAX /* no clock comes there */

struct event {
    int64_t id, due_ms;
    enum fz_event_kind kind;
    int64_t subject;
    int64_t position; /* of a day's work: how far it is */
    bool more;        /* out: it is not at its end */
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

/* FZ_ABSENT if none is due. */
static enum fz_result find_due(struct fz_tx *tx, int64_t until_ms, struct event *out)
{
    FZ_CURSOR cursor = {0};
    enum fz_result result = fz_query_one(tx, &event_due, FZ_VALUES(FZ_I(until_ms)), &cursor);
    if (result == FZ_OK)
        *out = (struct event){.id = fz_int(&cursor, 0),
                              .due_ms = fz_int(&cursor, 1),
                              .kind = (enum fz_event_kind)fz_int(&cursor, 2),
                              .subject = fz_int(&cursor, 3),
                              .position = fz_int(&cursor, 4)};
    return result;
}

static enum fz_result take(struct fz_tx *tx, const struct event *event)
{
    return fz_run(tx, &event_take, FZ_VALUES(FZ_I(event->id)), NULL);
}

/* Does a stretch of a day's work. With more to do the row stays, with its new position: `more`. */
static enum fz_result run_stretch(struct fz_tx *tx, struct event *event,
                                  enum fz_result (*stretch)(struct fz_tx *tx, int day, int64_t position,
                                                            int64_t *next))
{
    int64_t next;
    enum fz_result result = stretch(tx, (int)event->subject, event->position, &next);
    if (result != FZ_OK)
        return result;
    event->more = next >= 0;
    return event->more ? fz_run(tx, &event_move_on, FZ_VALUES(FZ_I(event->id), FZ_I(next)), NULL)
                       : take(tx, event);
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

static enum fz_result run_moment(struct fz_tx *tx, const struct event *event)
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
    case FZ_EVENT_PASSWORD:
        return fz_rail_password_entered(tx, event->subject);
    default:
        return FZ_FAILED;
    }
}

/* The row of what happens in a moment goes first: what the event does may plan the same anew. */
static enum fz_result run(struct fz_tx *tx, void *argument)
{
    struct event *event = argument;
    event->more = false;
    switch (event->kind) {
    case FZ_EVENT_CONVERT:
        return run_stretch(tx, event, fz_settlement_convert);
    case FZ_EVENT_DETAIL:
        return run_stretch(tx, event, fz_settlement_detail);
    case FZ_EVENT_PAYOUT:
        return run_stretch(tx, event, fz_settlement_pay_out);
    default:
        break;
    }
    enum fz_result result = take(tx, event);
    return result == FZ_OK ? run_moment(tx, event) : result;
}

/* Whether it is over with an event that came to `result`. One that a rule refuses, or that finds its subject
 * gone or further on, has nothing to do any more; what it had begun to write is undone. */
static bool is_over(enum fz_result result)
{
    return result == FZ_OK || result == FZ_REFUSED || result == FZ_ABSENT || result == FZ_CONFLICT;
}

/* The first event due, in a savepoint of its own. FZ_ABSENT: none is due; FZ_FAILED: nothing of it is kept,
 * and it is due as before. */
static enum fz_result run_first(struct fz_tx *tx, int64_t until_ms, int64_t floor_ms, struct event *event)
{
    enum fz_result result = find_due(tx, until_ms, event);
    if (result != FZ_OK)
        return result;
    tx->now_ms = event->due_ms > floor_ms ? event->due_ms : floor_ms;
    result = fz_attempt(tx, run, event);
    if (result == FZ_OK)
        return FZ_OK;
    event->more = false;
    return is_over(result) ? take(tx, event) : FZ_FAILED;
}

/* Behind the first that fails nothing is run: what came before it is kept, and it is the first of the next run. */
static enum fz_result run_due(struct fz_tx *tx, int64_t until_ms, int64_t floor_ms, int64_t limit,
                              int64_t *ran, int64_t *book_ms)
{
    struct event event = {0};
    enum fz_result result = FZ_OK;
    for (*ran = 0; result == FZ_OK && *ran < limit && !event.more;) {
        result = run_first(tx, until_ms, floor_ms, &event);
        if (result == FZ_OK) {
            *book_ms = tx->now_ms;
            ++*ran;
        }
    }
    return result == FZ_ABSENT || *ran > 0 ? FZ_OK : result;
}

/* What an event is refused concerns nobody: the transaction's own error stays as it is, and its time. */
struct shelter {
    struct fz_error error, *outer;
    int64_t now_ms;
};

static void take_shelter(struct fz_tx *tx, struct shelter *shelter)
{
    *shelter = (struct shelter){.outer = tx->error, .now_ms = tx->now_ms};
    tx->error = &shelter->error;
}

static void leave_shelter(struct fz_tx *tx, const struct shelter *shelter)
{
    tx->error = shelter->outer;
    tx->now_ms = shelter->now_ms;
}

enum fz_result fz_event_run(struct fz_tx *tx, int64_t until_ms, int64_t floor_ms, int64_t limit, int64_t *ran,
                            int64_t *book_ms)
{
    struct shelter shelter;
    take_shelter(tx, &shelter);
    enum fz_result result = run_due(tx, until_ms, floor_ms, limit, ran, book_ms);
    leave_shelter(tx, &shelter);
    if (result == FZ_FAILED)
        fz_copy(tx->error->issue, sizeof tx->error->issue, shelter.error.issue);
    return result;
}

/* ---- those that fail ---- */

enum fz_result fz_event_set_aside(struct fz_tx *tx, int64_t until_ms, int64_t floor_ms, bool *out)
{
    static const char silent[] = "what it found in the book does not fit it";
    struct shelter shelter;
    struct event event;
    take_shelter(tx, &shelter);
    enum fz_result result = run_first(tx, until_ms, floor_ms, &event);
    leave_shelter(tx, &shelter);
    *out = result == FZ_FAILED;
    if (!*out)
        return result == FZ_ABSENT ? FZ_OK : result;
    const char *why = shelter.error.issue[0] == '\0' ? silent : shelter.error.issue;
    return fz_run(tx, &event_set_aside, FZ_VALUES(FZ_I(event.id), FZ_T(why), FZ_I(NEVER_MS)), NULL);
}

enum fz_result fz_event_take_up(struct fz_tx *tx)
{
    return fz_run(tx, &event_take_up, NULL, 0, NULL);
}

enum fz_result fz_event_each_aside(struct fz_tx *tx,
                                   enum fz_result (*each)(void *argument, const struct fz_event_aside *aside),
                                   void *argument)
{
    static const char *const words[] = {[FZ_EVENT_FROZEN] = "frozen",
                                        [FZ_EVENT_RELEASE] = "release",
                                        [FZ_EVENT_DISTRIBUTED] = "distributed",
                                        [FZ_EVENT_REFUNDED] = "refunded",
                                        [FZ_EVENT_RECEIVER_AUDITED] = "receiver audited",
                                        [FZ_EVENT_CONVERT] = "convert",
                                        [FZ_EVENT_PASSWORD] = "password",
                                        [FZ_EVENT_DETAIL] = "detail",
                                        [FZ_EVENT_PAYOUT] = "payout"};
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query(tx, &event_list_aside, NULL, 0, &row);
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK) {
        int64_t kind = fz_int(&row, 0);
        bool known = kind >= FZ_EVENT_FROZEN && kind <= FZ_EVENT_PAYOUT;
        struct fz_event_aside aside = {.kind = known ? words[kind] : "of an unknown kind",
                                       .subject = fz_int(&row, 1),
                                       .due_ms = fz_int(&row, 2),
                                       .why = fz_string(&row, 3)};
        result = each(argument, &aside);
    }
    return result == FZ_ABSENT ? FZ_OK : result;
}
