/* Malformed bodies: each is refused with PARAM_ERROR, its place, what was sent and why. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "unit/api/request.h"

#define REFUND                                                                                               \
    "/v3/global/refunds",                                                                                    \
        "{\"mchid\":\"1900000200\",\"appid\":\"wx8888888888888888\",\"transaction_id\":"                     \
        "\"4200000000002104083200000488\","                                                                  \
        "\"out_refund_no\":\"R1\",\"amount\":{\"refund\":100,\"total\":1000,\"currency\":\"CNY\",\"from\":[" \
        "{\"fund_source\":\"ORDER_REFUNDABLE_BALANCE\",\"amount\":60},"                                      \
        "{\"fund_source\":\"FUNDS_REFUNDABLE_BALANCE\",\"amount\":40}]}}"
#define MARK                                                                                                 \
    "/v3/global/profit-sharing/transactions/mark", "{\"out_trade_no\":\"T00001\",\"currency\":\"CNY\"}"
#define ORDERS                                                                                               \
    "/v3/global/profit-sharing/orders",                                                                      \
        "{\"transaction_id\":\"4200\",\"out_order_no\":\"D1\",\"unfreeze_unsplit\":false,\"receivers\":[{"   \
        "\"currency\":\"CNY\",\"type\":"                                                                     \
        "\"MERCHANT_ID\",\"account\":\"86693852\",\"amount\":888,\"description\":\"share\"}]}"
#define UNFREEZE                                                                                             \
    "/v3/global/profit-sharing/orders/unfreeze",                                                             \
        "{\"transaction_id\":\"4200\",\"out_order_no\":\"U1\",\"description\":\"the rest\"}"
#define RECEIVER                                                                                             \
    "/v3/global/profit-sharing/receivers",                                                                   \
        "{\"type\":\"MERCHANT_ID\",\"account\":\"86693852\",\"relation_type\":\"SUPPLIER\"}"
#define NATIVE                                                                                               \
    "/v3/global/transactions/native",                                                                        \
        "{\"mchid\":\"1900000200\",\"appid\":\"wx8888888888888888\",\"description\":\"tea\",\"notify_url\":" \
        "\"https://shop.example/n\","                                                                        \
        "\"out_trade_no\":\"T00001\",\"trade_type\":\"NATIVE\",\"merchant_category_code\":\"5812\","         \
        "\"amount\":{\"total\":1000},"                                                                       \
        "\"scene_info\":{\"store_info\":{\"name\":\"n\",\"address\":\"a\"}},"                                \
        "\"detail\":{\"goods_detail\":[{\"goods_id\":\"1\",\"quantity\":1,\"price\":5}]}}"

#define X10 "1234567890"
#define X32 X10 X10 X10 "12"
#define X64 X32 X32

#define MISSING      "is missing: it is required"
#define NOT_STRING   "is not a string"
#define NOT_INTEGER  "is not an integer"
#define NOT_BOOLEAN  "is not a boolean"
#define NOT_OBJECT   "is not an object"
#define NOT_ARRAY    "is not an array"
#define EMPTY        "is empty"
#define UNKNOWN      "is not a parameter of this API"
#define CONTROL      "has a control character"
#define NOT_UTF8     "is not UTF-8 of characters of one to three bytes"
#define NUMBER_ONLY  "may only have digits, letters, _ and -"
#define REFUND_ONLY  "may only have digits, letters, _, -, |, * and @"
#define DIGITS_ONLY  "may only have digits"
#define BELOW_1      "is below 1"
#define ABOVE_MAX    "is above 100000000000"
#define SOURCES      "is not one of: ORDER_REFUNDABLE_BALANCE, FUNDS_REFUNDABLE_BALANCE"
#define FUND_SOURCES "is not one of: REFUND_SOURCE_UNSETTLED_FUNDS, REFUND_SOURCE_RECHARGE_FUNDS"
#define TYPES        "is not one of: MERCHANT_ID, PERSONAL_OPENID, PERSONAL_SUB_OPENID"
#define RELATIONS                                                                                            \
    "is not one of: SUPPLIER, DISTRIBUTOR, TAX_SERVICE_PROVIDER, IT_SERVICE_PROVIDER, SERVICE_PROVIDER, "    \
    "CUSTOM"
#define NO_URL       "is not an http or https URL with a host"
#define NO_PLAIN_URL "may have no query, no fragment and ASCII alone"
#define NO_TIME      "is not a time as RFC 3339 has it: YYYY-MM-DDTHH:MM:SS+08:00"
#define NONE         NULL

/* A good body with one member changed: `at` is its JSON Pointer, `json` its new text (NONE: it is taken out).
 */
