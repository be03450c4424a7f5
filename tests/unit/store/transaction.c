/* Transactions: groups, refusals, readers, the queue, threads, and emptying the book. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "unit/emptied.h"
#include "unit/store/ledger.h"

static struct ledger ledger;

static int open_ledger(void **state)
{
    (void)state;
    ledger_new(&ledger, NULL);
    return 0;
}

static int close_ledger(void **state)
{
    (void)state;
    ledger_remove(&ledger);
    return 0;
}

static struct fz_store_health health(void)
{
    struct fz_store_health out;
    fz_store_health(ledger.store, &out);
    return out;
}

/* In one group: a good one, one that is refused after it wrote its row, one whose number is taken, a good
 * one. */
static void a_refusal_undoes_its_own_rows_only(void **state)
{
    (void)state;
    static struct batch batch;
    struct transfer transfers[] = {{1, 1, 2, 60}, {2, 1, 3, 60}, {1, 4, 5, 10}, {3, 2, 3, 160}};
    batch_init(&batch, &ledger);
    struct fz_store_health before = health();
    for (size_t i = 0; i < 4; i++)
        batch_add(&batch, &ledger, ledger_transfer, &transfers[i]);
    assert_int_equal(health().waiting, 4);
    batch_finish(&batch);

    assert_int_equal(batch.results[0], FZ_OK);
    assert_int_equal(batch.results[1], FZ_REFUSED);
    assert_int_equal(batch.errors[1].row, FZ_REFUND_SHORT);
    assert_int_equal(batch.results[2], FZ_CONFLICT);
    assert_int_equal(batch.results[3], FZ_OK);
    assert_int_equal(ledger_balance(&ledger, 1), 40);
    assert_int_equal(ledger_balance(&ledger, 2), 0);
    assert_int_equal(ledger_balance(&ledger, 3), 260);
    assert_int_equal(ledger_balance(&ledger, 4), 100);
    assert_true(ledger_has(&ledger, 1) && !ledger_has(&ledger, 2) && ledger_has(&ledger, 3));

    struct fz_store_health after = health();
    assert_int_equal(after.commits - before.commits, 2); /* the gate's, and one for all four */
    assert_int_equal(after.writes - before.writes, 5);
    assert_int_equal(after.waiting, 0);
    assert_int_equal(after.failed_commits, 0);
    assert_true(after.writable);
}

/* The writer parts the writes of a group only after one was refused that had written its row: so groups with such a one
 * come after groups without, and the other way round, many times. */
static void refusals_undo_their_own_rows_in_each_group(void **state)
{
    (void)state;
    int64_t number = 0;
    for (int round = 0; round < 200; round++) {
        static struct batch batch;
        bool refuses = round % 70 == 0 || round % 70 == 3;
        struct transfer transfers[] = {
            {++number, 1, 2, 1}, {++number, 3, 4, refuses ? 1000000 : 0}, {++number, 2, 1, 1}, {++number, 2, 2, 0}};
        batch_init(&batch, &ledger);
        for (size_t i = 0; i < 4; i++)
            batch_add(&batch, &ledger, ledger_transfer, &transfers[i]);
        batch_finish(&batch);
        for (size_t i = 0; i < 4; i++) {
            assert_int_equal(batch.results[i], i == 1 && refuses ? FZ_REFUSED : FZ_OK);
            assert_int_equal(ledger_has(&ledger, transfers[i].number), batch.results[i] == FZ_OK);
        }
        assert_int_equal(ledger_balance(&ledger, 1), LEDGER_START);
        assert_int_equal(ledger_balance(&ledger, 3), LEDGER_START);
    }
}

FZ_STATEMENT(broken_transfer, "INSERT INTO transfer (number) VALUES ('no number')", "", "");

struct trial {
    struct transfer transfer;
    bool fails;
};

static enum fz_result try_transfer(struct fz_tx *tx, void *argument)
{
    struct trial *trial = argument;
    enum fz_result result = ledger_transfer(tx, &trial->transfer);
    return result == FZ_OK && trial->fails ? fz_run(tx, &broken_transfer, NULL, 0, NULL) : result;
}

/* In one work: a part that is refused after it wrote its row, one in which a statement fails, a good one. */
static enum fz_result work_in_parts(struct fz_tx *tx, void *unused)
{
    (void)unused;
    struct trial parts[] = {{{11, 1, 3, 500}, false}, {{12, 1, 2, 5}, true}, {{13, 1, 2, 7}, false}};
    enum fz_result expected[] = {FZ_REFUSED, FZ_FAILED, FZ_OK};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(fz_attempt(tx, try_transfer, &parts[i]), expected[i]);
        assert_int_equal(tx->error->issue[0] != '\0', expected[i] == FZ_FAILED);
    }
    return FZ_OK;
}

