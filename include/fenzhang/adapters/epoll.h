/* A loop in the program's own epoll, one to an epoll:
 *
 *     struct fz_epoll ours;
 *     struct fz_loop_hooks hooks = fz_epoll_begin(&ours, epoll);
 *     fz_loop_new(client, &hooks, &ours.loop, &error);
 *     for (;;)
 *         for (int i = 0, count = epoll_wait(epoll, events, 64, -1); i < count; i++)
 *             if (!fz_epoll_take(&ours, &events[i]))
 *                 …an event of the program's own…
 *     fz_loop_free(ours.loop);
 *     fz_epoll_end(&ours);
 *
 * It needs what Linux and POSIX have beyond C: -std=gnu11, or _GNU_SOURCE. fz_epoll_begin fails when descriptors are short: hooks.size is 0
 * then, and fz_loop_new says so. */
#ifndef FENZHANG_ADAPTERS_EPOLL_H
#define FENZHANG_ADAPTERS_EPOLL_H

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "fenzhang/loop.h"

struct fz_epoll {
    fz_loop *loop;
    int epoll, timer;
};

/* In the upper half of an event's data: no pointer has it, nor a descriptor that stands alone. */
#define FZ_EPOLL_MARK (UINT64_C(0xfe2a) << 48)

static inline void fz_epoll_watch(void *data, int handle, int what)
{
    struct fz_epoll *adapter = (struct fz_epoll *)data;
    struct epoll_event event;
    memset(&event, 0, sizeof event);
    if ((what & FZ_WATCH_READ) != 0)
        event.events |= EPOLLIN;
    if ((what & FZ_WATCH_WRITE) != 0)
        event.events |= EPOLLOUT;
    event.data.u64 = FZ_EPOLL_MARK | (uint32_t)handle;
    if (what == FZ_WATCH_NOTHING)
        (void)epoll_ctl(adapter->epoll, EPOLL_CTL_DEL, handle, &event);
    else if (epoll_ctl(adapter->epoll, EPOLL_CTL_MOD, handle, &event) != 0 && errno == ENOENT)
        (void)epoll_ctl(adapter->epoll, EPOLL_CTL_ADD, handle, &event);
}

/* A timer of zero would be off: at once is a nanosecond. */
static inline void fz_epoll_timer(void *data, int64_t milliseconds)
{
    struct itimerspec when;
    memset(&when, 0, sizeof when);
    if (milliseconds >= 0) {
        when.it_value.tv_sec = (time_t)(milliseconds / 1000);
        when.it_value.tv_nsec = milliseconds == 0 ? 1 : (long)(milliseconds % 1000 * 1000000);
    }
    (void)timerfd_settime(((struct fz_epoll *)data)->timer, 0, &when, NULL);
}

static inline struct fz_loop_hooks fz_epoll_begin(struct fz_epoll *adapter, int epoll)
{
    struct fz_loop_hooks hooks;
    adapter->loop = NULL;
    adapter->epoll = epoll;
    adapter->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    hooks.size = adapter->timer < 0 ? 0 : sizeof hooks;
    hooks.data = adapter;
    hooks.watch = fz_epoll_watch;
    hooks.timer = fz_epoll_timer;
    if (adapter->timer >= 0)
        fz_epoll_watch(adapter, adapter->timer, FZ_WATCH_READ);
    return hooks;
}

/* Whether the event was the library's; then it is dealt with. */
static inline bool fz_epoll_take(struct fz_epoll *adapter, const struct epoll_event *event)
{
    uint64_t count;
    int handle = (int)(uint32_t)event->data.u64, what = 0;
    if ((event->data.u64 & (UINT64_C(0xffff) << 48)) != FZ_EPOLL_MARK)
        return false;
    if ((event->events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0)
        what |= FZ_WATCH_READ;
    if ((event->events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0)
        what |= FZ_WATCH_WRITE;
    if (handle != adapter->timer)
        fz_loop_ready(adapter->loop, handle, what);
    else if (read(adapter->timer, &count, sizeof count) == (ssize_t)sizeof count)
        fz_loop_timeout(adapter->loop);
    return true;
}

/* After fz_loop_free. */
static inline void fz_epoll_end(struct fz_epoll *adapter)
{
    if (adapter->timer >= 0)
        close(adapter->timer);
}

#endif