struct changed {
    const char *target, *body, *at, *json;
    const char *value, *issue; /* of the refusal, whose field is `at` */
};

static const struct changed changes[] = {
    /* numbers of merchants and orders */
    {REFUND, "/mchid", "5", "5", NOT_STRING},
    {REFUND, "/mchid", "null", "null", NOT_STRING},
    {REFUND, "/mchid", "\"\"", "", EMPTY},
    {REFUND, "/mchid", "\"19000a0200\"", "19000a0200", DIGITS_ONLY},
    {REFUND, "/mchid", "\"1900000200 \"", "1900000200 ", DIGITS_ONLY},
    {REFUND, "/mchid", "\"" X32 "3\"", X32 "3", "has 33 characters, at most 32 are allowed"},
    {REFUND, "/appid", NONE, "", "is missing: it is required in Common mode"},
    {REFUND, "/appid", "\"wx 8\"", "wx 8", NUMBER_ONLY},
    {REFUND, "/appid", "\"" X32 "3\"", X32 "3", "has 33 characters, at most 32 are allowed"},
    {REFUND, "/sp_appid", "\"wx8\"", "wx8", "is only for Institutional mode"},
    {REFUND, "/sub_appid", "\"wx8\"", "wx8", "is only for Institutional mode"},
    {REFUND, "/transaction_id", "42", "42", NOT_STRING},
    {REFUND, "/transaction_id", "\"\"", "", EMPTY},
    {REFUND, "/transaction_id", "\"" X32 "3\"", X32 "3", "has 33 characters, at most 32 are allowed"},
    {REFUND, "/transaction_id", NONE, "", "is missing: it is required, or out_trade_no is"},
    {REFUND, "/out_trade_no", "\"T" X32 "\"", "T" X32, "has 33 characters, at most 32 are allowed"},
    {REFUND, "/out_trade_no", "\"T/1\"", "T/1", REFUND_ONLY},
    {REFUND, "/out_refund_no", NONE, "", MISSING},
    {REFUND, "/out_refund_no", "\"\"", "", EMPTY},
    {REFUND, "/out_refund_no", "\"" X64 "5\"", X64 "5", "has 65 characters, at most 64 are allowed"},
    {REFUND, "/out_refund_no", "\"R 1\"", "R 1", REFUND_ONLY},
    {REFUND, "/out_refund_no", "\"R.1\"", "R.1", REFUND_ONLY},
    {REFUND, "/out_refund_no", "\"R+1\"", "R+1", REFUND_ONLY},
    {REFUND, "/out_refund_no", "\"R\\n1\"", "R\n1", REFUND_ONLY},
    {REFUND, "/out_refund_no", "\"退款\"", "退款", REFUND_ONLY},
    {REFUND, "/out_refund_no", "\"R\\u0001\"", "R\x01", CONTROL},
    {REFUND, "/out_refund_no", "\"R\\u0000X\"", "\"R\\u0000X\"", CONTROL},
    {REFUND, "/out_refund_no", "\"R\\ud83d\\ude00\"", "R😀", NOT_UTF8},
    {REFUND, "/out_refund_no", "true", "true", NOT_STRING},
    {REFUND, "/out_refund_no", "[\"R1\"]", "[\"R1\"]", NOT_STRING},
    {REFUND, "/out_refund_no", "{\"a\": 1}", "{\"a\":1}", NOT_STRING},
    /* texts and words */
    {REFUND, "/reason", "\"\"", "", EMPTY},
    {REFUND, "/reason", "\"" X64 X10 "1234567\"", X64 X10 "1234567",
     "has 81 characters, at most 80 are allowed"},
    {REFUND, "/reason", "\"\\ud83d\\ude00\"", "😀", NOT_UTF8},
    {REFUND, "/reason", "\"a\\u007f\"", "a\x7f", CONTROL},
    {REFUND, "/reason", "\"a\\u0085\"", "a\xC2\x85", CONTROL},
    {REFUND, "/reason", "\"a\\u001b[0m\"", "a\x1b[0m", CONTROL},
    {REFUND, "/reason", "1.5", "1.5", NOT_STRING},
    {REFUND, "/source", "\"REFUND_SOURCE_ELSEWHERE\"", "REFUND_SOURCE_ELSEWHERE", FUND_SOURCES},
    {REFUND, "/source", "\"\"", "", EMPTY},
    {REFUND, "/source", "\"REFUND_SOURCE_UNSETTLED_FUNDS_X\"", "REFUND_SOURCE_UNSETTLED_FUNDS_X",
     "has 31 characters, at most 30 are allowed"},
    {REFUND, "/source", "null", "null", NOT_STRING},
    {REFUND, "/notify_url", "\"\"", "", EMPTY},
    {REFUND, "/notify_url", "\"ftp://shop.example/\"", "ftp://shop.example/", NO_URL},
    {REFUND, "/notify_url", "\"shop.example\"", "shop.example", NO_URL},
    {REFUND, "/notify_url", "\"https:///n\"", "https:///n", NO_URL},
    {REFUND, "/notify_url", "\"https://?a\"", "https://?a", NO_URL},
    {REFUND, "/notify_url", "\"https://shop.example/n?a=1\"", "https://shop.example/n?a=1", NO_PLAIN_URL},
    {REFUND, "/notify_url", "\"https://shop.example/n#a\"", "https://shop.example/n#a", NO_PLAIN_URL},
    {REFUND, "/notify_url", "\"https://shop.example/a b\"", "https://shop.example/a b", NO_PLAIN_URL},
    {REFUND, "/notify_url", "\"https://shop.example/退\"", "https://shop.example/退", NO_PLAIN_URL},
    {REFUND, "/nonsense", "1", "1", UNKNOWN},
    {REFUND, "/refund_id", "\"503\"", "503", UNKNOWN},
    {REFUND, "/", "{}", "{}", UNKNOWN},
    {REFUND, "/OUT_REFUND_NO", "\"R1\"", "R1", UNKNOWN},
    /* amounts */
    {REFUND, "/amount", NONE, "", MISSING},
    {REFUND, "/amount", "5", "5", NOT_OBJECT},
    {REFUND, "/amount", "[]", "[]", NOT_OBJECT},
    {REFUND, "/amount", "null", "null", NOT_OBJECT},
    {REFUND, "/amount/refund", NONE, "", MISSING},
    {REFUND, "/amount/refund", "0", "0", BELOW_1},
    {REFUND, "/amount/refund", "-1", "-1", BELOW_1},
    {REFUND, "/amount/refund", "-9223372036854775808", "-9223372036854775808", BELOW_1},
    {REFUND, "/amount/refund", "100000000001", "100000000001", ABOVE_MAX},
    {REFUND, "/amount/refund", "9223372036854775807", "9223372036854775807", ABOVE_MAX},
    {REFUND, "/amount/refund", "\"100\"", "100", NOT_INTEGER},
    {REFUND, "/amount/refund", "100.0", "100.0", NOT_INTEGER},
    {REFUND, "/amount/refund", "1.5", "1.5", NOT_INTEGER},
    {REFUND, "/amount/refund", "true", "true", NOT_INTEGER},
    {REFUND, "/amount/refund", "null", "null", NOT_INTEGER},
    {REFUND, "/amount/refund", "[100]", "[100]", NOT_INTEGER},
    {REFUND, "/amount/total", NONE, "", MISSING},
    {REFUND, "/amount/total", "0", "0", BELOW_1},
    {REFUND, "/amount/total", "\"1000\"", "1000", NOT_INTEGER},
    {REFUND, "/amount/currency", NONE, "", MISSING},
    {REFUND, "/amount/currency", "156", "156", NOT_STRING},
    {REFUND, "/amount/currency", "\"\"", "", EMPTY},
    {REFUND, "/amount/currency", "\"12345678901234567\"", "12345678901234567",
     "has 17 characters, at most 16 are allowed"},
    {REFUND, "/amount/nonsense", "1", "1", UNKNOWN},
    /* amount.from */
    {REFUND, "/amount/from", "{}", "{}", NOT_ARRAY},
    {REFUND, "/amount/from", "null", "null", NOT_ARRAY},
    {REFUND, "/amount/from", "[]", "[]", "has 0 items, at least 1 needed"},
    {REFUND, "/amount/from", "[1,2,3]", "[1,2,3]", "has 3 items, at most 2 are allowed"},
    {REFUND, "/amount/from/0", "5", "5", NOT_OBJECT},
    {REFUND, "/amount/from/1", "null", "null", NOT_OBJECT},
    {REFUND, "/amount/from/0/amount", NONE, "", MISSING},
    {REFUND, "/amount/from/1/amount", "0", "0", BELOW_1},
    {REFUND, "/amount/from/1/amount", "-40", "-40", BELOW_1},
    {REFUND, "/amount/from/1/amount", "\"40\"", "40", NOT_INTEGER},
    {REFUND, "/amount/from/1/fund_source", NONE, "", MISSING},
    {REFUND, "/amount/from/1/fund_source", "\"SOMEWHERE\"", "SOMEWHERE", SOURCES},
    {REFUND, "/amount/from/1/fund_source", "7", "7", NOT_STRING},
    {REFUND, "/amount/from/1/fund_source", "\"ORDER_REFUNDABLE_BALANCE\"", "ORDER_REFUNDABLE_BALANCE",
     "is the same source again"},
    {REFUND, "/amount/from/1/nonsense", "[]", "[]", UNKNOWN},
    /* mark: out_trade_no has at least 6 characters */
    {MARK, "/out_trade_no", NONE, "", MISSING},
    {MARK, "/out_trade_no", "\"T0001\"", "T0001", "has too few characters: 5, at least 6 are needed"},
    {MARK, "/out_trade_no", "\"T\"", "T", "has too few characters: 1, at least 6 are needed"},
    {MARK, "/out_trade_no", "\"" X32 "3\"", X32 "3", "has 33 characters, at most 32 are allowed"},
    {MARK, "/out_trade_no", "123456", "123456", NOT_STRING},
    {MARK, "/currency", NONE, "", MISSING},
    {MARK, "/currency", "\"\"", "", EMPTY},
    {MARK, "/currency", "\"CNYCNYCNYCN\"", "CNYCNYCNYCN", "has 11 characters, at most 10 are allowed"},
    {MARK, "/mchid", "\"1900000200\"", "1900000200", UNKNOWN},
    {MARK, "/a~1b~0c", "1", "1", UNKNOWN},
    /* distribution */
    {ORDERS, "/transaction_id", NONE, "", MISSING},
    {ORDERS, "/out_order_no", NONE, "", MISSING},
    {ORDERS, "/out_order_no", "\"D|1\"", "D|1", NUMBER_ONLY},
    {ORDERS, "/out_order_no", "\"D:1\"", "D:1", NUMBER_ONLY},
    {ORDERS, "/out_order_no", "\"D@1\"", "D@1", NUMBER_ONLY},
    {ORDERS, "/out_order_no", "\"分账\"", "分账", NUMBER_ONLY},
    {ORDERS, "/out_order_no", "\"" X64 "5\"", X64 "5", "has 65 characters, at most 64 are allowed"},
    {ORDERS, "/sub_appid", "\"wx8\"", "wx8", "is only for Institutional mode"},
    {ORDERS, "/unfreeze_unsplit", NONE, "", MISSING},
    {ORDERS, "/unfreeze_unsplit", "0", "0", NOT_BOOLEAN},
    {ORDERS, "/unfreeze_unsplit", "\"false\"", "false", NOT_BOOLEAN},
    {ORDERS, "/unfreeze_unsplit", "null", "null", NOT_BOOLEAN},
    {ORDERS, "/receivers", NONE, "", "is missing: it is required unless unfreeze_unsplit is true"},
    {ORDERS, "/receivers", "[]", "", "is missing: it is required unless unfreeze_unsplit is true"},
    {ORDERS, "/receivers", "{}", "{}", NOT_ARRAY},
    {ORDERS, "/receivers/0", "\"86693852\"", "86693852", NOT_OBJECT},
    {ORDERS, "/receivers/0", "[]", "[]", NOT_OBJECT},
    {ORDERS, "/receivers/0/currency", "\"USD\"", "USD", "is not one of: CNY"},
    {ORDERS, "/receivers/0/currency", "\"cny\"", "cny", "is not one of: CNY"},
    {ORDERS, "/receivers/0/currency", "\"CNYX\"", "CNYX", "has 4 characters instead of 3"},
    {ORDERS, "/receivers/0/currency", NONE, "", MISSING},
    {ORDERS, "/receivers/0/type", "\"SOMEBODY\"", "SOMEBODY", TYPES},
    {ORDERS, "/receivers/0/type", NONE, "", MISSING},
    {ORDERS, "/receivers/0/account", "\"\"", "", EMPTY},
    {ORDERS, "/receivers/0/account", "\"" X64 "5\"", X64 "5", "has 65 characters, at most 64 are allowed"},
    {ORDERS, "/receivers/0/account", "\"账\"", "账", NUMBER_ONLY},
    {ORDERS, "/receivers/0/amount", "0", "0", BELOW_1},
    {ORDERS, "/receivers/0/amount", "1.5", "1.5", NOT_INTEGER},
    {ORDERS, "/receivers/0/amount", NONE, "", MISSING},
    {ORDERS, "/receivers/0/description", "\"\"", "", EMPTY},
    {ORDERS, "/receivers/0/description", "\"" X64 X10 "1234567\"", X64 X10 "1234567",
     "has 81 characters, at most 80 are allowed"},
    {ORDERS, "/receivers/0/description", NONE, "", MISSING},
    {ORDERS, "/receivers/0/authorized", "\"yes\"", "yes", NOT_BOOLEAN},
    {ORDERS, "/receivers/0/name", "\"\"", "", EMPTY},
    {ORDERS, "/receivers/0/name", "5", "5", NOT_STRING},
    {ORDERS, "/receivers/0/relation_type", "\"SUPPLIER\"", "SUPPLIER", UNKNOWN},
    /* unfreeze */
    {UNFREEZE, "/transaction_id", NONE, "", MISSING},
    {UNFREEZE, "/out_order_no", "\"a*b\"", "a*b", NUMBER_ONLY},
    {UNFREEZE, "/description", NONE, "", MISSING},
    {UNFREEZE, "/description", "\"\\u0002\"", "\x02", CONTROL},
    {UNFREEZE, "/receivers", "[]", "[]", UNKNOWN},
    /* receivers */
    {RECEIVER, "/type", NONE, "", MISSING},
    {RECEIVER, "/type", "\"merchant_id\"", "merchant_id", TYPES},
    {RECEIVER, "/account", NONE, "", MISSING},
    {RECEIVER, "/account", "5", "5", NOT_STRING},
    {RECEIVER, "/relation_type", NONE, "", MISSING},
    {RECEIVER, "/relation_type", "\"FRIEND\"", "FRIEND", RELATIONS},
    {RECEIVER, "/custom_relation", "\"12345678901\"", "12345678901",
     "has 11 characters, at most 10 are allowed"},
    {RECEIVER, "/expected_ratio", "0", "0", BELOW_1},
    {RECEIVER, "/expected_ratio", "10001", "10001", "is above 10000"},
    {RECEIVER, "/expected_ratio", "\"20%\"", "20%", NOT_INTEGER},
    {RECEIVER, "/application_file_id", "\"a/b\"", "a/b", NUMBER_ONLY},
    {RECEIVER, "/authorized", "1", "1", NOT_BOOLEAN},
    /* native orders */
    {NATIVE, "/description", NONE, "", MISSING},
    {NATIVE, "/notify_url", NONE, "", MISSING},
    {NATIVE, "/notify_url", "\"https://shop.example/n?a=1\"", "https://shop.example/n?a=1", NO_PLAIN_URL},
    {NATIVE, "/out_trade_no", "\"T0001\"", "T0001", "has too few characters: 5, at least 6 are needed"},
    {NATIVE, "/trade_type", NONE, "", MISSING},
    {NATIVE, "/trade_type", "\"JSAPI\"", "JSAPI", "is not one of: NATIVE"},
    {NATIVE, "/limit_pay", "\"credit\"", "credit", "is not one of: no_credit"},
    {NATIVE, "/merchant_category_code", NONE, "", MISSING},
    {NATIVE, "/merchant_category_code", "\"581\"", "581", "has 3 characters instead of 4"},
    {NATIVE, "/merchant_category_code", "\"58x2\"", "58x2", DIGITS_ONLY},
    {NATIVE, "/merchant_category_code", "5812", "5812", NOT_STRING},
    {NATIVE, "/amount/total", "0", "0", BELOW_1},
    {NATIVE, "/amount/currency", "\"CNYX\"", "CNYX", "has 4 characters instead of 3"},
    {NATIVE, "/amount/currency", "\"CN\"", "CN", "has 2 characters instead of 3"},
    {NATIVE, "/amount/payer_total", "1", "1", UNKNOWN},
    {NATIVE, "/time_expire", "\"tomorrow\"", "tomorrow", NO_TIME},
    {NATIVE, "/time_expire", "\"2026-01-06 10:00:00\"", "2026-01-06 10:00:00", NO_TIME},
    {NATIVE, "/time_expire", "\"2026-02-30T10:00:00+08:00\"", "2026-02-30T10:00:00+08:00", NO_TIME},
    {NATIVE, "/time_start", "\"10:00\"", "10:00", NO_TIME},
    {NATIVE, "/scene_info/store_info/name", NONE, "", MISSING},
    {NATIVE, "/scene_info/store_info", "\"here\"", "here", NOT_OBJECT},
    {NATIVE, "/scene_info/store_info/nonsense", "1", "1", UNKNOWN},
    {NATIVE, "/detail/goods_detail/0/quantity", "0", "0", BELOW_1},
    {NATIVE, "/detail/goods_detail/0/price", "-1", "-1", "is below 0"},
    {NATIVE, "/detail/goods_detail/0/goods_id", NONE, "", MISSING},
    {NATIVE, "/payer", "[]", "[]", NOT_OBJECT},
    {NATIVE, "/promotion_detail", "{}", "{}", NOT_ARRAY},
};

