/* The digest of a content: the same for the same, another for another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/sha.h>

#include "base/text.h"
#include "spec/server/request_internal.h"
#include "unit/api/request.h"

struct digest {
    unsigned char bytes[FZ_DIGEST_SIZE];
};

static struct digest digest_of(const char *target, const char *body)
{
    struct reading reading;
    enum fz_result result = reading_begin(&reading, FZ_MERCHANT_DIRECT, "POST", target, body, strlen(body));
    if (result != FZ_OK)
        print_error("%s: %s %s\n", body, reading.error.field, reading.error.issue);
    assert_int_equal(result, FZ_OK);
    struct digest digest;
    memcpy(digest.bytes, reading.call.digest, sizeof digest.bytes);
    reading_end(&reading);
    return digest;
}

static void assert_same(const char *target, const char *const *bodies, size_t count)
{
    struct digest first = digest_of(target, bodies[0]);
    for (size_t i = 1; i < count; i++) {
        struct digest other = digest_of(target, bodies[i]);
        assert_memory_equal(first.bytes, other.bytes, FZ_DIGEST_SIZE);
    }
}

static void assert_all_differ(const char *target, const char *const *bodies, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++) {
            struct digest one = digest_of(target, bodies[i]), other = digest_of(target, bodies[j]);
            assert_memory_not_equal(one.bytes, other.bytes, FZ_DIGEST_SIZE);
        }
}
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define REFUND(rest)                                                                                         \
    "{\"mchid\":\"1900000200\",\"appid\":\"wx8\",\"transaction_id\":\"42\",\"out_refund_no\":\"R1\"," rest "}"
#define AMOUNT      "\"amount\":{\"refund\":100,\"total\":1000,\"currency\":\"CNY\"}"
#define FROM(parts) "\"amount\":{\"refund\":100,\"total\":1000,\"currency\":\"CNY\",\"from\":[" parts "]}"
#define ORDER       "{\"fund_source\":\"ORDER_REFUNDABLE_BALANCE\",\"amount\":60}"
#define FUNDS       "{\"fund_source\":\"FUNDS_REFUNDABLE_BALANCE\",\"amount\":40}"

/* Order of members, white space, escapes, letter case of a fund source, defaults, notify_url. */
static void the_same_refund(void **state)
{
    (void)state;
    static const char *const plain[] = {
        REFUND(AMOUNT),
        "{\"amount\":{\"currency\":\"CNY\",\"total\":1000,\"refund\":100},\"out_refund_no\":\"R1\","
        "\"transaction_id\":\"42\","
        "\"appid\":\"wx8\",\"mchid\":\"1900000200\"}",
        " {\n\t\"mchid\" : \"1900000200\", "
        "\"appid\":\"wx8\",\r\n\"transaction_id\":\"42\",\"out_refund_no\":\"R1\"," AMOUNT " } ",
        "{\"mch\\u0069d\":\"19000002\\u0030\\u0030\",\"appid\":\"wx8\",\"transaction_id\":\"42\",\"out_"
        "refund_no\":\"\\u00521\"," AMOUNT "}",
        REFUND("\"source\":\"REFUND_SOURCE_UNSETTLED_FUNDS\"," AMOUNT),
        REFUND("\"source\":\"Refund_Source_Unsettled_Funds\"," AMOUNT),
        REFUND("\"notify_url\":\"https://shop.example/a\"," AMOUNT),
        REFUND("\"notify_url\":\"https://shop.example/b\"," AMOUNT),
    };
    assert_same("/v3/global/refunds", plain, COUNT(plain));
    struct digest one = digest_of("/v3/global/refunds", plain[0]),
                  other = digest_of("/hk/v3/refunds", plain[0]);
    assert_memory_equal(one.bytes, other.bytes, FZ_DIGEST_SIZE); /* one number space under both prefixes */
}

static void sources_are_a_set(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        REFUND(FROM(ORDER "," FUNDS)),
        REFUND(FROM(FUNDS "," ORDER)),
        REFUND(FROM("{\"amount\":40,\"fund_source\":\"funds_refundable_balance\"}," ORDER)),
    };
    assert_same("/v3/global/refunds", bodies, COUNT(bodies));
}

