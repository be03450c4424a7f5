/* The rows of the endpoints hold together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "api/endpoint.h"

#define PATHS(endpoint) (sizeof(endpoint)->paths / sizeof(endpoint)->paths[0])

static void each_row(void (*check)(const struct fz_endpoint *))
{
    size_t count;
    const struct fz_endpoint *const *rows = fz_endpoints(&count);
    assert_true(count >= 28);
    for (size_t i = 0; i < count; i++)
        check(rows[i]);
}

static void check_whole(const struct fz_endpoint *endpoint)
{
    assert_true(strspn(endpoint->name, "abcdefghijklmnopqrstuvwxyz-") == strlen(endpoint->name));
    assert_true(strcmp(endpoint->method, "GET") == 0 || strcmp(endpoint->method, "POST") == 0 ||
                strcmp(endpoint->method, "DELETE") == 0);
    assert_int_equal(endpoint->writes, strcmp(endpoint->method, "GET") != 0);
    assert_non_null(endpoint->paths[0]);
    assert_null(endpoint->paths[PATHS(endpoint) - 1]);
    assert_true(strlen(endpoint->title) > 0);
    assert_memory_equal(endpoint->document, "https://pay.weixin.qq.com/", 26);
    assert_non_null(endpoint->work);
    assert_true(endpoint->status == 200 || endpoint->status == 204);
    bool answers = endpoint->status == 200 && !endpoint->answers_file;
    assert_int_equal(endpoint->fields != NULL, answers);
    assert_int_equal(endpoint->answer != NULL, answers);
    if (answers)
        assert_true(endpoint->out_size > 0);
    if (endpoint->answers_file)
        assert_int_equal(endpoint->out_size, sizeof(struct fz_bill_link));
}

static void every_row_is_whole(void **state)
{
    (void)state;
    each_row(check_whole);
}

static void names_and_paths_are_there_once(void **state)
{
    (void)state;
    size_t count;
    const struct fz_endpoint *const *rows = fz_endpoints(&count);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(rows[i]->name, rows[j]->name);
            for (const char *const *one = rows[i]->paths; *one != NULL; one++)
                for (const char *const *other = rows[j]->paths; *other != NULL; other++)
                    assert_false(strcmp(*one, *other) == 0 && strcmp(rows[i]->method, rows[j]->method) == 0);
        }
}

static size_t variables_of(const char *path)
{
    size_t count = 0;
    for (; (path = strchr(path, '{')) != NULL; path++)
        count++;
    return count;
}

/* What is in braces is declared, and what is declared for the path is in each of them. */
static void check_variables(const struct fz_endpoint *endpoint)
{
    for (const char *const *path = endpoint->paths; *path != NULL; path++) {
        size_t declared = 0;
        for (const struct fz_parameter *p = endpoint->parameters; p->name != NULL; p++) {
            char braced[64];
            snprintf(braced, sizeof braced, "/{%s}", p->name);
            if (p->place != FZ_IN_PATH)
                continue;
            declared++;
            assert_non_null(strstr(*path, braced));
            assert_int_equal(p->kind, FZ_STRING);
            assert_int_equal(p->required, FZ_BOTH);
        }
        assert_int_equal(variables_of(*path), declared);
        assert_true(declared <= FZ_PATH_VALUES_MAX);
    }
}

static void path_variables_are_declared(void **state)
{
    (void)state;
    each_row(check_variables);
}

static size_t size_of(enum fz_parameter_kind kind)
{
    switch (kind) {
    case FZ_STRING:
        return sizeof(const char *);
    case FZ_INTEGER:
        return sizeof(int64_t);
    case FZ_BOOLEAN:
        return sizeof(bool);
    case FZ_ARRAY:
        return sizeof(struct fz_items);
    case FZ_OBJECT:
        break;
    }
    return 1;
}

