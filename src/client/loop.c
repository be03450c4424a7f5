/* Operations on the program's own event loop, by libcurl's socket interface. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "client/call.h"
#include "client/cancel.h"
#include "client/loop_internal.h"

/* ---- what the loop waits for ---- */

static void watch(fz_loop *loop, int handle, int what)
{
    struct epoll_event event = {.data.fd = handle};
    if (loop->hooks.watch != NULL) {
        loop->hooks.watch(loop->hooks.data, handle, what);
        return;
    }
    event.events = ((what & FZ_WATCH_READ) != 0 ? EPOLLIN : 0u) | ((what & FZ_WATCH_WRITE) != 0 ? EPOLLOUT : 0u);
    if (what == FZ_WATCH_NOTHING)
        (void)epoll_ctl(loop->epoll, EPOLL_CTL_DEL, handle, &event);
    else if (epoll_ctl(loop->epoll, EPOLL_CTL_MOD, handle, &event) != 0 && errno == ENOENT)
        (void)epoll_ctl(loop->epoll, EPOLL_CTL_ADD, handle, &event);
}

/* -1: never. A timer of zero would be off, so at once is a millisecond. */
static void set_timer(fz_loop *loop, int64_t milliseconds)
{
    struct itimerspec when = {0};
    if (loop->hooks.timer != NULL) {
        loop->hooks.timer(loop->hooks.data, milliseconds);
        return;
    }
    if (milliseconds == 0)
        milliseconds = 1;
    if (milliseconds > 0)
        when.it_value = (struct timespec){.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000};
    (void)timerfd_settime(loop->timer, 0, &when, NULL);
}

static int on_socket(CURL *easy, curl_socket_t handle, int what, void *argument, void *socket)
{
    (void)easy, (void)socket;
    int wanted = what == CURL_POLL_INOUT ? FZ_WATCH_READ | FZ_WATCH_WRITE
                 : what == CURL_POLL_IN  ? FZ_WATCH_READ
                 : what == CURL_POLL_OUT ? FZ_WATCH_WRITE
                                         : FZ_WATCH_NOTHING;
    watch(argument, handle, wanted);
    return 0;
}

static int on_timer(CURLM *multi, long milliseconds, void *argument)
{
    (void)multi;
    fz_loop *loop = argument;
    loop->curl_ticks_ms = milliseconds < 0 ? INT64_MAX : fz_ticks_ms() + milliseconds;
    return 0;
}

/* ---- calls ---- */

static void remove_call(fz_loop_call *call)
{
    *call->before = call->next;
    if (call->next != NULL)
        call->next->before = call->before;
}

static void stop_transfer(fz_loop_call *call, CURLcode code)
{
    if (!call->transferring)
        return;
    call->transferring = false;
    fz_attempt_end(call->operation.current, code);
    (void)curl_multi_remove_handle(call->loop->multi, call->operation.current->easy);
}

/* The call is off the list before the program hears of it: it may start others, or cancel this one once more. */
static void finish(fz_loop_call *call)
{
    void *answer = NULL;
    fz_error *error = NULL;
    fz_loop *loop = call->loop;
    remove_call(call);
    (void)fz_operation_result(&call->operation, &answer, &error);
    fz_operation_done(&call->operation);
    call->next_easy = loop->spare;
    loop->spare = call;
    call->done(call->argument, answer, error);
}

static void step(fz_loop_call *call)
{
    for (;;)
        switch (fz_operation_step(&call->operation, fz_ticks_ms())) {
        case FZ_NEXT_TRANSFER:
            curl_easy_setopt(call->operation.current->easy, CURLOPT_PRIVATE, call);
            call->transferring = curl_multi_add_handle(call->loop->multi, call->operation.current->easy) == CURLM_OK;
            if (call->transferring)
                return;
            fz_attempt_end(call->operation.current, CURLE_OUT_OF_MEMORY);
            break;
        case FZ_NEXT_WAIT:
            return;
        case FZ_NEXT_ENDED:
            call->ended = true;
            return;
        }
}

static bool is_due(const fz_loop_call *call, int64_t now_ticks_ms)
{
    const struct fz_operation *operation = &call->operation;
    return fz_operation_is_cancelled(operation) ||
           (!call->transferring && (now_ticks_ms >= operation->wake_ticks_ms || atomic_load(&operation->woken)));
}

