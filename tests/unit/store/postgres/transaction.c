/* Transactions on PostgreSQL: what is refused leaves nothing, many writers take no more than there is, a connection that breaks is made anew,
 * and a commit without an answer is neither lost nor done twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "unit/store/postgres/shared.h"

#define NOBODY "1900000100"

FZ_STATEMENT(merchant_add,
             "INSERT INTO merchant (mchid, kind, settlement_currency, penalised) VALUES ($1, 1, 'USD', 0) ON CONFLICT (mchid) DO NOTHING", "t",
             "");
FZ_STATEMENT(pool_fill, "INSERT INTO pool (sponsor, kind, day, slot, balance) VALUES ($1, 1, 1, 0, $2)", "ti", "");
FZ_STATEMENT(pool_draw, "UPDATE pool SET balance = balance - $2 WHERE sponsor = $1 AND balance >= $2", "ti", "");
FZ_STATEMENT(entry_add, "INSERT INTO entry (id, kind, subject, time_ms) VALUES ($1, 1, 1, $2)", "ii", "");
FZ_STATEMENT(entry_add_once, "INSERT INTO entry (id, kind, subject, time_ms) VALUES ($1, 1, 1, $2) ON CONFLICT (id) DO NOTHING", "ii", "");
FZ_STATEMENT(entry_known, "SELECT id FROM entry WHERE id = $1", "i", "i");
FZ_STATEMENT(entry_count, "SELECT COUNT(*) FROM entry", "", "i");
FZ_STATEMENT(settings, "SELECT current_setting('idle_in_transaction_session_timeout'), current_setting('statement_timeout')", "", "tt");
FZ_LARGE_STATEMENT(entry_each, "SELECT id FROM entry ORDER BY id", "", "i");
FZ_STATEMENT(nonsense, "INSERT INTO entry (id, kind, subject, time_ms) VALUES ($1, NULL, 1, 1)", "i", "");

static struct shared book;

static int open_book(void **state)
{
    (void)state;
    shared_open(&book, "transaction", (struct fz_store_options){0});
    return 0;
}

static int open_plainly(void **state)
{
    (void)state;
    shared_open(&book, "transaction", (struct fz_store_options){.one_by_one = true, .unprepared = true});
    return 0;
}

static int close_book(void **state)
{
    (void)state;
    shared_close(&book);
    return 0;
}

static int64_t entries(void)
{
    return shared_number(&book, "SELECT count(*) FROM entry");
}

/* Adds an entry, and then does as it is told. */
struct telling {
    enum fz_result result;
    bool fails, cuts, cuts_both;
    int runs;
    int64_t id;
};

static enum fz_result add_entry(struct fz_tx *tx, void *argument)
{
    struct telling *telling = argument;
    int64_t changed; /* asked for, so that the commit alone is on its way when the wire is cut */
    enum fz_result result = fz_next_id(tx, "entry", &telling->id);
    if (result == FZ_OK)
        result = fz_run(tx, &entry_add, FZ_VALUES(FZ_I(telling->id), FZ_I(tx->now_ms)), &changed);
    if (result == FZ_OK && telling->fails)
        result = fz_run(tx, &nonsense, FZ_VALUES(FZ_I(telling->id + 1)), NULL);
    if (telling->runs++ == 0 && (telling->cuts || telling->cuts_both))
        shared_cut(telling->cuts_both);
    if (result == FZ_OK && telling->result == FZ_REFUSED)
        return fz_refuse(tx->error, FZ_REFUND_SHORT);
    return result == FZ_OK ? telling->result : result;
}

static void what_is_refused_leaves_nothing(void **state)
{
    (void)state;
    struct fz_error error;
    struct telling refused = {.result = FZ_REFUSED}, failed = {.fails = true}, good = {0};
    assert_int_equal(fz_store_write(book.store, add_entry, &refused, &error), FZ_REFUSED);
    assert_int_equal(error.row, FZ_REFUND_SHORT);
    assert_int_equal(entries(), 0);
    assert_int_equal(fz_store_write(book.store, add_entry, &failed, &error), FZ_FAILED);
    assert_non_null(strstr(error.issue, "nonsense"));
    assert_non_null(strstr(error.issue, "23502")); /* not_null_violation */
    assert_int_equal(entries(), 0);
    assert_int_equal(fz_store_write(book.store, add_entry, &good, NULL), FZ_OK);
    assert_int_equal(entries(), 1);
    assert_int_equal(good.id, 1); /* the others' numbers went back */
}

