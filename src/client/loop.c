/* Operations on the program's own event loop, by libcurl's socket interface. */
#include <errno.h>
#include <fcntl.h>
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

/* False: the kernel is short of memory, or the user has as many watches as are allowed. */
static bool watch(fz_loop *loop, int handle, int what)
{
    struct epoll_event event = {.data.fd = handle};
    if (loop->hooks.watch != NULL) {
        loop->hooks.watch(loop->hooks.data, handle, what);
        return true;
    }
    event.events = ((what & FZ_WATCH_READ) != 0 ? EPOLLIN : 0u) | ((what & FZ_WATCH_WRITE) != 0 ? EPOLLOUT : 0u);
    if (what == FZ_WATCH_NOTHING)
        return epoll_ctl(loop->epoll, EPOLL_CTL_DEL, handle, &event) == 0;
    return epoll_ctl(loop->epoll, EPOLL_CTL_ADD, handle, &event) == 0 ||
           (errno == EEXIST && epoll_ctl(loop->epoll, EPOLL_CTL_MOD, handle, &event) == 0);
}

/* -1: never. A timer of zero would be off, so at once is a nanosecond. */
static void set_timer(fz_loop *loop, int64_t milliseconds)
{
    struct itimerspec when = {0};
    if (loop->hooks.timer != NULL) {
        loop->hooks.timer(loop->hooks.data, milliseconds);
        return;
    }
    if (milliseconds == 0)
        when.it_value.tv_nsec = 1;
    else if (milliseconds > 0)
        when.it_value = (struct timespec){.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000};
    (void)timerfd_settime(loop->timer, 0, &when, NULL);
}

/* What is set and comes sooner stays: it is set for the rest when it has come. libcurl's times change with every call, and each
 * change would be a system call. */
static void wake_at(fz_loop *loop, int64_t ticks_ms)
{
    if (ticks_ms == INT64_MAX ? loop->timer_ticks_ms == INT64_MAX : ticks_ms >= loop->timer_ticks_ms)
        return;
    int64_t left = ticks_ms == INT64_MAX ? -1 : ticks_ms - fz_ticks_ms();
    loop->timer_ticks_ms = ticks_ms;
    set_timer(loop, ticks_ms != INT64_MAX && left < 0 ? 0 : left);
}

