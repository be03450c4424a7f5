/* A sandbox in this process: what it is from start to stop, and what it leaves alone. */
#include <dirent.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit/sandbox/caller.h"

#define BALANCE "/v3/global/profit-sharing/refunds/refundable-balance"
#define FIXED   "/v3/global/transactions/out-trade-no/P00001?mchid=" FZ_SANDBOX_DIRECT_MCHID

static size_t count_entries(const char *path)
{
    size_t count = 0;
    DIR *listing = opendir(path);
    while (readdir(listing) != NULL)
        count++;
    closedir(listing);
    return count;
}

static void remove_directory(const char *path)
{
    char command[100];
    snprintf(command, sizeof command, "rm -r %s", path);
    assert_int_equal(system(command), 0);
}

static void make_fixed_payment(fz_sandbox *sandbox)
{
    struct fz_sandbox_payment payment = FZ_INIT(fz_sandbox_payment);
    payment.mchid = FZ_SANDBOX_DIRECT_MCHID;
    payment.out_trade_no = "P00001";
    payment.amount = 100;
    if (fz_sandbox_make_payment(sandbox, &payment, NULL) != 0)
        fail_msg("%s", fz_sandbox_error());
}

static void the_demo_merchants_can_call_at_once(void **state)
{
    (void)state;
    fz_sandbox *sandbox = caller_sandbox(NULL);
    json_t *balance = caller_call(sandbox, FZ_SANDBOX_MCHID, BALANCE, NULL, 200);
    assert_string_equal(caller_text(balance, "sponsor_mchid"), FZ_SANDBOX_MCHID);
    json_decref(balance);
    balance = caller_call(sandbox, FZ_SANDBOX_DIRECT_MCHID, BALANCE, NULL, 200);
    assert_string_equal(caller_text(balance, "sponsor_mchid"), FZ_SANDBOX_DIRECT_MCHID);
    json_decref(balance);
    fz_sandbox_free(sandbox);
}

static void two_at_once_have_nothing_in_common(void **state)
{
    (void)state;
    fz_sandbox *one = caller_seeded(), *other = caller_seeded();
    assert_string_not_equal(fz_sandbox_url(one), fz_sandbox_url(other));
    assert_string_not_equal(fz_sandbox_data(one), fz_sandbox_data(other));
    make_fixed_payment(one);
    assert_int_equal(fz_sandbox_advance(other, "PT5M"), 0);
    assert_int_equal(fz_sandbox_now_ms(other) - fz_sandbox_now_ms(one), 300000);
    json_decref(caller_call(one, FZ_SANDBOX_DIRECT_MCHID, FIXED, NULL, 200));
    json_decref(caller_call(other, FZ_SANDBOX_DIRECT_MCHID, FIXED, NULL, 404));
    fz_sandbox_free(one);
    json_decref(caller_call(other, FZ_SANDBOX_DIRECT_MCHID, BALANCE, NULL, 200)); /* goes on without the first */
    fz_sandbox_free(other);
}

static void *start_and_stop(void *argument)
{
    (void)argument;
    fz_sandbox *sandbox = caller_sandbox(NULL);
    json_decref(caller_call(sandbox, FZ_SANDBOX_DIRECT_MCHID, BALANCE, NULL, 200));
    fz_sandbox_free(sandbox);
    return NULL;
}

static void several_start_and_stop_at_the_same_time(void **state)
{
    (void)state;
    pthread_t threads[3];
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, start_and_stop, NULL), 0);
    for (size_t i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
}

static void nothing_is_left_of_it(void **state)
{
    (void)state;
    start_and_stop(NULL); /* what is made once for the process */
    size_t handles = count_entries("/proc/self/fd"), threads = count_entries("/proc/self/task");
    char data[FZ_SANDBOX_PATH_SIZE];
    fz_sandbox *sandbox = caller_sandbox(NULL);
    strcpy(data, fz_sandbox_data(sandbox));
    assert_int_equal(access(data, F_OK), 0);
    assert_true(count_entries("/proc/self/task") > threads);
    json_decref(caller_call(sandbox, FZ_SANDBOX_DIRECT_MCHID, BALANCE, NULL, 200));
    fz_sandbox_free(sandbox);
    assert_int_equal(count_entries("/proc/self/fd"), handles);
    assert_int_equal(count_entries("/proc/self/task"), threads);
    assert_int_equal(access(data, F_OK), -1);
}

