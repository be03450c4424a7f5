/* Opening a book: what is refused, with which words, and what a killed server leaves behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "unit/store/fault_vfs.h"
#include "unit/store/ledger.h"

static struct ledger ledger;
static char why[512];

static int new_ledger(void **state)
{
    (void)state;
    ledger_new(&ledger, NULL);
    ledger_close(&ledger);
    return 0;
}

static int remove_ledger(void **state)
{
    (void)state;
    (void)chmod(ledger.directory, 0700);
    ledger_remove(&ledger);
    return 0;
}

static enum fz_result try_open(const char *path, const char *vfs)
{
    struct fz_store_options options = {.path = path, .world = ledger.world, .vfs = vfs};
    why[0] = '\0';
    return fz_store_open(&options, &ledger.store, why, sizeof why);
}

/* Refused, with a reason that has each of these words in it; that a server holds the book has a result of its own. */
static void refused(const char *path, const char *vfs, const char *first, const char *second)
{
    bool held = strcmp(first, "held by another server") == 0;
    assert_int_equal(try_open(path, vfs), held ? FZ_CONFLICT : FZ_FAILED);
    assert_null(ledger.store);
    if (strstr(why, first) == NULL || strstr(why, second) == NULL)
        fail_msg("not what was expected: %s", why);
    assert_non_null(strchr(why, '.')); /* a whole sentence */
}

static void run_sql(const char *sql)
{
    sqlite3 *handle = NULL;
    assert_int_equal(sqlite3_open(ledger.path, &handle), SQLITE_OK);
    assert_int_equal(sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(handle), SQLITE_OK);
}

FZ_STATEMENT(bulk_add, "INSERT INTO bulk (id, data) VALUES ($1, $2)", "ib", "");

static enum fz_result add_bulk(struct fz_tx *tx, void *argument)
{
    (void)argument;
    int64_t id = 0;
    enum fz_result result = fz_next_id(tx, "bulk", &id);
    return result == FZ_OK ? fz_run(tx, &bulk_add, FZ_VALUES(FZ_I(id), FZ_B("x", 1)), NULL) : result;
}

static void write_file(const char *text, long at)
{
    int file = open(ledger.path, O_WRONLY | O_CREAT, 0600);
    assert_true(file >= 0);
    assert_int_equal(pwrite(file, text, strlen(text), at), (ssize_t)strlen(text));
    close(file);
}

/* Its user wants a new one. */
static void remove_book(void)
{
    char count[96];
    ledger_path(&ledger, "-acknowledged", count);
    assert_int_equal(unlink(ledger.path), 0);
    assert_int_equal(unlink(count), 0);
}

static unsigned mode_of(const char *suffix)
{
    char name[96];
    struct stat found;
    snprintf(name, sizeof name, "%s%s", ledger.path, suffix);
    assert_int_equal(stat(name, &found), 0);
    return found.st_mode & 07777;
}

static void all_files_are_private(void **state)
{
    (void)state;
    mode_t mask = umask(0);
    remove_ledger(NULL);
    ledger_new(&ledger, NULL);
    umask(mask);
    assert_int_equal(mode_of(""), 0600);
    assert_int_equal(mode_of("-wal"), 0600);
    assert_int_equal(mode_of("-shm"), 0600);
    assert_int_equal(mode_of("-lock"), 0600);
    assert_int_equal(mode_of("-acknowledged"), 0600);
}

static void a_closed_book_has_no_wal(void **state)
{
    (void)state;
    char name[96];
    snprintf(name, sizeof name, "%s-wal", ledger.path);
    assert_int_equal(access(name, F_OK), -1);
    ledger_open(&ledger, NULL);
    assert_int_equal(ledger_state(&ledger).total, LEDGER_ACCOUNTS * LEDGER_START);
}

static void a_book_others_can_read_is_refused(void **state)
{
    (void)state;
    assert_int_equal(chmod(ledger.path, 0640), 0);
    refused(ledger.path, NULL, "0640", "chmod 600");
    assert_int_equal(chmod(ledger.path, 0602), 0);
    refused(ledger.path, NULL, "0602", "chmod 600");
    assert_int_equal(chmod(ledger.path, 0600), 0);
    assert_int_equal(try_open(ledger.path, NULL), FZ_OK);
}

static void what_is_no_book_is_refused(void **state)
{
    (void)state;
    refused(ledger.directory, NULL, ledger.directory, "is not a file");
    refused("/tmp/fenzhang-there-is-no-such-place/book.db", NULL, "directory for the book", "is not there");
    assert_int_equal(unlink(ledger.path), 0);
    write_file("A letter to my aunt, longer than a hundred bytes, so that it could be taken for the head of "
               "a database file, "
               "which it is not.",
               0);
    refused(ledger.path, NULL, "is not a book", "no SQLite database");
    assert_int_equal(unlink(ledger.path), 0);
    run_sql("CREATE TABLE recipe (name TEXT)");
    assert_int_equal(chmod(ledger.path, 0600), 0);
    refused(ledger.path, NULL, "another program", "not a book");
}

