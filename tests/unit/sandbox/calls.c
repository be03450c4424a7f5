/* What can be done to a sandbox: each function, seen through the API or the book. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/sandbox/caller.h"

#define SEEDED_NOW_MS INT64_C(1767578400000) /* 2026-01-05T10:00:00+08:00 */
#define BALANCE       "/v3/global/profit-sharing/refunds/refundable-balance"

static fz_sandbox *sandbox;

static int open_sandbox(void **state)
{
    (void)state;
    sandbox = caller_seeded();
    return 0;
}

static int close_sandbox(void **state)
{
    (void)state;
    fz_sandbox_free(sandbox);
    return 0;
}

static void must(int result)
{
    if (result != 0)
        fail_msg("%s", fz_sandbox_error());
    assert_string_equal(fz_sandbox_error(), "");
}

/* A text that has `part` in it; taken over. */
static void must_have(char *text, const char *part)
{
    assert_non_null(text);
    if (strstr(text, part) == NULL)
        fail_msg("no %s in %s", part, text);
    fz_sandbox_text_free(text);
}

static struct fz_sandbox_paid make_payment(const char *notify_url)
{
    struct fz_sandbox_payment payment = FZ_INIT(fz_sandbox_payment);
    struct fz_sandbox_paid paid = FZ_INIT(fz_sandbox_paid);
    payment.mchid = FZ_SANDBOX_MCHID;
    payment.sub_mchid = FZ_SANDBOX_SUB_MCHID;
    payment.amount = 1000;
    payment.marked = true;
    payment.notify_url = notify_url;
    payment.more = "{\"coupon\":{\"type\":\"COUPON\",\"scope\":\"GLOBAL\",\"amount\":100,\"promotion_id\":\"1\"}}";
    must(fz_sandbox_make_payment(sandbox, &payment, &paid));
    return paid;
}

/* The refund's number. */
static void refund(const struct fz_sandbox_paid *paid, char id[40])
{
    char body[600];
    snprintf(body, sizeof body,
             "{\"sp_mchid\":\"" FZ_SANDBOX_MCHID "\",\"sub_mchid\":\"" FZ_SANDBOX_SUB_MCHID
             "\",\"sp_appid\":\"wx8888888888888888\",\"transaction_id\":\"%s\",\"out_refund_no\":\"R00001\","
             "\"amount\":{\"refund\":100,\"total\":1000,\"currency\":\"CNY\"}}",
             paid->transaction_id);
    json_t *answer = caller_call(sandbox, FZ_SANDBOX_MCHID, "/v3/global/refunds", body, 200);
    snprintf(id, 40, "%s", caller_text(answer, "id"));
    json_decref(answer);
}

static json_t *order(const char *out_trade_no)
{
    char target[300];
    snprintf(target, sizeof target,
             "/v3/global/transactions/out-trade-no/%s?sp_mchid=" FZ_SANDBOX_MCHID "&sub_mchid=" FZ_SANDBOX_SUB_MCHID,
             out_trade_no);
    return caller_call(sandbox, FZ_SANDBOX_MCHID, target, NULL, 200);
}

static void the_clock_stands_moves_and_runs(void **state)
{
    (void)state;
    assert_true(fz_sandbox_is_frozen(sandbox));
    assert_int_equal(fz_sandbox_now_ms(sandbox), SEEDED_NOW_MS);
    must(fz_sandbox_advance(sandbox, "PT5M"));
    assert_int_equal(fz_sandbox_now_ms(sandbox), SEEDED_NOW_MS + 300000);
    must(fz_sandbox_advance_to(sandbox, SEEDED_NOW_MS + 86400123));
    assert_int_equal(fz_sandbox_now_ms(sandbox), SEEDED_NOW_MS + 86400123);
    assert_int_equal(fz_sandbox_advance_to(sandbox, SEEDED_NOW_MS), -1); /* never back */
    assert_non_null(strstr(fz_sandbox_error(), "never runs back"));
    must(fz_sandbox_freeze(sandbox, false));
    assert_false(fz_sandbox_is_frozen(sandbox));
    must(fz_sandbox_sign_in_book_time(sandbox, true));
}

