/* Answers that are not the service's: none is ever given to the program, and none says of a write what became of it. */
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
#include <unistd.h>

#include "fenzhang.h"
#include "unit/client/platform.h"
#include "unit/client/stub.h"

#define SERIAL  "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"
#define OTHER   "1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C"
#define REFUND  "{\"id\":\"50000000382019052709732678859\",\"out_refund_no\":\"R1\",\"create_time\":\"2018-06-08T10:34:56+08:00\"," \
                "\"amount\":{\"refund\":100,\"currency\":\"CNY\",\"payer_refund\":100,\"payer_currency\":\"CNY\"," \
                "\"exchange_rate\":{\"type\":\"SETTLEMENT_RATE\",\"rate\":100000000}}}"
#define REFUSAL "{\"code\":\"NOT_ENOUGH\",\"message\":\"Insufficient balance\"}"
#define UNKNOWN "{\"code\":\"RESOURCE_NOT_EXISTS\",\"message\":\"no refund\"}"

static EVP_PKEY *platform_key, *other_key;
static struct stub *stub;
static fz_client *client;

static int sign_anything(void *signer, const void *message, size_t size, unsigned char *signature, size_t *signature_size)
{
    (void)signer, (void)message, (void)size;
    memset(signature, 1, 256);
    *signature_size = 256;
    return 0;
}

static int open_all(void **state)
{
    (void)state;
    platform_key = EVP_RSA_gen(2048);
    other_key = EVP_RSA_gen(2048);
    stub = stub_open();
    int64_t now = time(NULL);
    char *pem = platform_certificate(platform_key, SERIAL, now - 86400, now + 86400 * 365);
    const char *hosts[] = {stub_url(stub), NULL}, *certificates[] = {pem, NULL};
    struct fz_client_options options = FZ_CLIENT_OPTIONS_INIT;
    options.mchid = "1900000100";
    options.serial_no = OTHER;
    options.sign = sign_anything;
    options.apiv3_key = APIV3_KEY;
    options.platform_certificates = certificates;
    options.fixed_certificates = true;
    options.hosts = hosts;
    options.proxy = "";
    options.attempts = 2;
    options.backoff_ms = 2;
    assert_int_equal(fz_client_new(&options, &client, NULL), 0);
    free(pem);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    fz_client_free(client);
    stub_close(stub);
    EVP_PKEY_free(platform_key);
    EVP_PKEY_free(other_key);
    return 0;
}

/* ---- answers ---- */

enum signature { NONE, GOOD, OF_ANOTHER_BODY, OF_ANOTHER_KEY, OF_A_STRANGER, OLD, EARLY, NEARLY_OLD, PROBE };

/* The vendor's document on verifying answers: timestamp, nonce and body, each with a line end. */
static void add_signature(FILE *out, enum signature signature, const char *body)
{
    struct platform_answer made;
    int64_t at = time(NULL) - (signature == OLD ? 310 : signature == NEARLY_OLD ? 280 : signature == EARLY ? -310 : 0);
    if (signature == NONE)
        return;
    platform_sign(&made, signature == OF_ANOTHER_KEY || signature == OF_A_STRANGER ? other_key : platform_key,
                  signature == OF_A_STRANGER ? OTHER : SERIAL, at, strdup(signature == OF_ANOTHER_BODY ? "{}" : body));
    fprintf(out, "Wechatpay-Timestamp: %s\r\nWechatpay-Nonce: %s\r\nWechatpay-Serial: %s\r\nWechatpay-Signature: %s%s\r\n",
            made.timestamp, made.nonce, made.serial, signature == PROBE ? "WECHATPAY/SIGNTEST/" : "", made.signature);
    free(made.body);
}

/* `status_line` may have headers behind it. `claimed`: the body's size as the answer has it; -1: as it is. */
static char *answer_text(const char *status_line, enum signature signature, const char *body, int claimed)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    fprintf(out, "HTTP/1.1 %s\r\nConnection: close\r\nContent-Type: application/json\r\n", status_line);
    add_signature(out, signature, body);
    fprintf(out, "Content-Length: %d\r\n\r\n%s", claimed < 0 ? (int)strlen(body) : claimed, body);
    fclose(out);
    return text;
}

static void say(const char *status_line, enum signature signature, const char *body)
{
    char *text = answer_text(status_line, signature, body, -1);
    stub_say(stub, text, false);
    free(text);
}

/* ---- calls ---- */

