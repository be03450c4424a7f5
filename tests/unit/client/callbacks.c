/* Callbacks of the sandbox, as a program receives them, and what becomes of them on the way. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "unit/client/shop.h"
#include "unit/client/stub.h"

/* A callback as it arrived. */
struct arrived {
    char timestamp[32], nonce[64], serial[80], signature[800];
    char *body;
};

static void take(const char *heard, const char *name, char *out, size_t size)
{
    const char *line = strcasestr(heard, name);
    assert_non_null(line);
    line += strlen(name);
    snprintf(out, size, "%.*s", (int)strcspn(line, "\r"), line);
}

static struct arrived arrived_at(struct stub *receiver)
{
    struct arrived arrived;
    const char *heard = stub_heard(receiver);
    take(heard, "\r\nWechatpay-Timestamp: ", arrived.timestamp, sizeof arrived.timestamp);
    take(heard, "\r\nWechatpay-Nonce: ", arrived.nonce, sizeof arrived.nonce);
    take(heard, "\r\nWechatpay-Serial: ", arrived.serial, sizeof arrived.serial);
    take(heard, "\r\nWechatpay-Signature: ", arrived.signature, sizeof arrived.signature);
    arrived.body = strdup(strstr(heard, "\r\n\r\n") + 4);
    return arrived;
}

static struct fz_callback_request request_of(const struct arrived *arrived)
{
    struct fz_callback_request request = FZ_INIT(fz_callback_request);
    request.timestamp = arrived->timestamp;
    request.nonce = arrived->nonce;
    request.serial = arrived->serial;
    request.signature = arrived->signature;
    request.body = arrived->body;
    request.body_size = strlen(arrived->body);
    return request;
}

