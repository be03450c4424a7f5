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

#include "fault_vfs.h"
#include "ledger.h"

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

/* Refused, with a reason that has each of these words in it. */
static void refused(const char *path, const char *vfs, const char *first, const char *second)
{
    assert_int_equal(try_open(path, vfs), FZ_FAILED);
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

static void write_file(const char *text, long at)
{
    int file = open(ledger.path, O_WRONLY | O_CREAT, 0600);
    assert_true(file >= 0);
    assert_int_equal(pwrite(file, text, strlen(text), at), (ssize_t)strlen(text));
    close(file);
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

static void a_damaged_page_fails_what_needs_it_alone(void **state)
{
    (void)state;
    run_sql("PRAGMA page_size"); /* 4096: page 2 is the first table, account */
    write_file("this was a page of accounts once", 4096);
    assert_int_equal(try_open(ledger.path, NULL), FZ_OK);
    struct transfer transfer = {1, 1, 2, 5};
    struct fz_error error;
    assert_int_equal(fz_store_write(ledger.store, ledger_transfer, &transfer, &error), FZ_FAILED);
    assert_non_null(strstr(error.issue, "malformed"));
    assert_false(ledger_has(&ledger, 1)); /* reads of other tables go on */
}

static void a_full_disk_is_told(void **state)
{
    (void)state;
    assert_int_equal(unlink(ledger.path), 0);
    fault_arm_one(FAULT_WRITE, 1, SQLITE_FULL, true);
    refused(ledger.path, fault_vfs(), "no room", "Make room");
    assert_true(fault_disarm() > 0);
    /* Nothing is left of the attempt that would be in the way. */
    assert_int_equal(try_open(ledger.path, fault_vfs()), FZ_OK);
}

static void a_failing_disk_is_told(void **state)
{
    (void)state;
    assert_int_equal(unlink(ledger.path), 0);
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
    snprintf(name, sizeof name, "%s-lock", ledger.path);
    uid_t owner = geteuid() == 0 ? 65534 : geteuid();
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
    assert_int_equal(unlink(ledger.path), 0);
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
        cmocka_unit_test_setup_teardown(a_damaged_page_fails_what_needs_it_alone, new_ledger, remove_ledger),
        cmocka_unit_test_setup_teardown(a_full_disk_is_told, new_ledger, remove_ledger),
        cmocka_unit_test_setup_teardown(a_failing_disk_is_told, new_ledger, remove_ledger),
    };
    return cmocka_run_group_tests_name("store/open", tests, NULL, NULL);
}