static enum fz_result add_twice(struct fz_tx *tx, void *argument)
{
    (void)argument;
    enum fz_result first = fz_insert(tx, &merchant_add, FZ_VALUES(FZ_T(NOBODY)));
    enum fz_result second = fz_insert(tx, &merchant_add, FZ_VALUES(FZ_T(NOBODY)));
    if (first != FZ_OK || second != FZ_CONFLICT)
        return FZ_FAILED;
    return fz_insert(tx, &merchant_add, FZ_VALUES(FZ_T("1900000200")));
}

static void a_key_that_is_taken_is_told_and_the_rest_goes_on(void **state)
{
    (void)state;
    assert_int_equal(fz_store_write(book.store, add_twice, NULL, NULL), FZ_OK);
    assert_int_equal(shared_number(&book, "SELECT count(*) FROM merchant"), 2);
}

static enum fz_result add_one_again(struct fz_tx *tx, void *argument)
{
    int64_t changed;
    enum fz_result first = fz_run(tx, &entry_add, FZ_VALUES(FZ_I(1), FZ_I(tx->now_ms)), NULL);
    *(enum fz_result *)argument = fz_run(tx, &entry_add, FZ_VALUES(FZ_I(1), FZ_I(tx->now_ms)), &changed);
    return first;
}

static void a_taken_key_that_the_statement_does_not_name_is_a_failure(void **state)
{
    (void)state;
    enum fz_result second = FZ_OK;
    struct fz_error error;
    assert_int_equal(fz_store_write(book.store, add_one_again, &second, &error), FZ_FAILED);
    assert_int_equal(second, FZ_FAILED);
    assert_non_null(strstr(error.issue, "23505")); /* unique_violation */
    assert_int_equal(entries(), 0);
}

static enum fz_result try_a_part(struct fz_tx *tx, void *argument)
{
    struct telling *part = argument, rest = {0};
    struct fz_error error = {0}, *outer = tx->error;
    tx->error = &error;
    enum fz_result result = fz_attempt(tx, add_entry, part);
    tx->error = outer;
    return result == (part->fails ? FZ_FAILED : part->result) ? add_entry(tx, &rest) : FZ_FAILED;
}

static void a_part_on_trial_is_undone_alone(void **state)
{
    (void)state;
    struct telling parts[] = {{.fails = true}, {.result = FZ_REFUSED}, {.result = FZ_OK}};
    static const int64_t after[] = {1, 2, 4};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(fz_store_write(book.store, try_a_part, &parts[i], NULL), FZ_OK);
        assert_int_equal(entries(), after[i]);
    }
}

/* Asks for the number of entries once or twice, with what was asked ahead, and adds one before or between. */
struct asking {
    bool changes_first;
    int64_t found[2];
};

static void ask_count(struct fz_tx *tx, void *argument)
{
    (void)argument;
    fz_ask_ahead(tx, &entry_count, NULL, 0);
    fz_ask_ahead(tx, &entry_known, FZ_VALUES(FZ_I(7)));
    fz_ask_ahead(tx, &entry_known, FZ_VALUES(FZ_I(8)));
}

static enum fz_result look_for(struct fz_tx *tx, int64_t id, int64_t *out)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &entry_known, FZ_VALUES(FZ_I(id)), &row);
    if (result == FZ_OK)
        *out = fz_int(&row, 0);
    return result == FZ_ABSENT ? FZ_OK : result;
}

static enum fz_result add_and_look(struct fz_tx *tx, void *argument)
{
    struct asking *asking = argument;
    enum fz_result result = FZ_OK;
    asking->found[0] = asking->found[1] = 0;
    if (!asking->changes_first)
        result = look_for(tx, 8, &asking->found[0]);
    if (result == FZ_OK)
        result = fz_run(tx, &entry_add, FZ_VALUES(FZ_I(8), FZ_I(tx->now_ms)), NULL);
    return result == FZ_OK ? look_for(tx, 8, &asking->found[1]) : result;
}

static enum fz_result write_asking(fz_work work, void *argument)
{
    return shared_write(&book, &(struct fz_write){.work = work, .ahead = ask_count, .argument = argument});
}