/* ~0 and ~1 of a pointer's last part. */
static void unescape(char *name)
{
    char *out = name;
    for (; *name != '\0'; name++) {
        if (*name == '~')
            *out++ = *++name == '0' ? '~' : '/';
        else
            *out++ = *name;
    }
    *out = '\0';
}

/* Sets, adds or takes out the value at a pointer. */
static void change(json_t *body, const char *pointer, json_t *value)
{
    char name[64];
    json_t *owner = body;
    for (const char *at = pointer + 1;; at += strcspn(at, "/") + 1) {
        size_t size = strcspn(at, "/");
        memcpy(name, at, size);
        name[size] = '\0';
        if (at[size] == '\0')
            break;
        owner = json_is_array(owner) ? json_array_get(owner, (size_t)(name[0] - '0'))
                                     : json_object_get(owner, name);
    }
    unescape(name);
    if (json_is_array(owner))
        assert_int_equal(json_array_set_new(owner, (size_t)(name[0] - '0'), value), 0);
    else if (value != NULL)
        assert_int_equal(json_object_set_new(owner, name, value), 0);
    else
        assert_int_equal(json_object_del(owner, name), 0);
}

static enum fz_result post(struct reading *reading, const char *target, json_t *body)
{
    char *text = json_dumps(body, 0);
    assert_non_null(text);
    enum fz_result result = reading_begin(reading, FZ_MERCHANT_DIRECT, "POST", target, text, strlen(text));
    free(text);
    return result;
}

