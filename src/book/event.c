/* Events: planned, taken back, and looked for. */
#include "book/event.h"

FZ_STATEMENT(event_plan,
             "INSERT INTO event (id, due_ms, kind, subject, position) VALUES ($1, $2, $3, $4, 0)"
             " ON CONFLICT (kind, subject) DO UPDATE SET due_ms = excluded.due_ms,"
             " set_aside_due_ms = NULL, set_aside_why = NULL"
             " WHERE excluded.due_ms < event.due_ms",
             "iiii", "");
FZ_STATEMENT(event_expect,
             "INSERT INTO event (id, due_ms, kind, subject, position) VALUES ($1, $2, $3, $4, 0)"
             " ON CONFLICT (kind, subject) DO NOTHING",
             "iiii", "");
FZ_STATEMENT(event_cancel, "DELETE FROM event WHERE kind = $1 AND subject = $2", "ii", "");
FZ_STATEMENT(event_next, "SELECT due_ms, id FROM event WHERE due_ms >= $1 ORDER BY due_ms, id LIMIT $2", "ii", "ii");
FZ_STATEMENT(event_first, "SELECT due_ms FROM event ORDER BY due_ms, id LIMIT 1", "", "i");
FZ_STATEMENT(event_count,
             "SELECT COUNT(*) FROM (SELECT 1 FROM event WHERE due_ms <= $1 LIMIT $2) e", "ii", "i");

static enum fz_result add(struct fz_tx *tx, const struct fz_statement *statement, enum fz_event_kind kind, int64_t subject, int64_t due_ms)
{
    int64_t id;
    enum fz_result result = fz_next_id(tx, "event", &id);
    if (result != FZ_OK)
        return result;
    return fz_run(tx, statement, FZ_VALUES(FZ_I(id), FZ_I(due_ms), FZ_I(kind), FZ_I(subject)), NULL);
}

enum fz_result fz_event_plan(struct fz_tx *tx, enum fz_event_kind kind, int64_t subject, int64_t due_ms)
{
    return add(tx, &event_plan, kind, subject, due_ms);
}

enum fz_result fz_event_expect(struct fz_tx *tx, enum fz_event_kind kind, int64_t subject, int64_t due_ms)
{
    return add(tx, &event_expect, kind, subject, due_ms);
}

enum fz_result fz_event_cancel(struct fz_tx *tx, enum fz_event_kind kind, int64_t subject)
{
    return fz_run(tx, &event_cancel, FZ_VALUES(FZ_I(kind), FZ_I(subject)), NULL);
}

enum fz_result fz_event_look(struct fz_tx *tx, int64_t from_ms, int64_t most, struct fz_event_next *out)
{
    FZ_CURSOR row = {0};
    *out = (struct fz_event_next){.first = {.due_ms = INT64_MAX}};
    enum fz_result result = fz_query(tx, &event_next, FZ_VALUES(FZ_I(from_ms), FZ_I(most)), &row);
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK) {
        struct fz_event_place place = {.due_ms = fz_int(&row, 0), .id = fz_int(&row, 1)};
        if (out->first.due_ms == INT64_MAX)
            out->first = place;
        out->due += place.due_ms <= tx->now_ms;
    }
    return result == FZ_ABSENT ? FZ_OK : result;
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
