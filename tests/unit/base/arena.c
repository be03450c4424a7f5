/* The arena: zeroed, aligned, capped. */
#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"

static void memory_is_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    struct fz_arena arena = {.max = 1 << 20};
    unsigned char *before = NULL;
    for (size_t size = 1; size < 1000; size++) {
        unsigned char *memory = fz_arena_take(&arena, size);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(memory[i], 0);
        memset(memory, 0xAA, size);
        if (before != NULL)
            assert_int_equal(before[size - 2], 0xAA);
        before = memory;
    }
    fz_arena_done(&arena);
    assert_int_equal(arena.used, 0);
    assert_non_null(fz_arena_take(&arena, 1 << 19)); /* larger than a block; usable again */
    fz_arena_done(&arena);
}

static void the_cap_holds(void **state)
{
    (void)state;
    struct fz_arena arena = {.max = 10000};
    assert_null(fz_arena_take(&arena, 10001));
    assert_null(fz_arena_take(&arena, SIZE_MAX));
    assert_non_null(fz_arena_take(&arena, 10000));
    assert_null(fz_arena_take(&arena, 1));
    fz_arena_done(&arena);
    size_t total = 0;
    while (fz_arena_take(&arena, 1) != NULL)
        total++;
    assert_in_range(total, 1, 10000);
    fz_arena_done(&arena);
}

static void copies_are_terminated(void **state)
{
    (void)state;
    struct fz_arena arena = {.max = 100};
    char *copy = fz_arena_copy(&arena, "abcdef", 3);
    assert_string_equal(copy, "abc");
    assert_string_equal(fz_arena_copy(&arena, NULL, 0), "");
    assert_null(fz_arena_copy(&arena, copy, 100));
    fz_arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_aligned_and_apart),
        cmocka_unit_test(the_cap_holds),
        cmocka_unit_test(copies_are_terminated),
    };
    return cmocka_run_group_tests_name("base_arena", tests, NULL, NULL);
}
