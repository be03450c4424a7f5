/* The OpenAPI document says what the rows say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "spec/calls.h"
#include "spec/server/openapi.h"

static json_t *document;

static int make(void **state)
{
    (void)state;
    document = fz_openapi();
    return document == NULL;
}

static int drop(void **state)
{
    (void)state;
    json_decref(document);
    return 0;
}

/* The value under a chain of names, NULL-ended; fails where there is none. */
static json_t *at(json_t *json, ...)
{
    va_list names;
    va_start(names, json);
    for (const char *name; (name = va_arg(names, const char *)) != NULL;) {
        json = json_object_get(json, name);
        if (json == NULL)
            fail_msg("nothing under %s", name);
    }
    va_end(names);
    return json;
}

static const char *text(json_t *json)
{
    assert_true(json_is_string(json));
    return json_string_value(json);
}

static bool has_text(json_t *array, const char *wanted)
{
    size_t i;
    json_t *item;
    json_array_foreach(array, i, item) if (strcmp(text(item), wanted) == 0) return true;
    return false;
}

static void it_is_openapi_3_1(void **state)
{
    (void)state;
    assert_string_equal(text(at(document, "openapi", NULL)), "3.1.0");
    assert_string_equal(text(at(document, "info", "title", NULL)), "Fenzhang");
    assert_true(strlen(text(at(document, "info", "version", NULL))) > 0);
    char *written = json_dumps(document, JSON_COMPACT);
    json_t *again = json_loads(written, JSON_REJECT_DUPLICATES, NULL);
    assert_true(json_equal(document, again));
    json_decref(again);
    free(written);
}

static void it_tells_how_to_sign(void **state)
{
    (void)state;
    json_t *scheme = at(document, "components", "securitySchemes", "signature", NULL);
    assert_string_equal(text(at(scheme, "type", NULL)), "apiKey");
    assert_string_equal(text(at(scheme, "in", NULL)), "header");
    assert_string_equal(text(at(scheme, "name", NULL)), "Authorization");
    assert_non_null(strstr(text(at(scheme, "description", NULL)), "WECHATPAY2-SHA256-RSA2048"));
    assert_non_null(json_object_get(json_array_get(at(document, "security", NULL), 0), "signature"));
}

static const char *method_key(const char *method)
{
    return strcmp(method, "GET") == 0 ? "get" : strcmp(method, "POST") == 0 ? "post" : "delete";
}

/* Every path of every row, and no other. */
static void every_path_is_there(void **state)
{
    (void)state;
    size_t count, operations = 0, found = 0;
    const struct fz_spec *const *rows = fz_specs(&count);
    json_t *paths = at(document, "paths", NULL);
    for (size_t i = 0; i < count; i++)
        for (const char *const *path = rows[i]->paths; *path != NULL; path++) {
            json_t *operation = at(paths, *path, method_key(rows[i]->method), NULL);
            assert_string_equal(text(at(operation, "summary", NULL)), rows[i]->title);
            at(operation, "responses", rows[i]->status == 204 ? "204" : "200", NULL);
            operations++;
        }
    const char *path;
    json_t *item;
    json_object_foreach(paths, path, item) found += json_object_size(item);
    assert_int_equal(found, operations);
}

static void operations_have_names_of_their_own(void **state)
{
    (void)state;
    json_t *seen = json_object(), *item, *operation;
    const char *path, *method;
    json_object_foreach(at(document, "paths", NULL), path, item) json_object_foreach(item, method, operation)
    {
        const char *id = text(at(operation, "operationId", NULL));
        assert_null(json_object_get(seen, id));
        json_object_set_new(seen, id, json_true());
    }
    json_decref(seen);
}

/* In every path's braces stands a required parameter, and each parameter says where it is. */
static void path_parameters_are_declared(void **state)
{
    (void)state;
    json_t *item, *operation, *parameter;
    const char *path, *method;
    size_t i;
    json_object_foreach(at(document, "paths", NULL), path, item) json_object_foreach(item, method, operation)
    {
        size_t in_path = 0, braces = 0;
        json_array_foreach(at(operation, "parameters", NULL), i, parameter)
        {
            const char *in = text(at(parameter, "in", NULL));
            char braced[64];
            snprintf(braced, sizeof braced, "{%s}", text(at(parameter, "name", NULL)));
            assert_int_equal(strstr(path, braced) != NULL, strcmp(in, "path") == 0);
            assert_true(strcmp(in, "query") == 0 || json_is_true(at(parameter, "required", NULL)));
            at(parameter, "schema", "type", NULL);
            in_path += strcmp(in, "path") == 0;
        }
        for (const char *brace = path; (brace = strchr(brace, '{')) != NULL; brace++)
            braces++;
        assert_int_equal(in_path, braces);
    }
}

