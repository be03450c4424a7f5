/* Days on PostgreSQL: who closes one waits for all who still write it, who moves the clock writes alone, and nobody waits for longer than that. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <semaphore.h>

#include "base/calendar.h"
#include "base/clock.h"
#include "unit/store/postgres/shared.h"

#define LAST_MS   INT64_C(1767628799999) /* 2026-01-05T23:59:59.999+08:00 */
#define DAY       20458                  /* that one */
#define MOMENT_US 100000

FZ_STATEMENT(clock_set,
             "INSERT INTO clock (id, book_ms, wire_ms, frozen) VALUES (1, $1, $2, 1) ON CONFLICT (id) DO UPDATE SET book_ms = excluded.book_ms",
             "ii", "");
FZ_STATEMENT(entry_add, "INSERT INTO entry (id, kind, subject, time_ms) VALUES ($1, 1, 1, $2)", "ii", "");
FZ_STATEMENT(entries_before, "SELECT COUNT(*) FROM entry WHERE time_ms <= $1", "i", "i");

static struct shared book;
static sem_t written, may_end;

static enum fz_result set_clock(struct fz_tx *tx, void *book_ms)
{
    return fz_run(tx, &clock_set, FZ_VALUES(FZ_I(*(int64_t *)book_ms), FZ_I(tx->wire_ms)), NULL);
}

static void put_clock(int64_t book_ms)
{
    assert_int_equal(fz_store_write_alone(book.store, set_clock, &book_ms, NULL), FZ_OK);
}

static int open_book(void **state)
{
    (void)state;
    shared_open(&book, "days", (struct fz_store_options){0});
    sem_init(&written, 0, 0);
    sem_init(&may_end, 0, 0);
    put_clock(LAST_MS);
    return 0;
}

static int close_book(void **state)
{
    (void)state;
    shared_close(&book);
    return 0;
}

/* A row of the last millisecond, in a transaction that goes on for a while. */
static enum fz_result write_slowly(struct fz_tx *tx, void *dated_ms)
{
    int64_t id, changed;
    enum fz_result result = fz_next_id(tx, "entry", &id);
    if (result == FZ_OK)
        result = fz_run(tx, &entry_add, FZ_VALUES(FZ_I(id), FZ_I(tx->now_ms)), &changed);
    *(int64_t *)dated_ms = tx->now_ms;
    sem_post(&written);
    sem_wait(&may_end);
    return result;
}

static enum fz_result count(struct fz_tx *tx, void *out)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &entries_before, FZ_VALUES(FZ_I(LAST_MS)), &row);
    if (result == FZ_OK)
        *(int64_t *)out = fz_int(&row, 0);
    return result;
}

static enum fz_result close_and_count(struct fz_tx *tx, void *out)
{
    enum fz_result result = fz_close_day(tx, DAY);
    return result == FZ_OK ? count(tx, out) : result;
}

/* Something that runs on a thread of its own, and says when it has ended. */
struct run {
    pthread_t thread;
    enum fz_result (*work)(struct run *run);
    int64_t number;
    enum fz_result result;
    atomic_bool ended;
};

static void *run_main(void *argument)
{
    struct run *run = argument;
    run->result = run->work(run);
    atomic_store(&run->ended, true);
    return NULL;
}

static void begin(struct run *run)
{
    assert_int_equal(pthread_create(&run->thread, NULL, run_main, run), 0);
}

static void join(struct run *run)
{
    pthread_join(run->thread, NULL);
    assert_int_equal(run->result, FZ_OK);
}

static enum fz_result write_it(struct run *run)
{
    return fz_store_write(book.store, write_slowly, &run->number, NULL);
}

static enum fz_result convert_it(struct run *run)
{
    return fz_store_write(book.store, close_and_count, &run->number, NULL);
}

static enum fz_result bill_it(struct run *run)
{
    struct fz_reader *reader = NULL;
    struct fz_error error;
    enum fz_result result = fz_reader_open(book.store, &reader);
    if (result == FZ_OK)
        result = fz_store_pass_day(reader, DAY, FZ_WRITE_ENDS_MS, &error);
    if (result == FZ_OK)
        result = fz_store_read(reader, count, &run->number, NULL);
    fz_reader_close(reader);
    return result;
}

static enum fz_result move_clock(struct run *run)
{
    return fz_store_write_alone(book.store, set_clock, &run->number, NULL);
}

/* The clock is put past midnight behind a transaction that is dated before it: as time does that passes. */
static void pass_midnight(void)
{
    char sql[100];
    snprintf(sql, sizeof sql, "UPDATE clock SET book_ms = %lld", (long long)LAST_MS + 2);
    shared_say(&book, sql);
}

/* Until somebody waits for a lock. */
static void await_waiting(void)
{
    static const char waiting[] = "SELECT count(*) FROM pg_locks WHERE NOT granted AND database ="
                                  " (SELECT oid FROM pg_database WHERE datname = current_database())";
    for (int looks = 0; shared_number(&book, waiting) == 0; looks++) {
        assert_true(looks < 3000);
        usleep(10000);
    }
}

static void has_to_wait_for_the_last_row(enum fz_result (*work)(struct run *run))
{
    struct run writes = {.work = write_it}, closes = {.work = work};
    begin(&writes);
    sem_wait(&written);
    assert_int_equal(writes.number, LAST_MS);
    pass_midnight();
    begin(&closes);
    usleep(MOMENT_US);
    assert_false(atomic_load(&closes.ended));
    sem_post(&may_end);
    join(&writes);
    join(&closes);
    assert_int_equal(closes.number, 1); /* the row is counted */
}

