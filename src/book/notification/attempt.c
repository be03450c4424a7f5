/* What came of sending a notification: its attempts, and where the row goes from there. */
#include "base/text.h"
#include "book/notification/notification.h"
#include "book/state.h"

const char *fz_attempt_kind_word(enum fz_attempt_kind kind)
{
    static const char *const words[] = {[FZ_ATTEMPT_TRUE] = "NOTIFICATION",
                                        [FZ_ATTEMPT_PROBE] = "PROBE",
                                        [FZ_ATTEMPT_DUPLICATE] = "DUPLICATE",
                                        [FZ_ATTEMPT_WRONG_SIGNATURE] = "WRONG_SIGNATURE",
                                        [FZ_ATTEMPT_STRIPPED] = "STRIPPED",
                                        [FZ_ATTEMPT_OTHER_SUB_MERCHANT] = "OTHER_SUB_MERCHANT"};
    return words[kind];
}

FZ_STATEMENT(
    attempt_insert,
    "INSERT INTO notification_attempt (notification, number, kind, time_ms, wire_ms, duration_ms, headers,"
    " body, status, answer_headers, answer_body, error)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    "iiiiiittibbt", "");
FZ_STATEMENT(
    attempt_each,
    "SELECT number, kind, time_ms, wire_ms, duration_ms, headers, body, status, answer_headers, answer_body,"
    " error FROM notification_attempt WHERE notification = $1 ORDER BY number",
    "i", "iiiiittibbt");
FZ_STATEMENT(notification_conclude,
             "UPDATE notification SET state = $2, due_ms = $3, step = $4, attempts = $5, delivered_ms = $6"
             " WHERE id = $1",
             "iiiiii", "");
FZ_STATEMENT(notification_resend,
             "UPDATE notification SET state = $2, due_ms = $3, resends = resends + 1 WHERE id = $1", "iii",
             "");

static const struct fz_states notification_states = {
    4,
    {{FZ_NOTIFICATION_WAITING, FZ_NOTIFICATION_DELIVERED},
     {FZ_NOTIFICATION_WAITING, FZ_NOTIFICATION_FAILED},
     {FZ_NOTIFICATION_DELIVERED, FZ_NOTIFICATION_WAITING},
     {FZ_NOTIFICATION_FAILED, FZ_NOTIFICATION_WAITING}}};

static enum fz_result insert_attempt(struct fz_tx *tx, int64_t notification, int number,
                                     const struct fz_attempt *attempt)
{
    bool answered = attempt->status != 0;
    return fz_run(tx, &attempt_insert,
                  FZ_VALUES(FZ_I(notification), FZ_I(number), FZ_I(attempt->kind), FZ_I(attempt->time_ms),
                            FZ_I(attempt->wire_ms), FZ_I(attempt->duration_ms), FZ_T(attempt->headers),
                            FZ_T(attempt->body), answered ? FZ_I(attempt->status) : FZ_NIL,
                            answered ? FZ_B(attempt->answer_headers, attempt->answer_headers_size) : FZ_NIL,
                            answered ? FZ_B(attempt->answer_body, attempt->answer_body_size) : FZ_NIL,
                            FZ_T(attempt->error)),
                  NULL);
}

/* Moves `row` on from a sending that found it WAITING. */
static void move_row_on(struct fz_notification *row, const struct fz_notification_outcome *outcome,
                        int64_t now_ms)
{
    if (outcome->delivered && row->delivered_ms == 0)
        row->delivered_ms = now_ms;
    if (!outcome->delivered && row->delivered_ms == 0)
        row->step++;
    if (row->resends != outcome->sent->resends)
        return; /* it is due again already */
    if (row->delivered_ms != 0)
        row->state = FZ_NOTIFICATION_DELIVERED;
    else if (outcome->next_due_ms == 0)
        row->state = FZ_NOTIFICATION_FAILED;
    else
        row->due_ms = outcome->next_due_ms;
}

enum fz_result fz_notification_conclude(struct fz_tx *tx, const struct fz_notification_outcome *outcome)
{
    struct fz_notification row;
    enum fz_result result = fz_notification_by_row(tx, outcome->sent->id, &row);
    for (size_t i = 0; result == FZ_OK && i < outcome->count && row.attempts < FZ_ATTEMPTS_MAX; i++)
        result = insert_attempt(tx, row.id, ++row.attempts, &outcome->attempts[i]);
    if (result != FZ_OK)
        return result;
    enum fz_notification_state before = row.state;
    move_row_on(&row, outcome, tx->now_ms);
    if (row.state != before && fz_state_check(&notification_states, before, row.state) != FZ_OK)
        return FZ_FAILED;
    return fz_run(tx, &notification_conclude,
                  FZ_VALUES(FZ_I(row.id), FZ_I(row.state), FZ_I(row.due_ms), FZ_I(row.step),
                            FZ_I(row.attempts), row.delivered_ms == 0 ? FZ_NIL : FZ_I(row.delivered_ms)),
                  NULL);
}

enum fz_result fz_notification_resend(struct fz_tx *tx, const char *event_id, struct fz_notification *out)
{
    struct fz_notification row;
    enum fz_result result = fz_notification_by_event_id(tx, event_id, &row);
    if (result != FZ_OK)
        return result;
    if (row.resends >= FZ_RESENDS_MAX)
        return FZ_CONFLICT;
    if (row.state != FZ_NOTIFICATION_WAITING &&
        fz_state_check(&notification_states, row.state, FZ_NOTIFICATION_WAITING) != FZ_OK)
        return FZ_FAILED;
    result = fz_run(tx, &notification_resend,
                    FZ_VALUES(FZ_I(row.id), FZ_I(FZ_NOTIFICATION_WAITING), FZ_I(tx->now_ms)), NULL);
    return result == FZ_OK ? fz_notification_by_row(tx, row.id, out) : result;
}

enum fz_result fz_attempt_each(struct fz_tx *tx, int64_t notification,
                               enum fz_result (*each)(void *argument, int number,
                                                      const struct fz_attempt *attempt),
                               void *argument)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query(tx, &attempt_each, FZ_VALUES(FZ_I(notification)), &row);
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK) {
        struct fz_attempt attempt = {.kind = (enum fz_attempt_kind)fz_int(&row, 1),
                                     .time_ms = fz_int(&row, 2),
                                     .wire_ms = fz_int(&row, 3),
                                     .duration_ms = fz_int(&row, 4),
                                     .headers = fz_string(&row, 5),
                                     .body = fz_string(&row, 6),
                                     .status = (int)fz_int(&row, 7),
                                     .error = fz_is_null(&row, 10) ? NULL : fz_string(&row, 10)};
        attempt.answer_headers = fz_bytes(&row, 8, &attempt.answer_headers_size);
        attempt.answer_body = fz_bytes(&row, 9, &attempt.answer_body_size);
        result = each(argument, (int)fz_int(&row, 0), &attempt);
    }
    return result == FZ_ABSENT ? FZ_OK : result;
}
