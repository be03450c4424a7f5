/* Hosts: how many callbacks may be on their way to each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "server/courier/host.h"

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
    enum fz_host_state begun_as = fz_host_begin(&hosts, one);
    assert_int_equal(begun_as, FZ_HOST_NEW);
    assert_int_equal(fz_host_room(&hosts, one), 0);
    one->state = FZ_HOST_ANSWERS;
    fz_host_end(&hosts, one, begun_as);
    for (size_t room = 4; room > 0; room--) {
        assert_int_equal(fz_host_room(&hosts, one), room);
        assert_int_equal(fz_host_begin(&hosts, one), FZ_HOST_ANSWERS);
    }
    assert_int_equal(fz_host_room(&hosts, one), 0);
    one->state = FZ_HOST_SILENT; /* one of them was not answered */
    for (int i = 0; i < 4; i++)
        fz_host_end(&hosts, one, FZ_HOST_ANSWERS);
    assert_int_equal(fz_host_room(&hosts, one), 1);
    fz_hosts_clear(&hosts);
}

/* Sets out to hosts of a state, one each, until there is no room. */
static int fill(enum fz_host_state with, int first)
{
    int begun = 0;
    for (;; begun++) {
        host(first + begun)->state = with;
        if (fz_host_room(&hosts, host(first + begun)) == 0)
            return begun;
        (void)fz_host_begin(&hosts, host(first + begun));
    }
}

/* However many are dead, those that were never tried have places of their own, and those that answer too. */
static void the_dead_have_their_own_places(void **state)
{
    (void)state;
    assert_int_equal(fill(FZ_HOST_SILENT, 1), 16);
    assert_int_equal(fill(FZ_HOST_NEW, 1001), 32);
    assert_true(16 + 32 + 4 * 4 <= FZ_FLIGHTS_MAX);
    host(3000)->state = FZ_HOST_ANSWERS;
    assert_int_equal(fz_host_room(&hosts, host(3000)), 4);
    fz_host_end(&hosts, host(1), FZ_HOST_SILENT);
    assert_int_equal(fz_host_room(&hosts, host(1)), 1);
    assert_int_equal(fz_host_room(&hosts, host(2000)), 0); /* that place was not one for the new */
    for (int i = 2; i <= 16; i++)
        fz_host_end(&hosts, host(i), FZ_HOST_SILENT);
    for (int i = 1001; i <= 1032; i++)
        fz_host_end(&hosts, host(i), FZ_HOST_NEW);
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
    fz_host_end(&hosts, host(0), FZ_HOST_NEW);
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
        cmocka_unit_test(the_dead_have_their_own_places),
        cmocka_unit_test(so_many_are_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
