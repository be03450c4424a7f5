/* Distributions: how they end, what goes back, the release by itself, and the bill. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "book/bill/slice_bill.h"
#include "book/distribution/rail.h"
#include "book/receiver/rail.h"
#include "book/settlement/pool.h"
#include "unit/book/sandbox.h"

#define SHOP     "1900003001"
#define STORE    "1900003002"
#define TODAY    20458 /* 2026-01-05 */
#define RELEASED (180 * FZ_DAY_MS)

FZ_STATEMENT(forget, "DELETE FROM receiver WHERE account = $1", "t", "");
FZ_STATEMENT(distributions, "SELECT COUNT(*) FROM distribution", "", "i");
FZ_STATEMENT(entries, "SELECT COUNT(*) FROM entry", "", "i");
FZ_STATEMENT(last_kind, "SELECT kind FROM distribution ORDER BY id DESC LIMIT 1", "", "i");
FZ_STATEMENT(last_number,
             "SELECT COUNT(*) FROM distribution WHERE out_order_no IS NULL AND finished_ms = created_ms", "",
             "i");

static struct fz_party party;
static struct fz_payment payment;
static struct fz_distribution out;

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

/* 2 000 to SHOP and 1 000 to STORE; with `unfreeze_unsplit` the other 6 940 to the sponsor. */
static void submit_two(bool unfreeze_unsplit)
{
    struct fz_distribution_request asked = request(&payment, "D1", unfreeze_unsplit);
    add_slice(&asked, SHOP, 2000);
    add_slice(&asked, STORE, 1000);
    assert_booked(fz_distribution_submit(tx, &party, &asked, &out));
}

static void found(const char *out_order_no)
{
    assert_booked(fz_distribution_find(tx, &party, out_order_no, payment.transaction_id, &out));
}

static void work_ends_slice_by_slice(void **state)
{
    (void)state;
    submit_two(true);
    int64_t finished_ms = due(FZ_EVENT_DISTRIBUTED, out.id);
    pass(finished_ms - 1);
    found("D1");
    assert_int_equal(out.state, FZ_DISTRIBUTION_PROCESSING);
    pass(finished_ms);
    found("D1");
    assert_int_equal(out.state, FZ_DISTRIBUTION_FINISHED);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(out.slices[i].result, FZ_SLICE_SUCCESS);
        assert_int_equal(out.slices[i].finished_ms, finished_ms);
        assert_string_equal(out.slices[i].fail_reason, "");
    }
    assert_int_equal(balance(FZ_ACCOUNT_RECEIVER, payment.id), 3000);
    assert_int_equal(balance(FZ_ACCOUNT_OUTBOUND, payment.id), 6940);
    assert_int_equal(balance(FZ_ACCOUNT_SHARING, payment.id), 0);
    assert_int_equal(balance(FZ_ACCOUNT_ORDER, payment.id), 0);
    int64_t before = number(&entries);
    assert_int_equal(BOOK(fz_rail_distributed(tx, out.id)), FZ_CONFLICT);
    assert_int_equal(BOOK(fz_rail_distributed(tx, 99)), FZ_ABSENT);
    assert_int_equal(number(&entries), before);
}

static void a_failed_slice_goes_back(void **state)
{
    (void)state;
    submit_two(false);
    assert_booked(fz_receiver_penalise(tx, SHOP, NULL, NULL, true)); /* while it is pending */
    pass(now_ms + FZ_MINUTE_MS);
    found("D1");
    assert_int_equal(out.state, FZ_DISTRIBUTION_FINISHED);
    assert_int_equal(out.slices[0].result, FZ_SLICE_CLOSED);
    assert_string_equal(out.slices[0].fail_reason, "RECEIVER_HIGH_RISK");
    assert_int_not_equal(out.slices[0].finished_ms, 0);
    assert_int_equal(out.slices[1].result, FZ_SLICE_SUCCESS);
    payment = payment_now(payment.id);
    assert_int_equal(payment.distributable, 8940); /* 9 940 - 1 000 */
    assert_int_equal(payment.to_receivers, 1000);
    assert_int_equal(balance(FZ_ACCOUNT_ORDER, payment.id), 8940);
    assert_int_equal(balance(FZ_ACCOUNT_RECEIVER, payment.id), 1000);
    assert_int_equal(balance(FZ_ACCOUNT_SHARING, payment.id), 0);

    assert_booked(fz_receiver_penalise(tx, SHOP, NULL, NULL, false));
    struct fz_distribution_request again = request(&payment, "D2", false);
    add_slice(&again, SHOP, 2000); /* the cap has room for it again */
    assert_booked(fz_distribution_submit(tx, &party, &again, &out));
}

