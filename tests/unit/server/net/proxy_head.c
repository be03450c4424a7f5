/* The heads that the proxy takes, and the status that each of the others gets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/net/proxy.h"

/* In memory of just this size, so that a sanitizer sees who reads on. */
static unsigned status_of(const char *head, size_t size)
{
    char *copy = malloc(size == 0 ? 1 : size);
    memcpy(copy, head, size);
    unsigned status = fz_proxy_status(copy, size);
    free(copy);
    return status;
}

#define STATUS(head) status_of(head, sizeof(head) - 1)
#define END          "\r\n\r\n"

static void the_vendor_s_hosts_pass(void **state)
{
    (void)state;
    assert_int_equal(STATUS("CONNECT apihk.mch.weixin.qq.com:443 HTTP/1.1" END), 200);
    assert_int_equal(STATUS("CONNECT apius.mch.weixin.qq.com:443 HTTP/1.1" END), 200);
    assert_int_equal(STATUS("CONNECT apieu.mch.weixin.qq.com:443 HTTP/1.0" END), 200);
    assert_int_equal(STATUS("CONNECT API.mch.WEIXIN.qq.com:443 HTTP/1.1" END), 200);
    assert_int_equal(
        STATUS(
            "CONNECT api2.mch.weixin.qq.com:443 HTTP/1.1\r\nHost: x\r\nProxy-Authorization: Basic YTpi" END),
        200);
    assert_int_equal(STATUS("CONNECT api2.wechatpay.cn:443 HTTP/1.1" END), 200);
}

static void a_head_comes_in_any_pieces(void **state)
{
    (void)state;
    static const char head[] = "CONNECT apihk.mch.weixin.qq.com:443 HTTP/1.1\r\nUser-Agent: x" END;
    for (size_t size = 0; size < sizeof head - 1; size++)
        assert_int_equal(status_of(head, size), 0);
    assert_int_equal(status_of(head, sizeof head - 1), 200);
}

/* RFC 9110, 9.3.6: a client waits for the answer; what it said before would be lost. */
static void who_speaks_too_early_is_refused(void **state)
{
    (void)state;
    assert_int_equal(STATUS("CONNECT apihk.mch.weixin.qq.com:443 HTTP/1.1" END "\x16"), 400);
    assert_int_equal(STATUS("CONNECT apihk.mch.weixin.qq.com:443 HTTP/1.1" END "GET / HTTP/1.1" END), 400);
}

static void other_places_are_forbidden(void **state)
{
    (void)state;
    assert_int_equal(STATUS("CONNECT www.example.com:443 HTTP/1.1" END), 403);
    assert_int_equal(STATUS("CONNECT mch.weixin.qq.com:443 HTTP/1.1" END), 403);
    assert_int_equal(STATUS("CONNECT api.wechatpay.cn:443 HTTP/1.1" END), 403);
    assert_int_equal(STATUS("CONNECT apihk.mch.weixin.qq.com:80 HTTP/1.1" END), 403);
    assert_int_equal(STATUS("CONNECT apihk.mch.weixin.qq.com:4430 HTTP/1.1" END), 403);
    assert_int_equal(STATUS("CONNECT apihk.mch.weixin.qq.com HTTP/1.1" END), 403);
    assert_int_equal(STATUS("CONNECT apihk.mch.weixin.qq.com.:443 HTTP/1.1" END), 403);
    assert_int_equal(STATUS("CONNECT apihk.mch.weixin.qq.com.example.com:443 HTTP/1.1" END), 403);
    assert_int_equal(STATUS("CONNECT x:443:443 HTTP/1.1" END), 403);
    assert_int_equal(STATUS("CONNECT :443 HTTP/1.1" END), 403);
    assert_int_equal(STATUS("CONNECT localhost:443 HTTP/1.1" END), 403);
    assert_int_equal(STATUS("CONNECT 127.0.0.1:443 HTTP/1.1" END), 403);
    assert_int_equal(STATUS("CONNECT user@apihk.mch.weixin.qq.com:443 HTTP/1.1" END), 403);
    assert_int_equal(STATUS("CONNECT https://apihk.mch.weixin.qq.com:443 HTTP/1.1" END), 403);
    assert_int_equal(STATUS("CONNECT / HTTP/1.1" END), 403);
}