static void check_string(const struct fz_parameter *parameter)
{
    bool listed = parameter->fallback == NULL;
    assert_true(parameter->min >= 1 && parameter->max >= parameter->min);
    for (const char *const *word = parameter->values; word != NULL && *word != NULL; word++) {
        assert_true((int64_t)strlen(*word) >= parameter->min && (int64_t)strlen(*word) <= parameter->max);
        listed = listed || strcmp(*word, parameter->fallback) == 0;
    }
    assert_true(listed);
    assert_false(parameter->values != NULL && parameter->sealed);
    assert_false(parameter->fallback != NULL && parameter->required != FZ_NEVER);
}

static void check_parameters(const struct fz_parameter *parameters, size_t size, bool top)
{
    for (const struct fz_parameter *p = parameters; p->name != NULL; p++) {
        assert_true(p->modes != FZ_NEVER && (p->required & ~(unsigned)p->modes) == 0);
        assert_non_null(p->meaning);
        assert_true(top || p->place == FZ_IN_BODY);
        assert_true(p->offset + size_of(p->kind) <= size);
        assert_int_equal(p->members != NULL, p->kind == FZ_OBJECT || p->kind == FZ_ARRAY);
        if (p->kind == FZ_STRING)
            check_string(p);
        if (p->kind == FZ_INTEGER) /* what may be left out is told from 0 */
            assert_true(p->max >= p->min && (p->min >= 1 || p->required == FZ_BOTH));
        if (p->kind == FZ_OBJECT)
            check_parameters(p->members, size - p->offset, false);
        if (p->kind == FZ_ARRAY) {
            assert_true(p->max >= 1 && p->max >= p->min && p->item_size > 0);
            check_parameters(p->members, p->item_size, false);
        }
        for (const struct fz_parameter *other = parameters; other < p; other++) {
            assert_string_not_equal(other->name, p->name);
            assert_int_not_equal(other->offset, p->offset);
        }
    }
}

static void check_row_parameters(const struct fz_endpoint *endpoint)
{
    check_parameters(endpoint->parameters, endpoint->params_size, true);
    for (const struct fz_parameter *p = endpoint->parameters; p->name != NULL; p++)
        assert_false(p->place == FZ_IN_BODY && strcmp(endpoint->method, "GET") == 0);
}

static void parameters_fit_their_structs(void **state)
{
    (void)state;
    each_row(check_row_parameters);
}

/* The field that a dotted name belongs to; NULL at the top. */
static const struct fz_field *owner_of(const struct fz_field *fields, const char *name)
{
    const char *dot = strrchr(name, '.');
    if (dot == NULL)
        return NULL;
    size_t size = (size_t)(dot - name);
    bool item = size > 2 && memcmp(dot - 2, "[]", 2) == 0;
    for (const struct fz_field *field = fields; field->name != NULL; field++)
        if (strlen(field->name) == size - (item ? 2 : 0) &&
            memcmp(field->name, name, strlen(field->name)) == 0) {
            assert_int_equal(field->kind, item ? FZ_ARRAY : FZ_OBJECT);
            return field;
        }
    fail_msg("%s belongs to nothing", name);
    return NULL;
}

static void check_fields(const struct fz_endpoint *endpoint)
{
    for (const struct fz_field *field = endpoint->fields; field != NULL && field->name != NULL; field++) {
        const struct fz_field *owner = owner_of(endpoint->fields, field->name);
        assert_true(owner == NULL || owner < field); /* declared before what is in it */
        assert_true(strlen(field->meaning) > 0);
        assert_true(field->values == NULL || field->kind == FZ_STRING);
        for (const struct fz_field *other = endpoint->fields; other < field; other++)
            assert_string_not_equal(other->name, field->name);
        for (const char *const *word = field->values; word != NULL && *word != NULL; word++)
            assert_true((int64_t)strlen(*word) <= field->max);
    }
}

static void fields_belong_to_what_was_declared(void **state)
{
    (void)state;
    each_row(check_fields);
}

static const struct fz_endpoint *row(const char *name)
{
    size_t count;
    const struct fz_endpoint *const *rows = fz_endpoints(&count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i]->name, name) == 0)
            return rows[i];
    fail_msg("no row %s", name);
    return NULL;
}