static void what_was_asked_ahead_is_what_is_there(void **state)
{
    (void)state;
    struct asking asking = {0};
    assert_int_equal(write_asking(add_and_look, &asking), FZ_OK);
    assert_int_equal(asking.found[0], 0);
    assert_int_equal(asking.found[1], 8); /* and not what it was before the work changed it */
}

static void what_was_asked_ahead_is_forgotten_by_a_change(void **state)
{
    (void)state;
    struct asking asking = {.changes_first = true};
    assert_int_equal(write_asking(add_and_look, &asking), FZ_OK);
    assert_int_equal(asking.found[1], 8);
}

/* Adds an entry that is thought to be new. */
struct hoping {
    int runs;
    bool in_vain; /* somebody else adds it first, when the work has run for the first time */
    enum fz_result told;
};

static enum fz_result add_new(struct fz_tx *tx, void *argument)
{
    struct hoping *hoping = argument;
    if (hoping->runs++ == 0 && hoping->in_vain)
        assert_int_equal(shared_number(&book, "INSERT INTO entry (id, kind, subject, time_ms) VALUES (9, 1, 1, 1) RETURNING id"), 9);
    hoping->told = fz_insert_new(tx, &entry_add_once, FZ_VALUES(FZ_I(9), FZ_I(tx->now_ms)));
    return hoping->told == FZ_CONFLICT ? FZ_OK : hoping->told;
}

static void a_key_that_was_free_is_not_waited_for(void **state)
{
    (void)state;
    struct hoping hoping = {0};
    assert_int_equal(fz_store_write(book.store, add_new, &hoping, NULL), FZ_OK);
    assert_int_equal(hoping.runs, 1);
    assert_int_equal(entries(), 1);
}

static void a_key_that_was_thought_free_is_told_in_a_second_run(void **state)
{
    (void)state;
    struct hoping hoping = {.in_vain = true};
    assert_int_equal(fz_store_write(book.store, add_new, &hoping, NULL), FZ_OK);
    assert_int_equal(hoping.runs, 2);
    assert_int_equal(hoping.told, FZ_CONFLICT);
    assert_int_equal(entries(), 1);
}

#define DRAWERS 12
#define DRAWS   100
#define FILLED  700

static enum fz_result fill_pool(struct fz_tx *tx, void *argument)
{
    (void)argument;
    enum fz_result result = fz_insert(tx, &merchant_add, FZ_VALUES(FZ_T(NOBODY)));
    return result == FZ_OK ? fz_run(tx, &pool_fill, FZ_VALUES(FZ_T(NOBODY), FZ_I(FILLED)), NULL) : result;
}

static enum fz_result draw_one(struct fz_tx *tx, void *argument)
{
    (void)argument;
    int64_t changed = 0;
    struct telling entry = {0};
    enum fz_result result = add_entry(tx, &entry);
    if (result == FZ_OK)
        result = fz_run(tx, &pool_draw, FZ_VALUES(FZ_T(NOBODY), FZ_I(1)), &changed);
    return result == FZ_OK && changed == 0 ? fz_refuse(tx->error, FZ_REFUND_SHORT) : result;
}

static void *draw_many(void *done)
{
    for (int i = 0; i < DRAWS; i++) {
        struct fz_error error;
        *(int *)done += fz_store_write(book.store, draw_one, NULL, &error) == FZ_OK;
    }
    return NULL;
}