static int on_socket(CURL *easy, curl_socket_t handle, int what, void *argument, void *socket)
{
    (void)easy, (void)socket;
    int wanted = what == CURL_POLL_INOUT ? FZ_WATCH_READ | FZ_WATCH_WRITE
                 : what == CURL_POLL_IN  ? FZ_WATCH_READ
                 : what == CURL_POLL_OUT ? FZ_WATCH_WRITE
                                         : FZ_WATCH_NOTHING;
    (void)watch(argument, handle, wanted); /* where it cannot be, the attempt ends by its time */
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

static void stop_transfer(fz_loop_call *call, CURLcode code)
{
    if (!call->transferring)
        return;
    call->transferring = false;
    fz_attempt_end(call->operation.current, code);
    (void)curl_multi_remove_handle(call->loop->multi, call->operation.current->easy);
}

static struct fz_loop_calls *watchers_of(fz_loop *loop, int handle)
{
    return &loop->cancels[(unsigned)handle % FZ_LOOP_CANCELS];
}

static void forget_cancel(fz_loop_call *call)
{
    if (call->cancel_handle < 0)
        return;
    LIST_REMOVE(call, watchers);
    (void)watch(call->loop, call->cancel_handle, FZ_WATCH_NOTHING);
    close(call->cancel_handle);
    call->cancel_handle = -1;
}

/* A handle of the call's own, for one descriptor can be watched once: by another call, or another loop, it may be already. */
static bool watch_cancel(fz_loop_call *call)
{
    const fz_cancel *cancel = call->operation.options.cancel;
    if (cancel == NULL)
        return true;
    call->cancel_handle = fcntl(cancel->handle, F_DUPFD_CLOEXEC, 0);
    if (call->cancel_handle < 0)
        return false;
    LIST_INSERT_HEAD(watchers_of(call->loop, call->cancel_handle), call, watchers);
    if (watch(call->loop, call->cancel_handle, FZ_WATCH_READ))
        return true;
    forget_cancel(call);
    return false;
}

/* The call is off all lists before the program hears of it, and not used anew before it has heard: whatever it does then, to
 * this call too, does no harm. */
static void finish(fz_loop_call *call)
{
    void *answer = NULL;
    fz_error *error = NULL;
    (void)fz_operation_result(&call->operation, &answer, &error);
    fz_operation_done(&call->operation);
    forget_cancel(call);
    LIST_REMOVE(call, others);
    call->done(call->argument, answer, error);
    LIST_INSERT_HEAD(&call->loop->spare, call, others);
}

static void finish_ended(fz_loop *loop)
{
    for (fz_loop_call *call; (call = TAILQ_FIRST(&loop->ended)) != NULL;) {
        TAILQ_REMOVE(&loop->ended, call, turn);
        finish(call);
    }
}

/* ---- steps ---- */

static void act(fz_loop *loop, curl_socket_t handle, int flags)
{
    int running;
    (void)curl_multi_socket_action(loop->multi, handle, flags, &running);
}

static void run_curl_timer(fz_loop *loop)
{
    if (loop->curl_ticks_ms == INT64_MAX || fz_ticks_ms() < loop->curl_ticks_ms)
        return;
    loop->curl_ticks_ms = INT64_MAX;
    act(loop, CURL_SOCKET_TIMEOUT, 0);
}

/* A request goes out as soon as it is signed: the service works on it while the next one is. */
static bool begin_transfer(fz_loop_call *call)
{
    curl_easy_setopt(call->operation.current->easy, CURLOPT_PRIVATE, call);
    call->transferring = curl_multi_add_handle(call->loop->multi, call->operation.current->easy) == CURLM_OK;
    if (!call->transferring) {
        fz_attempt_end(call->operation.current, CURLE_OUT_OF_MEMORY);
        return false;
    }
    if (call->place == FZ_LOOP_DUE)
        TAILQ_REMOVE(&call->loop->due, call, turn);
    call->place = FZ_LOOP_TRANSFERS;
    run_curl_timer(call->loop);
    return true;
}

static void step(fz_loop_call *call)
{
    for (;;)
        switch (fz_operation_step(&call->operation, fz_ticks_ms())) {
        case FZ_NEXT_TRANSFER:
            if (begin_transfer(call))
                return;
            break;
        case FZ_NEXT_WAIT:
            fz_loop_make_wait(call);
            return;
        case FZ_NEXT_ENDED:
            fz_loop_make_ended(call);
            return;
        }
}

/* Those that were due when it began: a turn has an end. */
static void step_due(fz_loop *loop)
{
    fz_loop_end_waits(loop, fz_ticks_ms());
    const fz_loop_call *last = TAILQ_LAST(&loop->due, fz_loop_turn);
    for (bool more = last != NULL; more;) {
        fz_loop_call *call = TAILQ_FIRST(&loop->due);
        more = call != last;
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

/* ---- what another thread did ---- */

/* `woken` is looked at in its own phase alone: afterwards it stays set, and must not make the loop turn without end. */
static bool is_called_for(const fz_loop_call *call)
{
    const struct fz_operation *operation = &call->operation;
    return fz_operation_is_cancelled(operation) ||
           (!call->transferring && operation->phase == FZ_WAITING && atomic_load(&operation->woken));
}

static void look_at_all(fz_loop *loop)
{
    for (fz_loop_call *call = LIST_FIRST(&loop->calls); call != NULL; call = LIST_NEXT(call, others))
        if (is_called_for(call))
            fz_loop_make_due(call);
}

/* False: it is no handle of a cancel's. */
static bool look_at_cancelled(fz_loop *loop, int handle)
{
    fz_loop_call *call = LIST_FIRST(watchers_of(loop, handle));
    while (call != NULL && call->cancel_handle != handle)
        call = LIST_NEXT(call, watchers);
    if (call != NULL && is_called_for(call))
        fz_loop_make_due(call);
    return call != NULL;
}

/* ---- what happens ---- */

/* Not from within itself: libcurl must not be called from its own callbacks, where the hooks are called. What is told
 * meanwhile is told again, as watching is level-triggered and the timer is set at the end. */
static bool may_begin(const fz_loop *loop)
{
    return !loop->working && loop->client->process == getpid();
}

/* What comes of whatever has happened. What `done` starts begins in the same turn; what it is done with, in the next. */
static void work(fz_loop *loop)
{
    loop->working = true;
    run_curl_timer(loop);
    step_transferred(loop);
    step_due(loop);
    step_transferred(loop); /* some of those fail at once */
    finish_ended(loop);
    step_due(loop);
    step_transferred(loop);
    bool more = !TAILQ_EMPTY(&loop->due) || !TAILQ_EMPTY(&loop->ended);
    int64_t next = fz_loop_next_ticks_ms(loop);
    wake_at(loop, more ? fz_ticks_ms() : next < loop->curl_ticks_ms ? next : loop->curl_ticks_ms);
    loop->working = false;
}

static void take_event(fz_loop *loop, int handle, int what)
{
    uint64_t count;
    loop->working = true;
    if (handle == loop->wake) {
        ssize_t taken = read(loop->wake, &count, sizeof count);
        (void)taken;
        look_at_all(loop);
    } else if (handle >= 0 && !look_at_cancelled(loop, handle)) {
        act(loop, handle, ((what & FZ_WATCH_READ) != 0 ? CURL_CSELECT_IN : 0) | ((what & FZ_WATCH_WRITE) != 0 ? CURL_CSELECT_OUT : 0));
    }
}

void fz_loop_ready(fz_loop *loop, int handle, int what)
{
    if (!may_begin(loop))
        return;
    take_event(loop, handle, what);
    work(loop);
}

void fz_loop_timeout(fz_loop *loop)
{
    if (!may_begin(loop))
        return;
    loop->timer_ticks_ms = INT64_MAX;
    work(loop);
}

int fz_loop_handle(const fz_loop *loop)
{
    return loop->epoll;
}

#define EVENTS_AT_ONCE 64

static void take_timer(fz_loop *loop)
{
    uint64_t count;
    ssize_t taken = read(loop->timer, &count, sizeof count);
    (void)taken;
    loop->timer_ticks_ms = INT64_MAX;
}

/* Of those that are ready at once a later one may be another's by now, if what came of an earlier one closed it: libcurl then reads nothing. */
static void take_own_event(fz_loop *loop, const struct epoll_event *event)
{
    int what = (event->events & (EPOLLERR | EPOLLHUP)) != 0 ? FZ_WATCH_READ | FZ_WATCH_WRITE : 0;
    if ((event->events & EPOLLIN) != 0)
        what |= FZ_WATCH_READ;
    if ((event->events & EPOLLOUT) != 0)
        what |= FZ_WATCH_WRITE;
    if (event->data.fd == loop->timer)
        take_timer(loop);
    else
        take_event(loop, event->data.fd, what);
}

void fz_loop_work(fz_loop *loop)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    if (!may_begin(loop))
        return;
    int ready = epoll_wait(loop->epoll, events, EVENTS_AT_ONCE, 0);
    for (int i = 0; i < ready; i++) {
        take_own_event(loop, &events[i]);
        work(loop); /* an answer read, verified and told, and what comes next sent: the service works while the next answer is read */
    }
    if (ready <= 0)
        work(loop);
}

static void wake(const fz_loop *loop)
{
    ssize_t written = write(loop->wake, &(uint64_t){1}, sizeof(uint64_t));
    (void)written; /* it fails only when it is readable already */
}

/* From another thread, which has fetched keys. */
static void wake_for(struct fz_operation *operation)
{
    wake(operation->driver);
}

void fz_loops_wake(fz_client *client)
{
    pthread_mutex_lock(&client->lock);
    for (const fz_loop *loop = client->loops; loop != NULL; loop = loop->next)
        wake(loop);
    pthread_mutex_unlock(&client->lock);
}

/* ---- start and end ---- */

/* libcurl would keep four connections for each handle that is busy at the moment, so none of 64 when all have ended at once:
 * as many are kept as there were ever calls at a time. */
static fz_loop_call *new_call(fz_loop *loop)
{
    CURL *easy = fz_loop_has_room(loop, (size_t)loop->handles + 1) ? curl_easy_init() : NULL;
    fz_loop_call *call = easy == NULL ? NULL : fz_allocate_zeroed(sizeof *call);
    if (call == NULL) {
        curl_easy_cleanup(easy);
        return NULL;
    }
    call->operation.attempt.easy = easy;
    (void)curl_multi_setopt(loop->multi, CURLMOPT_MAXCONNECTS, ++loop->handles);
    return call;
}

static fz_loop_call *take_call(fz_loop *loop)
{
    fz_loop_call *call = LIST_FIRST(&loop->spare);
    if (call != NULL)
        LIST_REMOVE(call, others);
    else
        call = new_call(loop);
    if (call == NULL)
        return NULL;
    CURL *easy = call->operation.attempt.easy;
    *call = (fz_loop_call){.loop = loop, .cancel_handle = -1};
    call->operation.attempt.easy = easy;
    return call;
}

static fz_error *begin(fz_loop_call *call, const char *name, const void *request, const struct fz_call_options *options)
{
    fz_loop *loop = call->loop;
    fz_error *wrong = fz_operation_set_up(&call->operation, loop->client, name, request, options);
    if (wrong == NULL && !watch_cancel(call))
        wrong = fz_error_make(FZ_CODE_MEMORY, FZ_OUTCOME_NOT_SENT, " ");
    if (wrong != NULL)
        return wrong;
    call->operation.signer = loop->signer;
    call->operation.driver = loop;
    call->operation.wake = wake_for;
    fz_operation_begin(&call->operation, fz_ticks_ms(), call->operation.options.deadline_ms);
    return NULL;
}

static fz_error *check_loop(const fz_loop *loop)
{
    if (loop->client->process != getpid())
        return fz_error_make(FZ_CODE_FORKED, FZ_OUTCOME_NOT_SENT,
                             "The loop belongs to the process that made it. Make a client and a loop anew after fork().");
    if (loop->closing)
        return fz_error_make(FZ_CODE_CANCELLED, FZ_OUTCOME_NOT_SENT, "Nothing was sent: the loop is being freed.");
    return NULL;
}

int fz_loop_start(fz_loop *loop, const char *name, const void *request, const struct fz_call_options *options,
                  void (*done)(void *argument, void *answer, fz_error *error), void *argument, fz_loop_call **out, fz_error **error)
{
    fz_error *wrong = check_loop(loop);
    if (wrong != NULL)
        return fz_fail(error, wrong);
    fz_loop_call *call = take_call(loop);
    if (call == NULL)
        return fz_fail(error, fz_error_make(FZ_CODE_MEMORY, FZ_OUTCOME_NOT_SENT, " "));
    call->done = done;
    call->argument = argument;
    wrong = begin(call, name, request, options);
    if (wrong != NULL) {
        fz_operation_done(&call->operation);
        forget_cancel(call);
        LIST_INSERT_HEAD(&loop->spare, call, others);
        return fz_fail(error, wrong);
    }
    LIST_INSERT_HEAD(&loop->calls, call, others);
    fz_loop_make_due(call);
    if (out != NULL)
        *out = call;
    if (!loop->working)
        wake_at(loop, fz_ticks_ms()); /* it is stepped from the loop, so that `done` never comes from within this */
    return 0;
}

void fz_loop_cancel(fz_loop *loop, fz_loop_call *call)
{
    atomic_store(&call->operation.is_cancelled, true);
    fz_loop_make_due(call);
    if (!loop->working)
        wake_at(loop, fz_ticks_ms());
}

/* ---- loops ---- */

static bool open_handles(fz_loop *loop)
{
    loop->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (loop->hooks.watch == NULL) {
        loop->epoll = epoll_create1(EPOLL_CLOEXEC);
        loop->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    }
    bool good = loop->wake >= 0 && (loop->hooks.watch != NULL || (loop->epoll >= 0 && loop->timer >= 0));
    return good && watch(loop, loop->wake, FZ_WATCH_READ) &&
           (loop->hooks.watch != NULL || watch(loop, loop->timer, FZ_WATCH_READ));
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

static void put_among_loops(fz_loop *loop)
{
    fz_client *client = loop->client;
    pthread_mutex_lock(&client->lock);
    loop->next = client->loops;
    client->loops = loop;
    pthread_mutex_unlock(&client->lock);
}

static void take_from_loops(const fz_loop *loop)
{
    fz_client *client = loop->client;
    pthread_mutex_lock(&client->lock);
    fz_loop **at = &client->loops;
    while (*at != NULL && *at != loop)
        at = &(*at)->next;
    if (*at != NULL)
        *at = loop->next;
    pthread_mutex_unlock(&client->lock);
}

static void read_hooks(fz_loop *loop, const struct fz_loop_hooks *hooks)
{
    if (hooks != NULL)
        memcpy(&loop->hooks, hooks, hooks->size < sizeof loop->hooks ? hooks->size : sizeof loop->hooks);
}

int fz_loop_new(fz_client *client, const struct fz_loop_hooks *hooks, fz_loop **out, fz_error **error)
{
    fz_loop *loop = fz_allocate_zeroed(sizeof *loop);
    if (loop == NULL)
        return fz_fail(error, fz_error_make(FZ_CODE_MEMORY, FZ_OUTCOME_NOT_SENT, " "));
    loop->client = client;
    loop->epoll = loop->timer = loop->wake = -1;
    loop->curl_ticks_ms = loop->timer_ticks_ms = INT64_MAX;
    TAILQ_INIT(&loop->due);
    TAILQ_INIT(&loop->ended);
    read_hooks(loop, hooks);
    if (hooks != NULL && (loop->hooks.watch == NULL || loop->hooks.timer == NULL)) {
        fz_release(loop);
        return fz_fail(error, fz_error_make(FZ_CODE_OPTIONS, FZ_OUTCOME_NOT_SENT,
                                            "There is no loop: hooks need size, watch and timer, all three."));
    }
    if (!open_handles(loop) || !open_multi(loop)) {
        fz_loop_free(loop);
        return fz_fail(error, fz_error_make(FZ_CODE_MEMORY, FZ_OUTCOME_NOT_SENT, " "));
    }
    put_among_loops(loop);
    *out = loop;
    return 0;
}

static void close_handle(int handle)
{
    if (handle >= 0)
        close(handle);
}

static void end_calls(fz_loop *loop)
{
    loop->closing = true;
    for (fz_loop_call *call = LIST_FIRST(&loop->calls); call != NULL; call = LIST_NEXT(call, others)) {
        atomic_store(&call->operation.is_cancelled, true);
        fz_loop_make_due(call);
    }
    if (!LIST_EMPTY(&loop->calls))
        work(loop);
}

static void release_calls(struct fz_loop_calls *calls, bool ours)
{
    for (fz_loop_call *call; (call = LIST_FIRST(calls)) != NULL;) {
        LIST_REMOVE(call, others);
        if (ours)
            curl_easy_cleanup(call->operation.attempt.easy);
        fz_release(call);
    }
}

/* In the end, as libcurl tells of its sockets while it closes them. */
static void forget_all(fz_loop *loop)
{
    curl_multi_cleanup(loop->multi);
    fz_signer_free(loop->signer);
    if (loop->wake < 0)
        return;
    (void)watch(loop, loop->wake, FZ_WATCH_NOTHING);
    set_timer(loop, -1);
}

/* In a child of fork() memory is given back and nothing else: connections, and what is watched by them, are the parent's. */
void fz_loop_free(fz_loop *loop)
{
    if (loop == NULL)
        return;
    bool ours = loop->client->process == getpid();
    if (ours) {
        take_from_loops(loop);
        end_calls(loop);
    }
    release_calls(&loop->calls, false);
    release_calls(&loop->spare, ours);
    if (ours)
        forget_all(loop);
    close_handle(loop->wake);
    close_handle(loop->timer);
    close_handle(loop->epoll);
    fz_release(loop->waiting);
    fz_release(loop);
}
