/* Random bytes: each once, few system calls, and nothing in common with a child. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/random.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/random.h"

/* The machine: its calls are counted, and it gives bytes that tell where they stood. */
static __thread size_t calls;
static uint32_t given;
static bool counting, refusing;

ssize_t __real_getrandom(void *out, size_t size, unsigned flags);
ssize_t __wrap_getrandom(void *out, size_t size, unsigned flags);

ssize_t __wrap_getrandom(void *out, size_t size, unsigned flags)
{
    calls++;
    if (refusing) {
        errno = ENOSYS;
        return -1;
    }
    if (!counting)
        return __real_getrandom(out, size, flags);
    uint32_t *words = out;
    for (size_t i = 0; i < size / sizeof *words; i++)
        words[i] = given++;
    return (ssize_t)size;
}

static int start_counting(void **state)
{
    (void)state;
    given = 0;
    counting = true;
    unsigned char rest[4096];
    for (calls = 0; calls == 0;) /* what an earlier test left of its pool */
        assert_int_equal(fz_random_try(rest, 1), FZ_OK);
    assert_int_equal(fz_random_try(rest, sizeof rest - 1), FZ_OK);
    return 0;
}

static int stop_counting(void **state)
{
    (void)state;
    counting = false;
    return 0;
}

static void bytes_and_texts_differ(void **state)
{
    (void)state;
    unsigned char one[32], other[32];
    assert_int_equal(fz_random_try(one, sizeof one), FZ_OK);
    assert_int_equal(fz_random_try(other, sizeof other), FZ_OK);
    assert_memory_not_equal(one, other, sizeof one);
    char text[33], again[33];
    assert_int_equal(fz_random_text_try(text, sizeof text), FZ_OK);
    assert_int_equal(fz_random_text_try(again, sizeof again), FZ_OK);
    assert_int_equal(strlen(text), 32);
    assert_int_equal(strspn(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"), 32);
    assert_string_not_equal(text, again);
    assert_int_equal(fz_random_text_try(text, 1), FZ_OK);
    assert_string_equal(text, "");
}

/* All that the machine gave comes out, in its order, over the ends of several pools. */
static void every_byte_is_handed_out_once(void **state)
{
    (void)state;
    uint32_t drawn[3], before = given;
    for (uint32_t i = 0; i < 3000; i++) {
        assert_int_equal(fz_random_try(drawn, sizeof drawn), FZ_OK);
        for (uint32_t j = 0; j < 3; j++)
            assert_int_equal(drawn[j], before + 3 * i + j);
    }
}

/* 52 bytes an answer: 40 for the nonce, 12 for the Request-ID. 4096 / 52 = 78. */
static void an_answer_needs_a_seventieth_of_a_system_call(void **state)
{
    (void)state;
    unsigned char drawn[52];
    calls = 0;
    for (int i = 0; i < 7000; i++)
        assert_int_equal(fz_random_try(drawn, sizeof drawn), FZ_OK);
    assert_in_range(calls, 80, 100); /* 7000 * 52 / 4096 = 88.9 */
}

static void a_child_draws_other_bytes(void **state)
{
    (void)state;
    unsigned char mine[32], of_child[32] = {0};
    int pipes[2];
    assert_int_equal(fz_random_try(mine, 1), FZ_OK);
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
        enum fz_result drawn = fz_random_try(mine, sizeof mine);
        _exit(drawn == FZ_OK && write(pipes[1], mine, sizeof mine) == (ssize_t)sizeof mine ? 0 : 1);
    }
    assert_int_equal(fz_random_try(mine, sizeof mine), FZ_OK);
    assert_int_equal(read(pipes[0], of_child, sizeof of_child), sizeof of_child);
    int status = 1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_memory_not_equal(mine, of_child, sizeof mine);
    close(pipes[0]);
    close(pipes[1]);
}

/* A machine that gives none (seccomp, an old kernel): told, and nothing is left that could be taken for a
 * key. */
static void a_machine_without_luck_is_told(void **state)
{
    (void)state;
    unsigned char drawn[5000], zero[sizeof drawn] = {0};
    char text[33] = "";
    refusing = true;
    enum fz_result bytes = fz_random_try(drawn, sizeof drawn); /* more than any pool has left */
    enum fz_result letters = fz_random_text_try(text, sizeof text);
    refusing = false;
    assert_int_equal(bytes, FZ_FAILED);
    assert_memory_equal(drawn, zero, sizeof drawn);
    assert_int_equal(letters, FZ_FAILED);
    assert_string_equal(text, "");
    assert_int_equal(fz_random_try(drawn, sizeof drawn), FZ_OK); /* and later it may have some again */
    assert_memory_not_equal(drawn, zero, sizeof drawn);
}

static void no_room_is_told(void **state)
{
    (void)state;
    char text[1] = "x";
    assert_int_equal(fz_random_text_try(text, 0), FZ_FULL);
    assert_int_equal(text[0], 'x');
}

static void *draw_in_thread(void *out)
{
    return fz_random_try(out, 32) == FZ_OK ? NULL : out;
}

static void threads_draw_from_pools_of_their_own(void **state)
{
    (void)state;
    unsigned char one[32], other[32];
    pthread_t threads[2];
    assert_int_equal(pthread_create(&threads[0], NULL, draw_in_thread, one), 0);
    assert_int_equal(pthread_create(&threads[1], NULL, draw_in_thread, other), 0);
    for (int i = 0; i < 2; i++) {
        void *failed = NULL;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    assert_memory_not_equal(one, other, sizeof one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_and_texts_differ),
        cmocka_unit_test_setup_teardown(every_byte_is_handed_out_once, start_counting, stop_counting),
        cmocka_unit_test_setup_teardown(an_answer_needs_a_seventieth_of_a_system_call, start_counting, stop_counting),
        cmocka_unit_test(a_machine_without_luck_is_told),
        cmocka_unit_test(no_room_is_told),
        cmocka_unit_test(a_child_draws_other_bytes),
        cmocka_unit_test(threads_draw_from_pools_of_their_own),
    };
    return cmocka_run_group_tests_name("base_random", tests, NULL, NULL);
}