static void many_take_no_more_than_there_is(void **state)
{
    (void)state;
    pthread_t threads[DRAWERS];
    int done[DRAWERS] = {0}, sum = 0;
    assert_int_equal(fz_store_write(book.store, fill_pool, NULL, NULL), FZ_OK);
    for (int i = 0; i < DRAWERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, draw_many, &done[i]), 0);
    for (int i = 0; i < DRAWERS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < DRAWERS; i++)
        sum += done[i];
    assert_int_equal(sum, FILLED);
    assert_int_equal(entries(), FILLED);
    assert_int_equal(shared_number(&book, "SELECT balance FROM pool"), 0);
    assert_int_equal(shared_number(&book, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"), 0);
}

static enum fz_result count_twice(struct fz_tx *tx, void *argument)
{
    int64_t *counts = argument;
    for (int i = 0; i < 2; i++) {
        FZ_CURSOR row = {0};
        enum fz_result result = fz_query_one(tx, &entry_count, NULL, 0, &row);
        if (result != FZ_OK)
            return result;
        counts[i] = fz_int(&row, 0);
        fz_cursor_done(&row);
        struct telling entry = {0};
        if (i == 0 && fz_store_write(book.store, add_entry, &entry, NULL) != FZ_OK)
            return FZ_FAILED;
    }
    return FZ_OK;
}

static void a_read_sees_one_state(void **state)
{
    (void)state;
    int64_t counts[2] = {-1, -1};
    struct fz_reader *reader = NULL;
    assert_int_equal(fz_reader_open(book.store, &reader), FZ_OK);
    assert_int_equal(fz_store_read(reader, count_twice, counts, NULL), FZ_OK);
    assert_int_equal(counts[0], 0);
    assert_int_equal(counts[1], 0);
    assert_int_equal(fz_store_read(reader, count_twice, counts, NULL), FZ_OK);
    assert_int_equal(counts[0], 1); /* and the next one what came in between */
    fz_reader_close(reader);
}

/* The book's sessions: the one for row numbers, and those of whoever reads and writes. */
#define SESSIONS "FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'fenzhang'"

static enum fz_result look(struct fz_tx *tx, void *reader)
{
    FZ_CURSOR row = {0};
    if (reader != NULL)
        fz_reader_interrupt(reader);
    enum fz_result result = fz_query_one(tx, &entry_count, NULL, 0, &row);
    return result == FZ_FAILED && reader != NULL ? FZ_OK : result; /* it may have come in time */
}

static void read_once(bool interrupted)
{
    struct fz_reader *reader = NULL;
    assert_int_equal(fz_reader_open(book.store, &reader), FZ_OK);
    enum fz_result result = fz_store_read(reader, look, interrupted ? reader : NULL, NULL);
    assert_true(result == FZ_OK || interrupted);
    fz_reader_close(reader);
}

/* One that has just ended may be there a moment longer. */
static void assert_sessions(int64_t wanted)
{
    int64_t found = -1;
    for (int tries = 0; found != wanted && tries < 100; tries++) {
        nanosleep(&(struct timespec){.tv_nsec = tries == 0 ? 0 : 100000000}, NULL);
        found = shared_number(&book, "SELECT count(*) " SESSIONS);
    }
    assert_int_equal(found, wanted);
}

static void one_after_another_uses_the_same_connection(void **state)
{
    (void)state;
    int64_t counts[2];
    struct telling entry = {0};
    struct fz_reader *reader = NULL;
    for (int i = 0; i < 20; i++) {
        read_once(false);
        assert_int_equal(fz_store_write(book.store, add_entry, &entry, NULL), FZ_OK);
    }
    assert_sessions(2);
    assert_int_equal(fz_reader_open(book.store, &reader), FZ_OK);
    assert_int_equal(fz_store_read(reader, count_twice, counts, NULL), FZ_OK); /* writes, too, meanwhile */
    fz_reader_close(reader);
    assert_sessions(3);
}

/* The interruption comes on a way of its own, and perhaps late. */
static void an_interrupted_connection_is_nobody_else_s(void **state)
{
    (void)state;
    read_once(false);
    int64_t before = shared_number(&book, "SELECT sum(pid)::bigint " SESSIONS);
    for (int i = 0; i < 20; i++) {
        read_once(true);
        struct telling entry = {0};
        assert_int_equal(fz_store_write(book.store, add_entry, &entry, NULL), FZ_OK);
    }
    assert_int_not_equal(shared_number(&book, "SELECT sum(pid)::bigint " SESSIONS), before);
    assert_int_equal(entries(), 20);
}

static void connections_that_are_ended_are_made_anew(void **state)
{
    (void)state;
    int64_t counts[2];
    struct telling entry = {0};
    struct fz_reader *reader = NULL;
    assert_int_equal(fz_reader_open(book.store, &reader), FZ_OK);
    assert_int_equal(fz_store_read(reader, count_twice, counts, NULL), FZ_OK);
    assert_true(shared_number(&book, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                                     " WHERE datname = current_database() AND pid <> pg_backend_pid()") > 0);
    assert_int_equal(fz_store_write(book.store, add_entry, &entry, NULL), FZ_OK);
    assert_int_equal(fz_store_read(reader, count_twice, counts, NULL), FZ_OK);
    assert_int_equal(counts[0], 2);
    fz_reader_close(reader);
}

/* What a halted process holds ends, and whatever this role was set to have, its commits are not cancelled. */
static enum fz_result look_at_settings(struct fz_tx *tx, void *argument)
{
    FZ_CURSOR row = {0};
    bool writes = argument != NULL;
    enum fz_result result = fz_query_one(tx, &settings, NULL, 0, &row);
    if (result != FZ_OK)
        return result;
    bool good = strcmp(fz_string(&row, 0), "30s") == 0 && strcmp(fz_string(&row, 1), writes ? "0" : "50s") == 0;
    return good ? FZ_OK : FZ_ABSENT;
}

static void a_transaction_does_not_stay_open_for_ever_nor_is_its_commit_cancelled(void **state)
{
    (void)state;
    struct fz_reader *reader = NULL;
    shared_say(&book, "ALTER DATABASE transaction SET statement_timeout = '50s'");
    assert_int_equal(fz_reader_open(book.store, &reader), FZ_OK);
    assert_int_equal(fz_store_read(reader, look_at_settings, NULL, NULL), FZ_OK);
    assert_int_equal(fz_store_write(book.store, look_at_settings, &book, NULL), FZ_OK);
    fz_reader_close(reader);
}

#define MANY 4500 /* more than two portions */

struct walk {
    int64_t count, others;
    bool parts;
};

static enum fz_result count_once(struct fz_tx *tx, void *argument)
{
    struct walk *walk = argument;
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &entry_count, NULL, 0, &row);
    walk->others += result == FZ_OK && fz_int(&row, 0) >= MANY;
    return result == FZ_OK && walk->parts ? FZ_ABSENT : result; /* the part is undone, and the walk goes on */
}

