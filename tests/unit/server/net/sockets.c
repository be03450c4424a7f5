/* The table of connections: the cap, deadlines, and that a number used again is never hit. Lingering
 * connections. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "server/net/linger.h"
#include "server/net/sockets.h"

#define T0 INT64_C(1000000)

static struct fz_sockets *sockets;

static int begin(void **state)
{
    (void)state;
    sockets = fz_sockets_new(4);
    return sockets == NULL ? -1 : 0;
}

static int end(void **state)
{
    (void)state;
    fz_sockets_free(sockets);
    return 0;
}

struct pair {
    int near, far;
};

static struct pair pair_new(void)
{
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    return (struct pair){ends[0], ends[1]};
}

static void pair_close(struct pair pair)
{
    close(pair.near);
    close(pair.far);
}

/* Whether the far end sees that the connection was shut down. */
static bool is_shut(struct pair pair)
{
    char byte;
    return recv(pair.far, &byte, 1, MSG_DONTWAIT) == 0;
}

static struct fz_socket *enter(int handle, int64_t deadline_ms)
{
    assert_true(fz_sockets_admit(sockets));
    return fz_socket_open(sockets, handle, T0, deadline_ms);
}

static int64_t expire(int64_t now_ms, size_t wanted)
{
    size_t expired = 99;
    int64_t next_ms = fz_sockets_expire(sockets, now_ms, &expired);
    assert_int_equal(expired, wanted);
    return next_ms;
}

/* Connections that are worked for do not give way; who is beyond the cap is turned away. */
static void the_cap_holds(void **state)
{
    (void)state;
    struct fz_socket *entered[4];
    for (int i = 0; i < 4; i++) {
        entered[i] = enter(1000 + i, FZ_NEVER_MS);
        fz_socket_work(entered[i]);
    }
    assert_int_equal(fz_sockets_count(sockets), 4);
    assert_false(fz_sockets_admit(sockets));
    assert_false(fz_sockets_evict(sockets));
    fz_socket_close(sockets, entered[1]);
    assert_int_equal(fz_sockets_count(sockets), 3);
    assert_true(fz_sockets_admit(sockets));
    assert_true(fz_sockets_admit(sockets)); /* the first one never came to a worker: it takes no place */
    assert_ptr_equal(enter(1009, FZ_NEVER_MS), entered[1]);
}

/* First who was never verified, then who was, each time the one that has been silent the longest. */
static void the_oldest_silent_one_gives_way(void **state)
{
    (void)state;
    struct pair pairs[5];
    struct fz_socket *places[5];
    for (int i = 0; i < 4; i++) {
        pairs[i] = pair_new();
        places[i] = enter(pairs[i].near, FZ_NEVER_MS);
        fz_socket_wait(places[i], T0 + i);
    }
    atomic_store(&places[0]->verified, true);
    fz_socket_wait(places[1], T0 + 9); /* it has just been answered */
    assert_true(fz_sockets_admit(sockets));
    assert_true(is_shut(pairs[2]));
    pairs[4] = pair_new();
    places[4] = fz_socket_open(sockets, pairs[4].near, T0 + 10, FZ_NEVER_MS);
    assert_int_equal(fz_sockets_count(sockets), 5); /* its worker has not closed the other one yet */
    assert_true(fz_sockets_admit(sockets));
    assert_true(is_shut(pairs[3]));
    assert_true(fz_sockets_evict(sockets));
    assert_true(is_shut(pairs[1]));
    assert_true(fz_sockets_evict(sockets));
    assert_true(is_shut(pairs[4]));
    assert_false(is_shut(pairs[0]));
    assert_true(fz_sockets_evict(sockets));
    assert_true(is_shut(pairs[0]));
    assert_false(fz_sockets_evict(sockets));
    for (int i = 0; i < 5; i++) {
        fz_socket_close(sockets, places[i]);
        pair_close(pairs[i]);
    }
    assert_int_equal(fz_sockets_count(sockets), 0);
    for (int i = 0; i < 4; i++) /* whoever goes gives his place back once */
        fz_socket_work(enter(1000 + i, FZ_NEVER_MS));
    assert_false(fz_sockets_admit(sockets));
}

