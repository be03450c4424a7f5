/* From method and target to a call. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "spec/server/route.h"

/* The call's name, or the refusal's. */
static const char *found(const char *method, const char *target, struct fz_route *route)
{
    struct fz_error error = {0};
    enum fz_result result = fz_route_find(method, target, route, &error);
    return result == FZ_OK ? route->spec->name : fz_row_text(error.row)->name;
}

static void assert_found(const char *method, const char *target, const char *name)
{
    struct fz_route route;
    assert_string_equal(found(method, target, &route), name);
}

/* The paths that the vendor documents, and the one where libraries fetch certificates. */
static void every_documented_path_is_served(void **state)
{
    (void)state;
    static const struct {
        const char *method, *target, *name;
    } documented[] = {
        {"GET", "/v3/global/profit-sharing/refunds/refundable-balance", "refundable-balance"},
        {"GET",
         "/v3/global/profit-sharing/transactions/4208450740201411110007820472/amounts?sub_mchid=1900000109",
         "transaction-amounts"},
        {"GET", "/v3/global/profit-sharing/transactions/4208450740201411110007820472/refundable-amounts",
         "refundable-amounts"},
        {"GET", "/v3/global/profit-sharing/refunds/bill-download-url", "refund-bill-url"},
        {"GET", "/v3/global/profit-sharing/bill-download-url", "distribution-bill-url"},
        {"GET", "/hk/v3/refunds/id/1217752501201407033233368018?mchid=1900000109", "refund-by-id"},
        {"GET", "/v3/global/refunds/id/1217752501201407033233368018", "refund-by-id"},
        {"GET", "/hk/v3/refunds/out-refund-no/1217752501201407033233368018", "refund-by-out-refund-no"},
        {"GET", "/v3/global/refunds/out-refund-no/1217752501201407033233368018", "refund-by-out-refund-no"},
        {"POST", "/v3/global/refunds", "refund-submit"},
        {"POST", "/hk/v3/refunds", "refund-submit"},
        {"GET", "/v3/global/refunds?transaction_id=1", "refunds-of-order"},
        {"GET", "/hk/v3/refunds?transaction_id=1", "refunds-of-order"},
        {"POST", "/v3/global/profit-sharing/transactions/mark", "mark"},
        {"POST", "/v3/global/profit-sharing/orders", "distribution-submit"},
        {"GET", "/v3/global/profit-sharing/orders/P20150806125346", "distribution-query"},
        {"POST", "/v3/global/profit-sharing/orders/unfreeze", "unfreeze"},
        {"POST", "/v3/global/profit-sharing/receivers", "receiver-add"},
        {"GET", "/v3/global/profit-sharing/receivers/86693852", "receiver-query"},
        {"POST", "/v3/global/transactions/native", "order-native"},
        {"POST", "/hk/v3/transactions/native", "order-native"},
        {"GET", "/v3/global/transactions/id/4200000000002104083200000488", "order-query-by-id"},
        {"GET", "/hk/v3/transactions/id/4200000000002104083200000488", "order-query-by-id"},
        {"GET", "/v3/global/transactions/out-trade-no/1217752501201407033233368018", "order-query-by-number"},
        {"GET", "/hk/v3/transactions/out-trade-no/1217752501201407033233368018", "order-query-by-number"},
        {"POST", "/v3/global/transactions/id/4200000000002104083200000488/close", "order-close-by-id"},
        {"POST", "/hk/v3/transactions/id/4200000000002104083200000488/close", "order-close-by-id"},
        {"POST", "/v3/global/transactions/out-trade-no/T00001/close", "order-close-by-number"},
        {"POST", "/hk/v3/transactions/out-trade-no/T00001/close", "order-close-by-number"},
        {"GET", "/v3/global/refund/recharge-balance", "recharge-balance"},
        {"GET", "/v3/global/refund/partner/recharge-balance/sub-mchid/1900000109", "recharge-balance-partner"},
        {"POST", "/v3/global/transactions/jsapi", "order-jsapi"},
        {"POST", "/hk/v3/transactions/jsapi", "order-jsapi"},
        {"POST", "/v3/global/transactions/app", "order-app"},
        {"POST", "/hk/v3/transactions/app", "order-app"},
        {"POST", "/v3/global/transactions/mweb", "order-mweb"},
        {"POST", "/hk/v3/transactions/mweb", "order-mweb"},
        {"POST", "/v3/global/micropay/transactions/pay", "order-micropay"},
        {"POST", "/hk/v3/transactions/micropay", "order-micropay"},
        {"POST", "/v3/global/micropay/transactions/id/4200000000002104083200000488/reverse",
         "order-reverse-by-id"},
        {"POST", "/hk/v3/transactions/id/4200000000002104083200000488/reverse", "order-reverse-by-id"},
        {"POST", "/v3/global/micropay/transactions/out-trade-no/T00001/reverse", "order-reverse-by-number"},
        {"POST", "/hk/v3/transactions/out-trade-no/T00001/reverse", "order-reverse-by-number"},
        {"GET", "/v3/certificates", "certificates"},
        {"DELETE", "/v3/global/profit-sharing/receivers", "receiver-delete"},
        {"GET", "/v3/global/certificates", "certificates"},
        {"GET", "/hk/v3/certificates", "certificates"},
        {"GET", "/v3/billdownload/file?token=x", "bill-file"},
        {"GET", "/v3/bill/downloadurl?token=x", "bill-file"},
    };
    for (size_t i = 0; i < sizeof documented / sizeof documented[0]; i++)
        assert_found(documented[i].method, documented[i].target, documented[i].name);
}