/* Goes through all schemas: what is required is among the properties, patterns and lengths are where they
 * belong, references lead somewhere. */
static void check_schemas(json_t *json)
{
    const char *name;
    size_t i;
    json_t *value;
    if (json_is_array(json))
        json_array_foreach(json, i, value) check_schemas(value);
    if (!json_is_object(json))
        return;
    json_t *properties = json_object_get(json, "properties"), *required = json_object_get(json, "required");
    if (properties != NULL && json_is_array(required))
        json_array_foreach(required, i, value) assert_non_null(json_object_get(properties, text(value)));
    json_t *reference = json_object_get(json, "$ref");
    if (reference != NULL) {
        char path[128];
        snprintf(path, sizeof path, "%s", text(reference));
        json_t *target = document;
        for (char *part = strtok(path + 1, "/"); part != NULL; part = strtok(NULL, "/"))
            target = json_object_get(target, part);
        assert_non_null(target);
    }
    json_t *type = json_object_get(json, "type");
    if (json_is_string(type) && strcmp(text(type), "array") == 0)
        at(json, "items", NULL);
    if (json_object_get(json, "maxLength") != NULL && json_object_get(json, "minLength") != NULL)
        assert_true(json_integer_value(json_object_get(json, "minLength")) <=
                    json_integer_value(json_object_get(json, "maxLength")));
    json_object_foreach(json, name, value) check_schemas(value);
}

static void schemas_are_well_formed(void **state)
{
    (void)state;
    check_schemas(document);
}

#define SHARING "/v3/global/profit-sharing"

/* S-AMT, in full. */
static void a_document_s_tables(void **state)
{
    (void)state;
    json_t *operation = at(document, "paths", SHARING "/transactions/{transaction_id}/amounts", "get", NULL);
    json_t *parameters = at(operation, "parameters", NULL);
    assert_int_equal(json_array_size(parameters), 2);
    json_t *transaction_id = json_array_get(parameters, 0), *sub_mchid = json_array_get(parameters, 1);
    assert_string_equal(text(at(transaction_id, "name", NULL)), "transaction_id");
    assert_int_equal(json_integer_value(at(transaction_id, "schema", "minLength", NULL)), 1);
    assert_int_equal(json_integer_value(at(transaction_id, "schema", "maxLength", NULL)), 32);
    assert_string_equal(text(at(sub_mchid, "name", NULL)), "sub_mchid");
    assert_true(json_is_false(at(sub_mchid, "required", NULL)));
    assert_string_equal(text(at(sub_mchid, "description", NULL)),
                        "Sub-merchant ID. Institutional mode alone; required there");
    json_t *answer = at(operation, "responses", "200", "content", "application/json", "schema", NULL);
    assert_true(json_is_false(at(answer, "additionalProperties", NULL)));
    assert_int_equal(json_object_size(at(answer, "properties", NULL)), 3);
    assert_int_equal(json_array_size(at(answer, "required", NULL)), 3);
    assert_string_equal(text(at(answer, "properties", "unsplit_amount", "type", NULL)), "integer");
    assert_int_equal(json_integer_value(at(answer, "properties", "transaction_id", "maxLength", NULL)), 32);
    assert_string_equal(text(json_array_get(at(answer, "properties", "currency", "enum", NULL), 0)), "CNY");
    assert_string_equal(text(at(operation, "responses", "default", "$ref", NULL)),
                        "#/components/responses/Refusal");
}

static void members_nest(void **state)
{
    (void)state;
    json_t *refund = at(document, "paths", "/hk/v3/refunds/id/{id}", "get", "responses", "200", "content",
                        "application/json", "schema", "properties", NULL);
    json_t *rate = at(refund, "amount", "properties", "exchange_rate", NULL);
    assert_true(has_text(at(rate, "required", NULL), "type") && has_text(at(rate, "required", NULL), "rate"));
    assert_int_equal(json_array_size(at(rate, "properties", "type", "enum", NULL)), 2);
    json_t *detail = at(refund, "detail", "items", NULL);
    assert_true(has_text(at(detail, "required", NULL), "promotion_id") &&
                !has_text(at(detail, "required", NULL), "scope"));
    json_t *certificate =
        at(document, "paths", "/v3/certificates", "get", "responses", "200", "content", "application/json",
           "schema", "properties", "data", "items", "properties", "encrypt_certificate", NULL);
    assert_int_equal(json_object_size(at(certificate, "properties", NULL)), 4);
}

