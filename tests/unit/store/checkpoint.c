/* Checkpoints: under steady load, with readers about, the WAL stays small and everybody goes on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "unit/store/fault_vfs.h"
#include "unit/store/ledger.h"

#define MIB (1024 * 1024)

FZ_STATEMENT(bulk_add, "INSERT INTO bulk (id, data) VALUES ($1, $2)", "ib", "");
FZ_STATEMENT(bulk_sum, "SELECT count(*), CAST(sum(length(data)) AS FZ_INT) FROM bulk", "", "ii");

static struct ledger ledger;
static char data[128 * 1024];

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

static long size_of(const char *suffix)
{
    char name[96];
    struct stat found;
    snprintf(name, sizeof name, "%s%s", ledger.path, suffix);
    return stat(name, &found) == 0 ? (long)found.st_size : -1;
}

static enum fz_result add_bulk(struct fz_tx *tx, void *argument)
{
    (void)argument;
    int64_t id = 0;
    enum fz_result result = fz_next_id(tx, "bulk", &id);
    return result == FZ_OK ? fz_run(tx, &bulk_add, FZ_VALUES(FZ_I(id), FZ_B(data, sizeof data)), NULL)
                           : result;
}

struct bulk {
    int64_t count, size;
};

static enum fz_result sum_bulk(struct fz_tx *tx, void *out)
{
    FZ_CURSOR row = {0};
    enum fz_result result = fz_query_one(tx, &bulk_sum, NULL, 0, &row);
    if (result == FZ_OK)
        *(struct bulk *)out = (struct bulk){fz_int(&row, 0), fz_int(&row, 1)};
    return result;
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool stop;
static int reads, failed_reads;

static void *read_all_the_time(void *argument)
{
    (void)argument;
    struct fz_reader *reader = NULL;
    bool ended = fz_reader_open(ledger.store, &reader) != FZ_OK;
    while (!ended) {
        struct ledger_state seen;
        bool good = fz_store_read(reader, ledger_look, &seen, NULL) == FZ_OK &&
                    seen.total == LEDGER_ACCOUNTS * LEDGER_START;
        pthread_mutex_lock(&lock);
        reads++;
        failed_reads += !good;
        ended = stop;
        pthread_mutex_unlock(&lock);
    }
    fz_reader_close(reader);
    return NULL;
}

#define WRITERS 4
#define EACH    380

static void *write_all_the_time(void *failures)
{
    for (int i = 0; i < EACH; i++)
        *(int *)failures += fz_store_write(ledger.store, add_bulk, NULL, NULL) != FZ_OK;
    return NULL;
}

static void write_much(void)
{
    pthread_t writers[WRITERS];
    int failures[WRITERS] = {0};
    for (int i = 0; i < WRITERS; i++)
        assert_int_equal(pthread_create(&writers[i], NULL, write_all_the_time, &failures[i]), 0);
    for (int i = 0; i < WRITERS; i++) {
        pthread_join(writers[i], NULL);
        assert_int_equal(failures[i], 0);
    }
}

static bool is_small(long wal)
{
    return wal >= 16 * MIB && wal <= 160 * MIB;
}

/* 190 MiB go through. Four blobs make a group of half a MiB, so a checkpoint has to squeeze in between. Once more where the thread that makes it
 * stood still for as long, or has just cut the file. */
static void the_wal_stays_small(void **state)
{
    (void)state;
    pthread_t readers[2];
    int rounds = 0;
    long wal = 0;
    stop = false;
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&readers[i], NULL, read_all_the_time, NULL), 0);
    while (!is_small(wal) && rounds++ < 5) {
        write_much();
        wal = size_of("-wal");
    }
    pthread_mutex_lock(&lock);
    stop = true;
    pthread_mutex_unlock(&lock);
    for (int i = 0; i < 2; i++)
        pthread_join(readers[i], NULL);
    assert_true(reads > 0);
    assert_int_equal(failed_reads, 0);
    if (!is_small(wal))
        fail_msg("the WAL has %ld bytes", wal);
    struct fz_reader *reader = NULL;
    struct bulk bulk = {0};
    assert_int_equal(fz_reader_open(ledger.store, &reader), FZ_OK);
    assert_int_equal(fz_store_read(reader, sum_bulk, &bulk, NULL), FZ_OK);
    fz_reader_close(reader);
    assert_int_equal(bulk.count, rounds * WRITERS * EACH);
    assert_int_equal(bulk.size, (int64_t)rounds * WRITERS * EACH * (int64_t)sizeof data);
}

/* Holds its snapshot until told. */
static enum fz_result linger(struct fz_tx *tx, void *argument)
{
    struct ledger_state seen;
    enum fz_result result = ledger_look(tx, &seen);
    for (int i = 0; result == FZ_OK && i < 1100; i++)
        result = fz_store_write(ledger.store, add_bulk, NULL, NULL);
    *(long *)argument = size_of("-wal");
    return result;
}

/* A reader that stays long keeps the WAL from starting anew, but nobody from writing; once it is gone the WAL
 * is cut. */
static void a_long_reader_blocks_nobody(void **state)
{
    (void)state;
    struct fz_reader *reader = NULL;
    long wal = 0;
    assert_int_equal(fz_reader_open(ledger.store, &reader), FZ_OK);
    assert_int_equal(fz_store_read(reader, linger, &wal, NULL), FZ_OK);
    fz_reader_close(reader);
    assert_true(wal > 135 * MIB);
    for (int i = 0; i < LEDGER_LOOKS && size_of("-wal") > 64 * MIB; i++)
        usleep(10000);
    assert_true(size_of("-wal") < 64 * MIB);
}

