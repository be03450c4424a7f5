/* Which addresses may be called. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cmocka.h>

#include "server/courier_address.h"

/* The narrowest scope that allows it, as a word; "never". */
static const char *scope_of(const char *text)
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
    for (int scope = FZ_CALLBACK_LOOPBACK; scope <= FZ_CALLBACK_ANY; scope++)
        if (fz_callback_address_fault((const struct sockaddr *)&address, (enum fz_callback_scope)scope) ==
            NULL)
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
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(scope_of(known[i][0]), known[i][1]) != 0)
            fail_msg("%s is %s", known[i][0], scope_of(known[i][0]));
}

static void other_families_are_never_called(void **state)
{
    (void)state;
    struct sockaddr local = {.sa_family = AF_UNIX};
    assert_non_null(fz_callback_address_fault(&local, FZ_CALLBACK_ANY));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_address_has_its_scope),
        cmocka_unit_test(other_families_are_never_called),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
