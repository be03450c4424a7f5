/* Whose request it is: merchant relation, contract, appids, and that they come in this order before any
 * state. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "unit/api/service.h"

#define SHARING "/v3/global/profit-sharing"
#define OURS    "sp_mchid=" INSTITUTION "&sub_mchid=" CHILD

static void whose_number_it_is(void **state)
{
    (void)state;
    static const struct {
        const char *caller, *query, *row;
    } cases[] = {
        {DIRECT, "mchid=1999999999", "MERCHANT_UNKNOWN"},
        {DIRECT, "mchid=" INSTITUTION, "SIGN_MCHID"},
        {DIRECT, "mchid=" CHILD, "SIGN_MCHID"},
        {DIRECT, "mchid=" DIRECT, "REFUND_UNKNOWN"},
        {DIRECT, "sp_mchid=" DIRECT "&sub_mchid=" CHILD, "NO_AUTH_CHILD"},
        {DIRECT, "sp_mchid=" INSTITUTION "&sub_mchid=" CHILD, "SIGN_MCHID"},
        {DIRECT, "sp_mchid=1999999999&sub_mchid=" CHILD, "MERCHANT_UNKNOWN"},
        {INSTITUTION, "mchid=1999999999", "MERCHANT_UNKNOWN"},
        {INSTITUTION, "mchid=" DIRECT, "SIGN_MCHID"},
        {INSTITUTION, "mchid=" INSTITUTION, "PARAM_NO_SUB_MCHID"},
        {INSTITUTION, "sp_mchid=1999999999&sub_mchid=" CHILD, "MERCHANT_UNKNOWN"},
        {INSTITUTION, "sp_mchid=" STRANGER "&sub_mchid=" NOT_OURS, "SIGN_MCHID"},
        {INSTITUTION, "sp_mchid=" INSTITUTION "&sub_mchid=1999999999", "MERCHANT_UNKNOWN"},
        {INSTITUTION, "sp_mchid=" INSTITUTION "&sub_mchid=" NOT_OURS, "NO_AUTH_CHILD"},
        {INSTITUTION, "sp_mchid=" INSTITUTION "&sub_mchid=" DIRECT, "NO_AUTH_CHILD"},
        {INSTITUTION, "sp_mchid=" INSTITUTION "&sub_mchid=" INSTITUTION, "NO_AUTH_CHILD"},
        {INSTITUTION, OURS, "REFUND_UNKNOWN"},
        {LATE, "mchid=" LATE, "REFUND_UNKNOWN"}, /* refunds need no contract of distribution */
        {STRANGER, "sp_mchid=" STRANGER "&sub_mchid=" NOT_OURS, "REFUND_UNKNOWN"},
    };
    static const char *const paths[] = {
        "/v3/global/refunds/id/5?",
        "/hk/v3/refunds/id/5?",
        "/v3/global/refunds/out-refund-no/5?",
        "/hk/v3/refunds/out-refund-no/5?",
        "/v3/global/refunds?transaction_id=5&offset=0&count=1&",
        "/hk/v3/refunds?out_trade_no=5&offset=0&count=1&",
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (size_t j = 0; j < sizeof paths / sizeof paths[0]; j++) {
            /* S-RQ, under /hk/v3, has one row for a wrong merchant number */
            bool only_row =
                strncmp(paths[j], "/hk/", 4) == 0 && strcmp(cases[i].row, "NO_AUTH_CHILD") == 0;
            (void)get(cases[i].caller, text("%s%s", paths[j], cases[i].query));
            assert_string_equal(row, only_row ? "MERCHANT_UNKNOWN" : cases[i].row);
        }
}

/* S-AMT describes three refusals in words of its own. */
static const char *in_words_of(const char *target, const char *refusal)
{
    static const char *const pairs[][2] = {{"NO_AUTH_CONTRACT", "AMOUNTS_NO_CONTRACT"},
                                           {"NO_AUTH_WAITING", "AMOUNTS_WAITING"},
                                           {"NO_AUTH_CHILD", "AMOUNTS_CHILD"}};
    for (size_t i = 0; strstr(target, "/amounts?") != NULL && i < sizeof pairs / sizeof pairs[0]; i++)
        if (strcmp(pairs[i][0], refusal) == 0)
            return pairs[i][1];
    return refusal;
}

