/* Distributions: what is accepted and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "book/settlement/pool.h"
#include "unit/book/sandbox.h"

#define SHOP  "1900003001"
#define STORE "1900003002"

FZ_STATEMENT(distributions, "SELECT COUNT(*) FROM distribution", "", "i");
FZ_STATEMENT(entries, "SELECT COUNT(*) FROM entry", "", "i");

static struct fz_party party;
static struct fz_payment payment;
static struct fz_distribution out;

/* An order of 10 000 whose money is frozen (F = 60, 9 940 distributable), and two receivers. */
static int story(void **state)
{
    int failed = sandbox_new(state);
    if (failed != 0)
        return failed;
    party = institution();
    effective(&party, SHOP);
    effective(&party, STORE);
    payment = frozen(&party, "A1", 10000);
    return 0;
}

static void submitted(const struct fz_distribution_request *asked)
{
    assert_booked(fz_distribution_submit(tx, &party, asked, &out));
    payment = payment_now(payment.id);
}

static struct fz_distribution_request one_slice(const char *out_order_no, const char *account, int64_t amount)
{
    struct fz_distribution_request asked = request(&payment, out_order_no, false);
    add_slice(&asked, account, amount);
    return asked;
}

static enum fz_result unfreeze(struct fz_tx *tx, const char *out_order_no)
{
    static const unsigned char digest[FZ_DIGEST_SIZE] = "unfreeze";
    return fz_distribution_unfreeze(tx, &party, payment.transaction_id, out_order_no, "the rest", digest,
                                    &out);
}

static void the_worked_example(void **state)
{
    (void)state;
    struct fz_distribution_request shared = one_slice("D1", SHOP, 2000);
    submitted(&shared);
    assert_int_equal(payment.distributable, 7940);
    assert_int_equal(payment.to_receivers, 2000);
    assert_int_equal(balance(FZ_ACCOUNT_ORDER, payment.id), 7940);
    assert_int_equal(balance(FZ_ACCOUNT_SHARING, payment.id), 2000);
    struct fz_distribution_request outbound = one_slice("D2", INSTITUTION, 3000);
    submitted(&outbound);
    assert_int_equal(payment.distributable, 4940);
    assert_int_equal(payment.to_receivers, 2000); /* the sponsor stands outside the cap */
    assert_int_equal(payment.distribution_count, 2);
    assert_int_equal(pool(INSTITUTION, FZ_POOL_OUTBOUND), 0);

    pass(now_ms + FZ_MINUTE_MS);
    assert_int_equal(balance(FZ_ACCOUNT_SHARING, payment.id), 0);
    assert_int_equal(balance(FZ_ACCOUNT_RECEIVER, payment.id), 2000);
    assert_int_equal(balance(FZ_ACCOUNT_OUTBOUND, payment.id), 3000);
    assert_int_equal(balance(FZ_ACCOUNT_ORDER, payment.id), 4940);
    assert_int_equal(balance(FZ_ACCOUNT_FEE, payment.id), 60);
    assert_int_equal(pool(INSTITUTION, FZ_POOL_OUTBOUND), 3000);
    assert_int_equal(payment_now(payment.id).distributable, 4940);
}

static void an_answer_tells_all(void **state)
{
    (void)state;
    struct fz_distribution_request asked = one_slice("D1", SHOP, 1300);
    submitted(&asked);
    assert_string_equal(out.transaction_id, payment.transaction_id);
    assert_string_equal(out.caller, INSTITUTION);
    assert_string_equal(out.sub_mchid, CHILD);
    assert_string_equal(out.out_order_no, "D1");
    assert_string_equal(out.order_id, "3000202601050000000012208123214");
    assert_int_equal(out.kind, FZ_DISTRIBUTION_ORDERS);
    assert_int_equal(out.state, FZ_DISTRIBUTION_PROCESSING);
    assert_int_equal(out.created_ms, now_ms);
    assert_int_equal(out.count, 1);
    const struct fz_slice *slice = &out.slices[0];
    assert_string_equal(slice->detail_id, "3600202601050000000013443316293");
    assert_false(slice->to_sponsor);
    assert_string_equal(slice->type, "MERCHANT_ID");
    assert_string_equal(slice->account, SHOP);
    assert_int_equal(slice->amount, 1300);
    assert_string_equal(slice->description, "a part");
    assert_int_equal(slice->result, FZ_SLICE_PENDING);
    assert_string_equal(slice->fail_reason, "");
    assert_string_equal(slice->settlement_currency, "USD");
    assert_int_equal(slice->settlement_rate, 650000000);
    assert_int_equal(slice->settlement_amount, 200); /* 13 / 6.5 */
    assert_int_equal(slice->created_ms, now_ms);
    assert_int_equal(slice->finished_ms, 0);

    struct fz_distribution found;
    assert_booked(fz_distribution_find(tx, &party, "D1", payment.transaction_id, &found));
    assert_string_equal(found.order_id, out.order_id);
    assert_int_equal(found.kind, FZ_DISTRIBUTION_ORDERS);
    assert_int_equal(found.count, 1);
    assert_string_equal(found.slices[0].detail_id, slice->detail_id);
    assert_int_equal(found.slices[0].settlement_amount, 200);
    assert_int_equal(found.slices[0].created_ms, now_ms);
}