#ifdef __SANITIZE_THREAD__
#define HAS_OTHER_THREADS true /* the sanitizer's own */
#else
#define HAS_OTHER_THREADS false
#endif

/* "SigBlk:" of every thread but this one: all that a program may want for itself is blocked there. */
static void look_at_masks(void)
{
    if (HAS_OTHER_THREADS)
        return;
    static const int wanted[] = {SIGTERM, SIGINT, SIGALRM, SIGUSR1, SIGCHLD, SIGPIPE};
    DIR *listing = opendir("/proc/self/task");
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
        char path[300], line[200];
        unsigned long long blocked = 0;
        snprintf(path, sizeof path, "/proc/self/task/%s/status", entry->d_name);
        FILE *status = entry->d_name[0] == '.' || atoi(entry->d_name) == getpid() ? NULL : fopen(path, "r");
        while (status != NULL && fgets(line, sizeof line, status) != NULL)
            (void)sscanf(line, "SigBlk: %llx", &blocked);
        for (size_t i = 0; status != NULL && i < sizeof wanted / sizeof wanted[0]; i++)
            assert_true((blocked >> (wanted[i] - 1) & 1) != 0);
        if (status != NULL)
            fclose(status);
    }
    closedir(listing);
}

static void the_process_stays_as_it_was(void **state)
{
    (void)state;
    struct rlimit before, after;
    struct sigaction pipe;
    sigset_t mask;
    getrlimit(RLIMIT_NOFILE, &before);
    mode_t creation = umask(022);
    umask(creation);
    fz_sandbox *sandbox = caller_sandbox(NULL);
    json_decref(caller_call(sandbox, FZ_SANDBOX_DIRECT_MCHID, BALANCE, NULL, 200));
    getrlimit(RLIMIT_NOFILE, &after);
    assert_memory_equal(&before, &after, sizeof before);
    assert_int_equal(sigaction(SIGPIPE, NULL, &pipe), 0);
    assert_true(pipe.sa_handler == SIG_DFL);
    pthread_sigmask(SIG_BLOCK, NULL, &mask);
    assert_false(sigismember(&mask, SIGTERM) || sigismember(&mask, SIGPIPE));
    assert_int_equal(umask(creation), creation);
    assert_int_equal(ERR_peek_error(), 0);
    look_at_masks();
    fz_sandbox_free(sandbox);
}

/* ---- what it has to say ---- */

static void count_line(void *argument, const char *level, const char *text)
{
    assert_non_null(strstr("info warning error", level));
    assert_null(strchr(text, '\n'));
    ++*(size_t *)argument;
}

static void it_speaks_to_whom_it_is_told_and_to_nobody_else(void **state)
{
    (void)state;
    size_t lines = 0;
    char data[] = "/tmp/fenzhang-sandbox-test-XXXXXX", path[200];
    struct fz_sandbox_options options = FZ_INIT(fz_sandbox_options);
    options.data = mkdtemp(data);
    snprintf(path, sizeof path, "%s/demo.env", data);
    assert_int_equal(mkdir(path, 0700), 0); /* so that it cannot be written, which is told */
    snprintf(path, sizeof path, "%s/silence", data);
    int silence = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600), out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO);
    fflush(stdout);
    dup2(silence, STDOUT_FILENO);
    dup2(silence, STDERR_FILENO);
    fz_sandbox_set_log(count_line, &lines);
    fz_sandbox_free(caller_sandbox(&options));
    fz_sandbox_set_log(NULL, NULL);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    struct stat written;
    assert_int_equal(fstat(silence, &written), 0);
    assert_int_equal(written.st_size, 0);
    assert_true(lines > 0);
    close(silence), close(out), close(err);
    remove_directory(data);
}