static void a_slice_fails_without_its_relation(void **state)
{
    (void)state;
    submit_two(false);
    assert_booked(fz_run(tx, &forget, FZ_VALUES(FZ_T(STORE)), NULL));
    pass(now_ms + FZ_MINUTE_MS);
    found("D1");
    assert_int_equal(out.slices[0].result, FZ_SLICE_SUCCESS);
    assert_int_equal(out.slices[1].result, FZ_SLICE_CLOSED);
    assert_string_equal(out.slices[1].fail_reason, "NO_RELATION");
}

static void a_wrong_name_fails_its_slice(void **state)
{
    (void)state;
    struct fz_receiver receiver = {.caller = INSTITUTION,
                                   .sub_mchid = CHILD,
                                   .type = "MERCHANT_ID",
                                   .account = "1900003003",
                                   .relation_type = "SUPPLIER",
                                   .name = "张三"};
    assert_booked(fz_receiver_add(tx, &receiver));
    assert_booked(fz_rail_receiver_audited(tx, receiver.id, PASSED));
    struct fz_distribution_request asked = request(&payment, "D1", false);
    add_slice(&asked, "1900003003", 10);
    add_slice(&asked, SHOP, 20);
    asked.slices[0].name = "李四";
    asked.slices[1].name = "anything"; /* the relation has no name to compare with */
    assert_booked(fz_distribution_submit(tx, &party, &asked, &out));
    assert_int_equal(out.slices[0].result, FZ_SLICE_PENDING);
    assert_string_equal(out.slices[0].fail_reason, ""); /* nobody knows yet */
    found("D1");
    assert_string_equal(out.slices[0].fail_reason, "");
    assert_booked(fz_distribution_submit(tx, &party, &asked, &out));
    assert_string_equal(out.slices[0].fail_reason, "");
    pass(now_ms + FZ_MINUTE_MS);
    found("D1");
    assert_int_equal(out.slices[0].result, FZ_SLICE_CLOSED);
    assert_string_equal(out.slices[0].fail_reason, "RECEIVER_REAL_NAME_NOT_VERIFIED");
    assert_int_equal(out.slices[1].result, FZ_SLICE_SUCCESS);

    asked = request(&payment, "D2", false);
    add_slice(&asked, "1900003003", 10);
    asked.slices[0].name = "张三";
    assert_booked(fz_distribution_submit(tx, &party, &asked, &out));
    pass(now_ms + FZ_MINUTE_MS);
    found("D2");
    assert_int_equal(out.slices[0].result, FZ_SLICE_SUCCESS);
}

/* ---- why else a slice fails ---- */

static void known_reasons_fail_a_slice(void **state)
{
    (void)state;
    static const char *const reasons[] = {"ACCOUNT_ABNORMAL",
                                          "NO_RELATION",
                                          "RECEIVER_HIGH_RISK",
                                          "RECEIVER_REAL_NAME_NOT_VERIFIED",
                                          "NO_AUTH",
                                          "RECEIVER_RECEIPT_LIMIT",
                                          "PAYER_ACCOUNT_ABNORMAL",
                                          "INVALID_REQUEST"};
    char number[8];
    for (size_t i = 0; i < 8; i++) {
        snprintf(number, sizeof number, "D%zu", i);
        struct fz_distribution_request asked = request(&payment, number, false);
        add_slice(&asked, SHOP, 100);
        assert_booked(fz_distribution_submit(tx, &party, &asked, &out));
        assert_booked(fz_receiver_fail_slices(tx, SHOP, INSTITUTION, CHILD, reasons[i]));
        pass(now_ms + FZ_MINUTE_MS);
        found(number);
        assert_int_equal(out.slices[0].result, FZ_SLICE_CLOSED);
        assert_string_equal(out.slices[0].fail_reason, reasons[i]);
    }
    assert_int_equal(payment_now(payment.id).distributable, 9940);
}

