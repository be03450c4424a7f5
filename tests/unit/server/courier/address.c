/* Which addresses may be called. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <cmocka.h>

#include "server/courier/address.h"

static struct sockaddr_storage address_of(const char *text, uint16_t port)
{
    struct sockaddr_storage address = {0};
    struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)&address;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)&address;
    if (inet_pton(AF_INET, text, &v4->sin_addr) == 1)
        address.ss_family = AF_INET;
    else if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1)
        address.ss_family = AF_INET6;
    else
        fail_msg("%s", text);
    v4->sin_port = htons(port); /* in the same place in IPv6 */
    return address;
}

static const char *fault_of(const char *text, uint16_t port, enum fz_callback_scope scope)
{
    static const uint16_t own[FZ_OWN_PORTS] = {18000, 18001, 0};
    struct sockaddr_storage address = address_of(text, port);
    struct fz_callback_limits limits = {.scope = scope};
    memcpy(limits.own_ports, own, sizeof own);
    return fz_callback_address_fault((const struct sockaddr *)&address, &limits);
}

/* The narrowest scope that allows it, as a word; "never". */
static const char *scope_of(const char *text)
{
    for (int scope = FZ_CALLBACK_LOOPBACK; scope <= FZ_CALLBACK_ANY; scope++)
        if (fault_of(text, 80, (enum fz_callback_scope)scope) == NULL)
            return fz_callback_scope_words[scope];
    return "never";
}

static void each_address_has_its_scope(void **state)
{
    (void)state;
    static const char *const known[][2] = {
        {"127.0.0.1", "loopback"},
        {"127.255.255.254", "loopback"},
        {"::1", "loopback"},
        {"::ffff:127.0.0.1", "loopback"},
        {"10.0.0.1", "private"},
        {"10.255.255.255", "private"},
        {"172.16.0.1", "private"},
        {"172.31.255.255", "private"},
        {"192.168.0.1", "private"},
        {"100.64.0.1", "private"},
        {"100.127.255.255", "private"},
        {"198.18.0.1", "private"},
        {"198.19.255.255", "private"},
        {"fc00::1", "private"},
        {"fdff::1", "private"},
        {"fec0::1", "private"},
        {"::ffff:10.0.0.1", "private"},
        {"::10.0.0.1", "private"},
        {"64:ff9b::c0a8:1", "private"},
        {"2002:0a00:0001::1", "private"},
        {"9.255.255.255", "any"},
        {"11.0.0.0", "any"},
        {"172.15.255.255", "any"},
        {"172.32.0.0", "any"},
        {"100.63.255.255", "any"},
        {"100.128.0.0", "any"},
        {"126.255.255.255", "any"},
        {"128.0.0.0", "any"},
        {"192.167.255.255", "any"},
        {"198.20.0.0", "any"},
        {"223.255.255.255", "any"},
        {"8.8.8.8", "any"},
        {"2001:db8::1", "any"},
        {"64:ff9b::808:808", "any"},
        {"0.0.0.0", "never"},
        {"0.255.255.255", "never"},
        {"169.254.0.1", "never"},
        {"169.254.169.254", "never"},
        {"224.0.0.1", "never"},
        {"239.255.255.255", "never"},
        {"240.0.0.1", "never"},
        {"255.255.255.255", "never"},
        {"::", "never"},
        {"fe80::1", "never"},
        {"febf::1", "never"},
        {"ff02::1", "never"},
        {"::ffff:169.254.169.254", "never"},
        {"::ffff:0.0.0.0", "never"},
        {"64:ff9b::a9fe:a9fe", "never"},
        {"2002:a9fe:a9fe::1", "never"},
        /* Where clouds tell an instance's secrets, and the addresses beside them. */
        {"100.100.100.200", "never"},
        {"100.100.99.255", "private"},
        {"100.100.101.0", "private"},
        {"168.63.129.16", "never"},
        {"168.63.129.15", "any"},
        {"168.63.129.17", "any"},
        {"192.0.0.192", "never"},
        {"191.255.255.255", "any"},
        {"192.0.1.0", "any"},
        {"fd00:ec2::254", "never"},
        {"fd00:ec2::23", "never"},
        {"fd00:ec1::254", "private"},
        {"fd20:ce::254", "never"},
        {"fd20:cf::254", "private"},
        {"fd00:c1::a9fe:a9fe", "never"},
        {"fd00:a9fe:a9fe::1", "never"},
        {"fd00:a9fe:a9ff::1", "private"},
        {"fd00:42::42", "never"},
        {"::ffff:100.100.100.200", "never"},
        {"64:ff9b::a83f:8110", "never"},
        {"64:ff9b:1::a9fe:a9fe", "never"},
        {"64:ff9b:1::808:808", "any"},
        {"64:ff9b:2::a9fe:a9fe", "any"},
        {"2002:6464:64c8::1", "never"},
        {"2001:db8::5efe:a9fe:a9fe", "never"},
        {"2001:db8::5efe:a00:1", "private"},
        {"2001:0:1::1", "never"},
        {"2001:1::1", "any"},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(scope_of(known[i][0]), known[i][1]) != 0)
            fail_msg("%s is %s", known[i][0], scope_of(known[i][0]));
}

static void other_families_are_never_called(void **state)
{
    (void)state;
    struct sockaddr local = {.sa_family = AF_UNIX};
    struct fz_callback_limits limits = {.scope = FZ_CALLBACK_ANY};
    assert_non_null(fz_callback_address_fault(&local, &limits));
}

#define OWN "this server listens there itself"

static void its_own_ports_on_any_address_of_the_machine(void **state)
{
    (void)state;
    static const char *const own[] = {"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        assert_string_equal(fault_of(own[i], 18000, FZ_CALLBACK_ANY), OWN);
        assert_string_equal(fault_of(own[i], 18001, FZ_CALLBACK_LOOPBACK), OWN);
        assert_null(fault_of(own[i], 18002, FZ_CALLBACK_LOOPBACK)); /* somebody else's */
        assert_null(fault_of(own[i], 0, FZ_CALLBACK_LOOPBACK));     /* 0 says that there is none */
    }
    assert_null(fault_of("192.0.2.1", 18000, FZ_CALLBACK_ANY)); /* another machine's */
    assert_null(fault_of("2001:db8::1", 18000, FZ_CALLBACK_ANY));
}

static void also_on_the_addresses_of_its_networks(void **state)
{
    (void)state;
    struct ifaddrs *all;
    assert_int_equal(getifaddrs(&all), 0);
    for (const struct ifaddrs *at = all; at != NULL; at = at->ifa_next) {
        char text[INET_ADDRSTRLEN];
        if (at->ifa_addr == NULL || at->ifa_addr->sa_family != AF_INET || (at->ifa_flags & IFF_UP) == 0)
            continue;
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)at->ifa_addr;
        assert_non_null(inet_ntop(AF_INET, &v4->sin_addr, text, sizeof text));
        if (strcmp(scope_of(text), "never") != 0)
            assert_string_equal(fault_of(text, 18001, FZ_CALLBACK_ANY), OWN);
    }
    freeifaddrs(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_address_has_its_scope),
        cmocka_unit_test(other_families_are_never_called),
        cmocka_unit_test(its_own_ports_on_any_address_of_the_machine),
        cmocka_unit_test(also_on_the_addresses_of_its_networks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
