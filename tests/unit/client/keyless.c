/* A write is not sent while there is no key by which its answer could be verified: what became of it could not be known. */
#include <stdio.h>
#include <string.h>

#include "unit/client/shop.h"

#define REFUNDS      "/v3/global/refunds"
#define CERTIFICATES "/v3/certificates"

/* A refund that the client has no key for; nothing of it reaches the service. The error is the caller's. */
static fz_error *is_not_sent(struct shop *shop, enum fz_code code)
{
    struct fz_sandbox_paid paid = shop_paid(shop, false);
    struct fz_refund_submit_request request = shop_refund(&paid, paid.out_trade_no);
    struct fz_refund_submit_answer *answer = NULL;
    fz_error *error = NULL;
    size_t before = shop_requests(shop, REFUNDS, NULL);
    assert_int_equal(fz_refund_submit(shop->client, &request, &answer, &error), -1);
    assert_null(answer);
    if (fz_error_code(error) != code)
        fail_msg("code %d in the place of %d: %s", fz_error_code(error), code, fz_error_message(error));
    assert_int_equal(fz_error_outcome(error), FZ_OUTCOME_NOT_SENT);
    assert_int_equal(shop_requests(shop, REFUNDS, NULL), before);
    return error;
}

static void is_sent(struct shop *shop)
{
    int64_t sum;
    struct fz_sandbox_paid paid = shop_paid(shop, false);
    struct fz_refund_submit_request request = shop_refund(&paid, paid.out_trade_no);
    struct fz_refund_submit_answer *answer = NULL;
    fz_error *error = NULL;
    shop_good(fz_refund_submit(shop->client, &request, &answer, &error), error);
    fz_answer_free(answer);
    assert_int_equal(shop_refunds(shop, &paid, &sum), 1);
}

/* The reason is told as that of a call: whoever cannot reach the service can try again, whoever is told lies cannot. */
static void what_keeps_the_certificates_away_is_told(void **state)
{
    static const struct {
        const char *members;
        enum fz_code code;
        bool may_retry;
    } faults[] = {
        {"\"effect\":\"reset\",\"when\":\"before\"", FZ_CODE_NETWORK, true},
        {"\"effect\":\"cut\"", FZ_CODE_NETWORK, true},
        {"\"error\":\"SYSTEM_ERROR\"", FZ_CODE_SYSTEM_ERROR, true},
        {"\"effect\":\"wrong_signature\"", FZ_CODE_NO_KEY, false},
        {"\"effect\":\"no_signature\"", FZ_CODE_NO_KEY, false},
        {"\"effect\":\"stale_timestamp\"", FZ_CODE_NO_KEY, false},
    };
    struct shop *shop = *state;
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        shop_reopen(shop);
        shop_fault(shop, "certificates", faults[i].members);
        fz_error *error = is_not_sent(shop, faults[i].code);
        assert_int_equal(fz_error_may_retry(error), faults[i].may_retry);
        assert_false(fz_error_is_fatal(error));
        assert_non_null(strstr(fz_error_message(error), "Nothing was sent"));
        fz_error_free(error);
        shop_must(fz_sandbox_clear_faults(shop->sandbox));
    }
}

/* As often as a call is (attempts), while nobody answers. */
static void a_fetch_that_fails_is_made_again(void **state)
{
    struct shop *shop = *state;
    shop->options.attempts = 3;
    shop_reopen(shop);
    shop_fault(shop, "certificates", "\"error\":\"SYSTEM_ERROR\",\"count\":3");
    fz_error_free(is_not_sent(shop, FZ_CODE_SYSTEM_ERROR));
    assert_int_equal(shop_requests(shop, CERTIFICATES, NULL), 3);
    shop_reopen(shop);
    shop_fault(shop, "certificates", "\"error\":\"SYSTEM_ERROR\",\"count\":2");
    is_sent(shop);
    assert_int_equal(shop_requests(shop, CERTIFICATES, "500"), 5);
}

/* A fetch that brought nothing is not made again by each that comes; who comes is told when. */
static void who_comes_soon_after_is_told_when(void **state)
{
    struct shop *shop = *state;
    shop_reopen(shop);
    shop_fault(shop, "certificates", "\"effect\":\"wrong_signature\"");
    fz_error_free(is_not_sent(shop, FZ_CODE_NO_KEY));
    size_t asked = shop_requests(shop, CERTIFICATES, NULL);
    fz_error *error = is_not_sent(shop, FZ_CODE_NO_KEY);
    assert_int_equal(shop_requests(shop, CERTIFICATES, NULL), asked);
    assert_true(fz_error_may_retry(error));
    assert_int_equal(fz_error_wait_ms(error), 5000); /* trust.h: after a fetch in vain there is none for so long */
    fz_error_free(error);
}

static void a_wrong_apiv3_key_is_told_of(void **state)
{
    struct shop *shop = *state;
    shop->options.apiv3_key = "AnotherKeyThatOpensNothingAtAll0";
    shop_reopen(shop);
    fz_error *error = is_not_sent(shop, FZ_CODE_NO_KEY);
    assert_non_null(strstr(fz_error_message(error), "APIv3 key"));
    assert_false(fz_error_may_retry(error));
    fz_error_free(error);
}

/* The service does not know the certificate that signs: it says so to the fetch, unsigned, and the write has not left. */
static void a_wrong_serial_number_is_told_of(void **state)
{
    struct shop *shop = *state;
    shop->options.serial_no = "1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C";
    shop_reopen(shop);
    fz_error *error = is_not_sent(shop, FZ_CODE_SIGN_ERROR);
    assert_true(fz_error_is_fatal(error));
    assert_int_equal(fz_error_status(error), 401);
    fz_error_free(error);
}

/* A query is sent: it changes nothing, and what it is refused with may be of use. */
static void a_query_is_sent_all_the_same(void **state)
{
    struct shop *shop = *state;
    struct fz_refundable_balance_request request = FZ_INIT(fz_refundable_balance_request);
    struct fz_refundable_balance_answer *balance = NULL;
    fz_error *error = NULL;
    shop_reopen(shop);
    shop_fault(shop, "certificates", "\"effect\":\"wrong_signature\"");
    assert_int_equal(fz_refundable_balance(shop->client, &request, &balance, &error), -1);
    assert_int_equal(fz_error_code(error), FZ_CODE_NO_KEY);
    assert_int_equal(fz_error_outcome(error), FZ_OUTCOME_NOT_SENT);
    fz_error_free(error);
    assert_int_equal(shop_requests(shop, "/v3/global/profit-sharing/refunds/refundable-balance", NULL), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, shop_open, shop_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_keeps_the_certificates_away_is_told), TEST(a_fetch_that_fails_is_made_again),
        TEST(who_comes_soon_after_is_told_when),        TEST(a_wrong_apiv3_key_is_told_of),
        TEST(a_wrong_serial_number_is_told_of),         TEST(a_query_is_sent_all_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
