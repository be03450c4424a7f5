/* The HTTP server's life: start, stop, health. */
#include "server/http/http.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "server/http/worker.h"
#include "server/net/accept.h"

#define WORKERS_MAX    64
#define WORKER_HANDLES 8   /* descriptors of a worker: its daemon's, its reader's files */
#define OTHER_HANDLES  512 /* for all the rest: the book, the control interface, callbacks */

/* Workers that are given connections in turn. */
struct worker_group {
    struct fz_worker *workers;
    size_t count, next;
};

struct fz_http {
    struct fz_acceptor acceptor;
    struct fz_workshop workshop;
    struct fz_further_stores further;
    /* Those for the API's own address, and for connections through the proxy. With --tls they are the same;
     * without, those for the proxy alone speak TLS. */
    struct worker_group direct, proxied;
    size_t worker_count; /* started, of both groups */
    struct fz_worker workers[];
};

/* The cores that this process may use. */
static size_t core_count(void)
{
    cpu_set_t cores;
    int count = sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 1;
    return count < 1 ? 1 : (size_t)count;
}

static size_t worker_count(unsigned wanted)
{
    size_t workers = wanted == 0 ? core_count() : wanted;
    return workers > WORKERS_MAX ? WORKERS_MAX : workers;
}

static rlim_t other_descriptors(size_t workers, const struct fz_stores *stores)
{
    return (WORKER_HANDLES * workers + OTHER_HANDLES) * (stores == NULL ? 1 : 1 + stores->count);
}

void fz_http_raise_descriptors(unsigned workers, const struct fz_stores *stores)
{
    struct rlimit limit;
    const rlim_t wanted = 2 * FZ_CONNECTIONS_MAX + other_descriptors(worker_count(workers), stores);
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

/* How many connections the process has descriptors for. A connection that is sent a file has two, so there are never more
 * files open than there is room for. */
static size_t connection_cap(size_t workers, const struct fz_stores *stores)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return FZ_CONNECTIONS_MAX / 8;
    const rlim_t others = other_descriptors(workers, stores);
    if (limit.rlim_cur >= 2 * FZ_CONNECTIONS_MAX + others)
        return FZ_CONNECTIONS_MAX;
    return (size_t)(limit.rlim_cur > 2 * others ? (limit.rlim_cur - others) / 2 : limit.rlim_cur / 4);
}

static enum fz_result start_group(struct fz_http *http, const struct fz_tls *tls, size_t count,
                                  struct worker_group *group)
{
    group->workers = &http->workers[http->worker_count];
    while (group->count < count) {
        enum fz_result result = fz_worker_start(&http->workshop, &http->further, tls, &group->workers[group->count]);
        if (result != FZ_OK)
            return result;
        group->count++;
        http->worker_count++;
    }
    return FZ_OK;
}

/* ---- doors ---- */

enum { API, PROXY };

/* Gives a connection to the next worker, if there is room for it. Like all doors on the accept thread. */
static void hand_over(struct fz_http *http, struct worker_group *group, int handle,
                      const struct sockaddr *address, socklen_t address_size)
{
    struct fz_worker *worker = &group->workers[group->next++ % group->count];
    fz_acceptor_admit(&http->acceptor, worker->daemon, handle, address, address_size);
}

static void take_direct(void *argument, int handle, const struct sockaddr *address, socklen_t address_size)
{
    struct fz_http *http = argument;
    hand_over(http, &http->direct, handle, address, address_size);
}

static void take_proxied(void *argument, int handle, const struct sockaddr *address, socklen_t address_size)
{
    struct fz_http *http = argument;
    (void)address, (void)address_size;
    fz_proxy_add(http->acceptor.proxy, handle, fz_ticks_ms());
}

/* Its CONNECT is answered. */
static void pass_proxied(void *argument, int handle, const struct sockaddr *address, socklen_t address_size)
{
    struct fz_http *http = argument;
    hand_over(http, &http->proxied, handle, address, address_size);
}

/* ---- life ---- */

static enum fz_result make_room(struct fz_http *http, size_t workers)
{
    struct fz_acceptor *acceptor = &http->acceptor;
    acceptor->sockets = fz_sockets_new(connection_cap(workers, http->further.stores));
    acceptor->linger = fz_linger_new();
    if (acceptor->sockets == NULL || acceptor->linger == NULL)
        return FZ_FAILED;
    if (acceptor->listening[PROXY] < 0)
        return FZ_OK;
    acceptor->proxy = fz_proxy_new(acceptor->linger, pass_proxied, http);
    return acceptor->proxy == NULL ? FZ_FAILED : FZ_OK;
}