/* ---- options ---- */

static void it_speaks_tls(void **state)
{
    (void)state;
    struct fz_sandbox_options options = FZ_INIT(fz_sandbox_options);
    options.tls = true;
    fz_sandbox *sandbox = caller_sandbox(&options);
    assert_memory_equal(fz_sandbox_url(sandbox), "https://127.0.0.1:", 18);
    assert_non_null(fz_sandbox_ca_file(sandbox));
    json_decref(caller_call(sandbox, FZ_SANDBOX_MCHID, BALANCE, NULL, 200));
    fz_sandbox_free(sandbox);
}

static void a_named_directory_stays_and_its_book_goes_on(void **state)
{
    (void)state;
    char data[] = "/tmp/fenzhang-sandbox-test-XXXXXX";
    struct fz_sandbox_options options = FZ_INIT(fz_sandbox_options);
    options.data = mkdtemp(data);
    fz_sandbox *sandbox = caller_sandbox(&options);
    make_fixed_payment(sandbox);
    char why[FZ_SANDBOX_WHY_SIZE] = "";
    fz_sandbox *second = (fz_sandbox *)data;
    assert_int_equal(fz_sandbox_new(&options, &second, why, sizeof why), -1); /* the first has it */
    assert_null(second);
    assert_string_equal(fz_sandbox_error(), why);
    assert_true(why[0] != '\0');
    fz_sandbox_free(sandbox);
    sandbox = caller_sandbox(&options);
    json_decref(caller_call(sandbox, FZ_SANDBOX_DIRECT_MCHID, FIXED, NULL, 200));
    fz_sandbox_free(sandbox);
    remove_directory(data);
}

static void an_empty_book_has_no_demo_merchants(void **state)
{
    (void)state;
    struct fz_sandbox_options options = FZ_INIT(fz_sandbox_options);
    struct fz_sandbox_credentials credentials = FZ_INIT(fz_sandbox_credentials);
    options.empty = true;
    options.frozen = true;
    fz_sandbox *sandbox = caller_sandbox(&options);
    assert_true(fz_sandbox_is_frozen(sandbox));
    assert_int_equal(fz_sandbox_get_credentials(sandbox, FZ_SANDBOX_MCHID, &credentials), -1);
    assert_true(fz_sandbox_error()[0] != '\0');
    fz_sandbox_free(sandbox);
}

static char *world_file_of(const char *text)
{
    static char path[] = "/tmp/fenzhang-world-XXXXXX";
    strcpy(path, "/tmp/fenzhang-world-XXXXXX");
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), (ssize_t)strlen(text));
    close(file);
    return path;
}

static void a_book_begins_as_a_world_file_says(void **state)
{
    (void)state;
    struct fz_sandbox_options options = FZ_INIT(fz_sandbox_options);
    struct fz_sandbox_credentials credentials = FZ_INIT(fz_sandbox_credentials);
    options.world_file = world_file_of("fenzhang: 1\nmerchants:\n  - {mchid: 1900000777, kind: direct, contract_date: begin - 30}\n");
    fz_sandbox *sandbox = caller_sandbox(&options);
    unlink(options.world_file); /* it lies in the book from now on */
    json_t *balance = caller_call(sandbox, "1900000777", BALANCE, NULL, 200);
    assert_string_equal(caller_text(balance, "sponsor_mchid"), "1900000777");
    json_decref(balance);
    assert_int_equal(fz_sandbox_get_credentials(sandbox, FZ_SANDBOX_MCHID, &credentials), -1); /* it is not the demo book */
    fz_sandbox_free(sandbox);
}