static void a_conversion_finds_what_was_still_written_of_its_day(void **state)
{
    (void)state;
    has_to_wait_for_the_last_row(convert_it);
}

static void a_bill_finds_what_was_still_written_of_its_day(void **state)
{
    (void)state;
    has_to_wait_for_the_last_row(bill_it);
}

static void the_day_that_is_being_written_waits_for_no_closing_of_another(void **state)
{
    (void)state;
    struct run today = {.work = write_it}, closes = {.work = convert_it};
    pass_midnight();
    begin(&today);
    sem_wait(&written);
    assert_int_equal(today.number, LAST_MS + 2);
    begin(&closes);
    join(&closes); /* although somebody writes the next day */
    assert_int_equal(closes.number, 0);
    sem_post(&may_end);
    join(&today);
}

/* Whoever asks for the day's lock has those who come after him wait as well. */
static void nobody_waits_for_who_waits_until_a_day_is_written(void **state)
{
    (void)state;
    struct run before = {.work = write_it}, audits = {.work = bill_it}, after = {.work = write_it};
    begin(&before);
    sem_wait(&written);
    begin(&audits);
    usleep(MOMENT_US);
    begin(&after);
    sem_wait(&written); /* it is at work */
    assert_false(atomic_load(&audits.ended));
    sem_post(&may_end);
    sem_post(&may_end);
    join(&before);
    join(&after);
    join(&audits);
}

static void who_does_not_end_is_named(void **state)
{
    (void)state;
    struct run writes = {.work = write_it};
    struct fz_reader *reader = NULL;
    struct fz_error error = {0};
    begin(&writes);
    sem_wait(&written);
    assert_int_equal(fz_reader_open(book.store, &reader), FZ_OK);
    assert_int_equal(fz_store_pass_day(reader, DAY, 100, &error), FZ_FULL);
    assert_non_null(strstr(error.issue, "of fenzhang at the database's own machine (idle in transaction, waits for ClientRead)"));
    assert_int_equal(fz_store_pass_day(reader, DAY - 1, 100, &error), FZ_OK);
    sem_post(&may_end);
    join(&writes);
    assert_int_equal(fz_store_pass_day(reader, DAY, 100, &error), FZ_OK);
    fz_reader_close(reader);
}

static void the_clock_is_moved_while_nobody_writes(void **state)
{
    (void)state;
    struct run before = {.work = write_it}, moves = {.work = move_clock, .number = LAST_MS + 1}, after = {.work = write_it};
    begin(&before);
    sem_wait(&written);
    begin(&moves);
    await_waiting();
    assert_false(atomic_load(&moves.ended)); /* who has begun is let end */
    begin(&after);
    usleep(MOMENT_US);
    assert_int_equal(sem_trywait(&written), -1); /* and who comes later waits for the new time */
    sem_post(&may_end);
    join(&before);
    join(&moves);
    sem_wait(&written);
    sem_post(&may_end);
    join(&after);
    assert_int_equal(before.number, LAST_MS);
    assert_int_equal(after.number, LAST_MS + 1);
}

/* Many moves over many midnights, and many who write meanwhile: nobody waits in a circle, and no row is dated before the clock of its time. */
#define WRITERS 6
#define MOVES   40

static atomic_bool over;

static enum fz_result note(struct fz_tx *tx, void *dated_ms)
{
    int64_t id;
    enum fz_result result = fz_next_id(tx, "entry", &id);
    *(int64_t *)dated_ms = tx->now_ms;
    return result == FZ_OK ? fz_run(tx, &entry_add, FZ_VALUES(FZ_I(id), FZ_I(tx->now_ms)), NULL) : result;
}

static enum fz_result write_on(struct run *run)
{
    int64_t before_ms = 0, dated_ms = 0;
    do { /* once, however late it comes to it */
        enum fz_result result = fz_store_write(book.store, note, &dated_ms, NULL);
        if (result != FZ_OK || dated_ms < before_ms)
            return FZ_FAILED;
        before_ms = dated_ms;
        run->number++;
    } while (!atomic_load(&over));
    return FZ_OK;
}

static void nobody_waits_in_a_circle(void **state)
{
    (void)state;
    struct run writers[WRITERS];
    atomic_store(&over, false);
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (struct run){.work = write_on};
        begin(&writers[i]);
    }
    for (int i = 1; i <= MOVES; i++) {
        put_clock(LAST_MS + i * FZ_DAY_MS);
        int64_t counted;
        assert_int_equal(fz_store_write(book.store, close_and_count, &counted, NULL), FZ_OK);
    }
    atomic_store(&over, true);
    for (int i = 0; i < WRITERS; i++) {
        join(&writers[i]);
        assert_true(writers[i].number > 0);
    }
    assert_int_equal(shared_number(&book, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"), 0);
}

#define EACH(name) cmocka_unit_test_setup_teardown(name, open_book, close_book)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(a_conversion_finds_what_was_still_written_of_its_day),
        EACH(a_bill_finds_what_was_still_written_of_its_day),
        EACH(the_day_that_is_being_written_waits_for_no_closing_of_another),
        EACH(nobody_waits_for_who_waits_until_a_day_is_written),
        EACH(who_does_not_end_is_named),
        EACH(the_clock_is_moved_while_nobody_writes),
        EACH(nobody_waits_in_a_circle),
    };
    return cmocka_run_group_tests_name("store/postgres/days", tests, NULL, NULL);
}
