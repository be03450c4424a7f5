/* The rows of the endpoints hold together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "api/call/endpoint.h"
#include "spec/calls.h"

static void each_row(void (*check)(const struct fz_spec *))
{
    size_t count;
    const struct fz_spec *const *rows = fz_specs(&count);
    assert_true(count >= 28);
    for (size_t i = 0; i < count; i++)
        check(rows[i]);
}

static void check_whole(const struct fz_spec *spec)
{
    assert_true(strspn(spec->name, "abcdefghijklmnopqrstuvwxyz-") == strlen(spec->name));
    assert_true(strcmp(spec->method, "GET") == 0 || strcmp(spec->method, "POST") == 0 ||
                strcmp(spec->method, "DELETE") == 0);
    assert_int_equal(spec->writes, strcmp(spec->method, "GET") != 0);
    assert_non_null(spec->paths[0]);
    assert_null(spec->paths[FZ_PATHS_MAX - 1]);
    assert_true(strlen(spec->title) > 0);
    assert_memory_equal(spec->document, "https://pay.weixin.qq.com/", 26);
    assert_true(spec->status == 200 || spec->status == 204);
    bool answers = spec->status == 200 && !spec->answers_file;
    assert_int_equal(spec->answer != NULL, answers);
    assert_int_equal(spec->answer_size > 0, spec->answer != NULL);
    assert_true(spec->request_size > 0);
}

/* Each call has an endpoint of the same place. */
static void every_call_has_an_endpoint(void **state)
{
    (void)state;
    size_t count, specs;
    const struct fz_endpoint *const *endpoints = fz_endpoints(&count);
    const struct fz_spec *const *rows = fz_specs(&specs);
    assert_int_equal(count, specs);
    for (size_t i = 0; i < count; i++) {
        assert_ptr_equal(endpoints[i]->spec, rows[i]);
        assert_non_null(endpoints[i]->work);
        assert_true(endpoints[i]->out_size >= rows[i]->answer_size);
        if (rows[i]->answers_file)
            assert_int_equal(endpoints[i]->out_size, sizeof(struct fz_bill_link));
    }
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
    const struct fz_spec *const *rows = fz_specs(&count);
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
static void check_variables(const struct fz_spec *spec)
{
    for (const char *const *path = spec->paths; *path != NULL; path++) {
        size_t declared = 0;
        for (const struct fz_member *p = spec->request; p->name != NULL; p++) {
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

static size_t size_of(enum fz_kind kind)
{
    switch (kind) {
    case FZ_STRING:
        return sizeof(const char *);
    case FZ_INTEGER:
        return sizeof(int64_t);
    case FZ_BOOLEAN:
        return sizeof(bool);
    case FZ_ARRAY:
    case FZ_STRINGS:
        return sizeof(void *);
    case FZ_TIME:
        return sizeof(struct fz_timestamp);
    case FZ_OBJECT:
        break;
    }
    return 1;
}

static void check_string(const struct fz_member *parameter)
{
    bool listed = parameter->fallback == NULL;
    assert_true(parameter->min >= 1 && parameter->max >= parameter->min);
    for (const char *const *word = parameter->words; word != NULL && *word != NULL; word++) {
        assert_true((int64_t)strlen(*word) >= parameter->min && (int64_t)strlen(*word) <= parameter->max);
        listed = listed || strcmp(*word, parameter->fallback) == 0;
    }
    assert_true(listed);
    assert_false(parameter->words != NULL && parameter->sealed);
    assert_false(parameter->fallback != NULL && parameter->required != FZ_NEVER);
}

static void check_parameters(const struct fz_member *parameters, size_t size, bool top)
{
    for (const struct fz_member *p = parameters; p->name != NULL; p++) {
        assert_true(p->only == FZ_NEVER || (p->required & ~(unsigned)p->only) == 0);
        assert_non_null(p->meaning);
        assert_true(top || p->place == FZ_IN_BODY);
        assert_true(p->offset + size_of(p->kind) <= size);
        assert_int_equal(p->members != NULL, p->kind == FZ_OBJECT || p->kind == FZ_ARRAY);
        if (p->kind == FZ_STRING)
            check_string(p);
        if (p->kind == FZ_INTEGER) /* what may be left out is told from 0 */
            assert_true(p->max >= p->min && (p->min >= 1 || p->required == FZ_BOTH || p->given != 0));
        if (p->kind == FZ_OBJECT)
            check_parameters(p->members, size - p->offset, false);
        if (p->kind == FZ_ARRAY) {
            assert_true(p->max >= 1 && p->max >= p->min && p->size > 0);
            check_parameters(p->members, p->size, false);
        }
        for (const struct fz_member *other = parameters; other < p; other++) {
            assert_string_not_equal(other->name, p->name);
            assert_int_not_equal(other->offset, p->offset);
        }
    }
}

static void check_row_parameters(const struct fz_spec *spec)
{
    check_parameters(spec->request, spec->request_size, true);
    for (const struct fz_member *p = spec->request; p->name != NULL; p++)
        assert_false(p->place == FZ_IN_BODY && strcmp(spec->method, "GET") == 0);
}

static void parameters_fit_their_structs(void **state)
{
    (void)state;
    each_row(check_row_parameters);
}

static const struct fz_spec *row(const char *name)
{
    size_t count;
    const struct fz_spec *const *rows = fz_specs(&count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i]->name, name) == 0)
            return rows[i];
    fail_msg("no row %s", name);
    return NULL;
}

/* The member of a dotted name, as "detail[].amount". */
static const struct fz_member *member_at(const struct fz_member *members, const char *name)
{
    for (;; members++) {
        if (members->name == NULL)
            fail_msg("%s is not declared", name);
        size_t size = strlen(members->name);
        if (strncmp(name, members->name, size) != 0)
            continue;
        if (name[size] == '\0')
            return members;
        size_t step = members->kind == FZ_ARRAY ? 3 : 1;
        if (name[size] == '.' || name[size] == '[')
            return member_at(members->members, name + size + step);
    }
}

static void check_answer_members(const struct fz_member *members, size_t size)
{
    for (const struct fz_member *m = members; m != NULL && m->name != NULL; m++) {
        assert_true(strlen(m->meaning) > 0);
        assert_int_equal(m->place, FZ_IN_BODY);
        assert_true(m->offset + size_of(m->kind) <= size && m->given <= size && m->count < size);
        assert_int_equal(m->members != NULL, m->kind == FZ_OBJECT || m->kind == FZ_ARRAY);
        if (m->kind == FZ_INTEGER || m->kind == FZ_BOOLEAN || m->kind == FZ_OBJECT) /* no value says that there is none */
            assert_int_equal(m->given == 0, m->required == FZ_BOTH);
        for (const char *const *word = m->words; word != NULL && *word != NULL; word++)
            assert_true((int64_t)strlen(*word) <= m->max);
        for (const struct fz_member *other = members; other < m; other++) {
            assert_string_not_equal(other->name, m->name);
            assert_int_not_equal(other->offset, m->offset);
        }
        check_answer_members(m->members, m->size);
    }
}

static void check_answer(const struct fz_spec *spec)
{
    check_answer_members(spec->answer, spec->answer_size);
}

static void answers_fit_their_structs(void **state)
{
    (void)state;
    each_row(check_answer);
}

/* The tables of the four documents: name, type, longest, required. */
static void the_documents_fields(void **state)
{
    (void)state;
    static const struct {
        const char *endpoint, *field;
        enum fz_kind kind;
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
        const struct fz_spec *spec = row(documented[i].endpoint);
        const struct fz_member *member = member_at(spec->answer, documented[i].field);
        assert_int_equal(member->kind == FZ_TIME ? FZ_STRING : member->kind, documented[i].kind);
        assert_int_equal(member->max, documented[i].max);
        assert_int_equal(member->required == FZ_BOTH, documented[i].required);
    }
    assert_ptr_equal(row("refund-by-id")->answer, row("refund-by-out-refund-no")->answer);
}

static enum fz_rate_class rate_of(const char *name)
{
    size_t count;
    const struct fz_endpoint *const *endpoints = fz_endpoints(&count);
    for (size_t i = 0; i < count; i++)
        if (endpoints[i]->spec == row(name))
            return endpoints[i]->rate_class;
    fail_msg("no endpoint %s", name);
    return FZ_RATE_GENERAL;
}

/* 150/s for queries of refunds, less for faulty submissions; everything else counts in general. */
static void rate_classes(void **state)
{
    (void)state;
    assert_int_equal(rate_of("refund-by-id"), FZ_RATE_REFUND_QUERY);
    assert_int_equal(rate_of("refund-by-out-refund-no"), FZ_RATE_REFUND_QUERY);
    assert_int_equal(rate_of("refunds-of-order"), FZ_RATE_REFUND_QUERY);
    assert_int_equal(rate_of("refund-submit"), FZ_RATE_REFUND_SUBMIT);
    assert_int_equal(rate_of("refundable-balance"), FZ_RATE_GENERAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_whole),
        cmocka_unit_test(every_call_has_an_endpoint),
        cmocka_unit_test(names_and_paths_are_there_once),
        cmocka_unit_test(path_variables_are_declared),
        cmocka_unit_test(parameters_fit_their_structs),
        cmocka_unit_test(answers_fit_their_structs),
        cmocka_unit_test(the_documents_fields),
        cmocka_unit_test(rate_classes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
