/* Notifications: what brings them forth, in which order they wait, where each sending takes them, and that
 * the audit misses none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/calendar.h"
#include "book/audit/audit.h"
#include "book/notification/notification.h"
#include "book/order/rail.h"
#include "book/refund/rail.h"
#include "unit/book/refunds.h"

#define URL "http://Shop.Example:8000/Notify"

static struct fz_party child;

static int begin(void **state)
{
    if (sandbox_new(state) != 0)
        return -1;
    set_terms(INSTITUTION, "USD");
    child = institution();
    return 0;
}

/* ---- telling in a line ---- */

static struct fz_payment sold(const char *url)
{
    struct fz_order_request order = {.notify_url = url};
    return bought(&child, false, &order);
}

static struct fz_refund given_back(const struct fz_payment *payment, const char *url)
{
    struct fz_refund refund;
    struct fz_refund_request wanted = refund_request(payment, 100);
    wanted.notify_url = url;
    assert_string_equal(submit(&child, &wanted, &refund), "NONE");
    return refund;
}

static struct fz_notification row(int64_t id)
{
    struct fz_notification notification = {0};
    assert_booked(fz_notification_by_row(tx, id, &notification));
    return notification;
}

static int64_t count(void)
{
    return outside_number("SELECT COUNT(*) FROM notification");
}

/* Sends it now: answered with `status`, or (0) not at all. */
static void send(int64_t id, int status, int64_t next_due_ms)
{
    struct fz_notification sent = row(id);
    struct fz_attempt attempt = {.kind = FZ_ATTEMPT_TRUE,
                                 .time_ms = now_ms,
                                 .wire_ms = 5,
                                 .duration_ms = 7,
                                 .headers = "Accept: */*\n",
                                 .body = "{}",
                                 .status = status,
                                 .answer_headers = "HTTP/1.1\r\n",
                                 .answer_headers_size = 10,
                                 .answer_body = "a\0b",
                                 .answer_body_size = 3,
                                 .error = status == 0 ? "nobody there" : NULL};
    struct fz_notification_outcome outcome = {.sent = &sent,
                                              .attempts = &attempt,
                                              .count = 1,
                                              .delivered = status / 100 == 2,
                                              .next_due_ms = next_due_ms};
    assert_booked(fz_notification_conclude(tx, &outcome));
}

static int64_t findings(void)
{
    struct fz_audit audit;
    assert_booked(fz_audit(tx, &audit));
    return audit.findings;
}

/* ---- causes ---- */

static void a_paid_order_is_put_down_once(void **state)
{
    (void)state;
    struct fz_payment payment = sold(URL);
    struct fz_notification told = row(1);
    assert_int_equal(count(), 1);
    assert_int_equal(told.kind, FZ_NOTIFY_PAID);
    assert_int_equal(told.subject, payment.id);
    assert_string_equal(told.caller, INSTITUTION);
    assert_string_equal(told.sub_mchid, CHILD);
    assert_string_equal(told.out_trade_no, payment.out_trade_no);
    assert_string_equal(told.out_refund_no, "");
    assert_string_equal(told.url, URL);
    assert_string_equal(told.host, "shop.example:8000");
    assert_int_equal(told.state, FZ_NOTIFICATION_WAITING);
    assert_int_equal(told.created_ms, now_ms);
    assert_int_equal(told.due_ms, now_ms);
    assert_memory_equal(told.event_id, "EV-20260105000000001", 20); /* the Beijing day, the row */
    assert_int_equal(strlen(told.event_id), 32);
    assert_refused(fz_rail_paid(tx, &payment, 0), ORDER_PAID);
    assert_int_equal(count(), 1);
}

static void what_has_no_notify_url_is_not_put_down(void **state)
{
    (void)state;
    struct fz_payment payment = sold(NULL);
    struct fz_refund refund = given_back(&payment, NULL);
    assert_int_equal(outcome(&refund, FZ_REFUND_SUCCESS), FZ_OK);
    assert_int_equal(count(), 0);
}

