/* Bodies that are no JSON object, or no JSON at all: the fault is the whole body's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "unit/api/request.h"

#define MARK "/v3/global/profit-sharing/transactions/mark"

static void assert_refused(const char *body, size_t size, const char *value, const char *issue)
{
    struct reading reading;
    assert_int_equal(reading_begin(&reading, FZ_MERCHANT_DIRECT, "POST", MARK, body, size), FZ_REFUSED);
    assert_string_equal(fz_row_text(reading.error.row)->name, "PARAM_ERROR");
    assert_string_equal(reading.error.location, "body");
    assert_string_equal(reading.error.field, "");
    assert_string_equal(reading.error.value, value);
    assert_string_equal(reading.error.issue, issue);
    reading_end(&reading);
}

#define BODY(text) text, sizeof(text) - 1

/* What is no JSON object at all: the field is the whole body. */
static void bodies_that_are_no_object(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        size_t size;
        const char *value, *issue;
    } cases[] = {
        {BODY(""), "", "is not JSON (line 1, column 0)"},
        {BODY("{"), "{", "is not JSON (line 1, column 1)"},
        {BODY("nonsense"), "nonsense", "is not JSON (line 1, column 8)"},
        {BODY("\"text\""), "\"text\"", "is not a JSON object"},
        {BODY("5"), "5", "is not a JSON object"},
        {BODY("null"), "null", "is not a JSON object"},
        {BODY("[]"), "[]", "is not a JSON object"},
        {BODY("[{}]"), "[{}]", "is not a JSON object"},
        {BODY("{}{}"), "{}{}", "is not JSON (line 1, column 3)"},
        {BODY("{} x"), "{} x", "is not JSON (line 1, column 4)"},
        {BODY("{\"a\":1,}"), "{\"a\":1,}", "is not JSON (line 1, column 8)"},
        {BODY("{'a':1}"), "{'a':1}", "is not JSON (line 1, column 2)"},
        {BODY("{\"a\":01}"), "{\"a\":01}", "is not JSON (line 1, column 6)"},
        {BODY("{\"a\":NaN}"), "{\"a\":NaN}", "is not JSON (line 1, column 8)"},
        {BODY("{\"a\":1\n,\n}"), "{\"a\":1?,?}", "is not JSON (line 3, column 1)"},
        {BODY("{\"a\":1}\0"), "{\"a\":1}?", "is not JSON (line 1, column 8)"},
        {BODY("\xEF\xBB\xBF{}"), "\xEF\xBB\xBF{}", "is not JSON (line 1, column 1)"},
        {BODY("amount=5&currency=CNY"), "amount=5&currency=CNY", "is not JSON (line 1, column 6)"},
        {BODY("<xml/>"), "<xml/>", "is not JSON (line 1, column 1)"},
        {BODY("{\"a\":1,\"a\":1}"), "{\"a\":1,\"a\":1}", "has a member twice (line 1, column 10)"},
        {BODY("{\"a\":{\"b\":1,\"b\":2}}"), "{\"a\":{\"b\":1,\"b\":2}}",
         "has a member twice (line 1, column 15)"},
        {BODY("{\"a\":\"\xff\"}"), "{\"a\":\"?\"}", "is not UTF-8 (line 1, column 6)"},
        {BODY("{\"a\":\"\xc0\xaf\"}"), "{\"a\":\"??\"}", "is not UTF-8 (line 1, column 6)"},
        {BODY("{\"a\":\"\xed\xa0\x80\"}"), "{\"a\":\"???\"}", "is not UTF-8 (line 1, column 6)"},
        {BODY("{\"a\":\"\\ud800\"}"), "{\"a\":\"\\ud800\"}", "is not JSON (line 1, column 13)"},
        {BODY("{\"a\\u0000b\":1}"), "{\"a\\u0000b\":1}",
         "has a NUL in the name of a member (line 1, column 11)"},
        {BODY("{\"a\":9223372036854775808}"), "{\"a\":9223372036854775808}",
         "has a number that is out of range (line 1, column 24)"},
        {BODY("{\"a\":1e999}"), "{\"a\":1e999}", "has a number that is out of range (line 1, column 10)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_refused(cases[i].body, cases[i].size, cases[i].value, cases[i].issue);
}

/* The beginning is shown, whatever the rest is; and 64 KiB of brackets do not run the stack out. */
static void bodies_that_are_large(void **state)
{
    (void)state;
    static char body[65536];
    for (const char *c = "[{\" 9x"; *c != '\0'; c++) {
        memset(body, *c, sizeof body);
        struct reading reading;
        assert_int_equal(reading_begin(&reading, FZ_MERCHANT_DIRECT, "POST", MARK, body, sizeof body),
                         FZ_REFUSED);
        assert_string_equal(fz_row_text(reading.error.row)->name, "PARAM_ERROR");
        assert_int_equal(strlen(reading.error.value), 64);
        reading_end(&reading);
    }
    for (size_t i = 0; i + 5 <= sizeof body; i += 5)
        memcpy(body + i, "{\"a\":", 5);
    assert_refused(
        body, sizeof body,
        "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\"",
        "is nested too deeply (line 1, column 10241)");
}

static long allocations_left;

static void *scarce_malloc(size_t size)
{
    return allocations_left-- > 0 ? malloc(size) : NULL;
}

/* Without memory a good body, here one that is long, is never taken for a part of itself. (For some of its allocations the JSON
 * library reports a fault of the text.) */
static void memory_that_runs_out(void **state)
{
    (void)state;
    static const char text[] = "{\"out_trade_no\":\"T00001\",\"currency\":\"CNY\"}";
    static char body[(64 << 10) + sizeof text];
    memset(body, ' ', sizeof body);
    memcpy(body, text, sizeof text - 1);
    json_malloc_t usual_malloc;
    json_free_t usual_free;
    json_get_alloc_funcs(&usual_malloc, &usual_free);
    json_set_alloc_funcs(scarce_malloc, free);
    enum fz_result result = FZ_FAILED;
    long count = 0, failed = 0;
    for (; result != FZ_OK && count < 1000; count++) {
        struct reading reading;
        allocations_left = count;
        result = reading_begin(&reading, FZ_MERCHANT_DIRECT, "POST", MARK, body, sizeof body - 1);
        assert_true(result == FZ_OK || result == FZ_FAILED || reading.error.row == FZ_PARAM_ERROR);
        failed += result == FZ_FAILED;
        reading_end(&reading);
    }
    json_set_alloc_funcs(usual_malloc, usual_free);
    assert_int_equal(result, FZ_OK);
    assert_true(count > 5 && failed > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_that_are_no_object),
        cmocka_unit_test(bodies_that_are_large),
        cmocka_unit_test(memory_that_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
