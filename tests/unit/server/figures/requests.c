/* Figures of requests: in which bucket and class one counts, what two workers have in common, and how it is written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/figures/requests.h"
#include "spec/calls.h"

static struct fz_request_figures *figures;
static struct fz_text text;

static int begin(void **unused)
{
    (void)unused;
    figures = fz_request_figures_new();
    text = (struct fz_text){.max = 1 << 20};
    return figures == NULL ? -1 : 0;
}

static int end(void **unused)
{
    (void)unused;
    fz_request_figures_free(figures);
    fz_text_done(&text);
    return 0;
}

static void count(size_t endpoint, int status, int64_t duration_us)
{
    fz_request_figures_count(figures, &(struct fz_counted){.endpoint = endpoint,
                                                           .status = status,
                                                           .row = status == 200 ? FZ_ROW_NONE : FZ_NOT_FOUND,
                                                           .verified = status == 200,
                                                           .bytes = 100,
                                                           .duration_us = duration_us});
}

static void write(void)
{
    fz_text_done(&text);
    fz_request_figures_write(figures, &text);
    assert_false(text.failed);
}

static const char *name_of(size_t number)
{
    size_t count;
    const struct fz_spec *const *endpoints = fz_specs(&count);
    assert_true(number < count);
    return endpoints[number]->name;
}

/* `line`, with the endpoint's name for %s, stands in the text exactly once. */
static void assert_told(const char *line, const char *endpoint)
{
    char whole[200];
    int size = snprintf(whole, sizeof whole, "\n");
    size += snprintf(whole + size, sizeof whole - (size_t)size, line, endpoint);
    snprintf(whole + size, sizeof whole - (size_t)size, "\n");
    const char *at = strstr(text.data, whole);
    if (at == NULL)
        fail_msg("missing:%s\nin:\n%s", whole, text.data);
    assert_null(strstr(at + 1, whole));
}

#define BUCKET "fenzhang_request_duration_seconds_bucket{endpoint=\"%s\",le="

static void a_bound_belongs_to_its_bucket(void **unused)
{
    (void)unused;
    count(1, 200, 0);
    count(1, 200, 500);
    count(1, 200, 501);
    count(1, 200, 10000000);
    count(1, 200, 10000001);
    write();
    assert_told(BUCKET "\"0.0005\"} 2", name_of(1));
    assert_told(BUCKET "\"0.001\"} 3", name_of(1));
    assert_told(BUCKET "\"5\"} 3", name_of(1));
    assert_told(BUCKET "\"10\"} 4", name_of(1));
    assert_told(BUCKET "\"+Inf\"} 5", name_of(1));
    assert_told("fenzhang_request_duration_seconds_sum{endpoint=\"%s\"} 20.001002", name_of(1));
    assert_told("fenzhang_request_duration_seconds_count{endpoint=\"%s\"} 5", name_of(1));
}

static void classes_of_status(void **unused)
{
    (void)unused;
    count(0, 200, 1);
    count(0, 204, 1);
    count(0, 400, 1);
    count(0, 431, 1);
    count(0, 429, 1);
    count(0, 500, 1);
    write();
    assert_told("fenzhang_requests_total{endpoint=\"%s\",status=\"2xx\"} 2", name_of(0));
    assert_told("fenzhang_requests_total{endpoint=\"%s\",status=\"4xx\"} 3", name_of(0));
    assert_told("fenzhang_requests_total{endpoint=\"%s\",status=\"5xx\"} 1", name_of(0));
    assert_told("fenzhang_answer_bytes_total 600%s", "");
    assert_told("fenzhang_requests_refused_total 5%s", "");
    assert_told("fenzhang_requests_unsigned_total 5%s", "");
}

static void an_endpoint_is_there_from_its_first_request_on(void **unused)
{
    (void)unused;
    write();
    assert_null(strchr(text.data, '{'));
    count(2, 200, 1);
    write();
    assert_told("fenzhang_requests_total{endpoint=\"%s\",status=\"5xx\"} 0", name_of(2));
    assert_null(strstr(text.data, name_of(3)));
    assert_null(strstr(text.data, "\"none\""));
}

static void what_reaches_no_endpoint_is_none(void **unused)
{
    (void)unused;
    size_t endpoints;
    (void)fz_specs(&endpoints);
    count(FZ_NO_ENDPOINT, 404, 1);
    count(endpoints - 1, 200, 1);
    write();
    assert_told("fenzhang_requests_total{endpoint=\"%s\",status=\"4xx\"} 1", "none");
    assert_told("fenzhang_requests_total{endpoint=\"%s\",status=\"2xx\"} 1", name_of(endpoints - 1));
}

static void workers_are_added_up(void **unused)
{
    (void)unused;
    struct fz_request_figures *other = figures;
    count(0, 200, 1000);
    count(FZ_NO_ENDPOINT, 404, 7);
    figures = fz_request_figures_new();
    count(0, 200, 600);
    fz_request_figures_add(figures, other);
    fz_request_figures_free(other);
    write();
    assert_told("fenzhang_requests_total{endpoint=\"%s\",status=\"2xx\"} 2", name_of(0));
    assert_told(BUCKET "\"0.001\"} 2", name_of(0));
    assert_told("fenzhang_request_duration_seconds_sum{endpoint=\"%s\"} 0.001600", name_of(0));
    assert_told("fenzhang_requests_total{endpoint=\"%s\",status=\"4xx\"} 1", "none");
    assert_told("fenzhang_answer_bytes_total 300%s", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_bound_belongs_to_its_bucket, begin, end),
        cmocka_unit_test_setup_teardown(classes_of_status, begin, end),
        cmocka_unit_test_setup_teardown(an_endpoint_is_there_from_its_first_request_on, begin, end),
        cmocka_unit_test_setup_teardown(what_reaches_no_endpoint_is_none, begin, end),
        cmocka_unit_test_setup_teardown(workers_are_added_up, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
