/* The accept thread. */
#include "server/net/accept.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

#define ACCEPTS_AT_ONCE 64  /* then deadlines are looked at again */
#define PAUSE_MS       100 /* without descriptors: how long until the next try */

enum { WAKE, DOORS, OTHERS = DOORS + FZ_DOORS_MAX };

void fz_acceptor_admit(struct fz_acceptor *acceptor, struct MHD_Daemon *daemon, int handle,
                       const struct sockaddr *address, socklen_t address_size)
{
    int yes = 1;
    if (!fz_sockets_admit(acceptor->sockets)) {
        atomic_fetch_add_explicit(&acceptor->refused_full, 1, memory_order_relaxed);
        close(handle);
        return;
    }
    setsockopt(handle, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    (void)MHD_add_connection(daemon, handle, address, address_size); /* which closes it if it cannot */
}

/* No descriptors or memory: asking again at once would spin. Who has been silent the longest gives his back. */
static void pause_accepting(struct fz_acceptor *acceptor)
{
    (void)fz_sockets_evict(acceptor->sockets);
    acceptor->paused_until_ms = fz_ticks_ms() + PAUSE_MS;
}

/* False when there is nothing more to accept for now. */
static bool accept_one(struct fz_acceptor *acceptor, size_t door)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    int handle = accept4(acceptor->listening[door], (struct sockaddr *)&address, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (handle < 0 && (errno == ECONNABORTED || errno == EINTR))
        return true; /* about one connection, which is gone already */
    if (handle < 0 && errno != EAGAIN)
        pause_accepting(acceptor);
    if (handle < 0)
        return false;
    atomic_fetch_add_explicit(&acceptor->accepted, 1, memory_order_relaxed);
    acceptor->doors[door](acceptor->argument, handle, (struct sockaddr *)&address, size);
    return true;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static size_t fill_polls(struct fz_acceptor *acceptor, bool paused, struct pollfd *polls)
{
    polls[WAKE] = (struct pollfd){.fd = acceptor->wake, .events = POLLIN};
    for (size_t i = 0; i < FZ_DOORS_MAX; i++)
        polls[DOORS + i] = (struct pollfd){.fd = paused ? -1 : acceptor->listening[i], .events = POLLIN};
    size_t count = OTHERS;
    if (acceptor->linger != NULL)
        count += fz_linger_polls(acceptor->linger, &polls[count]);
    if (acceptor->proxy != NULL)
        count += fz_proxy_polls(acceptor->proxy, &polls[count]);
    return count;
}

/* Waits for a connection, a call to wake up, or `until_ms`. True: it was called, so there is something to look at. */
static bool wait_until(struct fz_acceptor *acceptor, int64_t until_ms)
{
    struct pollfd polls[OTHERS + FZ_LINGER_MAX + FZ_PROXY_MAX];
    int64_t now_ms = fz_ticks_ms();
    bool paused = now_ms < acceptor->paused_until_ms;
    size_t count = fill_polls(acceptor, paused, polls);
    if (paused)
        until_ms = earlier(until_ms, acceptor->paused_until_ms);
    int timeout_ms = until_ms > now_ms ? (int)earlier(until_ms - now_ms, FZ_SHORTEST_MS) : 0;
    if (poll(polls, count, timeout_ms) <= 0)
        return false;
    uint64_t woken;
    if (polls[WAKE].revents != 0)
        (void)!read(acceptor->wake, &woken, sizeof woken); /* back to 0; what it says is only: look */
    for (size_t door = 0; door < FZ_DOORS_MAX; door++)
        for (int i = 0; polls[DOORS + door].revents != 0 && i < ACCEPTS_AT_ONCE && accept_one(acceptor, door); i++)
            continue;
    return polls[WAKE].revents != 0;
}

/* When to look next. No deadline that is set from now on is earlier than FZ_SHORTEST_MS from now. */
static int64_t look_at_deadlines(struct fz_acceptor *acceptor, int64_t now_ms)
{
    size_t expired;
    int64_t next_ms = fz_sockets_expire(acceptor->sockets, now_ms, &expired);
    atomic_fetch_add_explicit(&acceptor->expired, expired, memory_order_relaxed);
    return earlier(next_ms, now_ms + FZ_SHORTEST_MS);
}

static void *accept_main(void *argument)
{
    struct fz_acceptor *acceptor = argument;
    int64_t look_ms = 0, linger_ms = INT64_MAX, proxy_ms = INT64_MAX; /* when to look next */
    while (atomic_load(&acceptor->accepting)) {
        bool called = wait_until(acceptor, earlier(look_ms, earlier(linger_ms, proxy_ms)));
        int64_t now_ms = fz_ticks_ms();
        if (acceptor->proxy != NULL)
            proxy_ms = fz_proxy_advance(acceptor->proxy, now_ms);
        if (acceptor->linger != NULL)
            linger_ms = fz_linger_drain(acceptor->linger, now_ms);
        if (called || now_ms >= look_ms)
            look_ms = look_at_deadlines(acceptor, now_ms);
    }
    return NULL;
}

enum fz_result fz_acceptor_start(struct fz_acceptor *acceptor, const char *name)
{
    acceptor->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (acceptor->wake < 0)
        return FZ_FAILED;
    atomic_store(&acceptor->accepting, true);
    acceptor->thread_started = pthread_create(&acceptor->thread, NULL, accept_main, acceptor) == 0;
    if (!acceptor->thread_started) {
        close(acceptor->wake);
        return FZ_FAILED;
    }
    pthread_setname_np(acceptor->thread, name);
    return FZ_OK;
}

void fz_acceptor_wake(struct fz_acceptor *acceptor)
{
    uint64_t one = 1;
    if (acceptor->thread_started)
        (void)!write(acceptor->wake, &one,
                     sizeof one); /* it fails only when the counter is full, and then the thread wakes anyway */
}

/* Workers may still call to wake it up, so its eventfd stays until fz_acceptor_done. */
void fz_acceptor_stop(struct fz_acceptor *acceptor)
{
    if (!acceptor->thread_started || !atomic_exchange(&acceptor->accepting, false))
        return;
    fz_acceptor_wake(acceptor);
    pthread_join(acceptor->thread, NULL);
}

void fz_acceptor_done(struct fz_acceptor *acceptor)
{
    if (acceptor->thread_started)
        close(acceptor->wake);
    acceptor->thread_started = false;
}