/* Along all rows of one statement, while it asks others, and goes along a second one. */
static enum fz_result walk_along(struct fz_tx *tx, void *argument)
{
    struct walk *walk = argument;
    FZ_CURSOR row = {0}, other = {0};
    *walk = (struct walk){.parts = walk->parts};
    enum fz_result result = fz_query(tx, &entry_each, NULL, 0, &row);
    if (result == FZ_OK)
        result = fz_query(tx, &entry_each, NULL, 0, &other);
    while (result == FZ_OK && (result = fz_next(&row)) == FZ_OK) {
        walk->count += fz_int(&row, 0) == walk->count + 1;
        result = fz_next(&other);
        if (result == FZ_OK && walk->count % 900 == 0)
            result = walk->parts ? fz_attempt(tx, count_once, walk) : count_once(tx, walk);
        result = result == FZ_ABSENT && walk->parts ? FZ_OK : result;
    }
    return result == FZ_ABSENT ? FZ_OK : result;
}

static void many_rows_come_in_portions_whatever_else_is_asked(void **state)
{
    (void)state;
    struct fz_reader *reader = NULL;
    struct walk walk = {0};
    shared_say(&book, "INSERT INTO entry SELECT n, 1, 1, 1 FROM generate_series(1, 4500) n");
    assert_int_equal(fz_reader_open(book.store, &reader), FZ_OK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(fz_store_read(reader, walk_along, &walk, NULL), FZ_OK);
        assert_int_equal(walk.count, MANY);
        assert_int_equal(walk.others, 5);
    }
    walk.parts = true;
    assert_int_equal(fz_store_write(book.store, walk_along, &walk, NULL), FZ_OK);
    assert_int_equal(walk.count, MANY);
    assert_int_equal(walk.others, 5);
    fz_reader_close(reader);
}

/* A machine's clock that is half a minute off is, seen from here, a database's that is off the other way. */
static enum fz_result look_at_clock(struct fz_tx *tx, void *argument)
{
    *(int64_t *)argument = tx->now_ms;
    return FZ_OK;
}

FZ_STATEMENT(clock_put, "INSERT INTO clock (id, book_ms, wire_ms, frozen) VALUES (1, $1, $2, 0) ON CONFLICT (id) DO UPDATE"
                        " SET book_ms = excluded.book_ms, wire_ms = excluded.wire_ms", "ii", "");

/* As a process does that stores how its clock stands. */
static enum fz_result put_clock(struct fz_tx *tx, void *argument)
{
    int64_t *now_ms = argument;
    *now_ms = tx->now_ms;
    return fz_run(tx, &clock_put, FZ_VALUES(FZ_I(tx->now_ms), FZ_I(fz_wire_now_ms() + tx->ahead_ms)), NULL);
}

