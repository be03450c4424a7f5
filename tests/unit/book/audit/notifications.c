/* What the audit finds in notifications: happenings of which nothing was put down, notifications of what did
 * not happen so, attempts that were not made. 1 is SALE's (sent twice, delivered), 2 CARD-CLOSED's, 3 and 4
 * tell that COUPON-STUCK and COUPON-LATE were ABNORMAL, 5 that COUPON-LATE arrived, 6 is SALE-BACK's
 * (failed). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/book/audit/audited.h"

#define URL            "'http://shop.example/told'"
#define TOLD(id, what) "UPDATE notification SET " what " WHERE id = " #id
#define WITHOUT(id)                                                                                          \
    "DELETE FROM notification_attempt WHERE notification = " #id "; DELETE FROM notification WHERE id "      \
                                                                 "= " #id
#define NOT_PAID(name)     "payment " name ": it was paid, and nothing was put down to tell its notify_url"
#define NOT_DECIDED(name)  "refund " name ": it is decided, and nothing was put down to tell its notify_url"
#define NOT_ABNORMAL(name) "refund " name ": it was abnormal, and nothing was put down to tell its notify_url"
#define VAIN_PAID(name)    "notification TOLD-" name ": no paid order is as it says"
#define VAIN_REFUND(name)  "notification TOLD-" name ": no refund is as it says"

/* ---- what is to be told ---- */

static void what_is_not_told(void **state)
{
    (void)state;
    static const struct plant plants[] = {
        {WITHOUT(1), NOT_PAID("SALE")},
        {"UPDATE payment SET notify_url = " URL " WHERE out_trade_no = 'SALE-2'", NOT_PAID("SALE-2")},
        {"UPDATE payment SET notify_url = " URL " WHERE out_trade_no IN ('OPEN', 'SHUT', 'ASKED')", ""},
        {WITHOUT(2), NOT_DECIDED("CARD-CLOSED")},
        {WITHOUT(3), NOT_DECIDED("COUPON-STUCK")},
        {WITHOUT(5), NOT_DECIDED("COUPON-LATE")},
        {WITHOUT(6), NOT_DECIDED("SALE-BACK")},
        {"UPDATE refund SET notify_url = " URL " WHERE refund_id = 'WAY-BACK'", ""},
        /* What was ABNORMAL once was told then, and is told again. */
        {WITHOUT(4), NOT_ABNORMAL("COUPON-LATE")},
        {"UPDATE refund SET abnormal_ms = 1 WHERE refund_id = 'SALE-BACK'", NOT_ABNORMAL("SALE-BACK")},
        /* Of what a migration put down, only the last. */
        {WITHOUT(4) ";" TOLD(5, "host = url"), ""},
    };
    ASSERT_PLANTS(plants);
}

/* ---- what is told ---- */

/* Another notification: like number 2, which nothing was sent of yet. */
#define ANOTHER(name, kind, subject, order, refund)                                                          \
    "INSERT INTO notification SELECT 99, 'TOLD-" name "', " #kind ", " #subject                              \
    ", caller, '1900000109', " order ", " refund                                                             \
    ", url, host, recv_account, created_ms, state, due_ms, step, attempts, resends, NULL"                    \
    " FROM notification WHERE id = 2"