static void finding_needs_number_and_order(void **state)
{
    (void)state;
    struct fz_distribution_request asked = one_slice("D1", SHOP, 100);
    submitted(&asked);
    struct fz_payment other = frozen(&party, "A2", 100);
    assert_refused(fz_distribution_find(tx, &party, "D2", payment.transaction_id, &out),
                   DISTRIBUTION_UNKNOWN);
    assert_refused(fz_distribution_find(tx, &party, "D1", other.transaction_id, &out), ORDER_INCONSISTENT);
    struct fz_party stranger = party;
    strcpy(stranger.sub_mchid, OTHER_CHILD);
    assert_refused(fz_distribution_find(tx, &stranger, "D1", payment.transaction_id, &out),
                   DISTRIBUTION_UNKNOWN);
}

static void work_takes_1_to_60_seconds(void **state)
{
    (void)state;
    /* 1 + HMAC-SHA-256(seed 1, "distributed" and row) modulo 60, calculated elsewhere. */
    static const int64_t seconds[] = {14, 23, 28, 8, 30, 15};
    for (size_t i = 0; i < sizeof seconds / sizeof seconds[0]; i++) {
        char out_order_no[32];
        snprintf(out_order_no, sizeof out_order_no, "D%zu", i);
        struct fz_distribution_request asked = one_slice(out_order_no, INSTITUTION, 1);
        submitted(&asked);
        assert_int_equal(due(FZ_EVENT_DISTRIBUTED, out.id), now_ms + 1000 * seconds[i]);
    }
    pass(now_ms + 7999);
    assert_int_equal(pool(INSTITUTION, FZ_POOL_OUTBOUND), 0);
    pass(now_ms + 1);
    assert_int_equal(pool(INSTITUTION, FZ_POOL_OUTBOUND), 1);
}

static void an_order_takes_50_requests(void **state)
{
    (void)state;
    struct fz_distribution_request refused = one_slice("R", INSTITUTION, 10000);
    for (int i = 0; i < 50; i++) {
        char out_order_no[16];
        snprintf(out_order_no, sizeof out_order_no, "D%d", i);
        assert_refused(fz_distribution_submit(tx, &party, &refused, &out),
                       DISTRIBUTION_SHORT); /* not counted */
        struct fz_distribution_request asked = one_slice(out_order_no, INSTITUTION, 1);
        submitted(&asked);
        assert_booked(fz_distribution_submit(tx, &party, &asked, &out)); /* nor is a repetition */
    }
    assert_int_equal(payment.distribution_count, 50);
    struct fz_distribution_request asked = one_slice("D50", INSTITUTION, 1);
    assert_refused(fz_distribution_submit(tx, &party, &asked, &out), DISTRIBUTION_COUNT);
    assert_booked(unfreeze(tx, "U1")); /* nor an unfreeze */
    assert_int_equal(payment_now(payment.id).distribution_count, 50);
}

static void a_request_takes_50_receivers(void **state)
{
    (void)state;
    char accounts[FZ_RECEIVERS_MAX][32];
    struct fz_distribution_request asked = request(&payment, "D1", true);
    for (int i = 0; i < FZ_RECEIVERS_MAX; i++) {
        snprintf(accounts[i], sizeof accounts[i], "19000040%02d", i);
        effective(&party, accounts[i]);
        add_slice(&asked, accounts[i], i + 1);
    }
    submitted(&asked);
    assert_int_equal(out.count, 51);
    assert_int_equal(payment.to_receivers, 1275); /* 1 + 2 + … + 50 */
    assert_int_equal(payment.distributable, 0);
    assert_true(out.slices[50].to_sponsor);
    assert_int_equal(out.slices[50].amount, 8665); /* 9 940 - 1 275 */
    pass(now_ms + FZ_MINUTE_MS);
    assert_int_equal(balance(FZ_ACCOUNT_RECEIVER, payment.id), 1275);
    assert_int_equal(pool(INSTITUTION, FZ_POOL_OUTBOUND), 8665);
    asked.count = 51;
    assert_refused(fz_distribution_submit(tx, &party, &asked, &out), PARAM_ERROR);
    assert_string_equal(error.field, "/receivers");
}

