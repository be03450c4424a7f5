/* Which links to bills are followed, and which files need a signature. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/bill_link.h"

static char *hosts[] = {"https://apihk.mch.weixin.qq.com", "https://apius.mch.weixin.qq.com:8443"};
static const struct fz_client client = {.hosts = hosts, .host_count = 2};

static void assert_link(const char *link, const char *host, const char *target, bool unsigned_ok)
{
    struct fz_bill_link out;
    assert_int_equal(fz_bill_link_read(&client, link, &out), FZ_OK);
    assert_string_equal(out.host, host);
    assert_string_equal(out.target, target);
    assert_int_equal(out.unsigned_ok, unsigned_ok);
}

/* The vendor's libraries take unsigned files under the first path alone. */
static void path_and_query_are_what_is_signed(void **state)
{
    (void)state;
    assert_link("https://apihk.mch.weixin.qq.com/v3/billdownload/file?token=a%2Fb", hosts[0], "/v3/billdownload/file?token=a%2Fb", true);
    assert_link("https://APIHK.mch.weixin.qq.com/v3/billdownload/file", hosts[0], "/v3/billdownload/file", true);
    assert_link("https://apius.mch.weixin.qq.com:8443/v3/bill/downloadurl?token=x", hosts[1], "/v3/bill/downloadurl?token=x", false);
    assert_link("https://apihk.mch.weixin.qq.com/v3/billdownload/file/?token=x", hosts[0], "/v3/billdownload/file/?token=x", false);
}

static void no_other_host_gets_a_signed_request(void **state)
{
    (void)state;
    static const char *const links[] = {
        "https://example.com/v3/billdownload/file?token=x",
        "http://apihk.mch.weixin.qq.com/v3/billdownload/file?token=x",
        "https://apihk.mch.weixin.qq.com.example.com/v3/billdownload/file",
        "https://apihk.mch.weixin.qq.com@example.com/v3/billdownload/file",
        "https://apihk.mch.weixin.qq.com:444/v3/billdownload/file",
        "https://apius.mch.weixin.qq.com/v3/billdownload/file",
        "https://apihk.mch.weixin.qq.com",
        "https://apihk.mch.weixin.qq.com/file?token=a b",
        "https://apihk.mch.weixin.qq.com/file?token=a#b",
        "https://apihk.mch.weixin.qq.com/file?token=a\r\nX: y",
        "",
    };
    struct fz_bill_link out;
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++)
        assert_int_equal(fz_bill_link_read(&client, links[i], &out), FZ_ABSENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(path_and_query_are_what_is_signed),
        cmocka_unit_test(no_other_host_gets_a_signed_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