static void a_newer_book_is_refused(void **state)
{
    (void)state;
    run_sql("PRAGMA user_version=7");
    refused(ledger.path, NULL, "newer version", "number 7");
    run_sql("PRAGMA user_version=1");
    assert_int_equal(try_open(ledger.path, NULL), FZ_OK);
}

static void a_damaged_book_is_refused(void **state)
{
    (void)state;
    /* Cut short: its head says it has more pages. */
    assert_int_equal(truncate(ledger.path, 4096), 0);
    refused(ledger.path, NULL, "is damaged", ".recover");
}

/* Whoever meets it, a write or a read: it is told once, and nothing is written any more. */
static void damage_stops_writing_but_not_other_reads(void **state)
{
    (void)state;
    char told[1024];
    struct fz_store_health health;
    run_sql("PRAGMA page_size"); /* 4096: page 2 is the first table, account */
    write_file("this was a page of accounts once", 4096);
    ledger_listen();
    ledger_open(&ledger, NULL);
    struct transfer transfer = {1, 1, 2, 5};
    struct fz_error error;
    assert_int_equal(fz_store_write(ledger.store, ledger_transfer, &transfer, &error), FZ_FAILED);
    assert_non_null(strstr(error.issue, "malformed"));
    assert_false(ledger_has(&ledger, 1)); /* reads of other tables go on */
    fz_store_health(ledger.store, &health);
    assert_true(health.damaged);
    assert_int_equal(fz_store_write(ledger.store, add_bulk, NULL, &error), FZ_FAILED); /* its table is sound */
    assert_non_null(strstr(error.issue, "malformed"));
    assert_int_equal(health.commits, 0);
    assert_int_equal(ledger_told(told), 1);
    assert_non_null(strstr(told, "is damaged"));
    assert_non_null(strstr(told, ".recover"));
}

/* Every code that means so, met by a read; another one does not. */
static void each_kind_of_damage_is_known(void **state)
{
    (void)state;
    static const struct {
        int code;
        bool damage;
    } codes[] = {{SQLITE_CORRUPT, true},           {SQLITE_CORRUPT_INDEX, true}, {SQLITE_NOTADB, true},
                 {SQLITE_IOERR_READ, true},        {SQLITE_IOERR_DATA, true},    {SQLITE_IOERR_CORRUPTFS, true},
                 {SQLITE_IOERR_NOMEM, false},      {SQLITE_NOMEM, false}};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        struct fz_reader *reader = NULL;
        struct ledger_state seen;
        struct fz_store_health health;
        char told[1024];
        ledger_listen();
        ledger_open(&ledger, fault_vfs());
        assert_int_equal(fz_reader_open(ledger.store, &reader), FZ_OK);
        fault_arm_one(FAULT_READ, 1, codes[i].code, true);
        assert_int_equal(fz_store_read(reader, ledger_look, &seen, NULL), FZ_FAILED);
        assert_true(fault_disarm() > 0);
        fz_reader_close(reader);
        fz_store_health(ledger.store, &health);
        assert_int_equal(health.damaged, codes[i].damage);
        assert_int_equal(ledger_told(told), codes[i].damage ? 1 : 0);
        assert_int_equal(fz_store_write(ledger.store, add_bulk, NULL, NULL), codes[i].damage ? FZ_FAILED : FZ_OK);
        ledger_close(&ledger);
    }
}

/* A damaged book's WAL is kept at the end: it may be what is sound of it. */
static void a_damaged_book_keeps_its_wal(void **state)
{
    (void)state;
    char wal[96];
    struct stat found;
    ledger_path(&ledger, "-wal", wal);
    ledger_open(&ledger, fault_vfs());
    assert_int_equal(fz_store_write(ledger.store, add_bulk, NULL, NULL), FZ_OK);
    fault_arm_one(FAULT_READ, 1, SQLITE_CORRUPT, true);
    struct fz_reader *reader = NULL;
    struct ledger_state seen;
    (void)!fz_reader_open(ledger.store, &reader);
    if (reader != NULL)
        (void)!fz_store_read(reader, ledger_look, &seen, NULL);
    fz_reader_close(reader);
    assert_true(fault_disarm() > 0);
    struct fz_store_health health;
    fz_store_health(ledger.store, &health);
    assert_true(health.damaged);
    ledger_close(&ledger);
    assert_int_equal(stat(wal, &found), 0);
    assert_true(found.st_size > 4096);
}