/* The refund's own address counts, not the order's. */
static void a_refund_is_put_down_when_it_is_decided(void **state)
{
    (void)state;
    struct fz_payment payment = sold(NULL);
    struct fz_refund refund = given_back(&payment, "https://refunds.example/r");
    assert_int_equal(count(), 0);
    struct fz_refund_outcome abnormal = {FZ_REFUND_ABNORMAL, 0, "a card"},
                             closed = {FZ_REFUND_CLOSED, 0, "nobody"};
    assert_booked(fz_rail_refunded(tx, refund.id, &abnormal));
    assert_int_equal(count(), 1);
    assert_int_equal(row(1).kind, FZ_NOTIFY_REFUND_ABNORMAL);
    assert_string_equal(row(1).url, "https://refunds.example/r");
    assert_string_equal(row(1).host, "refunds.example");
    assert_string_equal(row(1).out_refund_no, refund.out_refund_no);
    wait_ms(FZ_DAY_MS);
    assert_booked(fz_rail_refunded(tx, refund.id, &closed));
    assert_int_equal(count(), 2);
    assert_int_equal(row(2).kind, FZ_NOTIFY_REFUND_CLOSED);
    assert_int_equal(row(2).created_ms, now_ms);
    assert_string_equal(row(2).recv_account, "nobody");
    assert_string_equal(row(1).recv_account, "a card"); /* as it was then */
    assert_string_not_equal(row(1).event_id, row(2).event_id);
}

static void a_refund_that_arrives_by_itself_is_put_down(void **state)
{
    (void)state;
    struct fz_payment payment = sold(NULL);
    struct fz_refund refund = given_back(&payment, URL);
    wait_ms(20 * FZ_MINUTE_MS);
    assert_int_equal(row(1).kind, FZ_NOTIFY_REFUND_SUCCESS);
    assert_int_equal(row(1).created_ms, refund_now(&refund).success_ms);
}

/* ---- waiting ---- */

static void each_host_has_its_own_line(void **state)
{
    (void)state;
    static const char *const urls[] = {"http://b/1", "http://a/1", "http://user@B/2", "http://a:80/x",
                                       "http://b/3"};
    for (size_t i = 0; i < 5; i++) {
        (void)sold(urls[i]);
        wait_ms(1000);
    }
    char host[FZ_NOTIFY_URL_SIZE];
    assert_booked(fz_notification_next_host(tx, "", host));
    assert_string_equal(host, "a");
    assert_booked(fz_notification_next_host(tx, "a", host));
    assert_string_equal(host, "a:80");
    assert_booked(fz_notification_next_host(tx, "a:80", host));
    assert_string_equal(host, "b");
    assert_int_equal(BOOK(fz_notification_next_host(tx, "b", host)), FZ_ABSENT);
    struct fz_notification_due due[8];
    size_t found;
    struct fz_notification_span span = {.after_ms = INT64_MIN, .until_ms = now_ms, .newest = INT64_MAX};
    assert_booked(fz_notification_due_for(tx, "b", NULL, &span, 8, due, &found));
    assert_int_equal(found, 3);
    assert_int_equal(due[0].id, 1);
    assert_int_equal(due[1].id, 3);
    assert_int_equal(due[2].id, 5);
    span.until_ms = due[1].due_ms;
    assert_booked(fz_notification_due_for(tx, "b", NULL, &span, 8, due, &found));
    assert_int_equal(found, 2);
    span.newest = 2;
    assert_booked(fz_notification_due_for(tx, "b", NULL, &span, 8, due, &found));
    assert_int_equal(found, 1);
    span = (struct fz_notification_span){.after_ms = due[0].due_ms, .until_ms = now_ms, .newest = INT64_MAX};
    assert_booked(fz_notification_due_for(tx, "b", NULL, &span, 1, due, &found));
    assert_int_equal(found, 1);
    assert_int_equal(due[0].id, 3);
    int64_t newest;
    assert_booked(fz_notification_newest(tx, &newest));
    assert_int_equal(newest, 5);
    int64_t next_ms;
    assert_booked(fz_notification_next_due(tx, INT64_MIN, &next_ms));
    assert_int_equal(next_ms, MONDAY_10_MS);
    assert_booked(fz_notification_next_due(tx, MONDAY_10_MS, &next_ms));
    assert_int_equal(next_ms, MONDAY_10_MS + 1000);
    assert_int_equal(BOOK(fz_notification_next_due(tx, now_ms, &next_ms)), FZ_ABSENT);
}