static void a_payment_is_an_order_of_the_api(void **state)
{
    (void)state;
    struct fz_sandbox_paid paid = make_payment(NULL);
    json_t *found = order(paid.out_trade_no);
    assert_string_equal(caller_text(found, "id"), paid.transaction_id);
    assert_string_equal(caller_text(found, "trade_state"), "SUCCESS");
    json_decref(found);
}

static void a_placed_order_is_paid(void **state)
{
    (void)state;
    static const char body[] =
        "{\"sp_mchid\":\"" FZ_SANDBOX_MCHID "\",\"sub_mchid\":\"" FZ_SANDBOX_SUB_MCHID
        "\",\"sp_appid\":\"wx8888888888888888\",\"description\":\"Camera\",\"notify_url\":\"http://127.0.0.1:9/notify\","
        "\"out_trade_no\":\"N00001\",\"trade_type\":\"NATIVE\",\"merchant_category_code\":\"5812\","
        "\"amount\":{\"total\":100,\"currency\":\"CNY\"}}";
    struct fz_sandbox_paid paid = FZ_INIT(fz_sandbox_paid);
    json_decref(caller_call(sandbox, FZ_SANDBOX_MCHID, "/v3/global/transactions/native", body, 200));
    must(fz_sandbox_pay(sandbox, FZ_SANDBOX_MCHID, "N00001", "balance", true, &paid)); /* nobody answers at port 9 */
    assert_string_equal(paid.out_trade_no, "N00001");
    json_t *found = order("N00001");
    assert_string_equal(caller_text(found, "trade_state"), "SUCCESS");
    json_decref(found);
    assert_int_equal(fz_sandbox_pay(sandbox, FZ_SANDBOX_MCHID, "N00002", NULL, false, NULL), -1);
    must(fz_sandbox_set_payer_account(sandbox, FZ_SANDBOX_MCHID, FZ_SANDBOX_SUB_MCHID, "N00001", "closed"));
}

static void a_refund_becomes_what_it_is_told(void **state)
{
    (void)state;
    char id[40], target[200];
    struct fz_sandbox_paid paid = make_payment(NULL);
    struct fz_sandbox_outcome outcome = FZ_INIT(fz_sandbox_outcome);
    refund(&paid, id);
    outcome.status = "ABNORMAL";
    must(fz_sandbox_set_refund_outcome(sandbox, id, &outcome));
    snprintf(target, sizeof target,
             "/v3/global/refunds/id/%s?sp_mchid=" FZ_SANDBOX_MCHID "&sub_mchid=" FZ_SANDBOX_SUB_MCHID, id);
    json_t *found = caller_call(sandbox, FZ_SANDBOX_MCHID, target, NULL, 200);
    assert_string_equal(caller_text(found, "status"), "ABNORMAL");
    json_decref(found);
}

static void a_receiver_s_audit_ends(void **state)
{
    (void)state;
    static const char body[] = "{\"sub_mchid\":\"" FZ_SANDBOX_SUB_MCHID
                               "\",\"type\":\"MERCHANT_ID\",\"account\":\"1900000334\",\"relation_type\":\"SUPPLIER\"}";
    json_decref(caller_call(sandbox, FZ_SANDBOX_MCHID, "/v3/global/profit-sharing/receivers", body, 200));
    must(fz_sandbox_end_receiver_audit(sandbox, "1900000334", FZ_SANDBOX_MCHID, NULL, NULL));
    assert_int_equal(fz_sandbox_end_receiver_audit(sandbox, "1900000334", FZ_SANDBOX_MCHID, NULL, NULL), -1); /* none is left */
    must(fz_sandbox_change_receiver(sandbox, "1900000334", "{\"penalised\":true}"));
    assert_int_equal(fz_sandbox_change_receiver(sandbox, "1900000334", "penalised"), -1);
}