static void a_part_on_trial_is_undone_alone(void **state)
{
    (void)state;
    assert_int_equal(fz_store_write(ledger.store, work_in_parts, NULL, NULL), FZ_OK);
    assert_false(ledger_has(&ledger, 11));
    assert_false(ledger_has(&ledger, 12));
    assert_true(ledger_has(&ledger, 13));
    assert_int_equal(ledger_balance(&ledger, 1), 93);
    assert_int_equal(ledger_balance(&ledger, 2), 107);
    assert_int_equal(ledger_balance(&ledger, 3), 100);
}

/* Of 200 that wait half are taken, and of the rest again, but 32 if there are so many. */
static void a_group_is_half_of_many(void **state)
{
    (void)state;
    static struct batch batch;
    static struct transfer transfers[BATCH_MAX];
    batch_init(&batch, &ledger);
    struct fz_store_health before = health();
    for (size_t i = 0; i < BATCH_MAX; i++) {
        transfers[i] = (struct transfer){(int64_t)i, 1, 2, 0};
        batch_add(&batch, &ledger, ledger_transfer, &transfers[i]);
    }
    batch_finish(&batch);
    assert_int_equal(health().commits - before.commits, 5); /* the gate's, 100, 50, 32 and 18 */
    assert_int_equal(ledger_state(&ledger).transfers, BATCH_MAX);
}

static enum fz_result time_work(struct fz_tx *tx, void *out)
{
    *(int64_t *)out = tx->now_ms;
    return fz_draw(tx->world, "test", 1, 1000) < 1000 && tx->error != NULL ? FZ_OK : FZ_FAILED;
}

static void work_sees_the_books_time(void **state)
{
    (void)state;
    int64_t now_ms = 0;
    fz_clock_reset(ledger.world, INT64_C(1767578400000), true);
    assert_int_equal(fz_store_write(ledger.store, time_work, &now_ms, NULL), FZ_OK);
    assert_true(now_ms == INT64_C(1767578400000));
    fz_clock_set(ledger.world, INT64_C(1767578400777), true);
    assert_int_equal(fz_store_read_once(ledger.store, time_work, &now_ms), FZ_OK);
    assert_true(now_ms == INT64_C(1767578400777));
}

struct move {
    int64_t seen_ms, to_ms;
    enum fz_result result;
};

static enum fz_result move_time_work(struct fz_tx *tx, void *argument)
{
    struct move *move = argument;
    move->seen_ms = tx->now_ms;
    tx->now_ms = move->to_ms;
    return move->result == FZ_REFUSED ? fz_refuse(tx->error, FZ_SYSTEM_ERROR) : move->result;
}

static int64_t time_seen(void)
{
    int64_t now_ms = 0;
    assert_int_equal(fz_store_write(ledger.store, time_work, &now_ms, NULL), FZ_OK);
    return now_ms;
}

/* What was written at a later time than the clock's is not followed by anything dated before it; unless it
 * was not kept. */
static void time_moved_by_a_write_stays_moved(void **state)
{
    (void)state;
    static struct batch batch;
    fz_clock_reset(ledger.world, 1000000, true);
    struct move refused = {0, 9000000, FZ_REFUSED}, moved = {0, 1005000, FZ_OK}, back = {0, 1001000, FZ_OK};
    batch_init(&batch, &ledger);
    batch_add(&batch, &ledger, move_time_work, &refused);
    batch_add(&batch, &ledger, move_time_work, &moved);
    batch_add(&batch, &ledger, move_time_work, &back);
    batch_finish(&batch);
    assert_true(refused.seen_ms == 1000000 && moved.seen_ms == 1000000 && back.seen_ms == 1005000);
    assert_true(time_seen() == 1005000);
    fz_clock_set(ledger.world, 1007000, true);
    assert_true(time_seen() == 1007000);
    /* An emptied book has no past. */
    fz_clock_reset(ledger.world, 500, true);
    assert_true(time_seen() == 1005000);
    assert_int_equal(emptied(ledger.store), FZ_OK);
    assert_true(time_seen() == 500);
}