static void the_cap_counts_all_that_goes_to_others(void **state)
{
    (void)state;
    struct fz_distribution_request first = one_slice("D1", SHOP, 2000), over = one_slice("D2", STORE, 1001),
                                   full = one_slice("D3", STORE, 1000), more = one_slice("D4", SHOP, 1);
    submitted(&first);
    assert_refused(fz_distribution_submit(tx, &party, &over, &out), DISTRIBUTION_RATIO);
    submitted(&full); /* 3 000 = 30 % of 10 000 */
    assert_refused(fz_distribution_submit(tx, &party, &more, &out), DISTRIBUTION_RATIO);
    struct fz_distribution_request sponsor = one_slice("D5", INSTITUTION, 6940);
    submitted(&sponsor);
    assert_int_equal(payment.distributable, 0);

    payment = frozen(&party, "A2", 10001); /* 30 % is 3 000.3 */
    struct fz_distribution_request odd = one_slice("D6", SHOP, 3001);
    assert_refused(fz_distribution_submit(tx, &party, &odd, &out), DISTRIBUTION_RATIO);
    odd.slices[0].amount = 3000;
    submitted(&odd);
}

static void no_more_than_there_is(void **state)
{
    (void)state;
    struct fz_distribution_request asked = one_slice("D1", INSTITUTION, 9941);
    assert_refused(fz_distribution_submit(tx, &party, &asked, &out), DISTRIBUTION_SHORT);
    add_slice(&asked, SHOP, 1);
    asked.slices[0].amount = 9940;
    assert_refused(fz_distribution_submit(tx, &party, &asked, &out), DISTRIBUTION_SHORT);
    asked.count = 1;
    submitted(&asked); /* a refused number stays free */
    assert_int_equal(payment.distributable, 0);
    assert_refused(unfreeze(tx, "U1"), DISTRIBUTION_SHORT);
    struct fz_distribution_request release = request(&payment, "D2", true);
    assert_refused(fz_distribution_submit(tx, &party, &release, &out), DISTRIBUTION_SHORT);
    assert_int_equal(payment_now(payment.id).funds_state, FZ_FUNDS_FROZEN);
}

static void assert_parameter(const struct fz_distribution_request *asked, const char *field)
{
    assert_refused(fz_distribution_submit(tx, &party, asked, &out), PARAM_ERROR);
    assert_string_equal(error.field, field);
    assert_string_equal(error.location, "body");
}

static void requests_that_cannot_be_are_refused(void **state)
{
    (void)state;
    struct fz_distribution_request asked = request(&payment, "D1", false);
    assert_parameter(&asked, "/receivers");
    add_slice(&asked, SHOP, 0);
    assert_parameter(&asked, "/receivers/0/amount");
    asked.slices[0].amount = FZ_AMOUNT_MAX + 1;
    assert_parameter(&asked, "/receivers/0/amount");
    asked.slices[0].amount = 1;
    add_slice(&asked, STORE, 1);
    add_slice(&asked, SHOP, 1);
    assert_parameter(&asked, "/receivers/2/account");
    assert_string_equal(error.value, SHOP);

    asked.count = 1;
    asked.slices[0].type = "PERSONAL_OPENID";
    assert_refused(fz_distribution_submit(tx, &party, &asked, &out), DISTRIBUTION_APPID);
    asked.sub_appid = "wx1";
    assert_refused(fz_distribution_submit(tx, &party, &asked, &out), DISTRIBUTION_APPID);
    asked.appid = "wx1";
    assert_refused(fz_distribution_submit(tx, &party, &asked, &out), DISTRIBUTION_RECEIVER);
    asked.slices[0].type = "PERSONAL_SUB_OPENID";
    asked.sub_appid = "";
    assert_refused(fz_distribution_submit(tx, &party, &asked, &out), DISTRIBUTION_APPID);
    assert_int_equal(number(&distributions), 0);
}

