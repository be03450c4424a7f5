/* A member more in one place is a member more everywhere: in what the server reads and answers, in what a client
 * writes and reads, and in the OpenAPI document. Built twice: as it was, and GROWN. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/text.h"
#include "spec/client/request.h"
#include "spec/server/openapi.h"
#include "spec/server/request.h"
#include "unit/spec/small_call.h"

const struct fz_spec *const *fz_specs(size_t *count)
{
    static const struct fz_spec *const specs[] = {&small_call};
    *count = 1;
    return specs;
}

#ifdef GROWN
static const bool grown = true;
#else
static const bool grown = false;
#endif

static struct fz_arena arena;
static struct fz_error error;
static struct small_request *request;

static enum fz_result serve(const char *target, const char *body)
{
    struct fz_route route;
    unsigned char digest[FZ_CONTENT_DIGEST_SIZE];
    struct fz_reading reading = {.arena = &arena, .error = &error, .caller = "1900000200"};
    arena = (struct fz_arena){.max = 1 << 16};
    error = (struct fz_error){0};
    assert_int_equal(fz_route_find("POST", target, &route, &error), FZ_OK);
    return fz_request_read(&reading, &route, body, strlen(body), (void **)&request, digest);
}

/* The server: without its row the parameter is unknown. */
static void it_is_read_from_a_request(void **state)
{
    (void)state;
    enum fz_result result = serve("/v3/small/7/things?colour=red", "{\"amount\":5}");
    assert_int_equal(result, grown ? FZ_OK : FZ_REFUSED);
#ifdef GROWN
    assert_string_equal(request->colour, "red");
#else
    assert_string_equal(error.field, "colour");
#endif
    fz_arena_done(&arena);
}

static void its_row_is_kept_to(void **state)
{
    (void)state;
    assert_int_equal(serve("/v3/small/7/things?colour=violet", "{\"amount\":5}"), FZ_REFUSED);
    assert_string_equal(error.field, "colour");
    if (grown)
        assert_string_equal(error.issue, "has 6 characters, at most 5 are allowed");
    fz_arena_done(&arena);
}

static void it_is_written_to_a_request(void **state)
{
    (void)state;
    struct small_request of_client = {.id = "7", .amount = 5};
#ifdef GROWN
    of_client.colour = "red";
#endif
    const struct fz_member *missing;
    struct fz_text target = {.max = 100}, body = {.max = 100};
    assert_int_equal(fz_request_write(&small_call, 0, &of_client, NULL, &target, &body, &missing), FZ_OK);
    assert_string_equal(target.data, grown ? "/v3/small/7/things?colour=red" : "/v3/small/7/things");
    assert_string_equal(body.data, "{\"amount\":5}");
    fz_text_done(&target);
    fz_text_done(&body);
}

static void it_is_written_to_an_answer(void **state)
{
    (void)state;
    struct small_answer answer = {.id = "7", .balance = 40};
#ifdef GROWN
    answer.has_rest = true;
    answer.rest = 2;
#endif
    struct fz_json json = {.text = {.max = 100}};
    fz_members_write(&json, NULL, small_answer_members, &answer);
    assert_string_equal(json.text.data, grown ? "{\"id\":\"7\",\"balance\":40,\"rest\":2}" : "{\"id\":\"7\",\"balance\":40}");
    fz_text_done(&json.text);
}

/* The client: what it does not know of a newer server it passes over. */
static void it_is_read_from_an_answer(void **state)
{
    (void)state;
    static const char text[] = "{\"id\":\"7\",\"balance\":40,\"rest\":2}";
    char fault[FZ_MEMBER_NAME_SIZE];
    struct small_answer answer = {0};
    arena = (struct fz_arena){.max = 1 << 16};
    assert_int_equal(fz_members_read(small_answer_members, text, sizeof text - 1, &arena, &answer, fault), FZ_OK);
    assert_string_equal(answer.id, "7");
    assert_int_equal(answer.balance, 40);
#ifdef GROWN
    assert_true(answer.has_rest);
    assert_int_equal(answer.rest, 2);
#endif
    fz_arena_done(&arena);
}

static void it_is_in_the_openapi(void **state)
{
    (void)state;
    json_t *document = fz_openapi();
    json_t *call = json_object_get(json_object_get(json_object_get(document, "paths"), "/v3/small/{id}/things"), "post");
    assert_non_null(call);
    bool parameter = false, field = false;
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(call, "parameters"), i, one) parameter =
        parameter || strcmp(json_string_value(json_object_get(one, "name")), "colour") == 0;
    json_t *properties = NULL;
    assert_int_equal(json_unpack(json_object_get(call, "responses"), "{s:{s:{s:{s:{s:o}}}}}", "200", "content",
                                 "application/json", "schema", "properties", &properties),
                     0);
    field = json_object_get(properties, "rest") != NULL;
    assert_int_equal(parameter, grown);
    assert_int_equal(field, grown);
    json_decref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_read_from_a_request),  cmocka_unit_test(its_row_is_kept_to),
        cmocka_unit_test(it_is_written_to_a_request), cmocka_unit_test(it_is_written_to_an_answer),
        cmocka_unit_test(it_is_read_from_an_answer),  cmocka_unit_test(it_is_in_the_openapi),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