/* What no place is left for is not served, not even a place that is being left. */
static void the_spare_places_end_too(void **state)
{
    (void)state;
    for (int i = 0; i < 4 + FZ_SOCKETS_SPARE; i++)
        assert_non_null(fz_socket_open(sockets, 1000 + i, T0, FZ_NEVER_MS));
    assert_null(fz_socket_open(sockets, 9999, T0, FZ_NEVER_MS));
    assert_false(fz_sockets_admit(sockets));
}

static void a_deadline_ends_a_connection(void **state)
{
    (void)state;
    struct pair early = pair_new(), late = pair_new(), working = pair_new();
    enter(early.near, T0 + 30000);
    enter(late.near, T0 + 75000);
    enter(working.near, FZ_NEVER_MS);
    assert_int_equal(expire(T0, 0), T0 + 30000);
    assert_int_equal(expire(T0 + 29999, 0), T0 + 30000);
    assert_false(is_shut(early));
    assert_int_equal(expire(T0 + 30000, 1), T0 + 75000);
    assert_true(is_shut(early));
    assert_false(is_shut(late));
    assert_int_equal(expire(T0 + 30001, 0), T0 + 75000); /* once is enough */
    assert_int_equal(expire(T0 + 80000, 1), FZ_NEVER_MS);
    assert_true(is_shut(late));
    assert_false(is_shut(working)); /* while there is work under way there is none */
    pair_close(early);
    pair_close(late);
    pair_close(working);
}

static void a_new_deadline_replaces_the_old(void **state)
{
    (void)state;
    struct pair pair = pair_new();
    struct fz_socket *socket = enter(pair.near, T0 + 1000);
    fz_socket_set_deadline(socket, FZ_NEVER_MS);
    assert_int_equal(expire(T0 + 5000, 0), FZ_NEVER_MS);
    assert_false(is_shut(pair));
    fz_socket_set_deadline(socket, T0 + 6000);
    assert_int_equal(expire(T0 + 6000, 1), FZ_NEVER_MS);
    assert_true(is_shut(pair));
    pair_close(pair);
}

/* After fz_socket_close the number belongs to somebody else, though the deadline has passed. */
static void a_number_used_again_is_not_hit(void **state)
{
    (void)state;
    struct pair old = pair_new();
    struct fz_socket *socket = enter(old.near, T0);
    fz_socket_close(sockets, socket);
    pair_close(old);
    struct pair new = pair_new(); /* the lowest free numbers: the same ones */
    assert_int_equal(new.near, old.near);
    assert_int_equal(expire(T0 + 1000, 0), FZ_NEVER_MS);
    assert_false(is_shut(new));
    pair_close(new);
}

/* A worker that sets deadlines, opens and closes, beside an accept thread that ends what is overdue. */
static void *be_a_worker(void *argument)
{
    (void)argument;
    for (int i = 0; i < 2000; i++) {
        struct pair pair = pair_new();
        struct fz_socket *socket = fz_socket_open(sockets, pair.near, T0, T0 + 1000);
        for (int turn = 0; turn < 4; turn++)
            fz_socket_set_deadline(socket, turn % 2 == 0 ? FZ_NEVER_MS : T0 + 1000 + turn);
        fz_socket_close(sockets, socket);
        assert_false(is_shut(pair)); /* it was never overdue */
        pair_close(pair);
    }
    return NULL;
}

static void workers_and_the_accept_thread(void **state)
{
    (void)state;
    pthread_t workers[2];
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&workers[i], NULL, be_a_worker, NULL), 0);
    for (int i = 0; i < 1000; i++)
        expire(T0 + 999, 0);
    for (int i = 0; i < 2; i++)
        pthread_join(workers[i], NULL);
    assert_int_equal(fz_sockets_count(sockets), 0);
}

