/* Transactions: a write in one of its own, a read in one snapshot.
 *
 * A write holds its Beijing day: whoever closes a day (its conversion, a bill, a move of the clock) waits for those that hold it, so that no
 * row of that day comes after it was passed. The day is guessed before it is held and looked at afterwards, since the clock goes on. One that
 * moves the clock holds the day of its beginning alone: then nobody else writes, as all others would have to hold that day too. */
#include <assert.h>
#include <string.h>

#include "base/calendar.h"
#include "base/clock.h"
#include "base/text.h"
#include "store/postgres/engine.h"

#define GUESSES 100 /* a move over many days may be faster than a guess, but not every time */
#define RESETS  3 /* that one read may meet at its beginning */

/* Book time as the clock's row and the database's own clock say. */
struct reading {
    int64_t now_ms, ahead_ms; /* as tx has them */
    int64_t here_ms;          /* the database's clock */
    char book[FZ_NAME_SIZE];  /* its name; "" if there is none */
    int64_t changes;          /* of its merchants, counted */
    bool has_clock;
};

static int64_t time_of(const struct fz_clock_state *clock, int64_t here_ms)
{
    if (clock->book_ms < 0) /* a book that has just been made */
        return here_ms;
    return clock->frozen || here_ms <= clock->wire_ms ? clock->book_ms : clock->book_ms + (here_ms - clock->wire_ms);
}

/* The process's own idea of book time follows: another process may have moved it. */
static void tell_world(struct fz_store *store, struct fz_clock_state clock, int64_t now_ms)
{
    pthread_mutex_lock(&store->telling);
    bool news = clock.book_ms >= 0 && (clock.book_ms != store->clock.book_ms || clock.wire_ms != store->clock.wire_ms ||
                                       clock.frozen != store->clock.frozen);
    if (news) {
        store->clock = clock;
        clock.book_ms = now_ms;
        clock.wire_ms = fz_wire_now_ms();
        fz_clock_restore(store->world, &clock, 0);
    }
    pthread_mutex_unlock(&store->telling);
}

/* Whether a newer program has brought the schema to where this one cannot follow. That ends all that it does with the book. */
static enum fz_result check_schema(struct fz_connection *connection, int64_t needed)
{
    struct fz_store *store = connection->store;
    bool outdated = needed > (int64_t)fz_migration_count;
    if (atomic_exchange(&store->outdated, outdated) != outdated && outdated && store->tell != NULL)
        store->tell("The book was brought to the schema of a newer version of this program, beside which this one cannot go on: it reads and "
                    "writes nothing any more. Start the newer version in its place.");
    if (!outdated)
        return FZ_OK;
    fz_postgres_fail(connection, "the book's schema is a newer program's", NULL);
    return FZ_FAILED;
}

static void take_clock(struct fz_store *store, const struct fz_clock_state *clock, int64_t here_ms, struct reading *out)
{
    out->now_ms = time_of(clock, here_ms);
    out->ahead_ms = here_ms - fz_wire_now_ms();
    out->here_ms = here_ms;
    out->has_clock = clock->book_ms >= 0;
    tell_world(store, *clock, out->now_ms);
}

/* A number among the columns of FZ_READ_CLOCK. */
static int64_t said(const PGresult *rows, int column)
{
    return fz_postgres_number(rows, 0, column);
}

static enum fz_result read_clock(struct fz_connection *connection, const PGresult *rows, struct reading *out)
{
    if (check_schema(connection, said(rows, 6)) != FZ_OK)
        return FZ_FAILED;
    const struct fz_clock_state clock = {.book_ms = said(rows, 0), .wire_ms = said(rows, 1), .frozen = said(rows, 2) != 0};
    take_clock(connection->store, &clock, said(rows, 4), out);
    fz_copy(out->book, sizeof out->book, PQgetvalue(rows, 0, 3));
    out->changes = said(rows, 5);
    if (connection->day == 0) { /* of a read */
        fz_pool_know(connection->store, connection->began_ms, out->book, out->changes, &connection->known);
    } else {
        fz_copy(connection->transaction, sizeof connection->transaction, PQgetvalue(rows, 0, 7));
        fz_copy(connection->timeline, sizeof connection->timeline, PQgetvalue(rows, 0, 8));
        fz_patience_told(connection, connection->timeline);
    }
    return FZ_OK;
}

/* What the work is going to ask: fz_asked_send. */
static void ask_ahead(struct fz_connection *connection, void *argument)
{
    struct fz_tx tx = {.connection = connection, .world = connection->store->world, .error = connection->error};
    fz_asked_forget(connection);
    if (connection->ahead != NULL)
        connection->ahead(&tx, argument);
}