static int submit(struct fz_refund_submit_answer **answer, fz_error **error)
{
    struct fz_refund_submit_request request = FZ_INIT(fz_refund_submit_request);
    request.mchid = "1900000100";
    request.appid = "wx8888888888888888";
    request.transaction_id = "1217752501201407033233368018";
    request.out_refund_no = "R1";
    request.amount.refund = 100;
    request.amount.total = 1000;
    request.amount.currency = "CNY";
    return fz_refund_submit(client, &request, answer, error);
}

static void is_told(const fz_error *error, enum fz_code code, enum fz_outcome outcome)
{
    if (fz_error_code(error) != code || fz_error_outcome(error) != outcome)
        fail_msg("code %d, outcome %d: %s", fz_error_code(error), fz_error_outcome(error), fz_error_message(error));
}

static void a_write_comes_to(enum fz_code code, enum fz_outcome outcome)
{
    struct fz_refund_submit_answer *answer = NULL;
    fz_error *error = NULL;
    assert_int_equal(submit(&answer, &error), -1);
    assert_null(answer);
    is_told(error, code, outcome);
    fz_error_free(error);
}

/* What was asked and not answered by the service is not "refused". */
static void a_query_comes_to(enum fz_code code)
{
    struct fz_refund_by_id_request request = FZ_INIT(fz_refund_by_id_request);
    struct fz_refund_answer *answer = NULL;
    fz_error *error = NULL;
    request.id = "50000000382019052709732678859";
    request.mchid = "1900000100";
    assert_int_equal(fz_refund_by_id(client, &request, &answer, &error), -1);
    assert_null(answer);
    is_told(error, code, FZ_OUTCOME_NOT_SENT);
    fz_error_free(error);
}

static void both_come_to(enum fz_code code)
{
    a_write_comes_to(code, FZ_OUTCOME_MAYBE_DONE);
    a_query_comes_to(code);
}

/* ---- tests ---- */

static void the_service_s_own_word_counts(void **state)
{
    (void)state;
    struct fz_refund_submit_answer *answer = NULL;
    fz_error *error = NULL;
    say("200 OK", GOOD, REFUND);
    assert_int_equal(submit(&answer, &error), 0);
    assert_string_equal(answer->id, "50000000382019052709732678859");
    assert_int_equal(answer->amount.refund, 100);
    fz_answer_free(answer);
    say("200 OK", NEARLY_OLD, REFUND); /* within the 300 seconds of timestamp_tolerance_s */
    assert_int_equal(submit(&answer, &error), 0);
    fz_answer_free(answer);
    say("403 Forbidden", GOOD, REFUSAL);
    a_write_comes_to(FZ_CODE_NOT_ENOUGH, FZ_OUTCOME_REFUSED);
    say("200 OK", GOOD, "not json"); /* done, says who signed it, and what was done cannot be read */
    a_write_comes_to(FZ_CODE_MALFORMED, FZ_OUTCOME_DONE);
    say("200 OK", GOOD, "{}");
    a_write_comes_to(FZ_CODE_MALFORMED, FZ_OUTCOME_DONE);
}

static void no_forged_answer_is_one(void **state)
{
    (void)state;
    static const enum signature forged[] = {NONE, OF_ANOTHER_BODY, OF_ANOTHER_KEY, OLD, EARLY, PROBE};
    for (size_t i = 0; i < sizeof forged / sizeof forged[0]; i++) {
        say("200 OK", forged[i], REFUND);
        both_come_to(FZ_CODE_UNVERIFIED);
    }
    say("200 OK", OF_A_STRANGER, REFUND);
    both_come_to(FZ_CODE_NO_KEY);
    say("200 OK", NONE, "<html>");
    both_come_to(FZ_CODE_UNVERIFIED);
    say("204 No Content", NONE, "");
    both_come_to(FZ_CODE_UNVERIFIED);
}