static void the_prefix_tells_the_spelling(void **state)
{
    (void)state;
    static const struct {
        const char *target;
        bool old;
    } cases[] = {{"/hk/v3/certificates", true},
                 {"/v3/global/certificates", false},
                 {"/v3/certificates", false},
                 {"/hk/v3/nothing", true},
                 {"/hk/v3", true},
                 {"/hk/v3?a=b", true},
                 {"/hk/v33/certificates", false},
                 {"/hk", false},
                 {"/", false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fz_route route = {.old_spelling = !cases[i].old};
        (void)found("GET", cases[i].target, &route);
        assert_int_equal(route.old_spelling, cases[i].old);
    }
}

static void other_methods(void **state)
{
    (void)state;
    assert_found("POST", "/v3/global/certificates", "METHOD_NOT_ALLOWED");
    assert_found("PUT", "/v3/global/refunds", "METHOD_NOT_ALLOWED");
    assert_found("DELETE", "/hk/v3/refunds", "METHOD_NOT_ALLOWED");
    assert_found("get", "/v3/global/certificates", "METHOD_NOT_ALLOWED");
    assert_found("", "/v3/global/certificates", "METHOD_NOT_ALLOWED");
    assert_found("POST", "/v3/global/profit-sharing/orders/P1", "METHOD_NOT_ALLOWED");
}

/* S-RQ: "Use post method". The name is of the older documents. */
static void a_get_where_only_post_is(void **state)
{
    (void)state;
    assert_found("GET", "/hk/v3/transactions/native?a=b", "REQUIRE_POST_METHOD");
    assert_found("PUT", "/hk/v3/refunds", "METHOD_NOT_ALLOWED");
    assert_found("POST", "/hk/v3/certificates", "METHOD_NOT_ALLOWED");
    assert_found("GET", "/v3/global/transactions/native", "METHOD_NOT_ALLOWED");
}

/* /orders/unfreeze is an endpoint of its own, not a number of /orders/{out_order_no}. */
static void a_word_goes_before_a_variable(void **state)
{
    (void)state;
    assert_found("POST", "/v3/global/profit-sharing/orders/unfreeze", "unfreeze");
    assert_found("GET", "/v3/global/profit-sharing/orders/unfreeze", "METHOD_NOT_ALLOWED");
    assert_found("GET", "/v3/global/profit-sharing/orders/unfreeze1", "distribution-query");
    assert_found("GET", "/v3/global/profit-sharing/orders/%75nfreeze", "distribution-query");
}

static void unknown_paths(void **state)
{
    (void)state;
    static const char *const targets[] = {"",
                                          "/",
                                          "*",
                                          "?",
                                          "//",
                                          "/v3",
                                          "/v3/",
                                          "/hk/v3",
                                          "/v3/global",
                                          "/v3/global/certificates/",
                                          "/v3/global/certificates/x",
                                          "/V3/global/certificates",
                                          "/v3//certificates",
                                          "//v3/certificates",
                                          "/v3/certificates/..",
                                          "/v3/%63ertificates",
                                          "/v3/global/certificate",
                                          "/v3/global/certificatess",
                                          "/v3/global/refunds/id",
                                          "/v3/global/refunds/id/1/2",
                                          "/v3/global/refunds/{id}",
                                          "/hk/v3/profit-sharing/orders",
                                          "/v3/global/refund/domestic/refunds/1",
                                          "http://127.0.0.1/v3/certificates",
                                          "v3/certificates"};
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        assert_found("GET", targets[i], "NOT_FOUND");
        assert_found("POST", targets[i], "NOT_FOUND");
    }
}