/* With what was sent before, reads the clock by `how`. */
static enum fz_result ask_clock(struct fz_connection *connection, enum fz_control how, struct reading *out)
{
    PGresult *rows = NULL;
    enum fz_result result = fz_pipeline_control(connection, how, 0);
    if (result == FZ_OK) {
        fz_pipeline_keep(connection, &rows);
        fz_asked_send(connection);
        result = fz_pipeline_await(connection, NULL);
    }
    if (result == FZ_OK)
        result = read_clock(connection, rows, out);
    PQclear(rows);
    return result;
}

static enum fz_result begin_snapshot(struct fz_connection *connection, struct reading *out)
{
    enum fz_result result = fz_pipeline_control(connection, FZ_BEGIN_READ, 0);
    return result == FZ_OK ? ask_clock(connection, FZ_READ_CLOCK, out) : result;
}

/* A read that waited for a reset has a snapshot from before it, to which TRUNCATE left nothing: it begins anew, and sees the new book. */
static enum fz_result begin_read(struct fz_connection *connection, struct reading *out)
{
    for (int i = 1;; i++) {
        enum fz_result result = begin_snapshot(connection, out);
        if (result != FZ_OK || out->has_clock || i == RESETS)
            return result;
        if (fz_pipeline_end(connection, FZ_ROLLBACK) != FZ_OK)
            return FZ_FAILED;
    }
}

/* Holds the day and reads the clock behind that. */
static enum fz_result hold_day(struct fz_connection *connection, struct reading *out)
{
    enum fz_control hold = connection->alone ? FZ_CLOSE_DAY : FZ_HOLD_DAY;
    enum fz_result result = fz_pipeline_control(connection, hold, FZ_DAY_LOCKS + connection->day);
    return result == FZ_OK ? ask_clock(connection, FZ_READ_CLOCK_OF_WRITE, out) : result;
}

/* A guess that was wrong is let go of before the next one: who holds a day, or an order, must not wait for another day. */
static enum fz_result begin_write(struct fz_connection *connection, struct reading *out)
{
    out->now_ms = fz_book_now_ms(connection->store->world);
    enum fz_result result = FZ_OK;
    for (int i = 0; result == FZ_OK && i < GUESSES; i++) {
        connection->day = fz_day_of(out->now_ms);
        result = i == 0 ? FZ_OK : fz_pipeline_end(connection, FZ_ROLLBACK);
        if (result == FZ_OK)
            result = fz_pipeline_control(connection, FZ_BEGIN_WRITE, 0);
        if (result == FZ_OK)
            result = hold_day(connection, out);
        if (result == FZ_OK && fz_day_of(out->now_ms) == connection->day)
            return FZ_OK;
    }
    if (result == FZ_OK)
        fz_postgres_fail(connection, "hold the day: the clock was moved again and again", NULL);
    return FZ_FAILED;
}

void fz_transaction_start(struct fz_connection *connection, struct fz_error *error)
{
    *error = (struct fz_error){0};
    connection->error = error;
    connection->failed = connection->committing = connection->warned = connection->empties = connection->patient = connection->hopes = false;
    connection->cut_off = connection->wrote = false;
    connection->state[0] = connection->transaction[0] = '\0';
    connection->taken_count = 0;
    connection->cursors = 0;
    connection->day = 0;
    connection->began_ms = fz_ticks_ms();
}

static enum fz_result run_work(struct fz_connection *connection, const struct reading *reading, fz_work work, void *argument)
{
    struct fz_tx tx = {.connection = connection,
                       .world = connection->store->world,
                       .now_ms = reading->now_ms,
                       .ahead_ms = reading->ahead_ms,
                       .wire_ms = reading->here_ms,
                       .error = connection->error,
                       .snapshot = connection->day == 0 ? connection->known.snapshot : 0};
    enum fz_result result = fz_another_follow(&tx, reading->book);
    if (result == FZ_OK)
        result = work(&tx, argument);
    assert(connection->in_use == 0);
    assert(connection->failed || result != FZ_REFUSED || connection->error->row != FZ_ROW_NONE);
    return connection->failed ? FZ_FAILED : result;
}

/* What a transaction that failed came to. */
static enum fz_end end_of(const struct fz_connection *connection)
{
    const char *state = connection->state;
    if (connection->lost)
        return connection->committing && connection->cut_off ? FZ_END_DOUBTFUL : FZ_END_LOST;
    if (connection->hopes && strcmp(state, "23505") == 0) /* a key was taken that was thought to be free */
        return FZ_END_AGAIN;
    if (strcmp(state, "40001") == 0 || strcmp(state, "40P01") == 0)
        return FZ_END_AGAIN;
    return FZ_END_UNDONE;
}

/* Whether nobody has the numbers that the transaction took: not if it may have been done after all, nor if one of them was found taken, which
 * would be found again and again. */
