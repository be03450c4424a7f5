/* A book is copied at rest and in use, whoever has it open: the copy is the book of one instant, has all that was answered
 * before, and the book itself goes on as if nobody had asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/copy.h"
#include "unit/store/ledger.h"

#define COPIES 15

static void transfer(struct ledger *ledger, int64_t number)
{
    struct transfer one = {number, 1 + number % 10, 1 + (number + 1) % 10, 1};
    assert_int_equal(fz_store_write(ledger->store, ledger_transfer, &one, NULL), FZ_OK);
}

/* Into a new place, which is then opened. */
static void copy(const char *from, struct ledger *out)
{
    char why[1024] = "";
    ledger_place(out);
    if (fz_store_copy(from, out->path, NULL, why, sizeof why) != FZ_OK)
        fail_msg("%s", why);
    ledger_open(out, NULL);
}

static void assert_whole(struct ledger *copied, int64_t at_least)
{
    struct ledger_state state = ledger_state(copied);
    assert_int_equal(state.total, LEDGER_ACCOUNTS * LEDGER_START);
    assert_in_range(state.transfers, at_least, 1000000);
    assert_true(state.transfers == 0 || ledger_has(copied, state.transfers)); /* they are numbered one behind the other: none is missing in between */
}

static void assert_refused(const char *from, const char *to, enum fz_result expected, const char *words)
{
    char why[1024] = "";
    assert_int_equal(fz_store_copy(from, to, NULL, why, sizeof why), expected);
    if (strstr(why, words) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", why, words);
}

static void a_book_at_rest_is_copied_into_one_private_file(void **state)
{
    (void)state;
    struct ledger book, copied;
    char why[1024], name[96];
    int64_t number = 0;
    struct stat found;
    ledger_new(&book, NULL);
    for (int64_t i = 1; i <= 3; i++)
        transfer(&book, i);
    ledger_close(&book);
    ledger_place(&copied);
    assert_int_equal(fz_store_copy(book.path, copied.path, &number, why, sizeof why), FZ_OK);
    assert_int_equal(number, 4); /* the accounts, and three transfers */
    assert_int_equal(stat(copied.path, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0600);
    ledger_path(&copied, "-wal", name);
    assert_int_not_equal(access(name, F_OK), 0);
    ledger_open(&copied, NULL);
    assert_whole(&copied, 3);
    ledger_remove(&copied);
    ledger_remove(&book);
}

static void what_a_killed_server_left_in_its_wal_is_copied(void **state)
{
    (void)state;
    struct ledger book, killed, copied;
    ledger_new(&book, NULL);
    fz_store_checkpoint(book.store);
    for (int64_t i = 1; i <= 3; i++)
        transfer(&book, i);
    ledger_copy(&book, &killed);
    copy(killed.path, &copied);
    assert_whole(&copied, 3);
    ledger_remove(&copied);
    ledger_remove(&killed);
    ledger_remove(&book);
}

/* ---- in use ---- */

static atomic_bool enough;
static atomic_llong answered;

static void *write_on(void *ledger)
{
    for (int64_t number = 1; !atomic_load(&enough); number++) {
        transfer(ledger, number);
        atomic_store(&answered, number);
    }
    return NULL;
}

static void *checkpoint_on(void *ledger)
{
    while (!atomic_load(&enough))
        fz_store_checkpoint(((struct ledger *)ledger)->store);
    return NULL;
}

static void a_book_in_use_is_copied_at_one_instant_beside_writes_and_checkpoints(void **state)
{
    (void)state;
    struct ledger book, copied;
    pthread_t writer, checkpointer;
    ledger_new(&book, NULL);
    atomic_store(&enough, false);
    assert_int_equal(pthread_create(&writer, NULL, write_on, &book), 0);
    assert_int_equal(pthread_create(&checkpointer, NULL, checkpoint_on, &book), 0);
    for (int i = 0; i < COPIES; i++) {
        int64_t before = atomic_load(&answered);
        copy(book.path, &copied);
        assert_whole(&copied, before);
        ledger_remove(&copied);
    }
    atomic_store(&enough, true);
    pthread_join(writer, NULL);
    pthread_join(checkpointer, NULL);
    assert_whole(&book, atomic_load(&answered));
    ledger_remove(&book);
}

/* Another process's: it says by the pipe how far it was answered. */
struct other {
    pid_t process;
    int told;
    struct ledger book;
};

static void write_in_other(const struct other *other, int tell)
{
    struct ledger book = other->book;
    ledger_open(&book, NULL);
    ledger_accounts(&book);
    for (int64_t number = 1;; number++) {
        struct transfer one = {number, 1 + number % 10, 1 + (number + 1) % 10, 1};
        if (fz_store_write(book.store, ledger_transfer, &one, NULL) != FZ_OK || write(tell, &number, sizeof number) < 0)
            _exit(1);
        if (number % 16 == 0)
            fz_store_checkpoint(book.store);
    }
}

static void start_other(struct other *other)
{
    int ends[2];
    ledger_place(&other->book);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    other->process = fork();
    assert_true(other->process >= 0);
    if (other->process == 0)
        write_in_other(other, ends[1]);
    close(ends[1]);
    other->told = ends[0];
}

static int64_t hear(const struct other *other)
{
    int64_t number = 0;
    assert_int_equal(read(other->told, &number, sizeof number), sizeof number);
    return number;
}

static void a_book_that_another_process_has_open_is_copied_at_one_instant(void **state)
{
    (void)state;
    struct other other;
    struct ledger copied;
    int status;
    start_other(&other);
    for (int i = 0; i < COPIES; i++) {
        int64_t before = hear(&other);
        copy(other.book.path, &copied);
        assert_whole(&copied, before);
        ledger_remove(&copied);
    }
    assert_int_equal(waitpid(other.process, &status, WNOHANG), 0); /* it goes on */
    assert_int_equal(kill(other.process, SIGKILL), 0);
    assert_int_equal(waitpid(other.process, &status, 0), other.process);
    close(other.told);
    ledger_open(&other.book, NULL);
    assert_whole(&other.book, 1);
    ledger_remove(&other.book);
}

/* SQLite has its locks on bytes of the file itself; another process sees them. */
static bool is_locked(const char *path)
{
    int status = 0;
    pid_t process = fork();
    if (process == 0) {
        struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
        int file = open(path, O_RDWR);
        _exit(file < 0 || fcntl(file, F_GETLK, &whole) != 0 ? 2 : whole.l_type != F_UNLCK);
    }
    assert_int_equal(waitpid(process, &status, 0), process);
    assert_in_range(WEXITSTATUS(status), 0, 1);
    return WEXITSTATUS(status) == 1;
}

static void a_copy_of_ones_own_book_leaves_the_locks_of_its_store(void **state)
{
    (void)state;
    struct ledger book, copied;
    ledger_new(&book, NULL);
    assert_true(is_locked(book.path));
    copy(book.path, &copied);
    assert_true(is_locked(book.path));
    ledger_close(&book);
    assert_false(is_locked(book.path));
    ledger_remove(&copied);
    ledger_remove(&book);
}

/* ---- refused ---- */

static void what_is_no_book_or_lost_its_end_is_not_copied(void **state)
{
    (void)state;
    struct ledger book, killed, place;
    char name[96];
    ledger_new(&book, NULL);
    fz_store_checkpoint(book.store);
    transfer(&book, 1);
    ledger_copy(&book, &killed);
    ledger_place(&place);
    assert_refused(place.path, place.path, FZ_ABSENT, "There is no book");
    assert_refused(book.path, book.path, FZ_CONFLICT, "is there already");
    ledger_path(&killed, "-wal", name);
    assert_int_equal(unlink(name), 0);
    assert_refused(killed.path, place.path, FZ_FAILED, "its last commits are missing");
    int file = open(killed.path, O_WRONLY | O_TRUNC);
    assert_int_equal(write(file, "no database at all", 18), 18);
    close(file);
    assert_refused(killed.path, place.path, FZ_FAILED, "is not a book");
    assert_int_not_equal(access(place.path, F_OK), 0); /* nothing is left of any of them */
    ledger_remove(&place);
    ledger_remove(&killed);
    ledger_remove(&book);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_book_that_another_process_has_open_is_copied_at_one_instant),
        cmocka_unit_test(a_book_at_rest_is_copied_into_one_private_file),
        cmocka_unit_test(what_a_killed_server_left_in_its_wal_is_copied),
        cmocka_unit_test(a_book_in_use_is_copied_at_one_instant_beside_writes_and_checkpoints),
        cmocka_unit_test(a_copy_of_ones_own_book_leaves_the_locks_of_its_store),
        cmocka_unit_test(what_is_no_book_or_lost_its_end_is_not_copied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
