/* The accept thread: takes connections, hands them to the workers in turn, and ends those whose time is over.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/http_inside.h"

#define ACCEPTS_A_TURN 64  /* then deadlines are looked at again */
#define PAUSE_MS       100 /* without descriptors: how long until the next try */

enum { WAKE, LISTENING, PROXY_LISTENING, OTHERS };

void fz_accept_hand_over(struct fz_http *http, struct fz_crew *crew, int handle,
                         const struct sockaddr *address, socklen_t address_size)
{
    int yes = 1;
    setsockopt(handle, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    struct fz_worker *worker = &crew->workers[crew->next++ % crew->count];
    if (MHD_add_connection(worker->daemon, handle, address, address_size) != MHD_YES)
        fz_sockets_release(http->sockets); /* libmicrohttpd has closed it */
}

/* False when there is nothing more to accept for now. */
static bool accept_one(struct fz_http *http, int listening)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    int handle = accept4(listening, (struct sockaddr *)&address, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (handle < 0 && (errno == ECONNABORTED || errno == EINTR))
        return true; /* about one connection, which is gone already */
    if (handle < 0 && errno != EAGAIN)
        http->paused_until_ms =
            fz_ticks_ms() + PAUSE_MS; /* no descriptors or memory: asking again at once would spin */
    if (handle < 0)
        return false;
    atomic_fetch_add_explicit(&http->accepted, 1, memory_order_relaxed);
    if (!fz_sockets_reserve(http->sockets)) {
        atomic_fetch_add_explicit(&http->refused_full, 1, memory_order_relaxed);
        close(handle);
    } else if (listening == http->listening) {
        fz_accept_hand_over(http, &http->direct, handle, (struct sockaddr *)&address, size);
    } else {
        fz_proxy_add(http->proxy, http, handle, fz_ticks_ms());
    }
    return true;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Waits for a connection, a call to wake up, or `until_ms`. */
static void wait_until(struct fz_http *http, int64_t until_ms)
{
    struct pollfd polls[OTHERS + FZ_LINGER_MAX + FZ_PROXY_MAX];
    int64_t now_ms = fz_ticks_ms();
    bool paused = now_ms < http->paused_until_ms;
    polls[WAKE] = (struct pollfd){.fd = http->wake, .events = POLLIN};
    polls[LISTENING] = (struct pollfd){.fd = paused ? -1 : http->listening, .events = POLLIN};
    polls[PROXY_LISTENING] = (struct pollfd){.fd = paused ? -1 : http->proxy_listening, .events = POLLIN};
    size_t count = OTHERS + fz_linger_polls(http->linger, &polls[OTHERS]);
    if (http->proxy != NULL)
        count += fz_proxy_polls(http->proxy, &polls[count]);
    if (paused)
        until_ms = earlier(until_ms, http->paused_until_ms);
    int timeout_ms = until_ms > now_ms ? (int)earlier(until_ms - now_ms, FZ_SHORTEST_MS) : 0;
    if (poll(polls, count, timeout_ms) <= 0)
        return;
    uint64_t woken;
    if (polls[WAKE].revents != 0)
        (void)!read(http->wake, &woken, sizeof woken); /* back to 0; what it says is only: look */
    for (int place = LISTENING; place <= PROXY_LISTENING; place++)
        for (int i = 0; polls[place].revents != 0 && i < ACCEPTS_A_TURN && accept_one(http, polls[place].fd);
             i++)
            continue;
}

static void *accept_main(void *argument)
{
    struct fz_http *http = argument;
    int64_t look_ms = 0, linger_ms = INT64_MAX, proxy_ms = INT64_MAX; /* when to look next */
    while (atomic_load(&http->accepting)) {
        wait_until(http, earlier(look_ms, earlier(linger_ms, proxy_ms)));
        int64_t now_ms = fz_ticks_ms();
        if (http->proxy != NULL)
            proxy_ms = fz_proxy_advance(http->proxy, http, now_ms);
        linger_ms = fz_linger_drain(http->linger, now_ms);
        if (now_ms < look_ms)
            continue;
        /* No deadline that is set from now on is earlier than FZ_SHORTEST_MS from now. */
        size_t expired;
        look_ms = earlier(fz_sockets_expire(http->sockets, now_ms, &expired), now_ms + FZ_SHORTEST_MS);
        atomic_fetch_add_explicit(&http->expired, expired, memory_order_relaxed);
    }
    return NULL;
}

enum fz_result fz_accept_start(struct fz_http *http)
{
    http->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (http->wake < 0)
        return FZ_FAILED;
    atomic_store(&http->accepting, true);
    http->thread_started = pthread_create(&http->thread, NULL, accept_main, http) == 0;
    if (!http->thread_started)
        return FZ_FAILED;
    pthread_setname_np(http->thread, "fz-accept");
    return FZ_OK;
}

void fz_accept_wake(struct fz_http *http)
{
    uint64_t one = 1;
    (void)!write(http->wake, &one,
                 sizeof one); /* it fails only when the counter is full, and then the thread wakes anyway */
}

void fz_accept_stop(struct fz_http *http)
{
    if (!http->thread_started)
        return;
    atomic_store(&http->accepting, false);
    fz_accept_wake(http);
    pthread_join(http->thread, NULL);
    http->thread_started = false;
}