/* The tables of the four documents: name, type, longest, required. */
static void the_documents_fields(void **state)
{
    (void)state;
    static const struct {
        const char *endpoint, *field;
        enum fz_parameter_kind kind;
        int64_t max;
        bool required;
    } documented[] = {
        {"refundable-balance", "sponsor_mchid", FZ_STRING, 32, true},
        {"refundable-balance", "balance", FZ_INTEGER, 0, true},
        {"refundable-balance", "currency", FZ_STRING, 3, true},
        {"transaction-amounts", "transaction_id", FZ_STRING, 32, true},
        {"transaction-amounts", "unsplit_amount", FZ_INTEGER, 0, true},
        {"transaction-amounts", "currency", FZ_STRING, 10, true},
        {"refund-bill-url", "download_url", FZ_STRING, 2048, true},
        {"refund-by-id", "id", FZ_STRING, 32, true},
        {"refund-by-id", "out_refund_no", FZ_STRING, 64, true},
        {"refund-by-id", "transaction_id", FZ_STRING, 32, true},
        {"refund-by-id", "out_trade_no", FZ_STRING, 64, true},
        {"refund-by-id", "channel", FZ_STRING, 16, false},
        {"refund-by-id", "recv_account", FZ_STRING, 64, false},
        {"refund-by-id", "fund_source", FZ_STRING, 30, false},
        {"refund-by-id", "success_time", FZ_STRING, 64, false},
        {"refund-by-id", "create_time", FZ_STRING, 64, true},
        {"refund-by-id", "status", FZ_STRING, 16, true},
        {"refund-by-id", "amount", FZ_OBJECT, 0, true},
        {"refund-by-id", "amount.refund", FZ_INTEGER, 0, true},
        {"refund-by-id", "amount.currency", FZ_STRING, 16, false},
        {"refund-by-id", "amount.payer_refund", FZ_INTEGER, 0, true},
        {"refund-by-id", "amount.payer_currency", FZ_STRING, 16, true},
        {"refund-by-id", "amount.exchange_rate", FZ_OBJECT, 0, true},
        {"refund-by-id", "detail[].promotion_id", FZ_STRING, 32, true},
        {"refund-by-id", "detail[].scope", FZ_STRING, 32, false},
        {"refund-by-id", "detail[].type", FZ_STRING, 32, false},
        {"refund-by-id", "detail[].amount", FZ_INTEGER, 0, false},
        {"refund-by-id", "detail[].refund_amount", FZ_INTEGER, 0, false},
        {"refund-by-id", "detail[].currency", FZ_STRING, 16, true},
    };
    for (size_t i = 0; i < sizeof documented / sizeof documented[0]; i++) {
        const struct fz_field *field = row(documented[i].endpoint)->fields;
        while (field->name != NULL && strcmp(field->name, documented[i].field) != 0)
            field++;
        assert_non_null(field->name);
        assert_int_equal(field->kind, documented[i].kind);
        assert_int_equal(field->max, documented[i].max);
        assert_int_equal(field->required, documented[i].required);
    }
    assert_ptr_equal(row("refund-by-id")->fields, row("refund-by-out-refund-no")->fields);
}

/* 150/s for queries of refunds, less for faulty submissions; everything else counts in general. */
static void rate_classes(void **state)
{
    (void)state;
    assert_int_equal(row("refund-by-id")->rate_class, FZ_RATE_REFUND_QUERY);
    assert_int_equal(row("refund-by-out-refund-no")->rate_class, FZ_RATE_REFUND_QUERY);
    assert_int_equal(row("refunds-of-order")->rate_class, FZ_RATE_REFUND_QUERY);
    assert_int_equal(row("refund-submit")->rate_class, FZ_RATE_REFUND_SUBMIT);
    assert_int_equal(row("refundable-balance")->rate_class, FZ_RATE_GENERAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_whole),
        cmocka_unit_test(names_and_paths_are_there_once),
        cmocka_unit_test(path_variables_are_declared),
        cmocka_unit_test(parameters_fit_their_structs),
        cmocka_unit_test(fields_belong_to_what_was_declared),
        cmocka_unit_test(the_documents_fields),
        cmocka_unit_test(rate_classes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
