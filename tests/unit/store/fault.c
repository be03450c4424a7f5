/* The disk fails at every single call of a group commit, in every way: what was answered has to be what is in
 * the book. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <sqlite3.h>
#include <unistd.h>

#include <cmocka.h>

#include "unit/emptied.h"
#include "unit/store/fault_vfs.h"
#include "unit/store/ledger.h"

#define GROUP 8

#define TAKEN 50 /* a number given away before the group */

/* Worked out by hand from accounts of 100: the third is refused, the fifth has a number that is taken; the
 * fourth and the seventh need what one before them brings. The last needs nobody: run again alone, and
 * failing there, it is what a killed server would find at the end of the WAL. */
static struct transfer transfers[GROUP] = {{1, 1, 2, 80},     {2, 3, 4, 10}, {3, 1, 5, 30},   {4, 2, 6, 150},
                                           {TAKEN, 7, 8, 10}, {6, 9, 8, 1},  {7, 8, 10, 101}, {8, 4, 3, 20}};
static const enum fz_result expected[GROUP] = {FZ_OK,       FZ_OK, FZ_REFUSED, FZ_OK,
                                               FZ_CONFLICT, FZ_OK, FZ_OK,      FZ_OK};

static struct batch batch;
static int answered_unsynced;

static void watch_sync(void)
{
    answered_unsynced += fault_wal_unsynced();
}

/* Each write is in the book exactly if its answer says so (either way if nobody knew), and the accounts are
 * what the transfers in the book make of them. */
static void check_book(struct ledger *ledger, const char *when)
{
    int64_t balances[LEDGER_ACCOUNTS + 1];
    for (size_t i = 1; i <= LEDGER_ACCOUNTS; i++)
        balances[i] = LEDGER_START;
    int64_t count = 1;
    for (size_t i = 0; i < GROUP; i++) {
        if (transfers[i].number == TAKEN)
            continue;
        bool there = ledger_has(ledger, transfers[i].number);
        bool kept = batch.results[i] == FZ_OK;
        if (batch.results[i] != FZ_UNKNOWN && there != kept)
            fail_msg("%s: write %zu answered %d but is %sin the book", when, i, batch.results[i],
                     there ? "" : "not ");
        if (!there)
            continue;
        count++;
        balances[transfers[i].from] -= transfers[i].amount;
        balances[transfers[i].to] += transfers[i].amount;
    }
    for (int64_t i = 1; i <= LEDGER_ACCOUNTS; i++)
        assert_int_equal(ledger_balance(ledger, i), balances[i]);
    assert_int_equal(ledger_state(ledger).transfers, count);
}

/* Each answer is as without faults, or not done, or in doubt; or refused, when what it needed was not kept.
 * Those in doubt, or not done, say why, for the log. Returns how many have this answer. */
static int count_answers(enum fz_result answer)
{
    int found = 0;
    for (size_t i = 0; i < GROUP; i++) {
        enum fz_result result = batch.results[i];
        assert_true(result == expected[i] || result == FZ_FAILED || result == FZ_UNKNOWN ||
                    (expected[i] == FZ_OK && result == FZ_REFUSED));
        assert_true(batch.errors[i].issue[0] != '\0' || (result != FZ_FAILED && result != FZ_UNKNOWN));
        found += result == answer;
    }
    return found;
}

/* One group with faults in it. Returns how many calls failed. */
static int run_with_faults(const struct fault *faults, size_t count)
{
    struct ledger ledger, copy;
    ledger_new(&ledger, fault_vfs());
    struct transfer taken = {TAKEN, 9, 10, 0};
    assert_int_equal(fz_store_write(ledger.store, ledger_transfer, &taken, NULL), FZ_OK);
    batch_init(&batch, &ledger);
    batch.before_answer = watch_sync;
    for (size_t i = 0; i < GROUP; i++)
        batch_add(&batch, &ledger, ledger_transfer, &transfers[i]);
    answered_unsynced = 0;
    fault_arm(faults, count);
    batch_finish(&batch);
    ledger_copy(&ledger, &copy);
    int failed = fault_disarm();
    /* What a failed commit left in the WAL need not be synced. */
    if (count_answers(FZ_FAILED) + count_answers(FZ_UNKNOWN) == 0)
        assert_int_equal(answered_unsynced, 0);

    ledger_open(&copy, NULL);
    check_book(&copy, "killed");
    ledger_remove(&copy);
    check_book(&ledger, "running");
    /* The next one who writes finds the file well again. */
    struct transfer later = {100, 10, 10, 0};
    assert_int_equal(fz_store_write(ledger.store, ledger_transfer, &later, NULL), FZ_OK);
    ledger_remove(&ledger);
    return failed;
}