static void each_change_of_a_refund_shows(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        REFUND(AMOUNT),
        REFUND("\"amount\":{\"refund\":101,\"total\":1000,\"currency\":\"CNY\"}"),
        REFUND("\"amount\":{\"refund\":100,\"total\":1001,\"currency\":\"CNY\"}"),
        REFUND("\"amount\":{\"refund\":100,\"total\":1000,\"currency\":\"USD\"}"),
        REFUND("\"amount\":{\"refund\":1000,\"total\":100,\"currency\":\"CNY\"}"),
        REFUND(FROM("{\"fund_source\":\"ORDER_REFUNDABLE_BALANCE\",\"amount\":100}")),
        REFUND(FROM("{\"fund_source\":\"FUNDS_REFUNDABLE_BALANCE\",\"amount\":100}")),
        REFUND(FROM(ORDER "," FUNDS)),
        REFUND(FROM("{\"fund_source\":\"ORDER_REFUNDABLE_BALANCE\",\"amount\":40},{\"fund_source\":\"FUNDS_"
                    "REFUNDABLE_BALANCE\",\"amount\":60}")),
        REFUND("\"reason\":\"a\"," AMOUNT),
        REFUND("\"reason\":\"A\"," AMOUNT),
        REFUND("\"reason\":\"a \"," AMOUNT),
        REFUND("\"reason\":\"ab\"," AMOUNT),
        REFUND("\"out_trade_no\":\"a\"," AMOUNT),
        REFUND("\"source\":\"REFUND_SOURCE_RECHARGE_FUNDS\"," AMOUNT),
        "{\"mchid\":\"1900000200\",\"appid\":\"wx9\",\"transaction_id\":\"42\",\"out_refund_no\":"
        "\"R1\"," AMOUNT "}",
        "{\"mchid\":\"1900000200\",\"appid\":\"wx8\",\"out_trade_no\":\"42\",\"out_refund_no\":\"R1\"," AMOUNT
        "}",
        "{\"mchid\":\"1900000200\",\"appid\":\"wx8\",\"transaction_id\":\"4\",\"out_refund_no\":"
        "\"2R1\"," AMOUNT "}",
        "{\"mchid\":\"1900000200\",\"appid\":\"wx84\",\"transaction_id\":\"2\",\"out_refund_no\":"
        "\"R1\"," AMOUNT "}",
    };
    assert_all_differ("/v3/global/refunds", bodies, COUNT(bodies));
}

#define SLICE(account, amount, more)                                                                         \
    "{\"currency\":\"CNY\",\"type\":\"MERCHANT_ID\",\"account\":\"" account "\",\"amount\":" amount          \
    ",\"description\":\"d\"" more "}"
#define DISTRIBUTION(receivers, unsplit)                                                                     \
    "{\"transaction_id\":\"42\",\"out_order_no\":\"D1\",\"receivers\":[" receivers                           \
    "],\"unfreeze_unsplit\":" unsplit "}"

static void the_same_distribution(void **state)
{
    (void)state;
    static const char *const slices[] = {DISTRIBUTION(SLICE("1", "5", ""), "false"),
                                         DISTRIBUTION(SLICE("1", "5", ",\"authorized\":false"), "false")};
    assert_same("/v3/global/profit-sharing/orders", slices, COUNT(slices));
    static const char *const none[] = {
        DISTRIBUTION("", "true"),
        "{\"unfreeze_unsplit\":true,\"transaction_id\":\"42\",\"out_order_no\":\"D1\"}"};
    assert_same("/v3/global/profit-sharing/orders", none, COUNT(none));
}

/* Receivers are a list: the result tells them in the order in which they were asked for. */
static void each_change_of_a_distribution_shows(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        DISTRIBUTION("", "true"),
        DISTRIBUTION(SLICE("1", "5", ""), "true"),
        DISTRIBUTION(SLICE("1", "5", ""), "false"),
        DISTRIBUTION(SLICE("1", "6", ""), "false"),
        DISTRIBUTION(SLICE("2", "5", ""), "false"),
        DISTRIBUTION(SLICE("1", "5", ",\"authorized\":true"), "false"),
        DISTRIBUTION(SLICE("1", "5", ",\"name\":\"sealed:x\""), "false"),
        DISTRIBUTION(SLICE("1", "5", "") "," SLICE("2", "6", ""), "false"),
        DISTRIBUTION(SLICE("2", "6", "") "," SLICE("1", "5", ""), "false"),
        DISTRIBUTION(SLICE("1", "6", "") "," SLICE("2", "5", ""), "false"),
    };
    assert_all_differ("/v3/global/profit-sharing/orders", bodies, COUNT(bodies));
}

