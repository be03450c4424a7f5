/* How long a call waits before its next attempt: as long as it was asked to, and never beyond its deadline. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "fenzhang.h"
#include "unit/client/platform.h"
#include "unit/client/stub.h"

#define SERIAL  "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"
#define LIMITED "{\"code\":\"FREQUENCY_LIMITED\",\"message\":\"Too many requests\"}"
#define BROKEN  "{\"code\":\"SYSTEM_ERROR\",\"message\":\"System error\"}"
#define BUSY    "{\"code\":\"SERVICE_UNAVAILABLE\",\"message\":\"Busy\"}"
#define GATEWAY "<html>bad gateway</html>"

/* An answer that every attempt gets, and what comes of it. */
struct meeting {
    const char *answer; /* status line, and headers */
    bool is_signed;
    const char *body;
    int64_t deadline_ms;
    enum fz_code code;
    enum fz_outcome outcome;
    int64_t wait_ms;  /* that the error tells */
    int asked;        /* attempts, of two */
    int64_t least_ms; /* that the call took */

    struct stub *stub;
    fz_client *client;
    pthread_t thread;
    fz_error *error;
    int64_t took_ms;
};

#define OFTEN  FZ_CODE_FREQUENCY_LIMITED
#define MAYBE  FZ_OUTCOME_MAYBE_DONE
#define LONG   10000
#define TWICE  2

/* fenzhang/error.h, "after how many milliseconds"; without a word of the service's a limit is a second, as its limits count by
 * the second, and what is broken is asked again at once. RFC 9110, 10.2.3: seconds, or a date. */
static struct meeting meetings[] = {
    {"429 Too Many Requests", true, LIMITED, LONG, OFTEN, FZ_OUTCOME_REFUSED, 1000, TWICE, 1000},
    {"429 Too Many Requests\r\nRetry-After: 2", true, LIMITED, LONG, OFTEN, FZ_OUTCOME_REFUSED, 2000, TWICE, 2000},
    {"429 Too Many Requests\r\nRetry-After: 2", false, LIMITED, LONG, OFTEN, MAYBE, 2000, TWICE, 2000},
    {"429 Too Many Requests\r\nRetry-After: 1", false, GATEWAY, LONG, FZ_CODE_NO_BODY, MAYBE, 1000, TWICE, 1000},
    {"429 Too Many Requests\r\nRetry-After: 20", true, LIMITED, LONG, OFTEN, FZ_OUTCOME_REFUSED, 20000, 1, 0},
    {"500 Internal Server Error", true, BROKEN, LONG, FZ_CODE_SYSTEM_ERROR, MAYBE, 0, TWICE, 0},
    {"500 Internal Server Error", false, BROKEN, LONG, FZ_CODE_SYSTEM_ERROR, MAYBE, 0, TWICE, 0},
    {"500 Internal Server Error\r\nRetry-After: 1", true, BROKEN, LONG, FZ_CODE_SYSTEM_ERROR, MAYBE, 1000, TWICE, 1000},
    {"502 Bad Gateway", false, GATEWAY, LONG, FZ_CODE_NO_BODY, MAYBE, 0, TWICE, 0},
    {"502 Bad Gateway\r\nRetry-After: 20", false, GATEWAY, LONG, FZ_CODE_NO_BODY, MAYBE, 20000, 1, 0},
    {"503 Service Unavailable\r\nretry-after:  1 ", false, GATEWAY, LONG, FZ_CODE_NO_BODY, MAYBE, 1000, TWICE, 1000},
    {"503 Service Unavailable", true, BUSY, LONG, FZ_CODE_SERVICE_UNAVAILABLE, MAYBE, 0, TWICE, 0},
    {"503 Service Unavailable\r\nRetry-After: 1", true, BUSY, LONG, FZ_CODE_SERVICE_UNAVAILABLE, MAYBE, 1000, TWICE, 1000},
    {"503 Service Unavailable\r\nRetry-After: Wed, 21 Oct 2026 07:28:00 GMT", true, BUSY, LONG, FZ_CODE_SERVICE_UNAVAILABLE, MAYBE, 0,
     TWICE, 0},
    {"503 Service Unavailable\r\nRetry-After: -5", true, BUSY, LONG, FZ_CODE_SERVICE_UNAVAILABLE, MAYBE, 0, TWICE, 0},
    {"503 Service Unavailable\r\nRetry-After: 99999999999999999999", true, BUSY, LONG, FZ_CODE_SERVICE_UNAVAILABLE, MAYBE, 0, TWICE, 0},
    {"403 Forbidden\r\nRetry-After: 1", false, GATEWAY, LONG, FZ_CODE_NO_BODY, MAYBE, 1000, 1, 0}, /* no repeat makes it another */
};
#define MEETINGS (sizeof meetings / sizeof meetings[0])

