/* The clock's row: one, overwritten. Its wire time is by the clock of the store, which all processes on it share; what is told of it here by this
 * machine's, which may be another. */
#include "book/clock.h"

FZ_STATEMENT(clock_load, "SELECT book_ms, wire_ms, frozen FROM clock WHERE id = 1", "", "iii");
FZ_STATEMENT(clock_floor, "SELECT COALESCE(MAX(time_ms), 0) FROM entry", "", "i");
FZ_STATEMENT(clock_store,
             "INSERT INTO clock (id, book_ms, wire_ms, frozen) VALUES (1, $1, $2, $3)"
             " ON CONFLICT (id) DO UPDATE SET book_ms = excluded.book_ms, wire_ms = excluded.wire_ms,"
             " frozen = excluded.frozen",
             "iii", "");

enum fz_result fz_clock_load(struct fz_tx *tx, struct fz_clock_state *out, int64_t *floor_ms)
{
    FZ_CURSOR state = {0}, last = {0};
    enum fz_result result = fz_query_one(tx, &clock_load, NULL, 0, &state);
    if (result != FZ_OK)
        return result;
    result = fz_query_one(tx, &clock_floor, NULL, 0, &last);
    if (result != FZ_OK)
        return result;
    *out = (struct fz_clock_state){
        .book_ms = fz_int(&state, 0), .wire_ms = fz_int(&state, 1) - tx->ahead_ms, .frozen = fz_int(&state, 2) != 0};
    *floor_ms = fz_int(&last, 0);
    return FZ_OK;
}

FZ_STATEMENT(clock_anchor, "UPDATE clock SET book_ms = $1, wire_ms = $2 WHERE id = 1 AND frozen = 0 AND wire_ms <= $3", "iii", "");

enum fz_result fz_clock_anchor(struct fz_tx *tx, int64_t older_ms)
{
    return fz_run(tx, &clock_anchor, FZ_VALUES(FZ_I(tx->now_ms), FZ_I(tx->wire_ms), FZ_I(tx->wire_ms - older_ms)), NULL);
}

enum fz_result fz_clock_store(struct fz_tx *tx, const struct fz_clock_state *state)
{
    return fz_run(tx, &clock_store,
                  FZ_VALUES(FZ_I(state->book_ms), FZ_I(state->wire_ms + tx->ahead_ms), FZ_I(state->frozen)), NULL);
}
