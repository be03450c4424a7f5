/* Listening: addresses, URLs, and that a port is never shared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "server/net/listen.h"

static char host[FZ_HOST_SIZE], why[400];

static enum fz_result listen_on(const char *address, int *out)
{
    why[0] = '\0';
    return fz_listen("--listen", address, out, host, why, sizeof why);
}

static void a_free_port(void **state)
{
    (void)state;
    int handle = -1, port = 0, reuse = 1;
    assert_int_equal(listen_on("127.0.0.1:0", &handle), FZ_OK);
    assert_int_equal(sscanf(host, "127.0.0.1:%d", &port), 1);
    assert_in_range(port, 1, 65535);
    socklen_t size = sizeof reuse;
    assert_int_equal(getsockopt(handle, SOL_SOCKET, SO_REUSEPORT, &reuse, &size), 0);
    assert_int_equal(reuse, 0);
    close(handle);
}

static void a_port_is_not_shared(void **state)
{
    (void)state;
    int first = -1, second = -1;
    assert_int_equal(listen_on("127.0.0.1:0", &first), FZ_OK);
    char same[FZ_HOST_SIZE];
    strcpy(same, host);
    assert_int_equal(listen_on(same, &second), FZ_FAILED);
    assert_int_equal(second, -1);
    assert_non_null(strstr(why, "another server has the port"));
    assert_non_null(strstr(why, "(--listen)"));
    assert_non_null(strstr(why, "--listen 0 picks a free one"));
    close(first);
    assert_int_equal(listen_on(same, &second), FZ_OK);
    close(second);
}

static void an_ipv6_address(void **state)
{
    (void)state;
    int handle = -1;
    if (listen_on("[::1]:0", &handle) != FZ_OK)
        skip(); /* a machine without IPv6 */
    assert_memory_equal(host, "[::1]:", strlen("[::1]:"));
    close(handle);
}

/* To be reached from other machines has to be asked for. */
static void a_port_alone_is_of_loopback(void **state)
{
    (void)state;
    static const char *const ports[] = {"0", ":0"};
    for (size_t i = 0; i < 2; i++) {
        int handle = -1;
        assert_int_equal(listen_on(ports[i], &handle), FZ_OK);
        assert_memory_equal(host, "127.0.0.1:", strlen("127.0.0.1:"));
        assert_true(fz_is_loopback(handle));
        close(handle);
    }
}

/* The socket is open to all; what clients are told is an address that they can go to. */
static void all_addresses_are_called_at_loopback(void **state)
{
    (void)state;
    int handle = -1, port = 0;
    assert_int_equal(listen_on("0.0.0.0:0", &handle), FZ_OK);
    assert_int_equal(sscanf(host, "127.0.0.1:%d", &port), 1);
    assert_in_range(port, 1, 65535);
    assert_false(fz_is_loopback(handle));
    close(handle);
    if (listen_on("[::]:0", &handle) != FZ_OK)
        skip(); /* a machine without IPv6 */
    assert_memory_equal(host, "[::1]:", strlen("[::1]:"));
    assert_false(fz_is_loopback(handle));
    close(handle);
}

static void no_addresses(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        ":",
                                        "http",
                                        "65536",
                                        ":65536",
                                        "-1",
                                        "+80",
                                        " 80",
                                        "127.0.0.1",
                                        "127.0.0.1:",
                                        "127.0.0.1:http",
                                        "::1:80",
                                        "[::1]",
                                        "[::1:8080",
                                        "::1]:8080",
                                        "127.0.0.1:8080x",
                                        "127.0.0.1:-1",
                                        "[]:80",
                                        "127.0.0.1:99999999",
                                        "127.0.0.1:65536",
                                        "1.2.3.4.5:80",
                                        "no such host:80"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        int handle = -1;
        assert_int_not_equal(listen_on(wrong[i], &handle), FZ_OK);
        assert_int_equal(handle, -1);
        assert_true(strlen(why) > 20);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_free_port),
        cmocka_unit_test(a_port_is_not_shared),
        cmocka_unit_test(an_ipv6_address),
        cmocka_unit_test(a_port_alone_is_of_loopback),
        cmocka_unit_test(all_addresses_are_called_at_loopback),
        cmocka_unit_test(no_addresses),
    };
    return cmocka_run_group_tests_name("server/listen", tests, NULL, NULL);
}