static void step_due(fz_loop *loop)
{
    int64_t now_ticks_ms = fz_ticks_ms();
    for (fz_loop_call *call = loop->calls; call != NULL; call = call->next)
        if (!call->ended && is_due(call, now_ticks_ms)) {
            stop_transfer(call, CURLE_ABORTED_BY_CALLBACK);
            step(call);
        }
}

static void step_transferred(fz_loop *loop)
{
    int left;
    for (CURLMsg *message; (message = curl_multi_info_read(loop->multi, &left)) != NULL;) {
        fz_loop_call *call = NULL;
        if (message->msg != CURLMSG_DONE)
            continue;
        CURLcode code = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&call);
        stop_transfer(call, code);
        step(call);
    }
}

/* Until nothing has ended: `done` may do anything, so the list is begun anew after each. */
static void finish_ended(fz_loop *loop)
{
    for (fz_loop_call *call = loop->calls; call != NULL;) {
        fz_loop_call *next = call->next;
        if (call->ended) {
            finish(call);
            next = loop->calls;
        }
        call = next;
    }
}

static void set_next_timer(fz_loop *loop)
{
    int64_t next = loop->curl_ticks_ms, now_ticks_ms = fz_ticks_ms();
    for (const fz_loop_call *call = loop->calls; call != NULL; call = call->next)
        if (!call->transferring && call->operation.wake_ticks_ms < next)
            next = call->operation.wake_ticks_ms;
    set_timer(loop, next == INT64_MAX ? -1 : next > now_ticks_ms ? next - now_ticks_ms : 0);
}

/* What comes of whatever has happened. Once at a time: `done` may call in here again. */
static void work(fz_loop *loop)
{
    if (loop->working)
        return;
    loop->working = true;
    step_transferred(loop);
    step_due(loop);
    finish_ended(loop);
    set_next_timer(loop);
    loop->working = false;
}

/* ---- what happens ---- */

void fz_loop_ready(fz_loop *loop, int handle, int what)
{
    int running;
    uint64_t count;
    if (loop->working)
        return; /* level-triggered: it is told again */
    if (handle == loop->wake) {
        ssize_t taken = read(loop->wake, &count, sizeof count);
        (void)taken;
    } else {
        int flags = ((what & FZ_WATCH_READ) != 0 ? CURL_CSELECT_IN : 0) | ((what & FZ_WATCH_WRITE) != 0 ? CURL_CSELECT_OUT : 0);
        (void)curl_multi_socket_action(loop->multi, handle, flags, &running);
    }
    work(loop);
}