static void what_is_told_in_vain(void **state)
{
    (void)state;
    static const struct plant plants[] = {
        {TOLD(1, "subject = 99"), NOT_PAID("SALE") "\n" VAIN_PAID("SALE")},
        {TOLD(1, "url = 'http://shop.example'"), VAIN_PAID("SALE")},
        {TOLD(1, "caller = '1900000200'"), VAIN_PAID("SALE")},
        {TOLD(1, "sub_mchid = '1900000110'"), VAIN_PAID("SALE")},
        {TOLD(1, "out_trade_no = 'SALE-2'"), VAIN_PAID("SALE")},
        {"UPDATE payment SET notify_url = NULL WHERE out_trade_no = 'SALE'", VAIN_PAID("SALE")},
        {"UPDATE payment SET notify_url = " URL
         " WHERE out_trade_no IN ('OPEN', 'SALE-2');" ANOTHER("SALE-2", 1, 19, "'SALE-2'", "NULL"),
         ""},
        {"UPDATE payment SET notify_url = " URL
         " WHERE out_trade_no = 'OPEN';" ANOTHER("OPEN", 1, 24, "'OPEN'", "NULL"),
         VAIN_PAID("OPEN")},
        {TOLD(6, "subject = 99"), NOT_DECIDED("SALE-BACK") "\n" VAIN_REFUND("SALE-BACK")},
        {TOLD(6, "url = 'http://shop.example'"), VAIN_REFUND("SALE-BACK")},
        {TOLD(6, "caller = '1900000200'"), VAIN_REFUND("SALE-BACK")},
        {TOLD(6, "sub_mchid = '1900000110'"), VAIN_REFUND("SALE-BACK")},
        {TOLD(6, "out_trade_no = 'SALE-2'"), VAIN_REFUND("SALE-BACK")},
        {TOLD(6, "out_refund_no = 'CARD-CLOSED'"), VAIN_REFUND("SALE-BACK")},
        {"UPDATE refund SET notify_url = NULL WHERE refund_id = 'SALE-BACK'", VAIN_REFUND("SALE-BACK")},
        /* Of another state than the refund's: arrived as closed, closed as arrived. */
        {TOLD(6, "kind = 3"), NOT_DECIDED("SALE-BACK") "\n" VAIN_REFUND("SALE-BACK")},
        {TOLD(2, "kind = 2"), NOT_DECIDED("CARD-CLOSED") "\n" VAIN_REFUND("CARD-CLOSED")},
        {ANOTHER("AGAIN", 3, 1, "'SALE'", "'SALE-BACK'"), VAIN_REFUND("AGAIN")},
        /* ABNORMAL that it never was: arrived, and still under way. */
        {ANOTHER("AGAIN", 4, 1, "'SALE'", "'SALE-BACK'"), VAIN_REFUND("AGAIN")},
        {"UPDATE refund SET notify_url = " URL
         " WHERE refund_id = 'WAY-BACK';" ANOTHER("WAY-BACK", 4, 16, "'HALFWAY'", "'WAY-BACK'"),
         VAIN_REFUND("WAY-BACK")},
        {"UPDATE refund SET notify_url = " URL ", abnormal_ms = 1 WHERE refund_id = 'WAY-BACK';" ANOTHER(
             "WAY-BACK", 4, 16, "'HALFWAY'", "'WAY-BACK'"),
         VAIN_REFUND("WAY-BACK")},
        /* A migration did not know when. */
        {"UPDATE refund SET abnormal_ms = NULL WHERE refund_id = 'COUPON-LATE'",
         VAIN_REFUND("COUPON-LATE-ABNORMAL")},
        {"UPDATE refund SET abnormal_ms = NULL WHERE refund_id = 'COUPON-LATE';" TOLD(4, "host = url"), ""},
        {"UPDATE refund SET abnormal_ms = NULL WHERE refund_id = 'COUPON-STUCK'", ""},
    };
    ASSERT_PLANTS(plants);
}

/* ---- how it was sent ---- */

#define COUNTED(name) "notification TOLD-" name ": its attempts are not as many as it says"
#define UNANSWERED(name)                                                                                     \
    "notification TOLD-" name ": it was delivered, but none of its attempts was answered with 2xx"
#define TIMES(name)    "notification TOLD-" name ": its state does not fit its times"
#define ANSWERED(what) "UPDATE notification_attempt SET " what " WHERE notification = 1 AND number = 2"
/* Attempts 3 to `count`, each answered with 500, and the good one as well. */
#define MANY(count)                                                                                          \
    "WITH RECURSIVE n (i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n WHERE i < " #count ") INSERT INTO"      \
    " notification_attempt SELECT 1, i, kind, time_ms, wire_ms, duration_ms, headers, body, status,"         \
    " answer_headers, answer_body, error FROM notification_attempt, n WHERE notification = 1 AND number = "  \
    "1;" ANSWERED("status = 500") ";" TOLD(1, "attempts = " #count)

static void how_it_was_sent(void **state)
{
    (void)state;
    static const struct plant plants[] = {
        {TOLD(1, "attempts = 3"), COUNTED("SALE")},
        {TOLD(1, "attempts = 1"), COUNTED("SALE")},
        {TOLD(2, "attempts = 1"), COUNTED("CARD-CLOSED")},
        {"DELETE FROM notification_attempt WHERE notification = 6", COUNTED("SALE-BACK")},
        {ANSWERED("status = 199"), UNANSWERED("SALE")},
        {ANSWERED("status = 299"), ""},
        {ANSWERED("status = 300"), UNANSWERED("SALE")},
        {ANSWERED("status = NULL"), UNANSWERED("SALE")},
        {ANSWERED("kind = 2"), UNANSWERED("SALE")}, /* a probe */
        /* 250 are kept of one: the good one may be behind them. */
        {MANY(249), UNANSWERED("SALE")},
        {MANY(250), ""},
        {TOLD(2, "delivered_ms = 1"), UNANSWERED("CARD-CLOSED")},
        {TOLD(6, "delivered_ms = 1"), UNANSWERED("SALE-BACK") "\n" TIMES("SALE-BACK")},
        {TOLD(1, "delivered_ms = NULL"), TIMES("SALE")},
        {TOLD(1, "state = 3"), TIMES("SALE")},
        {TOLD(1, "state = 1"), ""}, /* it is sent again */
        {TOLD(2, "state = 2"), TIMES("CARD-CLOSED")},
        {TOLD(2, "due_ms = created_ms - 1"), TIMES("CARD-CLOSED")},
        {TOLD(2, "due_ms = created_ms + 1"), ""},
    };
    ASSERT_PLANTS(plants);
}

int main(void)
{
#define TEST(name) cmocka_unit_test(name)
    const struct CMUnitTest tests[] = {TEST(what_is_not_told), TEST(what_is_told_in_vain),
                                       TEST(how_it_was_sent)};
    return cmocka_run_group_tests_name("book/audit_notifications", tests, audited_begin, audited_end);
}
