/* JSON values as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "wire/json_dumped.h"

#define AHEAD 32 /* bytes of a program's own, in front of what its allocator gives */

static void *allocate(size_t size)
{
    char *block = malloc(AHEAD + size);
    return block == NULL ? NULL : block + AHEAD;
}

static void release(void *memory)
{
    if (memory != NULL)
        free((char *)memory - AHEAD);
}

static void free_frees_it_whatever_allocator_jansson_has(void **state)
{
    (void)state;
    json_set_alloc_funcs(allocate, release);
    json_t *object = json_pack("{s:i, s:s}", "amount", 1, "name", "a\"b");
    char *text = fz_json_dumped(object, JSON_COMPACT);
    assert_string_equal(text, "{\"amount\":1,\"name\":\"a\\\"b\"}");
    free(text);
    json_decref(object);
    json_set_alloc_funcs(malloc, free);
}

static void of_nothing_there_is_no_text(void **state)
{
    (void)state;
    assert_null(fz_json_dumped(NULL, JSON_COMPACT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(free_frees_it_whatever_allocator_jansson_has),
        cmocka_unit_test(of_nothing_there_is_no_text),
    };
    return cmocka_run_group_tests_name("wire/json_dumped", tests, NULL, NULL);
}