/* What a peer still sends after its refusal is read and dropped, so the refusal reaches it: then the peer
 * ends, or the time is over. */
static void lingering_reads_to_the_end(void **state)
{
    (void)state;
    struct fz_linger *linger = fz_linger_new();
    struct pair ending = pair_new(), silent = pair_new();
    fz_linger_keep(linger, ending.near, T0);
    fz_linger_keep(linger, silent.near, T0 + 100);
    close(ending.near); /* as libmicrohttpd does; a copy is kept */
    close(silent.near);
    assert_int_equal(send(ending.far, "rest", 4, MSG_NOSIGNAL), 4);
    struct pollfd polls[FZ_LINGER_MAX];
    assert_int_equal(fz_linger_polls(linger, polls), 2);
    assert_int_equal(fz_linger_drain(linger, T0 + 200), T0 + FZ_LINGER_MS);
    assert_int_equal(send(ending.far, "more", 4, MSG_NOSIGNAL), 4); /* still open */
    shutdown(ending.far, SHUT_WR);
    assert_int_equal(fz_linger_drain(linger, T0 + 300), T0 + 100 + FZ_LINGER_MS);
    assert_true(is_shut(ending));
    assert_false(is_shut(silent));
    assert_int_equal(fz_linger_drain(linger, T0 + 100 + FZ_LINGER_MS), INT64_MAX);
    assert_true(is_shut(silent));
    assert_int_equal(fz_linger_polls(linger, polls), 0);
    close(ending.far);
    close(silent.far);
    fz_linger_free(linger);
}

/* A peer that does not stop is cut off, without holding the accept thread. */
static void lingering_ends_with_too_much(void **state)
{
    (void)state;
    static char block[65536];
    struct fz_linger *linger = fz_linger_new();
    struct pair pair = pair_new();
    fz_linger_keep(linger, pair.near, T0);
    close(pair.near);
    size_t sent = 0;
    while (fz_linger_drain(linger, T0) != INT64_MAX) {
        assert_true(sent < 2 * FZ_LINGER_BYTES);
        assert_int_equal(send(pair.far, block, sizeof block, MSG_NOSIGNAL), sizeof block);
        sent += sizeof block;
    }
    assert_true(sent >= FZ_LINGER_BYTES);
    assert_int_equal(send(pair.far, block, 1, MSG_NOSIGNAL), -1);
    close(pair.far);
    fz_linger_free(linger);
}

static void lingering_is_capped(void **state)
{
    (void)state;
    struct fz_linger *linger = fz_linger_new();
    struct pair pair = pair_new();
    for (int i = 0; i < FZ_LINGER_MAX + 5; i++)
        fz_linger_keep(linger, pair.near, T0);
    struct pollfd polls[FZ_LINGER_MAX];
    assert_int_equal(fz_linger_polls(linger, polls), FZ_LINGER_MAX);
    fz_linger_free(linger);
    assert_false(is_shut(pair)); /* the copies are closed, the connection is not */
    pair_close(pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_cap_holds, begin, end),
        cmocka_unit_test_setup_teardown(the_oldest_silent_one_gives_way, begin, end),
        cmocka_unit_test_setup_teardown(the_spare_places_end_too, begin, end),
        cmocka_unit_test_setup_teardown(a_deadline_ends_a_connection, begin, end),
        cmocka_unit_test_setup_teardown(a_new_deadline_replaces_the_old, begin, end),
        cmocka_unit_test_setup_teardown(a_number_used_again_is_not_hit, begin, end),
        cmocka_unit_test_setup_teardown(workers_and_the_accept_thread, begin, end),
        cmocka_unit_test(lingering_reads_to_the_end),
        cmocka_unit_test(lingering_ends_with_too_much),
        cmocka_unit_test(lingering_is_capped),
    };
    return cmocka_run_group_tests_name("server/sockets", tests, NULL, NULL);
}