/* A text's part of a form: see the_form_is_fixed. */
#define LENGTH(digit)                     "\0\0\0\0\0\0\0" digit
#define TEXT(n_digit, name, v_digit, text) LENGTH(n_digit) name LENGTH("\0") LENGTH(v_digit) text

/* The rows' order is the form's, whatever the request's: an order that a book keeps is found by it. */
static void the_form_of_an_order(void **state)
{
    (void)state;
    static const char body[] =
        "{\"amount\":{\"currency\":\"USD\",\"total\":257},\"notify_url\":\"https://shop.example/n\","
        "\"scene_info\":{\"store_info\":{\"address\":\"a\",\"name\":\"n\"}},\"detail\":{\"cost_price\":2},"
        "\"payer\":{},\"promotion_detail\":[],\"merchant_category_code\":\"5812\",\"trade_type\":\"APP\","
        "\"out_trade_no\":\"T00001\",\"description\":\"tea\",\"appid\":\"wx8\",\"mchid\":\"1900000200\"}";
    static const unsigned char form[] =
        TEXT("\5", "mchid", "\12", "1900000200") TEXT("\5", "appid", "\3", "wx8")
        TEXT("\13", "description", "\3", "tea") TEXT("\14", "out_trade_no", "\6", "T00001")
        TEXT("\12", "trade_type", "\3", "APP") TEXT("\26", "merchant_category_code", "\4", "5812")
        /* an object: kind 3, the length of its members' form, and that */
        LENGTH("\6") "amount" LENGTH("\3") LENGTH("\100")
        LENGTH("\5") "total" LENGTH("\1") "\0\0\0\0\0\0\1\1" TEXT("\10", "currency", "\3", "USD")
        LENGTH("\12") "scene_info" LENGTH("\3") LENGTH("\137")
        LENGTH("\12") "store_info" LENGTH("\3") LENGTH("\75")
        TEXT("\4", "name", "\1", "n") TEXT("\7", "address", "\1", "a")
        LENGTH("\6") "detail" LENGTH("\3") LENGTH("\42")
        LENGTH("\12") "cost_price" LENGTH("\1") LENGTH("\2");
    unsigned char expected[FZ_DIGEST_SIZE];
    SHA256(form, sizeof form - 1, expected);
    struct digest digest = digest_of("/v3/global/transactions/app", body);
    assert_memory_equal(digest.bytes, expected, sizeof expected);
}

/* RSAES-OAEP seals the same text differently each time; what was sealed is what counts. */
static void a_name_counts_as_it_was_opened(void **state)
{
    (void)state;
    struct a {
        const char *name;
    };
    static const struct fz_member sealed[] = {
        {.name = "name", .place = FZ_IN_BODY, .kind = FZ_STRING, .sealed = true}, {0}};
    unsigned char one[FZ_DIGEST_SIZE], other[FZ_DIGEST_SIZE];
    assert_int_equal(fz_content_digest(sealed, &(struct a){"x"}, one), FZ_OK);
    assert_int_equal(fz_content_digest(sealed, &(struct a){"x"}, other), FZ_OK);
    assert_memory_equal(one, other, sizeof one);
    static const char *const bodies[] = {DISTRIBUTION(SLICE("1", "5", ",\"name\":\"sealed:x\""), "false"),
                                         DISTRIBUTION(SLICE("1", "5", ",\"name\":\"sealed:y\""), "false")};
    assert_all_differ("/v3/global/profit-sharing/orders", bodies, COUNT(bodies));
}