static int run_with_fault(unsigned calls, int nth, int code, bool for_good)
{
    const struct fault fault = {calls, nth, code, for_good};
    return run_with_faults(&fault, 1);
}

static void without_a_fault_all_is_as_worked_out(void **state)
{
    (void)state;
    assert_int_equal(run_with_fault(0, 1, SQLITE_FULL, false), 0);
    for (size_t i = 0; i < GROUP; i++)
        assert_int_equal(batch.results[i], expected[i]);
}

static int wal_calls;

static void count_wal_calls(bool synced, bool wal)
{
    wal_calls += !synced && wal;
}

/* Its frames, heads and pages, go to the system together. */
static void a_commit_is_one_write_and_one_sync(void **state)
{
    (void)state;
    struct ledger ledger;
    struct transfer first = {201, 1, 2, 1}, second = {202, 3, 4, 1};
    ledger_new(&ledger, fault_vfs());
    assert_int_equal(fz_store_write(ledger.store, ledger_transfer, &first, NULL), FZ_OK);
    wal_calls = 0;
    fault_watch(count_wal_calls);
    assert_int_equal(fz_store_write(ledger.store, ledger_transfer, &second, NULL), FZ_OK);
    fault_watch(NULL);
    assert_int_equal(wal_calls, 2);
    ledger_remove(&ledger);
}

/* A fault that passes: all is as if it had not been, for each write was run again. */
static void sweep_passing(unsigned calls, int code)
{
    int nth = 1;
    for (; run_with_fault(calls, nth, code, false) > 0; nth++)
        for (size_t i = 0; i < GROUP; i++)
            assert_int_equal(batch.results[i], expected[i]);
    assert_true(nth > 1); /* the first call at least has failed */
}

static void one_write_fails(void **state)
{
    (void)state;
    sweep_passing(FAULT_WRITE, SQLITE_FULL);
    sweep_passing(FAULT_WRITE, SQLITE_IOERR_WRITE);
}

static void one_sync_fails(void **state)
{
    (void)state;
    sweep_passing(FAULT_SYNC, SQLITE_IOERR_FSYNC);
}

/* A fault that stays: nothing is acknowledged that is not there. Counts the answers. */
static void sweep_lasting(unsigned calls, int code, int *failed, int *unknown)
{
    int nth = 1;
    *failed = *unknown = 0;
    for (; run_with_fault(calls, nth, code, true) > 0; nth++) {
        *failed += count_answers(FZ_FAILED);
        *unknown += count_answers(FZ_UNKNOWN);
    }
    assert_true(nth > 1);
}

static void the_disk_is_full(void **state)
{
    (void)state;
    int failed, unknown;
    sweep_lasting(FAULT_WRITE, SQLITE_FULL, &failed, &unknown);
    assert_true(failed > 0);
    assert_int_equal(unknown, 0); /* nobody is left in doubt */
}

static void the_disk_fails_for_good(void **state)
{
    (void)state;
    static const struct fault faults[] = {
        {.calls = FAULT_SYNC, .code = SQLITE_IOERR_FSYNC},
        {.calls = FAULT_WRITE, .code = SQLITE_IOERR_WRITE},
        {.calls = FAULT_WRITE | FAULT_SYNC | FAULT_TRUNCATE, .code = SQLITE_IOERR}};
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        int failed, unknown;
        sweep_lasting(faults[i].calls, faults[i].code, &failed, &unknown);
        assert_true(unknown > 0);
    }
}

