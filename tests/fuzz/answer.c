/* Answers and callbacks' resources read by their rows: whatever the JSON is, reading ends in one of its results, the same each
 * time, and what was read can be copied. Byte 0 of an input says by which rows; the rest is the JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "spec/callback/callback.h"
#include "spec/calls.h"
#include "spec/row/copy.h"
#include "spec/row/json.h"

#define ARENA_MAX (1 << 20)

static const struct fz_member *choose(uint8_t number, size_t *size)
{
    size_t count;
    const struct fz_spec *const *specs = fz_specs(&count);
    size_t chosen = number % (count + FZ_CALLBACK_EVENTS);
    *size = chosen < count ? specs[chosen]->answer_size : fz_callback_specs[chosen - count].resource_size;
    return chosen < count ? specs[chosen]->answer : fz_callback_specs[chosen - count].resource;
}

static enum fz_result read_once(const struct fz_member *members, size_t values_size, const char *text, size_t size,
                                char fault[FZ_MEMBER_NAME_SIZE])
{
    struct fz_arena arena = {.max = ARENA_MAX}, other = {.max = ARENA_MAX};
    void *values = fz_arena_take(&arena, values_size), *copy = fz_arena_take(&other, values_size);
    enum fz_result result = fz_members_read(members, text, size, &arena, values, fault);
    if (result == FZ_OK && fz_members_copy(members, values, &other, copy) != FZ_OK)
        abort();
    fz_arena_done(&arena);
    fz_arena_done(&other);
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    size_t values_size;
    char fault[2][FZ_MEMBER_NAME_SIZE] = {"", ""};
    if (size == 0)
        return 0;
    const struct fz_member *members = choose(input[0], &values_size);
    if (members == NULL)
        return 0;
    char *text = malloc(size); /* as long as it is: what reads on is seen */
    memcpy(text, input + 1, size - 1);
    enum fz_result result = read_once(members, values_size, text, size - 1, fault[0]);
    if (result != FZ_OK && result != FZ_MALFORMED)
        abort();
    if (read_once(members, values_size, text, size - 1, fault[1]) != result || strcmp(fault[0], fault[1]) != 0)
        abort();
    free(text);
    return 0;
}
