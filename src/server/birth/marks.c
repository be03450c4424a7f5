/* What a snapshot's book has beside the book that it is of: the clock of its instant, and what the server was asked. */
#include "book/clock.h"
#include "server/birth/restoration.h"

FZ_STATEMENT(asked_store,
             "INSERT INTO asked (id, said) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET said = excluded.said", "t", "");
FZ_STATEMENT(asked_load, "SELECT said FROM asked WHERE id = 1", "", "t");
FZ_STATEMENT(asked_remove, "DELETE FROM asked", "", "");

enum fz_result fz_snapshot_mark(struct fz_tx *tx, void *argument)
{
    const struct fz_snapshot_marks *marks = argument;
    struct fz_clock_state clock = fz_clock_state(marks->world);
    enum fz_result result = fz_run(tx, &asked_store, FZ_VALUES(FZ_T(marks->asked)), NULL);
    return result == FZ_OK ? fz_clock_store(tx, &clock) : result;
}

static enum fz_result load_asked(struct fz_tx *tx, struct fz_text *out)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &asked_load, NULL, 0, &row);
    fz_text_done(out);
    if (result == FZ_OK)
        fz_text_string(out, fz_string(&row, 0));
    return result == FZ_ABSENT ? FZ_OK : out->failed ? FZ_FAILED : result;
}

enum fz_result fz_snapshot_unmark(struct fz_tx *tx, struct fz_clock_state *clock, struct fz_text *asked)
{
    int64_t floor_ms;
    enum fz_result result = fz_clock_load(tx, clock, &floor_ms);
    if (result != FZ_OK)
        return FZ_FAILED;
    clock->book_ms = clock->book_ms < floor_ms ? floor_ms : clock->book_ms;
    clock->wire_ms = fz_wire_now_ms();
    result = load_asked(tx, asked);
    if (result == FZ_OK)
        result = fz_run(tx, &asked_remove, NULL, 0, NULL);
    return result == FZ_OK ? fz_clock_store(tx, clock) : result;
}