/* The group's commit fails; then, while each write is run again alone, the disk fails for good. */
static void it_fails_again_while_each_runs_alone(void **state)
{
    (void)state;
    static const struct fault pairs[][2] = {
        {{FAULT_WRITE, 1, SQLITE_FULL, false}, {FAULT_SYNC, 1, SQLITE_IOERR_FSYNC, true}},
        {{FAULT_SYNC, 1, SQLITE_IOERR_FSYNC, false}, {FAULT_SYNC, 2, SQLITE_IOERR_FSYNC, true}},
        {{FAULT_SYNC, 1, SQLITE_IOERR_FSYNC, false}, {FAULT_WRITE, 1, SQLITE_IOERR_WRITE, true}},
    };
    int unknown = 0, failed = 0;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct fault faults[2] = {pairs[i][0], pairs[i][1]};
        for (int failures = 2; failures > 1; faults[1].nth++) {
            struct fault armed[2] = {faults[0], faults[1]};
            failures = run_with_faults(armed, 2);
            unknown += count_answers(FZ_UNKNOWN);
            failed += count_answers(FZ_FAILED);
        }
    }
    assert_true(unknown > 0);
    assert_true(failed > 0);
}

FZ_STATEMENT(bulk_add, "INSERT INTO bulk (id, data) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING", "ib", "");

/* More than the writer's page cache holds, so that SQLite writes, and fails, while the work is still going
 * on. What it does after that must not be kept on its own: the second run would find it there. */
static enum fz_result bulky_work(struct fz_tx *tx, void *transfer)
{
    static char data[48 << 20];
    (void)!fz_run(tx, &bulk_add, FZ_VALUES(FZ_I(1), FZ_B(data, sizeof data)), NULL);
    enum fz_result result = fz_insert(tx, &bulk_add, FZ_VALUES(FZ_I(2), FZ_B("x", 1)));
    (void)!ledger_transfer(tx, transfer);
    return result == FZ_CONFLICT ? FZ_CONFLICT : FZ_OK;
}

static void a_group_fails_in_the_middle_of_a_work(void **state)
{
    (void)state;
    for (int for_good = 0; for_good <= 1; for_good++) {
        struct ledger ledger;
        ledger_new(&ledger, fault_vfs());
        batch_init(&batch, &ledger);
        batch_add(&batch, &ledger, ledger_transfer, &transfers[0]);
        batch_add(&batch, &ledger, bulky_work, &transfers[1]);
        batch_add(&batch, &ledger, ledger_transfer, &transfers[5]);
        fault_arm_one(FAULT_WRITE, 100, SQLITE_FULL, for_good != 0);
        batch_finish(&batch);
        assert_true(fault_disarm() > 0);
        bool kept = for_good == 0;
        for (size_t i = 0; i < 3; i++)
            assert_int_equal(batch.results[i], kept ? FZ_OK : FZ_FAILED);
        assert_true(ledger_has(&ledger, 1) == kept && ledger_has(&ledger, 2) == kept &&
                    ledger_has(&ledger, 6) == kept);
        assert_int_equal(ledger_state(&ledger).total, LEDGER_ACCOUNTS * LEDGER_START);
        assert_true(ledger_wait_writable(&ledger, true));
        ledger_remove(&ledger);
    }
}

#define AHEAD_MS 86400000

/* As the scheduler's: it moves book time on. */
static enum fz_result move_time(struct fz_tx *tx, void *transfer)
{
    tx->now_ms += AHEAD_MS;
    return ledger_transfer(tx, transfer);
}

static enum fz_result tell_time(struct fz_tx *tx, void *out)
{
    *(int64_t *)out = tx->now_ms;
    return FZ_OK;
}

/* Book time that came to a moment in a commit that failed did not come there: nothing later is dated after it. In one
 * that was kept it did, and nothing is dated before it. */
static void a_failed_commit_leaves_no_time_behind(void **state)
{
    (void)state;
    static const struct {
        unsigned calls;
        int code;
        bool for_good;
        enum fz_result result;
    } faults[] = {{FAULT_WRITE, SQLITE_FULL, true, FZ_FAILED},
                  {FAULT_SYNC, SQLITE_IOERR_FSYNC, true, FZ_UNKNOWN},
                  {FAULT_WRITE | FAULT_SYNC, SQLITE_IOERR, true, FZ_UNKNOWN},
                  {FAULT_SYNC, SQLITE_IOERR_FSYNC, false, FZ_OK},
                  {0, SQLITE_OK, false, FZ_OK}};
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        struct ledger ledger;
        int64_t before = 0, after = 0;
        ledger_new(&ledger, fault_vfs());
        assert_int_equal(fz_store_write(ledger.store, tell_time, &before, NULL), FZ_OK);
        struct transfer moved = {1, 1, 2, 5}, refused = {2, 1, 2, 100000};
        fault_arm_one(faults[i].calls, 1, faults[i].code, faults[i].for_good);
        assert_int_equal(fz_store_write(ledger.store, move_time, &moved, NULL), faults[i].result);
        fault_disarm();
        assert_true(ledger_wait_writable(&ledger, true));
        assert_int_equal(fz_store_write(ledger.store, tell_time, &after, NULL), FZ_OK);
        assert_int_equal(after - before >= AHEAD_MS, faults[i].result == FZ_OK); /* the clock goes on a little */
        /* Neither does one that was refused. */
        assert_int_equal(fz_store_write(ledger.store, move_time, &refused, NULL), FZ_REFUSED);
        before = after;
        assert_int_equal(fz_store_write(ledger.store, tell_time, &after, NULL), FZ_OK);
        assert_true(after - before < AHEAD_MS);
        ledger_remove(&ledger);
    }
}

