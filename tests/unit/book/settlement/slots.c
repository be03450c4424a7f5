/* Pools in slots, on PostgreSQL: what many draw at once is never more than there is and never less than could be had, and nobody waits for
 * somebody who waits for him. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "book/settlement/pool.h"
#include "unit/store/postgres/shared.h"

#define INSTITUTION "1900000100"
#define THREADS     12
#define TURNS       40

FZ_STATEMENT(institution_add, "INSERT INTO merchant (mchid, kind, settlement_currency, penalised) VALUES ($1, 1, 'USD', 0)", "t", "");
FZ_STATEMENT(close_pools, "INSERT INTO hindrance (mchid, papers_missing, refused_scenes, cny_pool_empty) VALUES ($1, 0, 0, 1)", "t", "");

static struct shared book;

static enum fz_result add_institution(struct fz_tx *tx, void *argument)
{
    (void)argument;
    return fz_run(tx, &institution_add, FZ_VALUES(FZ_T(INSTITUTION)), NULL);
}

static int open_book(void **state)
{
    (void)state;
    shared_open(&book, "slots", (struct fz_store_options){0});
    return fz_store_write(book.store, add_institution, NULL, NULL) == FZ_OK ? 0 : -1;
}

static int close_book(void **state)
{
    (void)state;
    shared_close(&book);
    return 0;
}

/* A movement of the order with this number: below 0 a draw. */
struct move {
    int64_t payment, amount;
};

static enum fz_result move(struct fz_tx *tx, void *argument)
{
    const struct move *move = argument;
    if (move->amount > 0)
        return fz_pool_credit(tx, INSTITUTION, FZ_POOL_SALES, move->payment, move->amount);
    return fz_pool_debit(tx, INSTITUTION, FZ_POOL_SALES, move->payment, -move->amount);
}

static enum fz_result moved(int64_t payment, int64_t amount)
{
    struct fz_error error;
    struct move argument = {payment, amount};
    enum fz_result result = fz_store_write(book.store, move, &argument, &error);
    if (result == FZ_REFUSED)
        assert_int_equal(error.row, FZ_REFUND_SHORT);
    return result;
}

static enum fz_result read_balance(struct fz_tx *tx, void *out)
{
    return fz_pool_balance(tx, INSTITUTION, FZ_POOL_SALES, out);
}

static int64_t balance(void)
{
    int64_t balance = -1;
    assert_int_equal(fz_store_write(book.store, read_balance, &balance, NULL), FZ_OK);
    return balance;
}

