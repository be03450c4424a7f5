/* The access log's thread. */
#include "server/log/access_log.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/server/log.h"

#define BATCH         64 /* records */
#define NAP_MS        20 /* lines that come close together are written together */
#define NAPS          50 /* without a line; then it sleeps until it is woken */
#define OUT_MAX       (4 << 20)
#define CALLBACKS_MAX (256 * 1024) /* bytes that wait for the thread */
#define FLUSH_MS      500
#define PIECE_MAX     4096 /* bytes; PIPE_BUF: what a pipe takes in one piece */
#define LAST_MS       200 /* how long a stop waits for lines to be taken */
#define ROOM_MS       50

struct fz_access_log {
    struct fz_request_log *log;
    struct fz_access_style style;
    int handle;
    int wake; /* eventfd */
    pthread_t thread;

    pthread_mutex_t lock;
    pthread_cond_t changed; /* a flush is done, or the thread has ended */
    struct fz_text callbacks; /* lines */
    uint64_t callbacks_missed;
    uint64_t flushes, flushes_done;
    bool stopping, ended;
    int64_t end_ms; /* ticks: then a stop waits no longer */

    /* The thread's own. */
    uint64_t after; /* the sequence that it has come to */
    struct fz_text out;
};

static void wake(struct fz_access_log *access)
{
    static const uint64_t one = 1;
    (void)!write(access->wake, &one, sizeof one);
}

/* ---- writing ---- */

static bool is_over(struct fz_access_log *access)
{
    pthread_mutex_lock(&access->lock);
    bool over = access->stopping && fz_ticks_ms() >= access->end_ms;
    pthread_mutex_unlock(&access->lock);
    return over;
}

/* Where the handle is one that waits, a write can last although there seemed to be room. A stop breaks it off: here alone
 * the thread can be cancelled. */
static ssize_t write_some(int handle, const char *data, size_t size)
{
    int before;
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &before);
    ssize_t written = write(handle, data, size);
    pthread_setcancelstate(before, NULL);
    return written;
}

/* Whole lines, so that those of others do not come in between; or a part of a long one. */
static size_t piece_of(const char *data, size_t size)
{
    if (size <= PIECE_MAX)
        return size;
    const char *end = memrchr(data, '\n', PIECE_MAX);
    return end == NULL ? PIECE_MAX : (size_t)(end - data) + 1;
}

/* Waits until a reader has taken something. False when the stop waits no longer. */
static bool wait_for_room(struct fz_access_log *access)
{
    struct pollfd room = {.fd = access->handle, .events = POLLOUT};
    while (poll(&room, 1, ROOM_MS) == 0)
        if (is_over(access))
            return false;
    return true;
}

/* Leaves `out` empty. What cannot be written at all is given up. */
static void write_out(struct fz_access_log *access)
{
    size_t at = 0;
    while (at < access->out.size && wait_for_room(access)) {
        const char *rest = access->out.data + at;
        ssize_t written = write_some(access->handle, rest, piece_of(rest, access->out.size - at));
        if (written < 0 && errno != EAGAIN)
            break;
        if (written >= 0)
            at += (size_t)written;
        else if (is_over(access))
            break;
        else
            poll(NULL, 0, ROOM_MS); /* a terminal that has room, but not enough of it */
    }
    access->out.size = 0;
    access->out.failed = false;
}

/* ---- lines ---- */

static void tell_missed(struct fz_access_log *access, uint64_t count)
{
    if (count > 0)
        fz_access_missed(&access->out, access->style, count, fz_wire_now_ms());
}

/* Takes a batch of exchanges. Returns how many. */
static size_t tell_exchanges(struct fz_access_log *access)
{
    struct fz_request_record *records[BATCH];
    struct fz_request_log_state state;
    fz_request_log_state(access->log, &state); /* before the look: what comes between is not missing */
    size_t count = fz_request_log_after(access->log, access->after, records, BATCH);
    uint64_t first = count > 0 ? records[0]->sequence : state.first;
    if (first > access->after + 1) {
        tell_missed(access, first - access->after - 1);
        access->after = first - 1;
    }
    for (size_t i = 0; i < count; i++) {
        fz_access_exchange(&access->out, access->style, records[i]);
        access->after = records[i]->sequence;
        fz_request_record_unref(records[i]);
    }
    return count;
}

static void tell_callbacks(struct fz_access_log *access)
{
    pthread_mutex_lock(&access->lock);
    uint64_t missed = access->callbacks_missed;
    if (access->callbacks.size > 0)
        fz_text_add(&access->out, access->callbacks.data, access->callbacks.size);
    access->callbacks.size = 0;
    access->callbacks_missed = 0;
    pthread_mutex_unlock(&access->lock);
    tell_missed(access, missed);
}

/* ---- the thread ---- */

struct orders {
    uint64_t flushes;
    bool stopping;
};

static struct orders take_orders(struct fz_access_log *access)
{
    pthread_mutex_lock(&access->lock);
    struct orders orders = {access->flushes, access->stopping};
    pthread_mutex_unlock(&access->lock);
    return orders;
}

static void note_flush(struct fz_access_log *access, const struct orders *orders)
{
    pthread_mutex_lock(&access->lock);
    access->flushes_done = orders->flushes;
    access->ended = orders->stopping;
    pthread_cond_broadcast(&access->changed);
    pthread_mutex_unlock(&access->lock);
}

