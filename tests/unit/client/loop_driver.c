/* The kinds of loops. */
#include "unit/client/loop_driver.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/clock.h"
#include "fenzhang/adapters/epoll.h"
#if FZ_HAS_LIBUV
#include "fenzhang/adapters/libuv.h"
#endif
#if FZ_HAS_LIBEVENT
#include "fenzhang/adapters/libevent.h"
#endif

#define TURN_MS 50

static fz_loop *opened(fz_client *client, const struct fz_loop_hooks *hooks, fz_loop **loop)
{
    fz_error *error = NULL;
    if (fz_loop_new(client, hooks, loop, &error) != 0)
        fail_msg("%s", fz_error_message(error));
    return *loop;
}

/* ---- one descriptor ---- */

static fz_loop *alone;

static fz_loop *open_descriptor(fz_client *client)
{
    return opened(client, NULL, &alone);
}

static void turn_descriptor(void)
{
    struct pollfd wait = {.fd = fz_loop_handle(alone), .events = POLLIN};
    (void)poll(&wait, 1, TURN_MS);
    fz_loop_work(alone);
}

static void close_descriptor(void)
{
    fz_loop_free(alone);
}

const struct loop_driver by_descriptor = {"descriptor", open_descriptor, turn_descriptor, close_descriptor};

/* ---- epoll ---- */

static struct fz_epoll ours_of_epoll;

static fz_loop *open_epoll(fz_client *client)
{
    struct fz_loop_hooks hooks = fz_epoll_begin(&ours_of_epoll, epoll_create1(EPOLL_CLOEXEC));
    return opened(client, &hooks, &ours_of_epoll.loop);
}

static void turn_epoll(void)
{
    struct epoll_event events[16];
    int count = epoll_wait(ours_of_epoll.epoll, events, 16, TURN_MS);
    for (int i = 0; i < count; i++)
        assert_true(fz_epoll_take(&ours_of_epoll, &events[i]));
}

static void close_epoll(void)
{
    fz_loop_free(ours_of_epoll.loop);
    fz_epoll_end(&ours_of_epoll);
    close(ours_of_epoll.epoll);
}

const struct loop_driver by_epoll = {"epoll", open_epoll, turn_epoll, close_epoll};

/* ---- libuv ---- */

#if FZ_HAS_LIBUV
static struct fz_libuv ours_of_libuv;
static uv_loop_t uv;

static fz_loop *open_libuv(fz_client *client)
{
    assert_int_equal(uv_loop_init(&uv), 0);
    struct fz_loop_hooks hooks = fz_libuv_begin(&ours_of_libuv, &uv);
    return opened(client, &hooks, &ours_of_libuv.loop);
}

static void turn_libuv(void)
{
    uv_update_time(&uv);
    int wanted_ms = uv_backend_timeout(&uv);
    struct pollfd wait = {.fd = uv_backend_fd(&uv), .events = POLLIN};
    uv_run(&uv, UV_RUN_NOWAIT); /* what is newly watched is told to the kernel */
    (void)poll(&wait, 1, wanted_ms >= 0 && wanted_ms < TURN_MS ? wanted_ms : TURN_MS);
    uv_run(&uv, UV_RUN_NOWAIT);
}

static void close_libuv(void)
{
    fz_loop_free(ours_of_libuv.loop);
    fz_libuv_end(&ours_of_libuv);
    assert_int_equal(uv_run(&uv, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&uv), 0); /* UV_EBUSY if the adapter had left anything */
}

static const struct loop_driver by_libuv = {"libuv", open_libuv, turn_libuv, close_libuv};
#endif

/* ---- libevent ---- */

#if FZ_HAS_LIBEVENT
static struct fz_libevent ours_of_libevent;

static fz_loop *open_libevent(fz_client *client)
{
    struct fz_loop_hooks hooks = fz_libevent_begin(&ours_of_libevent, event_base_new());
    return opened(client, &hooks, &ours_of_libevent.loop);
}

static void turn_libevent(void)
{
    const struct timeval at_most = {.tv_usec = TURN_MS * 1000};
    event_base_loopexit(ours_of_libevent.base, &at_most);
    event_base_loop(ours_of_libevent.base, EVLOOP_ONCE);
}

static void close_libevent(void)
{
    fz_loop_free(ours_of_libevent.loop);
    fz_libevent_end(&ours_of_libevent);
    event_base_free(ours_of_libevent.base);
}

static const struct loop_driver by_libevent = {"libevent", open_libevent, turn_libevent, close_libevent};
#endif

const struct loop_driver *const loop_drivers[] = {
    &by_descriptor,
    &by_epoll,
#if FZ_HAS_LIBUV
    &by_libuv,
#endif
#if FZ_HAS_LIBEVENT
    &by_libevent,
#endif
    NULL};

/* ---- the hostile one ---- */

#define HANDLES 1024

int hostility;
static fz_loop *hostile;
static int watched[HANDLES], was_watched[HANDLES];
static int64_t timer_at, cut_at; /* INT64_MAX: none */
static int timers_that_came;