/* A group that is run again, because one of it was refused after it wrote its row, begins at the time it began at. */
static void time_moved_in_vain_stays(void **state)
{
    (void)state;
    static struct batch batch;
    fz_clock_reset(ledger.world, 1000000, true);
    struct move moved = {0, 1005000, FZ_OK}, back = {0, 1001000, FZ_OK};
    struct transfer refused = {1, 1, 2, 1000000};
    batch_init(&batch, &ledger);
    batch_add(&batch, &ledger, move_time_work, &moved);
    batch_add(&batch, &ledger, ledger_transfer, &refused);
    batch_add(&batch, &ledger, move_time_work, &back);
    batch_finish(&batch);
    assert_int_equal(batch.results[1], FZ_REFUSED);
    assert_true(moved.seen_ms == 1000000 && back.seen_ms == 1005000);
    assert_true(time_seen() == 1005000);
    assert_false(ledger_has(&ledger, 1));
}

FZ_STATEMENT(
    count_long,
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) SELECT max(i) FROM n", "i",
    "i");

static enum fz_result count_long_work(struct fz_tx *tx, void *argument)
{
    FZ_CURSOR row = {0};
    return fz_query_one(tx, &count_long, FZ_VALUES(FZ_I(*(int64_t *)argument)), &row);
}

static sem_t reading_ended;

static void *interrupt_until_ended(void *reader)
{
    while (sem_trywait(&reading_ended) != 0) {
        fz_reader_interrupt(reader);
        usleep(1000);
    }
    return NULL;
}

static void a_read_can_be_interrupted(void **state)
{
    (void)state;
    struct fz_reader *reader = NULL;
    pthread_t interrupter;
    int64_t hours = INT64_C(1) << 50, moment = 10;
    assert_int_equal(fz_reader_open(ledger.store, &reader), FZ_OK);
    sem_init(&reading_ended, 0, 0);
    assert_int_equal(pthread_create(&interrupter, NULL, interrupt_until_ended, reader), 0);
    struct fz_error error;
    assert_int_equal(fz_store_read(reader, count_long_work, &hours, &error), FZ_FAILED);
    sem_post(&reading_ended);
    pthread_join(interrupter, NULL);
    sem_destroy(&reading_ended);
    assert_non_null(strstr(error.issue, "interrupted"));
    assert_int_equal(fz_store_read(reader, count_long_work, &moment, NULL), FZ_OK);
    fz_reader_close(reader);
}

/* In the middle of a read another write is committed; the read goes on seeing what it saw. */
static enum fz_result look_write_look(struct fz_tx *tx, void *argument)
{
    struct ledger_state *seen = argument;
    struct transfer transfer = {50, 1, 2, 5};
    enum fz_result result = ledger_look(tx, &seen[0]);
    if (result == FZ_OK)
        result = fz_store_write(ledger.store, ledger_transfer, &transfer, NULL);
    if (result == FZ_OK)
        result = ledger_look(tx, &seen[1]);
    return result;
}

static void a_read_sees_one_state(void **state)
{
    (void)state;
    struct ledger_state seen[2] = {0};
    struct fz_reader *reader = NULL;
    assert_int_equal(fz_reader_open(ledger.store, &reader), FZ_OK);
    assert_int_equal(fz_store_read(reader, look_write_look, seen, NULL), FZ_OK);
    assert_int_equal(seen[0].transfers, 0);
    assert_int_equal(seen[1].transfers, 0);
    assert_int_equal(fz_store_read(reader, ledger_look, seen, NULL), FZ_OK);
    assert_int_equal(seen[0].transfers, 1);
    fz_reader_close(reader);
}

static void a_reader_cannot_write(void **state)
{
    (void)state;
    struct transfer transfer = {1, 1, 2, 5};
    struct fz_error error;
    struct fz_reader *reader = NULL;
    assert_int_equal(fz_reader_open(ledger.store, &reader), FZ_OK);
    assert_int_equal(fz_store_read(reader, ledger_transfer, &transfer, &error), FZ_FAILED);
    assert_non_null(strstr(error.issue, "readonly"));
    struct ledger_state seen;
    assert_int_equal(fz_store_read(reader, ledger_look, &seen, NULL), FZ_OK);
    assert_int_equal(seen.transfers, 0);
    fz_reader_close(reader);
}

static void unexpected(struct fz_write *write, enum fz_result result)
{
    (void)write;
    (void)result;
    abort();
}