static void merchants_come_and_change(void **state)
{
    (void)state;
    struct fz_sandbox_credentials made = FZ_INIT(fz_sandbox_credentials), changed = FZ_INIT(fz_sandbox_credentials);
    int64_t remaining = 0;
    char *all = NULL;
    must(fz_sandbox_add_merchant(sandbox,
                                 "{\"mchid\":\"1900000777\",\"kind\":\"direct\",\"contract_date\":\"2025-01-01\"}", &made));
    assert_string_equal(made.mchid, "1900000777");
    assert_int_equal(strlen(made.serial_no), 40);
    assert_int_equal(strlen(made.apiv3_key), 32);
    assert_string_equal(made.public_key_id, "");
    json_decref(caller_call(sandbox, "1900000777", BALANCE, NULL, 200));
    must(fz_sandbox_change_merchant(sandbox, "1900000777", "{\"certificate\":\"rotate\",\"public_key\":\"both\"}"));
    must(fz_sandbox_get_credentials(sandbox, "1900000777", &changed));
    assert_string_not_equal(changed.serial_no, made.serial_no);
    assert_memory_equal(changed.public_key_id, "PUB_KEY_ID_", 11);
    must(fz_sandbox_recharge(sandbox, "1900000777", 2000, &remaining));
    assert_int_equal(remaining, 2000);
    must(fz_sandbox_merchants(sandbox, &all));
    must_have(all, "1900000777");
    assert_int_equal(fz_sandbox_get_credentials(sandbox, "../platform", &changed), -1);
}

static void a_client_gets_what_it_needs(void **state)
{
    (void)state;
    struct fz_sandbox_credentials merchant = FZ_INIT(fz_sandbox_credentials);
    struct fz_client_options options = FZ_INIT(fz_client_options);
    must(fz_sandbox_get_credentials(sandbox, FZ_SANDBOX_MCHID, &merchant));
    must(fz_sandbox_client_options(sandbox, &merchant, &options));
    assert_string_equal(options.mchid, FZ_SANDBOX_MCHID);
    assert_string_equal(options.hosts[0], fz_sandbox_url(sandbox));
    assert_null(options.hosts[1]);
    assert_null(options.public_key_id);
    assert_null(options.ca_file);
    assert_int_equal(options.size, sizeof options);
    options.size = 0;
    assert_int_equal(fz_sandbox_client_options(sandbox, &merchant, &options), -1);
}

static void the_demo_book_tells_its_values(void **state)
{
    (void)state;
    char *value = NULL;
    must(fz_sandbox_demo_value(sandbox, "SUB_MCHID", &value));
    assert_string_equal(value, FZ_SANDBOX_SUB_MCHID);
    fz_sandbox_text_free(value);
    must(fz_sandbox_demo_value(sandbox, "DIRECT_MCHID", &value));
    assert_string_equal(value, FZ_SANDBOX_DIRECT_MCHID);
    fz_sandbox_text_free(value);
    must(fz_sandbox_demo_value(sandbox, "OTHER_SUB_MCHID", &value));
    assert_string_equal(value, FZ_SANDBOX_OTHER_SUB_MCHID);
    fz_sandbox_text_free(value);
    assert_int_equal(fz_sandbox_demo_value(sandbox, "NOTHING", &value), -1);
    assert_null(value);
}

static void the_platform_changes_its_certificate(void **state)
{
    (void)state;
    char serial_no[41] = "", *platform = NULL;
    must(fz_sandbox_rotate_platform_certificate(sandbox, "PT0S", serial_no));
    assert_int_equal(strlen(serial_no), 40);
    must(fz_sandbox_platform(sandbox, &platform));
    must_have(platform, serial_no);
}

