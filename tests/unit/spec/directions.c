/* Every call in both directions: what is written of a request is read as the same by the server, what is written
 * of an answer is read as the same by a client. Values are made from the rows: their longest, largest and oddest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/calendar.h"
#include "base/text.h"
#include "spec/calls.h"
#include "spec/client/request.h"
#include "spec/server/request.h"

#define NOW_MS INT64_C(1767578400000) /* 2026-01-05T10:00:00+08:00 */

static struct fz_arena arena;

/* ---- values from rows ---- */

/* `size` characters that the letters allow; of any text such as have to be escaped, in JSON and in URLs. */
static const char *text_of(const struct fz_member *member, size_t size)
{
    static const char *const any[] = {"\"", "\\", "/", "?", "&", "=", "%", "+", " ", "\t", "ä", "分", "a", "#", ";"};
    if (member->words != NULL)
        return member->words[0];
    if (member->letters == FZ_DATE)
        return "2026-01-04";
    if (member->letters == FZ_COMPACT_DATE)
        return "20260104";
    struct fz_text text = {.max = 1 << 16};
    for (size_t i = 0; i < size; i++)
        switch (member->letters) {
        case FZ_DIGITS:
            fz_text_format(&text, "%zu", i % 10);
            break;
        case FZ_NUMBER_LETTERS:
            fz_text_add(&text, &"aZ0_-"[i % 5], 1);
            break;
        case FZ_REFUND_LETTERS:
            fz_text_add(&text, &"aZ0_-|*@"[i % 8], 1);
            break;
        default:
            fz_text_string(&text, any[i % (sizeof any / sizeof any[0])]);
        }
    const char *copy = fz_arena_copy(&arena, text.data, text.size);
    fz_text_done(&text);
    return copy;
}

static void fill(const struct fz_member *members, enum fz_modes mode, void *values);

static void fill_member(const struct fz_member *member, enum fz_modes mode, void *values)
{
    void *slot = fz_slot(member, values);
    size_t longest = member->max > 0 && member->max < 300 ? (size_t)member->max : 20;
    switch (member->kind) {
    case FZ_STRING:
        *(const char **)slot = text_of(member, member->sealed ? 5 : longest);
        break;
    case FZ_TIME:
        *(struct fz_timestamp *)slot = (struct fz_timestamp){.ms = NOW_MS + (member->milliseconds ? 999 : 0)};
        break;
    case FZ_INTEGER:
        *(int64_t *)slot = member->max != 0 ? member->max : INT64_MAX;
        break;
    case FZ_BOOLEAN:
        *(bool *)slot = true;
        break;
    case FZ_OBJECT:
        fill(member->members, mode, slot);
        break;
    case FZ_ARRAY:
        *fz_count_slot(member, values) = 2;
        if (member->max == 1)
            *fz_count_slot(member, values) = 1;
        *(void **)slot = fz_arena_take(&arena, 2 * member->size);
        for (size_t i = 0; i < *fz_count_slot(member, values); i++)
            fill(member->members, mode, *(char **)slot + i * member->size);
        break;
    case FZ_STRINGS:
        *fz_count_slot(member, values) = 2;
        *(const char ***)slot = fz_arena_take(&arena, 2 * sizeof(const char *));
        for (size_t i = 0; i < 2; i++)
            (*(const char ***)slot)[i] = text_of(member, i);
        break;
    }
    fz_set_given(member, values);
}

/* All that belong in the mode. */
static void fill(const struct fz_member *members, enum fz_modes mode, void *values)
{
    for (; members->name != NULL; members++)
        if (members->only == FZ_NEVER || (members->only & mode) != 0)
            fill_member(members, mode, values);
}

/* ---- the same ---- */

static void assert_same(const struct fz_member *members, const void *one, const void *other);

static void assert_same_member(const struct fz_member *member, const void *one, const void *other)
{
    const void *a = fz_slot(member, one), *b = fz_slot(member, other);
    switch (member->kind) {
    case FZ_STRING:
        assert_string_equal(*(const char *const *)a, *(const char *const *)b);
        break;
    case FZ_TIME:
        assert_true(((const struct fz_timestamp *)a)->ms == ((const struct fz_timestamp *)b)->ms);
        break;
    case FZ_INTEGER:
        assert_true(*(const int64_t *)a == *(const int64_t *)b);
        break;
    case FZ_BOOLEAN:
        assert_int_equal(*(const bool *)a, *(const bool *)b);
        break;
    case FZ_OBJECT:
        assert_same(member->members, a, b);
        break;
    case FZ_ARRAY:
        assert_int_equal(*fz_count_slot(member, one), *fz_count_slot(member, other));
        for (size_t i = 0; i < *fz_count_slot(member, one); i++)
            assert_same(member->members, *(const char *const *)a + i * member->size,
                        *(const char *const *)b + i * member->size);
        break;
    case FZ_STRINGS:
        assert_int_equal(*fz_count_slot(member, one), *fz_count_slot(member, other));
        for (size_t i = 0; i < *fz_count_slot(member, one); i++)
            assert_string_equal((*(const char *const *const *)a)[i], (*(const char *const *const *)b)[i]);
        break;
    }
}