static void a_full_queue_says_so_at_once(void **state)
{
    (void)state;
    fz_store_close(ledger.store);
    char why[256];
    struct fz_store_options options = {.path = ledger.path, .world = ledger.world, .queue_max = 3};
    assert_int_equal(fz_store_open(&options, &ledger.store, why, sizeof why), FZ_OK);
    static struct batch batch;
    struct transfer transfers[] = {{1, 1, 2, 1}, {2, 1, 2, 1}, {3, 1, 2, 1}, {4, 1, 2, 1}};
    batch_init(&batch, &ledger);
    for (size_t i = 0; i < 3; i++)
        batch_add(&batch, &ledger, ledger_transfer, &transfers[i]);
    struct fz_write one_more = {.work = ledger_transfer, .argument = &transfers[3], .done = unexpected};
    assert_int_equal(fz_store_submit(ledger.store, &one_more), FZ_FULL);
    assert_int_equal(fz_store_write(ledger.store, ledger_transfer, &transfers[3], NULL), FZ_FULL);
    batch_finish(&batch);
    assert_int_equal(ledger_state(&ledger).transfers, 3);
    assert_int_equal(fz_store_write(ledger.store, ledger_transfer, &transfers[3], NULL), FZ_OK);
}

static void *close_store(void *store)
{
    fz_store_close(store);
    return NULL;
}

/* How many late writes were taken, and how many of them answered. */
static int late_taken, late_answered;

static enum fz_result late_work(struct fz_tx *tx, void *argument)
{
    (void)argument;
    return tx->now_ms == 0 ? FZ_ABSENT : FZ_OK;
}

static void late_done(struct fz_write *write, enum fz_result result)
{
    (void)write;
    late_answered += result == FZ_OK; /* always on the writer's thread, which has ended when this is read */
}

/* What was handed over before the close is done, with its answer; what comes later is refused. */
static void closing_finishes_what_waits(void **state)
{
    (void)state;
    static struct batch batch;
    static struct fz_write late[1000];
    struct transfer transfers[] = {{1, 1, 2, 1}, {2, 1, 2, 1}};
    batch_init(&batch, &ledger);
    batch_add(&batch, &ledger, ledger_transfer, &transfers[0]);
    batch_add(&batch, &ledger, ledger_transfer, &transfers[1]);
    pthread_t closer;
    assert_int_equal(pthread_create(&closer, NULL, close_store, ledger.store), 0);
    enum fz_result result = FZ_OK;
    /* The closer needs a moment; a write that comes before it is taken and has to be answered. */
    for (size_t i = 0; result == FZ_OK && i < 1000; i++) {
        late[i] = (struct fz_write){.work = late_work, .done = late_done};
        result = fz_store_submit(ledger.store, &late[i]);
        late_taken += result == FZ_OK;
        usleep(i < 100 ? 1000 : 30000);
    }
    batch_finish(&batch);
    pthread_join(closer, NULL);
    ledger.store = NULL;
    assert_int_equal(result, FZ_FULL);
    assert_int_equal(late_answered, late_taken);
    assert_int_equal(batch.results[0], FZ_OK);
    assert_int_equal(batch.results[1], FZ_OK);
    ledger_open(&ledger, NULL);
    assert_int_equal(ledger_state(&ledger).transfers, 2);
}

#define THREADS  6
#define PER_TASK 60

struct task {
    int64_t first;
    int kept, refused, other;
};

/* Moves 25 around in a way that runs accounts dry now and then. */
static void *transfer_many(void *argument)
{
    struct task *task = argument;
    for (int64_t i = 0; i < PER_TASK; i++) {
        int64_t number = task->first + i;
        struct transfer transfer = {number, 1 + number % LEDGER_ACCOUNTS,
                                    1 + (number * 7 + number / 10) % LEDGER_ACCOUNTS, 25};
        struct fz_error error;
        enum fz_result result = fz_store_write(ledger.store, ledger_transfer, &transfer, &error);
        task->kept += result == FZ_OK;
        task->refused += result == FZ_REFUSED && error.row == FZ_REFUND_SHORT;
        task->other += result != FZ_OK && result != FZ_REFUSED;
    }
    return NULL;
}

/* Reads until it is told to stop; counts states that do not add up. */
struct watch {
    bool stop;
    int reads, wrong;
    pthread_mutex_t lock;
};

static void *watch_totals(void *argument)
{
    struct watch *watch = argument;
    struct fz_reader *reader = NULL;
    bool stop = fz_reader_open(ledger.store, &reader) != FZ_OK;
    while (!stop) {
        struct ledger_state seen;
        enum fz_result result = fz_store_read(reader, ledger_look, &seen, NULL);
        pthread_mutex_lock(&watch->lock);
        watch->reads++;
        watch->wrong += result != FZ_OK || seen.total != LEDGER_ACCOUNTS * LEDGER_START || seen.least < 0 ||
                        seen.moved != seen.transfers * 25;
        stop = watch->stop;
        pthread_mutex_unlock(&watch->lock);
    }
    fz_reader_close(reader);
    return NULL;
}

