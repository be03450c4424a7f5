/* Callbacks' bodies as they are sent, read by the client's part of the wire. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/callback/callback.h"
#include "spec/client/callback.h"

static const unsigned char key[] = "0123456789abcdef0123456789ABCDEF";

/* original_type as the vendor's samples have it: of a payment `transaction`, of a refund `refund`. */
static void every_kind_is_read_by_the_other_end(void **state)
{
    (void)state;
    static const struct {
        enum fz_notification_kind kind;
        const char *event_type, *original_type;
    } kinds[] = {{FZ_NOTIFY_PAID, "TRANSACTION.SUCCESS", "transaction"},
                 {FZ_NOTIFY_REFUND_SUCCESS, "REFUND.SUCCESS", "refund"},
                 {FZ_NOTIFY_REFUND_CLOSED, "REFUND.CLOSED", "refund"},
                 {FZ_NOTIFY_REFUND_ABNORMAL, "REFUND.ABNORMAL", "refund"}};
    static const char plain[] = "{\"recv_account\":\"招商银行信用卡0403\"}";
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        /* 2018-06-08T10:34:56+08:00 */
        struct fz_notification notification = {.kind = kinds[i].kind, .created_ms = INT64_C(1528425296000)};
        strcpy(notification.event_id, "EV-2018022511223320873");
        char *body = fz_notification_body(&notification, plain, key);
        assert_non_null(body);
        struct fz_callback callback;
        assert_int_equal(fz_callback_read(body, strlen(body), key, &callback), FZ_CALLBACK_READ);
        assert_string_equal(callback.id, "EV-2018022511223320873");
        assert_string_equal(callback.create_time, "2018-06-08T10:34:56+08:00");
        assert_string_equal(callback.event_type, kinds[i].event_type);
        assert_string_equal(callback.resource_type, "encrypt-resource");
        assert_string_equal(callback.original_type, kinds[i].original_type);
        assert_string_equal(callback.resource, plain);
        fz_callback_done(&callback);
        free(body);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_is_read_by_the_other_end),
    };
    return cmocka_run_group_tests_name("api_notification", tests, NULL, NULL);
}
