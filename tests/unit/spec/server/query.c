/* Malformed paths and queries, and the rules of modes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "unit/api/request.h"

#define X10 "1234567890"
#define X32 X10 X10 X10 "12"
#define X64 X32 X32

#define AMOUNTS "/v3/global/profit-sharing/transactions/"
#define BILL    "/v3/global/profit-sharing/refunds/bill-download-url?bill_date="
#define BY_ID   "/v3/global/refunds/id/"
#define BY_NO   "/hk/v3/refunds/out-refund-no/"
#define OURS    "sp_mchid=1900000100&sub_mchid=1900000109"

#define LONG_32     "has 33 characters, at most 32 are allowed"
#define EMPTY       "is empty"
#define DIGITS_ONLY "may only have digits"
#define REFUND_ONLY "may only have digits, letters, _, -, |, * and @"
#define NUMBER_ONLY "may only have digits, letters, _ and -"
#define BROKEN      "has a broken percent escape"
#define NOT_UTF8    "is not UTF-8 of characters of one to three bytes"
#define CONTROL     "has a control character"
#define UNDEFINED   "is not a parameter of this API"
#define TWICE       "is given twice"
#define NO_DATE     "is not a date that exists, as YYYY-MM-DD"
#define D           FZ_MERCHANT_DIRECT
#define I           FZ_MERCHANT_INSTITUTION

/* What an institution or a direct merchant sends with GET, and its refusal. */
static const struct {
    enum fz_merchant_kind kind;
    const char *target, *row, *field, *location, *value, *issue;
} refused[] = {
    /* path values */
    {D, AMOUNTS X32 "3/amounts", "PARAM_ERROR", "transaction_id", "url", X32 "3", LONG_32},
    {D, AMOUNTS "/amounts", "PARAM_ERROR", "transaction_id", "url", "", EMPTY},
    {D, AMOUNTS "%/amounts", "PARAM_ERROR", "transaction_id", "url", "%", BROKEN},
    {D, AMOUNTS "%4/amounts", "PARAM_ERROR", "transaction_id", "url", "%4", BROKEN},
    {D, AMOUNTS "4%zz2/amounts", "PARAM_ERROR", "transaction_id", "url", "4%zz2", BROKEN},
    {D, AMOUNTS "%%34/amounts", "PARAM_ERROR", "transaction_id", "url", "%%34", BROKEN},
    {D, AMOUNTS "%00/amounts", "PARAM_ERROR", "transaction_id", "url", "%00", CONTROL},
    {D, AMOUNTS "42%00/amounts", "PARAM_ERROR", "transaction_id", "url", "42%00", CONTROL},
    {D, AMOUNTS "42%1F/amounts", "PARAM_ERROR", "transaction_id", "url", "42\x1f", CONTROL},
    {D, AMOUNTS "%7f/amounts", "PARAM_ERROR", "transaction_id", "url", "\x7f", CONTROL},
    {D, AMOUNTS "%c0%af/amounts", "PARAM_ERROR", "transaction_id", "url", "\xc0\xaf", NOT_UTF8},
    {D, AMOUNTS "%FF/amounts", "PARAM_ERROR", "transaction_id", "url", "\xff", NOT_UTF8},
    {D, AMOUNTS "\xff/amounts", "PARAM_ERROR", "transaction_id", "url", "\xff", NOT_UTF8},
    {D, AMOUNTS "%F0%9F%98%80/amounts", "PARAM_ERROR", "transaction_id", "url", "😀", NOT_UTF8},
    {D, BY_ID X32 "3?mchid=1900000200", "PARAM_ERROR", "id", "url", X32 "3", LONG_32},
    {D, BY_ID "?mchid=1900000200", "PARAM_ERROR", "id", "url", "", EMPTY},
    {D, BY_NO X64 "5?mchid=1900000200", "PARAM_ERROR", "out_refund_no", "url", X64 "5",
     "has 65 characters, at most 64 are allowed"},
    {D, BY_NO "R%2F1?mchid=1900000200", "PARAM_ERROR", "out_refund_no", "url", "R/1", REFUND_ONLY},
    {D, BY_NO "R%201?mchid=1900000200", "PARAM_ERROR", "out_refund_no", "url", "R 1", REFUND_ONLY},
    {D, BY_NO "R+1?mchid=1900000200", "PARAM_ERROR", "out_refund_no", "url", "R+1", REFUND_ONLY},
    {D, BY_NO "%E9%80%80?mchid=1900000200", "PARAM_ERROR", "out_refund_no", "url", "退", REFUND_ONLY},
    {D, "/v3/global/profit-sharing/orders/a%7Cb?transaction_id=4", "PARAM_ERROR", "out_order_no", "url",
     "a|b", NUMBER_ONLY},
    {D, "/v3/global/profit-sharing/orders/D1", "PARAM_ERROR", "transaction_id", "query", "", "is missing: it is required"},
    {D, "/v3/global/profit-sharing/receivers/" X64 "5", "PARAM_ERROR", "account", "url", X64 "5",
     "has 65 characters, at most 64 are allowed"},
    {D, "/v3/global/profit-sharing/receivers/1?type=SOMEBODY", "PARAM_ERROR", "type", "query", "SOMEBODY",
     "is not one of: MERCHANT_ID, PERSONAL_OPENID, PERSONAL_SUB_OPENID"},
    {D, "/v3/global/profit-sharing/receivers/1?sub_appid=wx8", "PARAM_ERROR", "sub_appid", "query", "wx8",
     "is only for Institutional mode"},
    {D, "/hk/v3/transactions/out-trade-no/" X32 "3?mchid=1900000200", "PARAM_ERROR", "out_trade_no", "url",
     X32 "3", LONG_32},
    /* query values */
    {I, AMOUNTS "42/amounts?sub_mchid=", "PARAM_ERROR", "sub_mchid", "query", "", EMPTY},
    {I, AMOUNTS "42/amounts?sub_mchid", "PARAM_ERROR", "sub_mchid", "query", "", EMPTY},
    {I, AMOUNTS "42/amounts?sub_mchid=" X32 "3", "PARAM_ERROR", "sub_mchid", "query", X32 "3", LONG_32},
    {I, AMOUNTS "42/amounts?sub_mchid=19x", "PARAM_ERROR", "sub_mchid", "query", "19x", DIGITS_ONLY},
    {I, AMOUNTS "42/amounts?sub_mchid=19+", "PARAM_ERROR", "sub_mchid", "query", "19 ", DIGITS_ONLY},
    {I, AMOUNTS "42/amounts?sub_mchid=19%2B", "PARAM_ERROR", "sub_mchid", "query", "19+", DIGITS_ONLY},
    {I, AMOUNTS "42/amounts?sub_mchid=19%", "PARAM_ERROR", "sub_mchid", "query", "19%", BROKEN},
    {I, AMOUNTS "42/amounts?sub_mchid=%g0", "PARAM_ERROR", "sub_mchid", "query", "%g0", BROKEN},
    {I, AMOUNTS "42/amounts?sub_mchid=%FF%FE", "PARAM_ERROR", "sub_mchid", "query", "\xff\xfe", NOT_UTF8},
    {I, AMOUNTS "42/amounts?sub_mchid=%0d%0aX:1", "PARAM_ERROR", "sub_mchid", "query", "\r\nX:1",
     DIGITS_ONLY},
    {I, AMOUNTS "42/amounts?sub_mchid=%E2%82%AC", "PARAM_ERROR", "sub_mchid", "query", "€", DIGITS_ONLY},
    {I, AMOUNTS "42/amounts?sub_mchid=1900000109&sub_mchid=1900000109", "PARAM_ERROR", "sub_mchid", "query",
     "1900000109", TWICE},
    {I, AMOUNTS "42/amounts?sub_mchid=1&sub%5Fmchid=2", "PARAM_ERROR", "sub_mchid", "query", "2", TWICE},
    {I, AMOUNTS "42/amounts?sub_mchid=1900000109&sub_mchid", "PARAM_ERROR", "sub_mchid", "query", "", TWICE},
    {I, AMOUNTS "42/amounts", "PARAM_NO_SUB_MCHID", "sub_mchid", "query", "",
     "is missing: it is required in Institutional mode"},
    {I, AMOUNTS "42/amounts?", "PARAM_NO_SUB_MCHID", "sub_mchid", "query", "",
     "is missing: it is required in Institutional mode"},
    {D, "/v3/global/refunds?mchid=1900000200&transaction_id=4&offset=0&count=1%00", "PARAM_ERROR", "count", "query",
     "1%00", "is not an integer"},
    {D, "/v3/global/refunds?mchid=1900000200&transaction_id=4&offset=%000&count=1", "PARAM_ERROR", "offset", "query",
     "%000", "is not an integer"},
    /* undefined parameters, whatever else is missing */
    {I, AMOUNTS "42/amounts?sub_mchidd=1900000109", "PARAM_ERROR", "sub_mchidd", "query", "1900000109", UNDEFINED},
    {I, AMOUNTS "42/amounts?SUB_MCHID=1900000109", "PARAM_ERROR", "SUB_MCHID", "query", "1900000109", UNDEFINED},
    {I, AMOUNTS "42/amounts?sub_mchid=1&x=%zz", "PARAM_ERROR", "x", "query", "%zz", UNDEFINED},
    {I, AMOUNTS "42/amounts?sub_mchid=1&%zz=1", "PARAM_ERROR", "%zz", "query", "1", UNDEFINED},
    {I, AMOUNTS "42/amounts?sub_mchid=1&=2", "PARAM_ERROR", "", "query", "2", UNDEFINED},
    {I, AMOUNTS "42/amounts?sub_mchid=1&%00=1", "PARAM_ERROR", "%00", "query", "1", UNDEFINED},
    {I, AMOUNTS "42/amounts?sub_mchid=1&sub_mchid%00=1", "PARAM_ERROR", "sub_mchid%00", "query", "1", UNDEFINED},
    {I, AMOUNTS "42/amounts?sub_mchid=1&%E9%80%80=%E9", "PARAM_ERROR", "退", "query", "\xe9", UNDEFINED},
    {I, AMOUNTS "42/amounts?sub_mchid=1&a+b%2Bc=d+e", "PARAM_ERROR", "a b+c", "query", "d e", UNDEFINED},
    {I, AMOUNTS "42/amounts?sub_mchid=1&nonsense", "PARAM_ERROR", "nonsense", "query", "", UNDEFINED},
    {D, BY_NO "R1?mchid=1900000200&out_refund_no=R1", "PARAM_ERROR", "out_refund_no", "query", "R1", UNDEFINED},
    {D, "/hk/v3/transactions/out-trade-no/N?mchid=1900000200&sub_mch_id=1", "PARAM_ERROR", "sub_mch_id", "query", "1",
     UNDEFINED},
    {D, "/v3/global/profit-sharing/refunds/refundable-balance?mchid=1900000200", "PARAM_ERROR", "mchid", "query",
     "1900000200", UNDEFINED},
    {D, "/v3/billdownload/file?token=1&tartype=gzip", "PARAM_ERROR", "tartype", "query", "gzip", UNDEFINED},
    {D, "/v3/certificates?algorithm_type=SM2", "PARAM_ERROR", "algorithm_type", "query", "SM2", "is not one of: RSA"},
    {D, "/v3/certificates?algorithm_type=RSA&algorithm_type=RSA", "PARAM_ERROR", "algorithm_type", "query", "RSA",
     TWICE},
    {D, "/v3/billdownload/file", "PARAM_ERROR", "token", "query", "", "is missing: it is required"},
    {D, "/v3/bill/downloadurl?token=", "PARAM_ERROR", "token", "query", "", EMPTY},
    /* dates */
    {D, "/v3/global/profit-sharing/refunds/bill-download-url", "PARAM_ERROR", "bill_date", "query", "",
     "is missing: it is required"},
    {D, BILL, "PARAM_ERROR", "bill_date", "query", "", NO_DATE},
    {D, BILL "2026-1-05", "PARAM_ERROR", "bill_date", "query", "2026-1-05",
     NO_DATE},
    {D, BILL "20260105", "PARAM_ERROR", "bill_date", "query", "20260105",
     NO_DATE},
    {D, BILL "2026-01-05T", "PARAM_ERROR", "bill_date", "query", "2026-01-05T",
     NO_DATE},
    {D, BILL "2026-02-30", "PARAM_ERROR", "bill_date", "query", "2026-02-30", NO_DATE},
    {D, BILL "2026-13-01", "PARAM_ERROR", "bill_date", "query", "2026-13-01", NO_DATE},
    {D, BILL "2025-02-29", "PARAM_ERROR", "bill_date", "query", "2025-02-29", NO_DATE},
    {D, BILL "2026/01/05", "PARAM_ERROR", "bill_date", "query", "2026/01/05", NO_DATE},
    {D, BILL "yesterday!", "PARAM_ERROR", "bill_date", "query", "yesterday!", NO_DATE},
    {D, BILL "-026-01-05", "PARAM_ERROR", "bill_date", "query", "-026-01-05", NO_DATE},
    {I, "/v3/global/profit-sharing/bill-download-url?bill_date=2026-01-04", "PARAM_NO_SUB_MCHID", "sub_mchid",
     "query", "", "is missing: it is required in Institutional mode"},
    /* mchid, or sp_mchid with sub_mchid */
    {D, BY_ID "5", "PARAM_ERROR", "mchid", "query", "", "is missing: it is required in Common mode"},
    {I, BY_ID "5", "PARAM_ERROR", "sp_mchid", "query", "", "is missing: it is required in Institutional mode"},
    {I, BY_ID "5?sp_mchid=1900000100", "PARAM_NO_SUB_MCHID", "sub_mchid", "query", "",
     "is missing: it is required in Institutional mode"},
    {I, BY_ID "5?sub_mchid=1900000109", "PARAM_ERROR", "sp_mchid", "query", "",
     "is missing: it is required in Institutional mode"},
    {D, BY_ID "5?sp_mchid=1900000100", "PARAM_NO_SUB_MCHID", "sub_mchid", "query", "",
     "is missing: it is required in Institutional mode"},
    {D, BY_ID "5?sub_mchid=1900000109", "PARAM_ERROR", "sp_mchid", "query", "",
     "is missing: it is required in Institutional mode"},
    {I, BY_ID "5?mchid=1900000100&" OURS, "PARAM_ERROR", "mchid", "query", "1900000100",
     "is only for Common mode"},
    {D, BY_ID "5?mchid=1900000200&sp_mchid=1900000200", "PARAM_ERROR", "mchid", "query", "1900000200",
     "is only for Common mode"},
    {D, BY_ID "5?mchid=1900000200&sub_mchid=1900000109", "PARAM_ERROR", "mchid", "query", "1900000200",
     "is only for Common mode"},
    {I, BY_ID "5?mchid=1900000100", "PARAM_NO_SUB_MCHID", "sub_mchid", "query", "",
     "is missing: it is required of an institution, with sp_mchid"},
    {I, BY_ID "5?sp_mchid=&sub_mchid=1", "PARAM_ERROR", "sp_mchid", "query", "", EMPTY},
    {D, BY_ID "5?mchid=", "PARAM_ERROR", "mchid", "query", "", EMPTY},
    {D, BY_ID "5?mchid=" X32 "3", "PARAM_ERROR", "mchid", "query", X32 "3", LONG_32},
    {D, BY_ID "5?mchid=1900000200&mchid=1900000201", "PARAM_ERROR", "mchid", "query", "1900000201", TWICE},
};