static void a_failure_lasts_until_it_is_lifted(void **state)
{
    (void)state;
    assert_booked(fz_receiver_fail_slices(tx, SHOP, NULL, NULL, "ACCOUNT_ABNORMAL"));
    assert_int_equal(BOOK(fz_receiver_fail_slices(tx, SHOP, DIRECT, NULL, NULL)), FZ_ABSENT);
    submit_two(false);
    assert_booked(fz_receiver_fail_slices(tx, SHOP, INSTITUTION, NULL, NULL));
    pass(now_ms + FZ_MINUTE_MS);
    found("D1");
    assert_int_equal(out.slices[0].result, FZ_SLICE_SUCCESS);
}

static void a_merchant_that_is_penalised_has_lost_the_right(void **state)
{
    (void)state;
    submit_two(true);
    struct fz_merchant child;
    assert_booked(fz_merchant_find(tx, CHILD, &child));
    child.penalised = true;
    assert_booked(fz_merchant_change(tx, &child));
    pass(now_ms + FZ_MINUTE_MS);
    found("D1");
    assert_string_equal(out.slices[0].fail_reason, "NO_AUTH");
    assert_string_equal(out.slices[1].fail_reason, "NO_AUTH");
    assert_int_equal(out.slices[2].result, FZ_SLICE_SUCCESS); /* its own money goes outbound */
    assert_int_equal(pool(INSTITUTION, FZ_POOL_OUTBOUND), 9940);
}

static void what_comes_back_to_an_ended_order_goes_outbound(void **state)
{
    (void)state;
    submit_two(true);
    assert_booked(fz_receiver_penalise(tx, SHOP, NULL, NULL, true));
    int64_t finished_ms = due(FZ_EVENT_DISTRIBUTED, out.id);
    pass(finished_ms); /* the release is due at the same instant */
    payment = payment_now(payment.id);
    assert_int_equal(payment.distributable, 0);
    assert_int_equal(payment.to_receivers, 1000);
    assert_int_equal(payment.funds_state, FZ_FUNDS_ENDED);
    assert_int_equal(pool(INSTITUTION, FZ_POOL_OUTBOUND), 8940); /* 6 940 and 2 000 */
    assert_int_equal(balance(FZ_ACCOUNT_ORDER, payment.id), 0);
    assert_int_equal(balance(FZ_ACCOUNT_SHARING, payment.id), 0);
    assert_int_equal(number(&distributions), 2);
    assert_int_equal(number(&last_kind), FZ_DISTRIBUTION_RELEASE);
    assert_int_equal(due(FZ_EVENT_RELEASE, payment.id), -1);
}

static void what_is_left_is_released_after_180_days(void **state)
{
    (void)state;
    submit_two(false);
    int64_t release_ms = payment.success_ms + RELEASED;
    assert_int_equal(due(FZ_EVENT_RELEASE, payment.id), release_ms);
    pass(release_ms - 1);
    assert_int_equal(payment_now(payment.id).funds_state, FZ_FUNDS_FROZEN);
    assert_int_equal(pool(INSTITUTION, FZ_POOL_OUTBOUND), 0);
    pass(release_ms);
    payment = payment_now(payment.id);
    assert_int_equal(payment.funds_state, FZ_FUNDS_ENDED);
    assert_int_equal(payment.distributable, 0);
    assert_int_equal(payment.distribution_count, 1);
    assert_int_equal(pool(INSTITUTION, FZ_POOL_OUTBOUND), 6940);
    assert_int_equal(balance(FZ_ACCOUNT_SHARING, payment.id), 0);
    assert_int_equal(number(&last_number), 1); /* no number, and finished at once */
    assert_int_equal(BOOK(fz_distribution_release(tx, payment.id)), FZ_OK);
    assert_int_equal(number(&distributions), 2); /* nothing left to do */
}