/* Rows made for the purpose. */
struct inner {
    const char *a;
};
struct two {
    const char *a, *b;
    int64_t number;
    bool flag, has_flag;
    struct inner *list;
    size_t list_count;
    struct inner object;
};
static const struct fz_member inner_members[] = {FZ_TEXT(inner, a, 9), {0}};
static const struct fz_member listed[] = {FZ_TEXT(two, a, 9),
                                          FZ_TEXT(two, b, 9),
                                          FZ_INT(two, number, INT64_MIN, INT64_MAX),
                                          FZ_BOOL_IF(two, flag),
                                          FZ_LIST(two, list, inner, 0, 9),
                                          FZ_STRUCT(two, object, inner),
                                          {0}};

static struct digest digest_of_two(const struct fz_member *parameters, struct two values)
{
    struct digest digest;
    assert_int_equal(fz_content_digest(parameters, &values, digest.bytes), FZ_OK);
    return digest;
}

/* Values that a form without names, lengths or kinds would take for each other. */
static void no_two_contents_share_a_form(void **state)
{
    (void)state;
    static struct inner items[] = {{"x"}, {"y"}, {"xy"}, {""}};
    const struct two contents[] = {
        {.a = NULL},
        {.a = ""},
        {.b = ""},
        {.a = "", .b = ""},
        {.a = "xy"},
        {.b = "xy"},
        {.a = "x", .b = "y"},
        {.a = "y", .b = "x"},
        {.a = "xy", .b = ""},
        {.a = "", .b = "xy"},
        {.number = 1},
        {.number = 256},
        {.number = -1},
        {.number = INT64_MIN},
        {.flag = true, .has_flag = true},
        {.a = "\1"},
        {.object = {"x"}},
        {.object = {""}},
        {.list = &items[0], .list_count = 1},
        {.list = &items[2], .list_count = 1},
        {.list = &items[3], .list_count = 1},
        {.list = &items[0], .list_count = 2},
        {.list = &items[0], .list_count = 3},
        {.list = &items[0], .list_count = 4},
        {.list = &items[0], .list_count = 1, .object = {"x"}},
        {.a = "x", .object = {"x"}},
    };
    for (size_t i = 0; i < COUNT(contents); i++)
        for (size_t j = 0; j < i; j++) {
            struct digest one = digest_of_two(listed, contents[i]),
                          other = digest_of_two(listed, contents[j]);
            assert_memory_not_equal(one.bytes, other.bytes, FZ_DIGEST_SIZE);
        }
}

static void only_an_unordered_list_may_be_reordered(void **state)
{
    (void)state;
    struct fz_member rows[COUNT(listed)];
    struct inner there[] = {{"a"}, {"b"}, {"b"}, {"c"}}, back[] = {{"c"}, {"b"}, {"a"}, {"b"}},
                 fewer[] = {{"c"}, {"b"}, {"a"}, {"a"}};
    for (int unordered = 0; unordered < 2; unordered++) {
        memcpy(rows, listed, sizeof rows);
        rows[4].unordered = unordered != 0;
        struct digest one = digest_of_two(rows, (struct two){.list = there, .list_count = 4});
        struct digest same = digest_of_two(rows, (struct two){.list = back, .list_count = 4});
        struct digest other = digest_of_two(rows, (struct two){.list = fewer, .list_count = 4});
        assert_int_equal(memcmp(one.bytes, same.bytes, sizeof one.bytes) == 0, unordered);
        assert_memory_not_equal(one.bytes, other.bytes, FZ_DIGEST_SIZE);
    }
}

/* So a book goes on recognising repeats after an update. */
static void a_parameter_added_later_changes_nothing(void **state)
{
    (void)state;
    const struct fz_member earlier[] = {listed[0], {0}};
    const struct two values = {.a = "x"};
    struct digest before = digest_of_two(earlier, values), after = digest_of_two(listed, values);
    assert_memory_equal(before.bytes, after.bytes, FZ_DIGEST_SIZE);
}

static void what_is_no_content_is_left_out(void **state)
{
    (void)state;
    struct fz_member rows[COUNT(listed)];
    memcpy(rows, listed, sizeof rows);
    rows[1].not_content = true;
    struct digest one = digest_of_two(rows, (struct two){.a = "x", .b = "y"}),
                  other = digest_of_two(rows, (struct two){.a = "x"});
    assert_memory_equal(one.bytes, other.bytes, FZ_DIGEST_SIZE);
}

