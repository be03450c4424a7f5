/* Transactions on PostgreSQL: what is refused leaves nothing, many writers take no more than there is, a connection that breaks is made anew,
 * and a commit without an answer is neither lost nor done twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "unit/store/postgres/shared.h"

#define NOBODY "1900000100"

FZ_STATEMENT(merchant_add,
             "INSERT INTO merchant (mchid, kind, settlement_currency, penalised) VALUES ($1, 1, 'USD', 0) ON CONFLICT (mchid) DO NOTHING", "t",
             "");
FZ_STATEMENT(pool_fill, "INSERT INTO pool (sponsor, kind, day, slot, balance) VALUES ($1, 1, 1, 0, $2)", "ti", "");
FZ_STATEMENT(pool_draw, "UPDATE pool SET balance = balance - $2 WHERE sponsor = $1 AND balance >= $2", "ti", "");
FZ_STATEMENT(entry_add, "INSERT INTO entry (id, kind, subject, time_ms) VALUES ($1, 1, 1, $2)", "ii", "");
FZ_STATEMENT(entry_count, "SELECT COUNT(*) FROM entry", "", "i");
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
        EACH(many_take_no_more_than_there_is, open_book),
        EACH(a_read_sees_one_state, open_book),
        EACH(connections_that_are_ended_are_made_anew, open_book),
        EACH(connections_that_are_ended_are_made_anew, open_plainly),
        EACH(a_commit_whose_answer_is_lost_is_done_once, open_book),
        EACH(a_commit_whose_answer_is_lost_is_done_once, open_plainly),
        EACH(a_commit_that_never_arrived_is_done_again, open_book),
        EACH(a_commit_that_never_arrived_is_done_again, open_plainly),
    };
    return cmocka_run_group_tests_name("store/postgres/transaction", tests, NULL, NULL);
}
