/* A loop in the program's own of libuv:
 *
 *     struct fz_libuv ours;
 *     struct fz_loop_hooks hooks = fz_libuv_begin(&ours, uv_default_loop());
 *     fz_loop_new(client, &hooks, &ours.loop, &error);
 *     …
 *     fz_loop_free(ours.loop);
 *     fz_libuv_end(&ours);   `ours` has to be there until the loop has run once more: libuv closes later
 *
 * It keeps uv_run going as long as the loop is there. libuv's own header needs -std=gnu11, or _GNU_SOURCE. */
#ifndef FENZHANG_ADAPTERS_LIBUV_H
#define FENZHANG_ADAPTERS_LIBUV_H

#include <stdlib.h>
#include <uv.h>

#include "fenzhang/loop.h"

struct fz_libuv_watched {
    uv_poll_t poll; /* first: what libuv gives back is this */
    struct fz_libuv *adapter;
    int handle;
    struct fz_libuv_watched *next;
};

struct fz_libuv {
    fz_loop *loop;
    uv_loop_t *uv;
    uv_timer_t timer;
    struct fz_libuv_watched *watched;
};

static inline void fz_libuv_closed(uv_handle_t *poll)
{
    free(poll);
}

static inline void fz_libuv_on_ready(uv_poll_t *poll, int status, int events)
{
    struct fz_libuv_watched *watched = (struct fz_libuv_watched *)(void *)poll;
    int what = status < 0 ? FZ_WATCH_READ | FZ_WATCH_WRITE : 0; /* libcurl finds out what is wrong */
    if ((events & UV_READABLE) != 0)
        what |= FZ_WATCH_READ;
    if ((events & UV_WRITABLE) != 0)
        what |= FZ_WATCH_WRITE;
    fz_loop_ready(watched->adapter->loop, watched->handle, what);
}

static inline void fz_libuv_on_timer(uv_timer_t *timer)
{
    fz_loop_timeout(((struct fz_libuv *)timer->data)->loop);
}

static inline void fz_libuv_forget(struct fz_libuv_watched **at)
{
    struct fz_libuv_watched *watched = *at;
    *at = watched->next;
    uv_poll_stop(&watched->poll); /* from now on the descriptor may be closed, and its number watched anew */
    uv_close((uv_handle_t *)&watched->poll, fz_libuv_closed);
}

static inline struct fz_libuv_watched *fz_libuv_add(struct fz_libuv *adapter, int handle)
{
    struct fz_libuv_watched *watched = (struct fz_libuv_watched *)calloc(1, sizeof *watched);
    if (watched == NULL || uv_poll_init(adapter->uv, &watched->poll, handle) != 0) {
        free(watched);
        return NULL;
    }
    watched->adapter = adapter;
    watched->handle = handle;
    watched->next = adapter->watched;
    adapter->watched = watched;
    return watched;
}

static inline void fz_libuv_watch(void *data, int handle, int what)
{
    struct fz_libuv *adapter = (struct fz_libuv *)data;
    struct fz_libuv_watched **at = &adapter->watched, *watched;
    int reads = (what & FZ_WATCH_READ) != 0 ? UV_READABLE : 0, writes = (what & FZ_WATCH_WRITE) != 0 ? UV_WRITABLE : 0;
    while (*at != NULL && (*at)->handle != handle)
        at = &(*at)->next;
    if (what == FZ_WATCH_NOTHING) {
        if (*at != NULL)
            fz_libuv_forget(at);
        return;
    }
    watched = *at != NULL ? *at : fz_libuv_add(adapter, handle);
    if (watched != NULL)
        uv_poll_start(&watched->poll, reads | writes, fz_libuv_on_ready);
}

static inline void fz_libuv_timer(void *data, int64_t milliseconds)
{
    struct fz_libuv *adapter = (struct fz_libuv *)data;
    uv_timer_stop(&adapter->timer);
    if (milliseconds < 0)
        return;
    uv_update_time(adapter->uv); /* its clock stands still within a turn */
    uv_timer_start(&adapter->timer, fz_libuv_on_timer, (uint64_t)milliseconds, 0);
}

static inline struct fz_loop_hooks fz_libuv_begin(struct fz_libuv *adapter, uv_loop_t *uv)
{
    struct fz_loop_hooks hooks;
    adapter->loop = NULL;
    adapter->uv = uv;
    adapter->watched = NULL;
    uv_timer_init(uv, &adapter->timer);
    adapter->timer.data = adapter;
    hooks.size = sizeof hooks;
    hooks.data = adapter;
    hooks.watch = fz_libuv_watch;
    hooks.timer = fz_libuv_timer;
    return hooks;
}

/* After fz_loop_free. */
static inline void fz_libuv_end(struct fz_libuv *adapter)
{
    while (adapter->watched != NULL)
        fz_libuv_forget(&adapter->watched);
    uv_close((uv_handle_t *)&adapter->timer, NULL);
}

#endif
