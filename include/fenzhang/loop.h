/* Many calls on one thread, driven by the program's own event loop.
 *
 * Either the program gives hooks (below; adapters for epoll, libuv and libevent are in fenzhang/adapters/), or it waits for one
 * descriptor: fz_loop_handle is readable when there is something to do, then fz_loop_work does it. A loop belongs to one thread
 * at a time. Nothing here blocks; what a call's `done` does is its own business, and it may start and cancel calls, but not
 * free the loop. fz_client_cancel, and fz_cancel_all of a call's options, wake the loop from any thread. */
#ifndef FENZHANG_LOOP_H
#define FENZHANG_LOOP_H

#include "fenzhang/client.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fz_loop fz_loop;
typedef struct fz_loop_call fz_loop_call;

enum { FZ_WATCH_NOTHING = 0, FZ_WATCH_READ = 1, FZ_WATCH_WRITE = 2 };

/* What the program's loop does for the library. Each may be called again with what holds already, and from within
 * fz_loop_start, fz_loop_ready, fz_loop_timeout, fz_loop_cancel and fz_loop_free. */
struct fz_loop_hooks {
    size_t size;
    void *data; /* given to both */
    /* From now on tell by fz_loop_ready when `handle` is ready for what is watched (FZ_WATCH_… together); FZ_WATCH_NOTHING: it
     * is about to be closed, and may be forgotten. Level-triggered. */
    void (*watch)(void *data, int handle, int what);
    /* Call fz_loop_timeout once, in so many milliseconds, in place of the time asked before; -1: not at all. */
    void (*timer)(void *data, int64_t milliseconds);
};

/* `hooks` is copied, and has both functions; NULL: fz_loop_handle is used. The client has to outlive the loop. */
FZ_API int fz_loop_new(fz_client *client, const struct fz_loop_hooks *hooks, fz_loop **loop, fz_error **error);
/* Ends all calls: they are done with FZ_CODE_CANCELLED before this returns, and can start no others. Nothing is watched and no
 * timer is set afterwards. In a child of fork(): gives back memory alone, and nothing is done. NULL is allowed. */
FZ_API void fz_loop_free(fz_loop *loop);

/* What the hooks asked for has happened. Too early, too late, too often, or for a handle that is not watched any more does no
 * harm. */
FZ_API void fz_loop_ready(fz_loop *loop, int handle, int what);
FZ_API void fz_loop_timeout(fz_loop *loop);

/* Without hooks: the descriptor to wait for, and what to do then. */
FZ_API int fz_loop_handle(const fz_loop *loop);
FZ_API void fz_loop_work(fz_loop *loop);

/* Starts a call: as fz_call, but that `done` is called when it is over, from the loop, once: with an answer (to be freed) and
 * no error, or with an error (to be freed) and no answer. Never from within fz_loop_start. `request` and `options` are copied,
 * and with them nothing that they point to but the request's texts and lists; *call (NULL is allowed) is good until `done`. */
FZ_API int fz_loop_start(fz_loop *loop, const char *name, const void *request, const struct fz_call_options *options,
                         void (*done)(void *argument, void *answer, fz_error *error), void *argument, fz_loop_call **call,
                         fz_error **error);
/* Ends a call: `done` comes with FZ_CODE_CANCELLED from the loop, or with what it ended by if it has ended already. From the
 * loop's thread; from others there is `cancel` in the call's options. */
FZ_API void fz_loop_cancel(fz_loop *loop, fz_loop_call *call);

#ifdef __cplusplus
}
#endif

#endif