static enum fz_result start_workers(struct fz_http *http, const struct fz_http_setup *setup, size_t count)
{
    enum fz_result result = start_group(http, setup->direct_tls ? setup->tls : NULL, count, &http->direct);
    if (result != FZ_OK || http->acceptor.proxy == NULL)
        return result;
    if (!setup->direct_tls)
        return start_group(http, setup->tls, count, &http->proxied);
    http->proxied = http->direct;
    return FZ_OK;
}

static void note_further(struct fz_http *http, const struct fz_http_setup *setup)
{
    http->further.stores = setup->stores;
    for (size_t i = 0; setup->stores != NULL && i < setup->stores->count; i++)
        http->further.workshops[i] = &setup->others[i]->workshop;
}

/* Who accepts comes last: from then on there are requests. */
static enum fz_result start(struct fz_http *http, const struct fz_http_setup *setup, size_t workers)
{
    enum fz_result result = fz_workshop_open(&http->workshop, &setup->workshop, &http->acceptor);
    if (result == FZ_OK)
        result = make_room(http, workers);
    if (result != FZ_OK || http->acceptor.listening[API] < 0)
        return result;
    result = start_workers(http, setup, workers);
    return result == FZ_OK ? fz_acceptor_start(&http->acceptor, "fz-accept") : result;
}

static void close_both(int socket, int proxy)
{
    if (socket >= 0)
        close(socket);
    if (proxy >= 0)
        close(proxy);
}

enum fz_result fz_http_start(const struct fz_http_setup *setup, int socket, int proxy, struct fz_http **out,
                             char *why, size_t why_size)
{
    size_t workers = worker_count(setup->workers);
    struct fz_http *http = calloc(1, sizeof *http + 2 * workers * sizeof http->workers[0]);
    if (http == NULL) {
        close_both(socket, proxy);
        snprintf(why, why_size, "The API cannot be served: memory is short.");
        return FZ_FAILED;
    }
    http->acceptor = (struct fz_acceptor){.listening = {[API] = socket, [PROXY] = proxy},
                                          .doors = {[API] = take_direct, [PROXY] = take_proxied},
                                          .argument = http};
    note_further(http, setup);
    if (start(http, setup, workers) != FZ_OK) {
        fz_http_stop(http);
        snprintf(why, why_size,
                 "The API cannot be served: the machine has too little memory, threads or file descriptors. "
                 "Free some, or raise the limits of this user.");
        return FZ_FAILED;
    }
    *out = http;
    return FZ_OK;
}

/* First nothing new comes in, then what is under way gets its answer, then the workers end, then what they
 * used. */
void fz_http_stop(struct fz_http *http)
{
    if (http == NULL)
        return;
    fz_acceptor_stop(&http->acceptor);
    close_both(http->acceptor.listening[API], http->acceptor.listening[PROXY]);
    fz_proxy_free(http->acceptor.proxy);
    fz_workshop_drain(&http->workshop);
    for (size_t i = 0; http->further.stores != NULL && i < http->further.stores->count; i++)
        fz_workshop_drain(http->further.workshops[i]);
    for (size_t i = 0; i < http->worker_count; i++)
        fz_worker_stop(&http->workers[i]);
    fz_workshop_close(&http->workshop);
    fz_linger_free(http->acceptor.linger);
    fz_sockets_free(http->acceptor.sockets);
    fz_acceptor_done(&http->acceptor);
    free(http);
}

void fz_http_health(struct fz_http *http, struct fz_http_health *out)
{
    struct fz_acceptor *acceptor = &http->acceptor;
    *out = (struct fz_http_health){.connections = fz_sockets_count(acceptor->sockets),
                                   .reads = fz_executor_load(http->workshop.readers),
                                   .accepted = atomic_load(&acceptor->accepted),
                                   .refused_full = atomic_load(&acceptor->refused_full),
                                   .expired = atomic_load(&acceptor->expired)};
}

void fz_http_count(struct fz_http *http, struct fz_request_figures *sum)
{
    fz_tools_count(&http->workshop, sum);
}