static void an_empty_order_ends_without_a_release(void **state)
{
    (void)state;
    struct fz_distribution_request asked = request(&payment, "D1", false);
    add_slice(&asked, INSTITUTION, 9940);
    assert_booked(fz_distribution_submit(tx, &party, &asked, &out));
    pass(payment.success_ms + RELEASED);
    assert_int_equal(payment_now(payment.id).funds_state, FZ_FUNDS_ENDED);
    assert_int_equal(number(&distributions), 1);
    struct fz_payment plain = paid(&party, "A2", 100, false);
    assert_int_equal(BOOK(fz_distribution_release(tx, plain.id)), FZ_CONFLICT);
    assert_int_equal(BOOK(fz_distribution_release(tx, 99)), FZ_ABSENT);
}

static void a_release_may_overtake_the_freezing(void **state)
{
    (void)state;
    struct fz_payment fresh = paid(&party, "A2", 1000, true);
    assert_booked(fz_distribution_release(tx, fresh.id));
    assert_int_equal(payment_now(fresh.id).funds_state, FZ_FUNDS_ENDED);
    assert_int_equal(pool(INSTITUTION, FZ_POOL_OUTBOUND), 994);
    pass(now_ms + 5 * FZ_MINUTE_MS);
    assert_int_equal(payment_now(fresh.id).funds_state, FZ_FUNDS_ENDED);
}

/* ---- the bill ---- */

static char bill[1000];

static enum fz_result note(void *argument, const struct fz_slice_line *line)
{
    (void)argument;
    size_t size = strlen(bill);
    snprintf(bill + size, sizeof bill - size, "%s/%s/%s:%lld%s ", line->sub_mchid, line->out_order_no,
             line->slice->account, (long long)line->slice->amount,
             line->kind == FZ_DISTRIBUTION_RELEASE ? " by itself" : "");
    assert_string_equal(line->caller, INSTITUTION);
    assert_true(line->accepted_ms > MONDAY_10_MS && strlen(line->order_id) == 31);
    assert_int_equal(strlen(line->transaction_id), 28);
    return FZ_OK;
}

static const char *bill_of(const char *sub_mchid, int day)
{
    int64_t last = -1, count = -1;
    bool exists = false;
    bill[0] = '\0';
    assert_booked(fz_slice_bill_each(tx, INSTITUTION, sub_mchid, day, 0, 100, note, NULL, &last, &count));
    assert_booked(fz_slice_bill_exists(tx, INSTITUTION, sub_mchid, day, &exists));
    assert_int_equal(exists, count > 0);
    return bill;
}

static void a_bill_has_what_succeeded_that_day(void **state)
{
    (void)state;
    submit_two(false);
    assert_booked(fz_receiver_penalise(tx, SHOP, NULL, NULL, true));
    assert_string_equal(bill_of(CHILD, TODAY), ""); /* pending */
    pass(now_ms + FZ_MINUTE_MS);
    struct fz_party other = party;
    strcpy(other.sub_mchid, OTHER_CHILD);
    struct fz_payment others = frozen(&other, "A1", 1000);
    struct fz_distribution_request asked = request(&others, "D1", true);
    assert_booked(fz_distribution_submit(tx, &other, &asked, &out));
    pass(now_ms + FZ_MINUTE_MS);
    assert_string_equal(bill_of(CHILD, TODAY), "1900000109/D1/1900003002:1000 "); /* not what failed */
    assert_string_equal(bill_of(OTHER_CHILD, TODAY), "1900000110/D1/1900000100:994 ");
    assert_string_equal(bill_of("", TODAY), "1900000109/D1/1900003002:1000 1900000110/D1/1900000100:994 ");
    assert_string_equal(bill_of("", TODAY - 1), "");
    assert_string_equal(bill_of("", TODAY + 1), "");

    pass(payment.success_ms + RELEASED);
    assert_string_equal(bill_of("", TODAY + 180), "1900000109//1900000100:8940 by itself ");
}