/* What stands in a 100 Continue is of no answer. */
static void a_signature_in_between_signs_nothing(void **state)
{
    (void)state;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    fprintf(out, "HTTP/1.1 100 Continue\r\n");
    add_signature(out, GOOD, REFUND);
    fprintf(out, "\r\nHTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen(REFUND), REFUND);
    fclose(out);
    stub_say(stub, text, false);
    free(text);
    both_come_to(FZ_CODE_UNVERIFIED);
}

static void no_forged_refusal_is_final(void **state)
{
    (void)state;
    static const enum signature forged[] = {NONE, OF_ANOTHER_BODY, OF_ANOTHER_KEY, OF_A_STRANGER, OLD};
    for (size_t i = 0; i < sizeof forged / sizeof forged[0]; i++) {
        say("403 Forbidden", forged[i], REFUSAL);
        both_come_to(FZ_CODE_NOT_ENOUGH);
        say("404 Not Found", forged[i], UNKNOWN);
        both_come_to(FZ_CODE_RESOURCE_NOT_EXISTS);
    }
    say("401 Unauthorized", NONE, REFUSAL);
    both_come_to(FZ_CODE_NOT_ENOUGH);
    say("500 Internal Server Error", NONE, "{\"code\":\"SYSTEM_ERROR\",\"message\":\"\"}");
    both_come_to(FZ_CODE_SYSTEM_ERROR);
    say("503 Service Unavailable", NONE, "<html>");
    both_come_to(FZ_CODE_NO_BODY);
    say("407 Proxy Authentication Required", NONE, "");
    both_come_to(FZ_CODE_NO_BODY);
}

/* Whom the service does not know, it cannot sign for (docs/integrators.md: 401 SIGN_ERROR comes unsigned). So could anybody say who
 * passed the write on before. */
static void who_is_not_known_is_told_so_unsigned(void **state)
{
    (void)state;
    struct fz_refundable_balance_request request = FZ_INIT(fz_refundable_balance_request);
    struct fz_refundable_balance_answer *balance = NULL;
    fz_error *error = NULL;
    say("401 Unauthorized", NONE, "{\"code\":\"SIGN_ERROR\",\"message\":\"Signature error\"}");
    a_write_comes_to(FZ_CODE_SIGN_ERROR, FZ_OUTCOME_MAYBE_DONE);
    assert_int_equal(stub_asked(stub), 1); /* it is of no use to say it again */
    assert_int_equal(fz_refundable_balance(client, &request, &balance, &error), -1);
    is_told(error, FZ_CODE_SIGN_ERROR, FZ_OUTCOME_REFUSED); /* of a query nothing can have been done */
    fz_error_free(error);
}

static void no_redirect_is_followed(void **state)
{
    (void)state;
    char line[120];
    snprintf(line, sizeof line, "307 Temporary Redirect\r\nLocation: %s/v3/elsewhere", stub_url(stub));
    say(line, NONE, "");
    a_write_comes_to(FZ_CODE_NO_BODY, FZ_OUTCOME_MAYBE_DONE);
    assert_int_equal(stub_asked(stub), 1);
    assert_memory_equal(stub_heard(stub), "POST /v3/global/refunds ", 24);
}

static void what_has_no_end_is_ended(void **state)
{
    (void)state;
    stub_say(stub, "HTTP/1.1 200 OK\r\n\r\n{", true);
    both_come_to(FZ_CODE_MALFORMED);
    assert_int_equal(stub_asked(stub), 2); /* one each: no repeat of what is too long */
}

static void half_an_answer_is_none(void **state)
{
    (void)state;
    char *text = answer_text("200 OK", GOOD, REFUND, (int)strlen(REFUND) + 1);
    stub_say(stub, text, false);
    free(text);
    both_come_to(FZ_CODE_NETWORK);
    stub_say(stub, "HTTP/1.1 200 OK\r\nWechatpay-Ser", false);
    a_write_comes_to(FZ_CODE_UNVERIFIED, FZ_OUTCOME_MAYBE_DONE);
    stub_say(stub, "SSH-2.0-OpenSSH_9.2\r\n", false);
    both_come_to(FZ_CODE_NETWORK);
    stub_say(stub, "", false);
    both_come_to(FZ_CODE_NETWORK);
}

/* "Not known" has to be the service's word before anybody takes another number. */
static void a_forged_unknown_finds_nothing_out(void **state)
{
    (void)state;
    struct fz_refund_submit_answer *answer = NULL;
    fz_error *error = NULL, *why = NULL;
    enum fz_outcome outcome = FZ_OUTCOME_MAYBE_DONE;
    void *found = NULL;
    const char *name = NULL;
    say("503 Service Unavailable", NONE, "");
    assert_int_equal(submit(&answer, &error), -1);
    say("404 Not Found", NONE, UNKNOWN);
    assert_int_equal(fz_find_out(client, error, false, &outcome, &found, &name, &why), -1);
    assert_null(found);
    fz_error_free(why);
    say("404 Not Found", GOOD, UNKNOWN);
    assert_int_equal(fz_find_out(client, error, false, &outcome, &found, &name, &why), 0);
    assert_int_equal(outcome, FZ_OUTCOME_NOT_SENT);
    fz_error_free(error);
}

/* ---- bills ---- */

#define BILL "Refund apply time,Refund source amount\r\n`2026-11-27 10:00:05,`20.00\r\n"

static int fetch_bill(const char *link_members, enum signature link_signature, enum signature signature, fz_error **error)
{
    struct fz_bill_day day = FZ_INIT(fz_bill_day);
    char link[512];
    day.kind = FZ_BILL_REFUNDS;
    day.date = "2026-11-27";
    snprintf(link, sizeof link, "{\"download_url\":\"%s/v3/bill/downloadurl?token=x\"%s}", stub_url(stub), link_members);
    say("200 OK", link_signature, link);
    char *file = answer_text("200 OK", signature, BILL, -1);
    stub_say_to(stub, "GET /v3/bill/downloadurl?token=x", file);
    free(file);
    int result = fz_bill_read_day(client, &day, NULL, NULL, NULL, error);
    stub_say_to(stub, NULL, NULL);
    return result;
}

static void no_bill_comes_of(const char *link_members, enum signature link_signature, enum signature signature)
{
    fz_error *error = NULL;
    assert_int_equal(fetch_bill(link_members, link_signature, signature, &error), -1);
    is_told(error, FZ_CODE_UNVERIFIED, fz_error_outcome(error));
    fz_error_free(error);
}

/* The vendor's own links have this path, and nothing says that what is behind it is signed. Its answer is still looked at: where
 * there is a signature it has to fit. */
static void a_bill_may_be_unsigned_where_a_signed_answer_says_it_is(void **state)
{
    (void)state;
    assert_int_equal(fetch_bill("", GOOD, NONE, NULL), 0);
    assert_int_equal(fetch_bill("", GOOD, GOOD, NULL), 0);
    no_bill_comes_of("", GOOD, OF_ANOTHER_BODY);
    no_bill_comes_of("", GOOD, OF_ANOTHER_KEY);
    no_bill_comes_of("", NONE, NONE);
}

/* sha1sum and sha256sum of BILL. */
static void a_hash_that_is_told_beside_the_link_has_to_fit(void **state)
{
    (void)state;
    assert_int_equal(fetch_bill(",\"hash_type\":\"SHA1\",\"hash_value\":\"cc57cae1ee3f6ac894069e8b2801a67b1e087431\"", GOOD, NONE, NULL), 0);
    assert_int_equal(fetch_bill(",\"hash_type\":\"SHA256\",\"hash_value\":"
                                "\"efa34f36fcdf217a14fe77946af7cb75b79b374f408a402485275131385628d9\"", GOOD, NONE, NULL), 0);
    no_bill_comes_of(",\"hash_type\":\"SHA1\",\"hash_value\":\"da39a3ee5e6b4b0d3255bfef95601890afd80709\"", GOOD, NONE);
    no_bill_comes_of(",\"hash_type\":\"SHA1\",\"hash_value\":\"x\"", GOOD, GOOD);
}

static int add_up(void *argument, const struct fz_bill_row *row)
{
    struct fz_refund_bill_summary *seen = argument;
    assert_int_equal(row->part, FZ_BILL_SUMMARY);
    *seen = *row->refund_summary;
    return 0;
}

/* No document has the columns of the service's own summary. */
static void a_bill_without_a_summary_tells_what_it_adds_up_to(void **state)
{
    (void)state;
    char path[] = "/tmp/fz-bill-XXXXXX";
    struct fz_refund_bill_summary seen = {0};
    int file = mkstemp(path);
    static const char text[] = BILL "`2026-11-27 10:00:06,`0.01\r\nTotal,Of what,In what\r\n`2,`20.01,`CNY\r\n";
    assert_int_equal(write(file, text, strlen(text)), (int)strlen(text));
    close(file);
    assert_int_equal(fz_bill_check_file(FZ_BILL_REFUNDS, path, add_up, &seen, NULL, NULL), 0);
    assert_int_equal(seen.source_amount, 2001);
    assert_int_equal(seen.refund_count, -1);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_service_s_own_word_counts),
        cmocka_unit_test(no_forged_answer_is_one),
        cmocka_unit_test(a_signature_in_between_signs_nothing),
        cmocka_unit_test(no_forged_refusal_is_final),
        cmocka_unit_test(who_is_not_known_is_told_so_unsigned),
        cmocka_unit_test(no_redirect_is_followed),
        cmocka_unit_test(what_has_no_end_is_ended),
        cmocka_unit_test(half_an_answer_is_none),
        cmocka_unit_test(a_forged_unknown_finds_nothing_out),
        cmocka_unit_test(a_bill_may_be_unsigned_where_a_signed_answer_says_it_is),
        cmocka_unit_test(a_hash_that_is_told_beside_the_link_has_to_fit),
        cmocka_unit_test(a_bill_without_a_summary_tells_what_it_adds_up_to),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