static void other_methods_are_not_allowed(void **state)
{
    (void)state;
    assert_int_equal(STATUS("GET http://apihk.mch.weixin.qq.com/ HTTP/1.1" END), 405);
    assert_int_equal(STATUS("POST http://www.example.com/ HTTP/1.1\r\nContent-Length: 2" END "{}"), 405);
    assert_int_equal(STATUS("CONNECTS apihk.mch.weixin.qq.com:443 HTTP/1.1" END), 405);
    assert_int_equal(STATUS("Connect apihk.mch.weixin.qq.com:443 HTTP/1.1" END), 405);
}

static void what_is_malformed_is_refused(void **state)
{
    (void)state;
    assert_int_equal(STATUS("\x16\x03\x01"), 400); /* TLS, to the proxy itself: at its first byte */
    assert_int_equal(STATUS("\0"), 400);
    assert_int_equal(STATUS("\r\n"), 400);
    assert_int_equal(STATUS("connect apihk.mch.weixin.qq.com:443 HTTP/1.1"), 400);
    assert_int_equal(STATUS("CONNECT" END), 400);
    assert_int_equal(STATUS("CONNECT apihk.mch.weixin.qq.com:443" END), 400);
    assert_int_equal(STATUS("CONNECT  HTTP/1.1" END), 400);
    assert_int_equal(STATUS("CONNECT apihk.mch.weixin.qq.com:443 HTTP/2.0" END), 400);
    assert_int_equal(STATUS("CONNECT apihk.mch.weixin.qq.com:443 HTTP/1.10" END), 400);
    assert_int_equal(STATUS("CONNECT apihk.mch.weixin.qq.com:443 HTTP/1.1 x" END), 400);
    assert_int_equal(STATUS("CONNECT  apihk.mch.weixin.qq.com:443 HTTP/1.1" END), 400);
    assert_int_equal(STATUS("CONNECT\tapihk.mch.weixin.qq.com:443 HTTP/1.1" END), 400);
    assert_int_equal(STATUS("CONNECT apihk.mch.weixin.qq.com:443\0 HTTP/1.1" END), 400);
    assert_int_equal(STATUS("CONNECT apihk.mch.weixin.qq.com:443 HTTP/1.1\r\nX: \0" END), 400);
    assert_int_equal(STATUS("CONNECT apihk.mch.weixin.qq.com:443 HTTP/1.1\rX" END), 400);
}

static void four_kibibytes_are_enough(void **state)
{
    (void)state;
    char head[FZ_PROXY_HEAD_MAX + 1];
    int begun = snprintf(head, sizeof head, "CONNECT apihk.mch.weixin.qq.com:443 HTTP/1.1\r\nX: ");
    memset(head + begun, 'x', sizeof head - (size_t)begun);
    assert_int_equal(status_of(head, FZ_PROXY_HEAD_MAX - 1), 0);
    assert_int_equal(status_of(head, FZ_PROXY_HEAD_MAX), 431);
    memcpy(head + FZ_PROXY_HEAD_MAX - 4, END, 4);
    assert_int_equal(status_of(head, FZ_PROXY_HEAD_MAX), 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vendor_s_hosts_pass),         cmocka_unit_test(a_head_comes_in_any_pieces),
        cmocka_unit_test(who_speaks_too_early_is_refused), cmocka_unit_test(other_places_are_forbidden),
        cmocka_unit_test(other_methods_are_not_allowed),   cmocka_unit_test(what_is_malformed_is_refused),
        cmocka_unit_test(four_kibibytes_are_enough),
    };
    return cmocka_run_group_tests_name("server/proxy_head", tests, NULL, NULL);
}