static void receivers_need_an_effective_relation(void **state)
{
    (void)state;
    struct fz_distribution_request asked = one_slice("D1", "1900003003", 100);
    assert_refused(fz_distribution_submit(tx, &party, &asked, &out), DISTRIBUTION_RECEIVER);
    struct fz_receiver receiver = {.caller = INSTITUTION,
                                   .sub_mchid = CHILD,
                                   .type = "MERCHANT_ID",
                                   .account = "1900003003",
                                   .relation_type = "SUPPLIER"};
    assert_booked(fz_receiver_add(tx, &receiver));
    assert_refused(fz_distribution_submit(tx, &party, &asked, &out), DISTRIBUTION_RECEIVER); /* INIT */
    pass(now_ms + FZ_MINUTE_MS);
    submitted(&asked);
    struct fz_party other = party;
    strcpy(other.sub_mchid, OTHER_CHILD); /* has no relation of its own */
    payment = frozen(&other, "A1", 10000);
    asked = one_slice("D1", SHOP, 100);
    assert_refused(fz_distribution_submit(tx, &other, &asked, &out), DISTRIBUTION_RECEIVER);
}

static void a_penalty_stops_the_receiver_and_the_order(void **state)
{
    (void)state;
    struct fz_distribution_request used = one_slice("D1", SHOP, 100), unused = one_slice("D2", STORE, 100);
    struct fz_payment found;
    submitted(&used);
    assert_booked(fz_receiver_penalise(tx, STORE, NULL, NULL, true));
    assert_refused(fz_distribution_submit(tx, &party, &unused, &out), NO_AUTH_RECEIVER);
    assert_booked(fz_payment_for_distribution(tx, &party, payment.transaction_id, &found));
    assert_booked(fz_receiver_penalise(tx, STORE, NULL, NULL, false));
    assert_booked(fz_receiver_penalise(tx, SHOP, NULL, NULL, true));
    assert_refused(fz_distribution_submit(tx, &party, &unused, &out), NO_AUTH_RECEIVER);
    assert_refused(fz_payment_for_distribution(tx, &party, payment.transaction_id, &found), NO_AUTH_RECEIVER);
    assert_refused(unfreeze(tx, "U1"), NO_AUTH_RECEIVER);
    assert_booked(fz_receiver_penalise(tx, SHOP, NULL, NULL, false));
    submitted(&unused);
}

static void the_rest_goes_to_the_sponsor(void **state)
{
    (void)state;
    struct fz_distribution_request asked = one_slice("D1", SHOP, 2000);
    asked.unfreeze_unsplit = true;
    submitted(&asked);
    assert_int_equal(payment.funds_state, FZ_FUNDS_ENDED);
    assert_int_equal(payment.distributable, 0);
    assert_int_equal(out.count, 2);
    assert_true(out.slices[1].to_sponsor);
    assert_string_equal(out.slices[1].type, "MERCHANT_ID");
    assert_string_equal(out.slices[1].account, INSTITUTION);
    assert_string_equal(out.slices[1].description, "Unfreeze remaining funds");
    assert_int_equal(out.slices[1].amount, 7940);
    pass(now_ms + FZ_MINUTE_MS);
    assert_int_equal(pool(INSTITUTION, FZ_POOL_OUTBOUND), 7940);

    struct fz_distribution_request late = one_slice("D2", SHOP, 1);
    assert_refused(fz_distribution_submit(tx, &party, &late, &out), DISTRIBUTION_ENDED);
    assert_refused(unfreeze(tx, "U1"), DISTRIBUTION_ENDED);
}

static void the_sponsor_is_not_listed_where_it_gets_the_rest(void **state)
{
    (void)state;
    struct fz_distribution_request asked = one_slice("D1", INSTITUTION, 2000);
    asked.unfreeze_unsplit = true;
    assert_refused(fz_distribution_submit(tx, &party, &asked, &out), DISTRIBUTION_SPONSOR);
    asked.unfreeze_unsplit = false;
    submitted(&asked);
    struct fz_distribution_request all = one_slice("D2", SHOP, 3000);
    all.unfreeze_unsplit = true;
    struct fz_distribution_request first = one_slice("D3", INSTITUTION, 4940);
    submitted(&first);
    submitted(&all); /* 3 000 of 3 000: no rest, and the order has ended all the same */
    assert_int_equal(out.count, 1);
    assert_int_equal(payment.funds_state, FZ_FUNDS_ENDED);
}

static void a_release_needs_no_receivers(void **state)
{
    (void)state;
    struct fz_distribution_request asked = request(&payment, "D1", true);
    submitted(&asked);
    assert_int_equal(out.count, 1);
    assert_int_equal(out.slices[0].amount, 9940);
    assert_int_equal(payment.funds_state, FZ_FUNDS_ENDED);
}