static EVP_PKEY *platform_key;

static int sign_anything(void *signer, const void *message, size_t size, unsigned char *signature, size_t *signature_size)
{
    (void)signer, (void)message, (void)size;
    memset(signature, 1, 256);
    *signature_size = 256;
    return 0;
}

static char *answer_text(const struct meeting *meeting)
{
    char *text = NULL;
    size_t size = 0;
    struct platform_answer made;
    FILE *out = open_memstream(&text, &size);
    platform_sign(&made, platform_key, SERIAL, time(NULL), strdup(meeting->body));
    fprintf(out, "HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: %zu\r\n", meeting->answer, strlen(meeting->body));
    if (meeting->is_signed)
        fprintf(out, "Wechatpay-Timestamp: %s\r\nWechatpay-Nonce: %s\r\nWechatpay-Serial: %s\r\nWechatpay-Signature: %s\r\n",
                made.timestamp, made.nonce, made.serial, made.signature);
    fprintf(out, "\r\n%s", meeting->body);
    fclose(out);
    free(made.body);
    return text;
}

static void open_meeting(struct meeting *meeting, const char *certificate)
{
    char *text = answer_text(meeting);
    meeting->stub = stub_open();
    stub_say(meeting->stub, text, false);
    free(text);
    const char *hosts[] = {stub_url(meeting->stub), NULL}, *certificates[] = {certificate, NULL};
    struct fz_client_options options = FZ_CLIENT_OPTIONS_INIT;
    options.mchid = "1900000100";
    options.serial_no = SERIAL;
    options.sign = sign_anything;
    options.apiv3_key = APIV3_KEY;
    options.platform_certificates = certificates;
    options.fixed_certificates = true;
    options.hosts = hosts;
    options.proxy = "";
    options.attempts = TWICE;
    options.backoff_ms = 2;
    options.deadline_ms = meeting->deadline_ms;
    assert_int_equal(fz_client_new(&options, &meeting->client, NULL), 0);
}

static void *meet(void *argument)
{
    struct meeting *meeting = argument;
    struct fz_refund_submit_answer *answer = NULL;
    struct fz_refund_submit_request request = FZ_INIT(fz_refund_submit_request);
    request.mchid = "1900000100";
    request.appid = "wx8888888888888888";
    request.transaction_id = "1217752501201407033233368018";
    request.out_refund_no = "R1";
    request.amount.refund = 100;
    request.amount.total = 1000;
    request.amount.currency = "CNY";
    int64_t began = fz_ticks_ms();
    (void)fz_refund_submit(meeting->client, &request, &answer, &meeting->error);
    meeting->took_ms = fz_ticks_ms() - began;
    fz_answer_free(answer);
    return NULL;
}

static void close_meeting(struct meeting *meeting)
{
    const fz_error *error = meeting->error;
    print_message("%s\n", meeting->answer);
    assert_non_null(error);
    assert_int_equal(fz_error_code(error), meeting->code);
    assert_int_equal(fz_error_outcome(error), meeting->outcome);
    assert_int_equal(fz_error_status(error), strtol(meeting->answer, NULL, 10));
    assert_true(fz_error_may_retry(error));
    assert_int_equal(fz_error_wait_ms(error), meeting->wait_ms);
    assert_int_equal(stub_asked(meeting->stub), meeting->asked);
    assert_true(meeting->took_ms >= meeting->least_ms);
    assert_true(meeting->took_ms < meeting->deadline_ms);
    fz_error_free(meeting->error);
    fz_client_free(meeting->client);
    stub_close(meeting->stub);
}

/* All at the same time, as waiting costs nothing. */
static void a_call_waits_as_long_as_it_was_asked_to(void **state)
{
    (void)state;
    int64_t now = time(NULL);
    platform_key = EVP_RSA_gen(2048);
    char *certificate = platform_certificate(platform_key, SERIAL, now - 86400, now + 86400 * 365);
    for (size_t i = 0; i < MEETINGS; i++)
        open_meeting(&meetings[i], certificate);
    for (size_t i = 0; i < MEETINGS; i++)
        assert_int_equal(pthread_create(&meetings[i].thread, NULL, meet, &meetings[i]), 0);
    for (size_t i = 0; i < MEETINGS; i++)
        pthread_join(meetings[i].thread, NULL);
    for (size_t i = 0; i < MEETINGS; i++)
        close_meeting(&meetings[i]);
    EVP_PKEY_free(platform_key);
    free(certificate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_waits_as_long_as_it_was_asked_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