static bool numbers_are_free(const struct fz_connection *connection, bool failed)
{
    return !failed || (end_of(connection) != FZ_END_DOUBTFUL && strcmp(connection->state, "23505") != 0);
}

/* At once: while it stays, its server keeps the transaction's locks. */
static void leave_if_lost(struct fz_connection *connection)
{
    if (connection->lost)
        fz_postgres_disconnect(connection);
}

/* The end of the read before may still be on its way. */
static bool is_ready(struct fz_connection *connection)
{
    fz_pipeline_settle(connection);
    leave_if_lost(connection);
    return !connection->lost;
}

enum fz_end fz_transaction_write(struct fz_connection *connection, fz_work work, void *argument, struct fz_error *error,
                                 enum fz_result *result)
{
    struct reading reading = {0};
    *result = FZ_FAILED;
    if (!is_ready(connection))
        return FZ_END_LOST;
    fz_transaction_start(connection, error);
    ask_ahead(connection, argument);
    *result = begin_write(connection, &reading);
    if (*result == FZ_OK) {
        fz_numbers_follow(connection->store, reading.book);
        *result = run_work(connection, &reading, work, argument);
    }
    connection->warned = false;
    enum fz_result ended = fz_pipeline_end(connection, *result == FZ_OK ? FZ_COMMIT : FZ_ROLLBACK);
    fz_asked_forget(connection);
    bool failed = connection->failed || ended != FZ_OK;
    if ((failed || *result != FZ_OK) && numbers_are_free(connection, failed))
        fz_numbers_give_back(connection, 0);
    connection->error = NULL;
    leave_if_lost(connection);
    if (failed) {
        *result = FZ_FAILED;
        return end_of(connection);
    }
    /* A commit that was not waited for to the end is there, but a standby that takes over may not have it. */
    return connection->warned && connection->committing ? FZ_END_DOUBTFUL : FZ_END_DONE;
}

/* In a transaction that stays open for whatever the work asks. */
static enum fz_result read_at_leisure(struct fz_connection *connection, fz_work work, void *argument)
{
    struct reading reading = {0};
    enum fz_result result = begin_read(connection, &reading);
    if (result == FZ_OK)
        result = run_work(connection, &reading, work, argument);
    bool failed = connection->failed;
    fz_pipeline_end_read(connection); /* there is nothing to be undone */
    return failed ? FZ_FAILED : result;
}

/* Whether the last look at the whole book still holds, and one question is told ahead, and no more. */
static bool may_glance(struct fz_connection *connection)
{
    return connection->store->pipelines && connection->asked_count == 1 && fz_pool_recall(connection->store, &connection->known);
}

/* Reads the clock behind the answer. FZ_ABSENT: there is no row that would have it. */
static enum fz_result part_answer(struct fz_connection *connection, struct reading *out)
{
    struct fz_clock_state clock;
    int64_t here_ms = 0;
    if (!fz_pipeline_clock(connection->asked[0].rows, &clock, &here_ms))
        return FZ_ABSENT;
    take_clock(connection->store, &clock, here_ms, out);
    fz_copy(out->book, sizeof out->book, connection->known.book);
    return FZ_OK;
}

/* A read whose one question is told is one statement, with the clock, which needs no transaction around it. false: the work asks more than it told, or
 * the book has no such row, so that it has to be run at leisure. */
static bool glance(struct fz_connection *connection, fz_work work, void *argument, enum fz_result *result)
{
    struct reading reading = {0};
    connection->missed = false;
    connection->glances = true;
    fz_asked_send(connection);
    *result = fz_pipeline_finish(connection);
    if (*result == FZ_OK)
        *result = part_answer(connection, &reading);
    bool whole = *result != FZ_ABSENT;
    if (*result == FZ_OK)
        *result = run_work(connection, &reading, work, argument);
    connection->glances = false;
    return whole && !connection->missed;
}

enum fz_result fz_transaction_read(struct fz_connection *connection, fz_ahead ahead, fz_work work, void *argument, struct fz_error *error)
{
    enum fz_result result = FZ_FAILED;
    if (!is_ready(connection))
        return FZ_FAILED;
    fz_transaction_start(connection, error);
    connection->ahead = ahead;
    ask_ahead(connection, argument);
    if (!may_glance(connection) || !glance(connection, work, argument, &result)) {
        fz_transaction_start(connection, error);
        result = read_at_leisure(connection, work, argument);
    }
    fz_asked_forget(connection);
    connection->ahead = NULL;
    connection->error = NULL;
    leave_if_lost(connection);
    return result;
}

enum fz_result fz_postgres_close_day(struct fz_tx *tx, int day)
{
    struct fz_connection *connection = tx->connection;
    enum fz_result result = fz_pipeline_control(connection, FZ_CLOSE_DAY, FZ_DAY_LOCKS + day);
    return result == FZ_OK ? fz_pipeline_await(connection, NULL) : result;
}