static void an_unfreeze_releases_everything(void **state)
{
    (void)state;
    assert_booked(unfreeze(tx, "U1"));
    assert_int_equal(out.kind, FZ_DISTRIBUTION_UNFREEZE);
    assert_int_equal(out.count, 1);
    assert_true(out.slices[0].to_sponsor);
    assert_string_equal(out.slices[0].description, "the rest");
    assert_int_equal(out.slices[0].amount, 9940);
    assert_int_equal(payment_now(payment.id).funds_state, FZ_FUNDS_ENDED);
    assert_int_equal(payment_now(payment.id).distribution_count, 0);
    pass(now_ms + FZ_MINUTE_MS);
    assert_int_equal(pool(INSTITUTION, FZ_POOL_OUTBOUND), 9940);
    assert_booked(unfreeze(tx, "U1")); /* the same again: as it stands */
    assert_int_equal(out.state, FZ_DISTRIBUTION_FINISHED);
    assert_int_equal(out.slices[0].result, FZ_SLICE_SUCCESS);
}

static void asking_twice_is_asking_once(void **state)
{
    (void)state;
    struct fz_distribution_request asked = one_slice("D1", SHOP, 100);
    submitted(&asked);
    char order_id[65];
    strcpy(order_id, out.order_id);
    int64_t before = number(&entries);
    submitted(&asked);
    assert_string_equal(out.order_id, order_id);
    assert_int_equal(out.state, FZ_DISTRIBUTION_PROCESSING);
    assert_int_equal(number(&entries), before);
    assert_int_equal(payment.distributable, 9840);
    pass(now_ms + FZ_MINUTE_MS);
    submitted(&asked);
    assert_string_equal(out.order_id, order_id);
    assert_int_equal(out.state, FZ_DISTRIBUTION_FINISHED);
    assert_int_equal(out.slices[0].result, FZ_SLICE_SUCCESS);
    assert_booked(unfreeze(tx, "U1"));
    submitted(&asked); /* even of an order that has ended */
    assert_int_equal(number(&distributions), 2);
}

static void a_number_is_used_once(void **state)
{
    (void)state;
    struct fz_distribution_request asked = one_slice("D1", SHOP, 100);
    submitted(&asked);
    asked.slices[0].amount = 101;
    asked.digest[0] ^= 1;
    assert_refused(fz_distribution_submit(tx, &party, &asked, &out), PARAM_NUMBER_REUSED);
    assert_string_equal(error.location, "body");
    assert_string_equal(error.field, "/out_order_no");
    assert_string_equal(error.value, "D1");
    assert_refused(unfreeze(tx, "D1"), PARAM_NUMBER_REUSED); /* one number space */
    struct fz_payment other = frozen(&party, "A2", 10000);
    asked.transaction_id = other.transaction_id;
    assert_refused(fz_distribution_submit(tx, &party, &asked, &out), ORDER_INCONSISTENT);
    assert_booked(unfreeze(tx, "U1"));
    asked = one_slice("U1", SHOP, 100);
    assert_refused(fz_distribution_submit(tx, &party, &asked, &out), PARAM_NUMBER_REUSED);
    assert_int_equal(number(&distributions), 2);
}

static void an_order_comes_before_its_distribution(void **state)
{
    (void)state;
    struct fz_payment fresh = paid(&party, "A2", 10000, true), plain = paid(&party, "A3", 10000, false);
    struct fz_distribution_request early = request(&fresh, "D1", true), never = request(&plain, "D2", true);
    assert_refused(fz_distribution_submit(tx, &party, &early, &out), ORDER_FREEZING);
    assert_refused(fz_distribution_submit(tx, &party, &never, &out), ORDER_NOT_DISTRIBUTABLE);
    payment = fresh;
    assert_refused(unfreeze(tx, "U1"), ORDER_FREEZING);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, story, sandbox_audit_and_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_worked_example),
        TEST(an_answer_tells_all),
        TEST(finding_needs_number_and_order),
        TEST(work_takes_1_to_60_seconds),
        TEST(an_order_takes_50_requests),
        TEST(a_request_takes_50_receivers),
        TEST(the_cap_counts_all_that_goes_to_others),
        TEST(no_more_than_there_is),
        TEST(requests_that_cannot_be_are_refused),
        TEST(receivers_need_an_effective_relation),
        TEST(a_penalty_stops_the_receiver_and_the_order),
        TEST(the_rest_goes_to_the_sponsor),
        TEST(the_sponsor_is_not_listed_where_it_gets_the_rest),
        TEST(a_release_needs_no_receivers),
        TEST(an_unfreeze_releases_everything),
        TEST(asking_twice_is_asking_once),
        TEST(a_number_is_used_once),
        TEST(an_order_comes_before_its_distribution),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