/* While nothing can be written: reads go on, writes fail at once, health says so; afterwards it recovers by
 * itself. */
static void reads_go_on_and_health_comes_back(void **state)
{
    (void)state;
    struct ledger ledger;
    ledger_new(&ledger, fault_vfs());
    struct transfer first = {1, 1, 2, 5}, second = {2, 1, 2, 5}, third = {3, 1, 2, 5};
    assert_int_equal(fz_store_write(ledger.store, ledger_transfer, &first, NULL), FZ_OK);
    fault_arm_one(FAULT_SYNC, 1, SQLITE_IOERR_FSYNC, true);
    assert_int_equal(fz_store_write(ledger.store, ledger_transfer, &second, NULL), FZ_UNKNOWN);
    struct fz_store_health health;
    fz_store_health(ledger.store, &health);
    assert_false(health.writable);
    assert_true(health.failed_commits > 0);
    assert_int_equal(fz_store_write(ledger.store, ledger_transfer, &third, NULL), FZ_FAILED);
    assert_int_equal(ledger_state(&ledger).transfers, 1);
    assert_true(fault_disarm() > 0);
    assert_true(ledger_wait_writable(&ledger, true)); /* nobody wrote */
    assert_int_equal(fz_store_write(ledger.store, ledger_transfer, &third, NULL), FZ_OK);
    assert_int_equal(ledger_state(&ledger).transfers, 2);
    ledger_remove(&ledger);
}

static void emptying_fails_whole(void **state)
{
    (void)state;
    int failed = 1;
    for (int nth = 1; failed > 0; nth++) {
        struct ledger ledger;
        ledger_new(&ledger, fault_vfs());
        struct transfer first = {1, 1, 2, 5}, second = {2, 1, 66, 0}, third = {3, 1, 2, 0};
        assert_int_equal(fz_store_write(ledger.store, ledger_transfer, &first, NULL), FZ_OK);
        fault_arm_one(FAULT_WRITE, nth, SQLITE_FULL, true);
        enum fz_result result = emptied(ledger.store);
        failed = fault_disarm();
        assert_int_equal(result, failed > 0 ? FZ_FAILED : FZ_OK);
        assert_int_equal(ledger_state(&ledger).total, failed > 0 ? LEDGER_ACCOUNTS * LEDGER_START : 0);
        assert_int_equal(ledger_state(&ledger).transfers, failed > 0);
        if (failed == 0)
            ledger_accounts(&ledger);
        assert_int_equal(fz_store_write(ledger.store, ledger_transfer, &third, NULL), FZ_OK);
        /* Foreign keys hold again: there is no account 66. */
        assert_int_not_equal(fz_store_write(ledger.store, ledger_transfer, &second, NULL), FZ_OK);
        ledger_remove(&ledger);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_fault_all_is_as_worked_out),
        cmocka_unit_test(a_commit_is_one_write_and_one_sync),
        cmocka_unit_test(one_write_fails),
        cmocka_unit_test(one_sync_fails),
        cmocka_unit_test(the_disk_is_full),
        cmocka_unit_test(the_disk_fails_for_good),
        cmocka_unit_test(a_failed_commit_leaves_no_time_behind),
        cmocka_unit_test(reads_go_on_and_health_comes_back),
        cmocka_unit_test(it_fails_again_while_each_runs_alone),
        cmocka_unit_test(a_group_fails_in_the_middle_of_a_work),
        cmocka_unit_test(emptying_fails_whole),
    };
    return cmocka_run_group_tests_name("store/fault", tests, NULL, NULL);
}