static void many_threads_write_and_read(void **state)
{
    (void)state;
    struct watch watch = {.lock = PTHREAD_MUTEX_INITIALIZER};
    struct task tasks[THREADS] = {0};
    pthread_t threads[THREADS], watcher;
    assert_int_equal(pthread_create(&watcher, NULL, watch_totals, &watch), 0);
    for (int i = 0; i < THREADS; i++) {
        tasks[i].first = 1000 * (i + 1);
        assert_int_equal(pthread_create(&threads[i], NULL, transfer_many, &tasks[i]), 0);
    }
    int kept = 0, refused = 0, other = 0;
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        kept += tasks[i].kept;
        refused += tasks[i].refused;
        other += tasks[i].other;
    }
    pthread_mutex_lock(&watch.lock);
    watch.stop = true;
    pthread_mutex_unlock(&watch.lock);
    pthread_join(watcher, NULL);
    assert_int_equal(kept + refused, THREADS * PER_TASK);
    assert_int_equal(other, 0);
    assert_true(watch.reads > 0);
    assert_int_equal(watch.wrong, 0);
    assert_int_equal(ledger_state(&ledger).transfers, kept);
    assert_int_equal(health().writes, 1 + THREADS * PER_TASK); /* the accounts' */
}

static void emptying_takes_every_row(void **state)
{
    (void)state;
    struct transfer transfers[] = {{1, 1, 2, 10}, {2, 2, 3, 10}, {3, 1, 2, 10}};
    assert_int_equal(fz_store_write(ledger.store, ledger_transfer, &transfers[0], NULL), FZ_OK);
    assert_int_equal(emptied(ledger.store), FZ_OK);
    struct ledger_state seen = ledger_state(&ledger);
    assert_int_equal(seen.transfers, 0);
    assert_int_equal(seen.total, 0);
    /* It still is a book, with its foreign keys, also when opened again. */
    assert_int_equal(fz_store_write(ledger.store, ledger_transfer, &transfers[1], NULL), FZ_FAILED);
    ledger_close(&ledger);
    ledger_open(&ledger, NULL);
    assert_int_equal(ledger_state(&ledger).transfers, 0);
    ledger_accounts(&ledger);
    assert_int_equal(fz_store_write(ledger.store, ledger_transfer, &transfers[2], NULL), FZ_OK);
    assert_int_equal(ledger_state(&ledger).transfers, 1);
}

static void *empty_store(void *out)
{
    *(enum fz_result *)out = emptied(ledger.store);
    return NULL;
}

/* It waits its turn, and nobody who came before or later shares its transaction. */
static void emptying_goes_alone_and_in_turn(void **state)
{
    (void)state;
    static struct batch batch;
    struct transfer before = {1, 1, 2, 10}, after = {2, 1, 2, 10};
    batch_init(&batch, &ledger);
    struct fz_store_health start = health();
    batch_add(&batch, &ledger, ledger_transfer, &before);
    enum fz_result result = FZ_FAILED;
    pthread_t emptier;
    assert_int_equal(pthread_create(&emptier, NULL, empty_store, &result), 0);
    while (health().waiting < 2)
        usleep(1000);
    batch_add(&batch, &ledger, ledger_transfer, &after);
    batch_finish(&batch);
    pthread_join(emptier, NULL);
    assert_int_equal(result, FZ_OK);
    assert_int_equal(batch.results[0], FZ_OK);
    assert_int_equal(batch.results[1], FZ_FAILED); /* its accounts are gone: foreign keys hold again */
    assert_int_equal(health().commits - start.commits, 4);
    assert_int_equal(ledger_state(&ledger).transfers, 0);
}

/* ---- another book in the place of this one ---- */

static enum { FILLS, REFUSES, BREAKS_KEYS } filling;
static int64_t new_clock_ms;
static struct transfer in_new_book = {7, 1, 2, 3};
static _Atomic bool turned;
static enum fz_result turned_with;

FZ_STATEMENT(fill_account, "INSERT INTO account (id, balance) VALUES ($1, 1000)", "i", "");
FZ_STATEMENT(fill_transfer,
             "INSERT INTO transfer (id, number, source, target, amount) VALUES (1, 1, 1, 99, 1)", "", "");