static void assert_same(const struct fz_member *members, const void *one, const void *other)
{
    for (; members->name != NULL; members++) {
        if (fz_is_given(members, one) != fz_is_given(members, other))
            fail_msg("%s is given in one of them alone", members->name);
        if (fz_is_given(members, one))
            assert_same_member(members, one, other);
    }
}

/* ---- requests ---- */

static enum fz_result seal(void *sealer, const char *plain, char *out, size_t out_size)
{
    (void)sealer;
    return (size_t)snprintf(out, out_size, "sealed:%s", plain) < out_size ? FZ_OK : FZ_FULL;
}

static enum fz_result open_sealed(void *opener, const char *base64, char *out, size_t out_size)
{
    (void)opener;
    assert_memory_equal(base64, "sealed:", 7);
    return fz_copy(out, out_size, base64 + 7) ? FZ_OK : FZ_FULL;
}

/* What the server reads of `method`, `target` and `body`. */
static void *served(const struct fz_spec *spec, bool institution, const char *target, const struct fz_text *body)
{
    struct fz_error error = {0};
    struct fz_route route;
    void *request = NULL;
    unsigned char digest[FZ_CONTENT_DIGEST_SIZE];
    const struct fz_received received = {.has_meta = true, .has_file = true};
    const struct fz_reading reading = {.arena = &arena,
                                       .error = &error,
                                       .caller = "9999999999",
                                       .institution = institution,
                                       .received = &received,
                                       .open_sealed = open_sealed};
    assert_int_equal(fz_route_find(spec->method, target, &route, &error), FZ_OK);
    assert_ptr_equal(route.spec, spec);
    if (fz_request_read(&reading, &route, body->data, body->size, &request, digest) != FZ_OK)
        fail_msg("%s %s %s: %s %s (%s)", spec->name, target, body->data, error.field, error.issue, error.value);
    return request;
}

static void send(const struct fz_spec *spec, size_t path, enum fz_modes mode)
{
    arena = (struct fz_arena){.max = 1 << 22};
    void *request = fz_arena_take(&arena, spec->request_size);
    const struct fz_sealing sealing = {.seal = seal};
    const struct fz_member *missing = NULL;
    struct fz_text target = {.max = 1 << 16}, body = {.max = 1 << 20};
    fill(spec->request, mode, request);
    assert_int_equal(fz_request_write(spec, path, request, &sealing, &target, &body, &missing), FZ_OK);
    assert_int_equal(body.size > 0, fz_has_body(spec));
    assert_same(spec->request, request, served(spec, mode == FZ_INSTITUTIONAL, target.data, &body));
    fz_text_done(&target);
    fz_text_done(&body);
    fz_arena_done(&arena);
}

static void every_request_is_read_as_it_was_written(void **state)
{
    (void)state;
    size_t count;
    const struct fz_spec *const *specs = fz_specs(&count);
    for (size_t i = 0; i < count; i++)
        for (size_t path = 0; path < FZ_PATHS_MAX && specs[i]->paths[path] != NULL; path++) {
            send(specs[i], path, FZ_COMMON);
            send(specs[i], path, FZ_INSTITUTIONAL);
        }
}

static void a_path_needs_its_members(void **state)
{
    (void)state;
    size_t count, refused = 0;
    const struct fz_spec *const *specs = fz_specs(&count);
    for (size_t i = 0; i < count; i++) {
        void *nothing = calloc(1, specs[i]->request_size);
        const struct fz_member *missing = NULL;
        struct fz_text target = {.max = 1 << 16}, body = {.max = 1 << 20};
        bool variable = strchr(specs[i]->paths[0], '{') != NULL;
        enum fz_result result = fz_request_write(specs[i], 0, nothing, NULL, &target, &body, &missing);
        assert_int_equal(result, variable ? FZ_MALFORMED : FZ_OK);
        if (variable)
            assert_int_equal(missing->place, FZ_IN_PATH);
        refused += variable;
        fz_text_done(&target);
        fz_text_done(&body);
        free(nothing);
    }
    assert_true(refused > 10);
}

/* ---- answers ---- */

static void answer(const struct fz_spec *spec, bool whole)
{
    char fault[FZ_MEMBER_NAME_SIZE];
    arena = (struct fz_arena){.max = 1 << 22};
    void *written = fz_arena_take(&arena, spec->answer_size), *read = fz_arena_take(&arena, spec->answer_size);
    if (whole)
        fill(spec->answer, FZ_BOTH, written);
    struct fz_json json = {.text = {.max = 1 << 20}};
    fz_members_write(&json, NULL, spec->answer, written);
    assert_false(json.text.failed);
    enum fz_result result = fz_members_read(spec->answer, json.text.data, json.text.size, &arena, read, fault);
    if (result != FZ_OK)
        fail_msg("%s: %s %s", spec->name, fault, json.text.data);
    assert_same(spec->answer, written, read);
    fz_text_done(&json.text);
    fz_arena_done(&arena);
}

static void every_answer_is_read_as_it_was_written(void **state)
{
    (void)state;
    size_t count;
    const struct fz_spec *const *specs = fz_specs(&count);
    for (size_t i = 0; i < count; i++)
        if (specs[i]->answer != NULL) {
            answer(specs[i], true);
            answer(specs[i], false); /* of what can be left out, nothing is there */
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_request_is_read_as_it_was_written),
        cmocka_unit_test(a_path_needs_its_members),
        cmocka_unit_test(every_answer_is_read_as_it_was_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