/* Until somebody wakes it, or `news` come, or the time is over (-1: none). */
static void await(struct fz_access_log *access, int news, int timeout_ms)
{
    uint64_t count;
    struct pollfd polls[] = {{.fd = access->wake, .events = POLLIN}, {.fd = news, .events = POLLIN}};
    if (poll(polls, 2, timeout_ms) <= 0)
        return;
    for (int i = 0; i < 2; i++)
        if (polls[i].revents != 0)
            (void)!read(polls[i].fd, &count, sizeof count);
}

static bool has_news(struct fz_access_log *access)
{
    struct fz_request_log_state state;
    fz_request_log_state(access->log, &state);
    return state.next > access->after + 1;
}

/* While there is traffic it looks again by itself, so that no worker has to wake it: that would be a system call. */
static void rest(struct fz_access_log *access, int quiet_naps)
{
    if (quiet_naps < NAPS) {
        await(access, -1, NAP_MS);
        return;
    }
    fz_request_log_want_news(access->log, FZ_NEWS_ACCESS_LOG);
    if (!has_news(access))
        await(access, fz_request_log_news(access->log, FZ_NEWS_ACCESS_LOG), -1);
}

static void *run(void *argument)
{
    struct fz_access_log *access = argument;
    int quiet_naps = NAPS;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
    pthread_setname_np(pthread_self(), "fz-access-log");
    for (;;) {
        struct orders orders = take_orders(access);
        size_t count = tell_exchanges(access);
        tell_callbacks(access);
        quiet_naps = access->out.size > 0 ? 0 : quiet_naps < NAPS ? quiet_naps + 1 : NAPS;
        write_out(access);
        if (count == BATCH && !is_over(access))
            continue;
        note_flush(access, &orders);
        if (orders.stopping)
            return NULL;
        rest(access, quiet_naps);
    }
}

/* ---- life ---- */

static void free_access_log(struct fz_access_log *access)
{
    if (access->wake >= 0)
        close(access->wake);
    if (access->handle >= 0)
        close(access->handle);
    fz_text_done(&access->callbacks);
    fz_text_done(&access->out);
    pthread_cond_destroy(&access->changed);
    pthread_mutex_destroy(&access->lock);
    free(access);
}

enum fz_result fz_access_log_start(struct fz_request_log *log, struct fz_access_style style, int handle,
                                   struct fz_access_log **out)
{
    struct fz_access_log *access = calloc(1, sizeof *access);
    if (access == NULL)
        return FZ_FAILED;
    access->log = log;
    access->style = style;
    access->handle = fz_log_open(handle);
    access->callbacks.max = CALLBACKS_MAX;
    access->out.max = OUT_MAX;
    pthread_mutex_init(&access->lock, NULL);
    fz_ticks_condition_init(&access->changed);
    access->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (access->wake >= 0 && access->handle >= 0 && pthread_create(&access->thread, NULL, run, access) == 0) {
        *out = access;
        return FZ_OK;
    }
    free_access_log(access);
    return FZ_FAILED;
}

/* https://no-color.org: set and not empty. */
static bool wants_colour(void)
{
    const char *none = getenv("NO_COLOR"), *terminal = getenv("TERM");
    return isatty(STDERR_FILENO) && (none == NULL || none[0] == '\0') &&
           (terminal == NULL || strcmp(terminal, "dumb") != 0);
}

enum fz_result fz_access_log_open(enum fz_log_format format, struct fz_request_log *log,
                                  struct fz_access_log **out)
{
    if (format == FZ_LOG_BY_TERMINAL)
        format = isatty(STDERR_FILENO) ? FZ_LOG_TEXT : FZ_LOG_NONE;
    if (format == FZ_LOG_JSON)
        fz_log_as_json();
    *out = NULL;
    if (format == FZ_LOG_NONE || log == NULL)
        return FZ_OK;
    struct fz_access_style style = {
        .json = format == FZ_LOG_JSON, .colour = wants_colour(), .journal = fz_log_is_journal()};
    return fz_access_log_start(log, style, STDERR_FILENO, out);
}

void fz_access_log_callback(struct fz_access_log *access, const struct fz_called_back *called)
{
    struct fz_text line = {.max = 16 * 1024};
    fz_access_callback(&line, access->style, called);
    pthread_mutex_lock(&access->lock);
    if (line.failed || access->callbacks.size + line.size > CALLBACKS_MAX)
        access->callbacks_missed++;
    else
        fz_text_add(&access->callbacks, line.data, line.size);
    pthread_mutex_unlock(&access->lock);
    fz_text_done(&line);
    wake(access);
}

void fz_access_log_flush(struct fz_access_log *access)
{
    struct timespec until = fz_ticks_after(FLUSH_MS);
    bool waited = false;
    pthread_mutex_lock(&access->lock);
    uint64_t mine = ++access->flushes;
    wake(access);
    while (!waited && access->flushes_done < mine)
        waited = pthread_cond_timedwait(&access->changed, &access->lock, &until) != 0;
    pthread_mutex_unlock(&access->lock);
}

void fz_access_log_stop(struct fz_access_log *access)
{
    if (access == NULL)
        return;
    struct timespec until = fz_ticks_after(2 * LAST_MS);
    bool waited = false;
    pthread_mutex_lock(&access->lock);
    access->stopping = true;
    access->end_ms = fz_ticks_ms() + LAST_MS;
    wake(access);
    while (!waited && !access->ended)
        waited = pthread_cond_timedwait(&access->changed, &access->lock, &until) != 0;
    if (!access->ended)
        pthread_cancel(access->thread);
    pthread_mutex_unlock(&access->lock);
    pthread_join(access->thread, NULL);
    free_access_log(access);
}