void fz_loop_timeout(fz_loop *loop)
{
    int running;
    if (loop->working)
        return;
    if (fz_ticks_ms() >= loop->curl_ticks_ms) {
        loop->curl_ticks_ms = INT64_MAX;
        (void)curl_multi_socket_action(loop->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    work(loop);
}

int fz_loop_handle(const fz_loop *loop)
{
    return loop->epoll;
}

#define EVENTS_AT_ONCE 64

void fz_loop_work(fz_loop *loop)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    uint64_t count;
    int ready = epoll_wait(loop->epoll, events, EVENTS_AT_ONCE, 0);
    for (int i = 0; i < ready; i++) {
        int handle = events[i].data.fd;
        uint32_t what = events[i].events;
        if (handle == loop->timer) {
            ssize_t taken = read(loop->timer, &count, sizeof count);
            (void)taken;
            fz_loop_timeout(loop);
        } else {
            fz_loop_ready(loop, handle, ((what & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0 ? FZ_WATCH_READ : 0) | ((what & EPOLLOUT) != 0 ? FZ_WATCH_WRITE : 0));
        }
    }
}

/* From another thread, which has fetched keys. */
static void wake(struct fz_operation *operation)
{
    const fz_loop *loop = operation->driver;
    ssize_t written = write(loop->wake, &(uint64_t){1}, sizeof(uint64_t));
    (void)written;
}

/* ---- start and end ---- */

static fz_loop_call *take_call(fz_loop *loop)
{
    fz_loop_call *call = loop->spare;
    CURL *easy = call == NULL ? curl_easy_init() : call->operation.attempt.easy;
    if (call != NULL)
        loop->spare = call->next_easy;
    else
        call = easy == NULL ? NULL : fz_allocate_zeroed(sizeof *call);
    if (call == NULL) {
        curl_easy_cleanup(easy);
        return NULL;
    }
    *call = (fz_loop_call){.loop = loop};
    call->operation.attempt.easy = easy;
    return call;
}

static void put_first(fz_loop *loop, fz_loop_call *call)
{
    call->next = loop->calls;
    call->before = &loop->calls;
    if (call->next != NULL)
        call->next->before = &call->next;
    loop->calls = call;
}

int fz_loop_start(fz_loop *loop, const char *name, const void *request, const struct fz_call_options *options,
                  void (*done)(void *argument, void *answer, fz_error *error), void *argument, fz_loop_call **out, fz_error **error)
{
    fz_loop_call *call = take_call(loop);
    if (call == NULL)
        return fz_fail(error, fz_error_make(FZ_CODE_MEMORY, FZ_OUTCOME_NOT_SENT, " "));
    call->done = done;
    call->argument = argument;
    fz_error *wrong = fz_operation_set_up(&call->operation, loop->client, name, request, options);
    if (wrong != NULL) {
        fz_operation_done(&call->operation);
        call->next_easy = loop->spare;
        loop->spare = call;
        return fz_fail(error, wrong);
    }
    call->operation.signer = loop->signer;
    call->operation.driver = loop;
    call->operation.wake = wake;
    fz_operation_begin(&call->operation, fz_ticks_ms(), call->operation.options.deadline_ms);
    put_first(loop, call);
    if (out != NULL)
        *out = call;
    if (!loop->working)
        set_timer(loop, 0); /* it is stepped from the loop, so that `done` never comes from within this */
    return 0;
}

void fz_loop_cancel(fz_loop *loop, fz_loop_call *call)
{
    atomic_store(&call->operation.is_cancelled, true);
    if (!loop->working)
        set_timer(loop, 0);
}

static bool open_handles(fz_loop *loop)
{
    loop->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (loop->hooks.watch == NULL) {
        loop->epoll = epoll_create1(EPOLL_CLOEXEC);
        loop->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    }
    bool good = loop->wake >= 0 && (loop->hooks.watch != NULL || (loop->epoll >= 0 && loop->timer >= 0));
    if (good)
        watch(loop, loop->wake, FZ_WATCH_READ);
    if (good && loop->hooks.watch == NULL)
        watch(loop, loop->timer, FZ_WATCH_READ);
    return good;
}

static bool open_multi(fz_loop *loop)
{
    loop->multi = curl_multi_init();
    loop->signer = loop->client->key == NULL ? NULL : fz_signer_new(loop->client->key);
    if (loop->multi == NULL || (loop->client->key != NULL && loop->signer == NULL))
        return false;
    curl_multi_setopt(loop->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(loop->multi, CURLMOPT_SOCKETDATA, loop);
    curl_multi_setopt(loop->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(loop->multi, CURLMOPT_TIMERDATA, loop);
    return true;
}

int fz_loop_new(fz_client *client, const struct fz_loop_hooks *hooks, fz_loop **out, fz_error **error)
{
    fz_loop *loop = fz_allocate_zeroed(sizeof *loop);
    if (loop == NULL)
        return fz_fail(error, fz_error_make(FZ_CODE_MEMORY, FZ_OUTCOME_NOT_SENT, " "));
    loop->client = client;
    loop->epoll = loop->timer = loop->wake = -1;
    loop->curl_ticks_ms = INT64_MAX;
    if (hooks != NULL)
        memcpy(&loop->hooks, hooks, hooks->size < sizeof loop->hooks ? hooks->size : sizeof loop->hooks);
    if (!open_handles(loop) || !open_multi(loop)) {
        fz_loop_free(loop);
        return fz_fail(error, fz_error_make(FZ_CODE_MEMORY, FZ_OUTCOME_NOT_SENT, " "));
    }
    *out = loop;
    return 0;
}

static void close_handle(int handle)
{
    if (handle >= 0)
        close(handle);
}

void fz_loop_free(fz_loop *loop)
{
    if (loop == NULL)
        return;
    while (loop->calls != NULL) {
        for (fz_loop_call *call = loop->calls; call != NULL; call = call->next)
            atomic_store(&call->operation.is_cancelled, true);
        work(loop);
    }
    for (fz_loop_call *call = loop->spare, *next; call != NULL; call = next) {
        next = call->next_easy;
        curl_easy_cleanup(call->operation.attempt.easy);
        fz_release(call);
    }
    curl_multi_cleanup(loop->multi);
    fz_signer_free(loop->signer);
    if (loop->wake >= 0)
        watch(loop, loop->wake, FZ_WATCH_NOTHING);
    close_handle(loop->wake);
    close_handle(loop->timer);
    close_handle(loop->epoll);
    fz_release(loop);
}