static int64_t deadlocks(void)
{
    return shared_number(&book, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()");
}

static void orders_move_slots_of_their_own(void **state)
{
    (void)state;
    assert_int_equal(moved(1, 100), FZ_OK);
    assert_int_equal(moved(2, 20), FZ_OK);
    assert_int_equal(moved(65, 3), FZ_OK); /* 65 = 64 + 1 */
    assert_int_equal(shared_number(&book, "SELECT count(*) FROM pool"), 2);
    assert_int_equal(shared_number(&book, "SELECT balance FROM pool WHERE slot = 1"), 103);
    assert_int_equal(moved(1, -4), FZ_OK);
    assert_int_equal(shared_number(&book, "SELECT balance FROM pool WHERE slot = 1"), 99);
    assert_int_equal(shared_number(&book, "SELECT count(*) FROM event"), 1);
    assert_int_equal(balance(), 119);
}

static void what_one_slot_has_not_comes_from_several(void **state)
{
    (void)state;
    for (int64_t payment = 1; payment <= 5; payment++)
        assert_int_equal(moved(payment, 10), FZ_OK);
    assert_int_equal(moved(3, -51), FZ_REFUSED);
    assert_int_equal(balance(), 50);
    assert_int_equal(moved(3, -47), FZ_OK);
    assert_int_equal(balance(), 3);
    assert_int_equal(moved(99, -4), FZ_REFUSED);
    assert_int_equal(moved(99, -3), FZ_OK);
    assert_int_equal(balance(), 0);
    assert_int_equal(moved(3, -1), FZ_REFUSED);
}

static enum fz_result let_count_as_empty(struct fz_tx *tx, void *argument)
{
    (void)argument;
    return fz_run(tx, &close_pools, FZ_VALUES(FZ_T(INSTITUTION)), NULL);
}

static void one_that_counts_as_empty_gives_nothing(void **state)
{
    (void)state;
    assert_int_equal(moved(1, 10), FZ_OK);
    assert_int_equal(moved(2, 10), FZ_OK);
    assert_int_equal(fz_store_write(book.store, let_count_as_empty, NULL, NULL), FZ_OK);
    assert_int_equal(moved(1, -1), FZ_REFUSED);
    assert_int_equal(moved(1, -15), FZ_REFUSED);
    assert_int_equal(shared_number(&book, "SELECT CAST(sum(balance) AS BIGINT) FROM pool"), 20);
}

/* What a thread does, and how it went. */
struct worker {
    pthread_t thread;
    int64_t seed, amount, credit; /* draws so much each time; pays in so much before each */
    int64_t drawn;
};

static void *work(void *argument)
{
    struct worker *worker = argument;
    for (int64_t i = 0; i < TURNS; i++) {
        int64_t payment = (worker->seed * 31 + i * 17) % 200;
        if (worker->credit > 0 && moved(payment, worker->credit) != FZ_OK)
            abort();
        worker->drawn += moved(payment + 7, -worker->amount) == FZ_OK ? worker->amount : 0;
    }
    return NULL;
}

/* All at once; what they have drawn together. */
static int64_t draw_together(int64_t amount, int64_t credit)
{
    struct worker workers[THREADS];
    int64_t drawn = 0;
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.seed = i, .amount = amount, .credit = credit};
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(workers[i].thread, NULL);
        drawn += workers[i].drawn;
    }
    return drawn;
}

/* 12 x 40 draws of 7 out of 10 slots of 70: each slot is good for ten, and 480 want one. */
static void all_that_is_there_can_be_drawn_and_no_more(void **state)
{
    (void)state;
    for (int64_t payment = 0; payment < 10; payment++)
        assert_int_equal(moved(payment, 70), FZ_OK);
    assert_int_equal(draw_together(7, 0), 700);
    assert_int_equal(balance(), 0);
    assert_int_equal(deadlocks(), 0);
}

/* Slots of 5 of which nobody can be paid 9 alone: 64 x 5 = 320 = 35 x 9 + 5. */
static void crumbs_are_gathered_to_the_last(void **state)
{
    (void)state;
    for (int64_t payment = 0; payment < 64; payment++)
        assert_int_equal(moved(payment, 5), FZ_OK);
    assert_int_equal(draw_together(9, 0), 315);
    assert_int_equal(balance(), 5);
    assert_int_equal(deadlocks(), 0);
}

/* Nobody finds it empty who has just paid in as much as he draws: what others drew of his they had paid in before. */
static void nobody_is_refused_while_there_is_enough(void **state)
{
    (void)state;
    assert_int_equal(draw_together(11, 11), 12 * 40 * 11);
    assert_int_equal(balance(), 0);
    assert_int_equal(shared_number(&book, "SELECT min(balance) FROM pool"), 0);
    assert_int_equal(deadlocks(), 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_book, close_book)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(orders_move_slots_of_their_own),
        TEST(what_one_slot_has_not_comes_from_several),
        TEST(one_that_counts_as_empty_gives_nothing),
        TEST(all_that_is_there_can_be_drawn_and_no_more),
        TEST(crumbs_are_gathered_to_the_last),
        TEST(nobody_is_refused_while_there_is_enough),
    };
    return cmocka_run_group_tests_name("book/settlement/slots", tests, NULL, NULL);
}