static void assert_value(const struct fz_route *route, const char *name, const char *text)
{
    assert_int_equal(route->value_count, 1);
    assert_string_equal(route->values[0].name, name);
    assert_int_equal(route->values[0].size, strlen(text));
    assert_memory_equal(route->values[0].text, text, strlen(text));
}

/* The target is split as it was sent: an encoded slash or question mark stays within its value. */
static void values_are_raw(void **state)
{
    (void)state;
    static const char *const values[] = {
        "1217752501201407033233368018", "R%2F1", "a%3Fb", "%", "%00", "a|b*c@d", ".."};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        char target[128] = "/hk/v3/refunds/out-refund-no/";
        strcat(target, values[i]);
        struct fz_route route;
        assert_string_equal(found("GET", target, &route), "refund-by-out-refund-no");
        assert_value(&route, "out_refund_no", values[i]);
        assert_null(route.query);
    }
}

static void a_value_in_the_middle(void **state)
{
    (void)state;
    struct fz_route route;
    assert_string_equal(
        found("GET", "/v3/global/profit-sharing/transactions/42%2F08/amounts?sub_mchid=1", &route),
        "transaction-amounts");
    assert_value(&route, "transaction_id", "42%2F08");
    assert_string_equal(route.query, "sub_mchid=1");
}

/* So that its parameter can be refused by name. */
static void an_empty_value_fits(void **state)
{
    (void)state;
    struct fz_route route;
    assert_string_equal(found("GET", "/hk/v3/refunds/id/", &route), "refund-by-id");
    assert_value(&route, "id", "");
    assert_string_equal(found("GET", "/v3/global/profit-sharing/transactions//amounts", &route),
                        "transaction-amounts");
    assert_value(&route, "transaction_id", "");
}

static void the_query_begins_at_the_first_question_mark(void **state)
{
    (void)state;
    struct fz_route route;
    (void)found("GET", "/v3/certificates?a=1?b=2/3", &route);
    assert_string_equal(route.query, "a=1?b=2/3");
    (void)found("GET", "/v3/certificates?", &route);
    assert_string_equal(route.query, "");
    (void)found("GET", "/v3/certificates", &route);
    assert_null(route.query);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_documented_path_is_served),
        cmocka_unit_test(the_prefix_tells_the_spelling),
        cmocka_unit_test(other_methods),
        cmocka_unit_test(a_get_where_only_post_is),
        cmocka_unit_test(a_word_goes_before_a_variable),
        cmocka_unit_test(unknown_paths),
        cmocka_unit_test(values_are_raw),
        cmocka_unit_test(a_value_in_the_middle),
        cmocka_unit_test(an_empty_value_fits),
        cmocka_unit_test(the_query_begins_at_the_first_question_mark),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