/* The first of three failed and waits for its ladder: it now comes last, though its number is the lowest. */
static void they_wait_in_the_order_of_their_due_times(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        (void)sold("http://b/");
        wait_ms(1000);
    }
    send(1, 500, now_ms + 9000);
    send(2, 500, now_ms + 2000);
    struct fz_notification_span span = {.after_ms = INT64_MIN, .until_ms = now_ms + 9000, .newest = INT64_MAX};
    struct fz_notification_due due[8];
    size_t found;
    assert_booked(fz_notification_due_for(tx, "b", NULL, &span, 8, due, &found));
    assert_int_equal(found, 3);
    static const int64_t expected[] = {3, 2, 1};
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(due[i].id, expected[i]);
    assert_booked(fz_notification_due_for(tx, "b", NULL, &span, 1, due, &found));
    assert_int_equal(due[0].id, 3);
}

/* ---- sending ---- */

static void one_that_was_answered_is_delivered(void **state)
{
    (void)state;
    (void)sold(URL);
    send(1, 204, now_ms + 15000);
    assert_int_equal(row(1).state, FZ_NOTIFICATION_DELIVERED);
    assert_int_equal(row(1).delivered_ms, now_ms);
    assert_int_equal(row(1).attempts, 1);
    int64_t waiting;
    assert_booked(fz_notification_count_waiting(tx, 10, &waiting));
    assert_int_equal(waiting, 0);
    assert_int_equal(findings(), 0);
}

static void one_that_was_not_waits_until_the_ladder_ends(void **state)
{
    (void)state;
    (void)sold(URL);
    send(1, 500, now_ms + 15000);
    assert_int_equal(row(1).state, FZ_NOTIFICATION_WAITING);
    assert_int_equal(row(1).due_ms, now_ms + 15000);
    assert_int_equal(row(1).step, 1);
    wait_ms(15000);
    send(1, 0, 0);
    assert_int_equal(row(1).state, FZ_NOTIFICATION_FAILED);
    assert_int_equal(row(1).attempts, 2);
    assert_int_equal(findings(), 0);
    assert_int_equal(
        outside_number(
            "SELECT COUNT(*) FROM notification_attempt WHERE status IS NULL AND answer_body IS NULL"
            " AND error = 'nobody there'"),
        1);
    assert_int_equal(
        outside_number(
            "SELECT COUNT(*) FROM notification_attempt WHERE status = 500 AND answer_body = x'610062'"
            " AND error IS NULL"),
        1);
}

static void one_can_be_sent_again_by_hand(void **state)
{
    (void)state;
    struct fz_notification again;
    char event_id[FZ_EVENT_ID_SIZE];
    (void)sold(URL);
    strcpy(event_id, row(1).event_id);
    send(1, 500, 0);
    assert_int_equal(row(1).state, FZ_NOTIFICATION_FAILED);
    wait_ms(FZ_DAY_MS);
    assert_booked(fz_notification_resend(tx, event_id, &again));
    assert_int_equal(again.state, FZ_NOTIFICATION_WAITING);
    assert_int_equal(again.due_ms, now_ms);
    send(1, 200, 0);
    assert_int_equal(row(1).state, FZ_NOTIFICATION_DELIVERED);
    int64_t delivered_ms = row(1).delivered_ms;
    wait_ms(FZ_DAY_MS);
    assert_booked(fz_notification_resend(tx, event_id, &again));
    send(1, 500, now_ms + 15000); /* it was delivered all the same: the ladder is not begun anew */
    assert_int_equal(row(1).state, FZ_NOTIFICATION_DELIVERED);
    assert_int_equal(row(1).delivered_ms, delivered_ms);
    assert_int_equal(findings(), 0);
    assert_int_equal(BOOK(fz_notification_resend(tx, "EV-", &again)), FZ_ABSENT);
    while (row(1).resends < FZ_RESENDS_MAX)
        assert_booked(fz_notification_resend(tx, event_id, &again));
    assert_int_equal(BOOK(fz_notification_resend(tx, event_id, &again)), FZ_CONFLICT);
}

/* Somebody asks for another sending while one is on its way. */
static void a_wish_that_comes_in_between_is_not_lost(void **state)
{
    (void)state;
    (void)sold(URL);
    struct fz_notification sent = row(1), again;
    assert_booked(fz_notification_resend(tx, sent.event_id, &again));
    struct fz_attempt attempt = {.kind = FZ_ATTEMPT_TRUE,
                                 .headers = "",
                                 .body = "",
                                 .status = 200,
                                 .answer_headers = "",
                                 .answer_body = ""};
    struct fz_notification_outcome outcome = {
        .sent = &sent, .attempts = &attempt, .count = 1, .delivered = true};
    assert_booked(fz_notification_conclude(tx, &outcome));
    assert_int_equal(row(1).state, FZ_NOTIFICATION_WAITING);
    assert_int_equal(row(1).due_ms, now_ms);
    send(1, 200, 0);
    assert_int_equal(row(1).state, FZ_NOTIFICATION_DELIVERED);
    assert_int_equal(row(1).attempts, 2);
    assert_int_equal(findings(), 0);
}