static void requests_go_wrong_and_are_found_again(void **state)
{
    (void)state;
    int64_t id = 0;
    char *text = NULL, request_id[100];
    must(fz_sandbox_add_fault(sandbox, "{\"error\":\"SYSTEM_ERROR\",\"endpoint\":\"refundable-balance\"}", &id));
    json_decref(caller_call(sandbox, FZ_SANDBOX_MCHID, BALANCE, NULL, 500));
    must(fz_sandbox_faults(sandbox, &text));
    must_have(text, "\"hits\":1");
    must(fz_sandbox_clear_fault(sandbox, id));
    must(fz_sandbox_clear_faults(sandbox));
    json_decref(caller_call(sandbox, FZ_SANDBOX_MCHID, BALANCE, NULL, 200));
    must(fz_sandbox_requests(sandbox, "code=SYSTEM_ERROR&limit=1", &text));
    json_t *list = json_loads(text, 0, NULL), *first = json_array_get(json_object_get(list, "requests"), 0);
    snprintf(request_id, sizeof request_id, "%s", caller_text(first, "request_id"));
    json_decref(list);
    fz_sandbox_text_free(text);
    must(fz_sandbox_request(sandbox, request_id, &text));
    must_have(text, BALANCE);
    must(fz_sandbox_set_limits(sandbox, true));
}

static void callbacks_are_seen_sent_again_and_spoilt(void **state)
{
    (void)state;
    char *text = NULL, id[100];
    struct fz_sandbox_paid paid = make_payment("http://127.0.0.1:9/notify");
    must(fz_sandbox_callbacks(sandbox, "limit=1", &text));
    json_t *list = json_loads(text, 0, NULL), *first = json_array_get(json_object_get(list, "callbacks"), 0);
    assert_string_equal(caller_text(first, "out_trade_no"), paid.out_trade_no);
    snprintf(id, sizeof id, "%s", caller_text(first, "id"));
    json_decref(list);
    fz_sandbox_text_free(text);
    must(fz_sandbox_resend_callback(sandbox, id, true));
    must(fz_sandbox_callback(sandbox, id, &text));
    must_have(text, "\"resends\":1");
    must(fz_sandbox_set_callback_mode(sandbox, "{\"mode\":\"duplicate\",\"count\":1}"));
    must(fz_sandbox_callback_modes(sandbox, &text));
    must_have(text, "duplicate");
}

static void the_book_is_sound_and_begins_again(void **state)
{
    (void)state;
    char *totals = NULL;
    struct fz_sandbox_paid before = make_payment(NULL);
    must(fz_sandbox_audit(sandbox, &totals));
    must_have(totals, "\"findings\":0");
    must(fz_sandbox_advance(sandbox, "P1D"));
    must(fz_sandbox_reset(sandbox, true));
    assert_int_equal(fz_sandbox_now_ms(sandbox), SEEDED_NOW_MS);
    struct fz_sandbox_paid again = make_payment(NULL);
    assert_string_equal(again.transaction_id, before.transaction_id); /* the same story */
    must(fz_sandbox_reset(sandbox, false));
    struct fz_sandbox_paid another = make_payment(NULL);
    assert_string_not_equal(another.transaction_id, before.transaction_id);
}

static void any_call_can_be_made(void **state)
{
    (void)state;
    int status = 0;
    char *answer = NULL;
    must(fz_sandbox_control(sandbox, "GET", "/health", NULL, &status, &answer));
    assert_int_equal(status, 200);
    must_have(answer, "\"ok\"");
    assert_int_equal(fz_sandbox_control(sandbox, "POST", "/clock", "{}", &status, &answer), -1);
    assert_int_equal(status, 400);
    must_have(answer, "\"error\"");
    assert_int_equal(fz_sandbox_control(sandbox, "GET", "/nothing", NULL, NULL, NULL), -1);
    assert_non_null(strstr(fz_sandbox_error(), "404"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_sandbox, close_sandbox)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_clock_stands_moves_and_runs),
        TEST(a_payment_is_an_order_of_the_api),
        TEST(a_placed_order_is_paid),
        TEST(a_refund_becomes_what_it_is_told),
        TEST(a_receiver_s_audit_ends),
        TEST(merchants_come_and_change),
        TEST(a_client_gets_what_it_needs),
        TEST(the_demo_book_tells_its_values),
        TEST(the_platform_changes_its_certificate),
        TEST(requests_go_wrong_and_are_found_again),
        TEST(callbacks_are_seen_sent_again_and_spoilt),
        TEST(the_book_is_sound_and_begins_again),
        TEST(any_call_can_be_made),
    };
    return cmocka_run_group_tests_name("sandbox/calls", tests, NULL, NULL);
}