/* ---- files that go away under a server ---- */

static void nothing_is_acknowledged(void)
{
    struct fz_store_health health;
    char told[1024];
    struct transfer transfer = {1, 1, 2, 5}, next = {2, 1, 2, 5};
    assert_false(fz_store_is_there(ledger.store));
    /* It went into files that are gone: nobody can tell. The next one is not even tried. */
    assert_int_equal(fz_store_write(ledger.store, ledger_transfer, &transfer, NULL), FZ_UNKNOWN);
    assert_int_equal(fz_store_write(ledger.store, ledger_transfer, &next, NULL), FZ_FAILED);
    fz_store_health(ledger.store, &health);
    assert_false(health.writable);
    assert_int_equal(ledger_told(told), 1);
    assert_non_null(strstr(told, "no longer where it was opened"));
}

static void a_directory_that_moved_away_and_came_back(void **state)
{
    (void)state;
    char away[96];
    ledger_listen();
    ledger_open(&ledger, NULL);
    assert_true(fz_store_is_there(ledger.store));
    snprintf(away, sizeof away, "%s-away", ledger.directory);
    assert_int_equal(rename(ledger.directory, away), 0);
    nothing_is_acknowledged();
    assert_int_equal(rename(away, ledger.directory), 0);
    assert_true(ledger_wait_writable(&ledger, true)); /* by itself */
    /* What went into the files is there, once. */
    struct transfer again = {1, 1, 2, 5}, next = {2, 1, 2, 5};
    assert_int_equal(fz_store_write(ledger.store, ledger_transfer, &again, NULL), FZ_CONFLICT);
    assert_int_equal(fz_store_write(ledger.store, ledger_transfer, &next, NULL), FZ_OK);
    ledger_close(&ledger);
    ledger_open(&ledger, NULL);
    assert_int_equal(ledger_state(&ledger).transfers, 2);
}

static void a_file_that_is_removed_or_replaced(void **state)
{
    (void)state;
    static const char *const endings[] = {"-wal", ""};
    char name[96];
    for (int replaced = 0; replaced <= 1; replaced++)
        for (size_t i = 0; i < 2; i++) {
            ledger_listen();
            ledger_remove(&ledger);
            ledger_new(&ledger, NULL);
            ledger_path(&ledger, endings[i], name);
            assert_int_equal(unlink(name), 0);
            if (replaced)
                close(open(name, O_WRONLY | O_CREAT | O_EXCL, 0600));
            nothing_is_acknowledged();
        }
}

static void a_full_disk_is_told(void **state)
{
    (void)state;
    remove_book();
    fault_arm_one(FAULT_WRITE, 1, SQLITE_FULL, true);
    refused(ledger.path, fault_vfs(), "no room", "Make room");
    assert_true(fault_disarm() > 0);
    /* Nothing is left of the attempt that would be in the way. */
    assert_int_equal(try_open(ledger.path, fault_vfs()), FZ_OK);
}

static void a_failing_disk_is_told(void **state)
{
    (void)state;
    remove_book();
    fault_arm_one(FAULT_SYNC, 1, SQLITE_IOERR_FSYNC, true);
    refused(ledger.path, fault_vfs(), "cannot be opened", "disk I/O error");
    assert_true(fault_disarm() > 0);
    assert_int_equal(try_open(ledger.path, fault_vfs()), FZ_OK);
}

/* As a user for whom modes count: root may do everything. Ends with 0 if refused in those words. */
static int open_as_nobody(const char *word)
{
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
        return 3;
    if (try_open(ledger.path, NULL) == FZ_OK)
        return 1;
    return strstr(why, "cannot be written") != NULL && strstr(why, word) != NULL ? 0 : 2;
}

static void refused_to_nobody(const char *word)
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        _exit(open_as_nobody(word));
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void a_file_or_directory_that_can_only_be_read_is_refused(void **state)
{
    (void)state;
    char name[96];
    ledger_path(&ledger, "-acknowledged", name);
    uid_t owner = geteuid() == 0 ? 65534 : geteuid();
    assert_int_equal(chown(name, owner, (gid_t)-1), 0);
    ledger_path(&ledger, "-lock", name);
    assert_int_equal(chown(ledger.directory, owner, (gid_t)-1), 0);
    assert_int_equal(chown(ledger.path, owner, (gid_t)-1), 0);
    assert_int_equal(chown(name, owner, (gid_t)-1), 0);
    assert_int_equal(chmod(ledger.path, 0400), 0);
    refused_to_nobody("can only be read");
    assert_int_equal(chmod(ledger.path, 0600), 0);
    assert_int_equal(unlink(name), 0);
    assert_int_equal(chmod(ledger.directory, 0500), 0);
    refused_to_nobody("Permission denied");
    /* Not even a new one can be made. */
    assert_int_equal(chmod(ledger.directory, 0700), 0);
    remove_book();
    assert_int_equal(chmod(ledger.directory, 0500), 0);
    refused_to_nobody("Permission denied");
    assert_int_equal(chmod(ledger.directory, 0700), 0);
}