static void assert_parameter(const struct reading *reading, const char *field, const char *value,
                             const char *issue)
{
    assert_string_equal(fz_row_text(reading->error.row)->name, "PARAM_ERROR");
    assert_string_equal(reading->error.location, "body");
    assert_string_equal(reading->error.field, field);
    assert_string_equal(reading->error.value, value);
    assert_string_equal(reading->error.issue, issue);
}

static void each_changed_member_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        const struct changed *one = &changes[i];
        json_t *body = json_loads(one->body, 0, NULL);
        assert_non_null(body);
        struct reading reading;
        assert_int_equal(post(&reading, one->target, body), FZ_OK); /* but for the change it is good */
        reading_end(&reading);
        json_t *value = NULL;
        if (one->json != NONE) {
            value = json_loads(one->json, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
            assert_non_null(value);
        }
        change(body, one->at, value);
        enum fz_result result = post(&reading, one->target, body);
        if (result != FZ_REFUSED)
            print_error("%s %s = %s\n", one->target, one->at, one->json);
        assert_int_equal(result, FZ_REFUSED);
        assert_parameter(&reading, one->at, one->value, one->issue);
        reading_end(&reading);
        json_decref(body);
    }
    assert_true(sizeof changes / sizeof changes[0] >= 150);
}

/* Parts that do not add up are the array's fault. */
static void parts_have_to_add_up(void **state)
{
    (void)state;
    static const struct {
        const char *amount, *sum, *issue;
    } cases[] = {
        {"39", "99", "has parts that add up to 99, not to amount.refund 100"},
        {"41", "101", "has parts that add up to 101, not to amount.refund 100"},
        {"100000000000", "100000000060", "has parts that add up to 100000000060, not to amount.refund 100"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct changed base = {REFUND};
        json_t *body = json_loads(base.body, 0, NULL);
        change(body, "/amount/from/1/amount", json_loads(cases[i].amount, JSON_DECODE_ANY, NULL));
        struct reading reading;
        assert_int_equal(post(&reading, base.target, body), FZ_REFUSED);
        assert_parameter(&reading, "/amount/from", cases[i].sum, cases[i].issue);
        reading_end(&reading);
        json_decref(body);
    }
}

static void a_receiver_listed_twice(void **state)
{
    (void)state;
    const struct changed base = {ORDERS};
    json_t *body = json_loads(base.body, 0, NULL), *receivers = json_object_get(body, "receivers");
    json_array_append_new(receivers, json_deep_copy(json_array_get(receivers, 0)));
    struct reading reading;
    assert_int_equal(post(&reading, base.target, body), FZ_REFUSED);
    assert_parameter(&reading, "/receivers/1/account", "86693852", "is a receiver that is listed twice");
    reading_end(&reading);
    /* the same account of another kind is another receiver */
    change(body, "/receivers/1/type", json_string("PERSONAL_OPENID"));
    assert_int_equal(post(&reading, base.target, body), FZ_OK);
    reading_end(&reading);
    json_decref(body);
}

static void relation_custom_needs_words(void **state)
{
    (void)state;
    const struct changed base = {RECEIVER};
    json_t *body = json_loads(base.body, 0, NULL);
    change(body, "/relation_type", json_string("CUSTOM"));
    struct reading reading;
    assert_int_equal(post(&reading, base.target, body), FZ_REFUSED);
    assert_parameter(&reading, "/custom_relation", "", "is missing: it is required with relation_type CUSTOM");
    reading_end(&reading);
    change(body, "/custom_relation", json_string("代理商代理商代理商代"));
    assert_int_equal(post(&reading, base.target, body), FZ_OK);
    reading_end(&reading);
    json_decref(body);
}

/* A long name or value is cut, never broken: 511 and 1039 bytes are what the error has room for. */
static void long_names_and_values_are_cut(void **state)
{
    (void)state;
    char name[4000] = "";
    for (size_t i = 0; i + 4 < sizeof name; i += 3)
        memcpy(name + i, "退", 4);
    json_t *body = json_object();
    json_object_set_new(body, name, json_pack("[s]", name));
    struct reading reading;
    assert_int_equal(post(&reading, "/v3/global/profit-sharing/transactions/mark", body), FZ_REFUSED);
    assert_int_equal(strlen(reading.error.field), 1 + 510);
    assert_int_equal(strlen(reading.error.value), 2 + 3 * 345);
    assert_string_equal(reading.error.issue, UNKNOWN);
    reading_end(&reading);
    json_decref(body);
}

static void a_sealed_name_is_opened(void **state)
{
    (void)state;
    const struct changed base = {RECEIVER};
    static const char *const sealed[] = {"somebody", "sealed:", "sealed:\x01", "sealed:\xff"};
    for (size_t i = 0; i < sizeof sealed / sizeof sealed[0]; i++) {
        json_t *body = json_loads(base.body, 0, NULL);
        json_object_set_new_nocheck(body, "name", json_string_nocheck(sealed[i]));
        struct reading reading;
        if (i < 3) { /* the last is no UTF-8, and no JSON either */
            assert_int_equal(post(&reading, base.target, body), FZ_REFUSED);
            assert_string_equal(fz_row_text(reading.error.row)->name,
                                i == 2 ? "PARAM_ERROR" : "SEALED_FIELD");
            assert_string_equal(reading.error.field, "/name");
            assert_string_equal(reading.error.value, ""); /* it may be a person's name */
            reading_end(&reading);
        }
        json_decref(body);
    }
    char longest[1025], text[1200];
    memset(longest, 'a', 1024);
    memcpy(longest, "sealed:", 7);
    longest[1024] = '\0';
    snprintf(text, sizeof text,
             "{\"type\":\"MERCHANT_ID\",\"account\":\"1\",\"relation_type\":\"SUPPLIER\",\"name\":\"%sb\"}",
             longest);
    struct reading reading;
    assert_int_equal(reading_begin(&reading, FZ_MERCHANT_DIRECT, "POST", base.target, text, strlen(text)),
                     FZ_REFUSED);
    assert_string_equal(reading.error.issue, "has 1025 characters, at most 1024 are allowed");
    reading_end(&reading);
    snprintf(
        text, sizeof text,
        "{\"type\":\"MERCHANT_ID\",\"account\":\"1\",\"relation_type\":\"SUPPLIER\",\"name\":\"sealed:%s\"}",
        "某某");
    assert_int_equal(reading_begin(&reading, FZ_MERCHANT_DIRECT, "POST", base.target, text, strlen(text)),
                     FZ_OK);
    reading_end(&reading);
}

static void line_ends_in_a_text_pass(void **state)
{
    (void)state;
    const struct changed base = {UNFREEZE};
    json_t *body = json_loads(base.body, 0, NULL);
    change(body, "/description", json_string("a,`b\r\n\tc"));
    struct reading reading;
    assert_int_equal(post(&reading, base.target, body), FZ_OK);
    reading_end(&reading);
    json_decref(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_changed_member_is_refused), cmocka_unit_test(parts_have_to_add_up),
        cmocka_unit_test(a_receiver_listed_twice),        cmocka_unit_test(relation_custom_needs_words),
        cmocka_unit_test(long_names_and_values_are_cut),  cmocka_unit_test(a_sealed_name_is_opened),
        cmocka_unit_test(line_ends_in_a_text_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