static struct fz_store_health health(void)
{
    struct fz_store_health out;
    fz_store_health(ledger.store, &out);
    return out;
}

/* Holds its snapshot while five checkpoints are tried, and counts their syncs. */
static enum fz_result stay_while_it_is_tried(struct fz_tx *tx, void *syncs)
{
    struct ledger_state seen;
    enum fz_result result = ledger_look(tx, &seen);
    for (int i = 0; result == FZ_OK && i < 150; i++) /* enough for one to be due */
        result = fz_store_write(ledger.store, add_bulk, NULL, NULL);
    fz_store_checkpoint(ledger.store);
    fault_arm(NULL, 0);
    for (int i = 0; i < 5; i++)
        fz_store_checkpoint(ledger.store);
    *(int *)syncs = fault_book_syncs();
    return result;
}

/* The checkpoint meets a full disk: writing goes on in the WAL, nothing is lost; later it is made good. */
static void a_checkpoint_that_fails_is_tried_again(void **state)
{
    (void)state;
    fz_store_close(ledger.store);
    ledger_open(&ledger, fault_vfs());
    long before = size_of("");
    fault_arm_one(FAULT_BOOK_WRITE, 1, SQLITE_FULL, true);
    for (int i = 0; i < 200; i++)
        assert_int_equal(fz_store_write(ledger.store, add_bulk, NULL, NULL), FZ_OK);
    for (int i = 0; i < LEDGER_LOOKS && fault_failed() < 2; i++)
        usleep(10000);
    assert_true(size_of("-wal") > 25 * MIB);
    assert_int_equal(size_of(""), before);
    assert_true(fault_disarm() >= 2);
    for (int i = 0; i < LEDGER_LOOKS && size_of("") < before + 20 * MIB; i++)
        usleep(10000);
    assert_true(size_of("") >= before + 20 * MIB);
    assert_true(health().writable);
    assert_int_equal(health().failed_commits, 0);
    char told[1024];
    assert_int_equal(ledger_told(told), 1); /* not each time */
    assert_non_null(strstr(told, "could not be brought into the book's file"));
    for (int i = 0; i < LEDGER_LOOKS && health().checkpoint_code != 0; i++)
        usleep(10000);
    assert_int_equal(health().checkpoint_code, 0);
}

/* A reader stays, and what it leaves to be done is done: from then on there is nothing to sync, however often the
 * checkpointer looks whether the reader has gone. */
static void nothing_is_synced_when_nothing_moved(void **state)
{
    (void)state;
    struct fz_reader *reader = NULL;
    fz_store_close(ledger.store);
    ledger_open(&ledger, fault_vfs());
    assert_int_equal(fz_reader_open(ledger.store, &reader), FZ_OK);
    int syncs = -1;
    assert_int_equal(fz_store_read(reader, stay_while_it_is_tried, &syncs, NULL), FZ_OK);
    fz_reader_close(reader);
    assert_int_equal(syncs, 0);
}

static void add_much(int count)
{
    for (int i = 0; i < count; i++)
        assert_int_equal(fz_store_write(ledger.store, add_bulk, NULL, NULL), FZ_OK);
}

/* What a checkpoint wrote never reaches the disk: its sync fails, and then the power does. The next sync
 * would not tell, so the WAL has to be kept to the end, also on closing. */
static void a_book_that_does_not_sync_keeps_its_wal(void **state)
{
    (void)state;
    char before[96];
    snprintf(before, sizeof before, "%s.before", ledger.path);
    fz_store_close(ledger.store);
    ledger_copy_file(ledger.path, before);
    ledger_open(&ledger, fault_vfs());
    fault_arm_one(FAULT_BOOK_SYNC, 1, SQLITE_IOERR_FSYNC, false);
    add_much(150);
    for (int i = 0; i < LEDGER_LOOKS && !health().wal_kept; i++)
        usleep(10000);
    assert_true(health().wal_kept);
    add_much(150);
    assert_true(health().writable);
    assert_int_equal(fault_disarm(), 1);
    char told[1024];
    assert_int_equal(ledger_told(told), 1);
    assert_non_null(strstr(told, "fsync failed"));
    assert_int_equal(health().checkpoint_code, SQLITE_IOERR_FSYNC);
    ledger_close(&ledger);
    ledger_copy_file(before, ledger.path);
    assert_int_equal(unlink(before), 0);

    ledger_open(&ledger, fault_vfs());
    assert_false(health().wal_kept);
    struct fz_reader *reader = NULL;
    struct bulk bulk = {0};
    assert_int_equal(fz_reader_open(ledger.store, &reader), FZ_OK);
    assert_int_equal(fz_store_read(reader, sum_bulk, &bulk, NULL), FZ_OK);
    fz_reader_close(reader);
    assert_int_equal(bulk.count, 300);
    add_much(1);
    ledger_close(&ledger);
    assert_int_equal(size_of("-wal"), -1);
    ledger_open(&ledger, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_wal_stays_small, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(a_long_reader_blocks_nobody, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(nothing_is_synced_when_nothing_moved, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(a_checkpoint_that_fails_is_tried_again, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(a_book_that_does_not_sync_keeps_its_wal, open_ledger, close_ledger),
    };
    return cmocka_run_group_tests_name("store/checkpoint", tests, NULL, NULL);
}