static void hostile_watch(void *data, int handle, int what)
{
    (void)data;
    assert_in_range(handle, 0, HANDLES - 1);
    watched[handle] = what;
    was_watched[handle] = 1;
    if ((hostility & HOSTILE_WITHIN) != 0 && hostile != NULL)
        fz_loop_ready(hostile, handle, FZ_WATCH_READ | FZ_WATCH_WRITE);
}

static void hostile_timer(void *data, int64_t milliseconds)
{
    (void)data;
    assert_true(milliseconds >= -1);
    timer_at = milliseconds < 0 ? INT64_MAX : fz_ticks_ms() + milliseconds;
    if ((hostility & HOSTILE_WITHIN) != 0 && hostile != NULL)
        fz_loop_timeout(hostile);
}

int hostile_watched(void)
{
    int count = 0;
    for (int i = 0; i < HANDLES; i++)
        count += watched[i] != FZ_WATCH_NOTHING;
    return count;
}

bool hostile_timer_is_set(void)
{
    return timer_at != INT64_MAX;
}

int hostile_timers_that_came(void)
{
    return timers_that_came;
}

static fz_loop *open_hostile(fz_client *client)
{
    struct fz_loop_hooks hooks = {.size = sizeof hooks, .watch = hostile_watch, .timer = hostile_timer};
    for (int i = 0; i < HANDLES; i++)
        watched[i] = was_watched[i] = 0;
    timer_at = INT64_MAX;
    timers_that_came = 0;
    cut_at = fz_ticks_ms() + 20;
    hostile = NULL;
    return opened(client, &hooks, &hostile);
}

/* A socket that was the client's is at its end, or has become one that is. */
static void cut(int handle, bool whole)
{
    int pair[2], type;
    socklen_t size = sizeof type;
    if (getsockopt(handle, SOL_SOCKET, SO_TYPE, &type, &size) != 0)
        return;
    if (!whole) {
        (void)shutdown(handle, SHUT_RDWR);
        return;
    }
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), 0);
    assert_true(dup3(pair[0], handle, O_CLOEXEC) == handle);
    close(pair[0]);
    close(pair[1]);
}

static void cut_some(void)
{
    static int turn;
    if ((hostility & HOSTILE_CUTS) == 0 || fz_ticks_ms() < cut_at)
        return;
    cut_at = fz_ticks_ms() + 40;
    for (int i = 0, left = 2; i < HANDLES && left > 0; i++)
        if (watched[i] != FZ_WATCH_NOTHING && (i + turn) % 3 == 0) {
            cut(i, left == 1);
            left--;
        }
    turn++;
}

static void tell_what_is_not(void)
{
    int all = FZ_WATCH_READ | FZ_WATCH_WRITE;
    for (int i = 0; i < HANDLES; i++) {
        if ((hostility & HOSTILE_SPURIOUS) != 0 && watched[i] != FZ_WATCH_NOTHING)
            fz_loop_ready(hostile, i, all);
        if ((hostility & HOSTILE_STRANGE) != 0 && watched[i] == FZ_WATCH_NOTHING && was_watched[i])
            fz_loop_ready(hostile, i, all);
    }
    if ((hostility & HOSTILE_STRANGE) == 0)
        return;
    static const int strange[] = {-1, 0, 1, 2, 999, 1 << 20, INT32_MIN, INT32_MAX};
    for (size_t i = 0; i < sizeof strange / sizeof strange[0]; i++)
        fz_loop_ready(hostile, strange[i], all);
    for (int i = 0; i < HANDLES; i++)
        if (watched[i] != FZ_WATCH_NOTHING)
            fz_loop_ready(hostile, i, 0);
}

static void tell_time(void)
{
    int64_t late = (hostility & HOSTILE_LATE) != 0 ? 50 : 0;
    for (int i = 0; i < 5 && (hostility & HOSTILE_EARLY) != 0; i++)
        fz_loop_timeout(hostile);
    if (timer_at == INT64_MAX || fz_ticks_ms() < timer_at + late)
        return;
    timer_at = INT64_MAX;
    timers_that_came++;
    fz_loop_timeout(hostile);
}

static void turn_hostile(void)
{
    struct pollfd polled[HANDLES];
    nfds_t count = 0;
    for (int i = 0; i < HANDLES; i++)
        if (watched[i] != FZ_WATCH_NOTHING)
            polled[count++] = (struct pollfd){.fd = i, .events = (short)(((watched[i] & FZ_WATCH_READ) != 0 ? POLLIN : 0) |
                                                                         ((watched[i] & FZ_WATCH_WRITE) != 0 ? POLLOUT : 0))};
    int ready = poll(polled, count, 5);
    cut_some();
    for (nfds_t i = 0; i < count && ready > 0; i++)
        if (polled[i].revents != 0)
            fz_loop_ready(hostile, polled[i].fd,
                          ((polled[i].revents & ~POLLOUT) != 0 ? FZ_WATCH_READ : 0) |
                              ((polled[i].revents & ~POLLIN) != 0 ? FZ_WATCH_WRITE : 0));
    tell_what_is_not();
    tell_time();
}

static void close_hostile(void)
{
    fz_loop_free(hostile);
}

const struct loop_driver by_hostile = {"hostile", open_hostile, turn_hostile, close_hostile};