static void so_many_attempts_are_kept(void **state)
{
    (void)state;
    (void)sold(URL);
    for (int i = 0; i < FZ_ATTEMPTS_MAX + 3; i++)
        send(1, 500, now_ms + 1000);
    send(1, 200, 0);
    assert_int_equal(row(1).attempts, FZ_ATTEMPTS_MAX);
    assert_int_equal(row(1).state, FZ_NOTIFICATION_DELIVERED);
    assert_int_equal(outside_number("SELECT COUNT(*) FROM notification_attempt"), FZ_ATTEMPTS_MAX);
    assert_int_equal(findings(), 0);
}

static void a_row_that_is_gone_is_absent(void **state)
{
    (void)state;
    struct fz_notification gone = {.id = 77};
    struct fz_notification_outcome outcome = {.sent = &gone, .delivered = true};
    assert_int_equal(BOOK(fz_notification_conclude(tx, &outcome)), FZ_ABSENT);
}

/* ---- audit ---- */

static void the_audit_finds_what_does_not_fit(void **state)
{
    (void)state;
    static const char *const spoils[][2] = {
        {"DELETE FROM notification WHERE kind = 1 AND id = 1", "a paid order of which nothing is put down"},
        {"DELETE FROM notification WHERE kind = 3", "a closed refund of which nothing is put down"},
        {"UPDATE notification SET subject = 99 WHERE id = 1", "of no order"},
        {"UPDATE notification SET url = 'http://elsewhere/' WHERE id = 1", "another address"},
        {"UPDATE notification SET sub_mchid = '" OTHER_CHILD "' WHERE id = 1", "another sub-merchant's"},
        {"UPDATE notification SET out_refund_no = 'X' WHERE kind = 3", "another refund's number"},
        {"UPDATE notification SET kind = 2 WHERE kind = 3", "arrived, but it was closed"},
        {"UPDATE refund SET notify_url = NULL", "a refund that is told to nobody"},
        {"UPDATE notification SET attempts = 2 WHERE id = 1", "one attempt more"},
        {"UPDATE notification_attempt SET status = 500", "delivered, but answered with 500"},
        {"UPDATE notification SET state = 3 WHERE id = 1", "failed, but delivered"},
        {"UPDATE notification SET due_ms = 1 WHERE id = 1", "due before it happened"},
    };
    struct fz_payment payment = sold(URL);
    struct fz_refund refund = given_back(&payment, URL);
    assert_int_equal(outcome(&refund, FZ_REFUND_CLOSED), FZ_OK);
    send(1, 200, 0);
    assert_int_equal(findings(), 0);
    outside("CREATE TABLE kept AS SELECT * FROM notification; CREATE TABLE kept_attempt AS SELECT * FROM "
            "notification_attempt;"
            "CREATE TABLE kept_refund AS SELECT id, notify_url FROM refund");
    for (size_t i = 0; i < sizeof spoils / sizeof spoils[0]; i++) {
        outside(spoils[i][0]);
        if (findings() == 0)
            fail_msg("not found: %s", spoils[i][1]);
        outside(
            "DELETE FROM notification_attempt; DELETE FROM notification; INSERT INTO notification SELECT * "
            "FROM kept;"
            "INSERT INTO notification_attempt SELECT * FROM kept_attempt;"
            "UPDATE refund SET notify_url = (SELECT k.notify_url FROM kept_refund k WHERE k.id = refund.id)");
        assert_int_equal(findings(), 0);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, sandbox_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_paid_order_is_put_down_once),
        TEST(what_has_no_notify_url_is_not_put_down),
        TEST(a_refund_is_put_down_when_it_is_decided),
        TEST(a_refund_that_arrives_by_itself_is_put_down),
        TEST(each_host_has_its_own_line),
        TEST(they_wait_in_the_order_of_their_due_times),
        TEST(one_that_was_answered_is_delivered),
        TEST(one_that_was_not_waits_until_the_ladder_ends),
        TEST(one_can_be_sent_again_by_hand),
        TEST(a_wish_that_comes_in_between_is_not_lost),
        TEST(so_many_attempts_are_kept),
        TEST(a_row_that_is_gone_is_absent),
        TEST(the_audit_finds_what_does_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
