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

/* The columns of FZ_READ_CLOCK, which may stand behind others. */
struct clock_row {
    const PGresult *rows;
    int first;
};

static int64_t said(const struct clock_row *row, int column)
{
    return fz_postgres_number(row->rows, 0, row->first + column);
}

static const char *said_text(const struct clock_row *row, int column)
{
    return PQgetvalue(row->rows, 0, row->first + column);
}

static int64_t time_of(const struct clock_row *row)
{
    int64_t book_ms = said(row, 0), wire_ms = said(row, 1), here_ms = said(row, 4);
    if (book_ms < 0) /* a book that has just been made */
        return here_ms;
    bool frozen = said(row, 2) != 0;
    return frozen || here_ms <= wire_ms ? book_ms : book_ms + (here_ms - wire_ms);
}

/* The process's own idea of book time follows: another process may have moved it. */
static void tell_world(struct fz_store *store, const struct clock_row *row, int64_t now_ms)
{
    struct fz_clock_state clock = {.book_ms = said(row, 0), .wire_ms = said(row, 1), .frozen = said(row, 2) != 0};
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
static enum fz_result check_schema(struct fz_connection *connection, const struct clock_row *row)
{
    struct fz_store *store = connection->store;
    bool outdated = said(row, 6) > (int64_t)fz_migration_count;
    if (atomic_exchange(&store->outdated, outdated) != outdated && outdated && store->tell != NULL)
        store->tell("The book was brought to the schema of a newer version of this program, beside which this one cannot go on: it reads and "
                    "writes nothing any more. Start the newer version in its place.");
    if (!outdated)
        return FZ_OK;
    fz_postgres_fail(connection, "the book's schema is a newer program's", NULL);
    return FZ_FAILED;
}

static void recognise_merchants(struct fz_connection *connection, const struct reading *reading)
{
    const struct fz_known *known = &connection->known;
    if (known->snapshot != 0 && known->changes == reading->changes && strcmp(known->book, reading->book) == 0 && reading->book[0] != '\0')
        return;
    fz_pool_know(connection->store, reading->book, reading->changes, &connection->known);
}

static void take_clock(struct fz_store *store, const struct clock_row *row, struct reading *out)
{
    out->now_ms = time_of(row);
    out->ahead_ms = said(row, 4) - fz_wire_now_ms();
    out->here_ms = said(row, 4);
    out->has_clock = said(row, 0) >= 0;
    fz_copy(out->book, sizeof out->book, said_text(row, 3));
    out->changes = said(row, 5);
    tell_world(store, row, out->now_ms);
}

static enum fz_result read_clock(struct fz_connection *connection, const PGresult *rows, struct reading *out)
{
    struct clock_row row = {.rows = rows};
    if (check_schema(connection, &row) != FZ_OK)
        return FZ_FAILED;
    take_clock(connection->store, &row, out);
    if (connection->day == 0) { /* of a read */
        recognise_merchants(connection, out);
    } else {
        fz_copy(connection->transaction, sizeof connection->transaction, said_text(&row, 7));
        fz_copy(connection->timeline, sizeof connection->timeline, said_text(&row, 8));
        fz_patience_told(connection, connection->timeline);
    }
    return FZ_OK;
}

/* What the work is going to ask goes with the rest. */
static void ask_ahead(struct fz_connection *connection, void *argument)
{
    struct fz_tx tx = {.connection = connection, .world = connection->store->world, .error = connection->error};
    fz_asked_forget(connection);
    if (connection->ahead != NULL)
        connection->ahead(&tx, argument);
}

/* With what was sent before, reads the clock by `how`. */
static enum fz_result ask_clock(struct fz_connection *connection, enum fz_control how, void *argument, struct reading *out)
{
    PGresult *rows = NULL;
    enum fz_result result = fz_pipeline_control(connection, how, 0);
    if (result == FZ_OK) {
        fz_pipeline_keep(connection, &rows);
        ask_ahead(connection, argument);
        result = fz_pipeline_await(connection, NULL);
    }
    if (result == FZ_OK)
        result = read_clock(connection, rows, out);
    PQclear(rows);
    return result;
}

static enum fz_result begin_snapshot(struct fz_connection *connection, void *argument, struct reading *out)
{
    enum fz_result result = fz_pipeline_control(connection, FZ_BEGIN_READ, 0);
    return result == FZ_OK ? ask_clock(connection, FZ_READ_CLOCK, argument, out) : result;
}

/* A read that waited for a reset has a snapshot from before it, to which TRUNCATE left nothing: it begins anew, and sees the new book. */
static enum fz_result begin_read(struct fz_connection *connection, void *argument, struct reading *out)
{
    for (int i = 1;; i++) {
        enum fz_result result = begin_snapshot(connection, argument, out);
        if (result != FZ_OK || out->has_clock || i == RESETS)
            return result;
        if (fz_pipeline_end(connection, FZ_ROLLBACK) != FZ_OK)
            return FZ_FAILED;
    }
}

/* Holds the day and reads the clock behind that. */
static enum fz_result hold_day(struct fz_connection *connection, void *argument, struct reading *out)
{
    enum fz_control hold = connection->alone ? FZ_CLOSE_DAY : FZ_HOLD_DAY;
    enum fz_result result = fz_pipeline_control(connection, hold, FZ_DAY_LOCKS + connection->day);
    return result == FZ_OK ? ask_clock(connection, FZ_READ_CLOCK_OF_WRITE, argument, out) : result;
}

/* A guess that was wrong is let go of before the next one: who holds a day, or an order, must not wait for another day. */
static enum fz_result begin_write(struct fz_connection *connection, void *argument, struct reading *out)
{
    out->now_ms = fz_book_now_ms(connection->store->world);
    enum fz_result result = FZ_OK;
    for (int i = 0; result == FZ_OK && i < GUESSES; i++) {
        connection->day = fz_day_of(out->now_ms);
        result = i == 0 ? FZ_OK : fz_pipeline_end(connection, FZ_ROLLBACK);
        if (result == FZ_OK)
            result = fz_pipeline_control(connection, FZ_BEGIN_WRITE, 0);
        if (result == FZ_OK)
            result = hold_day(connection, argument, out);
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
    *result = begin_write(connection, argument, &reading);
    if (*result == FZ_OK) {
        fz_numbers_follow(connection->store, reading.book);
        *result = run_work(connection, &reading, work, argument);
    }
    connection->warned = false;
    fz_asked_forget(connection);
    enum fz_result ended = fz_pipeline_end(connection, *result == FZ_OK ? FZ_COMMIT : FZ_ROLLBACK);
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
    enum fz_result result = begin_read(connection, argument, &reading);
    if (result == FZ_OK)
        result = run_work(connection, &reading, work, argument);
    bool failed = connection->failed;
    fz_asked_forget(connection);
    fz_pipeline_end_read(connection); /* there is nothing to be undone */
    return failed ? FZ_FAILED : result;
}

/* Whether the connection's last look at the whole book still holds, and one question is told ahead, and no more. */
static bool may_glance(struct fz_connection *connection, void *argument)
{
    if (connection->ahead == NULL || !connection->store->pipelines || connection->known.snapshot == 0)
        return false;
    connection->counted = 0;
    connection->counts = true;
    ask_ahead(connection, argument);
    connection->counts = false;
    return connection->counted == 1;
}

/* The book is what it was when all of it was looked at, schema and merchants too. */
static bool is_known(const struct fz_known *known, const struct clock_row *row)
{
    return known->changes == said(row, 5) && strcmp(known->book, said_text(row, 3)) == 0;
}

/* Reads the clock behind the answer, and takes the answer away if there is no row. FZ_ABSENT: it is not the book that is known. */
static enum fz_result part_answer(struct fz_connection *connection, struct reading *out)
{
    struct fz_asked *asked = &connection->asked[0];
    if (connection->asked_count == 0 || PQntuples(asked->rows) == 0)
        return FZ_ABSENT;
    struct clock_row row = {asked->rows, PQnfields(asked->rows) - FZ_GLANCE_COLUMNS};
    if (!is_known(&connection->known, &row))
        return FZ_ABSENT;
    take_clock(connection->store, &row, out);
    if (PQgetisnull(asked->rows, 0, row.first - 1) == 1) {
        PQclear(asked->rows);
        asked->rows = PQmakeEmptyPGresult(connection->handle, PGRES_TUPLES_OK);
    }
    return FZ_OK;
}

/* A read whose one question is told is one statement, with the clock, which needs no transaction around it. false: the work asks more than it told, or
 * the book has changed, so that it has to be run at leisure. */
static bool glance(struct fz_connection *connection, fz_work work, void *argument, enum fz_result *result)
{
    struct reading reading = {0};
    connection->missed = false;
    connection->glances = true;
    ask_ahead(connection, argument);
    *result = fz_pipeline_finish(connection);
    if (*result == FZ_OK)
        *result = part_answer(connection, &reading);
    bool whole = *result != FZ_ABSENT;
    if (*result == FZ_OK)
        *result = run_work(connection, &reading, work, argument);
    connection->glances = false;
    fz_asked_forget(connection);
    return whole && !connection->missed;
}

enum fz_result fz_transaction_read(struct fz_connection *connection, fz_ahead ahead, fz_work work, void *argument, struct fz_error *error)
{
    enum fz_result result = FZ_FAILED;
    if (!is_ready(connection))
        return FZ_FAILED;
    fz_transaction_start(connection, error);
    connection->ahead = ahead;
    if (!may_glance(connection, argument) || !glance(connection, work, argument, &result)) {
        fz_transaction_start(connection, error);
        result = read_at_leisure(connection, work, argument);
    }
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
