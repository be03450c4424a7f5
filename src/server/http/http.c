/* The HTTP server's life: start, stop, health. */
#include "server/http/http.h"

#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "server/fault/faults.h"
#include "server/files/bill_file.h"
#include "server/http/figures.h"
#include "server/http/internal.h"

#define OPENERS        2
#define MAKERS         2
#define DOCTORS        1
#define EXECUTOR_QUEUE 256
#define WORKERS_MAX    64
#define WORKER_HANDLES 8   /* descriptors of a worker: its daemon's, its reader's files */
#define OTHER_HANDLES  512 /* for all the rest: the book, the control interface, callbacks */
#define DRAIN_MS       400 /* how long a stop waits for answers to be taken */

/* The cores that this process may use. */
static size_t core_count(void)
{
    cpu_set_t cores;
    int count = sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 1;
    return count < 1 ? 1 : (size_t)count;
}

/* How many connections the process has descriptors for; raises its limit as far as that is allowed. A connection that is
 * sent a file has two, so there are never more files open than there is room for. */
static size_t connection_cap(size_t workers)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return FZ_CONNECTIONS_MAX / 8;
    const rlim_t others = WORKER_HANDLES * workers + OTHER_HANDLES, wanted = 2 * FZ_CONNECTIONS_MAX + others;
    if (limit.rlim_cur < wanted) {
        limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0 && getrlimit(RLIMIT_NOFILE, &limit) != 0)
            return FZ_CONNECTIONS_MAX / 8;
    }
    if (limit.rlim_cur >= wanted)
        return FZ_CONNECTIONS_MAX;
    return (size_t)(limit.rlim_cur > 2 * others ? (limit.rlim_cur - others) / 2 : limit.rlim_cur / 4);
}

static enum fz_result start_crew(struct fz_http *http, const struct fz_tls *tls, size_t count,
                                 struct fz_crew *crew)
{
    crew->workers = &http->workers[http->worker_count];
    while (crew->count < count) {
        enum fz_result result = fz_worker_start(http, tls, &crew->workers[crew->count]);
        if (result != FZ_OK)
            return result;
        crew->count++;
        http->worker_count++;
    }
    return FZ_OK;
}

/* ---- doors ---- */

enum { API, PROXY };

/* On the accept thread: gives a connection to the next worker, if there is room for it. */
static void hand_over(struct fz_http *http, struct fz_crew *crew, int handle, const struct sockaddr *address,
                      socklen_t address_size)
{
    struct fz_worker *worker = &crew->workers[crew->next++ % crew->count];
    fz_acceptor_admit(&http->acceptor, worker->daemon, handle, address, address_size);
}

static void take_direct(void *argument, int handle, const struct sockaddr *address, socklen_t address_size)
{
    struct fz_http *http = argument;
    hand_over(http, &http->direct, handle, address, address_size);
}

/* Its CONNECT is answered. */
static void pass_proxied(void *argument, int handle, const struct sockaddr *address, socklen_t address_size)
{
    struct fz_http *http = argument;
    hand_over(http, &http->proxied, handle, address, address_size);
}

static void take_proxied(void *argument, int handle, const struct sockaddr *address, socklen_t address_size)
{
    struct fz_http *http = argument;
    (void)address, (void)address_size;
    fz_proxy_add(http->acceptor.proxy, handle, fz_ticks_ms());
}

/* ---- life ---- */

static enum fz_result start_parts(struct fz_server *server, struct fz_http *http, size_t workers)
{
    struct fz_acceptor *acceptor = &http->acceptor;
    acceptor->sockets = fz_sockets_new(connection_cap(workers));
    acceptor->linger = fz_linger_new();
    http->uploads = fz_uploads_new();
    server->bill_files = fz_bill_files_new(&(struct fz_bill_files_setup){.data = server->options.data,
                                                                         .world = server->world,
                                                                         .book = server->book,
                                                                         .overview_first = server->options.overview_first});
    server->faults = fz_faults_new();
    if (acceptor->sockets == NULL || acceptor->linger == NULL || http->uploads == NULL || server->bill_files == NULL || server->faults == NULL)
        return FZ_FAILED;
    if (acceptor->listening[PROXY] >= 0 &&
        (acceptor->proxy = fz_proxy_new(acceptor->linger, pass_proxied, http)) == NULL)
        return FZ_FAILED;
    atomic_store(&server->limits_hold, server->options.limits);
    if ((http->limits = fz_limits_new()) == NULL)
        return FZ_FAILED;
    enum fz_result result = fz_executor_start(NULL, OPENERS, EXECUTOR_QUEUE, &http->openers);
    if (result == FZ_OK)
        result = fz_executor_start(server->store, MAKERS, EXECUTOR_QUEUE, &http->makers);
    if (result == FZ_OK)
        result = fz_executor_start(NULL, DOCTORS, EXECUTOR_QUEUE, &http->doctors);
    if (result == FZ_OK)
        result = fz_delays_start(&http->delays);
    if (result == FZ_OK)
        result = start_crew(http, server->options.tls ? server->tls : NULL, workers, &http->direct);
    if (result == FZ_OK && acceptor->proxy != NULL && server->options.tls)
        http->proxied = http->direct;
    else if (result == FZ_OK && acceptor->proxy != NULL)
        result = start_crew(http, server->tls, workers, &http->proxied);
    return result == FZ_OK ? fz_acceptor_start(acceptor, "fz-accept") : result;
}