/* Relation before contract before state, on every endpoint of funds distribution. */
static void relation_contract_state(void **state)
{
    (void)state;
    static const struct {
        const char *method, *target, *body; /* %s: &sub_mchid=…, or its member */
        const char *row;                    /* for one whose contract is in effect */
    } endpoints[] = {
        {"GET", SHARING "/transactions/42/amounts?%s", NULL, "ORDER_NOT_DISTRIBUTABLE"},
        {"GET", SHARING "/transactions/42/refundable-amounts?%s", NULL, "ORDER_NOT_DISTRIBUTABLE"},
        {"GET", SHARING "/refunds/refundable-balance?%s", NULL, ""},
        {"GET", SHARING "/refunds/bill-download-url?bill_date=2026-01-05%s", NULL, "BILL_CREATING"},
        {"GET", SHARING "/bill-download-url?bill_date=2026-01-05%s", NULL, "BILL_CREATING"},
        {"GET", SHARING "/orders/D1?transaction_id=42%s", NULL, "DISTRIBUTION_UNKNOWN"},
        {"GET", SHARING "/receivers/1?%s", NULL, "RECEIVER_UNKNOWN"},
        {"POST", SHARING "/transactions/mark", "{%s\"out_trade_no\":\"T00001\",\"currency\":\"USD\"}",
         "MARK_CURRENCY"},
        {"POST", SHARING "/orders",
         "{%s\"transaction_id\":\"42\",\"out_order_no\":\"D1\",\"unfreeze_unsplit\":true}",
         "ORDER_NOT_DISTRIBUTABLE"},
        {"POST", SHARING "/orders/unfreeze",
         "{%s\"transaction_id\":\"42\",\"out_order_no\":\"D1\",\"description\":\"d\"}",
         "ORDER_NOT_DISTRIBUTABLE"},
        {"POST", SHARING "/receivers",
         "{%s\"type\":\"PERSONAL_OPENID\",\"account\":\"1\",\"relation_type\":\"SUPPLIER\"}",
         "DISTRIBUTION_APPID"},
        {"DELETE", SHARING "/receivers", "{%s\"type\":\"PERSONAL_OPENID\",\"account\":\"1\"}",
         "DISTRIBUTION_APPID"},
    };
    static const struct {
        const char *caller, *sub_mchid, *row; /* NULL: the endpoint's own */
    } callers[] = {
        {INSTITUTION, "1999999999", "NO_AUTH_CHILD"}, /* "Check if the Sub-Merchant ID is correct" */
        {DIRECT, "1999999999", "NO_AUTH_CHILD"},
        {INSTITUTION, NOT_OURS, "NO_AUTH_CHILD"},
        {INSTITUTION, DIRECT, "NO_AUTH_CHILD"},
        {DIRECT, CHILD, "NO_AUTH_CHILD"},
        {STRANGER, CHILD, "NO_AUTH_CHILD"},
        {STRANGER, NOT_OURS, "NO_AUTH_CONTRACT"},
        {LATE, NULL, "NO_AUTH_WAITING"},
        {INSTITUTION, CHILD, NULL},
        {DIRECT, NULL, NULL},
    };
    for (size_t i = 0; i < sizeof endpoints / sizeof endpoints[0]; i++)
        for (size_t j = 0; j < sizeof callers / sizeof callers[0]; j++) {
            bool posts = endpoints[i].body != NULL;
            const char *sub_mchid = "";
            if (callers[j].sub_mchid != NULL)
                sub_mchid = posts ? text("\"sub_mchid\":\"%s\",", callers[j].sub_mchid)
                                  : text("&sub_mchid=%s", callers[j].sub_mchid);
            (void)request(callers[j].caller, endpoints[i].method,
                          posts ? endpoints[i].target : text(endpoints[i].target, sub_mchid),
                          posts ? text(endpoints[i].body, sub_mchid) : NULL);
            assert_string_equal(row, callers[j].row != NULL ? in_words_of(endpoints[i].target, callers[j].row)
                                                            : endpoints[i].row);
        }
    pass(14 * FZ_HOUR_MS); /* midnight */
    assert_answered(get(LATE, SHARING "/refunds/refundable-balance"));
}

static void an_order_that_cannot_be_distributed(void **state)
{
    (void)state;
    const char *order = paid("T00001", 10000, false);
    const char *amounts = text(SHARING "/transactions/%s/amounts?sub_mchid=", order);
    assert_refused(get(INSTITUTION, text("%s" CHILD, amounts)), ORDER_FREEZING);
    pass(5 * FZ_MINUTE_MS);
    assert_answered(get(INSTITUTION, text("%s" CHILD, amounts)));
    assert_refused(get(INSTITUTION, text("%s" OTHER_CHILD, amounts)), ORDER_INCONSISTENT);
    assert_refused(get(DIRECT, text(SHARING "/transactions/%s/amounts", order)), ORDER_NOT_DISTRIBUTABLE);
}

static enum fz_result set_appids(struct fz_tx *tx, void *argument)
{
    (void)argument;
    static const char *const appids[] = {"wx8"}, *const of_child[] = {"wx9"};
    enum fz_result result = fz_merchant_set_appids(tx, INSTITUTION, appids, 1);
    return result == FZ_OK ? fz_merchant_set_appids(tx, CHILD, of_child, 1) : result;
}

static void appids_of_a_list(void **state)
{
    (void)state;
    const char *order = paid("T00001", 10000, true);
    write_book(set_appids, NULL);
    static const struct {
        const char *appids, *row;
    } cases[] = {{"\"sp_appid\":\"wx7\"", "APPID_UNKNOWN"},
                 {"\"sp_appid\":\"wx8\",\"sub_appid\":\"wx8\"", "APPID_UNKNOWN"},
                 {"\"sp_appid\":\"wx8\",\"sub_appid\":\"wx9\"", ""}};
    for (size_t i = 0; i < 3; i++) {
        (void)request(INSTITUTION, "POST", "/hk/v3/refunds",
                      text("{\"sp_mchid\":\"" INSTITUTION "\",\"sub_mchid\":\"" CHILD
                           "\",%s,\"transaction_id\":\"%s\",\"out_refund_no\":\"R1\","
                           "\"amount\":{\"refund\":1,\"total\":10000,\"currency\":\"CNY\"}}",
                           cases[i].appids, order));
        assert_string_equal(row, cases[i].row);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, service_begin, service_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(whose_number_it_is),
        TEST(relation_contract_state),
        TEST(an_order_that_cannot_be_distributed),
        TEST(appids_of_a_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