static void book_time_goes_by_the_clock_of_the_database(void **state)
{
    (void)state;
    static const char *const shifts[] = {"-30 seconds", "30 seconds"};
    for (size_t i = 0; i < 2; i++) {
        char sql[300];
        int64_t put_ms = 0, read_ms = 0;
        struct shared other;
        snprintf(sql, sizeof sql,
                 "CREATE OR REPLACE FUNCTION public.clock_timestamp() RETURNS TIMESTAMPTZ LANGUAGE sql AS"
                 " $$ SELECT pg_catalog.clock_timestamp() + interval '%s' $$",
                 shifts[i]);
        shared_open(&other, "clock", (struct fz_store_options){0});
        shared_say(&other, sql);
        shared_say(&other, "ALTER DATABASE clock SET search_path = public, pg_catalog");
        assert_int_equal(shared_number(&other, "SELECT count(*) FROM pg_proc WHERE proname = 'clock_timestamp'"), 2);
        assert_int_equal(fz_store_write(other.store, put_clock, &put_ms, NULL), FZ_OK);
        assert_int_equal(fz_store_write(other.store, look_at_clock, &read_ms, NULL), FZ_OK);
        assert_in_range(read_ms - put_ms, 0, 5000);
        assert_in_range(labs(put_ms - fz_wire_now_ms()), 25000, 35000); /* the database's time, of which the shift is seen */
        shared_close(&other);
    }
}

static void a_commit_whose_answer_is_lost_is_done_once(void **state)
{
    (void)state;
    struct telling entry = {.cuts = true};
    assert_int_equal(fz_store_write(book.store, add_entry, &entry, NULL), FZ_OK);
    assert_int_equal(entry.runs, 1); /* the server said that it was done: it was not asked for again */
    assert_int_equal(entries(), 1);
}

static void a_commit_that_never_arrived_is_done_again(void **state)
{
    (void)state;
    struct telling entry = {.cuts_both = true};
    assert_int_equal(fz_store_write(book.store, add_entry, &entry, NULL), FZ_OK);
    assert_int_equal(entry.runs, 2);
    assert_int_equal(entries(), 1);
}

#define EACH(name, setup) cmocka_unit_test_setup_teardown(name, setup, close_book)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(what_is_refused_leaves_nothing, open_book),
        EACH(what_is_refused_leaves_nothing, open_plainly),
        EACH(a_key_that_is_taken_is_told_and_the_rest_goes_on, open_book),
        EACH(a_taken_key_that_the_statement_does_not_name_is_a_failure, open_book),
        EACH(a_taken_key_that_the_statement_does_not_name_is_a_failure, open_plainly),
        EACH(a_part_on_trial_is_undone_alone, open_book),
        EACH(a_part_on_trial_is_undone_alone, open_plainly),
        EACH(what_was_asked_ahead_is_what_is_there, open_book),
        EACH(what_was_asked_ahead_is_what_is_there, open_plainly),
        EACH(what_was_asked_ahead_is_forgotten_by_a_change, open_book),
        EACH(a_key_that_was_free_is_not_waited_for, open_book),
        EACH(a_key_that_was_thought_free_is_told_in_a_second_run, open_book),
        EACH(a_key_that_was_thought_free_is_told_in_a_second_run, open_plainly),
        EACH(many_take_no_more_than_there_is, open_book),
        EACH(a_read_sees_one_state, open_book),
        EACH(one_after_another_uses_the_same_connection, open_book),
        EACH(one_after_another_uses_the_same_connection, open_plainly),
        EACH(an_interrupted_connection_is_nobody_else_s, open_book),
        EACH(an_interrupted_connection_is_nobody_else_s, open_plainly),
        EACH(connections_that_are_ended_are_made_anew, open_book),
        EACH(connections_that_are_ended_are_made_anew, open_plainly),
        EACH(a_transaction_does_not_stay_open_for_ever_nor_is_its_commit_cancelled, open_book),
        EACH(many_rows_come_in_portions_whatever_else_is_asked, open_book),
        EACH(many_rows_come_in_portions_whatever_else_is_asked, open_plainly),
        cmocka_unit_test(book_time_goes_by_the_clock_of_the_database),
        EACH(a_commit_whose_answer_is_lost_is_done_once, open_book),
        EACH(a_commit_whose_answer_is_lost_is_done_once, open_plainly),
        EACH(a_commit_that_never_arrived_is_done_again, open_book),
        EACH(a_commit_that_never_arrived_is_done_again, open_plainly),
    };
    return cmocka_run_group_tests_name("store/postgres/transaction", tests, NULL, NULL);
}
