/* Readers: what was acknowledged is read, by whichever reader; a read with nothing new costs no system call; and
 * a reader that is idle stands in nobody's way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "unit/store/ledger.h"

#define MIB (1024 * 1024)

FZ_STATEMENT(bulk_add, "INSERT INTO bulk (id, data) VALUES ($1, $2)", "ib", "");
FZ_STATEMENT(bulk_fails, "SELECT CAST(abs(-9223372036854775807 - 1) AS FZ_INT) FROM account", "", "i");

static struct ledger ledger;
static struct fz_reader *reader;
static char data[128 * 1024];

static int open_all(void **state)
{
    (void)state;
    ledger_new(&ledger, NULL);
    return fz_reader_open(ledger.store, &reader) == FZ_OK ? 0 : -1;
}

static int close_all(void **state)
{
    (void)state;
    fz_reader_close(reader);
    ledger_remove(&ledger);
    return 0;
}

static int64_t transfers(struct fz_reader *by)
{
    struct ledger_state seen = {0};
    assert_int_equal(fz_store_read(by, ledger_look, &seen, NULL), FZ_OK);
    assert_int_equal(seen.total, LEDGER_ACCOUNTS * LEDGER_START);
    return seen.transfers;
}

static void transfer(int64_t number)
{
    struct transfer transfer = {.number = number, .from = 1 + number % 10, .to = 1 + (number + 1) % 10, .amount = 1};
    assert_int_equal(fz_store_write(ledger.store, ledger_transfer, &transfer, NULL), FZ_OK);
}

static void what_was_acknowledged_is_read_by_every_reader(void **state)
{
    (void)state;
    struct fz_reader *other = NULL;
    assert_int_equal(fz_reader_open(ledger.store, &other), FZ_OK);
    for (int64_t i = 1; i <= 50; i++) {
        transfer(i);
        assert_int_equal(transfers(reader), i);
        assert_int_equal(transfers(reader), i);
        if (i % 3 == 0)
            assert_int_equal(transfers(other), i);
    }
    fz_reader_close(other);
}

/* ---- snapshots ---- */

static enum fz_result note_snapshot(struct fz_tx *tx, void *argument)
{
    *(uint64_t *)argument = tx->snapshot;
    struct ledger_state seen = {0};
    return ledger_look(tx, &seen);
}

static uint64_t snapshot_of(struct fz_reader *by)
{
    uint64_t snapshot = 0;
    assert_int_equal(fz_store_read(by, note_snapshot, &snapshot, NULL), FZ_OK);
    assert_int_not_equal(snapshot, 0);
    return snapshot;
}

/* Two reads of one number have the same book before them, so no commit lies between them. */
static void a_commit_ends_a_snapshot(void **state)
{
    (void)state;
    struct fz_reader *other = NULL;
    assert_int_equal(fz_reader_open(ledger.store, &other), FZ_OK);
    uint64_t last = 0;
    for (int64_t i = 1; i <= 20; i++) {
        uint64_t mine = snapshot_of(reader), others = snapshot_of(other);
        assert_true(mine > last && others > mine);
        assert_int_equal(snapshot_of(reader), mine);
        last = others;
        transfer(i);
    }
    fz_reader_close(other);
    uint64_t written = 1;
    assert_int_equal(fz_store_write(ledger.store, note_snapshot, &written, NULL), FZ_OK);
    assert_int_equal(written, 0);
}

/* ---- system calls ---- */

static atomic_int calls; /* of those with which SQLite locks */

static int counted_fcntl(int handle, int command, void *argument)
{
    atomic_fetch_add(&calls, 1);
    return fcntl(handle, command, argument);
}

static void a_read_with_nothing_new_makes_no_system_call(void **state)
{
    (void)state;
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
    assert_int_equal(vfs->xSetSystemCall(vfs, "fcntl", (sqlite3_syscall_ptr)counted_fcntl), SQLITE_OK);
    assert_int_equal(transfers(reader), 0);
    for (int tries = 0; tries == 0 || (atomic_load(&calls) > 0 && tries < 5); tries++) { /* a checkpoint may just have come: it locks */
        atomic_store(&calls, 0);
        for (int i = 0; i < 100; i++)
            assert_int_equal(transfers(reader), 0);
    }
    assert_int_equal(atomic_load(&calls), 0);
    transfer(1);
    assert_int_equal(transfers(reader), 1);
    assert_true(atomic_load(&calls) > 0); /* so they are counted */
    assert_int_equal(vfs->xSetSystemCall(vfs, "fcntl", NULL), SQLITE_OK);
}