static void each_target_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct reading reading;
        enum fz_result result = reading_begin(&reading, refused[i].kind, "GET", refused[i].target, NULL, 0);
        if (result != FZ_REFUSED)
            print_error("%s\n", refused[i].target);
        assert_int_equal(result, FZ_REFUSED);
        assert_string_equal(fz_row_text(reading.error.row)->name, refused[i].row);
        assert_string_equal(reading.error.location, refused[i].location);
        assert_string_equal(reading.error.field, refused[i].field);
        assert_string_equal(reading.error.value, refused[i].value);
        assert_string_equal(reading.error.issue, refused[i].issue);
        reading_end(&reading);
    }
}

/* The member of the call's first row, a string. */
static const char *first_text(const struct reading *reading)
{
    return *(const char *const *)fz_slot(reading->route.spec->request, reading->params);
}

/* transaction_id is the first of its struct. */
static void path_values_are_decoded_once(void **state)
{
    (void)state;
    static const char *const cases[][2] = {{"4208450740201411110007820472", "4208450740201411110007820472"},
                                           {"%34%32%30%38", "4208"},
                                           {"%2534", "%34"},
                                           {"42%2F08", "42/08"},
                                           {"a+b", "a+b"},
                                           {"a%20b", "a b"},
                                           {"%e9%80%80", "退"},
                                           {X10 X10 X10 "1%32", X32}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char target[256] = AMOUNTS;
        strcat(target, cases[i][0]);
        strcat(target, "/amounts");
        struct reading reading;
        assert_int_equal(reading_begin(&reading, D, "GET", target, NULL, 0), FZ_OK);
        assert_string_equal(first_text(&reading), cases[i][1]);
        reading_end(&reading);
    }
}