static enum fz_result fill(struct fz_tx *tx, void *unused)
{
    (void)unused;
    tx->now_ms = new_clock_ms;
    enum fz_result result = FZ_OK;
    for (int64_t i = 1; result == FZ_OK && i <= 2; i++)
        result = fz_run(tx, &fill_account, FZ_VALUES(FZ_I(i)), NULL);
    if (result == FZ_OK && filling == BREAKS_KEYS)
        result = fz_run(tx, &fill_transfer, NULL, 0, NULL);
    return result == FZ_OK && filling == REFUSES ? FZ_ABSENT : result;
}

/* A reader that begins in this very moment must wait until the clock is the new book's. */
static void turn(void *unused, enum fz_result result)
{
    (void)unused;
    usleep(20000);
    turned_with = result;
    if (result == FZ_OK)
        fz_clock_reset(ledger.world, new_clock_ms, true);
    turned = true;
}

static enum fz_result renew(void)
{
    struct fz_renewal renewal = {.work = fill, .ended = turn};
    turned = false;
    turned_with = FZ_UNKNOWN;
    enum fz_result result = fz_store_renew(ledger.store, &renewal, NULL);
    assert_int_equal(turned_with, result);
    return result;
}

struct sight {
    int64_t total, now_ms;
};

static enum fz_result look_at_both(struct fz_tx *tx, void *argument)
{
    struct sight *sight = argument;
    struct ledger_state seen;
    sight->now_ms = tx->now_ms;
    enum fz_result result = ledger_look(tx, &seen);
    sight->total = seen.total;
    return result;
}

static _Atomic bool looking;

/* NULL if it never saw anything but the old book at its time, or the new one at its own. */
static void *look_on(void *unused)
{
    (void)unused;
    struct fz_reader *reader;
    void *wrong = NULL;
    assert_int_equal(fz_reader_open(ledger.store, &reader), FZ_OK);
    while (looking) {
        struct sight sight;
        assert_int_equal(fz_store_read(reader, look_at_both, &sight, NULL), FZ_OK);
        bool old = sight.total == LEDGER_ACCOUNTS * LEDGER_START && sight.now_ms == 5000000;
        bool new = sight.total == 2000 && sight.now_ms == new_clock_ms;
        if (!old && !new)
            wrong = &ledger;
    }
    fz_reader_close(reader);
    return wrong;
}

static void another_book_comes_in_one_instant(void **state)
{
    (void)state;
    pthread_t lookers[3];
    filling = FILLS;
    new_clock_ms = 1000000;
    fz_clock_reset(ledger.world, 5000000, true);
    looking = true;
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&lookers[i], NULL, look_on, NULL), 0);
    usleep(10000);
    assert_int_equal(renew(), FZ_OK);
    usleep(10000);
    looking = false;
    for (int i = 0; i < 3; i++) {
        void *wrong;
        pthread_join(lookers[i], &wrong);
        assert_null(wrong);
    }
    assert_int_equal(fz_store_write(ledger.store, ledger_transfer, &in_new_book, NULL), FZ_OK);
    assert_int_equal(ledger_state(&ledger).transfers, 1);
}

static void a_book_that_cannot_be_filled_leaves_the_old_one(void **state)
{
    (void)state;
    for (filling = REFUSES; filling <= BREAKS_KEYS; filling++) {
        assert_int_equal(renew(), filling == REFUSES ? FZ_ABSENT : FZ_FAILED);
        assert_true(turned);
        assert_int_equal(ledger_state(&ledger).total, LEDGER_ACCOUNTS * LEDGER_START);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_refusal_undoes_its_own_rows_only, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(refusals_undo_their_own_rows_in_each_group, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(time_moved_in_vain_stays, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(a_part_on_trial_is_undone_alone, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(a_group_is_half_of_many, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(work_sees_the_books_time, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(time_moved_by_a_write_stays_moved, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(a_read_can_be_interrupted, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(a_read_sees_one_state, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(a_reader_cannot_write, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(a_full_queue_says_so_at_once, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(closing_finishes_what_waits, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(many_threads_write_and_read, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(emptying_takes_every_row, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(emptying_goes_alone_and_in_turn, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(another_book_comes_in_one_instant, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(a_book_that_cannot_be_filled_leaves_the_old_one, open_ledger,
                                        close_ledger),
    };
    return cmocka_run_group_tests_name("store/transaction", tests, NULL, NULL);
}
