/* Hosts: how many callbacks may be on their way to each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "server/courier_host.h"

static struct fz_hosts hosts;

static struct fz_host *host(int number)
{
    char name[32];
    snprintf(name, sizeof name, "host%d:80", number);
    struct fz_host *found = fz_host_find(&hosts, name);
    assert_non_null(found);
    return found;
}

static void one_that_answers_gets_four_at_once(void **state)
{
    (void)state;
    struct fz_host *one = host(1);
    assert_ptr_equal(host(1), one);
    assert_int_equal(fz_host_room(&hosts, one), 1); /* nobody knows yet */
    bool proven = fz_host_begin(&hosts, one);
    assert_int_equal(fz_host_room(&hosts, one), 0);
    one->proven = true;
    fz_host_end(&hosts, one, proven);
    for (size_t room = 4; room > 0; room--) {
        assert_int_equal(fz_host_room(&hosts, one), room);
        assert_true(fz_host_begin(&hosts, one));
    }
    assert_int_equal(fz_host_room(&hosts, one), 0);
    one->proven = false; /* one of them was not answered */
    for (int i = 0; i < 4; i++)
        fz_host_end(&hosts, one, true);
    assert_int_equal(fz_host_room(&hosts, one), 1);
    fz_hosts_clear(&hosts);
}

/* However many are dead, 16 places are left for those that answer. */
static void those_that_may_be_dead_never_have_all_places(void **state)
{
    (void)state;
    int begun = 0;
    while (fz_host_room(&hosts, host(begun)) > 0)
        (void)fz_host_begin(&hosts, host(begun++));
    assert_int_equal(begun, 48);
    assert_true(begun < FZ_FLIGHTS_MAX);
    host(1000)->proven = true;
    assert_int_equal(fz_host_room(&hosts, host(1000)), 4);
    fz_host_end(&hosts, host(0), false);
    assert_int_equal(fz_host_room(&hosts, host(2000)), 1);
    for (int i = 1; i < begun; i++)
        fz_host_end(&hosts, host(i), false);
    fz_hosts_clear(&hosts);
}

static void so_many_are_remembered(void **state)
{
    (void)state;
    (void)fz_host_begin(&hosts, host(0));
    for (int i = 1; i < 3 * FZ_HOSTS_MAX; i++)
        (void)host(i);
    assert_true(hosts.count <= FZ_HOSTS_MAX);
    assert_int_equal(host(0)->flights, 1); /* the one with something on its way was kept */
    fz_host_end(&hosts, host(0), false);
    host(5)->down = true;
    fz_hosts_lift(&hosts);
    assert_false(host(5)->down);
    fz_hosts_clear(&hosts);
    assert_int_equal(hosts.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_that_answers_gets_four_at_once),
        cmocka_unit_test(those_that_may_be_dead_never_have_all_places),
        cmocka_unit_test(so_many_are_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