static void targets_that_are_good(void **state)
{
    (void)state;
    static const struct {
        enum fz_merchant_kind kind;
        const char *target;
    } good[] = {
        {I, AMOUNTS "42/amounts?sub_mchid=1900000109"},
        {I, AMOUNTS "42/amounts?&&sub_mchid=1900000109&"},
        {I, AMOUNTS "42/amounts?sub%5fmchid=%31900000109"},
        {I, AMOUNTS "42/amounts?sub_mchid=" X32},
        {D, AMOUNTS "42/amounts"},
        {D, AMOUNTS "42/amounts?sub_mchid=1900000109"}, /* a question of relation, not of grammar */
        {D, "/v3/global/profit-sharing/refunds/refundable-balance"},
        {I, "/v3/global/profit-sharing/refunds/refundable-balance"},
        {I, "/v3/global/profit-sharing/refunds/refundable-balance?sub_mchid=1"},
        {D, BY_NO "a%7Cb%2Ac%40d_e-F?mchid=1900000200"},
        {D, BY_NO "a|b*c@d?mchid=1900000200"},
        {D, BY_NO X64 "?mchid=1900000200"},
        {I, BY_ID "5?" OURS},
        {D, BY_ID "5?" OURS}, /* who is meant is found in the book */
        {D, BY_ID "5?mchid=1900000999"},
        {I, BY_ID "5?mchid=1900000999"},
        {D, BILL "2026-01-05"},
        {D, BILL "2024-02-29"},
        {I, BILL "2026-01-04"}, /* all its sub-merchants */
        {I, "/v3/global/profit-sharing/bill-download-url?sub_mchid=1&bill_date=2026-01-04"},
        {D, "/v3/global/profit-sharing/receivers/86693852"},
        {I, "/v3/global/profit-sharing/receivers/o-X_1?type=PERSONAL_SUB_OPENID&sub_appid=wx8&sub_mchid=1"},
        {D, "/v3/certificates?algorithm_type=RSA"},
        {D, "/v3/certificates?"},
        {I, "/v3/global/profit-sharing/receivers/86693852?sub_mchid=1&transaction_id=42"},
        {D, "/v3/billdownload/file?token=" X64},
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct reading reading;
        enum fz_result result = reading_begin(&reading, good[i].kind, "GET", good[i].target, NULL, 0);
        if (result != FZ_OK)
            print_error("%s: %s %s\n", good[i].target, reading.error.field, reading.error.issue);
        assert_int_equal(result, FZ_OK);
        reading_end(&reading);
    }
}