static void a_slice_belongs_to_the_day_of_its_success(void **state)
{
    (void)state;
    int64_t midnight_ms = MONDAY_10_MS + 14 * FZ_HOUR_MS;
    pass(midnight_ms - 14001); /* the first distribution takes 14 s */
    struct fz_distribution_request asked = request(&payment, "D1", false);
    add_slice(&asked, INSTITUTION, 1);
    assert_booked(fz_distribution_submit(tx, &party, &asked, &out));
    assert_int_equal(due(FZ_EVENT_DISTRIBUTED, out.id), midnight_ms - 1);
    pass(midnight_ms - 1);
    assert_string_equal(bill_of("", TODAY), "1900000109/D1/1900000100:1 ");

    now_ms = midnight_ms - 23000; /* the second 23 s */
    asked = request(&payment, "D2", false);
    add_slice(&asked, INSTITUTION, 2);
    assert_booked(fz_distribution_submit(tx, &party, &asked, &out));
    assert_int_equal(due(FZ_EVENT_DISTRIBUTED, out.id), midnight_ms);
    pass(midnight_ms);
    assert_string_equal(bill_of("", TODAY), "1900000109/D1/1900000100:1 ");
    assert_string_equal(bill_of("", TODAY + 1), "1900000109/D2/1900000100:2 ");
    assert_int_equal(pool(INSTITUTION, FZ_POOL_OUTBOUND), 2); /* the new day's */
}

static enum fz_result stop(void *argument, const struct fz_slice_line *line)
{
    (void)line;
    ++*(int *)argument;
    return FZ_FULL;
}

static void a_bill_is_read_in_ranges(void **state)
{
    (void)state;
    struct fz_distribution_request asked = request(&payment, "D1", true);
    add_slice(&asked, SHOP, 1);
    add_slice(&asked, STORE, 2);
    assert_booked(fz_distribution_submit(tx, &party, &asked, &out));
    pass(now_ms + FZ_MINUTE_MS);
    int64_t last = 0, count = 0;
    int calls = 0;
    bill[0] = '\0';
    assert_booked(fz_slice_bill_each(tx, INSTITUTION, "", TODAY, 0, 2, note, NULL, &last, &count));
    assert_int_equal(count, 2);
    assert_int_equal(last, out.slices[1].id);
    assert_booked(fz_slice_bill_each(tx, INSTITUTION, "", TODAY, last, 2, note, NULL, &last, &count));
    assert_int_equal(count, 1);
    assert_int_equal(last, out.slices[2].id);
    assert_booked(fz_slice_bill_each(tx, INSTITUTION, "", TODAY, last, 2, note, NULL, &last, &count));
    assert_int_equal(count, 0);
    assert_int_equal(last, out.slices[2].id);
    assert_string_equal(
        bill, "1900000109/D1/1900003001:1 1900000109/D1/1900003002:2 1900000109/D1/1900000100:9937 ");
    assert_int_equal(BOOK(fz_slice_bill_each(tx, INSTITUTION, "", TODAY, 0, 9, stop, &calls, &last, &count)),
                     FZ_FULL);
    assert_int_equal(calls, 1);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, story, sandbox_audit_and_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(work_ends_slice_by_slice),
        TEST(a_failed_slice_goes_back),
        TEST(a_slice_fails_without_its_relation),
        TEST(a_wrong_name_fails_its_slice),
        TEST(known_reasons_fail_a_slice),
        TEST(a_failure_lasts_until_it_is_lifted),
        TEST(a_merchant_that_is_penalised_has_lost_the_right),
        TEST(what_comes_back_to_an_ended_order_goes_outbound),
        TEST(what_is_left_is_released_after_180_days),
        TEST(an_empty_order_ends_without_a_release),
        TEST(a_release_may_overtake_the_freezing),
        TEST(a_bill_has_what_succeeded_that_day),
        TEST(a_slice_belongs_to_the_day_of_its_success),
        TEST(a_bill_is_read_in_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