enum fz_result fz_http_start(struct fz_server *server, int socket, int proxy, struct fz_http **out, char *why,
                             size_t why_size)
{
    size_t workers = server->options.workers == 0 ? core_count() : server->options.workers;
    if (workers > WORKERS_MAX)
        workers = WORKERS_MAX;
    struct fz_http *http = calloc(1, sizeof *http + 2 * workers * sizeof http->workers[0]);
    if (http == NULL) {
        close(socket);
        if (proxy >= 0)
            close(proxy);
        snprintf(why, why_size, "The API cannot be served: memory is short.");
        return FZ_FAILED;
    }
    http->server = server;
    pthread_mutex_init(&http->consultations.lock, NULL);
    http->acceptor = (struct fz_acceptor){.listening = {[API] = socket, [PROXY] = proxy},
                                          .doors = {[API] = take_direct, [PROXY] = take_proxied},
                                          .argument = http};
    if (start_parts(server, http, workers) != FZ_OK) {
        fz_http_stop(http);
        snprintf(why, why_size,
                 "The API cannot be served: the machine has too little memory, threads or file descriptors. "
                 "Free some, or raise the limits of this user.");
        return FZ_FAILED;
    }
    *out = http;
    return FZ_OK;
}

/* Waits until `counter` is 0, at most `limit_ms`. Looking now and then is enough for something that happens
 * once and soon. */
static void wait_for_none(atomic_size_t *counter, int64_t limit_ms)
{
    int64_t end_ms = fz_ticks_ms() + limit_ms;
    while (atomic_load(counter) > 0 && fz_ticks_ms() < end_ms)
        poll(NULL, 0, 1);
}

void fz_http_stop(struct fz_http *http)
{
    if (http == NULL)
        return;
    fz_acceptor_stop(&http->acceptor);
    close(http->acceptor.listening[API]);
    if (http->acceptor.listening[PROXY] >= 0)
        close(http->acceptor.listening[PROXY]);
    fz_proxy_free(http->acceptor.proxy);
    /* From here on no request is suspended any more. Those that are get their answer; the daemons must not be
     * stopped before. */
    atomic_store(&http->stopping, true);
    if (http->server->bill_files != NULL)
        fz_bill_files_stop(http->server->bill_files);
    if (http->delays != NULL)
        fz_delays_stop(http->delays);
    wait_for_none(&http->suspended, INT32_MAX);
    wait_for_none(&http->active, DRAIN_MS);
    for (size_t i = 0; i < http->worker_count; i++)
        fz_worker_stop(&http->workers[i]);
    fz_executor_stop(http->openers);
    fz_executor_stop(http->makers);
    fz_executor_stop(http->doctors);
    fz_bill_files_free(http->server->bill_files);
    http->server->bill_files = NULL;
    fz_delays_free(http->delays);
    fz_faults_free(http->server->faults);
    http->server->faults = NULL;
    fz_limits_free(http->limits);
    fz_uploads_free(http->uploads);
    fz_linger_free(http->acceptor.linger);
    fz_sockets_free(http->acceptor.sockets);
    fz_acceptor_done(&http->acceptor);
    pthread_mutex_destroy(&http->consultations.lock);
    free(http);
}

void fz_http_forget_callers(struct fz_http *http)
{
    if (http->limits != NULL)
        fz_limits_forget(http->limits);
}

void fz_http_health(struct fz_http *http, struct fz_http_health *out)
{
    struct fz_acceptor *acceptor = &http->acceptor;
    *out = (struct fz_http_health){.connections = fz_sockets_count(acceptor->sockets),
                                   .accepted = atomic_load(&acceptor->accepted),
                                   .refused_full = atomic_load(&acceptor->refused_full),
                                   .expired = atomic_load(&acceptor->expired)};
}

void fz_http_count(const struct fz_http *http, struct fz_request_figures *sum)
{
    for (size_t i = 0; i < http->worker_count; i++)
        fz_request_figures_add(sum, http->workers[i].figures);
}