/* An order is paid, and the shop is told. */
static struct arrived paid(struct shop *shop, struct stub *receiver, struct fz_sandbox_paid *out)
{
    struct fz_sandbox_payment payment = FZ_INIT(fz_sandbox_payment);
    char url[80];
    snprintf(url, sizeof url, "%s/notify", stub_url(receiver));
    stub_say(receiver, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", false);
    out->size = sizeof *out;
    payment.mchid = FZ_SANDBOX_MCHID;
    payment.sub_mchid = FZ_SANDBOX_SUB_MCHID;
    payment.amount = 1000;
    payment.notify_url = url;
    payment.wait = true;
    shop_must(fz_sandbox_make_payment(shop->sandbox, &payment, out));
    assert_int_equal(stub_asked(receiver), 1);
    return arrived_at(receiver);
}

static void opens(fz_client *client, const struct fz_callback_request *request)
{
    struct fz_callback_received *received = NULL;
    fz_error *error = NULL;
    shop_good(fz_callback_open(client, request, &received, &error), error);
    fz_callback_free(received);
}

static void is_not_taken(fz_client *client, const struct fz_callback_request *request, enum fz_code code)
{
    struct fz_callback_received *received = NULL;
    fz_error *error = NULL;
    assert_int_equal(fz_callback_open(client, request, &received, &error), -1);
    assert_null(received);
    if (fz_error_code(error) != code)
        fail_msg("%d: %s", fz_error_code(error), fz_error_message(error));
    fz_error_free(error);
}

static void a_paid_order_is_read(void **state)
{
    struct shop *shop = *state;
    struct stub *receiver = stub_open();
    struct fz_sandbox_paid order;
    struct arrived arrived = paid(shop, receiver, &order);
    struct fz_callback_request request = request_of(&arrived);
    struct fz_callback_received *received = NULL;
    fz_error *error = NULL;
    shop_good(fz_callback_open(shop->client, &request, &received, &error), error);
    assert_int_equal(received->event, FZ_CALLBACK_PAID);
    assert_string_equal(received->event_type, "TRANSACTION.SUCCESS");
    assert_string_equal(received->order->out_trade_no, order.out_trade_no);
    assert_string_equal(received->order->trade_state, "SUCCESS");
    assert_int_equal(received->order->amount.total, 1000);
    assert_null(received->refund);
    fz_callback_free(received);
    free(arrived.body);
    stub_close(receiver);
}

static void a_refund_is_read(void **state)
{
    struct shop *shop = *state;
    struct stub *receiver = stub_open();
    char url[80];
    struct fz_sandbox_paid order = shop_paid(shop, false);
    struct fz_refund_submit_request submit = shop_refund(&order, "R-called-back");
    struct fz_refund_submit_answer *answer = NULL;
    struct fz_sandbox_outcome outcome = FZ_INIT(fz_sandbox_outcome);
    fz_error *error = NULL;
    snprintf(url, sizeof url, "%s/notify", stub_url(receiver));
    stub_say(receiver, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", false);
    submit.notify_url = url;
    shop_good(fz_refund_submit(shop->client, &submit, &answer, &error), error);
    outcome.status = "SUCCESS";
    outcome.wait = true;
    shop_must(fz_sandbox_set_refund_outcome(shop->sandbox, answer->id, &outcome));
    struct arrived arrived = arrived_at(receiver);
    struct fz_callback_request request = request_of(&arrived);
    struct fz_callback_received *received = NULL;
    shop_good(fz_callback_open(shop->client, &request, &received, &error), error);
    assert_int_equal(received->event, FZ_CALLBACK_REFUND_SUCCESS);
    assert_string_equal(received->refund->out_refund_no, "R-called-back");
    assert_string_equal(received->refund->refund_id, answer->id);
    assert_string_equal(received->refund->refund_status, "SUCCESS");
    assert_int_equal(received->refund->amount.refund, 100);
    assert_null(received->order);
    fz_callback_free(received);
    fz_answer_free(answer);
    free(arrived.body);
    stub_close(receiver);
}

/* Keys that are kept in a directory: with a tolerance of 0 a list that was signed a second ago is believed no more. */
static void keep_keys(struct shop *shop, char directory[200], const struct fz_callback_request *request)
{
    snprintf(directory, 200, "%s/keys", fz_sandbox_data(shop->sandbox));
    assert_int_equal(mkdir(directory, 0700), 0);
    shop->options.certificate_directory = directory;
    shop_reopen(shop);
    opens(shop->client, request);
}

/* Judged by when it arrived; 300 seconds unless the options say otherwise, and 0 is this very second. */
static void an_old_one_is_not_taken(void **state)
{
    static const struct {
        bool none_at_all;
        int64_t after_ms;
        bool taken;
    } cases[] = {
        {false, 299000, true}, {false, 302000, false}, {false, -302000, false},
        {true, 0, true},       {true, 999, true},      {true, 1000, false},     {true, -1, false},
    };
    struct shop *shop = *state;
    struct stub *receiver = stub_open();
    char directory[200];
    struct fz_sandbox_paid order;
    struct arrived arrived = paid(shop, receiver, &order);
    struct fz_callback_request request = request_of(&arrived);
    keep_keys(shop, directory, &request);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        shop->options.has_tolerance = cases[i].none_at_all;
        request.arrived_ms = atoll(arrived.timestamp) * 1000 + cases[i].after_ms;
        shop_reopen(shop);
        if (cases[i].taken)
            opens(shop->client, &request);
        else
            is_not_taken(shop->client, &request, FZ_CODE_UNVERIFIED);
    }
    free(arrived.body);
    stub_close(receiver);
}

static void what_was_changed_is_not_taken(void **state)
{
    struct shop *shop = *state;
    struct stub *receiver = stub_open();
    char probe[900];
    struct fz_sandbox_paid order;
    struct arrived arrived = paid(shop, receiver, &order);
    struct fz_callback_request request = request_of(&arrived);
    opens(shop->client, &request);
    snprintf(probe, sizeof probe, "WECHATPAY/SIGNTEST/%s", arrived.signature);
    request.signature = probe;
    is_not_taken(shop->client, &request, FZ_CODE_UNVERIFIED);
    request.signature = NULL;
    is_not_taken(shop->client, &request, FZ_CODE_UNVERIFIED);
    request = request_of(&arrived);
    request.nonce = "593BEC0C930BF1AFEB40B4A08C8FB242";
    is_not_taken(shop->client, &request, FZ_CODE_UNVERIFIED);
    request = request_of(&arrived);
    request.body_size--;
    is_not_taken(shop->client, &request, FZ_CODE_UNVERIFIED);
    free(arrived.body);
    stub_close(receiver);
}

static void a_new_key_is_fetched_unless_it_must_not_be(void **state)
{
    struct shop *shop = *state;
    struct stub *receiver = stub_open();
    char serial[41];
    struct fz_sandbox_paid order;
    struct arrived before = paid(shop, receiver, &order);
    struct fz_callback_request request = request_of(&before);
    request.never_fetch = true;
    is_not_taken(shop->client, &request, FZ_CODE_NO_KEY);
    request.never_fetch = false;
    opens(shop->client, &request);
    shop_must(fz_sandbox_rotate_platform_certificate(shop->sandbox, "PT0S", serial));
    struct arrived after = paid(shop, receiver, &order);
    assert_string_equal(after.serial, serial);
    struct fz_callback_request newer = request_of(&after);
    newer.never_fetch = true;
    is_not_taken(shop->client, &newer, FZ_CODE_NO_KEY);
    newer.never_fetch = false;
    opens(shop->client, &newer);
    opens(shop->client, &request); /* the old key is believed on */
    newer.serial = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1";
    is_not_taken(shop->client, &newer, FZ_CODE_NO_KEY);
    free(before.body);
    free(after.body);
    stub_close(receiver);
}

/* With another APIv3 key it is the platform's all the same, and does not open. */
static void what_does_not_open_is_told_apart(void **state)
{
    struct shop *shop = *state;
    struct stub *receiver = stub_open();
    char directory[200];
    struct fz_sandbox_paid order;
    struct arrived arrived = paid(shop, receiver, &order);
    struct fz_callback_request request = request_of(&arrived);
    keep_keys(shop, directory, &request);
    shop->options.apiv3_key = "00000000000000000000000000000000";
    shop_reopen(shop);
    is_not_taken(shop->client, &request, FZ_CODE_MALFORMED);
    free(arrived.body);
    stub_close(receiver);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, shop_open, shop_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_paid_order_is_read),
        TEST(a_refund_is_read),
        TEST(an_old_one_is_not_taken),
        TEST(what_was_changed_is_not_taken),
        TEST(a_new_key_is_fetched_unless_it_must_not_be),
        TEST(what_does_not_open_is_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