static void a_body(void **state)
{
    (void)state;
    json_t *operation = at(document, "paths", SHARING "/orders", "post", NULL);
    json_t *body = at(operation, "requestBody", "content", "application/json", "schema", NULL);
    assert_true(json_is_true(at(operation, "requestBody", "required", NULL)));
    assert_true(json_is_false(at(body, "additionalProperties", NULL)));
    assert_true(has_text(at(body, "required", NULL), "unfreeze_unsplit") &&
                !has_text(at(body, "required", NULL), "sub_mchid"));
    json_t *receivers = at(body, "properties", "receivers", NULL);
    assert_int_equal(json_integer_value(at(receivers, "maxItems", NULL)), 50);
    json_t *receiver = at(receivers, "items", NULL);
    assert_int_equal(json_array_size(at(receiver, "required", NULL)), 5);
    assert_string_equal(text(at(receiver, "properties", "name", "contentEncoding", NULL)), "base64");
    assert_string_equal(text(at(body, "properties", "out_order_no", "pattern", NULL)), "^[0-9A-Za-z_-]*$");
    json_t *source = at(document, "paths", "/v3/global/refunds", "post", "requestBody", "content",
                        "application/json", "schema", "properties", "source", NULL);
    assert_string_equal(text(at(source, "default", NULL)), "REFUND_SOURCE_UNSETTLED_FUNDS");
}

static void answers_without_json(void **state)
{
    (void)state;
    json_t *marked = at(document, "paths", SHARING "/transactions/mark", "post", "responses", "204", NULL);
    assert_null(json_object_get(marked, "content"));
    json_t *deleted = at(document, "paths", SHARING "/receivers", "delete", NULL);
    assert_true(json_is_true(at(deleted, "requestBody", "required", NULL)));
    assert_null(json_object_get(at(deleted, "responses", "204", NULL), "content"));
    at(document, "paths", "/v3/billdownload/file", "get", "responses", "200", "content", "text/plain", NULL);
    assert_null(json_object_get(at(document, "paths", "/v3/certificates", "get", NULL), "requestBody"));
}

/* S-RQ: code and message with every refusal, of at most 32 and 256 characters. */
static void refusals(void **state)
{
    (void)state;
    json_t *refusal = at(document, "components", "schemas", "Refusal", NULL);
    assert_int_equal(json_integer_value(at(refusal, "properties", "code", "maxLength", NULL)), 32);
    assert_int_equal(json_integer_value(at(refusal, "properties", "message", "maxLength", NULL)), 256);
    assert_int_equal(json_array_size(at(refusal, "required", NULL)), 2);
    at(refusal, "properties", "detail", NULL);
}

/* ---- memory that runs out ---- */

static long allocations_left;

static void *scarce_malloc(size_t size)
{
    return allocations_left-- > 0 ? malloc(size) : NULL;
}

static void memory_that_runs_out(void **state)
{
    (void)state;
    json_malloc_t usual_malloc;
    json_free_t usual_free;
    json_get_alloc_funcs(&usual_malloc, &usual_free);
    json_set_alloc_funcs(scarce_malloc, free);
    allocations_left = 1000000;
    json_t *whole = fz_openapi();
    long needed = 1000000 - allocations_left;
    bool all_null = true;
    for (long count = 0; count < needed; count += count < 100 ? 1 : 211) {
        allocations_left = count;
        json_t *none = fz_openapi();
        all_null = all_null && none == NULL;
        json_decref(none);
    }
    json_decref(whole);
    json_set_alloc_funcs(usual_malloc, usual_free);
    assert_non_null(whole);
    assert_true(needed > 5000);
    assert_true(all_null);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_openapi_3_1),
        cmocka_unit_test(it_tells_how_to_sign),
        cmocka_unit_test(every_path_is_there),
        cmocka_unit_test(operations_have_names_of_their_own),
        cmocka_unit_test(path_parameters_are_declared),
        cmocka_unit_test(schemas_are_well_formed),
        cmocka_unit_test(a_document_s_tables),
        cmocka_unit_test(members_nest),
        cmocka_unit_test(a_body),
        cmocka_unit_test(answers_without_json),
        cmocka_unit_test(refusals),
        cmocka_unit_test(memory_that_runs_out),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
