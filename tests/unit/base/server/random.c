/* Where the server must have random bytes: it has them, or it ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/server/random.h"

static bool refusing;

ssize_t __real_getrandom(void *out, size_t size, unsigned flags);
ssize_t __wrap_getrandom(void *out, size_t size, unsigned flags);

ssize_t __wrap_getrandom(void *out, size_t size, unsigned flags)
{
    if (!refusing)
        return __real_getrandom(out, size, flags);
    errno = ENOSYS;
    return -1;
}

static void bytes_and_letters_come(void **state)
{
    (void)state;
    unsigned char one[32], other[32];
    char text[33];
    fz_random(one, sizeof one);
    fz_random(other, sizeof other);
    assert_memory_not_equal(one, other, sizeof one);
    fz_random_text(text, sizeof text);
    assert_int_equal(strspn(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"), 32);
}

static void without_them_the_program_ends(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        setrlimit(RLIMIT_CORE, &(struct rlimit){0});
        signal(SIGABRT, SIG_DFL);
        (void)dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
        refusing = true;
        fz_random((unsigned char[1]){0}, 1); /* a child's pool is empty */
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_and_letters_come),
        cmocka_unit_test(without_them_the_program_ends),
    };
    return cmocka_run_group_tests_name("base_server_random", tests, NULL, NULL);
}