/* ---- beside a checkpoint ---- */

static enum fz_result add_bulk(struct fz_tx *tx, void *argument)
{
    (void)argument;
    int64_t id = 0;
    enum fz_result result = fz_next_id(tx, "bulk", &id);
    return result == FZ_OK ? fz_run(tx, &bulk_add, FZ_VALUES(FZ_I(id), FZ_B(data, sizeof data)), NULL) : result;
}

static long wal_size(void)
{
    char name[96];
    struct stat found;
    snprintf(name, sizeof name, "%s-wal", ledger.path);
    return stat(name, &found) == 0 ? (long)found.st_size : -1;
}

/* It has read once and is not asked again, while 150 MiB go through the WAL. */
static void an_idle_reader_keeps_no_wal(void **state)
{
    (void)state;
    assert_int_equal(transfers(reader), 0);
    for (int tries = 0; tries == 0 || (wal_size() > 130 * MIB && tries < 5); tries++) /* who cuts it may stand still for so long */
        for (int i = 0; i < 1200; i++)
            assert_int_equal(fz_store_write(ledger.store, add_bulk, NULL, NULL), FZ_OK);
    assert_in_range(wal_size(), 0, 130 * MIB); /* 128 MiB are where it is cut, if it has to be */
    for (int i = 0; i < LEDGER_LOOKS && wal_size() > 100 * MIB; i++)
        usleep(10000);
    assert_in_range(wal_size(), 0, 100 * MIB);
    assert_int_equal(transfers(reader), 0);
}

/* ---- many at once ---- */

static atomic_int_fast64_t acknowledged;
static atomic_bool stop;

static void *read_on(void *failures)
{
    struct fz_reader *mine = NULL;
    if (fz_reader_open(ledger.store, &mine) != FZ_OK)
        return NULL;
    for (int64_t last = 0; !atomic_load(&stop);) {
        int64_t before = atomic_load(&acknowledged);
        struct ledger_state seen = {0};
        if (fz_store_read(mine, ledger_look, &seen, NULL) != FZ_OK || seen.transfers < before || seen.transfers < last ||
            seen.total != LEDGER_ACCOUNTS * LEDGER_START)
            atomic_fetch_add((atomic_int *)failures, 1);
        last = seen.transfers;
    }
    fz_reader_close(mine);
    return NULL;
}

/* Each reader sees at least what was acknowledged before it began to read, and never less than it saw before. */
static void readers_beside_a_writer_never_fall_behind(void **state)
{
    (void)state;
    atomic_int failures = 0;
    pthread_t threads[3];
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_on, &failures), 0);
    for (int64_t i = 1; i <= 600; i++) {
        transfer(i);
        atomic_store(&acknowledged, i);
        if (i % 100 == 0)
            for (int j = 0; j < 40; j++) /* so that checkpoints come in between */
                assert_int_equal(fz_store_write(ledger.store, add_bulk, NULL, NULL), FZ_OK);
    }
    atomic_store(&stop, true);
    for (size_t i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(failures, 0);
}

/* ---- a read that failed ---- */

static enum fz_result fail_in_the_middle(struct fz_tx *tx, void *argument)
{
    (void)argument;
    FZ_CURSOR row = {0};
    return fz_query_one(tx, &bulk_fails, NULL, 0, &row); /* "integer overflow" */
}

static void a_reader_goes_on_after_a_read_that_failed(void **state)
{
    (void)state;
    struct fz_error error;
    assert_int_equal(transfers(reader), 0);
    assert_int_equal(fz_store_read(reader, fail_in_the_middle, NULL, &error), FZ_FAILED);
    transfer(1);
    assert_int_equal(transfers(reader), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_acknowledged_is_read_by_every_reader, open_all, close_all),
        cmocka_unit_test_setup_teardown(a_commit_ends_a_snapshot, open_all, close_all),
        cmocka_unit_test_setup_teardown(a_read_with_nothing_new_makes_no_system_call, open_all, close_all),
        cmocka_unit_test_setup_teardown(an_idle_reader_keeps_no_wal, open_all, close_all),
        cmocka_unit_test_setup_teardown(readers_beside_a_writer_never_fall_behind, open_all, close_all),
        cmocka_unit_test_setup_teardown(a_reader_goes_on_after_a_read_that_failed, open_all, close_all),
    };
    return cmocka_run_group_tests_name("store/reader", tests, NULL, NULL);
}
