/* Lingering: what is still sent is read and dropped, until the peer ends, sends too much or its time is over.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/net/linger.h"

#define T0 INT64_C(5000)

static struct fz_linger *linger;

static int begin(void **state)
{
    (void)state;
    linger = fz_linger_new();
    return linger == NULL ? -1 : 0;
}

static int end(void **state)
{
    (void)state;
    fz_linger_free(linger);
    return 0;
}

/* A connection whose own end is kept and closed at once; the peer's end. */
static int keep(int64_t now_ms)
{
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    fz_linger_keep(linger, ends[0], now_ms);
    close(ends[0]);
    return ends[1];
}

/* Those, and nothing behind them. */
static size_t kept(struct pollfd out[FZ_LINGER_MAX + 1])
{
    for (size_t i = 0; i <= FZ_LINGER_MAX; i++)
        out[i].fd = -7;
    size_t count = fz_linger_polls(linger, out);
    for (size_t i = 0; i <= FZ_LINGER_MAX; i++)
        assert_int_equal(out[i].fd == -7, i >= count);
    return count;
}

/* Whether the server's side is still open: nothing can be read, and that is no end. */
static bool is_open(int peer)
{
    char byte;
    ssize_t got = recv(peer, &byte, 1, MSG_DONTWAIT);
    return got < 0 && errno == EAGAIN;
}

static void say(int peer, size_t size)
{
    static char block[16384];
    for (; size > 0; size -= size < sizeof block ? size : sizeof block)
        assert_true(send(peer, block, size < sizeof block ? size : sizeof block, MSG_NOSIGNAL) > 0);
}

static void nothing_is_kept_at_first(void **state)
{
    (void)state;
    struct pollfd polls[FZ_LINGER_MAX + 1];
    assert_int_equal(kept(polls), 0);
    assert_int_equal(fz_linger_drain(linger, T0), INT64_MAX);
}

static void two_seconds(void **state)
{
    (void)state;
    struct pollfd polls[FZ_LINGER_MAX + 1];
    int peer = keep(T0), later = keep(T0 + 500);
    assert_int_equal(kept(polls), 2);
    assert_int_equal(polls[0].events, POLLIN);
    assert_int_equal(fcntl(polls[0].fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    assert_int_equal(fz_linger_drain(linger, T0), T0 + 2000);
    assert_int_equal(fz_linger_drain(linger, T0 + 1999), T0 + 2000);
    assert_true(is_open(peer));
    assert_int_equal(fz_linger_drain(linger, T0 + 2000), T0 + 2500);
    assert_false(is_open(peer));
    assert_true(is_open(later));
    assert_int_equal(kept(polls), 1);
    assert_int_equal(fz_linger_drain(linger, T0 + 2500), INT64_MAX);
    assert_false(is_open(later));
    close(peer);
    close(later);
}

/* The earliest of them, in whatever order they came. */
static void the_next_that_is_over(void **state)
{
    (void)state;
    int peers[] = {keep(T0 + 300), keep(T0 + 100), keep(T0 + 200)};
    assert_int_equal(fz_linger_drain(linger, T0 + 300), T0 + 2100);
    for (int i = 0; i < 3; i++)
        close(peers[i]);
}

static void what_is_sent_is_dropped(void **state)
{
    (void)state;
    struct pollfd polls[FZ_LINGER_MAX + 1];
    int peer = keep(T0), ended = keep(T0);
    say(peer, 50000);
    say(ended, 5);
    close(ended);
    assert_int_equal(fz_linger_drain(linger, T0 + 1), T0 + 2000);
    assert_true(is_open(peer));
    assert_int_equal(kept(polls), 1); /* the peer has ended, and is not waited for */
    char byte;
    assert_int_equal(recv(polls[0].fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK), -1); /* it was read to its end */
    close(peer);
}

/* A mebibyte of one connection, and not of all. */
static void a_mebibyte(void **state)
{
    (void)state;
    int peer = keep(T0), other = keep(T0);
    for (int i = 0; i < 63; i++) {
        say(peer, 16384);
        say(other, 16384);
        (void)fz_linger_drain(linger, T0);
    }
    say(other, 16384);
    say(peer, 16383);
    assert_int_equal(fz_linger_drain(linger, T0), T0 + 2000);
    assert_true(is_open(peer));
    assert_false(is_open(other));
    say(peer, 1);
    assert_int_equal(fz_linger_drain(linger, T0), INT64_MAX);
    assert_false(is_open(peer));
    close(peer);
    close(other);
}

/* One more, and the oldest goes: here the sixth. */
static void sixty_four_at_most(void **state)
{
    (void)state;
    struct pollfd polls[FZ_LINGER_MAX + 1];
    int peers[FZ_LINGER_MAX + 1];
    for (int i = 0; i < FZ_LINGER_MAX; i++)
        peers[i] = keep(i == 5 ? T0 - 1 : T0 + i);
    assert_int_equal(kept(polls), FZ_LINGER_MAX);
    assert_true(is_open(peers[5]));
    peers[FZ_LINGER_MAX] = keep(T0 + FZ_LINGER_MAX);
    assert_int_equal(kept(polls), FZ_LINGER_MAX);
    for (int i = 0; i <= FZ_LINGER_MAX; i++) {
        assert_int_equal(is_open(peers[i]), i != 5);
        if (i % 2 == 0)
            close(peers[i]);
    }
    assert_int_equal(fz_linger_drain(linger, T0), T0 + 2001);
    assert_int_equal(kept(polls), FZ_LINGER_MAX / 2 - 1); /* there is room again */
    for (int i = 1; i < FZ_LINGER_MAX; i += 2) {
        assert_int_equal(is_open(peers[i]), i != 5);
        close(peers[i]);
    }
}

/* A handle that is none is not kept. */
static void no_handle(void **state)
{
    (void)state;
    struct pollfd polls[FZ_LINGER_MAX + 1];
    fz_linger_keep(linger, -1, T0);
    assert_int_equal(kept(polls), 0);
}

/* That, and no other: neither what was closed before, whose number is another's by now, nor number 0. */
static void what_is_left_is_closed(void **state)
{
    (void)state;
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC), first = dup2(null, STDIN_FILENO);
    linger = fz_linger_new();
    int peers[] = {keep(T0), keep(T0)}, ended = keep(T0);
    close(ended);
    assert_int_equal(fz_linger_drain(linger, T0), T0 + 2000);
    int others[] = {dup(null), dup(null), dup(null)};
    fz_linger_free(linger);
    assert_true(fcntl(first, F_GETFD) >= 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(close(others[i]), 0);
    close(null);
    for (int i = 0; i < 2; i++) {
        assert_false(is_open(peers[i]));
        close(peers[i]);
    }
    fz_linger_free(NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_kept_at_first),
        TEST(two_seconds),
        TEST(the_next_that_is_over),
        TEST(what_is_sent_is_dropped),
        TEST(a_mebibyte),
        TEST(sixty_four_at_most),
        TEST(no_handle),
        cmocka_unit_test(what_is_left_is_closed),
    };
    return cmocka_run_group_tests_name("server/linger", tests, NULL, NULL);
}