/* An integer is all of its text: what comes after a NUL counts, in path and query. */
static void a_nul_in_an_integer(void **state)
{
    (void)state;
    static const struct fz_member rows[] = {
        {.name = "number", .place = FZ_IN_PATH, .kind = FZ_INTEGER, .required = FZ_BOTH, .min = 1, .max = 99},
        {.name = "count", .place = FZ_IN_QUERY, .kind = FZ_INTEGER, .required = FZ_BOTH, .min = 1, .max = 99, .offset = 8},
        {0}};
    static const struct fz_spec spec = {.name = "e", .method = "GET", .request = rows, .request_size = 16};
    static const struct {
        const char *number, *query, *field, *location, *value; /* field NULL: good */
    } cases[] = {{"1", "count=2", NULL, NULL, NULL},          {"%31", "count=%32", NULL, NULL, NULL},
                 {"1%00", "count=2", "number", "url", "1%00"}, {"%001", "count=2", "number", "url", "%001"},
                 {"1", "count=2%00", "count", "query", "2%00"}, {"1", "count=2%00x", "count", "query", "2%00x"},
                 {"1", "count=%00", "count", "query", "%00"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fz_arena arena = {.max = 1 << 16};
        struct fz_error error = {0};
        struct fz_call call = {.caller = READING_DIRECT, .kind = D, .arena = &arena, .error = &error};
        struct fz_route route = {.spec = &spec,
                                 .query = cases[i].query,
                                 .value_count = 1,
                                 .values = {{"number", cases[i].number, strlen(cases[i].number)}}};
        void *params = NULL;
        bool good = cases[i].field == NULL;
        assert_int_equal(fz_parameters_read(&route, &call, NULL, 0, &params), good ? FZ_OK : FZ_REFUSED);
        if (good) {
            assert_int_equal(((const int64_t *)params)[0], 1);
            assert_int_equal(((const int64_t *)params)[1], 2);
        } else {
            assert_string_equal(error.field, cases[i].field);
            assert_string_equal(error.location, cases[i].location);
            assert_string_equal(error.value, cases[i].value);
            assert_string_equal(error.issue, "is not an integer");
        }
        fz_arena_done(&arena);
    }
}

/* Of every endpoint: a name that no row has, and the names that its row has elsewhere than in the query. */
static void no_endpoint_takes_what_its_row_has_not(void **state)
{
    (void)state;
    size_t count, refusals = 0;
    const struct fz_spec *const *specs = fz_specs(&count);
    for (size_t i = 0; i < count; i++) {
        static const struct fz_member nowhere = {.name = "nonsense", .place = FZ_IN_BODY};
        for (const struct fz_member *p = &nowhere; p->name != NULL; p = p == &nowhere ? specs[i]->request : p + 1) {
            if (p->place == FZ_IN_QUERY)
                continue;
            char query[100];
            snprintf(query, sizeof query, "%s=1", p->name);
            struct fz_arena arena = {.max = 1 << 16};
            struct fz_error error = {0};
            struct fz_received received = {.has_meta = true, .has_file = true};
            struct fz_call call = {.caller = READING_DIRECT, .kind = D, .arena = &arena, .error = &error, .received = &received};
            struct fz_route route = {.spec = specs[i], .query = query};
            void *params;
            assert_int_equal(fz_parameters_read(&route, &call, "{}", 2, &params), FZ_REFUSED);
            assert_int_equal(error.row, FZ_PARAM_ERROR);
            assert_string_equal(error.field, p->name);
            assert_string_equal(error.location, "query");
            assert_string_equal(error.issue, UNDEFINED);
            fz_arena_done(&arena);
            refusals++;
        }
    }
    assert_true(refusals > 3 * count);
}

static void a_body_with_get_is_not_looked_at(void **state)
{
    (void)state;
    struct reading reading;
    assert_int_equal(reading_begin(&reading, D, "GET", "/v3/certificates", "{", 1), FZ_OK);
    reading_end(&reading);
}

/* The modes of a body: the same rules, and appids that belong to one mode. */
static void modes_of_a_body(void **state)
{
    (void)state;
#define REST                                                                                                 \
    "\"out_trade_no\":\"T00001\",\"out_refund_no\":\"R1\",\"amount\":{\"refund\":1,\"total\":1,"             \
    "\"currency\":\"CNY\"}}"
    static const struct {
        enum fz_merchant_kind kind;
        const char *body, *row, *field, *issue; /* row NULL: good */
    } cases[] = {
        {D, "{\"mchid\":\"1900000200\",\"appid\":\"wx8\"," REST, NULL, NULL, NULL},
        {I, "{\"sp_mchid\":\"1900000100\",\"sub_mchid\":\"1\",\"sp_appid\":\"wx8\"," REST, NULL, NULL, NULL},
        {I,
         "{\"sp_mchid\":\"1900000100\",\"sub_mchid\":\"1\",\"sp_appid\":\"wx8\",\"sub_appid\":\"wx9\"," REST,
         NULL, NULL, NULL},
        {I, "{\"sp_mchid\":\"1900000100\",\"sub_mchid\":\"1\"," REST, "PARAM_ERROR", "/sp_appid",
         "is missing: it is required in Institutional mode"},
        {I, "{\"sp_mchid\":\"1900000100\",\"sub_mchid\":\"1\",\"appid\":\"wx8\",\"sp_appid\":\"wx8\"," REST,
         "PARAM_ERROR", "/appid", "is only for Common mode"},
        {I, "{\"sp_mchid\":\"1900000100\",\"sp_appid\":\"wx8\"," REST, "PARAM_NO_SUB_MCHID", "/sub_mchid",
         "is missing: it is required in Institutional mode"},
        {I, "{\"sub_mchid\":\"1\",\"sp_appid\":\"wx8\"," REST, "PARAM_ERROR", "/sp_mchid",
         "is missing: it is required in Institutional mode"},
        {I, "{" REST, "PARAM_ERROR", "/sp_mchid", "is missing: it is required in Institutional mode"},
        {I, "{\"mchid\":\"1900000100\",\"appid\":\"wx8\"," REST, "PARAM_NO_SUB_MCHID", "/sub_mchid",
         "is missing: it is required of an institution, with sp_mchid"},
        {I,
         "{\"mchid\":\"1900000100\",\"sp_mchid\":\"1900000100\",\"sub_mchid\":\"1\",\"sp_appid\":"
         "\"wx8\"," REST,
         "PARAM_ERROR", "/mchid", "is only for Common mode"},
        {D, "{" REST, "PARAM_ERROR", "/mchid", "is missing: it is required in Common mode"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct reading reading;
        enum fz_result result = reading_begin(&reading, cases[i].kind, "POST", "/hk/v3/refunds",
                                              cases[i].body, strlen(cases[i].body));
        assert_int_equal(result, cases[i].row == NULL ? FZ_OK : FZ_REFUSED);
        if (cases[i].row != NULL) {
            assert_string_equal(fz_row_text(reading.error.row)->name, cases[i].row);
            assert_string_equal(reading.error.location, "body");
            assert_string_equal(reading.error.field, cases[i].field);
            assert_string_equal(reading.error.issue, cases[i].issue);
        }
        reading_end(&reading);
    }
}

/* An arena that has no room is a failure of the machine, not of the request. */
static void a_full_arena(void **state)
{
    (void)state;
    size_t failed = 0;
    for (size_t max = 0; max < 200; max++) {
        struct fz_route route;
        struct fz_error error = {0};
        struct fz_arena arena = {.max = max};
        assert_int_equal(fz_route_find("GET", BY_ID "5?" OURS, &route, &error), FZ_OK);
        struct fz_call call = {.caller = READING_INSTITUTION, .kind = I, .arena = &arena, .error = &error};
        void *params = NULL;
        enum fz_result result = fz_parameters_read(&route, &call, NULL, 0, &params);
        assert_true(result == FZ_OK || result == FZ_FAILED);
        assert_int_equal(params != NULL, result == FZ_OK);
        failed += result == FZ_FAILED;
        fz_arena_done(&arena);
    }
    assert_true(failed > 0 && failed < 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_target_is_refused), cmocka_unit_test(path_values_are_decoded_once),
        cmocka_unit_test(targets_that_are_good),  cmocka_unit_test(no_endpoint_takes_what_its_row_has_not),
        cmocka_unit_test(a_nul_in_an_integer), cmocka_unit_test(a_body_with_get_is_not_looked_at),
        cmocka_unit_test(modes_of_a_body),        cmocka_unit_test(a_full_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