static void a_world_that_cannot_be_is_refused_with_its_line(void **state)
{
    (void)state;
    struct fz_sandbox_options options = FZ_INIT(fz_sandbox_options);
    char why[FZ_SANDBOX_WHY_SIZE] = "";
    fz_sandbox *sandbox;
    options.world_file = world_file_of("fenzhang: 1\nmerchants:\n  - {mchid: 1900000777, kind: king}\n");
    assert_int_equal(fz_sandbox_new(&options, &sandbox, why, sizeof why), -1);
    assert_non_null(strstr(why, options.world_file));
    assert_non_null(strstr(why, "3:31")); /* "king" */
    unlink(options.world_file);
}

static void what_cannot_be_is_refused_with_a_reason(void **state)
{
    (void)state;
    struct fz_sandbox_options options = FZ_INIT(fz_sandbox_options);
    char why[FZ_SANDBOX_WHY_SIZE] = "";
    fz_sandbox *sandbox;
    options.callback_ladder = "soon";
    assert_int_equal(fz_sandbox_new(&options, &sandbox, why, sizeof why), -1);
    assert_non_null(strstr(why, "\"soon\""));
    options.callback_ladder = NULL;
    options.callbacks_to = "everywhere";
    assert_int_equal(fz_sandbox_new(&options, &sandbox, why, sizeof why), -1);
    assert_non_null(strstr(why, "\"everywhere\""));
    fz_sandbox_free(NULL);
}

/* A program that was built when options had `size` and `data` alone. */
static void an_older_program_s_options_are_taken(void **state)
{
    (void)state;
    union {
        struct fz_sandbox_options whole;
        unsigned char bytes[sizeof(struct fz_sandbox_options)];
    } options;
    memset(&options, 0xEE, sizeof options);
    options.whole.size = offsetof(struct fz_sandbox_options, empty);
    options.whole.data = NULL;
    fz_sandbox *sandbox = caller_sandbox(&options.whole);
    assert_null(fz_sandbox_ca_file(sandbox)); /* 0xEE is no false: `tls` was not read */
    json_decref(caller_call(sandbox, FZ_SANDBOX_MCHID, BALANCE, NULL, 200));
    fz_sandbox_free(sandbox);
}

static void a_newer_program_s_options_are_taken_unless_they_say_more(void **state)
{
    (void)state;
    struct {
        struct fz_sandbox_options known;
        const char *newer;
    } options = {.known.size = sizeof options};
    fz_sandbox_free(caller_sandbox(&options.known));
    fz_sandbox *sandbox;
    char why[FZ_SANDBOX_WHY_SIZE] = "";
    options.newer = "";
    assert_int_equal(fz_sandbox_new(&options.known, &sandbox, why, sizeof why), -1);
    assert_non_null(strstr(why, "newer"));
    options.known.size = 0;
    assert_int_equal(fz_sandbox_new(&options.known, &sandbox, why, sizeof why), -1);
    assert_non_null(strstr(why, "FZ_INIT"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_demo_merchants_can_call_at_once),
        cmocka_unit_test(two_at_once_have_nothing_in_common),
        cmocka_unit_test(several_start_and_stop_at_the_same_time),
        cmocka_unit_test(nothing_is_left_of_it),
        cmocka_unit_test(the_process_stays_as_it_was),
        cmocka_unit_test(it_speaks_to_whom_it_is_told_and_to_nobody_else),
        cmocka_unit_test(it_speaks_tls),
        cmocka_unit_test(a_named_directory_stays_and_its_book_goes_on),
        cmocka_unit_test(an_empty_book_has_no_demo_merchants),
        cmocka_unit_test(a_book_begins_as_a_world_file_says),
        cmocka_unit_test(a_world_that_cannot_be_is_refused_with_its_line),
        cmocka_unit_test(what_cannot_be_is_refused_with_a_reason),
        cmocka_unit_test(an_older_program_s_options_are_taken),
        cmocka_unit_test(a_newer_program_s_options_are_taken_unless_they_say_more),
    };
    return cmocka_run_group_tests_name("sandbox/life", tests, NULL, NULL);
}