/* Written down, because books keep it: length and name, kind (0 text, 1 integer), length and text or the
 * number, big-endian. */
static void the_form_is_fixed(void **state)
{
    (void)state;
    static const unsigned char form[] = "\0\0\0\0\0\0\0\1a\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\2xy"
                                        "\0\0\0\0\0\0\0\6number\0\0\0\0\0\0\0\1\0\0\0\0\0\0\1\1";
    unsigned char expected[FZ_DIGEST_SIZE];
    SHA256(form, sizeof form - 1, expected);
    struct digest digest = digest_of_two(listed, (struct two){.a = "xy", .number = 257});
    assert_memory_equal(digest.bytes, expected, sizeof expected);
}

/* ---- the form of a distribution, worked out by hand: a repeat is told by it after an update too ---- */

static void put_number(struct fz_text *form, unsigned char value)
{
    const unsigned char bytes[8] = {[7] = value};
    fz_text_add(form, bytes, sizeof bytes);
}

static void put_name(struct fz_text *form, const char *name, enum fz_kind kind)
{
    put_number(form, (unsigned char)strlen(name));
    fz_text_string(form, name);
    put_number(form, (unsigned char)kind);
}

static void put_text(struct fz_text *form, const char *name, const char *text)
{
    put_name(form, name, FZ_STRING);
    put_number(form, (unsigned char)strlen(text));
    fz_text_string(form, text);
}

static struct digest digest_of_form(struct fz_text *form)
{
    struct digest digest;
    SHA256((const unsigned char *)form->data, form->size, digest.bytes);
    fz_text_done(form);
    return digest;
}

static void the_form_of_a_distribution_is_fixed(void **state)
{
    (void)state;
    struct fz_text slice = {.max = 4096}, form = {.max = 4096};
    put_text(&slice, "currency", "CNY");
    put_text(&slice, "type", "PERSONAL_OPENID");
    put_text(&slice, "account", "o1");
    put_text(&slice, "name", "x");
    put_name(&slice, "authorized", FZ_BOOLEAN);
    put_name(&slice, "amount", FZ_INTEGER);
    put_number(&slice, 5);
    put_text(&slice, "description", "d");
    struct digest of_slice = digest_of_form(&slice);
    put_text(&form, "appid", "wx8");
    put_text(&form, "transaction_id", "42");
    put_text(&form, "out_order_no", "D1");
    put_name(&form, "receivers", FZ_ARRAY);
    put_number(&form, 1);
    fz_text_add(&form, of_slice.bytes, sizeof of_slice.bytes);
    put_name(&form, "unfreeze_unsplit", FZ_BOOLEAN);
    struct digest expected = digest_of_form(&form);
    struct digest digest = digest_of(
        "/v3/global/profit-sharing/orders",
        "{\"unfreeze_unsplit\":true,\"receivers\":[{\"description\":\"d\",\"amount\":5,\"authorized\":true,"
        "\"name\":\"sealed:x\",\"account\":\"o1\",\"type\":\"PERSONAL_OPENID\",\"currency\":\"CNY\"}],"
        "\"out_order_no\":\"D1\",\"transaction_id\":\"42\",\"appid\":\"wx8\"}");
    assert_memory_equal(digest.bytes, expected.bytes, sizeof expected.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_refund),
        cmocka_unit_test(sources_are_a_set),
        cmocka_unit_test(each_change_of_a_refund_shows),
        cmocka_unit_test(the_same_distribution),
        cmocka_unit_test(each_change_of_a_distribution_shows),
        cmocka_unit_test(the_form_of_an_order),
        cmocka_unit_test(a_name_counts_as_it_was_opened),
        cmocka_unit_test(no_two_contents_share_a_form),
        cmocka_unit_test(only_an_unordered_list_may_be_reordered),
        cmocka_unit_test(a_parameter_added_later_changes_nothing),
        cmocka_unit_test(what_is_no_content_is_left_out),
        cmocka_unit_test(the_form_is_fixed),
        cmocka_unit_test(the_form_of_a_distribution_is_fixed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