static void a_second_server_is_refused(void **state)
{
    (void)state;
    char holder[40];
    ledger_open(&ledger, NULL);
    struct fz_store *held = ledger.store;
    ledger.store = NULL;
    snprintf(holder, sizeof holder, "process %ld", (long)getpid());
    refused(ledger.path, NULL, "held by another server", holder);
    /* Under another name it is the same book. */
    char link_path[96];
    snprintf(link_path, sizeof link_path, "%s.link", ledger.path);
    assert_int_equal(symlink(ledger.path, link_path), 0);
    refused(link_path, NULL, "held by another server", holder);
    assert_int_equal(unlink(link_path), 0);
    /* The attempts did not loosen the locks of the one that holds it. */
    ledger.store = held;
    struct transfer transfer = {1, 1, 2, 5};
    assert_int_equal(fz_store_write(ledger.store, ledger_transfer, &transfer, NULL), FZ_OK);
}

/* A server in a process of its own: writes transfers 1, 2, 3 … and tells each that was acknowledged, until it
 * is killed. */
static void serve_until_killed(int tell)
{
    if (try_open(ledger.path, NULL) != FZ_OK)
        _exit(1);
    for (int64_t number = 1;; number++) {
        struct transfer transfer = {number, 1 + number % 10, 1 + (number + 1) % 10, 1};
        if (fz_store_write(ledger.store, ledger_transfer, &transfer, NULL) != FZ_OK ||
            write(tell, &number, sizeof number) != sizeof number)
            _exit(2);
    }
}

static void a_killed_server_loses_nothing_and_frees_the_book(void **state)
{
    (void)state;
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        serve_until_killed(pipes[1]);
    close(pipes[1]);
    int64_t acknowledged = 0, number = 0;
    while (acknowledged < 200 && read(pipes[0], &number, sizeof number) == sizeof number)
        acknowledged = number;
    refused(ledger.path, NULL, "held by another server", "process");
    assert_int_equal(kill(child, SIGKILL), 0);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    while (read(pipes[0], &number, sizeof number) == sizeof number)
        acknowledged = number;
    close(pipes[0]);
    assert_true(acknowledged >= 200);
    ledger_open(&ledger, NULL);
    struct ledger_state seen = ledger_state(&ledger);
    assert_true(seen.transfers == acknowledged || seen.transfers == acknowledged + 1);
    assert_int_equal(seen.total, LEDGER_ACCOUNTS * LEDGER_START);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_killed_server_loses_nothing_and_frees_the_book, new_ledger,
                                        remove_ledger),
        cmocka_unit_test_setup_teardown(a_file_or_directory_that_can_only_be_read_is_refused, new_ledger,
                                        remove_ledger),
        cmocka_unit_test_setup_teardown(a_second_server_is_refused, new_ledger, remove_ledger),
        cmocka_unit_test_setup_teardown(all_files_are_private, new_ledger, remove_ledger),
        cmocka_unit_test_setup_teardown(a_closed_book_has_no_wal, new_ledger, remove_ledger),
        cmocka_unit_test_setup_teardown(a_book_others_can_read_is_refused, new_ledger, remove_ledger),
        cmocka_unit_test_setup_teardown(what_is_no_book_is_refused, new_ledger, remove_ledger),
        cmocka_unit_test_setup_teardown(a_newer_book_is_refused, new_ledger, remove_ledger),
        cmocka_unit_test_setup_teardown(a_damaged_book_is_refused, new_ledger, remove_ledger),
        cmocka_unit_test_setup_teardown(damage_stops_writing_but_not_other_reads, new_ledger, remove_ledger),
        cmocka_unit_test_setup_teardown(each_kind_of_damage_is_known, new_ledger, remove_ledger),
        cmocka_unit_test_setup_teardown(a_damaged_book_keeps_its_wal, new_ledger, remove_ledger),
        cmocka_unit_test_setup_teardown(a_directory_that_moved_away_and_came_back, new_ledger, remove_ledger),
        cmocka_unit_test_setup_teardown(a_file_that_is_removed_or_replaced, new_ledger, remove_ledger),
        cmocka_unit_test_setup_teardown(a_full_disk_is_told, new_ledger, remove_ledger),
        cmocka_unit_test_setup_teardown(a_failing_disk_is_told, new_ledger, remove_ledger),
    };
    return cmocka_run_group_tests_name("store/open", tests, NULL, NULL);
}
