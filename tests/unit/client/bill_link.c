/* Which links to bills are followed, and which files need a signature. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <strings.h>

#include "client/bill/link.h"

static char *hosts[] = {"https://apihk.mch.weixin.qq.com", "https://apius.mch.weixin.qq.com:8443"};
static const struct fz_client client = {.hosts = hosts, .host_count = 2};

static void assert_link(const char *link, const char *host, const char *target, bool unsigned_ok)
{
    struct fz_bill_link out;
    assert_int_equal(fz_bill_link_read(&client, link, &out), FZ_OK);
    assert_int_equal(strcasecmp(out.host, host), 0);
    assert_string_equal(out.target, target);
    assert_int_equal(out.unsigned_ok, unsigned_ok);
}

static void path_and_query_are_what_is_signed(void **state)
{
    (void)state;
    assert_link("https://apihk.mch.weixin.qq.com/v3/billdownload/file?token=a%2Fb", hosts[0], "/v3/billdownload/file?token=a%2Fb", true);
    assert_link("https://APIHK.mch.weixin.qq.com/v3/billdownload/file", hosts[0], "/v3/billdownload/file", true);
    assert_link("https://apius.mch.weixin.qq.com:8443/v3/bill/downloadurl?token=x", hosts[1], "/v3/bill/downloadurl?token=x", true);
    assert_link("https://apihk.mch.weixin.qq.com/", hosts[0], "/", true);
}

/* The documents' own links: the answer of apihk names api.mch (2022, and the Chinese page of the refund bill). */
static void the_vendor_may_lead_to_another_of_its_hosts(void **state)
{
    (void)state;
    assert_link("https://api.mch.weixin.qq.com/v3/bill/downloadurl?token=x", "https://api.mch.weixin.qq.com", "/v3/bill/downloadurl?token=x",
                true);
    struct fz_bill_link out;
    static char *own[] = {"http://127.0.0.1:8080"};
    const struct fz_client sandbox = {.hosts = own, .host_count = 1};
    assert_int_equal(fz_bill_link_read(&sandbox, "https://api.mch.weixin.qq.com/v3/bill/downloadurl?token=x", &out), FZ_ABSENT);
}

/* Over TLS and on loopback nobody can change it; elsewhere only under the path of the vendor's libraries. */
static void an_unsigned_file_needs_a_way_on_which_nobody_changes_it(void **state)
{
    (void)state;
    static const struct {
        char *host;
        bool other_path, vendor_path;
    } cases[] = {
        {"https://bills.example.com", true, true},   {"http://127.0.0.1:8080", true, true},         {"http://127.1.2.3", true, true},
        {"http://localhost:8080", true, true},       {"http://[::1]:8080", true, true},             {"http://bills.example.com", false, true},
        {"http://127.0.0.1.example.com", false, true}, {"http://localhost.example.com", false, true}, {"http://10.0.0.1:8080", false, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *host = cases[i].host, link[200];
        const struct fz_client its = {.hosts = &host, .host_count = 1};
        struct fz_bill_link out;
        snprintf(link, sizeof link, "%s/v3/bill/downloadurl?token=x", host);
        assert_int_equal(fz_bill_link_read(&its, link, &out), FZ_OK);
        assert_int_equal(out.unsigned_ok, cases[i].other_path);
        snprintf(link, sizeof link, "%s/v3/billdownload/file?token=x", host);
        assert_int_equal(fz_bill_link_read(&its, link, &out), FZ_OK);
        assert_int_equal(out.unsigned_ok, cases[i].vendor_path);
    }
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
        "https://evilmch.weixin.qq.com/v3/billdownload/file",
        "https://user@api.mch.weixin.qq.com/v3/billdownload/file",
        "https://example.com#.mch.weixin.qq.com/v3/billdownload/file",
        "https://example.com?.mch.weixin.qq.com/v3/billdownload/file",
        "http://api.mch.weixin.qq.com/v3/billdownload/file",
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
        cmocka_unit_test(the_vendor_may_lead_to_another_of_its_hosts),
        cmocka_unit_test(an_unsigned_file_needs_a_way_on_which_nobody_changes_it),
        cmocka_unit_test(no_other_host_gets_a_signed_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
