/* Moves of the clock, where several processes have the book: the row that says whose one is. */
#include "book/move.h"

#include <string.h>

#include "book/clock.h"

FZ_STATEMENT(move_find, "SELECT owner, until_ms, frozen FROM clock_move WHERE id = 1", "", "tii");
FZ_STATEMENT(move_begin,
             "INSERT INTO clock_move (id, owner, until_ms, frozen) SELECT 1, $1, $2, frozen FROM clock WHERE id = 1"
             " ON CONFLICT (id) DO NOTHING",
             "ti", "");
FZ_STATEMENT(move_renew, "UPDATE clock_move SET until_ms = $2 WHERE id = 1 AND owner = $1", "ti", "");
FZ_STATEMENT(move_end, "DELETE FROM clock_move WHERE id = 1 AND owner = $1", "t", "");
FZ_STATEMENT(clock_go_on, "UPDATE clock SET frozen = $1 WHERE id = 1", "i", "");

enum fz_result fz_move_find(struct fz_tx *tx, struct fz_move *out)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &move_find, NULL, 0, &row);
    if (result != FZ_OK)
        return result;
    FZ_COPY_COLUMN(out->owner, &row, 0);
    out->until_ms = fz_int(&row, 1);
    out->frozen = fz_int(&row, 2) != 0;
    return FZ_OK;
}

enum fz_result fz_move_begin(struct fz_tx *tx, const char *owner, bool stands)
{
    enum fz_result result = fz_insert(tx, &move_begin, FZ_VALUES(FZ_T(owner), FZ_I(tx->wire_ms + FZ_MOVE_LEASE_MS)));
    return result == FZ_OK && stands ? fz_move_come_to(tx, tx->now_ms, 0) : result;
}

/* FZ_CONFLICT unless the one row was there. */
static enum fz_result change_own(struct fz_tx *tx, const struct fz_statement *statement, const struct fz_value *values, size_t count)
{
    int64_t changed = 0;
    enum fz_result result = fz_run(tx, statement, values, count, &changed);
    return result == FZ_OK && changed != 1 ? FZ_CONFLICT : result;
}

enum fz_result fz_move_renew(struct fz_tx *tx, const char *owner)
{
    return change_own(tx, &move_renew, FZ_VALUES(FZ_T(owner), FZ_I(tx->wire_ms + FZ_MOVE_LEASE_MS)));
}

/* A clock that stands does not look at its wire time: that counts again when the move is given up. */
enum fz_result fz_move_come_to(struct fz_tx *tx, int64_t book_ms, int64_t behind_ms)
{
    struct fz_clock_state state = {.book_ms = book_ms, .wire_ms = tx->wire_ms - tx->ahead_ms - behind_ms, .frozen = true};
    return fz_clock_store(tx, &state);
}

/* The clock's row has the instant already. */
static enum fz_result let_go_on(struct fz_tx *tx, const struct fz_move *move)
{
    enum fz_result result = fz_run(tx, &clock_go_on, FZ_VALUES(FZ_I(move->frozen)), NULL);
    return result == FZ_OK ? change_own(tx, &move_end, FZ_VALUES(FZ_T(move->owner))) : result;
}

enum fz_result fz_move_end(struct fz_tx *tx, const char *owner, int64_t book_ms)
{
    struct fz_move move;
    enum fz_result result = fz_move_find(tx, &move);
    if (result == FZ_ABSENT || (result == FZ_OK && strcmp(move.owner, owner) != 0))
        return FZ_CONFLICT;
    if (result == FZ_OK)
        result = fz_move_come_to(tx, book_ms, 0);
    return result == FZ_OK ? let_go_on(tx, &move) : result;
}

enum fz_result fz_move_give_up(struct fz_tx *tx, const char *owner)
{
    struct fz_move move;
    enum fz_result result = fz_move_find(tx, &move);
    if (result != FZ_OK)
        return result == FZ_ABSENT ? FZ_OK : result;
    bool dead = move.until_ms < tx->wire_ms || strcmp(move.owner, owner) == 0;
    return dead ? let_go_on(tx, &move) : FZ_OK;
}
