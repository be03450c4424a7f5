/* A loop in the program's own of libevent:
 *
 *     struct fz_libevent ours;
 *     struct fz_loop_hooks hooks = fz_libevent_begin(&ours, base);
 *     fz_loop_new(client, &hooks, &ours.loop, &error);
 *     …
 *     fz_loop_free(ours.loop);
 *     fz_libevent_end(&ours);
 *
 * fz_libevent_begin fails when memory is short: hooks.size is 0 then, and fz_loop_new says so. */
#ifndef FENZHANG_ADAPTERS_LIBEVENT_H
#define FENZHANG_ADAPTERS_LIBEVENT_H

#include <event2/event.h>
#include <stdlib.h>

#include "fenzhang/loop.h"

struct fz_libevent_watched {
    struct event *event;
    struct fz_libevent_watched *next;
};

struct fz_libevent {
    fz_loop *loop;
    struct event_base *base;
    struct event *timer;
    struct fz_libevent_watched *watched;
};

static inline void fz_libevent_on_ready(evutil_socket_t handle, short events, void *data)
{
    int what = ((events & EV_READ) != 0 ? FZ_WATCH_READ : 0) | ((events & EV_WRITE) != 0 ? FZ_WATCH_WRITE : 0);
    fz_loop_ready(((struct fz_libevent *)data)->loop, (int)handle, what);
}

static inline void fz_libevent_on_timer(evutil_socket_t handle, short events, void *data)
{
    (void)handle, (void)events;
    fz_loop_timeout(((struct fz_libevent *)data)->loop);
}

static inline void fz_libevent_forget(struct fz_libevent_watched **at)
{
    struct fz_libevent_watched *watched = *at;
    *at = watched->next;
    event_free(watched->event);
    free(watched);
}

/* What an event waits for cannot be changed: it is made anew. */
static inline void fz_libevent_watch(void *data, int handle, int what)
{
    struct fz_libevent *adapter = (struct fz_libevent *)data;
    struct fz_libevent_watched **at = &adapter->watched, *watched;
    int reads = (what & FZ_WATCH_READ) != 0 ? EV_READ : 0, writes = (what & FZ_WATCH_WRITE) != 0 ? EV_WRITE : 0;
    while (*at != NULL && event_get_fd((*at)->event) != handle)
        at = &(*at)->next;
    if (*at != NULL)
        fz_libevent_forget(at);
    if (what == FZ_WATCH_NOTHING)
        return;
    watched = (struct fz_libevent_watched *)calloc(1, sizeof *watched);
    if (watched != NULL)
        watched->event = event_new(adapter->base, handle, (short)(EV_PERSIST | reads | writes), fz_libevent_on_ready, adapter);
    if (watched == NULL || watched->event == NULL) {
        free(watched);
        return;
    }
    event_add(watched->event, NULL);
    watched->next = adapter->watched;
    adapter->watched = watched;
}

static inline void fz_libevent_timer(void *data, int64_t milliseconds)
{
    struct fz_libevent *adapter = (struct fz_libevent *)data;
    struct timeval in;
    event_del(adapter->timer);
    if (milliseconds < 0)
        return;
    in.tv_sec = (time_t)(milliseconds / 1000);
    in.tv_usec = (suseconds_t)(milliseconds % 1000 * 1000);
    event_add(adapter->timer, &in);
}

static inline struct fz_loop_hooks fz_libevent_begin(struct fz_libevent *adapter, struct event_base *base)
{
    struct fz_loop_hooks hooks;
    adapter->loop = NULL;
    adapter->base = base;
    adapter->watched = NULL;
    adapter->timer = event_new(base, -1, 0, fz_libevent_on_timer, adapter);
    hooks.size = adapter->timer == NULL ? 0 : sizeof hooks;
    hooks.data = adapter;
    hooks.watch = fz_libevent_watch;
    hooks.timer = fz_libevent_timer;
    return hooks;
}

/* After fz_loop_free. */
static inline void fz_libevent_end(struct fz_libevent *adapter)
{
    while (adapter->watched != NULL)
        fz_libevent_forget(&adapter->watched);
    if (adapter->timer != NULL)
        event_free(adapter->timer);
}

#endif
